/** A Worker's entry and all it imports as one module, and each .wasm beside it, as wrangler would upload them. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import * as esbuild from "esbuild";
import { ROOT } from "./root.mjs";
import { FleetError } from "./errors.mjs";

/** @typedef {{ type: string, path: string, contents: string | Uint8Array }} Module */

/** @param {import("./config.mjs").Worker[]} workers @returns {Promise<Module[][]>} */
export async function bundleAll(workers) {
  try {
    return await Promise.all(workers.map(bundle));
  } finally {
    await esbuild.stop(); // its service process would stay as long as we do
  }
}

/** @returns {Promise<Module[]>} the entry first */
async function bundle(worker) {
  const wasm = new Map();
  const result = await esbuild.build({
    // An entry that is a text stands in front of the Worker's own; see faults.mjs.
    ...(worker.entry ? { stdin: { contents: worker.entry, resolveDir: ROOT } } : { entryPoints: [worker.main] }),
    bundle: true,
    write: false,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    define: worker.define,
    external: ["cloudflare:*", "node:*"],
    banner: { js: namedConsole(worker.name) },
    absWorkingDir: ROOT,
    logLevel: "silent",
    plugins: [compiledWasm(wasm)],
  }).catch((error) => {
    throw new FleetError(`${worker.name} cannot be bundled: ${error.message}`, "If build/ is missing, run: scripts/build");
  });
  return [
    { type: "ESModule", path: `${worker.name}.mjs`, contents: result.outputFiles[0].text },
    ...[...wasm].map(([path, contents]) => ({ type: "CompiledWasm", path, contents })),
  ];
}

/** Leaves each .wasm import in place, under a name that two files can never share. */
function compiledWasm(found) {
  return {
    name: "compiled-wasm",
    setup(bundler) {
      bundler.onResolve({ filter: /\.wasm(\?module)?$/ }, ({ path, resolveDir }) => {
        const file = resolve(resolveDir, path.replace(/\?module$/, ""));
        let contents;
        try {
          contents = readFileSync(file);
        } catch {
          return { errors: [{ text: `${file} is missing` }] };
        }
        const digest = createHash("sha256").update(contents).digest("hex").slice(0, 16);
        const name = `${basename(dirname(file))}-${digest}-${basename(file)}`;
        found.set(name, contents);
        return { path: `./${name}`, external: true };
      });
    },
  };
}

/** All Workers share one workerd, whose output does not say who spoke: each console says it itself. */
function namedConsole(name) {
  const prefix = JSON.stringify(`[${name}]`);
  return `for (const level of ["debug", "info", "log", "warn", "error"]) {
  const write = console[level].bind(console);
  console[level] = (first, ...rest) =>
    typeof first === "string" ? write(${prefix} + " " + first, ...rest) : write(${prefix}, first, ...rest);
}`;
}
