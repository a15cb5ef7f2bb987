/** One look at one page, as on a telephone of the middle range and a slow network. */
import { brotliCompressSync, constants } from "node:zlib";

/** What Lighthouse takes for a telephone: a processor four times slower, 150 ms there and back, 1.6 Mbit/s. */
const CPU_SLOWER = 4;
const NETWORK = { offline: false, latency: 150, downloadThroughput: (1.6e6 / 8) * 0.9, uploadThroughput: (750e3 / 8) * 0.9 };
const SCREEN = { width: 360, height: 740, deviceScaleFactor: 2, mobile: true };
/** Cloudflare's own choice for what it compresses on the way. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };
const KINDS = { Document: "page", Stylesheet: "style", Script: "script", Image: "image", Font: "font" };

/** In the page, before anything of it. */
const OBSERVE = `(() => {
  const seen = (window.__audit = { shift: 0, paint: 0, tasks: [], taps: [], shifted: [] });
  const watch = (type, options, heard) => new PerformanceObserver((list) => list.getEntries().forEach(heard)).observe({ type, buffered: true, ...options });
  watch("layout-shift", {}, (entry) => {
    seen.shift += entry.value;
    for (const { node } of entry.sources ?? []) seen.shifted.push(node?.nodeName + "." + (node?.className ?? ""));
  });
  watch("largest-contentful-paint", {}, (entry) => { seen.paint = entry.startTime; });
  watch("longtask", {}, (entry) => seen.tasks.push([entry.startTime, entry.duration]));
  const tapped = ({ name, duration, startTime, processingStart, processingEnd }) =>
    seen.taps.push({ name, duration, waited: Math.round(processingStart - startTime), handled: Math.round(processingEnd - processingStart) });
  watch("event", { durationThreshold: 16 }, (entry) => { if (entry.interactionId) tapped(entry); });
  watch("first-input", {}, tapped);
})()`;

/** What a page asks for first, where it is, without leading anywhere: requests hang, links are held. */
const PRIMARY = `(() => {
  window.fetch = () => new Promise(() => {});
  addEventListener("click", (event) => { if (event.target.closest("a")) event.preventDefault(); });
  addEventListener("submit", (event) => event.preventDefault());
  const choices = [".sticky button", "main form.card button.button", "main button.again", "main a.button", "main button", "main summary", "main a", "header a"];
  const shows = (element) => element.checkVisibility?.() && element.getBoundingClientRect().width > 0;
  for (const choice of choices) {
    const found = [...document.querySelectorAll(choice)].find(shows);
    if (!found) continue;
    found.scrollIntoView({ block: "center" });
    const box = found.getBoundingClientRect();
    return { choice, x: box.x + box.width / 2, y: box.y + box.height / 2, field: Boolean(document.querySelector("main input[type=text], main input:not([type])")) };
  }
})()`;

/** Readies a tab. @param {import("./browser.mjs").Tab} tab */
export async function ready(tab) {
  for (const domain of ["Page", "Network", "Runtime"]) await tab.ask(`${domain}.enable`);
  await tab.ask("Emulation.setDeviceMetricsOverride", SCREEN);
  await tab.ask("Emulation.setTouchEmulationEnabled", { enabled: true });
  await tab.ask("Page.addScriptToEvaluateOnNewDocument", { source: OBSERVE });
  await tab.ask("Network.setExtraHTTPHeaders", { headers: { "cf-connecting-ip": "203.0.113.9" } });
}

