/**
 * What must not be done: read, decide in the Worker, then write. The races of the end-to-end tests are run against these
 * as well, and have to find every one of them out.
 */
export default {
  async fetch(request, env) {
    const act = ACTS[new URL(request.url).pathname.slice(1)];
    if (!act) return Response.json({ error: "no such act" }, { status: 404 });
    const [status, body] = await act(env.DB, await request.json());
    return Response.json(body, { status });
  },
};

const newId = () => crypto.randomUUID();
const row = (db, sql, ...params) => db.prepare(sql).bind(...params).first();
const run = (db, sql, ...params) => db.prepare(sql).bind(...params).run();

const ACTS = {
  async "sign-in"(db) {
    const [token, device] = [newId(), newId()];
    await run(db, "INSERT INTO tokens (token, device) VALUES (?1, ?2)", token, device);
    return [200, { token }];
  },

  async refresh(db, { token }) {
    const found = await row(db, "SELECT device FROM tokens WHERE token = ?1", token);
    if (!found) return [401, {}];
    const next = newId();
    await run(db, "DELETE FROM tokens WHERE token = ?1", token);
    await run(db, "INSERT INTO tokens (token, device) VALUES (?1, ?2)", next, found.device);
    return [200, { token: next }];
  },

  async "sign-out"(db, { token }) {
    const found = await row(db, "SELECT device FROM tokens WHERE token = ?1", token);
    if (found) await run(db, "DELETE FROM tokens WHERE device = ?1", found.device);
    return [200, {}];
  },

  async "is-live"(db, { token }) {
    return [200, { live: (await row(db, "SELECT 1 AS one FROM tokens WHERE token = ?1", token)) !== null }];
  },

  async buy(db, { mg }) {
    const id = newId();
    await run(db, "INSERT INTO lots (id, balance_mg) VALUES (?1, ?2)", id, mg);
    return [200, { id }];
  },

  async take(db, { id, mg }) {
    const { balance_mg } = await row(db, "SELECT balance_mg FROM lots WHERE id = ?1", id);
    if (balance_mg < mg) return [409, {}];
    await run(db, "UPDATE lots SET balance_mg = ?2 WHERE id = ?1", id, balance_mg - mg);
    return [200, {}];
  },

  async balance(db, { id }) {
    return [200, await row(db, "SELECT balance_mg FROM lots WHERE id = ?1", id)];
  },

  async note(db) {
    const id = newId();
    await run(db, "INSERT INTO notes (id, version, text) VALUES (?1, 1, '')", id);
    return [200, { id }];
  },

  async edit(db, { id, version, text }) {
    const found = await row(db, "SELECT version FROM notes WHERE id = ?1", id);
    if (found.version !== version) return [412, {}];
    await run(db, "UPDATE notes SET version = ?2, text = ?3 WHERE id = ?1", id, version + 1, text);
    return [200, { version: version + 1 }];
  },

  async order(db, { key, owner }) {
    const known = await row(db, "SELECT body FROM answers WHERE key = ?1", key);
    if (known) return [200, JSON.parse(known.body)];
    const body = { id: newId() };
    await run(db, "INSERT INTO orders (id, owner) VALUES (?1, ?2)", body.id, owner);
    await run(db, "INSERT OR REPLACE INTO answers (key, body) VALUES (?1, ?2)", key, JSON.stringify(body));
    return [200, body];
  },

  async orders(db, { owner }) {
    return [200, await row(db, "SELECT count(*) AS n FROM orders WHERE owner = ?1", owner)];
  },
};
