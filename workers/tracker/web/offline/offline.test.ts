// The outbox against servers that do as tracker does: whatever is lost, doubled or killed, each change happens once.
import assert from "node:assert/strict";
import { test } from "node:test";
import { changes, merge } from "./merge.ts";
import { Killed, Memory, network, NOW, OWNER, Servers, type Fault } from "./model.ts";
import * as outbox from "./outbox.ts";
import { sync } from "./sync.ts";
import type { Said, Seen, Session } from "./types.ts";

const SESH: Said = {
  occurred_at: "2026-11-21T19:00:00.000Z",
  method: "vape",
  items: [{ lot_id: "jar", name: "lot jar", quantity_mg: 400 }],
  rating: 3,
  mood_before: null,
  mood_after: null,
  effects: ["calm"],
  notes: null,
};
const FAULTS: Fault[] = ["fine", "unsent", "lost", "twice", "503", "429"];

let keys = 0;
const making = () => ({ now: new Date(NOW).toISOString(), key: () => `key-${++keys}` });

/** A phone with servers behind a network that fails as planned. */
function phone(faults: Fault[] = [], step: (what: string) => void = () => {}) {
  const [servers, store] = [new Servers(), new Memory()];
  servers.lots.set("jar", 1_000).set("box", 5_000);
  let now = NOW;
  const world = { store, ask: network(servers, faults, (what) => step(what)), now: () => now, key: making().key };
  const act = (how: (state: Awaited<ReturnType<Memory["read"]>>) => typeof state) => store.change(OWNER, how);
  return {
    servers,
    store,
    state: () => store.read(OWNER),
    log: (id: string, said: Said = SESH) => act((state) => outbox.log(state, making(), id, said)),
    edit: (id: string, wanted: Partial<Said>, maybe = false) =>
      act((state) => outbox.edit(state, making(), id, outbox.seenOf(state, id)!, wanted, maybe)),
    remove: (id: string) => act((state) => outbox.remove(state, making(), id, outbox.seenOf(state, id)!)),
    choose: (choice: outbox.Choice) =>
      act((state) => outbox.choose(state, making(), state.entries.find((entry) => entry.ask)!.seq, choice)),
    /** What the servers have is looked at anew. */
    mirror: () =>
      act((state) => ({
        ...state,
        mirror: {
          at: "now",
          seq: 0,
          zone: "UTC",
          sessions: [...servers.sessions.values()].filter((session) => !session.deleted).map((session) => structuredClone(session)),
          lots: [...servers.lots].map(([id, balance_mg]) => ({ id, name: `lot ${id}`, balance_mg })),
        },
      })),
    sync: () => {
      now += 600_000;
      return sync(world, OWNER);
    },
    async settle() {
      for (let turn = 0; turn < 20; turn += 1) if ((await this.sync()).how === "done") return;
      assert.fail("it never ends");
    },
  };
}

/** A session that is on the servers, and known to the phone. */
async function with_one(there = phone()) {
  await there.log("a");
  await there.settle();
  await there.mirror();
  there.servers.effects = [];
  return there;
}

/** Another device changes it. */
function elsewhere(servers: Servers, fields: Partial<Said>) {
  const session = servers.sessions.get("a")!;
  const answer = servers.answer(OWNER, { method: "PATCH", path: "/api/v1/sessions/a", key: `else-${++keys}`, version: session.version, body: fields });
  assert.equal(answer.status, 200);
  servers.effects = [];
}

test("every pair of failures, and a month between tries: one session, one debit, nothing left", async () => {
  for (const first of FAULTS) {
    for (const second of FAULTS) {
      for (const month of [false, true]) {
        const there = phone([first, second]);
        await there.log("a");
        for (let turn = 0; turn < 6; turn += 1) {
          await there.sync();
          if (month) there.servers.forget();
        }
        const story = `${first}, ${second}, ${month ? "keys forgotten" : "keys known"}`;
        assert.deepEqual(there.servers.effects, ["log a"], story);
        assert.equal(there.servers.lots.get("jar"), 600, story);
        assert.deepEqual((await there.state()).entries, [], story);
      }
    }
  }
});

