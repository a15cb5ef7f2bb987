/** How large WebAssembly's memory is after many requests, logins among them, and whether it still grows. */
import { residentBytes, serveFleet } from "./launch.mjs";
import { Load } from "./load.mjs";
import { anonymous, authorized, call, fillLot, fillSessions, fillStrains, PASSWORD, register } from "./people.mjs";
import { verdict } from "./report.mjs";

const MB = 1024 * 1024;
const AIM_MB = { observer: 48, tracker: 16, admin: 16 };
const PEOPLE = 8;
const REQUESTS = 5_000;
/** Of a hundred requests: enough to have several passwords hashed at once, few enough to end in time. */
const LOGINS_PERCENT = 3;

/** @param {{ quick: boolean, say: (text: string) => void }} settings */
export async function measure({ quick, say }) {
  const fleet = await serveFleet({ instrumented: true });
  const load = new Load();
  try {
    const { DB } = await fleet.bindings("tracker");
    await fillStrains(DB);
    const jobs = await mix(fleet, DB);
    const half = quick ? 400 : REQUESTS;
    const stages = [await sizes(fleet)];
    for (const stage of [1, 2]) {
      for (const { share, ...job } of jobs) {
        await load.put(fleet, { seconds: 60, connections: PEOPLE, most: Math.round((half * share) / 100), ...job });
      }
      stages.push(await sizes(fleet));
      say(`${stage * half} requests`);
    }
    return { memory: table(half, stages) };
  } finally {
    load.stop();
    await fleet.stop();
  }
}

/** What is asked for, and its share of all requests in per cent. */
async function mix(fleet, db) {
  const url = fleet.urls.tracker;
  const people = [];
  for (let n = 0; n < PEOPLE; n++) {
    const person = await register(url);
    const lot = await fillLot(db, person, { entries: 100 });
    await fillSessions(db, person, { sessions: 200, lot });
    people.push({ ...person, lot });
  }
  const get = (path, share) => ({ url, share, requests: people.map(({ token }) => ({ method: "GET", path, headers: authorized(token) })) });
  const post = (path, share, body, more = {}) => ({
    url, share, ...more,
    requests: people.map((person) => ({ method: "POST", path, headers: more.open ? anonymous : authorized(person.token), body: JSON.stringify(body(person)) })),
  });
  await call(url, "GET", "/api/health");
  return [
    get("/api/v1/sessions?limit=100", 25),
    get("/api/v1/dashboard", 15),
    get("/api/v1/strains?q=blu%20drem", 10),
    get("/api/v1/stash", 15),
    post("/api/v1/sessions", 15, ({ lot }) => ({ method: "smoke", items: [{ lot_id: lot, quantity_mg: 1 }] })),
    { ...post("/api/v1/sessions", 7, () => ({ method: "fly", items: "none", more: "x".repeat(20_000) })), mayFail: true },
    { ...get("/nowhere", 5), mayFail: true },
    post("/api/v1/auth/login", LOGINS_PERCENT, ({ email }) => ({ email, password: PASSWORD, delivery: "token" }), { open: true }),
    {
      url: fleet.urls.admin, share: 5,
      requests: ["/api/v1/users", "/api/v1/analytics/overview", "/api/v1/audit"].map((path) => ({
        method: "GET", path, headers: { authorization: `Bearer ${fleet.secrets.admin_key}`, "cf-connecting-ip": "127.0.0.1" },
      })),
    },
  ];
}

async function sizes(fleet) {
  const found = { resident: residentBytes(fleet.pid) };
  for (const [name, probe] of Object.entries(fleet.probes)) found[name] = (await (await fetch(`${probe}/memory`)).json()).bytes;
  return found;
}

function table(half, [start, middle, end]) {
  const mb = (bytes) => `${(bytes / MB).toFixed(1)} MB`;
  const rows = Object.entries(AIM_MB).map(([name, aim]) => {
    const met = end[name] <= aim * MB && end[name] <= middle[name];
    return [name, mb(start[name]), mb(middle[name]), mb(end[name]), `≤ ${aim} MB, not growing: ${verdict(met)}`];
  });
  rows.push(["workerd, all of it", mb(start.resident), mb(middle.resident), mb(end.resident), ""]);
  const asked = [half, 2 * half].map((count) => `after ${count.toLocaleString("en")} requests`);
  return {
    head: ["WebAssembly memory", "after sign-up", ...asked, "aim"],
    rows,
    notes: [`${LOGINS_PERCENT} % of the requests are logins, ${PEOPLE} at a time; 12 % are malformed or to nowhere. workerd holds three Workers, their databases and their queues.`],
  };
}
