/** Puts load on an address and says what came of it: how fast it was answered, and what it cost in CPU. */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { cpuSeconds } from "./launch.mjs";

/**
 * @typedef {object} Measured
 * @property {number} count answers @property {number} rps a second
 * @property {number} p50 milliseconds @property {number} p99
 * @property {number} cpuUs microseconds of workerd's CPU for each answer
 * @property {Record<string, number>} statuses
 */

/** A load generator; stop it in the end. */
export class Load {
  #child = fork(fileURLToPath(new URL("generator.mjs", import.meta.url)), { stdio: "inherit" });

  constructor() {
    process.once("exit", () => this.#child.kill());
  }

  /**
   * @param {import("./launch.mjs").Server} server whose CPU is counted
   * @param {object} job see generator.mjs
   * @returns {Promise<Measured>}
   */
  async put(server, job) {
    const before = cpuSeconds(server.pid);
    const measured = await this.#run(job);
    const cpuUs = ((cpuSeconds(server.pid) - before) / measured.count) * 1e6;
    const failed = Object.entries(measured.statuses).filter(([status]) => Number(status) >= 400);
    if (failed.length && !job.mayFail) {
      const path = `${job.requests[0].method} ${job.requests[0].path}`;
      throw new Error(`${path} at ${job.url} was refused: ${JSON.stringify(measured.statuses)}`);
    }
    return { ...measured, cpuUs };
  }

  #run(job) {
    return new Promise((done, fail) => {
      this.#child.once("message", (answer) => (answer.error ? fail(new Error(answer.error)) : done(answer)));
      this.#child.send(job);
    });
  }

  stop() {
    this.#child.kill();
  }
}

/**
 * Measures several sides in turn, A B A B, so that whatever else the machine does meets all of them alike.
 * @template {string} S
 * @param {Load} load @param {{ side: S, server: object, job: object, before?: () => Promise<unknown> }[]} sides
 * @param {{ rounds: number, seconds: number, warm: number }} plan
 * @returns {Promise<Record<S, Measured>>} the median of each figure
 */
export async function inTurn(load, sides, { rounds, seconds, warm }) {
  const runs = Object.fromEntries(sides.map(({ side }) => [side, []]));
  const tokens = {};
  const put = async ({ side, server, job, before }, time) => {
    await before?.();
    const measured = await load.put(server, { ...job, refresh: tokens[side] ?? job.refresh, seconds: time });
    if (job.refresh) tokens[side] = measured.refresh;
    return measured;
  };
  for (const side of sides) await put(side, warm);
  for (let round = 0; round < rounds; round++) {
    for (const side of sides) runs[side.side].push(await put(side, seconds));
  }
  return Object.fromEntries(Object.entries(runs).map(([side, all]) => [side, middle(all)]));
}

function middle(all) {
  const of = (name) => median(all.map((one) => one[name]));
  return { count: all.reduce((sum, one) => sum + one.count, 0), rps: of("rps"), p50: of("p50"), p99: of("p99"), cpuUs: of("cpuUs") };
}

/** @param {number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