test("what the servers ask is waited for, by whoever comes next", async () => {
  const there = phone(["429"]);
  await there.log("a");
  const ended = await there.sync();
  assert.deepEqual(ended, { how: "later", after_ms: 30_000 });
  assert.equal((await there.state()).not_before > NOW, true);
});

/** What somebody does in a day without a connection: each kind of change, in each state of what came before. */
async function day(there: ReturnType<typeof phone>) {
  await there.log("b", { ...SESH, items: [{ lot_id: "box", name: "lot box", quantity_mg: 100 }] });
  await there.edit("b", { rating: 5 });
  await there.edit("a", { notes: "better than I thought" });
  await there.log("c");
  await there.remove("c");
  await there.log("d", { ...SESH, items: [] });
  await there.edit("a", { items: [{ lot_id: "jar", name: "lot jar", quantity_mg: 500 }] });
}

function assert_day(servers: Servers, story: string) {
  assert.deepEqual(servers.effects.toSorted(), ["edit a", "log b", "log d"], story);
  const [a, b] = [servers.sessions.get("a")!, servers.sessions.get("b")!];
  assert.deepEqual([a.notes, a.items[0]!.quantity_mg, b.rating], ["better than I thought", 500, 5], story);
  assert.deepEqual([servers.lots.get("jar"), servers.lots.get("box")], [500, 4_900], story);
}

test("killed at any step, with the answer lost or not: begun again it ends the same", async () => {
  let steps = 0;
  const whole = await with_one(phone([], () => (steps += 1)));
  whole.store.step = () => (steps += 1);
  await day(whole);
  steps = 0;
  await whole.settle();
  assert_day(whole.servers, "without a kill");
  assert.ok(steps > 12, `${steps} steps`);
  for (let second = 0; second <= steps; second += 1) {
    for (let kill = 1; kill <= steps; kill += 1) {
      let [count, fatal] = [0, Infinity];
      const step = () => {
        if (++count === fatal) throw new Killed();
      };
      const there = await with_one(phone([], step));
      await day(there);
      there.store.step = step;
      // The process ends here: what was in memory is gone, what was kept is kept. A request that is under way goes on.
      for (fatal of second === 0 ? [kill] : [kill, second]) {
        count = 0;
        await there.sync().catch((error) => assert.ok(error instanceof Killed, String(error)));
      }
      fatal = Infinity;
      if (kill % 2 === 0) there.servers.forget();
      await there.settle();
      assert_day(there.servers, `killed at ${kill}, then at ${second}`);
      assert.deepEqual((await there.state()).entries, [], `killed at ${kill}`);
      assert.deepEqual((await there.state()).merged, [], `nothing was changed elsewhere: ${kill}, ${second}`);
    }
  }
});

test("an edit while its session is under way follows it, and is not lost", async () => {
  for (const fault of FAULTS) {
    const there = phone([fault]);
    await there.log("a");
    await there.sync();
    if ((await there.state()).entries.length > 0) {
      await there.edit("a", { rating: 1 });
      await there.edit("a", { rating: 2 });
      await there.settle();
      assert.equal(there.servers.sessions.get("a")!.rating, 2, fault);
      assert.equal((await there.state()).entries.length, 0, fault);
    }
  }
});

test("an edit of what is under way does not overwrite what was changed elsewhere meanwhile", async () => {
  const there = phone(["lost"]);
  await there.log("a");
  await there.sync();
  await there.edit("a", { notes: "from the phone" });
  elsewhere(there.servers, { notes: "from the desk" });
  await there.settle();
  assert.equal(there.servers.sessions.get("a")!.notes, "from the desk");
  assert.equal((await there.state()).entries[0]!.ask!.why, "conflict");
});

test("what may have arrived is deleted there as well", async () => {
  for (const fault of FAULTS) {
    const there = phone([fault]);
    await there.log("a");
    await there.sync();
    await there.mirror();
    await there.remove("a");
    await there.settle();
    assert.deepEqual([...there.servers.sessions.values()].filter((session) => !session.deleted), [], fault);
    assert.equal(there.servers.lots.get("jar"), 1_000, fault);
  }
});

