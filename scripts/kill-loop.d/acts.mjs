/**
 * What people do. An act says what it sends, by how much it changes what the databases hold of its person, and what its
 * person knows once it was acknowledged.
 */
import { randomUUID } from "node:crypto";
import { PASSWORD } from "./person.mjs";

/**
 * @typedef {object} Act
 * @property {string} name
 * @property {import("./person.mjs").Person} person
 * @property {{ worker?: string, method: string, path: string, body?: object, token?: string, key?: string }} call
 * @property {Record<string, number>} change
 * @property {(data: any, status: number) => void} learn
 * @property {(status: number, sinceMs: number) => boolean} [alsoDone] an answer to a repetition that means: it was done
 */

/** How long the token before the current one still gets the current one (observer, refresh/rules.rs). */
export const GRACE_MS = 10_000;

const key = () => randomUUID();
const bearer = (person, method, path, body) => ({
  method, path, body, key: method === "GET" ? undefined : key(), token: person.devices[0].access,
});

function signedIn(person, data) {
  person.id = data.user.id;
  person.devices.unshift({ access: data.access_token, refresh: data.refresh_token, at: Date.now(), spent: [] });
}

/** Every token of these devices is dead from now on. */
function end(person, devices, graves) {
  person.devices = person.devices.filter((device) => !devices.includes(device));
  for (const { access, refresh, at } of devices) graves.push({ person, access, refresh, at });
}

const ACTS = {
  register: (person) => ({
    call: {
      method: "POST", path: "/api/v1/auth/register", key: key(),
      body: { email: person.email, password: PASSWORD, display_name: "Kill", birth_date: "1990-01-01", delivery: "token" },
    },
    change: { devices: 1, version: 1 },
    learn: (data) => signedIn(person, data),
  }),
  login: (person) => ({
    call: {
      method: "POST", path: "/api/v1/auth/login", key: key(),
      body: { email: person.email, password: PASSWORD, delivery: "token" },
    },
    change: { devices: 1 },
    learn: (data) => signedIn(person, data),
  }),
  refresh(person, graves) {
    const device = person.devices[0];
    const { refresh } = device;
    return {
      call: { method: "POST", path: "/api/v1/auth/refresh", body: { refresh_token: refresh } },
      change: { generations: 1 },
      learn(data, status) {
        if (status === 401) return end(person, [device], graves);
        device.spent.push({ refresh, at: Date.now() });
        Object.assign(device, { access: data.access_token, refresh: data.refresh_token, at: Date.now() });
      },
      // Too late to be a lost answer: the device was ended, as that of a token that was copied.
      alsoDone: (status, sinceMs) => status === 401 && sinceMs > GRACE_MS - 1000,
      changeInstead: { generations: 1, revoked: 1 },
    };
  },
  logout(person, graves) {
    const [device] = person.devices;
    return {
      call: { ...bearer(person, "POST", "/api/v1/auth/logout"), key: undefined },
      change: { revoked: 1 },
      learn: () => end(person, [device], graves),
      alsoDone: (status) => status === 401,
    };
  },
  sign_out_others(person, graves) {
    const others = person.devices.slice(1);
    return {
      call: bearer(person, "DELETE", "/api/v1/auth/devices"),
      change: { revoked: others.length },
      learn: () => end(person, others, graves),
    };
  },
  suspend(person, graves) {
    const all = [...person.devices];
    const path = `/api/v1/users/${person.id}/suspend`;
    return {
      call: { worker: "admin", method: "POST", path, key: key(), body: { reason: "the kill loop" } },
      change: { epoch: 1, revoked: all.length, suspended: 1 },
      learn: () => ((person.suspended = true), end(person, all, graves)),
    };
  },
  reinstate: (person) => ({
    call: { worker: "admin", method: "POST", path: `/api/v1/users/${person.id}/reinstate`, key: key() },
    change: { suspended: -1 },
    learn: () => (person.suspended = false),
  }),
  edit_me: (person, _, random) => ({
    call: bearer(person, "PATCH", "/api/v1/me", { display_name: `Kill ${Math.floor(random() * 1e6)}` }),
    change: { version: 1 },
    learn: () => {},
  }),
  buy(person, _, random) {
    const mg = 1000 + Math.floor(random() * 9000);
    return {
      call: bearer(person, "POST", "/api/v1/stash", { name: "Jar", form: "flower", quantity_mg: mg }),
      change: { lots: 1, entries: 1 },
      learn: ({ id }) => person.lots.set(id, mg),
    };
  },
  gift(person, _, random) {
    const [lot, mg] = some(person.lots, random);
    const given = 1 + Math.floor(random() * Math.min(mg, 20));
    return {
      call: bearer(person, "POST", `/api/v1/stash/${lot}/entries`, { kind: "gift", quantity_mg: given }),
      change: { entries: 1 },
      learn: () => person.lots.set(lot, mg - given),
    };
  },
  log_session(person, _, random) {
    const [lot, balance] = some(person.lots, random);
    const mg = 1 + Math.floor(random() * Math.min(balance, 50));
    return {
      call: bearer(person, "POST", "/api/v1/sessions", { method: "vape", items: [{ lot_id: lot, quantity_mg: mg }] }),
      change: { sessions: 1, entries: 1, versions: 1 },
      learn({ id }) {
        person.sessions.set(id, { lot, mg, version: 1 });
        person.lots.set(lot, balance - mg);
      },
    };
  },
  edit_session(person, _, random) {
    const [id, session] = some(person.sessions, random);
    return {
      call: bearer(person, "PATCH", `/api/v1/sessions/${id}`, { notes: `n${Math.floor(random() * 1e6)}` }),
      change: { versions: 1 },
      learn: () => (session.version += 1),
    };
  },
  delete_session(person, _, random) {
    const [id, { lot, mg, version }] = some(person.sessions, random);
    return {
      call: bearer(person, "DELETE", `/api/v1/sessions/${id}`),
      change: { sessions: -1, entries: 1, versions: -version },
      learn() {
        person.sessions.delete(id);
        person.deleted.add(id);
        person.lots.set(lot, person.lots.get(lot) + mg);
      },
    };
  },
};

function some(map, random) {
  const entries = [...map];
  return entries[Math.floor(random() * entries.length)];
}

/** How likely each act is, where it is possible. */
const WEIGHTS = [
  ["log_session", 30, (person) => [...person.lots.values()].some((mg) => mg > 100)],
  ["buy", 10, (person) => person.lots.size < 6],
  ["gift", 8, (person) => person.lots.size > 0],
  ["delete_session", 10, (person) => person.sessions.size > 2],
  ["edit_session", 10, (person) => person.sessions.size > 0],
  ["refresh", 14, () => true],
  ["login", 3, (person) => person.devices.length < 3],
  ["logout", 3, (person) => person.devices.length > 1],
  ["sign_out_others", 2, (person) => person.devices.length > 1],
  ["edit_me", 4, () => true],
  ["suspend", 1, () => true],
];

/** @returns {Act} what somebody does next */
export function next(person, graves, random) {
  const name = choose(person, random);
  return { name, person, ...ACTS[name](person, graves, random) };
}

function choose(person, random) {
  if (!person.id) return "register";
  if (person.suspended) return "reinstate";
  if (person.devices.length === 0) return "login";
  const possible = WEIGHTS.filter(([, , can]) => can(person));
  let at = random() * possible.reduce((sum, [, weight]) => sum + weight, 0);
  return possible.find(([, weight]) => (at -= weight) < 0)?.[0] ?? "refresh";
}
