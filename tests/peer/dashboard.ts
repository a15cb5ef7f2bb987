/** Sums of the dashboard by the person's own days, as our dashboard answers them. */
import type { LotRow, SessionRow } from "./types.ts";

const DAY_MS = 24 * 3600 * 1000;
type Item = { strain_id: string | null; name: string; quantity_mg: number | null };
type Usage = { sessions: number; quantity_mg: number; unknown_items: number };

const formats = new Map<string, Intl.DateTimeFormat>();

/** Milliseconds that a zone's clocks are ahead of UTC. */
function offset(zone: string, at: number): number {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric",
    });
    formats.set(zone, format);
  }
  const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second) - Math.floor(at / 1000) * 1000;
}

const empty = (): Usage => ({ sessions: 0, quantity_mg: 0, unknown_items: 0 });

function add(usage: Usage, items: Item[]) {
  usage.sessions += 1;
  for (const { quantity_mg: mg } of items) {
    if (mg === null) usage.unknown_items += 1;
    else usage.quantity_mg += mg;
  }
}

export function dashboard(zone: string, now: number, sessions: SessionRow[], held: LotRow[], last?: SessionRow) {
  const ahead = offset(zone, now);
  const midnight = Math.floor((now + ahead) / DAY_MS) * DAY_MS;
  const day = new Date(midnight);
  const starts = [
    midnight,
    midnight - ((day.getUTCDay() + 6) % 7) * DAY_MS,
    Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), 1),
  ].map((local) => local - offset(zone, local));
  const [today, week, month] = [empty(), empty(), empty()];
  const byMethod = new Map<string, Usage>();
  const byStrain = new Map<string, Usage & { strain_id: string | null; name: string }>();
  let pace = 0;
  for (const row of sessions) {
    const items = JSON.parse(row.items) as Item[];
    for (const [at, usage] of [today, week, month].entries()) if (row.occurred_at >= starts[at]) add(usage, items);
    if (row.occurred_at >= now - 30 * DAY_MS) for (const item of items) pace += item.quantity_mg ?? 0;
    if (row.occurred_at < starts[2]) continue;
    if (!byMethod.has(row.method)) byMethod.set(row.method, empty());
    add(byMethod.get(row.method)!, items);
    for (const item of items) {
      const key = item.strain_id ?? item.name;
      if (!byStrain.has(key)) byStrain.set(key, { strain_id: item.strain_id, name: item.name, ...empty() });
      add(byStrain.get(key)!, [item]);
    }
  }
  const value = new Map<string, number>();
  let balance = 0;
  for (const lot of held) {
    balance += lot.balance_mg;
    if (lot.price_minor === null || lot.currency === null) continue;
    const part = Math.floor((lot.price_minor * Math.min(lot.balance_mg, lot.quantity_mg)) / lot.quantity_mg);
    value.set(lot.currency, (value.get(lot.currency) ?? 0) + part);
  }
  const days = (at: number) => Math.floor((at + offset(zone, at)) / DAY_MS);
  const most = (a: Usage, b: Usage) => b.sessions - a.sessions;
  return {
    time_zone: zone, today, week, month,
    by_method: [...byMethod].map(([method, usage]) => ({ method, ...usage })).sort(most),
    by_strain: [...byStrain.values()].sort(most),
    stash: { lots: held.length, balance_mg: balance, value: [...value].map(([currency, minor]) => ({ minor, currency })) },
    days_of_supply: pace > 0 ? Math.floor((balance * 30) / pace) : null,
    days_since_last: last ? days(now) - days(last.occurred_at) : null,
  };
}
