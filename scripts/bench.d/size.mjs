/** How large each Worker is, and what starting it costs. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { bundleAll } from "../fleet/bundle.mjs";
import { ROOT } from "../fleet/config.mjs";
import { secretsFor } from "../fleet/secrets.mjs";
import { cpuSeconds, fleetParts, serve } from "./launch.mjs";
import { median } from "./load.mjs";
import { kb, ms, verdict } from "./report.mjs";

const AIM_BYTES = 400 * 1024;
const AIM_MS = 30;

/** Nobody calls these while a Worker starts alone; they only have to exist. */
const STUB = `import { WorkerEntrypoint } from "cloudflare:workers";
export class Internal extends WorkerEntrypoint { fetch() { return new Response("stub"); } }
export class Hub { fetch() { return new Response("stub"); } }
export default { fetch() { return new Response("ok"); }, queue() {} };`;

/** @param {{ quick: boolean, long: boolean, say: (text: string) => void }} settings */
export async function measure({ quick, long, say }) {
  const { workers, secrets } = await fleetParts();
  const code = await bundleAll(workers);
  const times = quick ? 1 : long ? 15 : 7;
  const sizes = [];
  const starts = [];
  for (const [index, worker] of workers.entries()) {
    const wasm = readFileSync(join(ROOT, "workers", worker.name, "build/index_bg.wasm"));
    sizes.push(sizeOf(worker.name, wasm, code[index][0].contents));
    starts.push(await startOf(worker, workers, code[index], secrets, times));
    say(`${worker.name}: ${times} cold starts`);
  }
  return {
    size: {
      head: ["Worker", "wasm", "gzip", "brotli", "JavaScript", "gzip of both", `≤ ${kb(AIM_BYTES)}`],
      rows: sizes,
      notes: ["gzip at level 9, brotli at quality 11. What Cloudflare's limit counts is the gzip of both."],
    },
    start: {
      head: ["Worker", "compile + instantiate", "in workerd: CPU", "first answer", "warm answer", "first − warm", `≤ ${AIM_MS} ms`],
      rows: starts,
      notes: [
        `Medians of ${times} fresh processes. Compile + instantiate: the same wasm in Node's V8, which compiles a function when it is`
          + " first called. In workerd: CPU of the process up to its first answer, less that of one with a trivial Worker in its place"
          + " and the same bindings. First answer: a request that needs no binding, to a workerd that has just begun to listen. The"
          + " aim is held against the larger of the CPU and first − warm.",
      ],
    },
  };
}

function sizeOf(name, wasm, script) {
  const gzip = (bytes) => gzipSync(bytes, { level: 9 }).length;
  const brotli = brotliCompressSync(wasm, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length;
  const both = gzip(wasm) + gzip(Buffer.from(script));
  return [name, kb(wasm.length), kb(gzip(wasm)), kb(brotli), kb(Buffer.byteLength(script)), kb(both), verdict(both <= AIM_BYTES)];
}

async function startOf(worker, workers, code, secrets, times) {
  const trivial = [{ type: "ESModule", path: "trivial.mjs", contents: STUB }];
  const own = [];
  const base = [];
  const inNode = [];
  for (let turn = 0; turn < times; turn++) {
    own.push(await coldStart(worker, workers, code, secrets));
    base.push(await coldStart(worker, workers, trivial, secrets));
    inNode.push(compileInNode(join(ROOT, "workers", worker.name, "build/index_bg.wasm")));
  }
  const of = (all, name) => median(all.map((one) => one[name]));
  const cpu = of(own, "cpu") - of(base, "cpu");
  const [first, warm] = [of(own, "first"), of(own, "warm")];
  return [worker.name, ms(median(inNode)), ms(cpu), ms(first), ms(warm), ms(first - warm), verdict(Math.max(cpu, first - warm) <= AIM_MS)];
}

/** One Worker alone in a fresh workerd, its neighbours stubs. */
async function coldStart(worker, workers, code, secrets) {
  const stub = [{ type: "ESModule", path: "stub.mjs", contents: STUB }];
  const others = workers.filter(({ service }) => service !== worker.service);
  const server = await serve(
    [
      { name: worker.name, options: { ...worker.options, name: worker.service, modules: code, bindings: { ...worker.options.bindings, ...secretsFor(worker, secrets) } } },
      ...others.map(({ name, service, options: { compatibilityDate, durableObjects } }) => ({
        name,
        socket: false,
        options: { name: service, modules: stub, compatibilityDate, durableObjects },
      })),
    ],
    { pin: true },
  );
  try {
    const first = await answerTime(server.urls[worker.name]);
    const cpu = cpuSeconds(server.pid) * 1000;
    const warm = [];
    for (let turn = 0; turn < 20; turn++) warm.push(await answerTime(server.urls[worker.name]));
    return { first, cpu, warm: median(warm) };
  } finally {
    await server.stop();
  }
}

async function answerTime(url) {
  const begun = performance.now();
  const response = await fetch(`${url}/nowhere`);
  await response.arrayBuffer();
  return performance.now() - begun;
}

/** In a process of its own: the second compilation in one process is answered from V8's cache. */
function compileInNode(path) {
  const script = `const bytes = require("node:fs").readFileSync(${JSON.stringify(path)});
    const begun = performance.now();
    const module = new WebAssembly.Module(bytes);
    const imports = {};
    for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
      (imports[from] ??= {})[name] = kind === "function" ? () => 0 : new WebAssembly.Tag({ parameters: ["externref"] });
    }
    new WebAssembly.Instance(module, imports);
    console.log(performance.now() - begun);`;
  return Number(execFileSync(process.execPath, ["-e", script], { encoding: "utf8" }));
}
