/**
 * The Workers of now beside those of an older commit, each with its own migrations, runner and rows, on the same core in
 * turn. Every round measures both, one right after the other and the first of them by turns, so that whatever else the
 * machine does meets both; what counts is the quotient of each such pair.
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Load, median } from "./load.mjs";
import { anonymous, authorized } from "./people.mjs";
import { ratio, us, rate, verdict } from "./report.mjs";
import { ours } from "./sides.mjs";

const CONNECTIONS = 16;

const CALLS = [
  { name: "health", path: "/api/health" },
  { name: "20 sessions, authenticated", path: "/api/v1/sessions?limit=20", authenticated: true },
  { name: "dashboard", path: "/api/v1/dashboard", authenticated: true },
  { name: "strain search", path: "/api/v1/strains?q=blu%20drem&limit=20", authenticated: true },
  { name: "GET me", path: "/api/v1/me", authenticated: true },
];

/** @param {{ quick: boolean, long: boolean, say: (text: string) => void, against: { folder: string, commit: string } }} settings */
export async function measure({ quick, long, say, against }) {
  if (!against) throw new Error("say against which commit: scripts/bench --against COMMIT");
  const older = await import(pathToFileURL(join(against.folder, "scripts/bench.d/sides.mjs")).href);
  const load = new Load();
  const sides = [];
  try {
    sides.push(await older.ours({ people: CONNECTIONS }), await ours({ people: CONNECTIONS }));
    say(`Workers of ${against.commit} and of now, with the same rows`);
    const plan = quick ? { rounds: 4, seconds: 0.4, warm: 0.4 } : { rounds: long ? 41 : 15, seconds: 0.8, warm: 1.5 };
    const rows = [];
    for (const call of CALLS) {
      rows.push(row(call.name, await pairs(load, sides, call, plan)));
      say(call.name);
    }
    return {
      against: {
        head: ["call", "before /s", "now /s", "now / before", "middle half", "CPU before", "CPU now", "CPU before / now", "middle half", "no slower"],
        rows,
        notes: [
          `Against ${against.commit}: ${plan.rounds} pairs of ${plan.seconds} s, ${CONNECTIONS} connections. The quotients are of each pair,`
            + " their median and the middle half of them; above 1 is faster or cheaper now. Slower is what has its whole middle half below 1,"
            + " by rate and by CPU: less than that is the machine.",
        ],
      },
    };
  } finally {
    load.stop();
    await Promise.allSettled(sides.map(({ server }) => server.stop()));
  }
}

async function pairs(load, sides, { path, authenticated }, { rounds, seconds, warm }) {
  const jobs = sides.map(({ url, people }) => ({
    url,
    connections: CONNECTIONS,
    requests: people.map(({ token }) => ({ method: "GET", path, headers: authenticated ? authorized(token) : anonymous })),
  }));
  const put = (side, time) => load.put(sides[side].server, { ...jobs[side], seconds: time });
  for (const side of [0, 1]) await put(side, warm);
  const found = [];
  for (let round = 0; round < rounds; round++) {
    const pair = [];
    for (const side of round % 2 ? [1, 0] : [0, 1]) pair[side] = await put(side, seconds);
    found.push(pair);
  }
  return found;
}

function row(name, found) {
  const of = (side, figure) => median(found.map((pair) => pair[side][figure]));
  const faster = found.map(([before, now]) => now.rps / before.rps);
  const cheaper = found.map(([before, now]) => before.cpuUs / now.cpuUs);
  const isSlower = [faster, cheaper].every((quotients) => middleHalf(quotients)[1] < 1);
  const half = (quotients) => middleHalf(quotients).map(ratio).join(" to ");
  return [
    name, rate(of(0, "rps")), rate(of(1, "rps")), ratio(median(faster)), half(faster), us(of(0, "cpuUs")), us(of(1, "cpuUs")), ratio(median(cheaper)),
    half(cheaper), verdict(!isSlower),
  ];
}

/** The quartiles. @param {number[]} values */
function middleHalf(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (part) => sorted[Math.round((sorted.length - 1) * part)];
  return [at(0.25), at(0.75)];
}
