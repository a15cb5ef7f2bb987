/**
 * Faults around a Worker as it was built, for tests. The fleet runner puts this in front of each Worker's entry when it
 * is started with `--faults` (scripts/fleet/faults.mjs); no wrangler file and no deployable build knows it.
 *
 * A request names its plan in the header `x-sesh-fault-plan`; other Workers that it reaches hear the same name, and each
 * looks it up among its own plans. Without a plan of that name nothing happens, so that other tests run undisturbed.
 * The plans `scheduled` and `queue` are for cron triggers and batches of messages.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { WorkerEntrypoint } from "cloudflare:workers";
import { databaseWith } from "./database.mjs";
import { forget, keep } from "./kept.mjs";
import { failure, Plan } from "./plan.mjs";

/** What a test looks for in packages that are to be deployed. */
export const MARKER = "sesh-fault-shim";
const HEADER = "x-sesh-fault-plan";
/** Longer than anybody waits, and yet an end. */
const FOREVER_MS = 120_000;

const plans = new Map();
const current = new AsyncLocalStorage();
const realNow = Date.now;
Date.now = () => realNow() + (current.getStore()?.plan?.clock_ms ?? 0);
/** Everybody outside the fleet is the binding `OUTSIDE` of a plan, matched by verb and address. */
const realFetch = globalThis.fetch;
globalThis.fetch = (url, init = {}) =>
  around("OUTSIDE", `${init.method ?? "GET"} ${url}`, () => realFetch(url, init), init.signal);

/** @param {any} built an entry point as it was built: handlers `(event, env, ctx)` @returns {any} the same with faults */
export function withFaults(built) {
  return {
    fetch(request, env, ctx) {
      const name = request.headers.get(HEADER);
      const on = `${request.method} ${new URL(request.url).pathname}`;
      return within(name, on, () => around("ANSWER", on, () => built.fetch(request, wrap(env), ctx), request.signal));
    },
    scheduled(event, env, ctx) {
      return within("scheduled", "scheduled", () => built.scheduled(event, wrap(env), ctx));
    },
    queue(batch, env, ctx) {
      let taken = true;
      const heard = {
        queue: batch.queue,
        messages: batch.messages,
        ackAll: () => batch.ackAll(),
        retryAll: (options) => ((taken = false), batch.retryAll(options)),
      };
      return within("queue", "queue", async () => {
        await built.queue(heard, wrap(env), ctx);
        if (taken) await forget(env.KEPT, batch.messages);
      });
    },
  };
}

/** PUT /plan {…}: sets a plan; DELETE /plan: clears it; GET /plan: {"hits":[how often each fault struck]}. */
export class Faults extends WorkerEntrypoint {
  async fetch(request) {
    const name = decodeURIComponent(new URL(request.url).pathname.slice(1));
    if (request.method === "PUT") plans.set(name, new Plan(await request.json()));
    const hits = plans.get(name)?.hits ?? null;
    if (request.method === "DELETE") plans.delete(name);
    return Response.json({ shim: MARKER, hits });
  }
}

function within(name, on, act) {
  return current.run({ name, on, plan: plans.get(name) }, act);
}

let wrapped;

function wrap(env) {
  wrapped ??= Object.fromEntries(Object.entries(env).map(([name, binding]) => [name, wrapOne(name, binding, env.KEPT)]));
  return wrapped;
}

function wrapOne(name, binding, kept) {
  if (name === "DB") return database(binding);
  if (name === "SESSIONS") return cache(binding);
  if (name === "FACTS") return queue(name, binding, kept);
  if (name === "MAIL") return { send: (mail) => around(name, mail.to, () => binding.send(mail)) };
  if (name === "HUBS") return hubs(name, binding);
  return typeof binding?.fetch === "function" ? peer(name, binding) : binding;
}

const database = (real) =>
  databaseWith(real, (statements, run) => around("DB", statements.map(({ sql }) => sql).join("\n"), run));

function cache(real) {
  const first = new Map();
  return {
    async get(key) {
      const stale = () => (first.has(key) ? first.get(key) : real.get(key));
      const value = await around("SESSIONS", `get ${key}`, () => real.get(key), null, stale);
      if (value !== null && !first.has(key)) first.set(key, value);
      return value;
    },
    put: (key, ...rest) => around("SESSIONS", `put ${key}`, () => real.put(key, ...rest)),
    delete: (key) => around("SESSIONS", `delete ${key}`, () => real.delete(key)),
  };
}

const queue = (name, real, kept) => ({
  sendBatch(batch) {
    const send = async () => {
      await keep(kept, batch);
      return real.sendBatch(batch);
    };
    return around(name, batch.map(({ body }) => body).join("\n"), send);
  },
});

const peer = (name, real) => ({
  fetch(url, init = {}) {
    const plan = current.getStore()?.name;
    const headers = [...(init.headers ?? []), ...(plan ? [[HEADER, plan]] : [])];
    const asked = `${init.method ?? "GET"} ${new URL(url).pathname}`;
    return around(name, asked, () => real.fetch(url, { ...init, headers }), init.signal);
  },
});

const hubs = (name, real) => ({
  idFromName: (text) => real.idFromName(text),
  get: (id) => peer(name, real.get(id)),
});

/** Lets the faults that strike happen around an act. */
async function around(binding, asked, act, signal = null, stale = act) {
  const { plan, on } = current.getStore() ?? {};
  for (const fault of plan?.strike(binding, asked, on) ?? []) {
    switch (fault.kind) {
      case "delay":
        await scheduler.wait(plan.delayOf(fault));
        continue;
      case "fail_before":
        throw failure(fault);
      case "fail_after":
        await act();
        throw failure(fault);
      case "hang":
        return hang(signal);
      case "duplicate":
        return twice(act);
      case "stale":
        return stale();
      case "garbage":
        return new Response(fault.body ?? "<html>Bad gateway</html>", { status: fault.status ?? 200 });
      case "status":
        return new Response(fault.body ?? "error code: 1101", { status: fault.status ?? 500 });
      default:
        throw new Error(`there is no fault ${fault.kind}`);
    }
  }
  return act();
}

async function twice(act) {
  const first = await act();
  // What the second one says is heard by nobody: it is the copy that a network made.
  await act().catch(() => null);
  return first;
}

function hang(signal) {
  return new Promise((_, reject) => {
    if (signal) signal.addEventListener("abort", () => reject(signal.reason));
    scheduler.wait(FOREVER_MS).then(() => reject(new Error("hung")), reject);
  });
}
