/**
 * The load generator, a process of its own: a fixed number of keep-alive connections, each sending its next request as
 * soon as it has the answer. Takes jobs over the process channel, so that starting it is not part of a measurement.
 *
 * In a request `{{uuid}}` becomes a new id each time, and `{{refresh}}` the refresh token of the connection's last answer.
 */
import { randomUUID } from "node:crypto";
import { connect } from "node:net";

const HEAD_END = Buffer.from("\r\n\r\n");
const TIMEOUT_MS = 20_000;

/** @typedef {{ method: string, path: string, headers?: Record<string, string>, body?: string }} Request */

process.on("message", async (job) => {
  try {
    process.send(await run(job));
  } catch (error) {
    process.send({ error: String(error?.stack ?? error) });
  }
});

/**
 * @param {object} job @param {string} job.url @param {number} job.seconds @param {number} job.connections
 * @param {number} [job.most] stop after as many requests
 * @param {Request[]} job.requests connection n sends the n-th, over and over
 * @param {string[]} [job.refresh] first refresh tokens, by connection
 */
async function run({ url, seconds, connections, most = Infinity, requests, refresh = [] }) {
  const { hostname, port } = new URL(url);
  const tally = { latencies: [], statuses: {}, left: most };
  const begun = performance.now();
  const end = begun + seconds * 1000;
  const clients = await Promise.all(
    Array.from({ length: connections }, (_, index) =>
      converse(hostname, Number(port), requests[index % requests.length], refresh[index], end, tally),
    ),
  );
  const took = (performance.now() - begun) / 1000;
  const sorted = Float64Array.from(tally.latencies).sort();
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return {
    count: sorted.length,
    seconds: took,
    rps: sorted.length / took,
    p50: at(0.5),
    p99: at(0.99),
    statuses: tally.statuses,
    refresh: clients,
  };
}

/** One connection's requests, one after another until the time is up. Resolves with its last refresh token. */
function converse(host, port, request, refresh, end, tally) {
  const socket = connect({ host, port, noDelay: true });
  const fixed = isFixed(request) ? write(request, host) : null;
  return new Promise((done, fail) => {
    let token = refresh;
    let sent = 0;
    let pending = Buffer.alloc(0);
    const next = () => {
      if (performance.now() >= end || tally.left <= 0) return socket.end(() => done(token));
      tally.left -= 1;
      sent = performance.now();
      socket.write(fixed ?? write(fill(request, token), host));
    };
    socket.setTimeout(TIMEOUT_MS, () => fail(new Error(`${request.method} ${request.path}: no answer`)));
    socket.on("error", fail);
    socket.on("close", () => done(token));
    socket.on("connect", next);
    socket.on("data", (chunk) => {
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      const answer = read(pending);
      if (answer === null) return;
      tally.latencies.push(performance.now() - sent);
      tally.statuses[answer.status] = (tally.statuses[answer.status] ?? 0) + 1;
      if (token !== undefined) token = /"refresh_token":"([^"]+)"/.exec(pending.toString("latin1"))?.[1] ?? token;
      pending = pending.subarray(answer.length);
      next();
    });
  });
}

const isFixed = ({ headers, body }) => !JSON.stringify([headers, body]).includes("{{");

function fill(request, token) {
  const text = JSON.stringify(request).replaceAll("{{uuid}}", () => randomUUID()).replaceAll("{{refresh}}", token ?? "");
  return JSON.parse(text);
}

function write({ method, path, headers = {}, body }, host) {
  const lines = [`${method} ${path} HTTP/1.1`, `host: ${host}`];
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  if (body !== undefined) lines.push("content-type: application/json", `content-length: ${Buffer.byteLength(body)}`);
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n${body ?? ""}`);
}

/** The status and length of the answer that the bytes begin with; null while some of it is still to come. */
function read(bytes) {
  const headEnd = bytes.indexOf(HEAD_END);
  if (headEnd < 0) return null;
  const head = bytes.latin1Slice(0, headEnd);
  const status = Number(head.slice(9, 12));
  const start = headEnd + 4;
  const announced = /\r\ncontent-length: *(\d+)/i.exec(head);
  if (announced) {
    const length = start + Number(announced[1]);
    return bytes.length >= length ? { status, length } : null;
  }
  if (!/\r\ntransfer-encoding: *chunked/i.test(head)) return { status, length: start };
  const end = bytes.indexOf("0\r\n\r\n", start, "latin1");
  return end < 0 ? null : { status, length: end + 5 };
}
