/** What must hold after each restart, and at the end. */
import { GRACE_MS } from "./acts.mjs";
import { opens, refreshes } from "./client.mjs";
import { wait } from "./fleet.mjs";
import { held, same, wrongBalances, wrongSessions } from "./person.mjs";

const TOKEN_LIFE_MS = 14 * 60_000;
/** Each finds rows that cannot be if every change took effect wholly or not at all. */
const TORN = {
  tracker: [
    `SELECT id FROM lots WHERE balance_mg <> (SELECT sum(delta_mg) FROM stash_entries e WHERE e.lot_id = lots.id)
       OR last_seq <> (SELECT count(*) FROM stash_entries e WHERE e.lot_id = lots.id)`,
    `SELECT id FROM sessions s WHERE (SELECT coalesce(-sum(delta_mg), 0) FROM stash_entries e WHERE e.session_id = s.id)
       <> CASE WHEN deleted_at IS NULL THEN (SELECT sum(i.value ->> 'quantity_mg') FROM json_each(s.items) i) ELSE 0 END`,
    `SELECT person_id FROM members m WHERE sessions <>
       (SELECT count(*) FROM sessions s WHERE s.person_id = m.person_id AND deleted_at IS NULL)`,
    // Open browsers are told of changes by their numbers: each change has one.
    `SELECT person_id FROM members m WHERE changes <>
       (SELECT coalesce(sum(version), 0) FROM sessions s WHERE s.person_id = m.person_id) +
       (SELECT count(*) FROM stash_entries e WHERE e.person_id = m.person_id AND kind NOT IN ('session', 'reversal'))`,
  ],
  observer: [
    `SELECT id FROM people WHERE 1 <>
       (SELECT count(*) FROM audit WHERE entity = 'person:' || people.id AND action = 'person.registered')`,
    `SELECT id FROM people WHERE epoch <>
       (SELECT count(*) FROM audit WHERE entity = 'person:' || people.id AND action = 'person.suspended')`,
    `SELECT max(seq) AS last FROM audit HAVING last <> count(*)`,
    `SELECT id FROM people WHERE status = 'suspended'
       AND EXISTS (SELECT 1 FROM devices WHERE person_id = people.id AND revoked_at IS NULL)`,
  ],
};

/** Quick: those who are about, and a few tokens that must stay dead. */
export async function afterRestart(run, people) {
  const { fleet, graves, random, violation } = run;
  const whole = async (worker, sql) => {
    const found = await fleet.rows(worker, sql);
    if (found.length) violation("torn", `${worker}: ${JSON.stringify(found.slice(0, 3))} by ${sql}`);
  };
  const looks = Object.entries(TORN).flatMap(([worker, queries]) => queries.map((sql) => whole(worker, sql)));
  await Promise.all([...looks, ...people.map((person) => asAcknowledged(run, person))]);
  const young = graves.filter(({ at }) => Date.now() - at < TOKEN_LIFE_MS);
  const some = Array.from({ length: Math.min(8, young.length) }, () => young[Math.floor(random() * young.length)]);
  await Promise.all(some.map((token) => staysDead(run, token)));
}

async function asAcknowledged({ fleet, violation }, person) {
  if (!person.id) return;
  const found = await held(fleet, person);
  if (!same(found, person.expected)) {
    violation("lost", `person ${person.number}: ${JSON.stringify({ expected: person.expected, found })}`);
  }
  const wrong = [...(await wrongBalances(fleet, person)), ...(await wrongSessions(fleet, person))];
  if (wrong.length) violation("lost", `person ${person.number}: ${JSON.stringify(wrong.slice(0, 3))}`);
}

async function staysDead({ fleet, figures, violation }, token) {
  figures.dead_tokens_tried += 1;
  const [access, refresh] = [await opens(fleet, token), await refreshes(fleet, token)];
  if (access !== 401 || refresh !== 401) {
    violation("revived", `a dead token of person ${token.person.number} got ${access} and ${refresh}`);
  }
}

