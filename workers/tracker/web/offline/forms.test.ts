// What people type is read as the servers read it: the vectors are those of `src/web/amounts.rs`, `shared/types/src/amounts.rs`
// and `src/web/when.rs`.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as amounts from "./amounts.ts";
import { edited, logged } from "./forms.ts";
import { html } from "./html.ts";
import type { Seen } from "./types.ts";
import * as when from "./when.ts";

const NOW = Date.parse("2026-11-21T20:00:00Z");
const LOTS = [{ id: "jar", name: "Blue Dream", balance_mg: 1_000 }];
const fields = (pairs: Record<string, string>) => new URLSearchParams(pairs);

test("amounts are read as the servers read them", () => {
  const known: [string, number][] = [
    ["0.4", 400], ["0,4 g", 400], [".5", 500], ["400mg", 400], ["400", 400], ["2.6 mg", 3], ["half", 500], ["Medio", 500],
    ["1/2", 500], ["1/8 oz", 3_544], ["an eighth", 3_500], ["½", 500], ["3.5", 3_500], ["1 oz", 28_350], ["0,400g", 400],
    ["2/5", 400], ["400000 µg", 400], ["half a gram", 500], ["medio gramo", 500], ["a half g", 500], ["1½ g", 1_500],
    ["1 1/2", 1_500], ["one and a half grams", 1_500], ["3/2 g", 1_500],
  ];
  for (const [text, mg] of known) assert.equal(amounts.read(text), mg, text);
  for (const text of ["", "lots", "-1", "1,000.5", "1,000", "1/0", "2 puffs", "..", "1e9", "99999999g", "NaN", "0"]) {
    assert.equal(amounts.read(text), null, text);
  }
});

test("what is written in a field is read as it was", () => {
  for (const lang of ["en", "es"]) {
    for (const mg of [1, 3, 49, 50, 250, 999, 1_000, 1_230, 1_234, 10_010, 28_350, 999_999]) {
      assert.equal(amounts.read(amounts.exact(mg, lang)), mg, `${lang} ${mg}`);
    }
  }
  assert.deepEqual([amounts.written(400, "en"), amounts.written(12_340, "es"), amounts.written(0, "en")], ["0.4\u00a0g", "12,3\u00a0g", "0\u00a0g"]);
});

test("times are those of the person's zone, whatever the device's is", () => {
  const time = Date.parse("2026-07-01T23:15:00Z");
  assert.equal(when.input("America/Los_Angeles", time), "2026-07-01T16:15");
  assert.equal(when.read("America/Los_Angeles", "2026-07-01T16:15"), time);
  assert.equal(when.day("Asia/Tokyo", time), "2026-07-02");
  for (const text of ["", "tomorrow", "2026-13-01T00:00"]) assert.equal(when.read("UTC", text), null, text);
  // Clocks go back: the first of the two. Clocks go forward: the moment after the hour that was not.
  assert.equal(when.read("Europe/Berlin", "2026-10-25T02:30"), Date.parse("2026-10-25T00:30:00Z"));
  assert.equal(when.read("Europe/Berlin", "2026-03-29T02:30"), Date.parse("2026-03-29T01:30:00Z"));
});

test("times are relative until a day, then dated", () => {
  const month = (number: number) => ["Jan", "", "", "", "", "", "", "", "", "", "Nov", ""][number]!;
  const ago = (text: string, lang = "en") => when.ago("America/Los_Angeles", Date.parse(text), NOW, lang, month);
  assert.deepEqual([ago("2026-11-21T19:48:00Z"), ago("2026-11-21T17:00:00Z", "es")], ["12 min ago", "hace 3 h"]);
  assert.deepEqual([ago("2026-11-19T05:20:00Z"), ago("2025-01-02T12:00:00Z")], ["18 Nov, 21:20", "2 Jan 2025, 04:00"]);
});

test("a new sesh is what its form says", () => {
  const form = fields({ lot: "jar", choice: "500", amount: "", method: "vape", effects: "calm, sleepy;", notes: " ", rating: "4" });
  const { said, wrong } = logged(form, LOTS, "UTC", NOW);
  assert.deepEqual(wrong, {});
  assert.deepEqual(said, {
    occurred_at: "2026-11-21T20:00:00.000Z", method: "vape", items: [{ lot_id: "jar", name: "Blue Dream", quantity_mg: 500 }],
    rating: 4, mood_before: null, mood_after: null, effects: ["calm", "sleepy"], notes: null,
  });
  const typed = logged(fields({ lot: "jar", choice: "500", amount: "0,3", method: "vape" }), LOTS, "UTC", NOW);
  assert.equal(typed.said.items[0]!.quantity_mg, 300, "what is typed stands in place of what was tapped");
  const unknown = logged(fields({ lot: "jar", choice: "unknown", method: "vape" }), LOTS, "UTC", NOW);
  assert.equal(unknown.said.items[0]!.quantity_mg, null);
  const bad = logged(fields({ lot: "jar", amount: "lots", when: "2027-01-01T00:00" }), LOTS, "UTC", NOW);
  assert.deepEqual(bad.wrong, { amount: "issue_amount", when: "issue_future", method: "issue_choose" });
  const again = logged(fields({ item: "jar:250", method: "eat" }), LOTS, "UTC", NOW);
  assert.deepEqual(again.said.items, [{ lot_id: "jar", name: "Blue Dream", quantity_mg: 250 }]);
});

test("an edit is what was changed in its form, and keeps what the form does not hold", () => {
  const seen: Seen = {
    occurred_at: "2026-11-21T19:00:42.000Z", method: "vape", rating: 3, mood_before: null, mood_after: null, effects: [], notes: "x",
    items: [{ lot_id: "jar", name: "Blue Dream", quantity_mg: 400 }], version: 2,
  };
  const form = { when: "2026-11-21T19:00", method: "vape", rating: "5", notes: "x", "amount-0": "0.3 g" };
  const { wanted, wrong } = edited(fields(form), seen, "UTC", NOW);
  assert.deepEqual(wrong, {});
  assert.equal(wanted.occurred_at, undefined, "a minute that was not touched keeps its seconds");
  assert.deepEqual([wanted.rating, wanted.items![0]!.quantity_mg], [5, 300]);
  const { "amount-0": _, ...without } = form;
  assert.equal(edited(fields(without), seen, "UTC", NOW).wanted.items, undefined);
});

test("what people wrote is text, never HTML", () => {
  const name = `<img src=x onerror="alert(1)">'&`;
  assert.equal(html`<p title="${name}">${[html`<b>${name}</b>`]}</p>`.text.match(/<(?!\/?[pb][ >])/g), null);
});
