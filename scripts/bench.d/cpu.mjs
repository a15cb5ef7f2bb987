/**
 * The Worker's own CPU: the database answers at once, from recordings, so that neither its simulator nor the disk is in the
 * figures. That share is what production bills, and what the two sides differ in.
 */
import { inTurn, Load } from "./load.mjs";
import { anonymous, authorized } from "./people.mjs";
import { rate, ratio, us, verdict } from "./report.mjs";
import { mustAgree, ours, peer } from "./sides.mjs";

const CONNECTIONS = 16;
/** How much less CPU than the peer an authenticated read of ours may take. */
const AIM = 1.3;

/** @param {{ quick: boolean, long: boolean, say: (text: string) => void }} settings */
export async function measure({ quick, long, say }) {
  const our = await ours({ people: 1, instrumented: true });
  let their;
  const load = new Load();
  try {
    their = await peer(our, { instrumented: true });
    await mustAgree(our, their);
    const probes = [our.server.probes.tracker, their.server.probes.peer, their.server.probes.plain];
    await Promise.all(probes.map((probe) => fetch(`${probe}/canned`)));
    say("the databases answer from recordings");
    const plan = quick ? { rounds: 1, seconds: 0.5, warm: 0.35 } : { rounds: long ? 15 : 4, seconds: 0.8, warm: 1.2 };
    const rows = [];
    for (const call of CALLS) {
      const found = await inTurn(load, sides(our, their, call), plan);
      rows.push(row(call, found));
      say(call.name);
    }
    return {
      cpu: {
        head: [
          "call", "bare", "ours", "peer", "peer / ours", `≥ ${AIM}`, "ours, log dropped", "peer, log dropped", "peer / ours", "plain peer",
          "ours /s", "peer /s",
        ],
        rows,
        notes: [
          "Microseconds of CPU of workerd for each answer, its HTTP and the system's network included; *bare* is the trivial Worker. *Log"
            + " dropped*: the line is made and then thrown away, which takes out the local way to the terminal. The *plain peer* has no request"
            + ` id, no security headers and no log line. Rounds in turn, medians (${plan.rounds}).`,
        ],
      },
    };
  } finally {
    load.stop();
    await their?.server.stop();
    await our.server.stop();
  }
}

const CALLS = [
  { name: "health", path: "/api/health" },
  { name: "20 sessions, authenticated", path: "/api/v1/sessions?limit=20", authenticated: true },
  { name: "dashboard", path: "/api/v1/dashboard", authenticated: true },
  { name: "strain search", path: "/api/v1/strains?q=blu%20drem&limit=20", authenticated: true },
];

function sides(our, their, { path, authenticated }) {
  const job = (url, { token }, to = path) => ({
    url,
    connections: CONNECTIONS,
    requests: [{ method: "GET", path: to, headers: authenticated ? authorized(token) : anonymous }],
  });
  const logging = (probe, how) => () => fetch(`${probe}/${how}`);
  const { tracker } = our.server.probes;
  const { peer: probe } = their.server.probes;
  const [ourJob, theirJob] = [job(our.url, our.people[0]), job(their.url, their.people[0])];
  return [
    { side: "bare", server: their.server, job: job(their.bare, their.people[0], "/") },
    { side: "ours", server: our.server, job: ourJob, before: logging(tracker, "loud") },
    { side: "peer", server: their.server, job: theirJob, before: logging(probe, "loud") },
    { side: "oursQuiet", server: our.server, job: ourJob, before: logging(tracker, "quiet") },
    { side: "peerQuiet", server: their.server, job: theirJob, before: logging(probe, "quiet") },
    { side: "plain", server: their.server, job: job(their.plain, their.people[0]) },
  ];
}

function row({ name, authenticated }, { bare, ours: a, peer: b, oursQuiet, peerQuiet, plain }) {
  const quotient = b.cpuUs / a.cpuUs;
  return [
    name, us(bare.cpuUs), us(a.cpuUs), us(b.cpuUs), ratio(quotient), authenticated ? verdict(quotient >= AIM) : "", us(oursQuiet.cpuUs),
    us(peerQuiet.cpuUs), ratio(peerQuiet.cpuUs / oursQuiet.cpuUs), us(plain.cpuUs), rate(a.rps), rate(b.rps),
  ];
}
