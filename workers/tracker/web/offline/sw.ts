// The service worker: pages from the network, and where there is none, the frame at `/offline`, which the page's own script
// fills. It keeps files that are the same for everybody, and nothing of anybody's.

import { alone, meta } from "./browser.ts";

const scope = self as any;
/** What a page loads; the server puts it in front of this script. */
const FILES: string[] = scope.FILES;
const SHELL = "shell";
const PATIENCE_MS = 4_000;
const files = "files-" + hash(FILES.join());

function hash(text: string): string {
  let sum = 5381;
  for (const letter of text) sum = (sum * 33 + letter.charCodeAt(0)) >>> 0;
  return sum.toString(36);
}

async function install(): Promise<void> {
  await (await caches.open(files)).addAll(FILES);
  await (await caches.open(SHELL)).add(new Request("/offline", { cache: "no-store" }));
  await scope.skipWaiting();
}

/** Pages that are open have loaded what they need; one that asks again gets what there is of that name. */
async function activate(): Promise<void> {
  for (const name of await caches.keys()) if (name !== files && name !== SHELL) await caches.delete(name);
  await scope.clients.claim();
}

async function file(request: Request): Promise<Response> {
  const known = await caches.match(request, { ignoreVary: true });
  if (known) return known;
  try {
    return await fetch(request);
  } catch (error) {
    const [stem, ending] = [request.url.replace(/-[0-9a-f]{12}\.\w+$/, "-"), request.url.split(".").at(-1)];
    for (const other of await (await caches.open(files)).keys()) {
      if (other.url.startsWith(stem) && other.url.endsWith(`.${ending}`)) return (await caches.match(other, { ignoreVary: true }))!;
    }
    throw error;
  }
}

async function page(request: Request): Promise<Response> {
  const patience = request.method === "GET" ? PATIENCE_MS : 60_000;
  const slow = new Promise<never>((_, failed) => setTimeout(() => failed(new Error("slow")), patience));
  try {
    return await Promise.race([fetch(request), slow]);
  } catch (error) {
    const shell = await caches.match("/offline", { ignoreVary: true });
    if (shell) return shell;
    throw error;
  }
}

scope.addEventListener("install", (event: any) => event.waitUntil(install()));
scope.addEventListener("activate", (event: any) => event.waitUntil(activate()));
scope.addEventListener("fetch", (event: any) => {
  const request: Request = event.request;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (request.method === "GET" && url.pathname.startsWith("/assets/")) event.respondWith(file(request));
  else if (request.mode === "navigate" && !url.pathname.startsWith("/api/")) event.respondWith(page(request));
});

/** Where browsers wake it once there is a connection (Background Sync); they wake it again when this fails. */
scope.addEventListener("sync", (event: any) => {
  if (event.tag === "outbox") event.waitUntil(send());
});

async function send(): Promise<void> {
  const owner = await meta.get("current");
  if (owner && (await alone(owner, false)).how === "later") throw new Error("later");
}
