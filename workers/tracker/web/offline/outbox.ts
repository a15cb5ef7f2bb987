// The outbox: what a person changed here and the servers have not answered yet. Pure: each function takes a state and
// gives another. What is kept is never dropped but by its person, or because the servers have it.

import { changes, merge, said } from "./merge.ts";
import type { Ask, Delete, Edit, Entry, Lot, Said, Seen, Session, State } from "./types.ts";

/** What new entries need from outside. */
export interface Making {
  now: string;
  key: () => string;
}

/** An entry that was never sent, and may be: it can still be changed as if it had never been. */
const isFresh = (entry: Entry) => entry.tried === 0 && entry.ask === null;
const of = (state: State, id: string) => state.entries.filter((entry) => entry.id === id);
const without = (state: State, gone: Entry[]) => ({ ...state, entries: state.entries.filter((entry) => !gone.includes(entry)) });
const put = (state: State, entry: Entry) => ({ ...state, entries: state.entries.map((known) => (known.seq === entry.seq ? entry : known)) });

function add(state: State, making: Making, entry: Partial<Entry>): State {
  const made = { seq: state.next, key: making.key(), made_at: making.now, tried: 0, ask: null, ...entry } as Entry;
  return { ...state, next: state.next + 1, entries: [...state.entries, made] };
}

/** Keeps a new session. `maybe` it was sent already, as a form of a page whose answer was lost: its id tells. */
export function log(state: State, making: Making, id: string, session: Said, maybe = false): State {
  if (of(state, id).some((entry) => entry.kind === "log")) return state;
  return add(state, making, { kind: "log", id, said: session, tried: maybe ? 1 : 0 });
}

/** Keeps an edit, as part of what has not been sent yet where there is such. */
export function edit(state: State, making: Making, id: string, seen: Seen, wanted: Partial<Said>, maybe = false): State {
  const last = of(state, id).at(-1);
  if (last?.kind === "delete") return state;
  if (last && last.kind === "log" && (isFresh(last) || isRefused(last)) && !maybe) {
    return put(state, { ...last, said: { ...last.said, ...wanted }, ask: null, tried: 0, key: making.key() });
  }
  const fields = changes(seen, wanted);
  if (last && last.kind === "edit" && isFresh(last) && !maybe) {
    const all = changes(last.seen, { ...last.fields, ...fields });
    return Object.keys(all).length === 0 ? without(state, [last]) : put(state, { ...last, fields: all });
  }
  if (Object.keys(fields).length === 0) return state;
  // What was seen holds what is still on its way: its version is known when that has arrived.
  return add(state, making, { kind: "edit", id, fields, seen: last ? { ...seen, version: null } : seen, tried: maybe ? 1 : 0 });
}

/** The servers have seen it and said no: nothing of it is there. */
const isRefused = (entry: Entry) => entry.ask?.why === "refused" || entry.ask?.why === "overdraft";

/** Keeps that a session is deleted; one that was never sent is gone at once. */
export function remove(state: State, making: Making, id: string, seen: Seen, maybe = false): State {
  const known = of(state, id);
  if (known.some((entry) => entry.kind === "delete")) return state;
  const first = known[0];
  if (first?.kind === "log" && (isFresh(first) || isRefused(first))) return without(state, known);
  const rest = without(state, known.filter(isFresh));
  // An edit that was never sent is as if it had never been; behind one on its way the version is known later.
  const before = first?.kind === "edit" && isFresh(first) ? first.seen : seen;
  const isFirst = of(rest, id).length === 0;
  return add(rest, making, { kind: "delete", id, seen: isFirst ? before : { ...seen, version: null }, tried: maybe ? 1 : 0 });
}

/** Takes back a deletion that was not sent. */
export function restore(state: State, id: string): State {
  return without(state, of(state, id).filter((entry) => entry.kind === "delete" && isFresh(entry)));
}

/** The next to be sent: in order, but what waits for its person holds up its own session alone. */
export function next(state: State): Entry | undefined {
  const held = new Set<string>();
  return state.entries.find((entry) => {
    if (entry.ask === null && !held.has(entry.id)) return true;
    held.add(entry.id);
    return false;
  });
}

/** Sending begins. */
export function begin(state: State, seq: number): State {
  return { ...state, entries: state.entries.map((entry) => (entry.seq === seq ? { ...entry, tried: entry.tried + 1 } : entry)) };
}

