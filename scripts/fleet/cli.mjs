/**
 * Runs the fleet in the foreground until Ctrl-C.
 *
 *   --port N          tracker's port, the others follow (8787; 0: anywhere free)
 *   --state DIR       databases, KV and queues (.dev/state)
 *   --secrets FILE    made at random when it does not exist (.dev/secrets.json)
 *   --file FILE       where to write the addresses once all is well (.dev/fleet.json)
 *   --fresh           forget the state first
 *   --seed            people and strains to begin with
 *   --direct          no local edge in front of the Workers
 *   --with FILE       a further Worker's wrangler file; may be repeated
 *   --var W.NAME=V    overrides a variable of Worker W; may be repeated
 *   --no-crons        cron triggers fire only when asked for
 *   --faults          tests may make bindings fail (tests/faults)
 *   --keep-messages   with --faults: what the local queue holds outlives a kill, as it does when deployed
 *   --provider        another provider to sign in with, at the loopback address (provider.mjs)
 *   --prepared FILE   written by the first start; later ones on the same state skip reading, migrating and bundling
 */
import { rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "./root.mjs";
import { FleetError } from "./errors.mjs";
import { loadSecrets, writePrivately } from "./secrets.mjs";
import { seed } from "./seed.mjs";
import { start } from "./start.mjs";

const OPTIONS = {
  port: { type: "string", default: "8787" },
  state: { type: "string", default: join(ROOT, ".dev/state") },
  secrets: { type: "string", default: join(ROOT, ".dev/secrets.json") },
  file: { type: "string", default: join(ROOT, ".dev/fleet.json") },
  fresh: { type: "boolean", default: false },
  seed: { type: "boolean", default: false },
  direct: { type: "boolean", default: false },
  with: { type: "string", multiple: true, default: [] },
  var: { type: "string", multiple: true, default: [] },
  "no-crons": { type: "boolean", default: false },
  faults: { type: "boolean", default: false },
  "keep-messages": { type: "boolean", default: false },
  provider: { type: "boolean", default: false },
  prepared: { type: "string" },
};

const started = Date.now();
const say = (text) => console.log(`  ${text} (${((Date.now() - started) / 1000).toFixed(1)} s)`);

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Resolves at the first signal that asks to stop; a second one does not wait. Called once miniflare runs, whose own
 * handlers would end the process before it has stopped in order.
 */
function stopRequested() {
  const controller = new AbortController();
  const requested = new Promise((done) => {
    for (const signal of SIGNALS) {
      process.removeAllListeners(signal);
      process.on(signal, () => {
        if (controller.signal.aborted) process.exit(130);
        controller.abort();
        done();
      });
    }
  });
  return { requested, signal: controller.signal };
}

async function main() {
  const { values } = parse();
  // Until the fleet stands there is nothing to stop in order; leaving this way still runs the exit handlers.
  for (const signal of SIGNALS) process.on(signal, () => process.exit(130));
  const file = resolve(values.file);
  const removeFile = () => rmSync(file, { force: true });
  const secrets = loadSecrets(resolve(values.secrets));
  const fleet = await start({
    port: port(values.port),
    state: values.state,
    fresh: values.fresh,
    secrets,
    direct: values.direct,
    extra: values.with,
    vars: variables(values.var),
    crons: !values["no-crons"],
    faults: values.faults,
    keepMessages: values["keep-messages"],
    provider: values.provider,
    prepared: values.prepared,
    say,
    onLock: () => {
      removeFile();
      process.on("exit", removeFile);
    },
  });
  const { requested, signal } = stopRequested();
  try {
    const accounts = values.seed ? await seed(fleet, secrets.admin_key, { say, signal }) : [];
    const { urls, direct, control, provider } = fleet;
    writePrivately(file, { ...urls, admin_key: secrets.admin_key, accounts, direct, control, provider });
    announce(urls, file);
    await requested;
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    removeFile();
    await fleet.stop();
  }
}

function parse() {
  try {
    return parseArgs({ options: OPTIONS });
  } catch (error) {
    throw new FleetError(error.message, "The options are listed at the top of scripts/fleet/cli.mjs.");
  }
}

function port(text) {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0 && value < 65_500) return value;
  throw new FleetError(`--port ${text} is not a port`);
}

/** @param {string[]} texts each worker.NAME=value */
function variables(texts) {
  const vars = {};
  for (const text of texts) {
    const [, worker, name, value] = /^([\w-]+)\.(\w+)=(.*)$/s.exec(text) ?? [];
    if (!worker) throw new FleetError(`--var ${text} is not of the form worker.NAME=value`);
    (vars[worker] ??= {})[name] = value;
  }
  return vars;
}

function announce(urls, file) {
  say("the fleet is up");
  for (const [name, url] of Object.entries(urls)) console.log(`  ${name.padEnd(9)} ${url}`);
  console.log(`  addresses, accounts and the admin key: ${file}\n  Ctrl-C stops it.`);
}

main().then(
  () => process.exit(0),
  (error) => {
    console.error(`\nerror: ${error instanceof FleetError ? error.message : error.stack}`);
    process.exit(1);
  },
);
