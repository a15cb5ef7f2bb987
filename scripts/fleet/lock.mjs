/** One fleet to a state folder: two would write the same databases. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { FleetError } from "./errors.mjs";

/** @param {string} state @returns {() => void} unlock */
export function lockState(state) {
  const path = `${state}.lock`;
  mkdirSync(dirname(path), { recursive: true });
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      writeFileSync(path, String(process.pid), { flag: "wx" });
      const unlock = () => {
        process.off("exit", unlock);
        rmSync(path, { force: true });
      };
      process.on("exit", unlock);
      return unlock;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
      const pid = Number(readFileSync(path, "utf8"));
      if (isAlive(pid)) throw new FleetError(`a fleet already runs on ${state} (process ${pid})`, "Stop it first: Ctrl-C in its terminal.");
      rmSync(path, { force: true }); // left by one that was killed
    }
  }
  throw new FleetError(`${path} cannot be taken`);
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
