/** What a call costs at list price: the rows it reads and writes, what follows from it included. */
import { serveFleet } from "./launch.mjs";
import { requestLines } from "./lines.mjs";
import { authorized, call, fillLot, fillSessions, fillStrains, login, register } from "./people.mjs";
import { dollars, verdict } from "./report.mjs";

/** List prices in US$, each per million; CPU per million milliseconds. */
const PRICE = { request: 0.3, cpuMs: 0.02, read: 0.001, written: 1, kvRead: 0.5, kvWrite: 5, queueOp: 0.4 };
/** More than the Worker's own CPU is; what a password's hash takes. */
const CPU_MS = { usual: 1, hashing: 50 };
/** A message is written, read and deleted. */
const OPS_A_MESSAGE = 3;
const AIM = { read: 0.45, sesh: 8 };
/** The most rows that a call may read and write before its answer, on the rows of this section; `--check` holds it to them. */
const BOUNDS = {
  "GET health": [1, 0],
  "GET strains, first page": [26, 0],
  "GET strains?q=blu drem": [128, 0],
  "GET stash": [8, 0],
  "GET stash/{id}": [6, 0],
  "GET stash?as_of": [9, 0],
  "GET stash/{id}/entries": [27, 0],
  "GET sessions": [27, 0],
  "GET dashboard": [72, 0],
  "GET me": [12, 0],
  "POST sessions, one item, with a key": [31, 7],
  "POST sessions, one item, without a key": [29, 6],
  "DELETE sessions/{id}, with a key": [23, 6],
  "POST stash, with a key": [22, 7],
  "POST auth/login": [44, 9],
  "POST auth/refresh": [9, 1],
};
/** Longer than a queue waits to fill a batch, and than the audit log's sealer. */
const SETTLE_MS = 2_000;
const QUICK_SETTLE_MS = 1_400;

/** @param {{ quick: boolean, say: (text: string) => void }} settings */
export async function measure({ quick, say }) {
  const fleet = await serveFleet({ instrumented: true, keepLines: true });
  try {
    const { DB } = await fleet.bindings("tracker");
    const person = await register(fleet.urls.tracker);
    const lot = await fillLot(DB, person, { entries: 100 });
    await fillSessions(DB, person, { sessions: 200, lot });
    await fillStrains(DB);
    say("a person with a lot, 200 sessions, and a catalogue of 9,500 strains");
    const context = { tracker: fleet.urls.tracker, person, lot, headers: authorized(person.token) };
    // The first call of its kind fills caches that live as long as the isolate.
    for (const { prepare, ask } of CALLS) await ask(context, "first", lot, await prepare?.(context));
    const wait = quick ? QUICK_SETTLE_MS : SETTLE_MS;
    await settle(wait);
    const rows = [];
    for (const plan of CALLS) {
      rows.push(row(plan, await count(fleet, context, plan, { times: quick ? 4 : 20, wait })));
    }
    say("counted");
    return {
      cost: {
        head: ["call", "rows read", "written", "bound", "US$ per million", "aim", "rows after, r / w", "KV r / w", "messages", "US$ with all that"],
        rows,
        notes: [
          "Rows by D1's own `meta`, index entries included, a call's mean; the bound is what `scripts/bench --only cost --check` fails"
            + " beyond. The first price has the request 0.30, CPU 0.02 a ms (1 ms; 50"
            + " for a password), rows read 0.001, rows written 1.00, KV reads 0.50. The last adds what follows the answer: rows of the outbox,"
            + " the audit log's sealing and the facts' consumer, KV writes 5.00, queue operations 0.40 with three a message. A key's"
            + " record costs one more written row when it is forgotten, a day later.",
        ],
      },
    };
  } finally {
    await fleet.stop();
  }
}

const get = (name, path, aim = "read") => ({ name, aim, ask: ({ tracker, headers }, n, lot) => call(tracker, "GET", path(lot, n), { headers }) });
const sesh = (lot) => ({ method: "smoke", items: [{ lot_id: lot, quantity_mg: 100 }], rating: 4 });
const keyed = (headers, n) => ({ ...headers, "idempotency-key": `cost-${n}-${Date.now()}` });