/** Everybody there ever was, all dead tokens that are not too old, the audit chain, and what admin counted. */
export async function inTheEnd(run) {
  const { fleet, people, graves, violation } = run;
  await afterRestart(run, people);
  for (const worker of ["observer", "tracker", "admin"]) {
    const { outcomes } = await fleet.cron(worker);
    if (outcomes.some(({ outcome }) => outcome !== "ok")) violation("cron", `${worker}: ${JSON.stringify(outcomes)}`);
  }
  const young = graves.filter(({ at }) => Date.now() - at < TOKEN_LIFE_MS);
  for (let from = 0; from < young.length; from += 20) {
    await Promise.all(young.slice(from, from + 20).map((token) => staysDead(run, token)));
  }
  await auditVerifies(run);
  await countedOnce(run);
}

/** Tokens that gave way to a successor are dead; showing one ends the device, so this comes last. */
export async function supersededStayDead({ fleet, people, figures, violation }) {
  for (const person of people) {
    for (const device of person.devices) {
      const spent = device.spent.find(({ at }) => Date.now() - at > GRACE_MS + 1000);
      if (!spent) continue;
      figures.superseded_tried += 1;
      const status = await refreshes(fleet, { person, refresh: spent.refresh });
      const current = await refreshes(fleet, { person, refresh: device.refresh });
      if (status !== 401 || current !== 401) {
        violation("revived", `a superseded token of person ${person.number} got ${status}, its successor ${current}`);
      }
    }
  }
}

async function auditVerifies({ fleet, figures, violation }) {
  figures.audit_entries = 0;
  for (let after = 0, more = true; more; ) {
    const response = await fetch(`${fleet.url("admin")}/api/v1/audit/verify?after=${after}`, {
      headers: { authorization: `Bearer ${fleet.adminKey}`, "cf-connecting-ip": "127.0.0.1" },
    });
    const { data } = await response.json();
    if (!data?.valid) return violation("audit", JSON.stringify(data));
    figures.audit_entries += data.entries;
    ({ more, through: after } = data);
  }
}

/** The facts in admin are those that happened, each once, and the counts are made of them. */
async function countedOnce({ fleet, people, violation }) {
  const known = people.filter(({ id }) => id);
  const expected = new Set(
    known.flatMap(({ id, sessions, deleted }) => [
      `person_registered ${id}`,
      ...[...sessions.keys(), ...deleted].map((session) => `session_logged ${session}`),
      ...[...deleted].map((session) => `session_deleted ${session}`),
    ]),
  );
  let found = [];
  for (const until = Date.now() + 15_000; Date.now() < until && found.length !== expected.size; await wait(200)) {
    const rows = await fleet.rows("admin", "SELECT kind, coalesce(session_id, person_id) AS what FROM facts");
    found = rows.map(({ kind, what }) => `${kind} ${what}`);
  }
  const [missing, extra] = [[...expected].filter((fact) => !found.includes(fact)), found.filter((fact) => !expected.has(fact))];
  if (missing.length || extra.length || found.length !== expected.size) {
    violation("facts", `${found.length} of ${expected.size}; missing ${missing.slice(0, 3)}; nobody told ${extra.slice(0, 3)}`);
  }
  const sql = `SELECT (SELECT coalesce(sum(sessions), 0) FROM daily_people) AS counted,
    (SELECT count(*) FROM counted_sessions) AS there, (SELECT coalesce(sum(people), 0) FROM daily_registrations) AS people`;
  const [counts] = await fleet.rows("admin", sql);
  const sessions = known.reduce((sum, person) => sum + person.sessions.size, 0);
  if (counts.counted !== sessions || counts.there !== sessions || counts.people !== known.length) {
    violation("counts", JSON.stringify({ ...counts, sessions, known: known.length }));
  }
  for (const worker of ["tracker", "observer"]) {
    const [{ n }] = await fleet.rows(worker, "SELECT count(*) AS n FROM outbox");
    if (n) violation("outbox", `${n} facts still wait in ${worker}`);
  }
}
