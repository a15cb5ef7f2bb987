// The page's side of live updates, with a hub and a clock that the tests move.
import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { listen, type Change } from "./live.ts";

class Socket extends EventTarget {
  static all: Socket[] = [];
  /** Whether the hub answers pings. */
  static answers = true;
  readyState = 0;
  sent: string[] = [];
  url: string;
  constructor(url: URL) {
    super();
    this.url = `${url.pathname}${url.search}`;
    Socket.all.push(this);
  }
  send(text: string) {
    this.sent.push(text);
    if (Socket.answers) this.says("pong");
  }
  close() {
    this.readyState = 3;
  }
  says(message: unknown) {
    this.readyState = 1;
    const data = typeof message === "string" ? message : JSON.stringify(message);
    this.dispatchEvent(Object.assign(new Event("message"), { data }));
  }
  hello(seq: number, seconds = 900) {
    this.says({ kind: "hello", seq, until: new Date(Date.now() + seconds * 1_000).toISOString() });
  }
  ends(code: number) {
    this.readyState = 3;
    this.dispatchEvent(Object.assign(new Event("close"), { code }));
  }
}

const world = globalThis as any;
let page: EventTarget & { hidden: boolean };
let heard: Change[];
let states: string[];
let renewals: number;
let signedIn: boolean | Error;
const last = () => Socket.all[Socket.all.length - 1]!;
const settle = async () => {
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
};

function start(after?: number) {
  return listen({
    after,
    onChange: (change) => heard.push(change),
    onState: (state) => states.push(state),
    renew: async () => {
      renewals += 1;
      if (signedIn instanceof Error) throw signedIn;
      return signedIn;
    },
  });
}

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_776_702_000_000 });
  mock.method(Math, "random", () => 1);
  Socket.all = [];
  Socket.answers = true;
  [heard, states, renewals, signedIn] = [[], [], 0, true];
  page = Object.assign(new EventTarget(), { hidden: false });
  const online = new EventTarget();
  Object.assign(world, {
    WebSocket: Socket,
    document: page,
    location: new URL("https://app.example/today"),
    addEventListener: online.addEventListener.bind(online),
    removeEventListener: online.removeEventListener.bind(online),
    dispatchEvent: online.dispatchEvent.bind(online),
  });
});
afterEach(() => {
  mock.timers.reset();
  mock.restoreAll();
});

const logged = (seq: number) => ({ seq, kind: "session.logged", id: `s${seq}` });
function look(hidden: boolean) {
  page.hidden = hidden;
  page.dispatchEvent(new Event("visibilitychange"));
}

test("changes arrive; a page that does not know its number looks again once", () => {
  const live = start();
  assert.equal(last().url, "/api/v1/live");
  last().hello(4);
  last().says(logged(5));
  assert.deepEqual(heard, [{ kind: "resync", seq: 4 }, logged(5)]);
  assert.equal(live.seq, 5);
  assert.deepEqual(states, ["open"]);
});

test("a page that knows its number asks from there", () => {
  start(4);
  assert.equal(last().url, "/api/v1/live?after=4");
  last().hello(4);
  assert.deepEqual(heard, []);
});

test("it comes back by itself, later each time, from the greatest number it heard", () => {
  start(1);
  last().hello(1);
  last().says(logged(3));
  last().says(logged(2));
  last().ends(1006);
  assert.equal(Socket.all.length, 1);
  mock.timers.tick(1_999);
  assert.equal(Socket.all.length, 1);
  mock.timers.tick(1);
  assert.equal(last().url, "/api/v1/live?after=3");
  assert.deepEqual(states, ["open", "waiting"]);
});

