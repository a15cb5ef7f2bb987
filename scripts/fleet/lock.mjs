/**
 * One fleet to a state folder: two would write the same databases. The lock names the runner and, below it, the runtime
 * it started, which outlives a runner that was killed and would still hold the ports and the databases.
 */
import { spawnSync } from "node:child_process";
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { FleetError } from "./errors.mjs";

/** @param {string} state @returns {{ unlock: () => void, adopt: () => void }} adopt: note the runtime's process */
export function lockState(state) {
  const path = `${state}.lock`;
  mkdirSync(dirname(path), { recursive: true });
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      writeFileSync(path, `${process.pid}\n`, { flag: "wx" });
      return held(path);
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
      takeOver(path, state);
    }
  }
  throw new FleetError(`${path} cannot be taken`, "Another fleet is starting; try again.");
}

function held(path) {
  const unlock = () => {
    process.off("exit", unlock);
    rmSync(path, { force: true });
  };
  process.on("exit", unlock);
  const adopt = () => {
    const { stdout } = spawnSync("pgrep", ["-P", String(process.pid), "-x", "workerd"], { encoding: "utf8" });
    if (stdout) appendFileSync(path, stdout);
  };
  return { unlock, adopt };
}

/** Clears away what a killed runner left. */
function takeOver(path, state) {
  const [runner, ...runtimes] = readFileSync(path, "utf8").split("\n").filter(Boolean).map(Number);
  if (isAlive(runner)) {
    throw new FleetError(`a fleet already runs on ${state} (process ${runner})`, "Stop it first: Ctrl-C in its terminal.");
  }
  for (const pid of runtimes) end(pid);
  rmSync(path, { force: true });
}

/** Kills a runtime and waits until it has let go of ports and databases. */
function end(pid) {
  for (let tries = 0; tries < 100 && isRuntime(pid); tries++) {
    try {
      process.kill(pid, "SIGKILL");
    } catch (error) {
      if (error.code !== "ESRCH") throw error; // it was dying already
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
  }
}

/** The number may belong to another program by now, or to one that is dead and not yet buried. */
function isRuntime(pid) {
  const { stdout } = spawnSync("ps", ["-p", String(pid), "-o", "stat=,comm="], { encoding: "utf8" });
  const [stat = "Z", command = ""] = (stdout ?? "").trim().split(/\s+/);
  return !stat.startsWith("Z") && command.split("/").pop() === "workerd";
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
