/** A Chromium of its own, driven over its DevTools protocol. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const FLAGS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
  "--disable-sync", "--disable-dev-shm-usage", "--disable-extensions", "--hide-scrollbars", "--remote-debugging-port=0", "about:blank",
];
const TIMEOUT_MS = 60_000;

/** Starts one. @returns {Promise<Browser>} */
export async function launch() {
  const profile = mkdtempSync(join(tmpdir(), "sesh-audits-"));
  const child = spawn("chromium", [`--user-data-dir=${profile}`, ...FLAGS], { stdio: ["ignore", "ignore", "pipe"] });
  const stop = () => {
    child.kill("SIGKILL");
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  process.once("exit", stop);
  const address = await new Promise((done, fail) => {
    let said = "";
    child.stderr.on("data", (bytes) => {
      said += bytes;
      const found = /DevTools listening on (ws:\S+)/.exec(said);
      if (found) done(found[1]);
    });
    child.once("exit", () => fail(new Error(`chromium ended: ${said.slice(-400)}`)));
  });
  const { port } = new URL(address);
  return new Browser(child, Number(port), profile);
}

export class Browser {
  constructor(child, port, profile) {
    Object.assign(this, { child, port, profile });
  }

  /** A new tab. @returns {Promise<Tab>} */
  async tab() {
    const made = await (await fetch(`http://127.0.0.1:${this.port}/json/new?about:blank`, { method: "PUT" })).json();
    const socket = new WebSocket(made.webSocketDebuggerUrl);
    await new Promise((done, fail) => {
      socket.onopen = done;
      socket.onerror = fail;
    });
    return new Tab(socket);
  }

  async stop() {
    const ended = new Promise((done) => this.child.once("exit", done));
    this.child.kill("SIGKILL");
    await ended;
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

export class Tab {
  #socket;
  #next = 1;
  #waiting = new Map();
  #listeners = new Map();

  constructor(socket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (message.id === undefined) return void this.#listeners.get(message.method)?.forEach((heard) => heard(message.params));
      const { done, fail } = this.#waiting.get(message.id);
      this.#waiting.delete(message.id);
      if (message.error) fail(new Error(message.error.message));
      else done(message.result);
    };
  }

  /** Asks Chromium. @param {string} method @param {object} [params] @returns {Promise<any>} */
  ask(method, params = {}) {
    const id = this.#next++;
    const answered = new Promise((done, fail) => this.#waiting.set(id, { done, fail }));
    this.#socket.send(JSON.stringify({ id, method, params }));
    return within(answered, method);
  }

  /** Hears of what happens until the returned function is called. */
  on(method, heard) {
    const all = this.#listeners.get(method) ?? new Set();
    this.#listeners.set(method, all.add(heard));
    return () => all.delete(heard);
  }

  /** The next of these. @returns {Promise<any>} */
  once(method) {
    const heard = new Promise((done) => {
      const off = this.on(method, (params) => {
        off();
        done(params);
      });
    });
    return within(heard, method);
  }

  /** What an expression comes to in the page, waited for. */
  async run(expression) {
    const { result, exceptionDetails } = await this.ask("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  close() {
    this.#socket.close();
  }
}

function within(promise, what) {
  let timer;
  const late = new Promise((_, fail) => {
    timer = setTimeout(() => fail(new Error(`${what}: nothing within ${TIMEOUT_MS / 1000} s`)), TIMEOUT_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