test("waits grow up to a minute, and begin small again after a good connection", async () => {
  start(1);
  const waits: number[] = [];
  for (let attempt = 0; attempt < 9; attempt += 1) {
    const begun = Date.now();
    const count = Socket.all.length;
    last().ends(1006);
    await settle();
    while (Socket.all.length === count) mock.timers.tick(500);
    waits.push((Date.now() - begun) / 1_000);
  }
  assert.deepEqual(waits, [2, 0, 8, 16, 32, 60, 60, 60, 60], "the second one had the cookies renewed first");
  assert.equal(renewals, 1);
  last().hello(1);
  mock.timers.tick(10_000);
  const count = Socket.all.length;
  last().ends(1006);
  mock.timers.tick(2_000);
  assert.equal(Socket.all.length, count + 1);
});

test("the token is renewed before it expires, and the socket with it", async () => {
  start(1);
  last().hello(1, 900);
  mock.timers.tick(869_999);
  assert.equal(renewals, 0);
  mock.timers.tick(1);
  await settle();
  assert.equal(renewals, 1);
  assert.equal(Socket.all.length, 2);
  assert.equal(Socket.all[0]!.readyState, 3);
});

test("an expired token is renewed; who is not signed in any more hears nothing again", async () => {
  start(1);
  last().hello(1);
  last().ends(4002);
  await settle();
  assert.equal(Socket.all.length, 2);
  signedIn = false;
  last().ends(4002);
  await settle();
  mock.timers.tick(600_000);
  assert.equal(Socket.all.length, 2);
  assert.equal(states.at(-1), "ended");
});

test("when nobody can say whether somebody is signed in, it tries again", async () => {
  start(1);
  signedIn = new Error("503");
  last().ends(4002);
  await settle();
  mock.timers.tick(2_000);
  assert.equal(Socket.all.length, 2);
});

test("signed out is the end", () => {
  start(1);
  last().hello(1);
  last().ends(4001);
  mock.timers.tick(600_000);
  assert.equal(Socket.all.length, 1);
  assert.deepEqual(states, ["open", "ended"]);
});

test("a silent connection is given up", () => {
  start(1);
  last().hello(1);
  mock.timers.tick(45_000);
  assert.deepEqual(last().sent, ["ping"]);
  mock.timers.tick(15_000);
  assert.equal(Socket.all.length, 1);
  Socket.answers = false;
  mock.timers.tick(30_000);
  mock.timers.tick(10_000);
  mock.timers.tick(2_000);
  assert.equal(Socket.all.length, 2, "no pong");
});

test("a page that nobody looks at lets go, and catches up when somebody does", () => {
  start(1);
  last().hello(1);
  look(true);
  mock.timers.tick(59_000);
  look(false);
  mock.timers.tick(59_000);
  assert.equal(last().readyState, 1, "a short look elsewhere");
  last().says(logged(2));
  look(true);
  mock.timers.tick(60_000);
  assert.equal(last().readyState, 3);
  mock.timers.tick(600_000);
  assert.equal(Socket.all.length, 1);
  look(false);
  assert.equal(last().url, "/api/v1/live?after=2");
});

test("a displaced page comes back when it is looked at, not before", () => {
  start(1);
  last().hello(1);
  last().ends(4003);
  mock.timers.tick(600_000);
  assert.equal(Socket.all.length, 1);
  look(true);
  look(false);
  assert.equal(Socket.all.length, 2);
});

test("back online is tried at once; an open connection is left alone", () => {
  start(1);
  last().hello(1);
  world.dispatchEvent(new Event("online"));
  assert.equal(Socket.all.length, 1);
  last().ends(1006);
  world.dispatchEvent(new Event("online"));
  assert.equal(Socket.all.length, 2);
  mock.timers.tick(60_000);
  assert.equal(Socket.all.length, 2, "and not once more");
});

test("what is stopped is silent, also for a socket that still speaks", () => {
  const live = start(1);
  last().hello(1);
  live.stop();
  last().says(logged(2));
  last().ends(1006);
  look(true);
  look(false);
  mock.timers.tick(600_000);
  assert.equal(Socket.all.length, 1);
  assert.deepEqual([heard, states], [[], ["open", "ended"]]);
});
