/** Development's secrets: made at random on first use, kept in a file only its owner reads, never in the repository. */
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { FleetError } from "./errors.mjs";

/**
 * @typedef {object} Secrets
 * @property {string} TOKEN_SIGNING_KEYS kid:seed, the first one signs
 * @property {string} REFRESH_KEYS kid:key
 * @property {string} PASSWORD_PEPPER
 * @property {string} FACTOR_KEYS id:key
 * @property {string} PERSON_KEYS id:key
 * @property {string} ADMIN_KEYS name:sha256 of a key
 * @property {string} admin_key the key itself, for whoever administers the local fleet
 */

/** @returns {Secrets} those of the file; what it lacks, be it everything, is made and written first */
export function loadSecrets(path) {
  const known = read(path);
  const { ADMIN_KEYS, admin_key, ...made } = makeSecrets();
  // These two belong together.
  const admin = known.admin_key ? {} : { ADMIN_KEYS, admin_key };
  const secrets = { ...made, ...known, ...admin };
  if (Object.keys(secrets).some((name) => !(name in known))) writePrivately(path, secrets);
  return secrets;
}

function read(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    if (error.code === "ENOENT") return {};
    throw new FleetError(`${path} cannot be read: ${error.message}`, "Delete it to have new secrets made.");
  }
}

/** @returns {Secrets} */
export function makeSecrets() {
  const admin_key = `sesh_admin_${random(32)}`;
  return {
    TOKEN_SIGNING_KEYS: `${keyId()}:${random(32)}`,
    REFRESH_KEYS: `${keyId()}:${random(32)}`,
    PASSWORD_PEPPER: random(32),
    FACTOR_KEYS: `${keyId()}:${random(32)}`,
    PERSON_KEYS: `${keyId()}:${random(32)}`,
    ADMIN_KEYS: `dev:${createHash("sha256").update(admin_key).digest("hex")}`,
    admin_key,
  };
}

/** Atomically, and readable by its owner alone. @param {string} path @param {unknown} value */
export function writePrivately(path, value) {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(temporary, path);
}

/**
 * What a Worker's wrangler file says it requires, and nothing more.
 * @param {import("./config.mjs").Worker} worker @param {Record<string, string>} secrets
 */
export function secretsFor(worker, secrets) {
  return Object.fromEntries(
    worker.requiredSecrets.map((name) => {
      if (secrets[name]) return [name, secrets[name]];
      throw new FleetError(`${worker.name} requires the secret ${name}, which is not set`, "Delete .dev/secrets.json to have it made.");
    }),
  );
}

const random = (bytes) => randomBytes(bytes).toString("base64url");
const keyId = () => randomBytes(4).toString("hex");
