/** Looks at every page and holds it to the bounds. See scripts/audits. */
import { execFileSync } from "node:child_process";
import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { serveFleet } from "../bench.d/launch.mjs";
import { kb, markdown, ms, verdict, writeInto } from "../bench.d/report.mjs";
import { launch } from "./browser.mjs";
import { cpuOf } from "./cpu.mjs";
import { lighthouse } from "./lighthouse.mjs";
import { pagesOf, reader } from "./pages.mjs";
import { ready, visit } from "./visit.mjs";

/** What a page may take. */
const BOUNDS = { compressed: 60 * 1024, shift: 0, paint: 2500, blocked: 200, tap: 100, own: 15 };
/** Rounding of layout shift: less than this moves nothing that anybody sees. */
const SHIFT_SEEN = 0.0005;

const { values } = parseArgs({
  options: { only: { type: "string", default: "" }, rounds: { type: "string", default: "3" }, write: { type: "boolean", default: false } },
});
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1) throw new Error("--rounds wants a number from 1");
const begun = Date.now();
/** What else the machine has to do: times waver with it, counts do not. */
const loads = [];
const say = (text) => console.log(`  ${((Date.now() - begun) / 1000).toFixed(0).padStart(4)} s  ${text}`);
const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

async function main() {
  const server = await serveFleet({ instrumented: true });
  const browser = await launch();
  try {
    const { person, ids } = await reader(server.urls.tracker);
    say("somebody has four jars and 44 sessions");
    const pages = pagesOf(ids).filter(({ name }) => name.includes(values.only));
    if (pages.length === 0) throw new Error(`no page is called like ${values.only}`);
    const origin = server.urls.tracker.replace("127.0.0.1", "localhost");
    const found = await walk(browser, origin, pages, person);
    const cookie = `__Host-sesh_access=${person.token}`;
    const cpu = await cpuOf(server, found.map((page) => ({ path: page.path, cookie: page.signedIn ? cookie : "", status: page.status })), say);
    const rows = found.map((page, index) => ({ ...page, ...cpu[index] }));
    report(rows);
    return rows.flatMap(over);
  } finally {
    await browser.stop();
    await server.stop();
  }
}

async function walk(browser, origin, pages, person) {
  const tab = await browser.tab();
  await ready(tab);
  const found = [];
  for (const page of pages) {
    await tab.ask("Network.clearBrowserCookies");
    if (page.signedIn) {
      const kept = { url: origin, path: "/", secure: true, httpOnly: true, sameSite: "Lax" };
      await tab.ask("Network.setCookie", { ...kept, name: "__Host-sesh_access", value: person.token });
    }
    const visits = [];
    for (let round = 0; round < rounds; round += 1) visits.push(await visit(tab, `${origin}${page.path}`));
    const middle = Object.fromEntries(["bytes", "compressed", "requests", "paint", "blocked", "tap"].map((name) => [name, median(visits.map((one) => one[name]))]));
    const worst = visits.toSorted((a, b) => b.shift - a.shift)[0];
    const { status, kinds, tapped } = visits[0];
    const slowest = visits.flatMap(({ taps }) => taps).toSorted((a, b) => b.duration - a.duration)[0];
    if (!(status < 400 || /^lost|-wrong$/.test(page.name))) throw new Error(`${page.name} (${page.path}) answers ${status}`);
    const audits = process.env.SESH_LIGHTHOUSE && status === 200 ? await lighthouse(browser.port, `${origin}${page.path}`) : null;
    loads.push(loadavg()[0]);
    found.push({ ...page, ...middle, status, slowest, shift: worst.shift, shifted: worst.shifted, kinds, tapped, audits });
    say(`${page.name}: ${kb(middle.compressed)}, shift ${worst.shift.toFixed(3)}, paint ${middle.paint.toFixed(0)} ms, tap ${middle.tap} ms${audits ? `, ${Object.values(audits.scores).join("/")} ${audits.short.join(" ")}` : ""}`);
  }
  tab.close();
  return found;
}

/** What of a page is over a bound, in words. */
function over(row) {
  return Object.entries(BOUNDS)
    .filter(([name, most]) => !(row[name] <= (name === "shift" ? SHIFT_SEEN : most)))
    .map(([name, most]) => `${row.name}: ${name} ${Number(row[name]).toFixed(3)}, and ${most} is the most${name === "shift" ? ` (${row.shifted.join(", ")})` : name === "tap" ? ` (${row.tapped}: ${JSON.stringify(row.slowest)})` : ""}`);
}

function report(rows) {
  const part = (kinds, name) => kb(kinds[name] ?? 0);
  const head = ["page", "over the wire", "as it is", "page", "style", "script", "rest", "requests", "shift", "largest paint", "blocked", "tap", "Worker CPU", "with database", "within all"];
  const table = {
    head,
    rows: rows.map((row) => [
      row.name, kb(row.compressed), kb(row.bytes), part(row.kinds, "page"), part(row.kinds, "style"), part(row.kinds, "script"),
      kb(row.bytes - ["page", "style", "script"].reduce((sum, name) => sum + (row.kinds[name] ?? 0), 0)), row.requests,
      row.shift.toFixed(3), ms(row.paint), ms(row.blocked), `${row.tap} ms`, ms(row.own), ms(row.all), verdict(over(row).length === 0),
    ]),
    notes: [
      `Bounds: first view ${kb(BOUNDS.compressed)} over the wire, compressed as the edge does it (brotli, quality 4), layout shift 0, largest paint 2.5 s, blocked time 200 ms, tap 100 ms, the Worker's own CPU 15 ms. Medians of ${rounds}, the worst shift; an empty cache, a screen of 360 × 740, a processor four times slower, 150 ms and 1.6 Mbit/s. *As it is*: the same as it leaves the Worker, and what of it is what. *Tap*: the page's first control, and a letter where one types, until the next frame (Event Timing, from 16 ms on). *Worker CPU*: of workerd for each answer, HTTP and every Worker asked included, its database answering from recordings; *with database*: with the local one.`,
    ],
  };
  const tables = [["audits", table]];
  const judged = rows.filter(({ audits }) => audits);
  if (judged.length > 0) {
    const scored = judged.map(({ name, audits: { scores, short } }) => [name, ...Object.values(scores), short.join(" ")]);
    tables.push(["lighthouse", { head: ["page", "performance", "accessibility", "best practices", "SEO", "short of 0.9"], rows: scored, notes: ["Lighthouse's categories, of 100, on the same fleet, as on a telephone."] }]);
  }
  for (const [, made] of tables) console.log(`\n${markdown(made)}`);
  if (!values.write) return;
  for (const [name, made] of tables) writeInto(name, markdown(made));
  writeInto("audits-run", `Measured on ${new Date().toISOString().slice(0, 10)}, commit ${execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim()}, ${cpus().length} cores (${cpus()[0].model.trim()}), ${execFileSync("chromium", ["--version"], { encoding: "utf8" }).trim().split(" ").slice(0, 2).join(" ")}, the machine's load ${Math.min(...loads).toFixed(0)} to ${Math.max(...loads).toFixed(0)}: \`scripts/audits${process.env.SESH_LIGHTHOUSE ? " --lighthouse" : ""} --write\`.`);
}

main().then(
  (wrong) => {
    for (const line of wrong) console.error(`✗ ${line}`);
    process.exit(wrong.length ? 1 : 0);
  },
  (error) => {
    console.error(`\nerror: ${error.stack ?? error}`);
    process.exit(1);
  },
);
