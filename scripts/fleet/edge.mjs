/**
 * The local edge: the network in front of a Worker adds the client's address, which a socket straight into workerd does
 * not. A client may state one here (tests do); at the real edge it cannot. Nothing else is touched.
 */

const SCRIPT = `export default {
  fetch(request, env) {
    if (request.headers.has("CF-Connecting-IP")) return env.NEXT.fetch(request);
    const headers = new Headers(request.headers);
    headers.set("CF-Connecting-IP", "127.0.0.1");
    return env.NEXT.fetch(new Request(request, { headers }));
  },
};`;

/**
 * @param {import("./config.mjs").Worker} worker @param {string} host @param {number} port
 * @returns {object} miniflare's options for a Worker that listens on the public port of another
 */
export function edgeInFrontOf(worker, host, port) {
  return {
    name: `edge-${worker.service}`,
    modules: [{ type: "ESModule", path: `edge-${worker.name}.mjs`, contents: SCRIPT }],
    compatibilityDate: worker.options.compatibilityDate,
    serviceBindings: { NEXT: worker.service },
    unsafeDirectSockets: [{ host, port }],
  };
}
