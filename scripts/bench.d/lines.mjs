/** The Workers' structured log lines. */

/**
 * What the Workers said of requests.
 * @param {string[]} lines as printed: `[tracker] {…}`
 * @returns {{ worker: string, request_id: string, rows_read: number, rows_written: number }[]}
 */
export function requestLines(lines) {
  return lines.filter((line) => line.includes('"event":"request"')).map((line) => JSON.parse(line.slice(line.indexOf("{"))));
}
