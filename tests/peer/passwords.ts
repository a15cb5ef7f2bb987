/**
 * Passwords with what the runtime brings: PBKDF2 at the 100,000 rounds that production allows at most, and scrypt
 * (N = 2^14, r = 8, p = 5), which costs an attacker about what Argon2id at 19 MiB does.
 */
import { scrypt, timingSafeEqual } from "node:crypto";

const encoder = new TextEncoder();
const ROUNDS = 100_000;
const hex = (bytes: ArrayBuffer | Uint8Array) => Array.from(new Uint8Array(bytes as ArrayBuffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
const unhex = (text: string) => Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

export const sha256 = async (text: string) => hex(await crypto.subtle.digest("SHA-256", encoder.encode(text)));

async function derive(kind: string, password: string, salt: Uint8Array): Promise<Uint8Array> {
  if (kind === "scrypt") {
    return new Promise((done, fail) =>
      scrypt(password, salt, 32, { N: 2 ** 14, r: 8, p: 5, maxmem: 64 * 2 ** 20 }, (error, key) => (error ? fail(error) : done(new Uint8Array(key)))),
    );
  }
  const key = await crypto.subtle.importKey("raw", encoder.encode(password), "PBKDF2", false, ["deriveBits"]);
  return new Uint8Array(await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt: salt as BufferSource, iterations: ROUNDS }, key, 256));
}

/** `kind$salt$hash`. */
export async function hashPassword(password: string, kind: string): Promise<string> {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  return `${kind}$${hex(salt)}$${hex(await derive(kind, password, salt))}`;
}

export async function verifyPassword(password: string, stored: string): Promise<boolean> {
  const [kind, salt, hash] = stored.split("$");
  return timingSafeEqual(await derive(kind, password, unhex(salt)), unhex(hash));
}
