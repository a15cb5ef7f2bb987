// Drives the WebAssembly side of a Worker: hands requests over, performs what the handlers ask for, answers.

import { WorkerEntrypoint } from "cloudflare:workers";
import { readBody } from "./body.mjs";
import { perform } from "./perform.mjs";

const ANSWER = 0;
const PERFORM = 1;
const ANSWER_AND_MORE = 2;

/** The headers that handlers read; no other crosses. */
const READ = [
  "authorization", "cookie", "content-type", "idempotency-key", "if-match", "if-none-match", "origin", "host",
  "user-agent", "cf-connecting-ip",
];
/** Those that only Workers of the fleet may send, through the internal door. */
const READ_INTERNAL = [...READ, "x-request-id", "x-sesh-client-address", "x-sesh-on-behalf", "x-sesh-actor"];

/** Panics after which an instance takes no new request until those in flight are done: each leaks some stack. */
const MOST_PANICS = 32;

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/**
 * The entry points of a Worker around its WebAssembly class: the default one for the internet, `Internal` for the
 * fleet's service bindings. Queue and cron events go to the class itself.
 */
export function entrypoints(Wasm) {
  const instance = new Instance(Wasm);
  class Public extends WorkerEntrypoint {
    fetch(request) {
      return instance.serve(request, this.env, this.ctx, false);
    }
    scheduled(event) {
      return instance.event(this.ctx, this.env, (wasm) => wasm.scheduled(event));
    }
    queue(batch) {
      return instance.event(this.ctx, this.env, (wasm) => wasm.queue(batch));
    }
  }
  class Internal extends WorkerEntrypoint {
    fetch(request) {
      return instance.serve(request, this.env, this.ctx, true);
    }
  }
  return { Public, Internal };
}

/** The Worker's WebAssembly instance, and its replacement after a panic. */
class Instance {
  #wasm = null;
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
      const wasm = this.#ready(env, ctx);
      const url = request.url;
      const path = url.slice(url.indexOf("/", 8));
      const headers = readHeaders(request.headers, internal ? READ_INTERNAL : READ);
      const head = encoder.encode(JSON.stringify([internal, oversize, request.method, path, headers]));
      const first = this.#enter(wasm, (now) => wasm.sesh_start(...hand(wasm, head, bytes), head.length, now));
      const frame = await this.#run(wasm, first, env);
      if (frame.kind === ANSWER_AND_MORE) more = this.#finish(wasm, frame.id, env);
      return answer(frame);
    } catch (error) {
      return broken(error);
    } finally {
      if (more === null) this.#inFlight -= 1;
      else ctx.waitUntil(more);
    }
  }

  /** Queue and cron events, which the `worker` crate serves through its own glue. */
  async event(ctx, env, call) {
    while (this.#panics > 0 && this.#inFlight > 0) await scheduler.wait(10);
    this.#inFlight += 1;
    try {
      this.#ready(env, ctx);
      return await call(new this.Wasm(ctx, env));
    } catch (error) {
      this.#panics += 1;
      throw error;
    } finally {
      this.#inFlight -= 1;
    }
  }

  /** The raw exports of an instance that has read its configuration; a fresh one after a panic, if nobody minds. */
  #ready(env, ctx) {
    if (this.#panics > 0 && this.#inFlight === 1) {
      globalThis.__worker_init_state.criticalError = true;
      new this.Wasm(ctx, env);
      this.#wasm = null;
      this.#panics = 0;
    }
    this.#wasm ??= this.Wasm.prototype.configure(env);
    return this.#wasm;
  }

  /** Calls into WebAssembly and takes the frame that it leaves. */
  #enter(wasm, call) {
    try {
      const place = call(Date.now());
      const view = new DataView(wasm.memory.buffer, place);
      const length = view.getUint32(0, true);
      const bodyAt = 9 + view.getUint32(9, true);
      const bytes = new Uint8Array(wasm.memory.buffer.slice(place + 4, place + 4 + length));
      return { kind: bytes[0], id: view.getUint32(5, true), head: bytes.subarray(9, bodyAt), body: bytes.subarray(bodyAt) };
    } catch (error) {
      this.#panics += 1;
      // The `worker` crate would drop the instance, and with it the requests in flight.
      globalThis.__worker_init_state.criticalError = false;
      throw error;
    }
  }

  async #run(wasm, first, env) {
    let frame = first;
    while (frame.kind === PERFORM) {
      const { id } = frame;
      const replies = encoder.encode(await perform(env, JSON.parse(decoder.decode(frame.head))));
      frame = this.#enter(wasm, (now) => wasm.sesh_resume(id, ...hand(wasm, replies), now));
    }
    return frame;
  }

  async #finish(wasm, id, env) {
    try {
      await this.#run(wasm, this.#enter(wasm, (now) => wasm.sesh_resume(id, ...hand(wasm), now)), env);
    } catch (error) {
      log("deferred", "", error);
    } finally {
      this.#inFlight -= 1;
    }
  }
}

/** Writes bytes into WebAssembly's memory; returns place and length. */
function hand(wasm, ...parts) {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const place = wasm.sesh_alloc(length);
  const memory = new Uint8Array(wasm.memory.buffer, place, length);
  let at = 0;
  for (const part of parts) {
    memory.set(part, at);
    at += part.length;
  }
  return [place, length];
}

const NO_BODY = { bytes: new Uint8Array(), oversize: false };

function readHeaders(headers, names) {
  const found = [];
  for (const name of names) {
    const value = headers.get(name);
    if (value !== null) found.push([name, value]);
  }
  return found;
}

function answer(frame) {
  if (frame.kind !== ANSWER && frame.kind !== ANSWER_AND_MORE) throw new Error("no answer");
  const [status, headers] = JSON.parse(decoder.decode(frame.head));
  const empty = status === 204 || status === 304 || frame.body.length === 0;
  return new Response(empty ? null : frame.body, { status, headers });
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
  const headers = {
    "x-request-id": id,
    "cache-control": "no-store",
    "retry-after": "1",
    "strict-transport-security": "max-age=63072000; includeSubDomains",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  };
  return Response.json({ success: false, error: { code, message, request_id: id } }, { status, headers });
}
