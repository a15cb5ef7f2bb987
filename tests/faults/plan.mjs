/**
 * What shall go wrong, and how often it did.
 *
 * A plan is JSON: {"seed":1,"clock_ms":0,"faults":[…]}. A fault:
 *   kind         delay, fail_before, fail_after, hang, duplicate; of KV also stale; of Workers also garbage, status
 *   binding      DB, SESSIONS, FACTS, OBSERVER, TRACKER, HUBS; ANSWER is the Worker's own answer
 *   match        part of what is asked: SQL, `get key`, a message, `POST /path`; left out: everything
 *   on           part of the verb and path of the request that asks; left out: every request
 *   probability  1 when left out
 *   skip, times  leaves the first ones alone; strikes no more often than this
 *   min_ms, max_ms   of a delay
 *   message      of a failure, D1's own words when left out
 *   status, body     of an answer that stands in for a Worker's
 */

/** D1's own texts (its documentation, "Debug D1: errors"). */
const WORDS = { DB: "D1_ERROR: Network connection lost.", "*": "Network connection lost." };

export class Plan {
  constructor({ seed = 1, clock_ms = 0, faults = [] }) {
    this.random = seeded(seed);
    this.clock_ms = clock_ms;
    this.faults = faults.map((fault) => ({ probability: 1, skip: 0, times: Infinity, min_ms: 0, ...fault, seen: 0, hits: 0 }));
  }

  /** The faults that strike now, in their order. */
  strike(binding, asked, on) {
    return this.faults.filter((fault) => {
      if (fault.binding !== binding || !asked.includes(fault.match ?? "") || !on.includes(fault.on ?? "")) return false;
      fault.seen += 1;
      if (fault.seen <= fault.skip || fault.hits >= fault.times || this.random() >= fault.probability) return false;
      fault.hits += 1;
      return true;
    });
  }

  delayOf({ min_ms, max_ms = min_ms }) {
    return min_ms + Math.floor(this.random() * (max_ms - min_ms + 1));
  }

  get hits() {
    return this.faults.map((fault) => fault.hits);
  }
}

/** @returns {Error} */
export const failure = (fault) => new Error(fault.message ?? WORDS[fault.binding] ?? WORDS["*"]);

/** mulberry32: small, and the same numbers everywhere. */
function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
