/** A failure that the reader can act on: printed without a stack. */
export class FleetError extends Error {
  /** @param {string} message what is wrong @param {...string} advice what to do next, one line each */
  constructor(message, ...advice) {
    super([message, ...advice.map((line) => `  ${line}`)].join("\n"));
    this.name = "FleetError";
  }
}
