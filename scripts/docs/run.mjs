/**
 * Runs a document's commands: every block that opens with ```sh run, one after another in one shell, as somebody would
 * paste them. A block that opens with ```text output shows what the run block before it prints: its lines come in this
 * order, each a whole line, with … for whatever changes from run to run.
 */
import { spawn } from "node:child_process";

const TIMEOUT_MS = 120_000;

/** @typedef {{ line: number, commands: string[], expected: { line: number, text: string }[] }} Block */

/** @param {import("./markdown.mjs").Fence[]} fences @returns {Block[]} */
export function blocks(fences) {
  const found = [];
  for (const { info, line, lines } of fences) {
    if (info === "sh run") {
      found.push({ line, commands: lines, expected: [] });
    } else if (info === "text output") {
      const block = found.at(-1);
      if (!block) throw new Error(`line ${line}: an output without a run block before it`);
      const shown = lines.map((text, index) => ({ line: line + index, text: text.trimEnd() }));
      block.expected.push(...shown.filter(({ text }) => text !== ""));
    }
  }
  return found;
}

/** @param {Block[]} all @returns {Promise<{ block: Block, problem?: { line: number, text: string } }[]>} */
export async function run(all, { root, env }) {
  const mark = `block-${process.pid}-${Date.now()}`;
  const script = all.map(({ commands }, index) => [...commands, `printf '\\n%s %s %s\\n' ${mark} ${index} $?`].join("\n")).join("\n");
  const output = await shell(script, { root, env });
  const results = [];
  let from = 0;
  for (const [index, block] of all.entries()) {
    const end = new RegExp(`^${mark} ${index} (\\d+)$`, "m").exec(output);
    if (!end) {
      const text = `the shell did not get to the end of this block:\n${output.slice(from)}`;
      results.push({ block, problem: { line: block.line, text } });
      break;
    }
    results.push({ block, problem: compare(block, output.slice(from, end.index), Number(end[1])) });
    from = end.index + end[0].length;
  }
  return results;
}

function shell(script, { root, env }) {
  return new Promise((done, fail) => {
    // Both streams in one, as on a terminal.
    const child = spawn("bash", ["--noprofile", "--norc", "-c", `exec 2>&1\n${script}`], { cwd: root, env, stdio: ["ignore", "pipe", "ignore"] });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (chunk) => (output += chunk));
    const timer = setTimeout(() => {
      output += `\nstill running after ${TIMEOUT_MS / 1000} s; ended`;
      child.kill("SIGKILL");
    }, TIMEOUT_MS);
    child.on("error", fail);
    child.on("close", () => {
      clearTimeout(timer);
      done(output);
    });
  });
}

function compare({ line, expected }, output, code) {
  const lines = output.split("\n").map((text) => text.replace(/\r$/, "").trimEnd());
  let from = 0;
  for (const { line: shown, text } of expected) {
    const pattern = new RegExp(`^${text.split("…").map(escape).join(".*")}$`);
    const place = lines.findIndex((candidate, index) => index >= from && pattern.test(candidate));
    if (place < 0) return { line: shown, text: `not printed: ${text}\nwhat was printed:\n${indented(lines)}` };
    from = place + 1;
  }
  if (code !== 0) return { line, text: `the last command ended with ${code}:\n${indented(lines)}` };
  return undefined;
}

/** Tokens and keys stay out of the report. */
const indented = (lines) =>
  lines
    .filter((text) => text !== "")
    .map((text) => `    ${text.replace(/eyJ[\w.-]{40,}|sesh_admin_[\w-]+|rt_[\w-]+/g, "(secret)")}`)
    .join("\n");

const escape = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