/** @param {import("./browser.mjs").Tab} tab @param {string} url */
export async function visit(tab, url) {
  // Workers of a page keep what they know past the cache; a first view has none.
  await tab.ask("Storage.clearDataForOrigin", { origin: new URL(url).origin, storageTypes: "cache_storage,service_workers,indexeddb,local_storage" });
  await tab.ask("Network.clearBrowserCache");
  await tab.ask("Network.emulateNetworkConditions", NETWORK);
  await tab.ask("Emulation.setCPUThrottlingRate", { rate: CPU_SLOWER });
  const wire = new Wire(tab);
  const loaded = tab.once("Page.loadEventFired");
  const { errorText } = await tab.ask("Page.navigate", { url });
  if (errorText) throw new Error(`${url}: ${errorText}`);
  await loaded;
  await wire.still();
  // What a page does once it is there (focus, live updates) may still move it.
  await tab.run("new Promise((done) => requestIdleCallback(() => setTimeout(done, 400), { timeout: 4000 }))");
  const seen = await tab.run("({ ...window.__audit, first: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0 })");
  const bytes = await wire.end();
  const tap = await tapped(tab);
  await tab.ask("Emulation.setCPUThrottlingRate", { rate: 1 });
  const blocked = seen.tasks.filter(([at]) => at >= seen.first).reduce((sum, [, took]) => sum + Math.max(0, took - 50), 0);
  return { ...bytes, shift: seen.shift, shifted: seen.shifted, paint: seen.paint, blocked, ...tap };
}

/** Taps what the page is for, and types a letter where something may be typed: how long until the screen answers. */
async function tapped(tab) {
  await tab.ask("Network.emulateNetworkConditions", { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: -1 });
  const found = await tab.run(PRIMARY);
  if (!found) throw new Error("there is nothing to tap");
  const { x, y, choice, field } = found;
  await tab.run("window.__audit.taps.length = 0");
  await tab.ask("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: [{ x, y }] });
  await tab.ask("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  const painted = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 100))))";
  await tab.run(painted);
  if (field) {
    await tab.run("document.querySelector('main input[type=text], main input:not([type])').focus()");
    for (const type of ["keyDown", "keyUp"]) await tab.ask("Input.dispatchKeyEvent", { type, key: "a", code: "KeyA", text: type === "keyDown" ? "a" : undefined });
    await tab.run(painted);
  }
  const taps = await tab.run("window.__audit.taps");
  // Chromium tells of nothing that took less than 16 ms.
  return { tap: Math.max(16, ...taps.map(({ duration }) => duration)), tapped: choice, taps };
}

/** What comes over the wire. */
class Wire {
  #requests = new Map();
  #open = 0;
  #offs;

  constructor(tab) {
    this.tab = tab;
    this.#offs = [
      tab.on("Network.requestWillBeSent", ({ requestId, request, type }) => {
        if (!request.url.startsWith("data:") && !this.#requests.has(requestId)) this.#open += 1;
        this.#requests.set(requestId, { url: request.url, kind: KINDS[type] ?? "other", bytes: 0 });
      }),
      tab.on("Network.responseReceived", ({ requestId, response }) => Object.assign(this.#requests.get(requestId) ?? {}, { status: response.status })),
      tab.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => this.#over(requestId, encodedDataLength)),
      tab.on("Network.loadingFailed", ({ requestId }) => this.#over(requestId, 0)),
    ];
  }

  #over(id, bytes) {
    const request = this.#requests.get(id);
    if (!request || request.done) return;
    Object.assign(request, { bytes, done: true });
    if (!request.url.startsWith("data:")) this.#open -= 1;
  }

  /** Until nothing has been under way for half a second. */
  async still() {
    for (let quiet = 0, waited = 0; quiet < 5 && waited < 200; waited += 1) {
      await new Promise((done) => setTimeout(done, 100));
      quiet = this.#open > 0 ? 0 : quiet + 1;
    }
  }

  async end() {
    this.#offs.forEach((off) => off());
    const all = [...this.#requests].filter(([, { url }]) => !url.startsWith("data:"));
    const kinds = {};
    let compressed = 0;
    for (const [id, { kind, bytes }] of all) {
      kinds[kind] = (kinds[kind] ?? 0) + bytes;
      const got = await this.tab.ask("Network.getResponseBody", { requestId: id }).catch(() => null);
      const body = got ? Buffer.from(got.body, got.base64Encoded ? "base64" : "utf8") : Buffer.alloc(0);
      compressed += body.length === 0 ? bytes : bytes - body.length + brotliCompressSync(body, BROTLI).length;
    }
    const status = all.find(([, { kind }]) => kind === "page")?.[1].status;
    return { requests: all.length, bytes: all.reduce((sum, [, { bytes }]) => sum + bytes, 0), compressed, kinds, status };
  }
}
