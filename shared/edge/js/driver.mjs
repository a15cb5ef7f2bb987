// Drives the WebAssembly side of a Worker: hands requests over, performs what the handlers ask for, answers.

import { WorkerEntrypoint } from "cloudflare:workers";
import { perform } from "./perform.mjs";

const MAX_BODY_BYTES = 256 * 1024;
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

const text = new TextDecoder();

/**
 * The entry points of a Worker around its WebAssembly class: the default one for the internet, `Internal` for the
 * fleet's service bindings. Queue and cron events go to the class itself.
 */
export function entrypoints(Wasm) {
  const { configure, start, resume } = Wasm.prototype;
  const instance = new Instance(configure, start, resume, Wasm);
  class Public extends WorkerEntrypoint {
    fetch(request) {
      return instance.serve(request, this.env, this.ctx, false);
    }
    scheduled(event) {
      return instance.events(this.ctx, this.env).scheduled(event);
    }
    queue(batch) {
      return instance.events(this.ctx, this.env).queue(batch);
    }
  }
  class Internal extends WorkerEntrypoint {
    fetch(request) {
      return instance.serve(request, this.env, this.ctx, true);
    }
  }
  return { Public, Internal };
}

class Instance {
  #configured = false;
  #inFlight = 0;
  #panics = 0;

  constructor(configure, start, resume, Wasm) {
    Object.assign(this, { configure, startCall: start, resumeCall: resume, Wasm });
  }

  async serve(request, env, ctx, internal) {
    this.#prepare(env, ctx);
    this.#inFlight += 1;
    let more = null;
    try {
      const { bytes, oversize } = await readBody(request);
      const url = request.url;
      const path = url.slice(url.indexOf("/", 8));
      const headers = readHeaders(request.headers, internal ? READ_INTERNAL : READ);
      const first = this.#enter(this.startCall, internal, request.method, path, headers, bytes, oversize, Date.now());
      const frame = await this.#run(first, env);
      if (frame.kind === ANSWER_AND_MORE) more = frame.id;
      return answer(frame);
    } catch (error) {
      return this.#broken(error);
    } finally {
      if (more === null) this.#inFlight -= 1;
      else ctx.waitUntil(this.#finish(more, env));
    }
  }

  /** Queue and cron events, which the `worker` crate serves. */
  events(ctx, env) {
    this.#prepare(env, ctx);
    return new this.Wasm(ctx, env);
  }

  #prepare(env, ctx) {
    if (this.#panics > 0 && this.#inFlight === 0) this.#replace(ctx, env);
    if (this.#configured) return;
    this.configure(env);
    this.#configured = true;
  }

  /** After a panic the instance serves what is in flight; when nothing is, a fresh one takes its place. */
  #replace(ctx, env) {
    globalThis.__worker_init_state.criticalError = true;
    new this.Wasm(ctx, env);
    this.#configured = false;
    this.#panics = 0;
  }

  /** Calls into WebAssembly; a panic there must not make the `worker` crate drop the requests in flight. */
  #enter(call, ...values) {
    try {
      return call(...values);
    } catch (error) {
      this.#panics += 1;
      globalThis.__worker_init_state.criticalError = false;
      throw error;
    }
  }

  async #run(bytes, env) {
    let frame = read(bytes);
    while (frame.kind === PERFORM) {
      const replies = await perform(env, JSON.parse(text.decode(frame.head)));
      frame = read(this.#enter(this.resumeCall, frame.id, replies, Date.now()));
    }
    return frame;
  }

  async #finish(id, env) {
    try {
      await this.#run(this.#enter(this.resumeCall, id, "", Date.now()), env);
    } catch (error) {
      console.error(JSON.stringify({ level: "error", event: "deferred", cause: String(error?.message ?? error) }));
    } finally {
      this.#inFlight -= 1;
    }
  }

  #broken(error) {
    const id = crypto.randomUUID();
    const cause = String(error?.message ?? error);
    console.error(JSON.stringify({ level: "error", event: "panic", request_id: id, cause }));
    const message = "Something broke on our side. Quote the request id when you ask for help.";
    const body = { success: false, error: { code: "internal_error", message, request_id: id } };
    return Response.json(body, { status: 500, headers: { "x-request-id": id, "cache-control": "no-store" } });
  }
}

function readHeaders(headers, names) {
  let lines = "";
  for (const name of names) {
    const value = headers.get(name);
    if (value !== null) lines += `${name}: ${value}\n`;
  }
  return lines;
}

const NO_BYTES = new Uint8Array();

async function readBody(request) {
  if (request.body === null) return { bytes: NO_BYTES, oversize: false };
  const announced = Number(request.headers.get("content-length") ?? 0);
  if (announced > MAX_BODY_BYTES) return { bytes: NO_BYTES, oversize: true };
  if (announced > 0) return { bytes: new Uint8Array(await request.arrayBuffer()), oversize: false };
  const chunks = [];
  let length = 0;
  for await (const chunk of request.body) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) return { bytes: NO_BYTES, oversize: true };
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return { bytes, oversize: false };
}

function read(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const bodyAt = 9 + view.getUint32(5, true);
  return { kind: bytes[0], id: view.getUint32(1, true), head: bytes.subarray(9, bodyAt), body: bytes.subarray(bodyAt) };
}

function answer(frame) {
  if (frame.kind !== ANSWER && frame.kind !== ANSWER_AND_MORE) throw new Error("no answer");
  const [status, headers] = JSON.parse(text.decode(frame.head));
  const empty = status === 204 || status === 304 || frame.body.length === 0;
  return new Response(empty ? null : frame.body, { status, headers });
}
