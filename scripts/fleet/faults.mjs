/**
 * Puts tests/faults/shim.mjs in front of Workers as they are bundled, and finds its control entry point. Only the fleet
 * runner does so, and only when asked to (`--faults`): what is deployed is packaged by wrangler from each Worker's own
 * entry.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./root.mjs";

const SHIM = join(ROOT, "tests/faults/shim.mjs");
/** The shim's entry point for tests; see control.mjs. */
export const FAULTS_ENTRY = "Faults";

/** The database of messages that a local queue would lose with workerd; see tests/faults/kept.mjs. */
const KEPT = { KEPT: { id: "messages-kept" } };

/**
 * @param {import("./config.mjs").Worker} worker @param {boolean} keepMessages
 * @returns {import("./config.mjs").Worker}
 */
export function withFaults(worker, keepMessages) {
  const hasInternalDoor = /\bInternal\b/.test(readFileSync(worker.main, "utf8"));
  const entry = `import * as built from ${JSON.stringify(worker.main)};
import { Faults, withFaults } from ${JSON.stringify(SHIM)};
export default withFaults(built.default);
// Classes of Durable Objects.
export * from ${JSON.stringify(worker.main)};
${hasInternalDoor ? "export const Internal = withFaults(built.Internal);" : ""}
export { Faults };
`;
  // By request, not by isolate: which plan counts follows the request through its promises.
  const compatibilityFlags = [...(worker.options.compatibilityFlags ?? []), "nodejs_als"];
  const { queueProducers = {}, queueConsumers = {} } = worker.options;
  const hasQueue = Object.keys({ ...queueProducers, ...queueConsumers }).length > 0;
  const d1Databases = { ...worker.options.d1Databases, ...(keepMessages && hasQueue ? KEPT : {}) };
  return { ...worker, entry, options: { ...worker.options, compatibilityFlags, d1Databases } };
}

/** Sends again what a queue held when workerd was killed. @param {import("./start.mjs").Fleet} fleet */
export async function sendKeptAgain({ workers, behind }) {
  const producer = workers.find(({ options }) => options.d1Databases.KEPT && Object.keys(options.queueProducers).length > 0);
  const [status, { rows = [] }] = await behind(producer.name, { act: "d1", binding: "KEPT", sql: "SELECT body FROM kept" });
  // Before the first message there is no table yet.
  if (status !== 200) return;
  const messages = rows.map(({ body }) => body);
  for (let at = 0; at < messages.length; at += 100) {
    await behind(producer.name, { act: "send", messages: messages.slice(at, at + 100) });
  }
}