test("what was never sent leaves no trace when it is taken back", async () => {
  const there = phone();
  await there.log("a");
  await there.edit("a", { rating: 1 });
  await there.remove("a");
  await there.settle();
  assert.deepEqual(there.servers.effects, []);
  const known = await with_one();
  await known.edit("a", { rating: 5 });
  await known.edit("a", { rating: 3 });
  assert.deepEqual((await known.state()).entries, [], "an edit back is none");
  await known.remove("a");
  assert.equal(outbox.shown(await known.state()).lots.find((lot) => lot.id === "jar")!.balance_mg, 1_000);
  await known.store.change(OWNER, (state) => outbox.restore(state, "a"));
  await known.settle();
  assert.deepEqual(known.servers.effects, []);
});

test("changes of different fields merge, and it is told", async () => {
  const there = await with_one();
  elsewhere(there.servers, { notes: "from the desk", effects: ["calm", "hungry"] });
  await there.edit("a", { rating: 5, effects: ["calm", "sleepy"] });
  await there.settle();
  const { rating, notes, effects } = there.servers.sessions.get("a")!;
  assert.deepEqual([rating, notes, effects], [5, "from the desk", ["calm", "hungry", "sleepy"]]);
  const { merged, entries } = await there.state();
  assert.deepEqual([merged.length, merged[0]!.elsewhere, entries], [1, ["effects", "notes"], []]);
});

test("changes of one field are asked about; either answer stands, and the rest merges", async () => {
  for (const [how, notes] of [["mine", "from the phone"], ["theirs", "from the desk"]] as const) {
    const there = await with_one();
    elsewhere(there.servers, { notes: "from the desk", mood_after: 4 });
    await there.edit("a", { notes: "from the phone", rating: 5 });
    await there.settle();
    const [entry] = (await there.state()).entries;
    assert.deepEqual(entry!.ask!.why, "conflict");
    assert.deepEqual(there.servers.effects, [], "nothing is written before somebody said so");
    await there.choose({ how });
    await there.settle();
    const found = there.servers.sessions.get("a")!;
    assert.deepEqual([found.notes, found.rating, found.mood_after], [notes, 5, 4], how);
    assert.deepEqual((await there.state()).entries, []);
  }
});

test("the same change on both sides is none to ask about", async () => {
  const there = await with_one();
  elsewhere(there.servers, { rating: 5 });
  await there.edit("a", { rating: 5 });
  await there.settle();
  assert.deepEqual(there.servers.effects, []);
  assert.deepEqual((await there.state()).merged, []);
});

test("deleted elsewhere: it becomes a new one with what was changed here, or is let go", async () => {
  for (const how of ["new", "drop"] as const) {
    const there = await with_one();
    await there.edit("a", { rating: 5 });
    there.servers.answer(OWNER, { method: "DELETE", path: "/api/v1/sessions/a", key: "x" });
    there.servers.effects = [];
    await there.settle();
    assert.equal((await there.state()).entries[0]!.ask!.why, "gone");
    await there.choose({ how });
    await there.settle();
    assert.equal(there.servers.effects.length, how === "new" ? 1 : 0);
    const live = [...there.servers.sessions.values()].filter((session) => !session.deleted);
    assert.deepEqual(live.map((session) => session.rating), how === "new" ? [5] : []);
    assert.deepEqual((await there.state()).entries, []);
  }
});

test("a session that was sent, whose answer was lost, and that was deleted elsewhere does not come back by itself", async () => {
  const there = phone(["lost"]);
  await there.log("a");
  await there.sync();
  there.servers.answer(OWNER, { method: "DELETE", path: "/api/v1/sessions/a", key: "x" });
  there.servers.forget();
  await there.settle();
  assert.equal((await there.state()).entries[0]!.ask!.why, "gone");
  assert.equal(there.servers.lots.get("jar"), 1_000);
});

test("deleted here and changed elsewhere is asked about", async () => {
  for (const [how, rest] of [["mine", 0], ["theirs", 1]] as const) {
    const there = await with_one();
    elsewhere(there.servers, { notes: "worth keeping" });
    await there.remove("a");
    await there.settle();
    assert.equal((await there.state()).entries[0]!.ask!.why, "conflict");
    await there.choose({ how });
    await there.settle();
    assert.equal([...there.servers.sessions.values()].filter((session) => !session.deleted).length, rest);
  }
});

