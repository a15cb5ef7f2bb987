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
    const plan = quick ? { rounds: 2, seconds: 0.7, warm: 1 } : { rounds: long ? 15 : 5, seconds: 1.2, warm: 2 };
    const rows = [];
    for (const call of CALLS) {
      const found = await inTurn(load, sides(our, their, call), plan);
      rows.push(row(call, found));
      say(call.name);
    }
    return {
      cpu: {
        head: ["call", "bare", "ours", "peer", "plain peer", "peer / ours", `≥ ${AIM}`, "plain peer / ours", "ours /s", "peer /s", "bare /s"],
        rows,
        notes: [
          "Microseconds of CPU of workerd for each answer, its HTTP and the system's network included; *bare* is the trivial Worker. The"
            + " *plain peer* has no request id, no security headers and no log line, which ours cannot be told to leave out. Medians of"
            + ` ${plan.rounds} rounds in turn.`,
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
  return [
    { side: "bare", server: their.server, job: job(their.bare, their.people[0], "/") },
    { side: "ours", server: our.server, job: job(our.url, our.people[0]) },
    { side: "peer", server: their.server, job: job(their.url, their.people[0]) },
    { side: "plain", server: their.server, job: job(their.plain, their.people[0]) },
  ];
}

function row({ name, authenticated }, { bare, ours: a, peer: b, plain }) {
  const quotient = b.cpuUs / a.cpuUs;
  return [
    name, us(bare.cpuUs), us(a.cpuUs), us(b.cpuUs), us(plain.cpuUs), ratio(quotient), authenticated ? verdict(quotient >= AIM) : "",
    ratio(plain.cpuUs / a.cpuUs), rate(a.rps), rate(b.rps), rate(bare.rps),
  ];
}
