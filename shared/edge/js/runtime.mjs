// What WebAssembly asks of the runtime itself: tables that it need not bring along.

/** Text in a Unicode normalisation form. */
export const normalizeText = (text, form) => text.normalize(form);

/** Formatters by zone: making one costs far more than using it. */
const zones = new Map();
const MOST_ZONES = 200;

/** Minutes that a zone's clocks are ahead of UTC at a moment; undefined when there is no such zone. */
export function zoneOffsetMinutes(zone, atMs) {
  if (zone === "UTC") return 0;
  let format = zones.get(zone);
  if (format === undefined) {
    try {
      format = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" });
    } catch {
      return undefined;
    }
    if (zones.size >= MOST_ZONES) zones.clear();
    zones.set(zone, format);
  }
  const name = format.formatToParts(atMs).find((part) => part.type === "timeZoneName")?.value ?? "";
  const [, sign, hours, minutes] = /^GMT(?:([+-])(\d\d):(\d\d))?/.exec(name) ?? [];
  if (sign === undefined) return 0;
  return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}
