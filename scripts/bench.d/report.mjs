/** Tables for the terminal, and for docs/performance.md between markers. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../fleet/config.mjs";

const FILE = join(ROOT, "docs/performance.md");

/** @typedef {{ head: string[], rows: (string | number)[][], notes?: string[] }} Table */

/** As Markdown, its columns aligned. @param {Table} table */
export function markdown({ head, rows, notes = [] }) {
  const texts = [head, ...rows].map((row) => row.map(String));
  const widths = head.map((_, column) => Math.max(3, ...texts.map((row) => row[column].length)));
  const line = (row) => `| ${row.map((text, column) => (column === 0 ? text.padEnd(widths[column]) : text.padStart(widths[column]))).join(" | ")} |`;
  const rule = `| ${widths.map((width, column) => (column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |`;
  const [first, ...others] = texts;
  return [line(first), rule, ...others.map(line), ...notes.flatMap((note) => ["", note])].join("\n");
}

/** Puts a section's table in the place of the former one. @param {string} name @param {string} text */
export function writeInto(name, text) {
  const [begin, end] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`];
  const document = readFileSync(FILE, "utf8");
  const [from, to] = [document.indexOf(begin), document.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/performance.md has no markers ${begin} … ${end}`);
  writeFileSync(FILE, `${document.slice(0, from + begin.length)}\n${text}\n${document.slice(to)}`);
}

export const kb = (bytes) => `${(bytes / 1024).toFixed(0)} KB`;
export const ms = (value) => (Number.isFinite(value) ? `${value.toFixed(value < 10 ? 2 : 1)} ms` : "–");
export const us = (value) => (Number.isFinite(value) ? `${value.toFixed(0)} µs` : "–");
export const rate = (value) => (value >= 1000 ? `${(value / 1000).toFixed(1)} k` : value.toFixed(0));
export const ratio = (value) => (Number.isFinite(value) ? value.toFixed(2) : "–");
export const dollars = (value) => value.toFixed(2);
/** Whether an aim is met, in a word. */
export const verdict = (met) => (met ? "met" : "**missed**");
