/**
 * Local migrations, applied by wrangler itself as the deployed ones are, so that both keep the same books.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./root.mjs";
import { FleetError } from "./errors.mjs";

const WRANGLER = join(ROOT, "node_modules/wrangler/bin/wrangler.js");

/**
 * @param {import("./config.mjs").Worker[]} workers @param {string} state @param {string} env
 * @param {(text: string) => void} say
 */
export async function migrate(workers, state, env, say) {
  mkdirSync(state, { recursive: true });
  const path = join(state, "migrations.json");
  const applied = existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : {};
  const todo = [];
  for (const worker of workers) {
    for (const database of worker.databases) {
      const files = hashes(database.migrations);
      refuseEdited(database, files, applied[database.name] ?? {});
      if (JSON.stringify(files) !== JSON.stringify(applied[database.name] ?? {})) todo.push({ worker, database, files });
    }
  }
  // One after another: wrangler's runs share a file of the state folder, and two at a time find it locked.
  for (const { worker, database, files } of todo) {
    await apply(worker, database, state, env);
    applied[database.name] = files;
    writeFileSync(path, JSON.stringify(applied, null, 2));
    say(`migrated ${database.name} (${Object.keys(files).length} files)`);
  }
}

/** @returns {Record<string, string>} the hash of every migration, in their order */
function hashes(folder) {
  if (!existsSync(folder)) return {};
  const files = readdirSync(folder).filter((name) => name.endsWith(".sql")).sort();
  return Object.fromEntries(
    files.map((name) => [name, createHash("sha256").update(readFileSync(join(folder, name))).digest("hex")]),
  );
}

/** wrangler goes by names alone, so an edited migration would silently never arrive. */
function refuseEdited(database, files, applied) {
  const changed = Object.keys(applied).filter((name) => files[name] !== applied[name]);
  if (changed.length === 0) return;
  throw new FleetError(
    `migrations of ${database.name} were changed after they were applied here: ${changed.join(", ")}`,
    "Once landed, a migration is never edited: add another. For one not landed yet, start afresh: scripts/dev --fresh",
  );
}

function apply(worker, database, state, env) {
  const args = ["d1", "migrations", "apply", database.name, "--local", "--env", env];
  const child = spawn(process.execPath, [WRANGLER, ...args, "--config", worker.configPath, "--persist-to", state], {
    cwd: ROOT,
    env: { ...process.env, CI: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const kill = () => child.kill();
  process.once("exit", kill);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
  return new Promise((done, fail) => {
    child.on("error", fail);
    child.on("close", (code) => {
      process.off("exit", kill);
      if (code === 0) done();
      else fail(new FleetError(`the migrations of ${database.name} failed`, ...output.trim().split("\n")));
    });
  });
}
