/** Ports, and waiting for the Workers to be well. */
import { createServer } from "node:net";
import { FleetError } from "./errors.mjs";

const TRIES = 50;

/**
 * As many neighbouring ports as there are Workers. Port 0 means: anywhere free.
 * @param {number} port @param {string[]} names @param {string} host @returns {Promise<number[]>}
 */
export async function claimPorts(port, names, host) {
  if (port !== 0) {
    for (const [index, name] of names.entries()) {
      if (await isFree(port + index, host)) continue;
      throw new FleetError(
        `port ${port + index}, meant for ${name}, is taken`,
        `Stop what listens there, or choose another first port: --port ${port + 100}`,
      );
    }
    return names.map((_, index) => port + index);
  }
  for (let attempt = 0; attempt < TRIES; attempt++) {
    // Below the range from which the system hands out its own.
    const base = 20_000 + Math.floor(Math.random() * 10_000);
    const ports = names.map((_, index) => base + index);
    const free = await Promise.all(ports.map((candidate) => isFree(candidate, host)));
    if (free.every(Boolean)) return ports;
  }
  throw new FleetError(`no ${names.length} neighbouring free ports were found`);
}

function isFree(port, host) {
  return new Promise((done) => {
    const server = createServer();
    server.once("error", () => done(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => done(true)));
  });
}

/**
 * @param {string} name @param {string} url @param {object} [options]
 * @param {boolean} [options.strict] must be healthy; otherwise any answer will do
 */
export async function waitUntilHealthy(name, url, { strict = true, seconds = 30 } = {}) {
  const until = Date.now() + seconds * 1000;
  let last = "no answer";
  while (Date.now() < until) {
    try {
      const response = await fetch(`${url}/api/health`, { signal: AbortSignal.timeout(5000) });
      const body = await response.text();
      if (response.ok || !strict) return;
      last = `${response.status} ${body.slice(0, 2000)}`;
    } catch (error) {
      last = error.cause?.message ?? error.message;
    }
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new FleetError(`${name} was not healthy within ${seconds} s`, `${url}/api/health: ${last}`);
}
