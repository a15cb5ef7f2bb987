/**
 * All that must be done before workerd starts and need not be done again when it is started anew: reading the wrangler
 * files, migrating, bundling. Whoever starts often (scripts/kill-loop) keeps the result in a file, and saves the time
 * that loading wrangler and esbuild takes.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";

/**
 * @typedef {object} Prepared
 * @property {import("./config.mjs").Worker[]} workers
 * @property {import("./bundle.mjs").Module[][]} code by Worker
 */

/** @param {string} [path] @returns {Prepared | null} */
export function readPrepared(path) {
  if (!path || !existsSync(path)) return null;
  const { workers, code } = JSON.parse(readFileSync(path, "utf8"));
  const bytes = ({ contents, base64, ...module }) => ({ ...module, contents: contents ?? Buffer.from(base64, "base64") });
  return { workers, code: code.map((modules) => modules.map(bytes)) };
}

/** It holds what the Workers are bound to: for its owner alone. @param {string} [path] @param {Prepared} prepared */
export function writePrepared(path, { workers, code }) {
  if (!path) return;
  const text = ({ contents, ...module }) =>
    typeof contents === "string" ? { ...module, contents } : { ...module, base64: Buffer.from(contents).toString("base64") };
  writeFileSync(path, JSON.stringify({ workers, code: code.map((modules) => modules.map(text)) }), { mode: 0o600 });
}

/** @returns {Promise<import("./config.mjs").Worker[]>} */
export async function readWorkers({ env, extra, secrets, faults, keepMessages }) {
  const { readFleet } = await import("./config.mjs");
  const workers = readFleet(env, extra, secrets);
  if (!faults) return workers;
  const { withFaults } = await import("./faults.mjs");
  return workers.map((worker) => withFaults(worker, keepMessages));
}

/** @returns {Promise<import("./bundle.mjs").Module[][]>} */
export async function migrateAndBundle(workers, state, env, say) {
  const [{ migrate }, { bundleAll }] = await Promise.all([import("./migrate.mjs"), import("./bundle.mjs")]);
  await migrate(workers, state, env, say);
  return bundleAll(workers);
}
