// Performs the operations that a handler asks for, on the Worker's own bindings. Plain data in, plain data out.

/** How long another Worker may take to answer. */
const PEER_TIMEOUT_MS = 10_000;
/** How long the database or a queue may: less, so that a Worker that waits for this one still hears of it. */
const STORE_TIMEOUT_MS = 8_000;
/** How long the cache may: it only saves work. */
const CACHE_TIMEOUT_MS = 1_500;

/**
 * @param {Record<string, any>} env the Worker's bindings
 * @param {Array<[number, any]>} ops numbered operations
 * @returns {Promise<string>} a JSON array of `[number, reply]`
 */
export async function perform(env, ops) {
  if (ops.length === 1) {
    const [[id, op]] = ops;
    return `[[${id},${await one(env, op)}]]`;
  }
  const replies = await Promise.all(ops.map(async ([id, op]) => `[${id},${await one(env, op)}]`));
  return `[${replies.join(",")}]`;
}

/** The same for WebAssembly: texts on both sides. */
export const performText = (env, text) => perform(env, JSON.parse(text));

async function one(env, op) {
  try {
    switch (op.op) {
      case "db":
        return await within(STORE_TIMEOUT_MS, database(env.DB, op.batch));
      case "kv_get":
        return JSON.stringify({ text: await within(CACHE_TIMEOUT_MS, env.SESSIONS.get(op.key)) });
      case "kv_put":
        await within(CACHE_TIMEOUT_MS, env.SESSIONS.put(op.key, op.value, { expirationTtl: op.ttl_seconds }));
        return '"done"';
      case "kv_delete":
        await within(CACHE_TIMEOUT_MS, env.SESSIONS.delete(op.key));
        return '"done"';
      case "send":
        await within(STORE_TIMEOUT_MS, env[op.queue].sendBatch(op.messages.map((body) => ({ body, contentType: "text" }))));
        return '"done"';
      case "peer":
        return await peer(env[op.binding], op);
      case "wait":
        await scheduler.wait(op.ms);
        return '"done"';
      default:
        return JSON.stringify({ failed: `unknown operation ${op.op}` });
    }
  } catch (error) {
    return JSON.stringify({ failed: String(error?.message ?? error) });
  }
}

/** What a binding answers, if it does so in time. What it was asked for may happen all the same. */
async function within(ms, answer) {
  let timer;
  const late = new Promise((_, fail) => {
    timer = setTimeout(fail, ms, new Error(`no answer within ${ms} ms`));
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function database(db, batch) {
  const statements = batch.map(([sql, params]) => {
    const statement = db.prepare(sql);
    return params.length === 0 ? statement : statement.bind(...params);
  });
  const answers = statements.length === 1 ? [await statements[0].all()] : await db.batch(statements);
  const results = [];
  let read = 0;
  let written = 0;
  for (const { results: rows, meta } of answers) {
    results.push(rows);
    read += meta.rows_read ?? 0;
    written += meta.rows_written ?? 0;
  }
  return JSON.stringify({ rows: { results, rows_read: read, rows_written: written } });
}

async function peer(binding, { method, path, headers, body }) {
  const response = await binding.fetch(`https://fleet.internal${path}`, {
    method,
    headers: body === null ? headers : [...headers, ["content-type", "application/json"]],
    body: body ?? undefined,
    redirect: "manual",
    signal: AbortSignal.timeout(PEER_TIMEOUT_MS),
  });
  const wait = Number(response.headers.get("retry-after"));
  const reply = { status: response.status, body: await response.text(), retry_after_seconds: wait > 0 ? wait : null };
  return JSON.stringify({ peer: reply });
}

/** Text in a Unicode normalisation form. */
export const normalizeText = (text, form) => text.normalize(form);

/** Formatters by zone: making one costs far more than using it. */
const zones = new Map();
const MOST_ZONES = 200;

/** Minutes that a zone's clocks are ahead of UTC at a moment; undefined when there is no such zone. */
export function zoneOffsetMinutes(zone, atMs) {
  let format = zones.get(zone);
  if (format === undefined) {
    try {
      format = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" });
    } catch {
      return undefined;
    }
    if (zones.size >= MOST_ZONES) zones.clear();
    zones.set(zone, format);
  }
  const name = format.formatToParts(atMs).find((part) => part.type === "timeZoneName")?.value ?? "";
  const [, sign, hours, minutes] = /^GMT(?:([+-])(\d\d):(\d\d))?/.exec(name) ?? [];
  if (sign === undefined) return 0;
  return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}
