// The fleet, its people and their browsers, for the programs beside this file.

import { readFileSync } from "node:fs";
import { randomUUID } from "node:crypto";

export const FLEET = JSON.parse(readFileSync(process.env.SESH_FLEET_FILE, "utf8"));
export const ISSUER = "https://dev.kush.observer";
export const BACK = "https://almanac.example/cb";
export const SCOPE = "openid profile email offline_access stash:read strains:read";
const PASSWORD = "tangerine otter lamp 47";

/** Takes what goes to the issuer to the fleet's observer. */
export const there = (url) => String(url).replace(ISSUER, FLEET.observer);

/** `fetch` for the libraries. */
export const localFetch = (url, options) => fetch(there(url), options);

export function check(holds, what) {
  if (!holds) throw new Error(`does not hold: ${what}`);
  console.log(`  ✓ ${what}`);
}

async function ask(base, path, body, headers = {}) {
  const answer = await fetch(base + path, {
    method: "POST",
    headers: { "content-type": "application/json", "cf-connecting-ip": "127.0.0.1", ...headers },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()).data;
}

/** Registers a program. */
export async function register(kind, grants) {
  const body = {
    name: `Almanac ${kind}`, kind, redirect_uris: [BACK],
    grant_types: grants, scopes: SCOPE.split(" "),
  };
  const made = await ask(FLEET.admin, "/api/v1/clients", body, { authorization: `Bearer ${FLEET.admin_key}` });
  return { id: made.client.id, secret: made.secret };
}

/** Somebody new. */
export async function person() {
  const email = `client-${randomUUID()}@e2e.example.com`;
  await ask(FLEET.tracker, "/api/v1/auth/register", {
    email, password: PASSWORD, display_name: "Ada", birth_date: "1990-01-01", delivery: "token",
  });
  return { email, password: PASSWORD };
}

/** What tracker answers a program. */
export async function api(path, token, method = "GET", body) {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const answer = await fetch(FLEET.tracker + path, { method, headers, body: body && JSON.stringify(body) });
  await answer.arrayBuffer();
  return { status: answer.status, challenge: answer.headers.get("www-authenticate") };
}

const plain = (text) =>
  text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&#39;", "'").replaceAll("&amp;", "&");

/** A browser without scripts: opens an authorization request, signs in, agrees. @returns {Promise<URL>} where it is sent */
export async function agree(url, { email, password }) {
  const cookies = new Map();
  const send = async (target, fields) => {
    const headers = { cookie: [...cookies].map((pair) => pair.join("=")).join("; ") };
    if (fields) {
      headers.origin = FLEET.observer;
      headers["content-type"] = "application/x-www-form-urlencoded";
    }
    const body = fields && new URLSearchParams(fields).toString();
    const answer = await fetch(there(target), { method: fields ? "POST" : "GET", headers, body, redirect: "manual" });
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      cookies.set(name, value);
    }
    return { status: answer.status, location: answer.headers.get("location"), page: await answer.text() };
  };
  let got = await send(url);
  for (let pages = 0; got.status === 200 && pages < 3; pages += 1) {
    const hidden = Object.fromEntries(
      ["step", "query", "form"].map((name) => [name, plain(new RegExp(`name="${name}" value="([^"]*)"`).exec(got.page)[1])]),
    );
    const typed = hidden.step === "sign_in" ? { email, password } : { answer: "allow" };
    got = await send(`${ISSUER}/oauth/authorize`, { ...hidden, ...typed });
  }
  if (got.status !== 303) throw new Error(`not sent back: ${got.status} ${got.page}`);
  return new URL(got.location);
}
