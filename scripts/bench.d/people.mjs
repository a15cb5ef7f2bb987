/** People and rows to measure with: signed up through the public API, their history written in bulk. */
import { randomUUID } from "node:crypto";

export const PASSWORD = "a bench in the garden, painted green";
/** At the edge every request carries it. */
const ADDRESS = { "cf-connecting-ip": "203.0.113.7" };
const DAY_MS = 24 * 3600 * 1000;

/**
 * @typedef {object} Person
 * @property {string} email @property {string} token @property {string} refresh @property {string} tenant
 * @property {string} person @property {string} device
 */

/** @param {string} token @returns {Record<string, string>} */
export const authorized = (token) => ({ ...ADDRESS, authorization: `Bearer ${token}`, "user-agent": "sesh-bench" });
export const anonymous = { ...ADDRESS, "user-agent": "sesh-bench" };

/** Calls a Worker. @returns {Promise<{ status: number, data: any, requestId: string | null }>} */
export async function call(url, method, path, { headers = anonymous, body } = {}) {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: body === undefined ? headers : { ...headers, "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 400)}`);
  return { status: response.status, data: text ? JSON.parse(text).data : null, requestId: response.headers.get("x-request-id") };
}

/** Signs somebody up. @param {string} tracker its address @returns {Promise<Person>} */
export async function register(tracker) {
  const email = `bench-${randomUUID()}@example.com`;
  const body = { email, password: PASSWORD, display_name: "Bench", birth_date: "1990-01-01", delivery: "token" };
  const { data } = await call(tracker, "POST", "/api/v1/auth/register", { body });
  return { email, ...signedIn(data) };
}

/** @param {string} url @param {string} email */
export async function login(url, email) {
  const { data } = await call(url, "POST", "/api/v1/auth/login", { body: { email, password: PASSWORD, delivery: "token" } });
  return { email, ...signedIn(data) };
}

function signedIn({ access_token: token, refresh_token: refresh }) {
  const claims = JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString());
  return { token, refresh, tenant: claims.tid, person: claims.sub, device: claims.did };
}

/** As many rows as fit one statement comfortably. */
const CHUNK = 20_000;

async function inChunks(total, insert) {
  for (let from = 1; from <= total; from += CHUNK) await insert(from, Math.min(total, from + CHUNK - 1));
}

/**
 * A lot with a ledger of `entries` entries over the last year: the purchase, then small corrections down and up.
 * @param {any} db tracker's database @param {Person} owner @returns {Promise<string>} the lot's id
 */
export async function fillLot(db, owner, { entries = 1, quantityMg = 9_000_000, strain = null } = {}) {
  const id = timedId(Date.now() - 365 * DAY_MS);
  const begun = Date.now() - 365 * DAY_MS;
  const step = Math.floor((364 * DAY_MS) / entries);
  await db
    .prepare(
      `INSERT INTO lots (tenant_id, person_id, id, strain_id, name, form, quantity_mg, price_minor, currency, acquired_at,
         recorded_at, last_recorded_at)
       VALUES (?1, ?2, ?3, ?4, 'Bench lot', 'flower', ?5, 4500, 'USD', ?6, ?6, ?6)`,
    )
    .bind(owner.tenant, owner.person, id, strain, quantityMg, begun)
    .run();
  await inChunks(entries, (from, to) =>
    db
      .prepare(
        `WITH RECURSIVE n (i) AS (SELECT ?7 UNION ALL SELECT i + 1 FROM n WHERE i < ?8)
         INSERT INTO stash_entries (tenant_id, person_id, lot_id, recorded_at, seq, kind, delta_mg, balance_after_mg, occurred_at)
         SELECT ?1, ?2, ?3, ?5 + i * ?6, i, iif(i = 1, 'purchase', 'adjust'),
           iif(i = 1, ?4, iif(i % 2 = 0, -100, 100)), iif(i % 2 = 0, ?4 - 100, ?4), ?5 + i * ?6 FROM n`,
      )
      .bind(owner.tenant, owner.person, id, quantityMg, begun, step, from, to)
      .run(),
  );
  return id;
}

