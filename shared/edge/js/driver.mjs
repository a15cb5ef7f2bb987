// Drives the WebAssembly side of a Worker: hands requests over, performs what the handlers ask for, answers.

import { readBody } from "./body.mjs";
import { Memory } from "./memory.mjs";
import { handOverTo, perform } from "./perform.mjs";

/** The headers that handlers read; no other crosses. Each by the letter of its place in `HEADERS` of `bridge.rs`. */
const READ_LOOKING = [
  ["authorization", "\na"], ["cookie", "\nb"], ["if-none-match", "\nf"], ["host", "\nh"], ["user-agent", "\ni"],
  ["cf-connecting-ip", "\nj"],
];
/** With those of changes, and of who opens a socket: asking for what is not there costs as much as reading it. */
const READ = [
  ...READ_LOOKING,
  ["content-type", "\nc"], ["idempotency-key", "\nd"], ["if-match", "\ne"], ["origin", "\ng"],
];
/** Those that only Workers of the fleet may send, through the internal door. */
const READ_INTERNAL = [
  ...READ,
  ["x-request-id", "\nk"], ["x-sesh-client-address", "\nl"], ["x-sesh-on-behalf", "\nm"], ["x-sesh-actor", "\nn"],
  ["x-sesh-host", "\nr"],
];

/** Those that pages read besides. */
const READ_PAGE = [...READ, ["accept", "\no"], ["accept-language", "\np"]];

/** Headers of nearly every answer, in the order of `COMMON` in `bridge.rs`. */
const COMMON = [
  ["strict-transport-security", "max-age=63072000; includeSubDomains"],
  ["x-content-type-options", "nosniff"],
  ["referrer-policy", "no-referrer"],
  ["content-security-policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"],
  ["cross-origin-opener-policy", "same-origin"],
  ["cross-origin-resource-policy", "same-origin"],
  ["content-type", "application/json"],
  ["cache-control", "private, no-cache"],
  ["cache-control", "no-store"],
];

/** Those of them that no answer is without. */
const SECURE = COMMON.slice(0, 6);

/** What a handler answers who hands its request over; its body says to whom. See `HandOver` in `http/upgrade.rs`. */
const SWITCHING = 101;

/** Panics after which an instance takes no new request until those in flight are done: each leaks some stack. */
const MOST_PANICS = 32;

/**
 * The entry points of a Worker around its WebAssembly class: the default one for the internet, `Internal` for the
 * fleet's service bindings. Plain objects: of a class the runtime would make an instance for each request.
 */
export function entrypoints(Wasm) {
  const instance = new Instance(Wasm);
  const Public = {
    fetch: (request, env, ctx) => instance.serve(request, env, ctx, false),
    // What failed is in the log, and due again at the next tick.
    scheduled: (event, env, ctx) => instance.job(env, ctx, null),
    async queue(batch, env, ctx) {
      const texts = batch.messages.map(({ body }) => body).filter((body) => typeof body === "string");
      if (await instance.job(env, ctx, texts)) batch.ackAll();
      else batch.retryAll();
    },
  };
  const Internal = { fetch: (request, env, ctx) => instance.serve(request, env, ctx, true) };
  return { Public, Internal };
}

/** The Worker's WebAssembly instance, and its replacement after a panic. */
class Instance {
  #memory = null;
  #inFlight = 0;
  #panics = 0;

  constructor(Wasm) {
    this.Wasm = Wasm;
  }

  async serve(request, env, ctx, internal) {
    if (this.#panics >= MOST_PANICS && this.#inFlight > 0) return busy();
    this.#inFlight += 1;
    let more = null;
    try {
      const { bytes, oversize } = request.body === null ? NO_BODY : await readBody(request);
      const memory = this.#ready(env, ctx);
      const head = headOf(request, internal, oversize);
      const frame = await this.#run(memory, this.#enter(() => memory.start(head, bytes)), env);
      if (frame.more) more = this.#finish(memory, frame.id, env);
      return frame.status === SWITCHING ? await handOver(env, frame) : answer(frame);
    } catch (error) {
      return broken(error);
    } finally {
      if (more === null) this.#inFlight -= 1;
      else ctx.waitUntil(more);
    }
  }

  /** Does a job to its end. @returns {Promise<boolean>} whether it was done */
  async job(env, ctx, messages) {
    while (this.#panics > 0 && this.#inFlight > 0) await scheduler.wait(10);
    this.#inFlight += 1;
    try {
      const memory = this.#ready(env, ctx);
      const frame = await this.#run(memory, this.#enter(() => memory.job(messages)), env);
      if (frame.more) await this.#run(memory, this.#enter(() => memory.resume(frame.id)), env);
      return frame.status === 200;
    } finally {
      this.#inFlight -= 1;
    }
  }

  /** The memory of an instance that has read its configuration; of a fresh one after a panic, if nobody minds. */
  #ready(env, ctx) {
    if (this.#panics > 0 && this.#inFlight === 1) {
      globalThis.__worker_init_state.criticalError = true;
      new this.Wasm(ctx, env);
      this.#memory = null;
      this.#panics = 0;
    }
    this.#memory ??= new Memory(this.Wasm.prototype.configure(env));
    return this.#memory;
  }

  /** Calls into WebAssembly and takes the frame that it leaves. */
  #enter(call) {
    let frame;
    try {
      frame = call();
    } catch (error) {
      this.#panics += 1;
      // The `worker` crate would drop the instance, and with it the requests in flight.
      globalThis.__worker_init_state.criticalError = false;
      throw error;
    }
    if (frame.lines !== "") for (const line of frame.lines.trimEnd().split("\n")) console.log(line);
    return frame;
  }

