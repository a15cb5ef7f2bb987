/** Writes the tables of docs/api.md, or with --check says whether they are what the documents say. */
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { withTables } from "./tables.mjs";

const root = resolve(import.meta.dirname, "../..");
const path = join(root, "docs/api.md");
const now = readFileSync(path, "utf8");
const wanted = withTables(root, now);
if (now === wanted) {
  console.log("✓ docs/api.md is what the OpenAPI documents say");
} else if (process.argv.includes("--check")) {
  console.error("error: docs/api.md is not what the OpenAPI documents say\n  Run: scripts/api-table");
  process.exit(1);
} else {
  writeFileSync(path, wanted);
  console.log("✓ docs/api.md was written");
}
