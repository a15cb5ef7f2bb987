/** How long the threads of a process have been on a processor (Linux: /proc/PID/task/TID/schedstat, nanoseconds first). */
import { readdirSync, readFileSync } from "node:fs";

/** @param {string} pid @returns {number} milliseconds so far */
export function processorTime(pid) {
  const tasks = `/proc/${pid}/task`;
  return readdirSync(tasks).reduce((sum, task) => sum + Number(readFileSync(`${tasks}/${task}/schedstat`, "utf8").split(" ")[0]), 0) / 1e6;
}
