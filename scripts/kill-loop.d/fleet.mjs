/** The fleet that is killed: always on the same state, with processes of our own only. */
import { spawn, spawnSync } from "node:child_process";
import { openSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../fleet/root.mjs";

const START_SECONDS = 60;

/** Who is killed: runtime and runner; the runner alone, its runtime going on; both, and again while they start anew. */
export const MODES = ["both", "runner", "starting"];

export class Fleet {
  #runner = null;
  #places = null;

  /** @param {string} state a folder */
  constructor(state) {
    this.state = state;
    this.file = join(state, "fleet.json");
    this.log = openSync(join(state, "fleet.log"), "a");
  }

  #spawn() {
    rmSync(this.file, { force: true });
    const at = (name) => join(this.state, name);
    const places = ["--state", at("state"), "--secrets", at("secrets.json"), "--file", this.file];
    const flags = ["--port", "0", "--no-crons", "--faults", "--keep-messages", "--prepared", at("prepared.json")];
    this.#runner = spawn(process.execPath, [join(ROOT, "scripts/fleet/cli.mjs"), ...flags, ...places], {
      cwd: ROOT,
      stdio: ["ignore", this.log, this.log],
    });
    this.#runner.exited = new Promise((done) => this.#runner.once("exit", done));
  }

  /** Starts it and waits until it is well. */
  async start() {
    if (!this.#runner) this.#spawn();
    for (const until = Date.now() + START_SECONDS * 1000; ; ) {
      this.#places = read(this.file);
      if (this.#places) return;
      if (this.#runner.exitCode !== null || Date.now() > until) {
        throw new Error(`the fleet did not start; its output is in ${join(this.state, "fleet.log")}`);
      }
      await wait(20);
    }
  }

  /** SIGKILL. @param {string} mode one of MODES @param {number} startingMs how far it gets when killed while it starts */
  async kill(mode, startingMs) {
    if (mode === "runner") {
      // The runtime lives on, as an orphan, until the next start clears it away.
      this.#runner.kill("SIGKILL");
    } else {
      await this.#killBoth();
    }
    await this.#runner.exited;
    this.#runner = null;
    if (mode !== "starting") return;
    this.#spawn();
    await wait(startingMs);
    await this.#killBoth();
    await this.#runner.exited;
    this.#runner = null;
  }

  /** The runner is held first, so that it starts nothing that we do not see. */
  async #killBoth() {
    const { pid } = this.#runner;
    process.kill(pid, "SIGSTOP");
    for (const child of runtimesOf(pid)) process.kill(child, "SIGKILL");
    this.#runner.kill("SIGKILL");
  }

  /** In order. */
  async stop() {
    if (!this.#runner) return;
    this.#runner.kill("SIGTERM");
    await this.#runner.exited;
    this.#runner = null;
  }

  get pid() {
    return this.#runner?.pid;
  }

  url(worker) {
    return this.#places[worker];
  }

  get adminKey() {
    return this.#places.admin_key;
  }

  /** @returns {Promise<any>} what control.mjs answers */
  async control(method, path, body) {
    const response = await fetch(`${this.#places.control}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.adminKey}` },
      body: body && JSON.stringify(body),
    });
    const answer = await response.json();
    if (response.status !== 200) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
    return answer;
  }

  /** @returns {Promise<object[]>} */
  async rows(worker, sql, ...params) {
    return (await this.control("POST", `/d1/${worker}`, { sql, params })).rows;
  }

  cron(worker) {
    return this.control("POST", `/cron/${worker}`);
  }
}

function read(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return null;
  }
}

function runtimesOf(pid) {
  const { stdout } = spawnSync("pgrep", ["-P", String(pid), "-x", "workerd"], { encoding: "utf8" });
  return stdout.split("\n").filter(Boolean).map(Number);
}

export const wait = (ms) => new Promise((done) => setTimeout(done, ms));
