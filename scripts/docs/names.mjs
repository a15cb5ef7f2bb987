/** Whether what a document names exists: linked files and headings, paths of the repository, tests. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { anchors, links, parse, spans } from "./markdown.mjs";

/** A path of ours in a code span, without a line number; patterns and templates are not looked at. */
const OUR_PATH = /^(?:\.\/)?((?:scripts|shared|workers|migrations|docs|tests|\.ci|\.assistant)\/[\w./-]*[\w-])(?:\/|:\d+)?$/;
/** A script at the head of a command line, in a code span or a block. */
const SCRIPT = /(?:^|[\s"'(=])(?:\.\/)?(scripts\/[\w./-]*\w)/g;
/** What the scripts make. */
const MADE = /^(?:workers|tests\/workers)\/[^/]+\/build(?:\/|$)/;
/** A test by its crate and path, such as `observer::refresh::races::two_at_once`; modules have no `_` at the end. */
const TEST = /^([a-z][a-z0-9_]*)::(?:[a-z0-9_]+::)*([a-z0-9]+(?:_[a-z0-9]+)+)$/;
/** The crates that tests are named by, and where they are. */
const CRATES = {
  tracker: "workers/tracker",
  observer: "workers/observer",
  admin: "workers/admin",
  live: "workers/live",
  sesh_types: "shared/types",
  sesh_audit: "shared/audit",
  sesh_edge: "shared/edge",
  sesh_manifest: "shared/manifest",
  sesh: "scripts/sesh",
  canary: "tests/workers/canary",
  authorization: "tests/authorization",
  simulation: "tests/simulation",
  supply: "tests/supply",
  e2e: "tests",
};

/** @param {string} root @returns {(file: string) => { line: number, what: string, ok: boolean }[]} */
export function namesOf(root) {
  const known = {};
  const isTest = (crate, name) => (known[crate] ??= testNames(join(root, CRATES[crate]))).has(name);
  return (file) => {
    const { fences, prose } = parse(readFileSync(join(root, file), "utf8"));
    const found = [];
    const add = (line, what, ok) => found.push({ line, what, ok });
    for (const { line, target } of links(prose)) {
      if (/^[a-z][a-z+.-]*:/i.test(target)) continue;
      add(line, `link to ${target}`, linkHolds(root, file, target));
    }
    for (const { line, code } of spans(prose)) {
      const path = OUR_PATH.exec(code)?.[1];
      if (path && !MADE.test(path)) add(line, path, existsSync(join(root, path)));
      if (!path) for (const script of code.matchAll(SCRIPT)) add(line, script[1], existsSync(join(root, script[1])));
      const [, crate, name] = TEST.exec(code) ?? [];
      if (crate) add(line, `test ${code}`, Object.hasOwn(CRATES, crate) && isTest(crate, name));
    }
    for (const { line, lines } of fences) {
      for (const [index, text] of lines.entries()) {
        for (const script of text.matchAll(SCRIPT)) add(line + index, script[1], existsSync(join(root, script[1])));
      }
    }
    return found;
  };
}

function linkHolds(root, file, target) {
  const [path, anchor] = target.split("#");
  const at = path === "" ? join(root, file) : resolve(root, dirname(file), decodeURIComponent(path));
  if (relative(root, at).startsWith("..") || !existsSync(at)) return false;
  if (anchor === undefined || !at.endsWith(".md")) return true;
  return anchors(parse(readFileSync(at, "utf8")).prose).has(decodeURIComponent(anchor));
}

function testNames(folder) {
  const attribute = String.raw`(?:#\[[^\]]*\]|//[^\n]*)`;
  const test = new RegExp(String.raw`#\[(?:\w+::)?test\b[^\]]*\](?:\s*${attribute})*\s*(?:async\s+)?fn (\w+)`, "g");
  return new Set(rustFiles(folder).flatMap((file) => [...readFileSync(file, "utf8").matchAll(test)].map((found) => found[1])));
}

function rustFiles(folder) {
  return readdirSync(folder).flatMap((name) => {
    if (name === "build" || name === "node_modules" || name === "target") return [];
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return rustFiles(path);
    return name.endsWith(".rs") ? [path] : [];
  });
}
