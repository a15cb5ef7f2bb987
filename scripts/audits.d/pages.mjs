/** Whose pages are looked at, and which: the same that screenshots and axe see, read where they take them from. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../fleet/config.mjs";
import { authorized, call, PASSWORD, register } from "../bench.d/people.mjs";

const LIST = "tests/src/reader.rs";

/** @param {Record<string, string>} ids of what stands in paths @returns {{ name: string, path: string, signedIn: boolean }[]} */
export function pagesOf(ids) {
  const source = readFileSync(join(ROOT, LIST), "utf8");
  const part = (from, to) => {
    const begin = source.indexOf(from);
    const end = source.indexOf(to, begin);
    if (begin < 0 || end < 0) throw new Error(`${LIST} has no list of pages after: ${from}`);
    return source.slice(begin, end);
  };
  const read = (text, entry, signedIn) =>
    [...text.matchAll(entry)].map(([, name, path]) => ({
      name,
      signedIn,
      path: path.replace(/\{(\w*)\}/g, (_, id) => {
        if (!Object.hasOwn(ids, id)) throw new Error(`${LIST} shows a page of ${id}, of which scripts/audits makes none`);
        return ids[id];
      }),
    }));
  const open = read(part("pub const OPEN", "];"), /\(\s*"([\w-]+)",\s*"([^"]+)"/g, false);
  const own = part("pub fn pages", "/// Signs in");
  const theirs = read(own, /\(\s*"([\w-]+)",\s*(?:own|format!)\(\s*"([^"]+)"/g, true);
  const entries = own.match(/\(\s*"[\w-]+",/g) ?? [];
  if (open.length < 5 || theirs.length !== entries.length) throw new Error(`${LIST} is not read as it is written any more`);
  return [...open, ...theirs];
}

const DAY_MS = 24 * 3600 * 1000;
const ago = (ms) => new Date(Date.now() - ms).toISOString();

/** Somebody with four jars, eight weeks of sessions, imports and a key, as in `tests/src/reader.rs`. @param {string} url tracker's */
export async function reader(url) {
  const person = await register(url);
  const headers = authorized(person.token);
  const post = async (path, body) => (await call(url, "POST", path, { headers, body })).data;
  const strain = await post("/api/v1/strains", {
    name: "Lavender Fields", type: "indica", thc_percent: 1850, cbd_percent: 40, breeder: "The neighbour",
    description: "Bred by a neighbour. Smells of dried flowers and pepper.", effects: ["calm", "sleepy"],
    flavors: ["lavender", "pepper"], terpenes: ["linalool", "myrcene"],
  });
  const buy = (name, form, mg, minor, strainId = null) =>
    post("/api/v1/stash", { name, form, quantity_mg: mg, strain_id: strainId, price: { minor, currency: "USD" } });
  const jar = await buy("Lavender Fields", "flower", 28_000, 18_000, strain.id);
  const other = await buy("Blue Dream", "flower", 3_500, 3_500);
  const cart = await buy("Night cartridge", "vape", 1_000, 4_200);
  await buy("Ten gummies, 10 mg each", "edible", 100, 1_800);
  let session;
  for (let number = 0; number < 44; number += 1) {
    const [lot, mg, method] = [
      [jar, 250 + ((number * 37) % 300), "smoke"], [other, 50 + ((number * 13) % 90), "smoke"],
      [jar, 250 + ((number * 37) % 300), "smoke"], [cart, 10 + (number % 25), "vape"], [jar, 300, "vape"],
    ][number % 5];
    const made = await post("/api/v1/sessions", {
      occurred_at: ago((number * DAY_MS * 5) / 4 + (number % 7) * 3_600_000 + 900_000), method, rating: 3 + (number % 3),
      mood_before: 2 + (number % 2), mood_after: 3 + (number % 3), effects: ["calm", number % 3 === 0 ? "sleepy" : "happy"],
      items: [{ lot_id: lot.id, quantity_mg: mg }],
    });
    session ??= made;
  }
  const rows = "Day,Time,Strain,Grams,How,Stars\n2026-01-04,21:30,Blue Dream,0.4,joint,4\n2026-01-05,,Blue Dream,0.25,vape,5\n"
    + "some day,08:00,Lavender Fields,1,joint,3\n2026-01-06,22:10,,a lot,joint,\n";
  const look = async (source) => (await post("/api/v1/imports", { source })).import.id;
  const [waits, taken] = [await look(rows), await look(rows.replaceAll("2026-01", "2025-12"))];
  await post(`/api/v1/imports/${taken}/confirm`, {});
  const key = await post("/api/v1/me/keys", { name: "Backup at home", scopes: ["sessions:read", "stash:read"], password: PASSWORD });
  const preset = await post("/api/v1/presets", { name: "A puff of my pen", method: "vape", lot_id: cart.id, quantity_mg: 3, unit: "puff" });
  const goal = await post("/api/v1/goals", { measure: "quantity_mg", per: "week", target: 2_000 });
  const pause = await post("/api/v1/breaks", { started_at: ago(4 * DAY_MS), planned_end_at: ago(-10 * DAY_MS) });
  const plans = { preset: preset.id, goal: goal.id, pause: pause.id };
  // What is no id: the first day of the page of a quarter.
  return { person, ids: { ...plans, "": ago(83 * DAY_MS).slice(0, 10), lot: jar.id, session: session.id, strain: strain.id, waits, taken, key: key.id } };
}
