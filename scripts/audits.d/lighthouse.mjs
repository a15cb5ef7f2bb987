/** Lighthouse's categories, in the browser that somebody is signed in with. */
import { join } from "node:path";

const CATEGORIES = ["performance", "accessibility", "best-practices", "seo"];

/** @param {number} port of Chromium's @param {string} url @returns {Promise<Record<string, number>>} each of 100, and what fell short */
export async function lighthouse(port, url) {
  const { default: run } = await import(join(process.env.SESH_LIGHTHOUSE, "core/index.js"));
  const flags = { port, output: "json", logLevel: "error", disableStorageReset: true, onlyCategories: CATEGORIES, extraHeaders: { "cf-connecting-ip": "203.0.113.9" } };
  const { lhr } = await run(url, flags);
  const scores = Object.fromEntries(CATEGORIES.map((id) => [id, Math.round((lhr.categories[id]?.score ?? 0) * 100)]));
  const short = CATEGORIES.flatMap((id) =>
    lhr.categories[id].auditRefs.filter(({ id: audit, weight }) => weight > 0 && lhr.audits[audit].score !== null && lhr.audits[audit].score < 0.9).map(({ id: audit }) => audit),
  );
  return { scores, short: [...new Set(short)] };
}
