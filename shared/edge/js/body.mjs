// Reads a request's body, but never more than a Worker takes.

/** The same as `MAX_BODY_BYTES` in `http/body.rs`. */
const MAX_BODY_BYTES = 256 * 1024;

/** Routes that take a larger one, by path; the same as `LARGE_BODIES` in `http/body.rs`. */
const LARGE_BODIES = new Map([
  ["/api/v1/imports", 2 * 1024 * 1024],
  // The page that a file is chosen on: the file and what stands around it.
  ["/account/import", 2 * 1024 * 1024 + 64 * 1024],
]);

/** What is read and thrown away of a body that is too large: a client that still writes would not see the answer. */
const MOST_DRAINED_BYTES = 8 * 1024 * 1024;

const NO_BYTES = new Uint8Array();
const OVERSIZE = { bytes: NO_BYTES, oversize: true };

/** @returns {Promise<{bytes: Uint8Array, oversize: boolean}>} */
export async function readBody(request) {
  const most = LARGE_BODIES.get(new URL(request.url).pathname) ?? MAX_BODY_BYTES;
  const announced = Number(request.headers.get("content-length") ?? 0);
  if (announced > most) return drained(request.body, announced);
  if (announced > 0) return { bytes: new Uint8Array(await request.arrayBuffer()), oversize: false };
  const chunks = [];
  let length = 0;
  for await (const chunk of request.body) {
    length += chunk.length;
    if (length > MOST_DRAINED_BYTES) return OVERSIZE;
    if (length <= most) chunks.push(chunk);
  }
  if (length > most) return OVERSIZE;
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return { bytes, oversize: false };
}

async function drained(body, announced) {
  if (announced <= MOST_DRAINED_BYTES) await body.pipeTo(new WritableStream()).catch(() => {});
  return OVERSIZE;
}
