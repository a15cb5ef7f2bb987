/** Somebody who does one thing after another, and repeats what got no answer until it has one. */
import { next } from "./acts.mjs";
import { held, Person, same } from "./person.mjs";

const PATIENCE_MS = 8_000;
/** Acts after which somebody else comes. */
const ACTS_A_PERSON = 150;
const TRIES = 8;

export class Client {
  /** @param {object} run what main.mjs shares: fleet, graves, people, figures, random, violation, note */
  constructor(run) {
    this.run = run;
    this.person = null;
    this.pending = null;
    this.acts = 0;
  }

  /** Acts until something gets no answer, or `stop` says so. */
  async live(stop) {
    while (!stop() && !this.pending) {
      if (!this.person || this.acts >= ACTS_A_PERSON) this.#begin();
      const act = next(this.person, this.run.graves, this.run.random);
      act.began = Date.now();
      this.acts += 1;
      const answer = await this.#send(act);
      if (answer) this.#acknowledged(act, answer, false);
      else this.pending = act;
    }
  }

  #begin() {
    this.person = new Person(this.run.people.length);
    this.run.people.push(this.person);
    this.acts = 0;
  }

  /** After a restart: whatever got no answer took effect wholly or not at all, and after being repeated, once. */
  async settle() {
    const act = this.pending;
    if (!act) return;
    const { fleet, figures, violation } = this.run;
    const before = act.person.expected;
    const after = changed(before, act.change);
    const found = await held(fleet, act.person);
    figures.unanswered += 1;
    if (same(found, after) && !same(found, before)) figures.committed_unanswered += 1;
    else if (!same(found, before)) violation("torn", `${act.name}: ${text({ before, after, found })}`);
    for (let tries = 1; this.pending; tries++) {
      const answer = await this.#send(act);
      if (answer) {
        this.pending = null;
        this.#acknowledged(act, answer, true);
      } else if (tries === TRIES) {
        violation("stuck", `${act.name} got no answer after ${TRIES} repetitions`);
        this.pending = null;
      }
    }
  }

  #acknowledged(act, { status, data }, again) {
    const { person } = act;
    const { figures, note, violation } = this.run;
    const instead = act.alsoDone?.(status, Date.now() - act.began) && again;
    if (!instead && !(status >= 200 && status < 300)) {
      violation("refused", `${act.name} of person ${person.number}: ${status} ${text(data)}`);
      return;
    }
    const change = instead && act.changeInstead ? act.changeInstead : act.change;
    person.expected = changed(person.expected, change);
    act.learn(data, status);
    figures.acknowledged += 1;
    note({ act: act.name, person: person.number, again, status, id: data?.id, key: act.call.key });
  }

  /** @returns {Promise<{ status: number, data: any } | null>} nothing when it is not known what became of it */
  async #send({ call, person }) {
    const { fleet, random, figures, violation } = this.run;
    const first = request(fleet, call, person);
    if (!call.key || random() > 0.05) return first;
    // A repetition while the first is under way: one effect, one answer.
    figures.doubled += 1;
    const [one, other] = await Promise.all([first, request(fleet, call, person)]);
    if (one?.status < 300 && other?.status < 300 && text(one.data) !== text(other.data)) {
      violation("two answers", `${call.method} ${call.path}: ${text(one.data)} ${text(other.data)}`);
    }
    return one?.status < 300 ? one : (other ?? one);
  }
}

async function request(fleet, { worker = "tracker", method, path, body, token, key }, { address }) {
  const headers = { "cf-connecting-ip": worker === "admin" ? "127.0.0.1" : address };
  if (body) headers["content-type"] = "application/json";
  if (key) headers["idempotency-key"] = key;
  const bearer = worker === "admin" ? fleet.adminKey : token;
  if (bearer) headers.authorization = `Bearer ${bearer}`;
  try {
    const response = await fetch(`${fleet.url(worker)}${path}`, {
      method,
      headers,
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const said = await response.text();
    // A fault of ours says nothing about what became of it.
    if (response.status >= 500) return null;
    const parsed = said ? JSON.parse(said) : null;
    return { status: response.status, data: parsed?.data ?? parsed };
  } catch {
    return null;
  }
}

/** Whether an access token opens anything. */
export const opens = async (fleet, { person, access }) =>
  (await request(fleet, { method: "GET", path: "/api/v1/me", token: access }, person))?.status;

/** What a refresh token gets. */
export const refreshes = async (fleet, { person, refresh }) =>
  (await request(fleet, { method: "POST", path: "/api/v1/auth/refresh", body: { refresh_token: refresh } }, person))?.status;

const changed = (counts, change) =>
  Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, count + (change[name] ?? 0)]));
const text = (value) => JSON.stringify(value);