/**
 * A history of sessions: two a day over the last 30 days, everything else long before.
 * @param {any} db tracker's database @param {Person} owner @param {{ sessions: number, lot: string }} history
 */
export async function fillSessions(db, owner, { sessions, lot }) {
  const now = Date.now();
  const recent = Math.min(60, sessions);
  const item = JSON.stringify([{ lot_id: lot, strain_id: null, name: "Bench lot", quantity_mg: 100, entry_seq: 1 }]);
  await inChunks(sessions, (from, to) =>
    db
      .prepare(
        `WITH RECURSIVE n (i) AS (SELECT ?3 UNION ALL SELECT i + 1 FROM n WHERE i < ?4),
           at (i, t) AS (SELECT i, iif(i <= ?5, ?6 - i * 43200000, ?6 - 40 * 86400000 - i * 600000) FROM n)
         INSERT INTO sessions (tenant_id, person_id, id, occurred_at, recorded_at, method, items, rating, effects)
         SELECT ?1, ?2, printf('%08x-%04x-7000-8000-%012x', t >> 16, t & 65535, i), t, t,
           iif(i % 3 = 0, 'vape', 'smoke'), ?7, i % 5 + 1, '["Relaxed","Happy"]' FROM at`,
      )
      .bind(owner.tenant, owner.person, from, to, recent, now, item)
      .run(),
  );
}

const FIRST = "Blue Green Purple White Black Golden Silver Sour Sweet Lemon Orange Mango Cherry Grape Berry Vanilla Mint Honey Diesel Royal".split(" ");
const SECOND = "Dream Haze Kush Cheese Queen King Cookies Widow Skunk Cake Punch Express Crush Glue Thunder Mountain River Valley Star Moon".split(" ");
const THIRD = "One Two Ridge Creek Auto Fast Classic Reserve Select Prime North South East West Gold Ultra Fire Ice Rain Storm Cloud Dust Root Leaf".split(" ");

/** A catalogue of the size of a real one. @param {any} db tracker's database @param {number} count at most 9,600 */
export async function fillStrains(db, count = 9_500) {
  const rows = Array.from({ length: count }, (_, index) => {
    const [a, b, c] = [index % 20, Math.floor(index / 20) % 20, Math.floor(index / 400)];
    const name = [FIRST[a], SECOND[b], ...(c === 0 ? [] : [THIRD[c]])].join(" ");
    return { id: timedId(1_600_000_000_000 + index), name, key: name.toLowerCase(), slug: name.toLowerCase().replaceAll(" ", "-"),
      type: ["indica", "sativa", "hybrid"][index % 3], thc: 1200 + (index % 1300) };
  });
  for (let at = 0; at < rows.length; at += 500) {
    await db
      .prepare(
        `INSERT INTO strains (id, tenant_id, name, name_key, slug, type, description, thc_percent, effects, flavors, parents,
           source, source_id, content_hash, recorded_at)
         SELECT value ->> 'id', '00000000-0000-7000-8000-000000000000', value ->> 'name', value ->> 'key', value ->> 'slug', value ->> 'type',
           'A strain of the bench.', value ->> 'thc', '["Relaxed","Happy","Euphoric"]', '["Earthy","Sweet"]', '["Haze","Skunk"]',
           'bench', value ->> 'key', '', 0 FROM json_each(?1)`,
      )
      .bind(JSON.stringify(rows.slice(at, at + 500)))
      .run();
  }
}

/** A UUID whose first 48 bits are a time. */
export function timedId(at) {
  const time = at.toString(16).padStart(12, "0");
  const rest = randomUUID().replaceAll("-", "");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${rest.slice(13, 16)}-8${rest.slice(17, 20)}-${rest.slice(20)}`;
}
