// Times as people read and type them, in the zone of their profile, whatever the device's own is.

const DAY_MS = 86_400_000;

/** The wall clock of a zone at a moment, as if it were UTC. */
function wall(zone: string, time: number): number {
  const format = new Intl.DateTimeFormat("en-u-ca-iso8601-hc-h23", {
    timeZone: zone, year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric",
  });
  const parts = Object.fromEntries(format.formatToParts(time).map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(parts.year!, parts.month! - 1, parts.day!, parts.hour! % 24, parts.minute!, parts.second!);
}

/** As `<input type="datetime-local">` has it. */
export const input = (zone: string, time: number) => new Date(wall(zone, time)).toISOString().slice(0, 16);

/** The calendar's day. */
export const day = (zone: string, time: number) => input(zone, time).slice(0, 10);

/** The moment of a typed day and time; nothing when it is none. In the hour that a clock skips, the moment after it. */
export function read(zone: string, text: string): number | null {
  const found = text.trim().match(/^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d)?$/);
  const meant = found ? Date.parse(`${found[1]}T${found[2]}${found[3] ?? ":00"}Z`) : NaN;
  if (Number.isNaN(meant)) return null;
  const offsets = [meant - DAY_MS, meant + DAY_MS].map((time) => wall(zone, time) - time);
  const fits = offsets.map((offset) => meant - offset).filter((time) => wall(zone, time) === meant);
  return Math.min(...(fits.length > 0 ? fits : [meant - offsets[0]!]));
}

/** Relative until a day, then dated: `20 Nov, 16:20`. */
export function ago(zone: string, time: number, now: number, lang: string, month: (number: number) => string): string {
  const minutes = Math.floor(Math.max(now - time, 0) / 60_000);
  const es = lang === "es";
  if (now - time > -300_000 && minutes < 60) {
    if (minutes < 1) return es ? "ahora mismo" : "just now";
    return es ? `hace ${minutes} min` : `${minutes} min ago`;
  }
  if (now >= time && minutes < 24 * 60) {
    const hours = Math.floor(minutes / 60);
    return es ? `hace ${hours} h` : `${hours} h ago`;
  }
  const [local, here] = [new Date(wall(zone, time)), new Date(wall(zone, now))];
  const year = local.getUTCFullYear() === here.getUTCFullYear() ? "" : ` ${local.getUTCFullYear()}`;
  return `${local.getUTCDate()} ${month(local.getUTCMonth())}${year}, ${local.toISOString().slice(11, 16)}`;
}
