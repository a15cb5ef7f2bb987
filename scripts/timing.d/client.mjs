/** Who signs in: over one connection, from an address of its own each time, as what is throttled answers otherwise. */
import { randomBytes } from "node:crypto";
import { Agent, request } from "node:http";

const PASSWORD = "tangerine otter lamp 47";
const WRONG = "tangerine otter lamp 48";
/** These differ by right. */
const OWN_TO_EACH = new Set(["x-request-id", "date"]);

export class Client {
  #fleet;
  #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  #run = randomBytes(4).toString("hex");
  #number = 0;

  constructor(fleet) {
    this.#fleet = fleet;
  }

  email(name) {
    return `${name}-${this.#run}@timing.example.com`;
  }

  stop() {
    this.#agent.destroy();
  }

  #address() {
    this.#number += 1;
    return `fd${this.#run.slice(0, 2)}:${this.#run.slice(2, 6)}:${(this.#number >> 16).toString(16)}:${(this.#number & 0xffff).toString(16)}::1`;
  }

  #send(url, path, body, headers) {
    const bytes = Buffer.from(JSON.stringify(body));
    return new Promise((done, fail) => {
      const begun = process.hrtime.bigint();
      const call = request(
        new URL(path, url),
        { method: "POST", agent: this.#agent, headers: { "content-type": "application/json", "content-length": bytes.length, ...headers } },
        (answer) => {
          const parts = [];
          answer.on("data", (part) => parts.push(part));
          answer.on("error", fail);
          answer.on("end", () => {
            const ms = Number(process.hrtime.bigint() - begun) / 1e6;
            done({ ms, status: answer.statusCode, headers: answer.headers, text: Buffer.concat(parts).toString() });
          });
        },
      );
      call.on("error", fail);
      call.end(bytes);
    });
  }

  async #must(status, url, path, body, headers) {
    const got = await this.#send(url, path, body, headers);
    if (got.status !== status) throw new Error(`POST ${path} → ${got.status} ${got.text}`);
    return JSON.parse(got.text).data;
  }

  async #person(email) {
    const body = { email, password: PASSWORD, display_name: "Timing", birth_date: "1990-01-01", delivery: "token" };
    const data = await this.#must(201, this.#fleet.tracker, "/api/v1/auth/register", body, { "cf-connecting-ip": this.#address() });
    return data.user.id;
  }

  /** Addresses of people who have signed up. */
  async people(name, count) {
    const emails = Array.from({ length: count }, (_, number) => this.email(`${name}${number}`));
    for (const email of emails) await this.#person(email);
    return emails;
  }

  /** Addresses of people who were suspended. */
  async suspended(name, count) {
    const emails = Array.from({ length: count }, (_, number) => this.email(`${name}${number}`));
    const headers = { authorization: `Bearer ${this.#fleet.admin_key}`, "cf-connecting-ip": "127.0.0.1" };
    for (const email of emails) {
      const path = `/api/v1/users/${await this.#person(email)}/suspend`;
      await this.#must(200, this.#fleet.admin, path, { reason: "a comparison of times" }, headers);
    }
    return emails;
  }

  /** Begins to sign up; as [signIn]. */
  async begin(email) {
    const body = { email, display_name: "Timing", birth_date: "1990-01-01" };
    return this.#seen(await this.#send(this.#fleet.tracker, "/api/v1/auth/register/begin", body, { "cf-connecting-ip": this.#address() }));
  }

  /** Tries to sign in; how long it took, and all that could tell one failure from another. */
  async signIn(email, wrongly) {
    const body = { email, password: wrongly ? WRONG : PASSWORD };
    const got = await this.#send(this.#fleet.tracker, "/api/v1/auth/login", body, { "cf-connecting-ip": this.#address() });
    return this.#seen(got);
  }

  #seen(got) {
    const headers = Object.entries(got.headers).filter(([name]) => !OWN_TO_EACH.has(name));
    return { ms: got.ms, seen: `${got.status} ${JSON.stringify(headers.sort())} ${got.text}` };
  }
}