/** A session that the servers answered with. */
export function mirrored(state: State, id: string, session: Session | null): State {
  if (!state.mirror) return state;
  const others = state.mirror.sessions.filter((known) => known.id !== id);
  const sessions = session ? [...others, session].sort((a, b) => Date.parse(b.occurred_at) - Date.parse(a.occurred_at)) : others;
  return { ...state, mirror: { ...state.mirror, sessions } };
}

/** Apart by less than this, the time that a form's page gave and the one that was noted here are the same "now". */
const NOW_MS = 15 * 60_000;

/** A new session is there. Where the servers had it before in other words, its person's last word becomes an edit. */
export function logged(state: State, making: Making, entry: Log, session: Session): State {
  const wanted: Partial<Said> = { ...entry.said };
  if (Math.abs(Date.parse(session.occurred_at) - Date.parse(entry.said.occurred_at)) < NOW_MS) delete wanted.occurred_at;
  const fields = changes(session, wanted);
  if (session.version > 1 || Object.keys(fields).length === 0) return arrived(state, entry, session);
  const seen: Seen = { ...said(session), version: session.version };
  return mirrored(put(state, { ...entry, kind: "edit", fields, seen, key: making.key(), tried: 0 } as Edit), entry.id, session);
}

/** It is there: its answer is kept and it is gone from here, in one. */
export function arrived(state: State, entry: Entry, session: Session | null): State {
  return mirrored(without(state, state.entries.filter((known) => known.seq === entry.seq)), entry.id, session);
}

/** Puts an edit on top of what is there now: merged, done with, or to be asked about. */
function onto(state: State, making: Making, entry: Edit, theirs: Session): State {
  const { rest, conflict, elsewhere } = merge(entry.seen, entry.fields, theirs);
  if (conflict.length > 0) {
    return mirrored(put(state, { ...entry, ask: { why: "conflict", fields: conflict, theirs } }), entry.id, theirs);
  }
  const here = Object.keys(entry.fields) as (keyof Said)[];
  const others = elsewhere.filter((field) => !here.includes(field) || field in rest);
  const both = { id: entry.id, at: making.now, here, elsewhere: others };
  const told = others.length > 0 ? { ...state, merged: [...state.merged, both].slice(-20) } : state;
  if (Object.keys(rest).length === 0) return arrived(told, entry, theirs);
  const seen: Seen = { ...said(theirs), version: theirs.version };
  return mirrored(put(told, { ...entry, fields: rest, seen, key: making.key(), tried: 0 }), entry.id, theirs);
}

/** It waits for its person. */
export const asked = (state: State, entry: Entry, ask: Ask): State => put(state, { ...entry, ask });

/** It was changed elsewhere; `theirs` is what is there now, nothing when it was deleted. */
export function overtaken(state: State, making: Making, entry: Edit | Delete, theirs: Session | null): State {
  if (entry.kind === "delete") {
    if (!theirs) return arrived(state, entry, null);
    const { elsewhere } = merge(entry.seen, {}, theirs);
    if (elsewhere.length > 0) return mirrored(asked(state, entry, { why: "conflict", fields: elsewhere, theirs }), entry.id, theirs);
    return put(state, { ...entry, seen: { ...entry.seen, version: theirs.version }, key: making.key(), tried: 0 });
  }
  return theirs ? onto(state, making, entry, theirs) : mirrored(asked(state, entry, { why: "gone" }), entry.id, null);
}

/** What a person answers when they are asked. */
export type Choice =
  | { how: "left" | "unknown" | "mine" | "theirs" | "new" | "again" | "drop" }
  | { how: "lot"; lot: Lot };

/** Does as its person says. */
export function choose(state: State, making: Making, seq: number, choice: Choice): State {
  const entry = state.entries.find((known) => known.seq === seq);
  const ask = entry?.ask;
  if (!entry || !ask) return state;
  const again = { ask: null, tried: 0, key: making.key() };
  switch (choice.how) {
    case "left":
    case "unknown":
    case "lot":
      return ask.why === "overdraft" && entry.kind !== "delete" ? put(state, { ...instead(entry, ask, choice), ...again }) : state;
    case "mine": {
      if (ask.why !== "conflict" || entry.kind === "log") return state;
      const seen: Seen = { ...said(ask.theirs), version: ask.theirs.version };
      if (entry.kind === "delete") return put(state, { ...entry, ...again, seen });
      const fields = changes(seen, { ...entry.fields, ...kept(entry, ask) });
      return put(state, { ...entry, ...again, seen, fields });
    }
    case "theirs": {
      if (ask.why !== "conflict" || entry.kind === "log") return state;
      if (entry.kind === "delete") return arrived(state, entry, ask.theirs);
      const { rest } = merge(entry.seen, entry.fields, ask.theirs);
      const seen: Seen = { ...said(ask.theirs), version: ask.theirs.version };
      if (Object.keys(rest).length === 0) return arrived(state, entry, ask.theirs);
      return put(state, { ...entry, ...again, seen, fields: rest });
    }
    case "new":
      return ask.why === "gone" ? anew(state, making, entry) : state;
    case "again":
      return put(state, { ...entry, ...again });
    case "drop":
      // What was changed of a session that never was goes with it; other changes stand for themselves.
      return without(state, entry.kind === "log" || ask.why === "gone" ? of(state, entry.id) : [entry]);
  }
}

