// Sends what was kept, in order, until nothing is left that can be sent. It may end between any two steps and begin again
// elsewhere: what is kept says how far it came, and the servers count each change once, by its key and its session's id.

import * as outbox from "./outbox.ts";
import type { Entry, Session, State, Store } from "./types.ts";

export interface Request {
  method: "GET" | "POST" | "PATCH" | "DELETE";
  path: string;
  key?: string;
  version?: number;
  body?: unknown;
}

export interface Answer {
  status: number;
  data?: any;
  error?: { code: string; message: string; details?: any };
  retry_after_s?: number;
}

/** Asks the servers as one person; throws when nothing was answered. */
export type Ask = (owner: string, request: Request) => Promise<Answer>;

export type Ended =
  /** Nothing is left but what its person is asked about. */
  | { how: "done" }
  /** The servers are not there, or busy: again after so long. */
  | { how: "later"; after_ms: number }
  /** Nobody is signed in, or somebody else is. */
  | { how: "signed-out" };

export interface World {
  store: Store;
  ask: Ask;
  now(): number;
  key(): string;
}

const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 5 * 60_000;
/** A session that is changed elsewhere as fast as it is merged here waits for the next time. */
const MOST_TRIES = 8;

/** What an entry sends. The same each time, until an answer says that it did not arrive. */
export function request(entry: Entry): Request {
  const path = `/api/v1/sessions/${entry.id}`;
  const items = (said: { items?: Session["items"] }) =>
    said.items ? { items: said.items.map(({ lot_id, quantity_mg }) => ({ lot_id, quantity_mg })) } : {};
  switch (entry.kind) {
    case "log":
      return { method: "POST", path: "/api/v1/sessions", key: entry.key, body: { id: entry.id, ...entry.said, ...items(entry.said) } };
    case "edit":
      return { method: "PATCH", path, key: entry.key, version: entry.seen.version!, body: { ...entry.fields, ...items(entry.fields) } };
    case "delete":
      return { method: "DELETE", path, key: entry.key, version: entry.seen.version! };
  }
}

const isBusy = ({ status }: Answer) => status >= 500 || status === 429 || status === 408 || status === 425;
const isStranger = ({ status }: Answer) => status === 401 || status === 403;

/** Whether it can only be settled by looking at what is there now. */
function needsLook(entry: Entry, answer: Answer | null): boolean {
  if (entry.kind === "log") return false;
  return answer === null || answer.status === 412 || answer.status === 404;
}

/** What became of it. */
function settled(state: State, making: outbox.Making, seq: number, answer: Answer | null, theirs: Session | null): State {
  const entry = state.entries.find((known) => known.seq === seq);
  if (!entry) return state;
  if (entry.kind !== "log" && needsLook(entry, answer) && !isMissingLot(answer, theirs)) return outbox.overtaken(state, making, entry, theirs);
  const { status, data, error } = answer!;
  if (status === 204) return outbox.arrived(state, entry, null);
  if (status < 300) return entry.kind === "log" ? outbox.logged(state, making, entry, data) : outbox.arrived(state, entry, data);
  if (error?.code === "insufficient_stock" && error.details) {
    const { lot_id, available_mg } = error.details;
    // An edit gives back first what its session took.
    const back = entry.kind === "log" ? [] : entry.seen.items.filter((item) => item.lot_id === lot_id);
    const available = back.reduce((sum, item) => sum + (item.quantity_mg ?? 0), available_mg);
    return outbox.asked(state, entry, { why: "overdraft", lot_id, available_mg: available });
  }
  if (entry.kind === "log" && error?.code === "conflict") return outbox.asked(state, entry, { why: "gone" });
  return outbox.asked(state, entry, { why: "refused", message: error?.message ?? String(status) });
}

/** An edit that names a lot which is not there is 404 as well, while its session is there. */
const isMissingLot = (answer: Answer | null, theirs: Session | null) => answer?.status === 404 && theirs !== null;

async function look(world: World, owner: string, id: string): Promise<Answer> {
  return world.ask(owner, { method: "GET", path: `/api/v1/sessions/${id}` });
}

/** Sends an entry, and looks at what is there where the answer asks for it. */
async function send(world: World, owner: string, entry: Entry): Promise<{ answer: Answer | null; seen: Answer | null }> {
  const blind = entry.kind !== "log" && entry.seen.version === null;
  const answer = blind ? null : await world.ask(owner, request(entry));
  return { answer, seen: needsLook(entry, answer) ? await look(world, owner, entry.id) : null };
}

function later(entry: Entry, answer: Answer | null): Ended {
  const grown = Math.min(FIRST_WAIT_MS * 2 ** entry.tried, LONGEST_WAIT_MS);
  return { how: "later", after_ms: Math.max((answer?.retry_after_s ?? 0) * 1_000, grown) };
}

/** Sends what there is of a person's. One at a time may run, whoever calls: see `alone` in `browser.ts`. */
export async function sync(world: World, owner: string): Promise<Ended> {
  const tries = new Map<number, number>();
  for (;;) {
    const state = await world.store.read(owner);
    const first = outbox.next(state);
    if (!first) return { how: "done" };
    const wait = state.not_before - world.now();
    if (wait > 0) return { how: "later", after_ms: wait };
    const count = (tries.get(first.seq) ?? 0) + 1;
    tries.set(first.seq, count);
    if (count > MOST_TRIES) return later(first, null);
    // What is sent is what is kept at this moment: it may have been edited since it was read.
    const begun = await world.store.change(owner, (now) => outbox.begin(now, first.seq));
    const entry = begun.entries.find((known) => known.seq === first.seq);
    if (!entry) continue;
    const ended = await step(world, owner, entry);
    if (ended) return ended;
  }
}

async function step(world: World, owner: string, entry: Entry): Promise<Ended | null> {
  let got;
  try {
    got = await send(world, owner, entry);
  } catch {
    return later(entry, null);
  }
  const last = got.seen ?? got.answer!;
  for (const answer of [got.answer, got.seen]) {
    if (answer && isBusy(answer)) return busy(world, owner, entry, answer);
    if (answer && isStranger(answer)) return { how: "signed-out" };
  }
  if (got.seen && last.status !== 200 && last.status !== 404) return later(entry, null);
  const theirs = got.seen?.status === 200 ? (got.seen.data as Session) : null;
  const making = { now: new Date(world.now()).toISOString(), key: world.key };
  await world.store.change(owner, (now) => settled(now, making, entry.seq, got.answer, theirs));
  return null;
}

/** Whoever comes next, in whichever tab, waits as long as the servers asked. */
async function busy(world: World, owner: string, entry: Entry, answer: Answer): Promise<Ended> {
  const ended = later(entry, answer);
  if (answer.retry_after_s && ended.how === "later") {
    const until = world.now() + answer.retry_after_s * 1_000;
    await world.store.change(owner, (now) => ({ ...now, not_before: until }));
  }
  return ended;
}
