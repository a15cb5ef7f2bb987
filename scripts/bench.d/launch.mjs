/**
 * Starts what is measured: workerd on a core of its own, state in a temporary folder, every address on the loopback
 * interface. Whatever was started ends with this process.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import { bundleAll } from "../fleet/bundle.mjs";
import { readFleet, ROOT } from "../fleet/config.mjs";
import { migrate } from "../fleet/migrate.mjs";
import { makeSecrets, secretsFor } from "../fleet/secrets.mjs";

const HOST = "127.0.0.1";
const HERE = dirname(fileURLToPath(import.meta.url));
const SERVER_CORE = "0";

/** A folder of this run; gone when the process ends. */
export const scratch = mkdtempSync(join(tmpdir(), "sesh-bench-"));
const running = new Set();

process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, async () => {
    await Promise.allSettled([...running].map((server) => server.stop()));
    process.exit(130);
  });
}

/**
 * @typedef {object} Server
 * @property {number} pid workerd's
 * @property {Miniflare} miniflare
 * @property {Record<string, string>} urls by Worker
 * @property {Record<string, string>} probes addresses of the test-only entry points, by Worker
 * @property {(name: string) => Promise<Record<string, any>>} bindings a Worker's env, usable from Node
 * @property {string[]} lines what the Workers printed, if it is kept
 * @property {import("../fleet/secrets.mjs").Secrets} [secrets]
 * @property {() => Promise<void>} stop
 */

/**
 * Starts Workers that are given as miniflare options with code.
 * @param {{ name: string, options: object, probe?: boolean }[]} workers
 * @param {object} [settings] @param {string} [settings.state] @param {boolean} [settings.keepLines]
 * @param {boolean} [settings.pin] workerd on its own core
 * @returns {Promise<Server>}
 */
export async function serve(workers, { state, keepLines = false, pin = true } = {}) {
  const lines = [];
  const before = children();
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: HOST,
      port: 0,
      cf: false,
      log: new Log(LogLevel.ERROR),
      resourcePersistencePath: join(state ?? mkdtempSync(join(scratch, "state-")), "v3"),
      handleStructuredLogs: ({ level, message }) => {
        if (level === "error") console.error(`  ${message}`);
        else if (keepLines) lines.push(message);
      },
      workers: workers.map(({ options, probe, socket = true }) => ({
        ...options,
        unsafeDirectSockets: [
          ...(socket ? [{ host: HOST, port: 0 }] : []),
          ...(probe ? [{ host: HOST, port: 0, entrypoint: "Probe" }] : []),
        ],
      })),
    }),
  );
  const server = { miniflare, lines, urls: {}, probes: {}, stop: once(() => {
    running.delete(server);
    return miniflare.dispose();
  }) };
  running.add(server);
  await miniflare.ready;
  [server.pid] = children().filter((pid) => !before.includes(pid));
  if (pin) onOwnCore(server.pid);
  for (const { name, options, probe, socket = true } of workers) {
    if (socket) server.urls[name] = (await miniflare.unsafeGetDirectURL(options.name)).origin;
    if (probe) server.probes[name] = (await miniflare.unsafeGetDirectURL(options.name, "Probe")).origin;
  }
  const service = Object.fromEntries(workers.map(({ name, options }) => [name, options.name]));
  server.bindings = (name) => miniflare.getBindings(service[name]);
  return server;
}

/**
 * Starts the fleet. @param {object} [settings]
 * @param {boolean} [settings.instrumented] with the test-only entry around each Worker (see instrument.mjs)
 * @param {boolean} [settings.keepLines] @returns {Promise<Server>}
 */
export async function serveFleet({ instrumented = false, keepLines = false } = {}) {
  const { workers, secrets, state } = await fleetParts();
  const code = await bundleAll(instrumented ? workers.map(withProbe) : workers);
  const parts = workers.map((worker, index) => ({
    name: worker.name,
    probe: instrumented,
    options: {
      ...worker.options,
      name: worker.service,
      modules: code[index],
      bindings: { ...worker.options.bindings, ...secretsFor(worker, secrets) },
    },
  }));
  const server = await serve(parts, { state, keepLines });
  await Promise.all(Object.values(server.urls).map(untilHealthy));
  return Object.assign(server, { secrets });
}

let template;

/** The Workers, secrets and a fresh copy of migrated state: migrating takes seconds, copying does not. */
export async function fleetParts() {
  const secrets = makeSecrets();
  const workers = readFleet("dev", [], secrets);
  template ??= (async () => {
    const path = join(scratch, "migrated");
    await migrate(workers, path, "dev", () => {});
    return path;
  })();
  const state = mkdtempSync(join(scratch, "state-"));
  cpSync(await template, state, { recursive: true });
  return { workers, secrets, state };
}

/** The same Worker behind an entry that counts, answers from recordings and shows its memory. */
function withProbe(worker) {
  const folder = join(scratch, "entries");
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${worker.name}.mjs`);
  writeFileSync(
    path,
    `import Public, { Internal as Door } from ${JSON.stringify(worker.main)};
export * from ${JSON.stringify(worker.main)};
import Wasm from ${JSON.stringify(join(ROOT, "workers", worker.name, "build/index.js"))};
import { instrument } from ${JSON.stringify(join(HERE, "instrument.mjs"))};
const made = instrument(Public, Door, Wasm);
export default made.Public;
export const Internal = made.Internal;
export const Probe = made.Probe;
`,
  );
  return { ...worker, main: path };
}

/** CPU seconds that a process has used so far, the kernel's on its behalf included; NaN where the system does not tell. */
export function cpuSeconds(pid) {
  try {
    const threads = readdirSync(`/proc/${pid}/task`).map((thread) => readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8"));
    return threads.reduce((sum, line) => sum + Number(line.split(" ")[0]), 0) / 1e9;
  } catch {
    return Number.NaN;
  }
}

/** Bytes of a process that are in memory now. */
export function residentBytes(pid) {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
  } catch {
    return Number.NaN;
  }
}

function children() {
  const { stdout } = spawnSync("pgrep", ["-P", String(process.pid), "-x", "workerd"], { encoding: "utf8" });
  return (stdout ?? "").split("\n").filter(Boolean).map(Number);
}

function onOwnCore(pid) {
  if (cpus().length < 2 || process.platform !== "linux") return;
  try {
    execFileSync("taskset", ["-a", "-c", "-p", SERVER_CORE, String(pid)], { stdio: "ignore" });
  } catch {
    // Without it the two share their cores; the figures are still ratios of one run.
  }
}

async function untilHealthy(url) {
  for (const until = Date.now() + 30_000; ; ) {
    const response = await fetch(`${url}/api/health`).catch(() => null);
    await response?.arrayBuffer();
    // observer's health is behind its internal door: any answer will do.
    if (response && response.status < 500) return;
    if (Date.now() > until) throw new Error(`${url} was not healthy within 30 s`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

function once(action) {
  let result;
  return () => (result ??= action());
}
