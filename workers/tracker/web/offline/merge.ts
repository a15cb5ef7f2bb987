// Two changes of one session: what each changed, and whether both can stand.

import type { Item, Said, Session } from "./types.ts";

export const FIELDS = ["occurred_at", "method", "items", "rating", "mood_before", "mood_after", "effects", "notes"] as const;

const of = (items: Item[]) => items.map(({ lot_id, quantity_mg, name }) => `${lot_id ?? name}:${quantity_mg}`).sort().join("|");

/** Whether a field says the same in both. */
export function same(field: keyof Said, a: Said[keyof Said], b: Said[keyof Said]): boolean {
  switch (field) {
    case "items":
      return of(a as Item[]) === of(b as Item[]);
    case "effects":
      return JSON.stringify(a) === JSON.stringify(b);
    case "occurred_at":
      return Date.parse(a as string) === Date.parse(b as string);
    default:
      return (a ?? null) === (b ?? null);
  }
}

/** What of these fields differs from what was seen. */
export function changes(seen: Said, fields: Partial<Said>): Partial<Said> {
  return take(fields, FIELDS.filter((field) => field in fields && !same(field, seen[field], fields[field]!)));
}

function take(from: Partial<Said>, names: readonly (keyof Said)[]): Partial<Said> {
  return Object.fromEntries(names.map((name) => [name, from[name]]));
}

/** What a person says of a session, and nothing else. */
export const said = (session: Said): Said => take(session, FIELDS) as Said;

export interface Both {
  /** What is still to be sent, on top of what is there now. */
  rest: Partial<Said>;
  /** The fields of which each side says something else. */
  conflict: (keyof Said)[];
  /** What the other side changed. */
  elsewhere: (keyof Said)[];
}

/**
 * Merges, field by field. `seen` is what both began with, `mine` what was changed here, `theirs` what is there now. A field
 * that both changed is no conflict when both say the same; of words that were felt, what either added or took away counts.
 */
export function merge(seen: Said, mine: Partial<Said>, theirs: Said): Both {
  const elsewhere = FIELDS.filter((field) => !same(field, seen[field], theirs[field]));
  const both: Both = { rest: {}, conflict: [], elsewhere };
  for (const field of FIELDS) {
    if (!(field in mine) || same(field, mine[field]!, theirs[field])) continue;
    if (!elsewhere.includes(field)) Object.assign(both.rest, { [field]: mine[field] });
    else if (field === "effects") {
      const words = united(seen.effects, mine.effects!, theirs.effects);
      if (!same(field, words, theirs.effects)) both.rest.effects = words;
    } else both.conflict.push(field);
  }
  return both;
}

function united(seen: string[], mine: string[], theirs: string[]): string[] {
  const kept = theirs.filter((word) => mine.includes(word) || !seen.includes(word));
  const added = mine.filter((word) => !seen.includes(word) && !kept.includes(word));
  return [...kept, ...added];
}
