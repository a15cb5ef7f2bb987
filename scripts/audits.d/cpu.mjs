/**
 * CPU of workerd for each answer of a page, as scripts/bench counts it: its HTTP included, all Workers that the page asks, too.
 * Once with the local database, and once with its answers from recordings, which is what production bills.
 */
import { Load } from "../bench.d/load.mjs";

const CONNECTIONS = 2;
const SECONDS = 1;

/** @param {import("../bench.d/launch.mjs").Server} server @param {{ path: string, cookie: string, status: number }[]} pages @returns {Promise<{ own: number, all: number }[]>} */
export async function cpuOf(server, pages, say) {
  const load = new Load();
  const measure = async ({ path, cookie, status }) => {
    const headers = { cookie, accept: "text/html", "cf-connecting-ip": "203.0.113.9", "user-agent": "sesh-audits" };
    const job = { url: server.urls.tracker, connections: CONNECTIONS, requests: [{ method: "GET", path, headers }], mayFail: true };
    await load.put(server, { ...job, seconds: 0.4 });
    const { cpuUs, statuses } = await load.put(server, { ...job, seconds: SECONDS });
    if (Object.keys(statuses).join() !== String(status)) throw new Error(`${path} under load: ${JSON.stringify(statuses)}`);
    return cpuUs / 1000;
  };
  try {
    const all = [];
    for (const page of pages) all.push(await measure(page));
    say("Worker CPU, with the local database");
    for (const probe of Object.values(server.probes)) await fetch(`${probe}/canned`);
    const own = [];
    for (const page of pages) own.push(await measure(page));
    say("Worker CPU, the database answering from recordings");
    return pages.map((_, index) => ({ own: own[index], all: all[index] }));
  } finally {
    load.stop();
  }
}
