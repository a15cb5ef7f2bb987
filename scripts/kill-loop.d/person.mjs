/**
 * What somebody knows of their own: everything that was acknowledged to them, and nothing else. `expected` is what the
 * databases must hold of them.
 */
import { randomUUID } from "node:crypto";

export const PASSWORD = "tangerine otter lamp 47";

const NOTHING = {
  lots: 0, entries: 0, sessions: 0, versions: 0,
  devices: 0, revoked: 0, generations: 0, epoch: 0, version: 0, suspended: 0,
};

export class Person {
  constructor(number) {
    this.number = number;
    this.email = `kill-${randomUUID()}@example.com`;
    // A network of their own: tries are counted by network.
    this.address = `fd00:${randomUUID().slice(0, 4)}:${randomUUID().slice(0, 4)}:${(number & 0xffff).toString(16)}::1`;
    this.id = null;
    this.suspended = false;
    /** Devices that are signed in: { access, refresh, refreshed_at, spent: refresh tokens that were used }. */
    this.devices = [];
    /** Balances in mg by lot. */
    this.lots = new Map();
    /** Sessions that are there: id to { lot, mg }. */
    this.sessions = new Map();
    this.deleted = new Set();
    this.expected = { ...NOTHING };
  }
}

const TRACKER = `SELECT
  (SELECT count(*) FROM lots WHERE person_id = ?1) AS lots,
  (SELECT count(*) FROM stash_entries WHERE person_id = ?1) AS entries,
  (SELECT count(*) FROM sessions WHERE person_id = ?1 AND deleted_at IS NULL) AS sessions,
  (SELECT coalesce(sum(version), 0) FROM sessions WHERE person_id = ?1 AND deleted_at IS NULL) AS versions`;

const OBSERVER = `SELECT people.id, epoch, version, status = 'suspended' AS suspended,
  (SELECT count(*) FROM devices WHERE person_id = people.id) AS devices,
  (SELECT count(*) FROM devices WHERE person_id = people.id AND revoked_at IS NOT NULL) AS revoked,
  (SELECT coalesce(sum(generation), 0) FROM devices WHERE person_id = people.id) AS generations
  FROM people WHERE people.id = ?1`;

/** Whose an address is: what no database tells, as addresses are encrypted. @returns {Promise<string | undefined>} */
async function idOf(fleet, email) {
  const response = await fetch(`${fleet.url("admin")}/api/v1/users?q=${encodeURIComponent(email)}`, {
    headers: { authorization: `Bearer ${fleet.adminKey}`, "cf-connecting-ip": "127.0.0.1" },
  });
  if (response.status !== 200) throw new Error(`people are not found: ${response.status}`);
  const { data } = await response.json();
  return data[0]?.id;
}

/** What the databases hold of somebody. @returns {Promise<Person["expected"]>} */
export async function held(fleet, person) {
  const id = person.id ?? (await idOf(fleet, person.email));
  const [account] = id ? await fleet.rows("observer", OBSERVER, id) : [];
  if (!account) return { ...NOTHING };
  const [stash] = await fleet.rows("tracker", TRACKER, account.id);
  const { id: _, ...counts } = account;
  return { ...stash, ...counts };
}

/** @returns {boolean} */
export const same = (a, b) => Object.keys(NOTHING).every((name) => a[name] === b[name]);

/** Lots whose balance is not what was acknowledged. */
export async function wrongBalances(fleet, person) {
  const rows = await fleet.rows("tracker", "SELECT id, balance_mg FROM lots WHERE person_id = ?1", person.id);
  const wrong = rows.filter(({ id, balance_mg }) => person.lots.get(id) !== balance_mg);
  return rows.length === person.lots.size ? wrong : [...wrong, { lots: rows.length, known: person.lots.size }];
}

/** Sessions that are there and should not be, or the other way round. */
export async function wrongSessions(fleet, person) {
  const sql = "SELECT id, items, deleted_at FROM sessions WHERE person_id = ?1";
  const rows = await fleet.rows("tracker", sql, person.id);
  const wrong = rows.filter(({ id, items, deleted_at }) => {
    if (deleted_at !== null) return !person.deleted.has(id);
    const [item] = JSON.parse(items);
    const known = person.sessions.get(id);
    return known?.lot !== item.lot_id || known.mg !== item.quantity_mg;
  });
  const count = person.sessions.size + person.deleted.size;
  return rows.length === count ? wrong : [...wrong, { sessions: rows.length, known: count }];
}
