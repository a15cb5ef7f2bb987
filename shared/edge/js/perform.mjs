// Performs the operations that a handler asks for, on the Worker's own bindings.

/** How long another Worker may take to answer. */
const PEER_TIMEOUT_MS = 10_000;
/** How long a Durable Object may; what it is told are hints. */
const HUB_TIMEOUT_MS = 5_000;
/** How long the database or a queue may: less, so that a Worker that waits for this one still hears of it. */
const STORE_TIMEOUT_MS = 8_000;
/** How long the cache may: it only saves work. */
const CACHE_TIMEOUT_MS = 1_500;
/** How long somebody outside the fleet may: four such calls in a row are still within a peer's patience. */
const OUTSIDE_TIMEOUT_MS = 2_400;
/** The most that is read of what somebody outside answers. */
const OUTSIDE_BYTES = 256 * 1024;

/**
 * @typedef {{ id: number, json?: string, tables?: string[], read?: number, written?: number }} Reply
 * to an operation: JSON of any kind, or the rows of each statement as a JSON array, with the rows that the database counted
 */

/**
 * @param {Record<string, any>} env the Worker's bindings
 * @param {Array<[number, any]>} ops numbered operations
 * @param {import("./memory.mjs").Memory} memory where the statements' texts are
 * @returns {Promise<Reply[]>}
 */
export async function perform(env, ops, memory) {
  if (ops.length === 1) return [await one(env, ops[0], memory)];
  return Promise.all(ops.map((op) => one(env, op, memory)));
}

async function one(env, [id, op], memory) {
  try {
    switch (op.op) {
      case "db":
        return await within(STORE_TIMEOUT_MS, database(id, env.DB, op.batch, memory));
      case "kv_get":
        return { id, json: JSON.stringify({ text: await within(CACHE_TIMEOUT_MS, env.SESSIONS.get(op.key)) }) };
      case "kv_put":
        await within(CACHE_TIMEOUT_MS, env.SESSIONS.put(op.key, op.value, { expirationTtl: op.ttl_seconds }));
        break;
      case "kv_delete":
        await within(CACHE_TIMEOUT_MS, env.SESSIONS.delete(op.key));
        break;
      case "send":
        await within(STORE_TIMEOUT_MS, env[op.queue].sendBatch(op.messages.map((body) => ({ body, contentType: "text" }))));
        break;
      case "peer":
        return { id, json: await peer(env[op.binding], op) };
      case "hub":
        return { id, json: await peer(hub(env, op.call.binding, op.name), op.call, HUB_TIMEOUT_MS) };
      case "mail":
        await within(STORE_TIMEOUT_MS, env.MAIL.send(mail(op)));
        break;
      case "verify":
        return { id, json: JSON.stringify({ verified: await verify(op) }) };
      case "fetch":
        return { id, json: await outside(op) };
      case "wait":
        await scheduler.wait(op.ms);
        break;
      default:
        throw new Error(`unknown operation ${op.op}`);
    }
    return { id, json: '"done"' };
  } catch (error) {
    return { id, json: JSON.stringify({ failed: String(error?.message ?? error) }) };
  }
}

/** What a binding answers, if it does so in time. What it was asked for may happen all the same. */
function within(ms, answer) {
  return new Promise((done, fail) => {
    // The error is made when it is needed, which is hardly ever: collecting its stack is not free.
    const timer = setTimeout(() => fail(new Error(`no answer within ${ms} ms`)), ms);
    answer.then(
      (value) => {
        clearTimeout(timer);
        done(value);
      },
      (error) => {
        clearTimeout(timer);
        fail(error);
      },
    );
  });
}

async function database(id, db, batch, memory) {
  if (batch.length === 1) {
    const { results, meta } = await bound(db, batch[0], memory).all();
    return { id, tables: [table(results)], read: meta.rows_read ?? 0, written: meta.rows_written ?? 0 };
  }
  const reply = { id, tables: [], read: 0, written: 0 };
  for (const { results, meta } of await db.batch(batch.map((statement) => bound(db, statement, memory)))) {
    reply.tables.push(table(results));
    reply.read += meta.rows_read ?? 0;
    reply.written += meta.rows_written ?? 0;
  }
  return reply;
}

function bound(db, [place, length, params], memory) {
  const statement = memory.statement(db, place, length);
  return params.length === 0 ? statement : statement.bind(...params);
}

/** Rows as JSON. A statement that comes to one row with a column `json` has written its array itself. */
function table(rows) {
  if (rows.length === 0) return "[]";
  if (rows.length === 1 && typeof rows[0].json === "string") return rows[0].json;
  return JSON.stringify(rows);
}

async function peer(binding, { method, path, headers, body }, ms = PEER_TIMEOUT_MS) {
  const response = await binding.fetch(`https://fleet.internal${path}`, {
    method,
    headers: body === null ? headers : [...headers, ["content-type", "application/json"]],
    body: body ?? undefined,
    redirect: "manual",
    signal: AbortSignal.timeout(ms),
  });
  const wait = Number(response.headers.get("retry-after"));
  const reply = { status: response.status, body: await response.text(), retry_after_seconds: wait > 0 ? wait : null };
  return JSON.stringify({ peer: reply });
}

/** Calls somebody outside: where the address leads is read here once more, and no redirection is followed. */
async function outside({ method, origin, url, headers, body }) {
  if (new URL(url).origin !== origin) throw new Error(`${url} is not at ${origin}`);
  const signal = AbortSignal.timeout(OUTSIDE_TIMEOUT_MS);
  const response = await fetch(url, { method, headers, body: body ?? undefined, redirect: "manual", signal });
  return JSON.stringify({ fetched: { status: response.status, body: await bounded(response) } });
}

/** A body as text, if it is not too large. */
async function bounded(response) {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > OUTSIDE_BYTES) throw new Error(`an answer of more than ${OUTSIDE_BYTES} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

const hub = (env, binding, name) => env[binding].get(env[binding].idFromName(name));

/** Asks a Durable Object for a WebSocket. @returns {Promise<Response>} with the socket, or a refusal */
export function handOverTo(env, { binding, name, path }) {
  const asked = hub(env, binding, name).fetch(`https://fleet.internal${path}`, { headers: [["upgrade", "websocket"]] });
  // Not by a signal, which would end the socket too.
  return within(HUB_TIMEOUT_MS, asked);
}

const ALGORITHMS = {
  ES256: [{ name: "ECDSA", namedCurve: "P-256" }, { name: "ECDSA", hash: "SHA-256" }],
  EdDSA: [{ name: "Ed25519" }, { name: "Ed25519" }],
  RS256: [{ name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }, { name: "RSASSA-PKCS1-v1_5" }],
};

/** Whether a signature is right; what is malformed is wrong. */
async function verify({ algorithm, key, signature, message }) {
  const [kind, how] = ALGORITHMS[algorithm];
  try {
    const [n, e] = key.split(".");
    const [form, parts] = algorithm === "RS256" ? ["jwk", { kty: "RSA", n, e }] : ["raw", bytesOf(key)];
    const imported = await crypto.subtle.importKey(form, parts, kind, false, ["verify"]);
    return await crypto.subtle.verify(how, imported, bytesOf(signature), bytesOf(message));
  } catch {
    return false;
  }
}

function bytesOf(base64url) {
  const text = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

const mail = ({ id, from, to, subject, text, html }) =>
  ({ from, to, subject, text, html, headers: { "X-Sesh-Mail-Id": id } });
