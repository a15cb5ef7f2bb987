/** See scripts/kill-loop. */
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { afterRestart, inTheEnd, supersededStayDead } from "./check.mjs";
import { Client } from "./client.mjs";
import { Fleet, MODES, wait } from "./fleet.mjs";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "20" },
    minutes: { type: "string", default: "60" },
    seed: { type: "string", default: "1" },
    clients: { type: "string", default: "8" },
    state: { type: "string" },
  },
});
const number = (name) => {
  const value = Number(values[name]);
  if (Number.isInteger(value) && value > 0) return value;
  console.error(`error: --${name} ${values[name]} is not a number from 1`);
  process.exit(1);
};
const [kills, minutes, seed, clients] = ["kills", "minutes", "seed", "clients"].map(number);

/** Kills between two looks at everything. */
const ALL_EVERY = 50;
const state = values.state ? resolve(values.state) : mkdtempSync(join(tmpdir(), "sesh-kill-"));
mkdirSync(state, { recursive: true });
if (readdirSync(state).length > 0) {
  console.error(`error: ${state} is not empty: people whom this run does not know would be taken for wrong`);
  process.exit(1);
}

const random = seeded(seed);
const between = (low, high) => low + Math.floor(random() * (high - low));
const figures = {
  kills: 0, acknowledged: 0, unanswered: 0, committed_unanswered: 0, doubled: 0, dead_tokens_tried: 0, superseded_tried: 0,
  audit_entries: 0,
};
const violations = [];
const run = {
  fleet: new Fleet(state), people: [], graves: [], figures, random,
  violation(kind, what) {
    violations.push({ kind, what });
    console.error(`✗ ${kind}: ${what}`);
  },
  note: (line) => appendFileSync(join(state, "journal.jsonl"), `${JSON.stringify(line)}\n`),
};
const began = Date.now();
const seconds = () => ((Date.now() - began) / 1000).toFixed(0);
const overtime = () => Date.now() - began > minutes * 60_000;
const say = (what) => console.log(`  ${what} (${seconds()} s)`);

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, async () => {
    await run.fleet.stop();
    process.exit(130);
  });
}

const everyone = Array.from({ length: clients }, () => new Client(run));

/** People act until the fleet is killed under them. */
async function actAndKill() {
  let killed = false;
  const living = everyone.map((client) => client.live(() => killed));
  await wait(between(100, 1000));
  // Mostly both at once; the others are slower to recover from, and rarer.
  const mode = random() < 0.8 ? MODES[0] : MODES[random() < 0.6 ? 1 : 2];
  await run.fleet.kill(mode, between(0, 1200));
  // With its runner gone the runtime may live on for a moment, and acknowledge what it does.
  if (mode === "runner") await wait(between(0, 200));
  killed = true;
  figures.kills += 1;
  await run.fleet.start();
  await Promise.all(living);
}

async function settle() {
  await Promise.all(everyone.map((client) => client.settle()));
  await afterRestart(run, everyone.map(({ person }) => person).filter(Boolean));
}

async function main() {
  await run.fleet.start();
  say(`the fleet is up on ${state}`);
  while (figures.kills < kills && !overtime() && violations.length < 10) {
    await actAndKill();
    await settle();
    if (figures.kills % ALL_EVERY === 0 && figures.kills < kills) await inTheEnd(run);
    if (figures.kills % (kills > 50 ? 10 : 1) === 0) {
      say(`${figures.kills} kills, ${figures.acknowledged} acknowledged, ${figures.unanswered} unanswered`);
    }
  }
  await inTheEnd(run);
  await supersededStayDead(run);
  await run.fleet.stop();
}

/** mulberry32. */
function seeded(start) {
  let at = start >>> 0;
  return () => {
    at = (at + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(at ^ (at >>> 15), at | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

try {
  await main();
} catch (error) {
  run.violation("broken", error.stack);
  await run.fleet.stop();
}
const count = (kind) => violations.filter((violation) => violation.kind === kind).length;
console.log(JSON.stringify({ ...figures, seconds: Number(seconds()), people: run.people.length,
  lost: count("lost"), torn: count("torn"), revived: count("revived"), violations: violations.length }));
if (violations.length) {
  console.error(`error: ${violations.length} things do not hold; the databases are in ${state}`);
  process.exit(1);
}
if (!values.state) rmSync(state, { recursive: true, force: true });
