/**
 * The fleet's Workers as wrangler reads them. The wrangler files are the one truth: nothing of theirs is repeated here.
 */
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import "./quiet.mjs"; // before wrangler
import { unstable_getMiniflareWorkerOptions, unstable_readConfig } from "wrangler";
import { FleetError } from "./errors.mjs";
import { ROOT } from "./root.mjs";

export { ROOT };

/** In the order of their public ports. */
const OWN = [
  ["tracker", "wrangler.toml"],
  ["observer", "workers/observer/wrangler.toml"],
  ["admin", "workers/admin/wrangler.toml"],
  ["live", "workers/live/wrangler.toml"],
];

/**
 * @typedef {object} Worker
 * @property {string} name short name: tracker, observer, admin, live, or that of a test Worker
 * @property {string} service the deployed name, by which service bindings find it
 * @property {string} configPath
 * @property {string} main the entry module
 * @property {string} [entry] a module's text that stands in front of it
 * @property {object} options miniflare's options, without code
 * @property {Record<string, string>} define
 * @property {string[]} crons
 * @property {string[]} requiredSecrets
 * @property {{ name: string, migrations: string }[]} databases
 */

/**
 * @param {string} env
 * @param {string[]} [extra] paths of further wrangler files, relative to the working directory
 * @param {Record<string, string>} [secrets] wrangler looks for required ones in the process's environment
 * @returns {Worker[]}
 */
export function readFleet(env, extra = [], secrets = {}) {
  const before = { ...process.env };
  Object.assign(process.env, secrets);
  try {
    const own = OWN.map(([name, path]) => readWorker(name, join(ROOT, path), env));
    return [...own, ...extra.map((path) => readWorker(undefined, resolve(path), env))];
  } finally {
    for (const name of Object.keys(secrets)) {
      if (name in before) process.env[name] = before[name];
      else delete process.env[name];
    }
  }
}

/** @returns {Worker} */
function readWorker(name, configPath, env) {
  if (!existsSync(configPath)) throw new FleetError(`${configPath} is missing`, "It is the wrangler file of a Worker.");
  const config = unstable_readConfig({ config: configPath, env }, { hideWarnings: true });
  // A test Worker may have no environments: wrangler then appends none to its name, and neither do we.
  const { workerOptions, main, define } = unstable_getMiniflareWorkerOptions(configPath, env);
  if (!main) throw new FleetError(`${configPath} has no main`);
  const { modulesRules: _rules, ...options } = workerOptions;
  return {
    name: name ?? config.name.replace(new RegExp(`-${env}$`), ""),
    service: config.name,
    configPath,
    main,
    options,
    define,
    crons: config.triggers.crons ?? [],
    requiredSecrets: config.secrets?.required ?? [],
    databases: config.d1_databases.map((d1) => ({
      name: d1.database_name,
      migrations: resolve(dirname(configPath), d1.migrations_dir ?? "migrations"),
    })),
  };
}
