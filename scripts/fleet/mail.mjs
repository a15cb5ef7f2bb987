/**
 * The local post office: a Worker in place of Cloudflare's e-mail binding, with the same `send`. Nothing leaves this
 * machine; mails lie here, as long as the fleet runs, for developers and tests to read. Like a real one it does not take
 * every mail: none to an address at `unreachable.invalid`.
 */
import { Response } from "miniflare";

const SERVICE = "local-mail";
/** Mails kept; older ones are forgotten. */
const MOST = 20_000;

const SCRIPT = `import { WorkerEntrypoint } from "cloudflare:workers";
export default class extends WorkerEntrypoint {
  async send(mail) {
    if (mail.to.endsWith("@unreachable.invalid")) throw new Error("nobody takes mail for this domain");
    const messageId = crypto.randomUUID();
    await this.env.SHELF.fetch("http://local/", { method: "POST", body: JSON.stringify({ ...mail, messageId }) });
    return { messageId };
  }
}`;

/**
 * @param {string} compatibilityDate
 * @returns {{ worker: object, mails: (address: string) => object[] }} miniflare's options for the Worker, and what was
 *   mailed to an address, oldest first
 */
export function postOffice(compatibilityDate) {
  const shelf = [];
  const keep = async (request) => {
    shelf.push(await request.json());
    if (shelf.length > MOST) shelf.shift();
    return new Response(null, { status: 204 });
  };
  const worker = {
    name: SERVICE,
    modules: [{ type: "ESModule", path: "local-mail.mjs", contents: SCRIPT }],
    compatibilityDate,
    serviceBindings: { SHELF: keep },
  };
  return { worker, mails: (address) => shelf.filter((mail) => mail.to === address) };
}

/** A Worker's options with the post office in place of its e-mail bindings. @param {object} options */
export function mailedHere({ email, ...options }) {
  const names = (email?.send_email ?? []).map(({ name }) => name);
  const bindings = Object.fromEntries(names.map((name) => [name, { name: SERVICE }]));
  return { ...options, serviceBindings: { ...options.serviceBindings, ...bindings } };
}
