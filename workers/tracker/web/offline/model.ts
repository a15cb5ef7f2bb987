// For the tests: servers that do as tracker does, a store that can be killed, and a network that fails as planned.

import type { Answer, Ask, Request } from "./sync.ts";
import { EMPTY, type Said, type Session, type State, type Store } from "./types.ts";

export const OWNER = "tenant/ada";
export const NOW = Date.parse("2026-11-21T20:00:00Z");

export class Killed extends Error {}
class Unreachable extends Error {}

/** Sessions, lots and idempotency records, as tracker keeps them. */
export class Servers {
  sessions = new Map<string, Session & { deleted?: true }>();
  lots = new Map<string, number>();
  records = new Map<string, { print: string; answer: Answer }>();
  /** How often a session was really written, by what was done to it. */
  effects: string[] = [];
  owner = OWNER;

  /** Forgets keys, as after a day. */
  forget(): void {
    this.records.clear();
  }

  answer(owner: string, request: Request): Answer {
    const { method, path, key } = request;
    if (owner !== this.owner) return { status: 403, error: { code: "forbidden", message: "Somebody else is signed in here." } };
    if (method === "GET") return this.#read(path);
    const name = `${method} ${path} ${key}`;
    const print = JSON.stringify([request.body, request.version]);
    const known = this.records.get(name);
    if (known) return known.print === print || method === "DELETE" ? known.answer : { status: 422, error: { code: "idempotency_key_reused", message: "Used before." } };
    const answer = this.#write(request);
    if (answer.status < 300 && !answer.data?.again) this.records.set(name, { print, answer });
    return answer.data?.again ? { ...answer, data: answer.data.again } : answer;
  }

  #live(path: string): Session | undefined {
    const found = this.sessions.get(path.split("/").at(-1)!);
    return found?.deleted ? undefined : found;
  }

  #read(path: string): Answer {
    const found = this.#live(path);
    return found ? { status: 200, data: structuredClone(found) } : { status: 404, error: { code: "not_found", message: "No." } };
  }

  #write({ method, path, version, body }: Request): Answer {
    const fields = body as Partial<Said> & { id?: string };
    if (method === "POST") return this.#log(fields);
    const found = this.#live(path);
    if (!found) return { status: 404, error: { code: "not_found", message: "No." } };
    if (version !== undefined && version !== found.version) return { status: 412, error: { code: "precondition_failed", message: "Changed." } };
    if (method === "DELETE") {
      this.#move(found.items, 1);
      this.sessions.set(found.id, { ...found, deleted: true, version: found.version + 1 });
      this.effects.push(`delete ${found.id}`);
      return { status: 204 };
    }
    if (fields.items) {
      this.#move(found.items, 1);
      const short = this.#short(fields.items);
      if (short) {
        this.#move(found.items, -1);
        const { lot_id } = short.error!.details;
        return { ...short, error: { ...short.error!, details: { lot_id, available_mg: this.lots.get(lot_id) } } };
      }
      this.#move(fields.items, -1);
    }
    const next = { ...found, ...this.#named(fields), version: found.version + 1 } as Session;
    this.sessions.set(found.id, next);
    this.effects.push(`edit ${found.id}`);
    return { status: 200, data: structuredClone(next) };
  }

  #named(fields: Partial<Said>): Partial<Said> {
    return fields.items ? { ...fields, items: fields.items.map((item) => ({ ...item, name: `lot ${item.lot_id}` })) } : fields;
  }

  #log(fields: Partial<Said> & { id?: string }): Answer {
    const known = this.sessions.get(fields.id!);
    if (known?.deleted) return { status: 409, error: { code: "conflict", message: "Deleted." } };
    if (known) return { status: 201, data: { again: structuredClone(known) } };
    const short = this.#short(fields.items ?? []);
    if (short) return short;
    this.#move(fields.items ?? [], -1);
    const session = { rating: null, mood_before: null, mood_after: null, effects: [], notes: null, ...this.#named(fields), version: 1 } as unknown as Session;
    this.sessions.set(session.id, session);
    this.effects.push(`log ${session.id}`);
    return { status: 201, data: structuredClone(session) };
  }

  #short(items: Said["items"]): Answer | null {
    for (const { lot_id, quantity_mg } of items) {
      const available_mg = this.lots.get(lot_id!) ?? 0;
      if (available_mg < (quantity_mg ?? 0)) {
        return { status: 409, error: { code: "insufficient_stock", message: "Too little.", details: { lot_id, available_mg } } };
      }
    }
    return null;
  }

  #move(items: Said["items"], sign: 1 | -1): void {
    for (const item of items) this.lots.set(item.lot_id!, (this.lots.get(item.lot_id!) ?? 0) + sign * (item.quantity_mg ?? 0));
  }
}

/** What happens to the requests, in order; `fine` from then on. */
export type Fault = "fine" | "unsent" | "lost" | "twice" | "503" | "429";

export function network(servers: Servers, faults: Fault[], step: (what: string) => void): Ask {
  return async (owner, request) => {
    step(`before ${request.method}`);
    const fault = faults.shift() ?? "fine";
    if (fault === "unsent") throw new Unreachable();
    if (fault === "503") return { status: 503, error: { code: "service_unavailable", message: "Busy." } };
    if (fault === "429") return { status: 429, error: { code: "too_many_requests", message: "Wait." }, retry_after_s: 30 };
    const answer = servers.answer(owner, structuredClone(request));
    if (fault === "twice") servers.answer(owner, structuredClone(request));
    if (fault === "lost") throw new Unreachable();
    step(`after ${request.method}`);
    return answer;
  };
}

/** Keeps states as IndexedDB does: each change is there as a whole, or not at all. */
export class Memory implements Store {
  kept = new Map<string, State>();
  step: (what: string) => void = () => {};

  async read(owner: string): Promise<State> {
    return structuredClone(this.kept.get(owner) ?? EMPTY);
  }

  async change(owner: string, how: (state: State) => State): Promise<State> {
    this.step("before a change");
    const next = how(await this.read(owner));
    this.kept.set(owner, structuredClone(next));
    this.step("after a change");
    return structuredClone(next);
  }
}
