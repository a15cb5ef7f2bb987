/**
 * Signs in wrongly in three ways, in turns whose order is drawn: with an address that nobody has, with a wrong password,
 * and as somebody who is suspended (with the right password). Or begins to sign up with an address that is free, that is
 * taken, and that has had all of its mails. One after the other, so that nobody waits for another.
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { Client } from "./client.mjs";
import { processorTime } from "./cpu.mjs";
import { compare, median, random } from "./statistics.mjs";

const { values } = parseArgs({
  options: { fleet: { type: "string" }, tries: { type: "string", default: "3000" }, seed: { type: "string", default: "1" }, cpu: { type: "string" }, what: { type: "string", default: "sign-in" } },
});
const fleet = JSON.parse(readFileSync(values.fleet, "utf8"));
const rounds = Math.ceil(Number(values.tries) / 3);
const draw = random(Number(values.seed));
const client = new Client(fleet);
const spent = values.cpu ? () => processorTime(values.cpu) : () => 0;
/** An account takes 200 failures in 15 minutes before it is throttled, so there are many; of each kind equally many. */
const accounts = Math.ceil(rounds / 100);
/** An address gets five mails in 15 minutes; what is beyond them is a way of its own. */
const taken = Math.ceil(rounds / 5);

async function signIns() {
  console.log(`▸ ${accounts} accounts of each kind`);
  const people = {
    unknown: Array.from({ length: accounts }, (_, number) => client.email(`nobody${number}`)),
    wrong: await client.people("member", accounts),
    suspended: await client.suspended("locked", accounts),
  };
  return {
    name: "sign-ins",
    ways: ["unknown", "wrong", "suspended"],
    limit_percent: 1,
    act: (way, round) => client.signIn(people[way][round % accounts], way === "wrong"),
  };
}

async function signUps() {
  console.log(`▸ ${taken} accounts`);
  const people = await client.people("member", taken);
  const busy = client.email("busy");
  for (let mail = 0; mail < 6; mail++) await client.begin(busy);
  const address = { free: (round) => client.email(`new${round}`), taken: (round) => people[round % taken], busy: () => busy };
  return {
    name: "sign-ups begun",
    ways: ["free", "taken", "busy"],
    // A hundredth of so little work is less than the clock and the disk are sure of.
    limit_percent: 5,
    act: (way, round) => client.begin(address[way](round)),
  };
}

const { name, ways: WAYS, limit_percent: LIMIT_PERCENT, act } = await (values.what === "sign-up" ? signUps() : signIns());

function shuffled(list) {
  const all = [...list];
  for (let last = all.length - 1; last > 0; last--) {
    const other = Math.floor(draw() * (last + 1));
    [all[last], all[other]] = [all[other], all[last]];
  }
  return all;
}

const series = () => Object.fromEntries(WAYS.map((way) => [way, []]));
const [times, work] = [series(), series()];
const answers = new Set();
const begun = Date.now();
for (let round = 0; round < rounds; round++) {
  for (const way of shuffled(WAYS)) {
    const before = spent();
    const { ms, seen } = await act(way, round);
    times[way].push(ms);
    work[way].push(spent() - before);
    answers.add(seen);
  }
  if ((round + 1) % 250 === 0) console.log(`  ${(round + 1) * 3} ${name}, ${Math.round((Date.now() - begun) / 1000)} s`);
}
client.stop();

console.log(`\n${rounds * 3} ${name} in ${Math.round((Date.now() - begun) / 1000)} s`);
let failed = false;
if (answers.size > 1) {
  failed = true;
  console.log(`✗ ${answers.size} different answers:`);
  for (const answer of answers) console.log(`    ${answer}`);
} else {
  console.log("✓ every answer has the same status, headers and bytes, apart from its id and date");
}
/** Says how the three ways compare in one series; fails when two of them differ beyond doubt. */
function judge(what, series) {
  console.log(`\n${what}: ${WAYS.map((way) => `${way} ${median(series[way]).toFixed(3)} ms`).join(", ")} (medians)`);
  for (const [one, other] of [[WAYS[1], WAYS[0]], [WAYS[2], WAYS[0]], [WAYS[2], WAYS[1]]]) {
    const { percent, least, most } = compare(series[one], series[other], draw);
    const beyond = least > LIMIT_PERCENT || most < -LIMIT_PERCENT;
    failed ||= beyond;
    const sign = (number) => (number > 0 ? "+" : "") + number.toFixed(2);
    const doubt = Math.abs(percent) > LIMIT_PERCENT && !beyond ? ", more than ${LIMIT_PERCENT} %, but within chance: take more tries" : "";
    console.log(`${beyond ? "✗" : "✓"} ${one} against ${other}: ${sign(percent)} % (95 %: ${sign(least)} to ${sign(most)} %)${doubt}`);
  }
}

judge("time to the answer", times);
if (values.cpu) judge("processor time", work);
process.exit(failed ? 1 : 0);
