/** The documents hold: their commands print what they show, and what they name exists. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { parse } from "./markdown.mjs";
import { namesOf } from "./names.mjs";
import { blocks, run } from "./run.mjs";
import { withTables } from "./tables.mjs";

const root = resolve(import.meta.dirname, "../..");
const given = process.argv.slice(2);
const runs = !given.includes("--static");
const files = given.filter((argument) => !argument.startsWith("--")).map((file) => relative(root, resolve(file)));

let passed = 0;
let failed = 0;

function fail(where, text) {
  failed += 1;
  console.error(`✗ ${where}: ${text}`);
}

function documents() {
  const own = readdirSync(root).filter((name) => name.endsWith(".md"));
  const folders = ["docs", ".assistant"].filter((name) => existsSync(join(root, name)));
  const inFolders = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true }).filter((name) => name.endsWith(".md")).map((name) => join(folder, name)),
  );
  return [...own, ...inFolders].sort();
}

function checkNames(file, names) {
  for (const { line, what, ok } of names(file)) {
    if (ok) passed += 1;
    else fail(`${file}:${line}`, `${what} does not exist`);
  }
}

async function checkCommands(file, env) {
  const all = blocks(parse(readFileSync(join(root, file), "utf8")).fences);
  if (all.length === 0) return;
  console.log(`▸ ${file}: ${all.length} blocks of commands`);
  for (const { block, problem } of await run(all, { root, env })) {
    if (problem) fail(`${file}:${problem.line}`, `in the block at line ${block.line}, ${problem.text}`);
    else passed += 1;
  }
}

function checkTables() {
  const text = readFileSync(join(root, "docs/api.md"), "utf8");
  if (withTables(root, text) === text) passed += 1;
  else fail("docs/api.md", "the tables are not what the OpenAPI documents say; run: scripts/api-table");
}

const fleetFile = resolve(process.env.SESH_FLEET_FILE ?? join(root, ".dev/fleet.json"));
if (runs && !existsSync(fleetFile)) {
  console.error(`error: no fleet is running: ${fleetFile} is missing\n  Start one: scripts/dev`);
  process.exit(1);
}
const names = namesOf(root);
const all = files.length ? files : documents();
for (const file of all) checkNames(file, names);
if (files.length === 0) checkTables();
if (runs) for (const file of all) await checkCommands(file, { ...process.env, SESH_FLEET_FILE: fleetFile });
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
