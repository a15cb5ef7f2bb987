/**
 * The peer that scripts/bench compares with: the same endpoints as a competent user of Hono would write them, on D1
 * and WebCrypto. It is measured and never deployed.
 *
 * It gives what the compared routes promise: the envelope, a request id and security headers, a log line, immediate
 * sign-out (the device's row is read in the batch that the data is read in), atomic debits, idempotency keys.
 */
import { Hono } from "hono";
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import { requestId } from "hono/request-id";
import { secureHeaders } from "hono/secure-headers";
import { sign, verify } from "hono/jwt";
import { hashPassword, sha256, verifyPassword } from "./passwords.ts";
import { dashboard } from "./dashboard.ts";
import type { Env, LotRow, SessionRow, StrainRow, UserRow } from "./types.ts";

const ACCESS_SECONDS = 900;
const REFRESH_MS = 30 * 24 * 3600 * 1000;
const METHODS = new Set(["smoke", "vape", "dab", "eat", "drink", "sublingual", "topical", "other"]);

type App = { Bindings: Env; Variables: { requestId: string; claims: Claims } };
type Claims = { sub: string; did: string };

let keys: Promise<{ open: CryptoKey; secret: CryptoKey }> | undefined;

/** Imported once an isolate. */
function signingKeys(env: Env) {
  const read = (text: string, usage: KeyUsage) =>
    crypto.subtle.importKey("jwk", JSON.parse(text) as JsonWebKey, { name: "Ed25519" }, false, [usage]);
  keys ??= Promise.all([read(env.PUBLIC_KEY, "verify"), read(env.PRIVATE_KEY, "sign")]).then(([open, secret]) => ({ open, secret }));
  return keys;
}

const fail = (status: 400 | 401 | 404 | 409, code: string, message: string) =>
  new HTTPException(status, { res: Response.json({ success: false, error: { code, message } }, { status }) });
const unauthorized = () => fail(401, "unauthorized", "Sign in first.");

const iso = (ms: number) => new Date(ms).toISOString();

const app = new Hono<App>();

app.use(async (c, next) => (c.env.PLAIN ? next() : ids(c, next)));
app.use(async (c, next) => (c.env.PLAIN ? next() : headers(c, next)));
app.use(async (c, next) => (c.env.PLAIN ? next() : logged(c, next)));
const ids = requestId();
const headers = secureHeaders();

async function logged(c: Context<App>, next: () => Promise<void>) {
  const begun = Date.now();
  await next();
  const line = {
    time: new Date().toISOString(),
    level: "info",
    event: "request",
    request_id: c.get("requestId"),
    method: c.req.method,
    path: c.req.path,
    status: c.res.status,
    duration_ms: Date.now() - begun,
  };
  console.log(JSON.stringify(line));
}

async function authenticate(c: Context<App>, next: () => Promise<void>) {
  const [scheme, token] = (c.req.header("authorization") ?? "").split(" ");
  if (scheme?.toLowerCase() !== "bearer" || !token) throw unauthorized();
  try {
    const { open } = await signingKeys(c.env);
    c.set("claims", (await verify(token, open, { alg: "EdDSA", iss: c.env.ISSUER, aud: "sesh" })) as unknown as Claims);
  } catch {
    throw unauthorized();
  }
  await next();
}

/** Whether the device is still signed in; the first statement of every batch. */
const isLive = (c: Context<App>) =>
  c.env.DB.prepare("SELECT 1 AS live FROM devices WHERE id = ? AND revoked_at IS NULL").bind(c.get("claims").did);

/** Reads in one batch with the check of the device. */
async function read(c: Context<App>, ...statements: D1PreparedStatement[]) {
  const [live, ...answers] = await c.env.DB.batch([isLive(c), ...statements]);
  if (live.results.length === 0) throw unauthorized();
  return answers;
}

app.get("/api/health", async (c) => {
  await c.env.DB.prepare("SELECT 1").first();
  return c.json({ status: "healthy", version: "0.1.0", checks: { database: { status: "healthy" } } });
});

const list = (text: string | null) => (text === null ? null : (JSON.parse(text) as string[]));

const strain = (row: StrainRow) => ({
  id: row.id, name: row.name, slug: row.slug, type: row.type, description: row.description,
  thc_percent: row.thc_percent, cbd_percent: row.cbd_percent, effects: list(row.effects),
  negative_effects: list(row.negative_effects), ailments: list(row.ailments), flavors: list(row.flavors),
  terpenes: list(row.terpenes), breeder: row.breeder, parents: list(row.parents), visibility: "public",
});

