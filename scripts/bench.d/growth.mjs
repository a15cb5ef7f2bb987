/** Whether a call costs the same when the ledger and the history behind it are long. */
import { Agent, request } from "node:http";
import { serveFleet } from "./launch.mjs";
import { requestLines } from "./lines.mjs";
import { median } from "./load.mjs";
import { authorized, fillLot, fillSessions, register } from "./people.mjs";
import { ms, ratio, verdict } from "./report.mjs";

const MOST_GROWTH = 1.2;
const DAY_MS = 24 * 3600 * 1000;

/** @param {{ quick: boolean, long: boolean, say: (text: string) => void }} settings */
export async function measure({ quick, long, say }) {
  const sizes = {
    small: { entries: 10, sessions: 1_000 },
    large: { entries: long ? 1_000_000 : 100_000, sessions: quick ? 100_000 : 1_000_000 },
  };
  const fleet = await serveFleet({ keepLines: true });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    const { DB } = await fleet.bindings("tracker");
    const people = {};
    for (const [size, { entries, sessions }] of Object.entries(sizes)) {
      const person = await register(fleet.urls.tracker);
      const lot = await fillLot(DB, person, { entries });
      await fillSessions(DB, person, { sessions, lot });
      people[size] = { person, lot };
      say(`${size}: a lot with ${entries.toLocaleString("en")} entries, a person with ${sessions.toLocaleString("en")} sessions`);
    }
    const rows = [];
    for (const [name, make] of Object.entries(CALLS)) {
      const found = await compare(fleet, agent, people, make, quick ? 15 : 60);
      rows.push(row(name, found));
    }
    say("called in turn");
    const [s, l] = [sizes.small, sizes.large].map(({ entries, sessions }) => `${entries.toLocaleString("en")} / ${sessions.toLocaleString("en")}`);
    return {
      growth: {
        head: ["call", `median at ${s}`, `at ${l}`, "ratio", "rows read", "rows written", `≤ ${MOST_GROWTH}`],
        rows,
        notes: ["Entries of the lot / sessions of the person. Rows: small → large, as the database counts them within the request."],
      },
    };
  } finally {
    agent.destroy();
    await fleet.stop();
  }
}

let made = 0;
/** Calls by name: what to ask, of a person with a lot. */
const CALLS = {
  "GET stash": () => ({ path: "/api/v1/stash" }),
  "GET stash/{id}": ({ lot }) => ({ path: `/api/v1/stash/${lot}` }),
  "GET stash?as_of (half a year ago)": () => ({ path: `/api/v1/stash?as_of=${new Date(Date.now() - 180 * DAY_MS).toISOString()}` }),
  "GET stash/{id}/entries?limit=10": ({ lot }) => ({ path: `/api/v1/stash/${lot}/entries?limit=10` }),
  "GET sessions": () => ({ path: "/api/v1/sessions" }),
  "GET sessions?page=40": () => ({ path: "/api/v1/sessions?page=40" }),
  "GET dashboard": () => ({ path: "/api/v1/dashboard" }),
  "POST sessions": ({ lot }) => ({
    method: "POST",
    path: "/api/v1/sessions",
    key: `growth-${(made += 1)}`,
    body: { method: "smoke", items: [{ lot_id: lot, quantity_mg: 100 }] },
  }),
  "DELETE sessions/{id}": async ({ lot, person }, ask) => {
    const body = { method: "smoke", items: [{ lot_id: lot, quantity_mg: 100 }] };
    const { text } = await ask(person, { method: "POST", path: "/api/v1/sessions", body });
    return { method: "DELETE", path: `/api/v1/sessions/${JSON.parse(text).data.id}` };
  },
};

async function compare(fleet, agent, people, make, times) {
  const ask = (person, call) => once(fleet.urls.tracker, agent, person, call);
  const found = { small: [], large: [] };
  for (let turn = -3; turn < times; turn++) {
    const order = Object.entries(people);
    for (const [size, who] of turn % 2 ? order : order.reverse()) {
      const answer = await ask(who.person, await make(who, ask));
      if (turn >= 0) found[size].push(answer);
    }
  }
  // A line may arrive a moment after the answer it tells of.
  await new Promise((done) => setTimeout(done, 50));
  const own = requestLines(fleet.lines).filter((line) => line.worker === "tracker");
  const touched = new Map(own.map((line) => [line.request_id, line]));
  return Object.fromEntries(
    Object.entries(found).map(([size, answers]) => {
      const lines = answers.map(({ id }) => touched.get(id)).filter(Boolean);
      if (lines.length === 0) throw new Error("the Worker's request lines do not name the answers' ids");
      return [size, {
        took: median(answers.map((answer) => answer.took)),
        read: median(lines.map((line) => line.rows_read)),
        written: median(lines.map((line) => line.rows_written)),
      }];
    }),
  );
}

function row(name, { small, large }) {
  const slower = large.took / small.took;
  // A row or two more is the shape of the data, not growth.
  const more = (rows) => rows(large) > rows(small) * MOST_GROWTH + 2;
  const met = slower <= MOST_GROWTH && !more(({ read }) => read) && !more(({ written }) => written);
  return [name, ms(small.took), ms(large.took), ratio(slower), `${small.read} → ${large.read}`, `${small.written} → ${large.written}`, verdict(met)];
}

/** One call over a connection that stays open. */
function once(url, agent, person, { method = "GET", path, key, body }) {
  const text = body && JSON.stringify(body);
  const headers = { ...authorized(person.token), ...(key && { "idempotency-key": key }) };
  if (text) Object.assign(headers, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
  return new Promise((done, fail) => {
    const begun = performance.now();
    const sent = request(`${url}${path}`, { method, agent, headers }, (response) => {
      let answer = "";
      response.on("data", (chunk) => (answer += chunk));
      response.on("end", () => {
        if (response.statusCode >= 400) return fail(new Error(`${method} ${path}: ${response.statusCode} ${answer}`));
        done({ took: performance.now() - begun, id: response.headers["x-request-id"], text: answer });
      });
    });
    sent.on("error", fail);
    sent.end(text);
  });
}
