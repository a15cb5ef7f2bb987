/** The two sides that are compared, ours and the peer, with the same rows in both; and the trivial Worker, the limit. */
import { randomUUID } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundleAll } from "../fleet/bundle.mjs";
import { ROOT } from "../fleet/config.mjs";
import { fleetParts, scratch, serve, serveFleet } from "./launch.mjs";
import { call, fillLot, fillSessions, fillStrains, login, PASSWORD, register } from "./people.mjs";

const PEER = join(ROOT, "tests/peer");
/** Nobody reads two bytes faster than this Worker answers them. */
const BARE = 'export default { fetch() { return new Response("ok"); } };';
const ISSUER = "https://peer.example.com";

/**
 * @typedef {object} Side
 * @property {import("./launch.mjs").Server} server @property {string} url
 * @property {{ token: string, refresh: string, email: string }[]} people all with the same rows
 * @property {string[]} lots by person
 */

/**
 * Ours: the fleet with some people, each with a lot of 100 entries and 200 sessions, and 9,500 strains.
 * @param {{ people: number, instrumented?: boolean }} options @returns {Promise<Side>}
 */
export async function ours({ people: count, instrumented }) {
  const server = await serveFleet({ instrumented });
  const { DB } = await server.bindings("tracker");
  await fillStrains(DB);
  const people = [];
  const lots = [];
  for (let n = 0; n < count; n++) {
    const person = await register(server.urls.tracker);
    const lot = await fillLot(DB, person, { entries: 100 });
    await fillSessions(DB, person, { sessions: 200, lot });
    people.push(person);
    lots.push(lot);
  }
  return { server, url: server.urls.tracker, people, lots };
}

/**
 * The peer with our rows, and beside it, on sockets of their own, the same without its extras and the trivial Worker.
 * @param {Side} our @param {{ instrumented?: boolean }} [options]
 * @returns {Promise<Side & { plain: string, bare: string, scrypt: string[] }>}
 */
export async function peer(our, { instrumented = false } = {}) {
  const { workers } = await fleetParts();
  const { compatibilityDate } = workers[0].options;
  const code = await peerCode(instrumented);
  const bindings = { ISSUER, NOBODY: "pbkdf2$00$00", ...(await signingKey()) };
  const shared = { compatibilityDate, compatibilityFlags: ["nodejs_compat"], d1Databases: { DB: { id: "peer" } }, modules: code };
  const server = await serve([
    { name: "peer", probe: instrumented, options: { ...shared, name: "peer", bindings } },
    { name: "plain", probe: instrumented, options: { ...shared, name: "plain", bindings: { ...bindings, PLAIN: "1" } } },
    { name: "bare", options: { name: "bare", compatibilityDate, modules: [{ type: "ESModule", path: "bare.mjs", contents: BARE }] } },
  ]);
  const { DB } = await server.bindings("peer");
  await migrate(DB);
  const { DB: source } = await our.server.bindings("tracker");
  await copy(source, DB, "SELECT number, id, name, name_key, slug, type, description, thc_percent, effects, flavors, parents FROM strains", "strains");
  await copy(source, DB, "SELECT id, person_id AS user_id, strain_id, name, form, quantity_mg, balance_mg, price_minor, currency, acquired_at, recorded_at FROM lots", "lots");
  await copy(source, DB, "SELECT lot_id, session_id, kind, delta_mg, recorded_at FROM stash_entries", "stash_entries");
  await copy(source, DB, "SELECT id, person_id AS user_id, occurred_at, recorded_at, method, items, rating, effects, notes FROM sessions", "sessions");
  const hashes = {};
  for (const kind of ["pbkdf2", "scrypt"]) {
    hashes[kind] = await (await fetch(`${server.urls.peer}/hash?kind=${kind}`, { method: "POST", body: PASSWORD })).text();
  }
  const users = our.people.map(({ person, email }) => ({ id: person, email, display_name: "Bench", password_hash: hashes.pbkdf2, created_at: Date.now() }));
  await insert(DB, "users", users);
  const scrypt = users.map(() => `bench-${randomUUID()}@example.com`);
  await insert(DB, "users", scrypt.map((email) => ({ id: randomUUID(), email, display_name: "Bench", password_hash: hashes.scrypt, created_at: Date.now() })));
  const people = [];
  for (const { email } of our.people) people.push(await login(server.urls.peer, email));
  const url = server.urls.peer;
  return { server, url, people, lots: our.lots, plain: server.urls.plain, bare: server.urls.bare, scrypt };
}

async function peerCode(instrumented) {
  const main = join(PEER, "worker.ts");
  if (!instrumented) return (await bundleAll([{ name: "peer", main, define: {} }]))[0];
  const path = join(scratch, "peer-entry.mjs");
  writeFileSync(
    path,
    `import app from ${JSON.stringify(main)};
import { instrumentObject, Probe } from ${JSON.stringify(join(ROOT, "scripts/bench.d/instrument.mjs"))};
export default instrumentObject(app);
export { Probe };
`,
  );
  return (await bundleAll([{ name: "peer", main: path, define: {} }]))[0];
}

async function signingKey() {
  const pair = await crypto.subtle.generateKey({ name: "Ed25519" }, true, ["sign", "verify"]);
  const jwk = async (key) => JSON.stringify({ ...(await crypto.subtle.exportKey("jwk", key)), alg: "EdDSA" });
  return { PUBLIC_KEY: await jwk(pair.publicKey), PRIVATE_KEY: await jwk(pair.privateKey) };
}

async function migrate(db) {
  const text = readFileSync(join(PEER, "migration.sql"), "utf8").replace(/^--.*$/gm, "");
  // A trigger's body ends with `END;`, every other statement with `;` at the end of a line.
  for (const statement of text.match(/CREATE TRIGGER[\s\S]*?END;|CREATE[\s\S]*?;/g) ?? []) await db.prepare(statement).run();
}

async function copy(from, to, select, table) {
  const { results } = await from.prepare(select).all();
  await insert(to, table, results);
}

async function insert(db, table, rows) {
  if (rows.length === 0) return;
  const columns = Object.keys(rows[0]);
  const values = columns.map((column) => `value ->> '${column}'`).join(", ");
  const statement = db.prepare(`INSERT INTO ${table} (${columns.join(", ")}) SELECT ${values} FROM json_each(?)`);
  for (let at = 0; at < rows.length; at += 1000) await statement.bind(JSON.stringify(rows.slice(at, at + 1000))).run();
}

/** Both give the same facts, or the comparison is of nothing. @param {Side} our @param {Side} their */
export async function mustAgree(our, their) {
  const ask = async ({ url, people }, path) =>
    (await call(url, "GET", path, { headers: { authorization: `Bearer ${people[0].token}` } })).data;
  for (const path of ["/api/v1/sessions?limit=20", "/api/v1/dashboard"]) {
    const [a, b] = await Promise.all([ask(our, path), ask(their, path)]);
    const text = (data) => JSON.stringify(data, (name, value) => (name === "entry_seq" ? undefined : value));
    const [ours, theirs] = [text(a), text(b)];
    if (ours === theirs) continue;
    const at = [...ours].findIndex((letter, place) => letter !== theirs[place]);
    const near = (data) => data.slice(Math.max(at - 60, 0), at + 60);
    throw new Error(`${path}: ours and the peer's answers differ from ${at} on:\n  ${near(ours)}\n  ${near(theirs)}`);
  }
}
