/**
 * Prints a wrangler file without one service binding of one environment.
 * Usage: without-binding.mjs FILE ENV BINDING
 */
import { readFileSync } from "node:fs";

const [file, env, binding] = process.argv.slice(2);
const header = `[[env.${env}.services]]`;
// A table of TOML ends where the next header begins.
const tables = readFileSync(file, "utf8").split(/^(?=\[)/m);
const kept = tables.filter((table) => !(table.startsWith(header) && table.includes(`binding = "${binding}"`)));
if (kept.length !== tables.length - 1) {
  console.error(`error: ${file} should hold one ${header} with binding = "${binding}", and holds ${tables.length - kept.length}`);
  process.exit(1);
}
process.stdout.write(kept.join(""));
