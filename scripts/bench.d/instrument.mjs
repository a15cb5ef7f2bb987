/**
 * A test-only entry around a built Worker, put together when a measurement starts and part of no deployable build. It
 * counts what the Worker asks of its bindings, answers database calls from recordings, and shows how large the
 * WebAssembly memory is.
 *
 * The `Probe` entry point, on a socket of its own:
 *   POST /reset   counters to zero
 *   POST /canned  from now on the database's answers are recorded once and repeated at once
 *   POST /quiet   from now on log lines are dropped where they leave the Worker; /loud: no more
 *   GET  /counts  {"read","written","batches","kvReads","kvWrites","messages"}
 *   GET  /memory  {"bytes"}
 */
import { WorkerEntrypoint } from "cloudflare:workers";

const write = console.log;
const counts = {};
const reset = () => Object.assign(counts, { read: 0, written: 0, batches: 0, kvReads: 0, kvWrites: 0, messages: 0 });
let canned = false;
let memory = null;
reset();

/** @param {any} Public @param {any} Door its internal entry, if it has one @param {any} Wasm its WebAssembly class */
export function instrument(Public, Door, Wasm) {
  if (Wasm) showMemory(Wasm);
  return { Public: instrumentObject(Public), Internal: Door && instrumentObject(Door), Probe };
}

/** The same for any Worker that is a plain object of handlers `(event, env, ctx)`. */
export function instrumentObject(handlers) {
  let wrapped;
  const around = (handler) => (event, env, ctx) => handler.call(handlers, event, (wrapped ??= wrap(env)), ctx);
  const found = ["fetch", "scheduled", "queue"].filter((name) => handlers[name]);
  return Object.fromEntries(found.map((name) => [name, around(handlers[name])]));
}

export class Probe extends WorkerEntrypoint {
  fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/reset") reset();
    if (pathname === "/canned") canned = true;
    if (pathname === "/quiet") console.log = () => {};
    if (pathname === "/loud") console.log = write;
    return Response.json(pathname === "/memory" ? { bytes: memory?.() ?? 0 } : counts);
  }
}

/** `configure` hands out the instance's raw exports, its memory among them. */
function showMemory(Wasm) {
  const configure = Wasm.prototype.configure;
  Wasm.prototype.configure = function (env) {
    const exports = configure.call(this, env);
    memory = () => exports.memory.buffer.byteLength;
    return exports;
  };
}

function wrap(env) {
  const wrapped = { ...env };
  if (env.DB) wrapped.DB = new Database(env.DB);
  if (env.SESSIONS) wrapped.SESSIONS = countedCache(env.SESSIONS);
  if (env.FACTS) wrapped.FACTS = { sendBatch: (batch) => ((counts.messages += batch.length), env.FACTS.sendBatch(batch)) };
  return wrapped;
}

const countedCache = (cache) => ({
  get: (...args) => ((counts.kvReads += 1), cache.get(...args)),
  put: (...args) => ((counts.kvWrites += 1), cache.put(...args)),
  delete: (...args) => ((counts.kvWrites += 1), cache.delete(...args)),
});

/** Recorded answers by the lengths of their statements and what they ask for: times among it are numbers, and differ each time. */
const recordings = new Map();

const nameOf = ({ sql, params }) => `${sql.length}:${params.filter((param) => typeof param === "string")}`;

class Database {
  constructor(real) {
    this.real = real;
  }

  prepare(sql) {
    return new Statement(this, sql, []);
  }

  async batch(statements) {
    const name = canned && statements.map(nameOf).join();
    const found = canned && recordings.get(name);
    if (found) return found;
    const answers = counted(await this.real.batch(statements.map((statement) => statement.onReal())));
    if (canned) recordings.set(name, answers);
    return answers;
  }
}

class Statement {
  constructor(database, sql, params) {
    this.database = database;
    this.sql = sql;
    this.params = params;
  }

  bind(...params) {
    return new Statement(this.database, this.sql, params);
  }

  onReal() {
    const statement = this.database.real.prepare(this.sql);
    return this.params.length === 0 ? statement : statement.bind(...this.params);
  }

  async all() {
    const found = canned && recordings.get(this.sql.length);
    if (found) return found;
    const [answer] = counted([await this.onReal().all()]);
    if (canned) recordings.set(this.sql.length, answer);
    return answer;
  }

  run() {
    return this.all();
  }

  async first() {
    const { results } = await this.all();
    return results[0] ?? null;
  }
}

function counted(answers) {
  counts.batches += 1;
  for (const { meta } of answers) {
    counts.read += meta.rows_read ?? 0;
    counts.written += meta.rows_written ?? 0;
  }
  return answers;
}
