// Reads the forms of pages, whoever drew them: the app's own servers, or `views.ts` without them.

import * as amounts from "./amounts.ts";
import type { Item, Lot, Said, Seen } from "./types.ts";
import * as when from "./when.ts";

export interface Fields {
  get(name: string): string | null;
  getAll(name: string): string[];
  has(name: string): boolean;
}

/** What is wrong, by field, as the name of a text. */
export type Wrong = Record<string, string>;

const text = (fields: Fields, name: string) => (fields.get(name) ?? "").trim();

function felt(fields: Fields): Partial<Said> {
  const step = (name: string) => Number(text(fields, name)) || null;
  const effects = text(fields, "effects").split(/[,;]/).map((word) => word.trim()).filter((word) => word !== "");
  return { rating: step("rating"), mood_before: step("mood_before"), mood_after: step("mood_after"), effects, notes: text(fields, "notes") || null };
}

function amount(fields: Fields, name: string, wrong: Wrong): number | null {
  const typed = text(fields, name);
  if (typed === "") return null;
  const mg = amounts.read(typed);
  if (mg === null) wrong[name] = "issue_amount";
  return mg;
}

function items(fields: Fields, lots: Lot[], wrong: Wrong): Item[] {
  const name = (id: string) => lots.find((lot) => lot.id === id)?.name ?? "";
  const repeated = fields.getAll("item").map((item) => item.split(":"));
  if (repeated.length > 0) return repeated.map(([lot, mg]) => ({ lot_id: lot!, name: name(lot!), quantity_mg: Number(mg) || null }));
  const typed = amount(fields, "amount", wrong);
  const mg = text(fields, "amount") ? typed : Number(text(fields, "choice")) || null;
  const lot = text(fields, "lot");
  return lot ? [{ lot_id: lot, name: name(lot), quantity_mg: mg }] : [];
}

/** A new session. */
export function logged(fields: Fields, lots: Lot[], zone: string, now: number): { said: Said; wrong: Wrong } {
  const wrong: Wrong = {};
  const taken = items(fields, lots, wrong);
  const typed = text(fields, "when");
  const time = typed ? when.read(zone, typed) : now;
  if (time === null) wrong.when = "issue_time";
  if (time !== null && time > now + 300_000) wrong.when = "issue_future";
  const method = text(fields, "method");
  if (!method) wrong.method = "issue_choose";
  return { said: { occurred_at: new Date(time ?? now).toISOString(), method, items: taken, ...felt(fields) } as Said, wrong };
}

/** What an edited session is to be. What its form does not hold stays as it was seen. */
export function edited(fields: Fields, seen: Seen, zone: string, now: number): { wanted: Partial<Said>; wrong: Wrong } {
  const wrong: Wrong = {};
  const wanted: Partial<Said> = { method: text(fields, "method") || seen.method, ...felt(fields) };
  const typed = text(fields, "when");
  // A field shows minutes: what was not touched keeps its seconds.
  if (typed !== when.input(zone, Date.parse(seen.occurred_at))) {
    const time = when.read(zone, typed);
    if (time === null) wrong.when = "issue_time";
    else if (time > now + 300_000) wrong.when = "issue_future";
    else wanted.occurred_at = new Date(time).toISOString();
  }
  if (seen.items.every((_, place) => fields.has(`amount-${place}`))) {
    wanted.items = seen.items.map((item, place) => ({ ...item, quantity_mg: amount(fields, `amount-${place}`, wrong) }));
  }
  return { wanted, wrong };
}
