/** Every Worker of the platform in one workerd, each on its own port, bound to one another as when deployed. */
import { mkdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import { askBehind, behind } from "./behind.mjs";
import { startControl } from "./control.mjs";
import { everyMinute } from "./cron.mjs";
import { edgeInFrontOf } from "./edge.mjs";
import { FAULTS_ENTRY, sendKeptAgain } from "./faults.mjs";
import { lockState } from "./lock.mjs";
import { mailedHere, postOffice } from "./mail.mjs";
import { claimPorts, waitUntilHealthy } from "./net.mjs";
import { migrateAndBundle, readPrepared, readWorkers, writePrepared } from "./prepare.mjs";
import { startProvider } from "./provider.mjs";
import { ROOT } from "./root.mjs";
import { makeSecrets, secretsFor } from "./secrets.mjs";

const HOST = "127.0.0.1";

/**
 * @typedef {object} Fleet
 * @property {Record<string, string>} urls the public address of each Worker, by short name
 * @property {Record<string, string>} direct addresses that bypass the local edge
 * @property {string} control the address of control.mjs
 * @property {import("./config.mjs").Worker[]} workers
 * @property {(name: string, asked: object) => Promise<[number, object]>} behind asks a Worker's database, KV or queue
 * @property {Record<string, string>} faults addresses of the Workers' fault shims, if they have them
 * @property {string} [provider] the address of the other provider, if there is one
 * @property {(address: string) => object[]} mails what was mailed to an address, oldest first
 * @property {(name: string, at?: Date) => Promise<object[]>} cron fires a Worker's cron triggers now
 * @property {() => Promise<void>} stop
 */

/**
 * @param {object} [options]
 * @param {number} [options.port] tracker's; the others follow it. 0: anywhere free
 * @param {string} [options.state] the folder of the databases, KV and queues
 * @param {boolean} [options.fresh] forget that state first
 * @param {import("./secrets.mjs").Secrets} [options.secrets] made at random when not given
 * @param {boolean} [options.direct] public ports lead straight into the Workers, for benchmarks: no client address is added
 * @param {string[]} [options.extra] wrangler files of further Workers
 * @param {Record<string, Record<string, unknown>>} [options.vars] by Worker: what to put in place of the wrangler file's
 * @param {boolean} [options.crons] fire cron triggers by the clock
 * @param {boolean} [options.faults] with the fault shim around each Worker
 * @param {boolean} [options.keepMessages] with it: the local queue outlives a kill
 * @param {boolean} [options.provider] with another provider to sign in with (provider.mjs)
 * @param {string} [options.prepared] a file of prepare.mjs, for whoever starts the same fleet on the same state again
 * @param {string} [options.env]
 * @param {(line: string) => void} [options.print] for the Workers' console
 * @param {(text: string) => void} [options.say] for our own progress
 * @param {() => void} [options.onLock] called once no other fleet can be running on the same state
 * @returns {Promise<Fleet>}
 */
export async function start(options = {}) {
  const { port = 8787, fresh = false, direct = false, extra = [], vars = {}, crons = true } = options;
  const { faults = false, keepMessages = false, provider: wanted = false, prepared, env = "dev" } = options;
  const { print = console.log, say = () => {}, onLock = () => {}, secrets = makeSecrets() } = options;
  const state = resolve(options.state ?? join(ROOT, ".dev/state"));
  const ready = readPrepared(prepared);
  const workers = ready?.workers ?? (await readWorkers({ env, extra, secrets, faults, keepMessages }));
  const lock = lockState(state);
  const closing = [lock.unlock];
  const stop = once(async () => {
    for (const close of closing.reverse()) await close();
  });
  try {
    onLock();
    const ports = await claimPorts(port, workers.map((worker) => worker.name), HOST);
    if (fresh) rmSync(state, { recursive: true, force: true });
    mkdirSync(state, { recursive: true });
    const provider = wanted ? await startProvider(`http://localhost:${ports[0]}`, HOST) : null;
    if (provider) closing.push(provider.stop);
    const office = postOffice(workers[0].options.compatibilityDate);
    const code = ready?.code ?? (await migrateAndBundle(workers, state, env, say));
    if (!ready) writePrepared(prepared, { workers, code });
    const miniflare = new Miniflare(miniflareOptions({ workers, code, ports, state, secrets, vars, direct, faults, print, office, provider }));
    closing.push(() => miniflare.dispose());
    await miniflare.ready;
    lock.adopt();
    const fleet = await describe(miniflare, { workers, ports, faults, print, stop, office, provider });
    say("workerd is up");
    const own = workers.length - extra.length;
    await Promise.all(workers.map(({ name }, index) => waitUntilHealthy(name, fleet.urls[name], { strict: index < own })));
    if (keepMessages) await sendKeptAgain(fleet);
    const control = await startControl(fleet, secrets.admin_key);
    closing.push(control.stop);
    fleet.control = control.url;
    if (crons) closing.push(everyMinute(workers, ({ name }, cron, at) => fire(fleet.behind, name, cron, at, print)));
    return fleet;
  } catch (error) {
    await stop();
    throw error;
  }
}

function miniflareOptions({ workers, code, ports, state, secrets, vars, direct, faults, print, office, provider }) {
  const own = workers.map((worker, index) => ({
    ...mailedHere(worker.options),
    name: worker.service,
    modules: code[index],
    bindings: {
      ...worker.options.bindings,
      ...localAddresses(worker, ports),
      ...secretsFor(worker, secrets),
      ...(provider && worker.name === "observer" ? { IDENTITY_PROVIDERS: provider.configured } : {}),
      ...vars[worker.name],
    },
    // Port 0: somewhere free, for whoever wants to bypass the local edge.
    unsafeDirectSockets: [
      { host: HOST, port: direct ? ports[index] : 0 },
      ...(faults ? [{ host: HOST, port: 0, entrypoint: FAULTS_ENTRY }] : []),
    ],
  }));
  const edges = direct ? [] : workers.map((worker, index) => edgeInFrontOf(worker, HOST, ports[index]));
  return convertV4MiniflareOptions({
    host: HOST,
    port: 0,
    cf: false,
    log: new Log(LogLevel.WARN),
    // Where wrangler's --persist-to looks.
    resourcePersistencePath: join(state, "v3"),
    handleStructuredLogs: ({ message }) => print(message.startsWith("[") ? message : `[workerd] ${message}`),
    workers: [...own, ...edges, ...workers.map((worker) => behind(worker, HOST)), office.worker],
  });
}

/** Where links lead here, and the pages that may ask for passkeys: tracker's own, at a name that browsers trust. */
function localAddresses(worker, [port]) {
  const url = `http://localhost:${port}`;
  const local = { APP_URL: url, PASSKEY_RP_ID: "localhost", PASSKEY_ORIGINS: url };
  return Object.fromEntries(Object.entries(local).filter(([name]) => name in worker.options.bindings));
}

/** @returns {Promise<Fleet>} */
async function describe(miniflare, { workers, ports, faults, print, stop, office, provider }) {
  const byName = new Map(workers.map((worker) => [worker.name, worker]));
  const ask = await askBehind(miniflare, workers);
  const addressesOf = (entry) => Promise.all(workers.map(({ service }) => miniflare.unsafeGetDirectURL(service, entry)));
  const byWorker = (addresses) => Object.fromEntries(workers.map(({ name }, index) => [name, addresses[index].origin]));
  return {
    urls: Object.fromEntries(workers.map((worker, index) => [worker.name, `http://${HOST}:${ports[index]}`])),
    direct: byWorker(await addressesOf()),
    faults: faults ? byWorker(await addressesOf(FAULTS_ENTRY)) : {},
    control: "",
    workers,
    behind: ask,
    cron: (name, at = new Date()) => Promise.all(byName.get(name).crons.map((cron) => fire(ask, name, cron, at, print))),
    mails: office.mails,
    provider: provider?.url,
    stop,
  };
}

/** A failed cron is reported and forgotten, as at the edge. */
async function fire(ask, name, cron, at, print) {
  const [status, outcome] = await ask(name, { act: "cron", cron, at }).catch((error) => [0, { error: error.message }]);
  if (status === 200) return outcome;
  print(`[${name}] cron ${cron} failed: ${outcome.error}`);
  return { outcome: "exception", error: outcome.error };
}

function once(action) {
  let result;
  return () => (result ??= action());
}