/** Names that share trigrams with the query, the nearest first. */
app.get("/api/v1/strains", authenticate, async (c) => {
  const q = (c.req.query("q") ?? "").normalize("NFKC").trim().toLowerCase();
  const limit = Math.min(Number(c.req.query("limit") ?? 20) || 20, 100);
  const letters = [...q];
  const grams = letters.slice(2).map((_, at) => `"${letters.slice(at, at + 3).join("").replaceAll('"', '""')}"`);
  if (grams.length === 0) throw fail(400, "bad_request", "q needs three letters.");
  const [found] = await read(
    c,
    c.env.DB.prepare(
      `SELECT s.* FROM strain_names JOIN strains s ON s.number = strain_names.rowid
       WHERE strain_names MATCH ? ORDER BY rank LIMIT ?`,
    ).bind(grams.join(" OR "), limit),
  );
  const rows = found.results as StrainRow[];
  return c.json({ success: true, data: rows.map(strain), meta: { page: 1, limit, total: rows.length } });
});

const session = (row: SessionRow) => ({
  id: row.id, occurred_at: iso(row.occurred_at), recorded_at: iso(row.recorded_at), method: row.method,
  items: JSON.parse(row.items), rating: row.rating, mood_before: row.mood_before, mood_after: row.mood_after,
  effects: JSON.parse(row.effects), notes: row.notes, version: row.version,
  import_id: row.import_id, source: row.source,
});

app.get("/api/v1/sessions", authenticate, async (c) => {
  const page = Math.max(Number(c.req.query("page") ?? 1) || 1, 1);
  const limit = Math.min(Number(c.req.query("limit") ?? 20) || 20, 100);
  const { sub } = c.get("claims");
  const [rows, total] = await read(
    c,
    c.env.DB.prepare(
      `SELECT * FROM sessions WHERE user_id = ? AND deleted_at IS NULL
       ORDER BY occurred_at DESC, id DESC LIMIT ? OFFSET ?`,
    ).bind(sub, limit, (page - 1) * limit),
    c.env.DB.prepare("SELECT COUNT(*) AS total FROM sessions WHERE user_id = ? AND deleted_at IS NULL").bind(sub),
  );
  const meta = { page, limit, total: (total.results[0] as { total: number }).total };
  return c.json({ success: true, data: (rows.results as SessionRow[]).map(session), meta });
});

app.get("/api/v1/dashboard", authenticate, async (c) => {
  const { sub } = c.get("claims");
  const now = Date.now();
  const [user, used, held, last] = await read(
    c,
    c.env.DB.prepare("SELECT time_zone FROM users WHERE id = ?").bind(sub),
    c.env.DB.prepare(
      "SELECT id, occurred_at, method, items FROM sessions WHERE user_id = ? AND deleted_at IS NULL AND occurred_at >= ?",
    ).bind(sub, now - 33 * 24 * 3600 * 1000),
    c.env.DB.prepare("SELECT quantity_mg, balance_mg, price_minor, currency FROM lots WHERE user_id = ? AND balance_mg > 0").bind(sub),
    c.env.DB.prepare(
      `SELECT occurred_at FROM sessions WHERE user_id = ? AND deleted_at IS NULL AND occurred_at <= ?
       ORDER BY occurred_at DESC LIMIT 1`,
    ).bind(sub, now),
  );
  const zone = (user.results[0] as UserRow | undefined)?.time_zone ?? "UTC";
  const data = dashboard(zone, now, used.results as SessionRow[], held.results as LotRow[], last.results[0] as SessionRow | undefined);
  return c.json({ success: true, data });
});

type Item = { lot_id: string; quantity_mg: number | null };