test("more than there is: the person says what it was", async () => {
  const lot = { id: "box", name: "lot box", balance_mg: 5_000 };
  for (const [choice, jar, box] of [
    [{ how: "left" }, 0, 5_000],
    [{ how: "unknown" }, 300, 5_000],
    [{ how: "lot", lot }, 300, 4_600],
    [{ how: "drop" }, 300, 5_000],
  ] as const) {
    const there = phone();
    there.servers.lots.set("jar", 300);
    await there.log("a");
    await there.log("b", { ...SESH, items: [] });
    await there.settle();
    assert.deepEqual(there.servers.effects, ["log b"], "others do not wait for it");
    assert.deepEqual((await there.state()).entries[0]!.ask, { why: "overdraft", lot_id: "jar", available_mg: 300 });
    await there.choose(choice);
    await there.settle();
    assert.deepEqual([there.servers.lots.get("jar"), there.servers.lots.get("box")], [jar, box], choice.how);
    assert.equal(there.servers.effects.length, choice.how === "drop" ? 1 : 2);
    assert.deepEqual((await there.state()).entries, []);
  }
});

test("somebody else's cookies send nothing", async () => {
  const there = phone();
  await there.log("a");
  there.servers.owner = "tenant/eve";
  assert.deepEqual(await there.sync(), { how: "signed-out" });
  assert.deepEqual(there.servers.effects, []);
  assert.equal((await there.state()).entries.length, 1);
});

test("a form whose answer was lost is the session that it made, also when it was kept in other words", async () => {
  const there = phone();
  const sent = { id: "a", ...SESH, occurred_at: "2026-11-21T19:00:03.000Z" };
  there.servers.answer(OWNER, { method: "POST", path: "/api/v1/sessions", key: "the form's", body: sent });
  await there.store.change(OWNER, (state) => outbox.log(state, making(), "a", SESH, true));
  await there.settle();
  assert.deepEqual(there.servers.effects, ["log a"]);
  const edited = phone();
  edited.servers.answer(OWNER, { method: "POST", path: "/api/v1/sessions", key: "the form's", body: sent });
  await edited.store.change(OWNER, (state) => outbox.log(state, making(), "a", { ...SESH, rating: 1 }, true));
  await edited.settle();
  assert.deepEqual([edited.servers.effects, edited.servers.sessions.get("a")!.rating], [["log a", "edit a"], 1]);
});

test("merging any two changes loses neither: each field is what one side said, or asked about", () => {
  const seen: Seen = { ...SESH, version: 1 };
  const values: Partial<Said>[] = [{}, { rating: 1 }, { rating: 5 }, { notes: "x" }, { method: "eat" }, { items: [] }, { effects: [] }, { effects: ["calm", "high"] }];
  for (const a of values) {
    for (const b of values) {
      for (const c of values) {
        const [mine, theirs] = [changes(seen, { ...a, ...c }), { ...SESH, ...b }];
        const { rest, conflict } = merge(seen, mine, theirs);
        const result = { ...theirs, ...rest };
        for (const field of Object.keys(mine) as (keyof Said)[]) {
          const told = conflict.includes(field) || field === "effects" || JSON.stringify(result[field]) === JSON.stringify(mine[field]);
          assert.ok(told, `${field}: ${JSON.stringify([a, b, c])}`);
        }
        for (const field of Object.keys(changes(seen, b)) as (keyof Said)[]) {
          if (field !== "effects") assert.deepEqual(result[field], theirs[field], field);
        }
      }
    }
  }
});

test("a list shows what is kept on top of what the servers said", async () => {
  const there = await with_one();
  await there.log("b");
  await there.edit("a", { rating: 1, items: [{ lot_id: "jar", name: "lot jar", quantity_mg: 100 }] });
  const { sessions, lots } = outbox.shown(await there.state());
  const by = (id: string) => sessions.find((session) => session.id === id)! as Session & { waits: string };
  assert.deepEqual([by("a").rating, by("a").waits, by("b").waits], [1, "edit", "log"]);
  assert.equal(lots.find((lot) => lot.id === "jar")!.balance_mg, 500);
});
