// The outbox's world in a browser: IndexedDB, the API with this person's cookies, and one tab at a time.

import type { Answer, Ask, Ended, Request } from "./sync.ts";
import { sync } from "./sync.ts";
import { EMPTY, type Mirror, type State, type Store } from "./types.ts";

const PATIENCE_MS = 15_000;

function promised<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((done, failed) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
}

let opened: Promise<IDBDatabase> | null = null;
function database(): Promise<IDBDatabase> {
  opened ??= (async () => {
    const asked = indexedDB.open("sesh", 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("states");
      asked.result.createObjectStore("meta");
    };
    const found = await promised(asked);
    // A newer version of the app may want to change the form of what is kept.
    found.onversionchange = found.onclose = () => {
      found.close();
      opened = null;
    };
    return found;
  })();
  opened.catch(() => (opened = null));
  return opened;
}

async function within<T>(name: string, mode: IDBTransactionMode, act: (store: IDBObjectStore) => Promise<T>): Promise<T> {
  const transaction = (await database()).transaction(name, mode, { durability: "strict" });
  const ended = new Promise<void>((done, failed) => {
    transaction.oncomplete = () => done();
    transaction.onabort = transaction.onerror = () => failed(transaction.error);
  });
  ended.catch(() => {});
  const result = await act(transaction.objectStore(name));
  await ended;
  return result;
}

export const meta = {
  get: (name: string): Promise<any> => within("meta", "readonly", (store) => promised(store.get(name))),
  set: (name: string, value: unknown) => within("meta", "readwrite", (store) => promised(store.put(value, name))),
};

const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel("sesh-offline") : null;

/** Calls when another tab, or the service worker, changed what is kept. */
export function hear(act: () => void): void {
  channel?.addEventListener("message", act);
}

export const kept: Store & { forget(owner: string, all: boolean): Promise<void>; forgetOthers(owner: string): Promise<void> } = {
  read: (owner) => within("states", "readonly", async (store) => ((await promised(store.get(owner))) as State) ?? EMPTY),
  async change(owner, how) {
    const next = await within("states", "readwrite", async (store) => {
      const next = how(((await promised(store.get(owner))) as State) ?? EMPTY);
      await promised(store.put(next, owner));
      return next;
    });
    channel?.postMessage("changed");
    return next;
  },
  /** Forgets what the servers said; and what they have not heard yet only when its person says so. */
  forget: (owner, all) =>
    within("states", "readwrite", async (store) => {
      const state = (await promised(store.get(owner))) as State | undefined;
      if (all || !state?.entries.length) await promised(store.delete(owner));
      else await promised(store.put({ ...state, mirror: null, merged: [] }, owner));
    }),
  async forgetOthers(owner) {
    const known = await within("states", "readonly", (store) => promised(store.getAllKeys()));
    for (const other of known) if (other !== owner) await kept.forget(String(other), false);
  },
};

async function once(owner: string, { method, path, key, version, body }: Request): Promise<Answer> {
  const headers: Record<string, string> = { "x-sesh-person": owner };
  if (key) headers["idempotency-key"] = key;
  if (version !== undefined) headers["if-match"] = `"v${version}"`;
  if (body !== undefined) headers["content-type"] = "application/json";
  const options = { method, headers, body: body === undefined ? undefined : JSON.stringify(body), signal: AbortSignal.timeout(PATIENCE_MS) };
  const got = await fetch(path, { ...options, cache: "no-store" });
  const text = await got.text();
  // Who stands in between may answer in the servers' place; what is no answer of ours is none.
  const said = text === "" ? {} : JSON.parse(text);
  return { status: got.status, data: said.data, error: said.error, retry_after_s: Number(got.headers.get("retry-after")) || undefined };
}

async function renewed(): Promise<Answer> {
  const headers = { "content-type": "application/json" };
  const got = await fetch("/api/v1/auth/refresh", { method: "POST", headers, body: "{}", signal: AbortSignal.timeout(PATIENCE_MS) });
  return { status: got.status };
}

/** Asks the API as one person; an access token that has expired is renewed once. */
export const ask: Ask = async (owner, request) => {
  const first = await once(owner, request);
  if (first.status !== 401) return first;
  const renewal = await renewed();
  if (renewal.status === 401 || renewal.status === 403) return first;
  return renewal.status < 300 ? once(owner, request) : renewal;
};

const world = { store: kept, ask, now: () => Date.now(), key: () => crypto.randomUUID() as string };

/** Looks at what the servers have, when it changed since. */
async function look(owner: string, mirror: Mirror | null): Promise<Mirror | null> {
  const get = (path: string) => ask(owner, { method: "GET", path });
  const live = await get("/api/v1/live");
  if (live.status !== 200) return null;
  const fresh = mirror && mirror.seq === live.data.seq && Date.now() - Date.parse(mirror.at) < 86_400_000;
  if (fresh) return null;
  const paths = ["/api/v1/sessions?limit=100", "/api/v1/stash?limit=100", "/api/v1/dashboard"];
  const [sessions, lots, dashboard] = await Promise.all(paths.map(get));
  if ([sessions, lots, dashboard].some((answer) => answer!.status !== 200)) return null;
  const at = new Date().toISOString();
  return { at, seq: live.data.seq, zone: dashboard!.data.time_zone, sessions: sessions!.data, lots: lots!.data };
}

const LOCK = "sesh-outbox";

/** Forgets a person, when nothing is being sent or looked at that would be kept afterwards. */
export function wipe(owner: string, all: boolean): Promise<void> {
  return navigator.locks.request(LOCK, () => forgotten(owner, all));
}

async function forgotten(owner: string, all: boolean): Promise<void> {
  await kept.forget(owner, all);
  if ((await meta.get("current")) === owner) await meta.set("current", null);
}

let failures = 0;

/** Whether anybody answers. What was never sent can still be changed in place, so nothing is begun without a connection. */
async function isReachable(owner: string): Promise<boolean> {
  const isThere = await ask(owner, { method: "GET", path: "/api/v1/live" }).then((got) => got.status < 500, () => false);
  failures = isThere ? 0 : failures + 1;
  return isThere;
}

/** Sends, then looks. One tab at a time, and the service worker among them. */
export function alone(owner: string, isLooking: boolean): Promise<Ended> {
  return navigator.locks.request(LOCK, async () => {
    const { entries } = await kept.read(owner);
    if (entries.some((entry) => entry.ask === null) && !(await isReachable(owner))) {
      return { how: "later", after_ms: Math.min(2_000 * 2 ** failures, 300_000) };
    }
    const ended = await sync(world, owner);
    if (ended.how === "signed-out") await forgotten(owner, false);
    if (ended.how === "done" && isLooking) {
      const state = await kept.read(owner);
      const mirror = await look(owner, state.mirror).catch(() => null);
      if (mirror) await kept.change(owner, (now) => ({ ...now, mirror }));
    }
    return ended;
  });
}
