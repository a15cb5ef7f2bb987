/**
 * A Worker beside each Worker, with the same database, KV and queue, for control.mjs. Miniflare would hand these to Node
 * as well, but waits for them with the whole process stopped: while workerd waits for Node to read its log lines, neither
 * goes on.
 */

/** On a socket of its own, as JSON: {"act", …}. */
const SCRIPT = `const ACTS = {
  async d1(env, { binding = "DB", sql, params = [] }) {
    return { rows: (await env[binding].prepare(sql).bind(...params).all()).results };
  },
  async kv_list(env, { binding }) {
    return { keys: (await env[binding].list()).keys.map((entry) => entry.name) };
  },
  async kv_get(env, { binding, key }) {
    return { value: await env[binding].get(key) };
  },
  async kv_put(env, { binding, key, value }) {
    await env[binding].put(key, value);
    return {};
  },
  async send({ FACTS }, { messages }) {
    await FACTS.sendBatch(messages.map((body) => ({ body, contentType: "text" })));
    return {};
  },
  async cron({ WORKER }, { cron, at }) {
    return WORKER.scheduled({ cron, scheduledTime: new Date(at) });
  },
};
export default {
  async fetch(request, env) {
    const asked = await request.json();
    const named = asked.binding ?? (asked.act === "d1" ? "DB" : "WORKER");
    if (!env[named]) return Response.json({ error: "there is no binding " + named }, { status: 404 });
    try {
      return Response.json(await ACTS[asked.act](env, asked));
    } catch (error) {
      return Response.json({ error: error.message }, { status: 422 });
    }
  },
};`;

const nameOf = (worker) => `behind-${worker.service}`;

/** @param {import("./config.mjs").Worker} worker @param {string} host @returns {object} miniflare's options */
export function behind(worker, host) {
  const { d1Databases, kvNamespaces, queueProducers, compatibilityDate } = worker.options;
  return {
    name: nameOf(worker),
    modules: [{ type: "ESModule", path: `behind-${worker.name}.mjs`, contents: SCRIPT }],
    compatibilityDate,
    compatibilityFlags: ["service_binding_extra_handlers"],
    d1Databases,
    kvNamespaces,
    queueProducers,
    serviceBindings: { WORKER: worker.service },
    unsafeDirectSockets: [{ host, port: 0 }],
  };
}

/**
 * @param {import("miniflare").Miniflare} miniflare @param {import("./config.mjs").Worker[]} workers
 * @returns {Promise<(name: string, asked: object) => Promise<[number, object]>>} asks behind a Worker: status and answer
 */
export async function askBehind(miniflare, workers) {
  const addresses = await Promise.all(workers.map((worker) => miniflare.unsafeGetDirectURL(nameOf(worker))));
  const byName = new Map(workers.map(({ name }, index) => [name, addresses[index].origin]));
  return async (name, asked) => {
    const response = await fetch(byName.get(name), { method: "POST", body: JSON.stringify(asked) });
    return [response.status, await response.json()];
  };
}