/** What is called; `prepare` is not counted. */
const CALLS = [
  get("GET health", () => "/api/health"),
  get("GET strains, first page", () => "/api/v1/strains"),
  get("GET strains?q=blu drem", () => "/api/v1/strains?q=blu%20drem"),
  get("GET stash", () => "/api/v1/stash"),
  get("GET stash/{id}", (lot) => `/api/v1/stash/${lot}`),
  get("GET stash?as_of", () => `/api/v1/stash?as_of=${new Date(Date.now() - 180 * 24 * 3600_000).toISOString()}`),
  get("GET stash/{id}/entries", (lot) => `/api/v1/stash/${lot}/entries`),
  get("GET sessions", () => "/api/v1/sessions"),
  get("GET dashboard", () => "/api/v1/dashboard"),
  get("GET me", () => "/api/v1/me"),
  {
    name: "POST sessions, one item, with a key", aim: "sesh", settles: true,
    ask: ({ tracker, headers }, n, lot) => call(tracker, "POST", "/api/v1/sessions", { headers: keyed(headers, n), body: sesh(lot) }),
  },
  {
    name: "POST sessions, one item, without a key", aim: "sesh", settles: true,
    ask: ({ tracker, headers }, n, lot) => call(tracker, "POST", "/api/v1/sessions", { headers, body: sesh(lot) }),
  },
  {
    name: "DELETE sessions/{id}, with a key", settles: true,
    prepare: async ({ tracker, headers, lot }) => (await call(tracker, "POST", "/api/v1/sessions", { headers, body: sesh(lot) })).data.id,
    ask: ({ tracker, headers }, n, lot, id) => call(tracker, "DELETE", `/api/v1/sessions/${id}`, { headers: keyed(headers, n) }),
  },
  {
    name: "POST stash, with a key", settles: true,
    ask: ({ tracker, headers }, n) =>
      call(tracker, "POST", "/api/v1/stash", { headers: keyed(headers, n), body: { name: "Cost", form: "flower", quantity_mg: 3500 } }),
  },
  {
    name: "POST auth/login", settles: true, cpuMs: CPU_MS.hashing,
    ask: ({ tracker, person }) => login(tracker, person.email),
  },
  {
    name: "POST auth/refresh", settles: true,
    prepare: async ({ tracker, person }) => (await login(tracker, person.email)).refresh,
    ask: ({ tracker }, n, lot, refresh) => call(tracker, "POST", "/api/v1/auth/refresh", { body: { refresh_token: refresh } }),
  },
];

async function count(fleet, context, { prepare, ask, settles }, { times, wait }) {
  const prepared = [];
  for (let n = 0; prepare && n < times; n++) prepared.push(await prepare(context));
  if (prepare) await settle(wait);
  await each(fleet, (probe) => fetch(`${probe}/reset`));
  fleet.lines.length = 0;
  for (let n = 0; n < times; n++) await ask(context, n, context.lot, prepared[n]);
  await settle(settles ? wait : 50);
  const settled = await counts(fleet);
  const logged = requestLines(fleet.lines);
  const inside = (name) => logged.reduce((sum, line) => sum + line[name], 0) / times;
  return {
    inside: { read: inside("rows_read"), written: inside("rows_written") },
    all: Object.fromEntries(Object.entries(settled).map(([name, value]) => [name, value / times])),
  };
}

const settle = (time) => new Promise((done) => setTimeout(done, time));
const each = (fleet, ask) => Promise.all(Object.values(fleet.probes).map(ask));

async function counts(fleet) {
  const all = await each(fleet, async (probe) => (await fetch(`${probe}/counts`)).json());
  return all.reduce((sum, one) => Object.fromEntries(Object.entries(one).map(([name, value]) => [name, value + (sum[name] ?? 0)])), {});
}

function row({ name, aim, cpuMs = CPU_MS.usual }, { inside, all }) {
  const request = PRICE.request + cpuMs * PRICE.cpuMs + inside.read * PRICE.read + inside.written * PRICE.written + all.kvReads * PRICE.kvRead;
  const after = { read: all.read - inside.read, written: all.written - inside.written };
  const total =
    request + after.read * PRICE.read + after.written * PRICE.written + all.kvWrites * PRICE.kvWrite +
    all.messages * OPS_A_MESSAGE * PRICE.queueOp;
  const figure = (value) => (Math.abs(value - Math.round(value)) < 0.001 ? value.toFixed(0) : value.toFixed(1));
  const [most, mostWritten] = BOUNDS[name];
  const kept = inside.read <= most && inside.written <= mostWritten;
  return [
    name, figure(inside.read), figure(inside.written), `${most} / ${mostWritten}${kept ? "" : " **missed**"}`, dollars(request), aim ? `${verdict(request <= AIM[aim])} (${dollars(AIM[aim])})` : "",
    `${figure(after.read)} / ${figure(after.written)}`, `${figure(all.kvReads)} / ${figure(all.kvWrites)}`, figure(all.messages), dollars(total),
  ];
}
