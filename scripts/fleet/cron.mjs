/** Cron triggers, which local workerd does not fire by itself. */

const MINUTE = 60_000;
const RANGES = [[0, 59], [0, 23], [1, 31], [1, 12], [0, 7]];

/**
 * Calls `dispatch` for every Worker and pattern that is due, each minute, until stopped.
 * @param {import("./config.mjs").Worker[]} workers
 * @param {(worker: import("./config.mjs").Worker, cron: string, at: Date) => Promise<unknown>} dispatch
 * @returns {() => void} stop
 */
export function everyMinute(workers, dispatch) {
  let timer;
  const plan = () => {
    timer = setTimeout(() => {
      // A timer may be early by a moment: the nearest minute is the one meant.
      const at = new Date(Math.round(Date.now() / MINUTE) * MINUTE);
      for (const worker of workers) {
        for (const cron of worker.crons) if (isDue(cron, at)) void dispatch(worker, cron, at);
      }
      plan();
    }, MINUTE - (Date.now() % MINUTE) || MINUTE);
  };
  plan();
  return () => clearTimeout(timer);
}

/** Five fields of numbers, `*`, lists, ranges and steps, in UTC. @param {string} cron @param {Date} at */
export function isDue(cron, at) {
  const now = [at.getUTCMinutes(), at.getUTCHours(), at.getUTCDate(), at.getUTCMonth() + 1, at.getUTCDay()];
  const fields = cron.trim().split(/\s+/);
  if (fields.length !== 5) throw new Error(`not a cron pattern of five fields: ${cron}`);
  return fields.every((field, index) => fieldMatches(field, now[index], RANGES[index], index === 4));
}

function fieldMatches(field, value, [low, high], isWeekday) {
  return field.split(",").some((part) => {
    const [range, step = "1"] = part.split("/");
    const [from, to = part.includes("/") ? String(high) : from] = range === "*" ? [String(low), String(high)] : range.split("-");
    const hit = (candidate) =>
      candidate >= Number(from) && candidate <= Number(to) && (candidate - Number(from)) % Number(step) === 0;
    return hit(value) || (isWeekday && value === 0 && hit(7));
  });
}
