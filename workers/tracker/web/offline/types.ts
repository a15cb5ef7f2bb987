// What a browser keeps of a person for going on without a connection.

export interface Item {
  lot_id: string | null;
  name: string;
  quantity_mg: number | null;
}

/** What a person says of a session; what they may change. */
export interface Said {
  occurred_at: string;
  method: string;
  items: Item[];
  rating: number | null;
  mood_before: number | null;
  mood_after: number | null;
  effects: string[];
  notes: string | null;
}

/** A session as the API answers it. */
export interface Session extends Said {
  id: string;
  version: number;
}

export interface Lot {
  id: string;
  name: string;
  balance_mg: number;
}

/** What the servers said last. */
export interface Mirror {
  /** When that was. */
  at: string;
  /** The number of the last change that is in it. */
  seq: number;
  zone: string;
  sessions: Session[];
  lots: Lot[];
}

/** Why a change waits for its person. */
export type Ask =
  | { why: "overdraft"; lot_id: string; available_mg: number }
  /** Changed here and elsewhere in the same fields; `theirs` is what is there now. */
  | { why: "conflict"; fields: (keyof Said)[]; theirs: Session }
  /** Deleted elsewhere. */
  | { why: "gone" }
  | { why: "refused"; message: string };

interface Change {
  /** Grows; the order in which they are sent. */
  seq: number;
  /** The session's id: made here for a new one, so that nothing is renamed once it is sent. */
  id: string;
  /** The idempotency key of what is sent. */
  key: string;
  made_at: string;
  /** How often sending began. From then on nobody here knows whether it arrived, so it is sent again as it was. */
  tried: number;
  ask: Ask | null;
}

export interface Log extends Change {
  kind: "log";
  said: Said;
}

export interface Edit extends Change {
  kind: "edit";
  fields: Partial<Said>;
  /** The session as its person saw it when they changed it. Without a version, an earlier change
   *  of it was still on its way, so what is there is looked at before this is sent. */
  seen: Seen;
}

export interface Delete extends Change {
  kind: "delete";
  seen: Seen;
}

export type Seen = Said & { version: number | null };
export type Entry = Log | Edit | Delete;

/** Two changes of a session that became one, to be shown until somebody has seen it. */
export interface Merged {
  id: string;
  at: string;
  here: (keyof Said)[];
  elsewhere: (keyof Said)[];
}

/** All that is kept of one person. One record, so that it changes as a whole or not at all. */
export interface State {
  form: 1;
  next: number;
  entries: Entry[];
  mirror: Mirror | null;
  merged: Merged[];
  /** Until when the servers asked to be left alone, in milliseconds since 1970. */
  not_before: number;
}

export const EMPTY: State = { form: 1, next: 1, entries: [], mirror: null, merged: [], not_before: 0 };

/** Keeps states, each of one person (`tenant/person`). A change is durable when its promise is fulfilled. */
export interface Store {
  read(owner: string): Promise<State>;
  change(owner: string, how: (state: State) => State): Promise<State>;
}