app.post("/api/v1/sessions", authenticate, async (c) => {
  const body = await c.req.json<{ method: string; items: Item[]; occurred_at?: string; rating?: number; effects?: string[]; notes?: string }>()
    .catch(() => { throw fail(400, "bad_request", "The body is not JSON."); });
  const items = body.items;
  const fits = ({ quantity_mg: mg }: Item) => mg === null || (Number.isInteger(mg) && mg > 0 && mg <= 10_000_000);
  if (!METHODS.has(body.method) || !Array.isArray(items) || items.length > 20 || !items.every(fits)) {
    throw fail(400, "bad_request", "method or items are wrong.");
  }
  const { sub } = c.get("claims");
  const db = c.env.DB;
  const now = Date.now();
  const occurred = body.occurred_at === undefined ? now : Date.parse(body.occurred_at);
  const id = crypto.randomUUID();
  const key = c.req.header("idempotency-key");
  const [lots] = await read(
    c,
    db.prepare("SELECT id, strain_id, name FROM lots WHERE user_id = ? AND id IN (SELECT value FROM json_each(?))")
      .bind(sub, JSON.stringify(items.map((item) => item.lot_id))),
  );
  const byId = new Map((lots.results as LotRow[]).map((lot) => [lot.id, lot]));
  if (items.some((item) => !byId.has(item.lot_id))) throw fail(404, "not_found", "There is no such lot.");
  const written = items.map((item) => ({ lot_id: item.lot_id, strain_id: byId.get(item.lot_id)!.strain_id, name: byId.get(item.lot_id)!.name, quantity_mg: item.quantity_mg }));
  const row: SessionRow = {
    id, occurred_at: occurred, recorded_at: now, method: body.method, items: JSON.stringify(written), rating: body.rating ?? null,
    mood_before: null, mood_after: null, effects: JSON.stringify(body.effects ?? []), notes: body.notes ?? null, version: 1,
    import_id: null, source: null,
  };
  const answer = { success: true, data: session(row) };
  const batch = [
    db.prepare(
      "INSERT INTO sessions (id, user_id, occurred_at, recorded_at, method, items, rating, effects, notes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    ).bind(id, sub, occurred, now, row.method, row.items, row.rating, row.effects, row.notes),
  ];
  for (const { lot_id, quantity_mg } of items) {
    if (quantity_mg === null) continue;
    // CHECK (balance_mg >= 0) fails the batch when there is less.
    batch.push(db.prepare("UPDATE lots SET balance_mg = balance_mg - ? WHERE id = ? AND user_id = ?").bind(quantity_mg, lot_id, sub));
    batch.push(
      db.prepare("INSERT INTO stash_entries (lot_id, session_id, kind, delta_mg, recorded_at) VALUES (?, ?, 'session', ?, ?)").bind(lot_id, id, -quantity_mg, now),
    );
  }
  const name = `${sub} POST /api/v1/sessions ${key}`;
  if (key) {
    batch.push(
      db.prepare("INSERT INTO idempotency (name, body, expires_at) VALUES (?, ?, ?)").bind(name, JSON.stringify(answer), now + 24 * 3600 * 1000),
    );
  }
  try {
    await db.batch(batch);
  } catch (error) {
    const text = String(error);
    if (text.includes("idempotency.name")) {
      const before = await db.prepare("SELECT body FROM idempotency WHERE name = ?").bind(name).first<{ body: string }>();
      return c.body(before!.body, 201, { "content-type": "application/json" });
    }
    if (text.includes("CHECK constraint failed")) throw fail(409, "insufficient_stock", "The lot holds less.");
    throw error;
  }
  return c.json(answer, 201);
});

/** Tokens for a device. */
async function signedIn(c: Context<App>, user: UserRow, device: string, refresh: string) {
  const { secret } = await signingKeys(c.env);
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: c.env.ISSUER, aud: "sesh", sub: user.id, did: device, iat: now, exp: now + ACCESS_SECONDS };
  const data = {
    access_token: await sign(claims, secret, "EdDSA"), token_type: "Bearer", expires_in: ACCESS_SECONDS, refresh_token: refresh,
    user: { id: user.id, email: user.email, display_name: user.display_name, time_zone: user.time_zone, created_at: iso(user.created_at) },
  };
  return c.json({ success: true, data });
}

const newToken = () => btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))));

app.post("/api/v1/auth/login", async (c) => {
  const { email, password } = await c.req.json<{ email: string; password: string }>();
  const user = await c.env.DB.prepare("SELECT * FROM users WHERE email = ?").bind(email.trim().toLowerCase()).first<UserRow>();
  const right = await verifyPassword(password, user?.password_hash ?? c.env.NOBODY);
  if (!user || !right) throw fail(401, "invalid_credentials", "The e-mail address or the password is wrong.");
  const now = Date.now();
  const [device, refresh] = [crypto.randomUUID(), newToken()];
  await c.env.DB.prepare(
    "INSERT INTO devices (id, user_id, refresh_hash, created_at, last_seen_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)",
  ).bind(device, user.id, await sha256(refresh), now, now, now + REFRESH_MS).run();
  return signedIn(c, user, device, refresh);
});

app.post("/api/v1/auth/refresh", async (c) => {
  const { refresh_token: token } = await c.req.json<{ refresh_token: string }>();
  const [now, next] = [Date.now(), newToken()];
  const [rotated, found] = await c.env.DB.batch([
    c.env.DB.prepare(
      `UPDATE devices SET refresh_hash = ?, last_seen_at = ?, expires_at = ?
       WHERE refresh_hash = ? AND revoked_at IS NULL AND expires_at > ? RETURNING id`,
    ).bind(await sha256(next), now, now + REFRESH_MS, await sha256(token), now),
    c.env.DB.prepare("SELECT users.* FROM devices JOIN users ON users.id = devices.user_id WHERE refresh_hash = ?").bind(await sha256(next)),
  ]);
  const device = rotated.results[0] as { id: string } | undefined;
  if (!device) throw unauthorized();
  return signedIn(c, found.results[0] as UserRow, device.id, next);
});

/** Makes a hash for the seed. */
app.post("/hash", async (c) => c.text(await hashPassword(await c.req.text(), c.req.query("kind") ?? "pbkdf2")));

app.onError((error, c) => {
  if (error instanceof HTTPException) return error.getResponse();
  console.error(JSON.stringify({ level: "error", request_id: c.get("requestId"), cause: String(error) }));
  return c.json({ success: false, error: { code: "internal_error", message: "Something broke." } }, 500);
});

export default app;