/** Of words that were felt both sides stay, whoever wins the rest. */
function kept(entry: Edit, ask: Ask & { why: "conflict" }): Partial<Said> {
  const { rest } = merge(entry.seen, entry.fields, ask.theirs);
  return rest.effects ? { effects: rest.effects } : {};
}

function instead(entry: Exclude<Entry, Delete>, ask: Ask & { why: "overdraft" }, choice: Choice): Entry {
  const items = (entry.kind === "log" ? entry.said.items : entry.fields.items ?? []).map((item) => {
    if (item.lot_id !== ask.lot_id) return item;
    if (choice.how === "left") return { ...item, quantity_mg: ask.available_mg };
    return choice.how === "lot" ? { ...item, lot_id: choice.lot.id, name: choice.lot.name } : { ...item, quantity_mg: null };
  });
  return entry.kind === "log" ? { ...entry, said: { ...entry.said, items } } : { ...entry, fields: { ...entry.fields, items } };
}

/** A session that was deleted elsewhere becomes a new one, with all that was changed of it here. */
function anew(state: State, making: Making, entry: Entry): State {
  const all = of(state, entry.id);
  let session = entry.kind === "log" ? entry.said : said(entry.seen);
  for (const known of all) if (known.kind === "edit") session = { ...session, ...known.fields };
  // What was brought from elsewhere is in no lot, and cannot be logged as if it were.
  session = { ...said(session), items: session.items.filter((item) => item.lot_id !== null) };
  return log(without(state, all), making, making.key(), session);
}

/** A session as it is shown: with what is kept here on top. */
export interface Shown extends Session {
  waits: Entry["kind"] | null;
  asks: boolean;
}

/** What its person sees: the servers' sessions with every change of theirs applied, the latest first. */
export function shown(state: State): { sessions: Shown[]; lots: Lot[] } {
  const sessions = new Map<string, Shown>();
  for (const known of state.mirror?.sessions ?? []) sessions.set(known.id, { ...known, waits: null, asks: false });
  const lots = new Map((state.mirror?.lots ?? []).map((lot) => [lot.id, { ...lot }]));
  const move = (said: Said | undefined, sign: 1 | -1) => {
    for (const item of said?.items ?? []) {
      const lot = lots.get(item.lot_id ?? "");
      if (lot) lot.balance_mg += sign * (item.quantity_mg ?? 0);
    }
  };
  for (const entry of state.entries) {
    const before = sessions.get(entry.id);
    if (entry.kind === "delete") {
      if (entry.ask === null) sessions.delete(entry.id);
      else if (before) sessions.set(entry.id, { ...before, waits: "delete", asks: true });
      if (entry.ask === null) move(before, 1);
      continue;
    }
    const base = entry.kind === "log" ? { id: entry.id, version: 0, ...entry.said } : before ?? { id: entry.id, ...entry.seen, version: 0 };
    const after = { ...base, ...(entry.kind === "edit" ? entry.fields : {}) };
    const waits = before?.waits === "log" ? "log" : entry.kind;
    sessions.set(entry.id, { ...after, waits, asks: entry.ask !== null || (before?.asks ?? false) });
    // What the servers have already is in their balance.
    if (before) move(before, 1);
    move(after, -1);
  }
  const latest = [...sessions.values()].sort((a, b) => Date.parse(b.occurred_at) - Date.parse(a.occurred_at));
  return { sessions: latest, lots: [...lots.values()].map((lot) => ({ ...lot, balance_mg: Math.max(lot.balance_mg, 0) })) };
}

/** The session as its person sees it now, for who changes it. */
export function seenOf(state: State, id: string): Seen | null {
  const found = shown(state).sessions.find((session) => session.id === id);
  return found ? { ...said(found), version: found.version === 0 ? null : found.version } : null;
}
