/**
 * Runs the sections and prints their tables. See scripts/bench for the options.
 */
import { execFileSync } from "node:child_process";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { markdown, writeInto } from "./report.mjs";

/** In the order of their running; each exports `measure(settings)`, which returns tables by name. */
const SECTIONS = ["size", "growth", "cost", "peer", "cpu", "memory"];
/** Only when a commit to compare with is named, and then alone. */
const AGAINST = "against";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    long: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    check: { type: "boolean", default: false },
    only: { type: "string", multiple: true, default: [] },
    against: { type: "string" },
    folder: { type: "string" },
  },
});

/** A run that hangs must not stay. */
const MOST_MS = (values.long ? 30 : 10) * 60_000;
setTimeout(() => {
  console.error(`\nerror: still running after ${MOST_MS / 60_000} minutes; given up`);
  process.exit(1);
}, MOST_MS).unref();

const begun = performance.now();
const seconds = () => `${((performance.now() - begun) / 1000).toFixed(0)} s`;
const say = (text) => console.log(`  ${text} (${seconds()})`);

async function main() {
  const wrong = values.only.filter((name) => !SECTIONS.includes(name));
  if (wrong.length) throw new Error(`no section ${wrong.join(", ")}; there are: ${SECTIONS.join(", ")}`);
  const against = values.against && { commit: values.against, folder: values.folder };
  const chosen = against ? [AGAINST] : values.only.length ? SECTIONS.filter((name) => values.only.includes(name)) : SECTIONS;
  const missed = [];
  const settings = { quick: values.quick, long: values.long, say, against };
  for (const name of chosen) {
    console.log(`▸ ${name}`);
    const { measure } = await import(`./${name}.mjs`);
    for (const [title, table] of Object.entries(await measure(settings))) {
      const text = markdown(table);
      console.log(`\n${text}\n`);
      missed.push(...text.split("\n").filter((line) => line.includes("**missed**")));
      if (values.write) writeInto(title, text);
    }
    console.log(`✓ ${name} (${seconds()})`);
  }
  if (values.write && !against) writeInto("run", about(chosen));
  if (values.check && missed.length) throw new Error(`an aim is missed:\n${missed.join("\n")}`);
}

/** What the figures were measured with. */
function about(chosen) {
  const git = (...args) => execFileSync("git", args, { encoding: "utf8" }).trim();
  let commit = "no commit";
  try {
    commit = `commit ${git("rev-parse", "--short", "HEAD")}${git("status", "--porcelain", "--", "workers", "shared", "migrations") ? " with changes" : ""}`;
  } catch {
    // Outside a repository there is nothing to name.
  }
  const day = new Date().toISOString().slice(0, 10);
  const how = `scripts/bench --write${values.quick ? " --quick" : ""}${values.long ? " --long" : ""}${values.only.map((name) => ` --only ${name}`).join("")}`;
  return `Measured on ${day}, ${commit}, ${cpus().length} cores (${cpus()[0].model.trim()}), Node ${process.version}, in ${seconds()}: \`${how}\` (${chosen.join(", ")}).`;
}

main().then(
  () => process.exit(0),
  (error) => {
    console.error(`\nerror: ${error.stack ?? error}`);
    process.exit(1);
  },
);