  async #run(memory, first, env) {
    let frame = first;
    while (frame.waits) {
      const { id } = frame;
      const replies = await perform(env, JSON.parse(frame.text), memory);
      frame = this.#enter(() => memory.resume(id, replies));
    }
    return frame;
  }

  async #finish(memory, id, env) {
    try {
      await this.#run(memory, this.#enter(() => memory.resume(id)), env);
    } catch (error) {
      log("deferred", "", error);
    } finally {
      this.#inFlight -= 1;
    }
  }
}

const NO_BODY = { bytes: new Uint8Array(), oversize: false };

/** A request's head as `bridge.rs` reads it: marks, verb, path and query, headers, a line each. No part holds a line feed. */
function headOf({ url, method, headers }, internal, oversize) {
  const path = url.slice(url.indexOf("/", 8));
  let head = `${internal ? 1 : 0}${oversize ? 1 : 0}\n${method}\n${path}`;
  const upgrade = method === "GET" ? headers.get("upgrade") : null;
  if (upgrade !== null) head += `\nq${upgrade}`;
  for (const [name, letter] of internal ? READ_INTERNAL : readOf(path, method === "GET" && upgrade === null)) {
    const value = headers.get(name);
    if (value !== null) head += letter + value;
  }
  return head;
}

function readOf(path, looks) {
  if (!path.startsWith("/api/")) return READ_PAGE;
  return looks ? READ_LOOKING : READ;
}

/** The answer of a Durable Object as this Worker's own: an open WebSocket, or a refusal. */
async function handOver(env, { body, text }) {
  try {
    const response = await handOverTo(env, JSON.parse(new TextDecoder().decode(body)));
    if (response.webSocket) return response;
    const refusal = new Response(response.body, response);
    for (const [name, value] of SECURE) refusal.headers.set(name, value);
    return refusal;
  } catch (error) {
    const id = /^x-request-id\n(.*)$/m.exec(text)?.[1] ?? "";
    log("hand_over", id, error);
    return fault(503, "service_unavailable", "Not available right now. Try again in a moment.", id);
  }
}

/** The usual headers by their bits: copying them costs less than setting them one by one. */
const usual = new Map();

function usualHeaders(bits) {
  let headers = usual.get(bits);
  if (headers === undefined) {
    headers = new Headers(COMMON.filter((_, place) => bits & (1 << place)));
    usual.set(bits, headers);
  }
  return headers;
}

function answer({ answers, status, common, text, body }) {
  if (!answers) throw new Error("no answer");
  const empty = status === 204 || status === 304;
  const response = new Response(empty ? null : body, { status, headers: usualHeaders(common) });
  const parts = text.split("\n");
  for (let at = 0; at + 1 < parts.length; at += 2) response.headers.append(parts[at], parts[at + 1]);
  return response;
}

/** A line in the form of `log.rs`, for what WebAssembly cannot tell any more. */
function log(event, requestId, error) {
  const cause = String(error?.message ?? error);
  console.error(JSON.stringify({ time: new Date().toISOString(), level: "error", event, request_id: requestId, cause }));
}

function broken(error) {
  const id = crypto.randomUUID();
  log("panic", id, error);
  return fault(500, "internal_error", "Something broke on our side. Quote the request id when you ask for help.", id);
}

function busy() {
  return fault(503, "service_unavailable", "Not available right now. Try again in a moment.", crypto.randomUUID());
}

function fault(status, code, message, id) {
  const headers = [...SECURE, ["content-type", "application/json"], ["cache-control", "no-store"], ["x-request-id", id], ["retry-after", "1"]];
  return new Response(JSON.stringify({ success: false, error: { code, message, request_id: id } }), { status, headers });
}
