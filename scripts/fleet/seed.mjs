/** People and strains to begin with, brought in through the public API like anybody's. Running it again changes nothing. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./root.mjs";
import { FleetError } from "./errors.mjs";

/** Development data: these addresses cannot receive mail, and no deployment is ever seeded. */
const PEOPLE = [
  { email: "person@example.com", password: "first person waters the garden", display_name: "First person" },
  { email: "second@example.com", password: "second person turns the compost", display_name: "Second person" },
];
const BIRTH_DATE = "1990-01-01";

/**
 * @param {import("./start.mjs").Fleet} fleet @param {string} adminKey
 * @param {object} [options] @param {(text: string) => void} [options.say] @param {AbortSignal} [options.signal]
 * @returns {Promise<{ role: string, email: string, password: string }[]>} the accounts
 */
export async function seed(fleet, adminKey, { say = () => {}, signal } = {}) {
  for (const person of PEOPLE) await register(fleet.urls.tracker, person, signal);
  say(`people: ${PEOPLE.map((person) => person.email).join(", ")}`);
  await importStrains(fleet.urls.admin, adminKey, signal);
  return PEOPLE.map(({ email, password }) => ({ role: "member", email, password }));
}

async function register(tracker, person, signal) {
  const response = await post(`${tracker}/api/v1/auth/register`, { ...person, birth_date: BIRTH_DATE }, signal);
  // 409: present already.
  if (response.status === 201 || response.status === 409) return;
  // Many starts in a row may look like somebody trying addresses; logging in proves as well that the account is there.
  if (response.status === 429) {
    const { email, password } = person;
    const login = await post(`${tracker}/api/v1/auth/login`, { email, password, delivery: "token" }, signal);
    if (login.ok) return;
  }
  throw new FleetError(`${person.email} could not be registered: ${response.status}`, response.body);
}

async function post(url, body, signal) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    signal,
  });
  return { status: response.status, ok: response.ok, body: await response.text() };
}

function importStrains(admin, key, signal) {
  const catalogue = "scripts/catalogue.csv";
  if (!existsSync(join(ROOT, catalogue))) throw new FleetError(`${catalogue} is missing`, "It is part of the repository.");
  const env = { ...process.env, SESH_ADMIN_URL: admin, SESH_ADMIN_KEY: key };
  const args = ["run", "-q", "-p", "sesh", "--", "import", "strains", catalogue];
  const child = spawn("cargo", args, { cwd: ROOT, env, stdio: ["ignore", "inherit", "inherit"], signal });
  return new Promise((done, fail) => {
    child.on("error", fail);
    child.on("close", (code) =>
      code === 0 ? done() : fail(new FleetError(`the strains could not be imported (exit ${code})`, "The reason stands above.")),
    );
  });
}
