/** End to end beside the peer, each side on the same core in turn, the load generator on the other. */
import { inTurn, Load } from "./load.mjs";
import { anonymous, authorized, PASSWORD } from "./people.mjs";
import { ms, rate, ratio, us, verdict } from "./report.mjs";
import { mustAgree, ours, peer } from "./sides.mjs";

const CONNECTIONS = 16;
/** Hashing a password keeps the core busy for tens of milliseconds. */
const LOGIN_CONNECTIONS = 4;
const AIM = 1;

/** @param {{ quick: boolean, long: boolean, say: (text: string) => void }} settings */
export async function measure({ quick, long, say }) {
  const our = await ours({ people: CONNECTIONS });
  let their;
  const load = new Load();
  try {
    their = await peer(our);
    await mustAgree(our, their);
    say("both sides hold the same rows and give the same answers");
    const plan = quick ? { rounds: 1, seconds: 0.5, warm: 0.35 } : { rounds: long ? 9 : 3, seconds: 1.5, warm: 1 };
    const bare = await limit(load, their, plan);
    const rows = [];
    for (const call of calls(our, their)) {
      const found = await inTurn(
        load,
        [
          { side: "ours", server: our.server, job: { url: our.url, connections: CONNECTIONS, ...call.ours } },
          { side: "peer", server: their.server, job: { url: their.url, connections: CONNECTIONS, ...call.peer } },
        ],
        plan,
      );
      rows.push(row(call.name, found, bare));
      say(call.name);
    }
    return {
      peer: {
        head: ["call", "ours /s", "peer /s", "ours / peer", `≥ ${AIM.toFixed(1)}`, "ours / bare", "p50 ours", "peer", "p99 ours", "peer", "CPU ours", "peer"],
        rows,
        notes: [
          `The bare Worker answers ${rate(bare.rps)} /s here (${us(bare.cpuUs)} of CPU each). ${CONNECTIONS} connections, ${LOGIN_CONNECTIONS} for`
            + " logging in; medians of the rounds. CPU: of the whole workerd process for each answer, the local database's share included.",
        ],
      },
    };
  } finally {
    load.stop();
    await their?.server.stop();
    await our.server.stop();
  }
}

async function limit(load, their, plan) {
  const job = { url: their.bare, connections: CONNECTIONS, requests: [{ method: "GET", path: "/", headers: anonymous }] };
  return (await inTurn(load, [{ side: "bare", server: their.server, job }], { ...plan, rounds: 1 })).bare;
}

/** The compared calls; each side has its own tokens and the same rows. */
function calls(our, their) {
  const both = (name, make, more = () => ({})) => ({
    name,
    ours: { requests: our.people.map((person, at) => make(person, our.lots[at])), ...more(our) },
    peer: { requests: their.people.map((person, at) => make(person, their.lots[at])), ...more(their) },
  });
  const get = (path) => ({ token }) => ({ method: "GET", path, headers: authorized(token) });
  const post = (path, body) => ({ method: "POST", path, headers: anonymous, body: JSON.stringify(body) });
  const signIn = ({ email }) => post("/api/v1/auth/login", { email, password: PASSWORD, delivery: "token" });
  const few = () => ({ connections: LOGIN_CONNECTIONS });
  const withScrypt = both("login (the peer with scrypt)", signIn, few);
  withScrypt.peer.requests = their.scrypt.map((email) => signIn({ email }));
  return [
    both("health", () => ({ method: "GET", path: "/api/health", headers: anonymous })),
    both("strain search", get("/api/v1/strains?q=blu%20drem&limit=20")),
    both("20 sessions, authenticated", get("/api/v1/sessions?limit=20")),
    both("dashboard", get("/api/v1/dashboard")),
    both("log a session with its debit", ({ token }, lot) => ({
      method: "POST",
      path: "/api/v1/sessions",
      headers: { ...authorized(token), "idempotency-key": "{{uuid}}" },
      body: JSON.stringify({ method: "smoke", items: [{ lot_id: lot, quantity_mg: 1 }], rating: 4 }),
    })),
    both("login (the peer with PBKDF2)", signIn, few),
    withScrypt,
    both("refresh", () => post("/api/v1/auth/refresh", { refresh_token: "{{refresh}}" }), ({ people }) => ({ refresh: people.map(({ refresh }) => refresh) })),
  ];
}

function row(name, { ours: a, peer: b }, bare) {
  const quotient = a.rps / b.rps;
  return [
    name, rate(a.rps), rate(b.rps), ratio(quotient), verdict(quotient >= AIM), ratio(a.rps / bare.rps), ms(a.p50), ms(b.p50), ms(a.p99), ms(b.p99),
    us(a.cpuUs), us(b.cpuUs),
  ];
}
