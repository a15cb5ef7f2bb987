// What a page does about connections: keeps what is changed without one, sends it later, says so, and draws pages where the
// servers cannot. Loaded after all else; nothing breaks without it.

import { alone, hear, kept, meta, wipe } from "./browser.ts";
import { edited, logged, type Fields, type Wrong } from "./forms.ts";
import type { Html } from "./html.ts";
import * as outbox from "./outbox.ts";
import { EMPTY, type Seen, type State } from "./types.ts";
import { Views } from "./views.ts";

const root = document.documentElement;
const SHELL = "shell";
/** Pages that are drawn anew when what they show has changed. */
const LISTS = ["/today", "/history", "/stash"];

let owner: string | null = null;
let state: State = EMPTY;
let words: Record<string, string> = {};
let isOffline = false;
let isSending = false;
let drawnLast = "";
let timer: ReturnType<typeof setTimeout> | undefined;
const isShell = () => document.querySelector("[data-shell]") !== null;
const making = () => ({ now: new Date().toISOString(), key: () => crypto.randomUUID() as string });
const views = () => new Views({ words, lang: root.lang, veiled: root.dataset.veiled !== undefined, now: Date.now() }, state);

let ready: Promise<void> | undefined;

/** Begins: whose page it is, what is kept of them, the service worker; then sends what there is. */
export function begin(): Promise<void> {
  ready ??= prepare();
  return ready.then(run);
}

async function prepare(): Promise<void> {
  await whose();
  await learnWords();
  isOffline = isShell() && location.pathname !== "/offline" ? true : !navigator.onLine;
  await refresh();
  document.addEventListener("click", clicked);
  addEventListener("beforeunload", () => (leftAt = performance.now()));
  addEventListener("online", () => run());
  addEventListener("offline", () => connected(false));
  document.addEventListener("visibilitychange", () => document.hidden || run());
  hear(() => refresh());
  register();
}

function register(): void {
  navigator.serviceWorker?.register("/sw.js").catch(() => {});
}

/** A page says whose it is; the frame without a connection is whose the last page was. */
async function whose(): Promise<void> {
  const said = root.dataset.person;
  const last: string | null = (await meta.get("current")) ?? null;
  owner = said ?? last;
  if (said !== undefined && said !== last) {
    await meta.set("current", said || null);
    await kept.forgetOthers(said);
    if (last) sessionStorage.clear();
  }
  owner ||= null;
}

/** The texts of the frame, which is kept anew when it would look otherwise now. */
async function learnWords(): Promise<void> {
  const here = document.querySelector<HTMLMetaElement>("meta[name=words]");
  if (here) words = JSON.parse(here.content);
  const wanted = [root.lang, root.dataset.scheme, root.dataset.veiled, root.dataset.offline].join();
  const known = await meta.get("shell");
  if (!here && known?.wanted === wanted) return void (words = known.words);
  if (isShell() && location.pathname !== "/offline") return;
  try {
    const got = await fetch("/offline", { cache: "no-store" });
    if (!got.ok) return;
    if ("caches" in globalThis) await (await caches.open(SHELL)).put("/offline", got.clone());
    const page = new DOMParser().parseFromString(await got.text(), "text/html");
    words = JSON.parse(page.querySelector<HTMLMetaElement>("meta[name=words]")!.content);
    await meta.set("shell", { wanted, words });
  } catch {
    words = known?.words ?? words;
  }
}

/** Looks at what is kept, and shows it. */
async function refresh(): Promise<void> {
  state = owner ? await kept.read(owner) : EMPTY;
  draw();
  strip();
}

/** Draws the page that the servers could not. */
function draw(): void {
  const main = document.querySelector("main");
  if (!isShell() || !main || Object.keys(words).length === 0) return;
  // A form that somebody looks at stays, and so does what would look the same.
  if (main.querySelector("form.card")) return;
  const drawn = drawnFor(location.pathname);
  if (drawn.text === drawnLast) return;
  main.innerHTML = drawnLast = drawn.text;
  main.setAttribute("data-shell", "");
  const title = main.querySelector("h1")?.textContent;
  if (title) document.title = `${title} · ${document.querySelector(".brand")?.textContent}`;
  for (const link of document.querySelectorAll<HTMLAnchorElement>(".bar a")) {
    if (location.pathname.startsWith(link.pathname)) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

function drawnFor(path: string): Html {
  const drawn = views();
  const [, first, id] = path.split("/");
  if (path === "/offline") return drawn.outbox();
  if (!owner || !state.mirror) return drawn.nobody();
  if (path === "/today" || path === "/") return drawn.today();
  if (path === "/log") return drawn.log();
  if (path === "/history") return drawn.history();
  if (first === "history" && id) return drawn.session(id) ?? drawn.elsewhere();
  return path === "/stash" ? drawn.stash() : drawn.elsewhere();
}

/** Says how things stand, where there is something to say. */
function strip(): void {
  const text = Object.keys(words).length > 0 ? views().strip(isOffline, isSending) : null;
  say(text, "/offline");
}

function say(text: string | null, path: string): void {
  let place = document.querySelector<HTMLElement>(".strip");
  if (!place) {
    place = document.createElement("div");
    place.className = "strip";
    place.setAttribute("role", "status");
    document.querySelector("header")?.append(place);
  }
  if (place.textContent === (text ?? "")) return;
  const link = document.createElement("a");
  link.href = path;
  link.textContent = text;
  place.replaceChildren(...(text === null ? [] : [link]));
  root.classList.toggle("has-strip", text !== null);
}

function connected(is: boolean): void {
  if (isOffline === !is) return;
  isOffline = !is;
  strip();
}

let running: Promise<void> | null = null;
let isAskedAgain = false;

/** Sends what is kept and looks at what there is. Called again meanwhile, it goes round once more. */
function run(): Promise<void> {
  isAskedAgain = running !== null;
  running ??= (async () => {
    try {
      do {
        isAskedAgain = false;
        await sendOnce();
      } while (isAskedAgain);
    } finally {
      running = null;
    }
  })();
  return running;
}

async function sendOnce(): Promise<void> {
  clearTimeout(timer);
  if (!owner) return;
  if (!navigator.onLine) return connected(false);
  const [before, seq] = [state.entries.length, state.mirror?.seq];
  isSending = true;
  strip();
  const ended = await alone(owner, true).finally(() => (isSending = false));
  if (ended.how === "signed-out") owner = null;
  const reached = ended.how === "done" ? await isThere() : ended.how === "signed-out";
  connected(reached);
  await refresh();
  if (ended.how === "later") timer = setTimeout(() => run(), ended.after_ms);
  if (!reached) return;
  if (owner) until();
  if (isShell() && location.pathname !== "/offline") return onceMore();
  if (before > state.entries.length && seq !== state.mirror?.seq && LISTS.includes(location.pathname)) onceMore();
}

const LONGEST_WAIT_MS = 300_000;
let fetches = 0;

/** Fetches what going on without a connection needs, the service worker and the notebook, until both are there. */
function until(): void {
  if (state.mirror && navigator.serviceWorker?.controller !== null) return;
  timer = setTimeout(() => {
    register();
    void run();
  }, Math.min(2_000 * 2 ** fetches++, LONGEST_WAIT_MS));
}

/** Whether the servers can be reached; what was sent a moment ago says so already. */
async function isThere(): Promise<boolean> {
  if (!isOffline) return navigator.onLine;
  return fetch("/api/v1/live", { cache: "no-store" }).then((got) => got.status < 500, () => false);
}

/** A page that was asked for comes by then; what was downloaded instead leaves this one where it is. */
const LEAVES_MS = 10_000;
let leftAt = -LEAVES_MS;

/** The servers draw it better, unless somebody is typing or on their way to another page: a reload would take them back. */
function onceMore(): void {
  const isLeaving = performance.now() - leftAt < LEAVES_MS;
  if (!isLeaving && !document.querySelector("form[data-touched]")) location.reload();
}

/** Tells the browser that there is something to send, for when this page is gone. */
async function remind(): Promise<void> {
  const worker: any = await navigator.serviceWorker?.getRegistration().catch(() => undefined);
  await worker?.sync?.register("outbox").catch(() => {});
}

/** Before a form is sent, and when its sending failed: whether it was taken care of here. */
export async function keep(form: HTMLFormElement, pressed: HTMLElement | null, failed: boolean): Promise<boolean> {
  const path = new URL(form.action).pathname;
  const isOurs = form.dataset.kept !== undefined;
  const isLeaving = path === "/sign-out" && !failed;
  if (!failed && !isOurs && !isLeaving && navigator.onLine) return false;
  await ready;
  if (isLeaving) return leave(form);
  connected(false);
  const wrong = owner ? await change(path, form, failed && !isOurs) : null;
  if (wrong === null) say(words.off_typed ?? null, "/offline");
  else if (Object.keys(wrong).length > 0) mark(form, wrong);
  else {
    form.removeAttribute("data-touched");
    void remind();
    if (navigator.serviceWorker?.controller) location.assign(path === "/log" ? "/today" : "/history");
    else await refresh();
    return true;
  }
  delete form.dataset.busy;
  pressed?.removeAttribute("aria-busy");
  return true;
}

/** Keeps what a form says. Gives what is wrong with it; nothing when such a form cannot be kept. */
async function change(path: string, form: HTMLFormElement, maybe: boolean): Promise<Wrong | null> {
  const fields = new FormData(form) as unknown as Fields;
  const now = await kept.read(owner!);
  const zone = now.mirror?.zone ?? "UTC";
  if (path === "/log") {
    const { said, wrong } = logged(fields, now.mirror?.lots ?? [], zone, Date.now());
    if (Object.keys(wrong).length > 0) return wrong;
    const id = fields.get("id") ?? crypto.randomUUID();
    await kept.change(owner!, (before) => outbox.log(before, making(), id, said, maybe));
    return {};
  }
  const [, id, verb] = path.match(/^\/history\/([0-9a-f-]{36})(?:\/(delete|restore))?$/) ?? [];
  const seen = id && outbox.seenOf(now, id);
  if (!id || (!seen && verb !== "restore")) return null;
  if (verb === "delete") await kept.change(owner!, (before) => outbox.remove(before, making(), id, seen as Seen, maybe));
  else if (verb === "restore") {
    if (!now.entries.some((entry) => entry.id === id && entry.kind === "delete" && entry.tried === 0)) return null;
    await kept.change(owner!, (before) => outbox.restore(before, id));
  } else {
    const before = asShown(form, seen as Seen, zone);
    const { wanted, wrong } = edited(fields, before, zone, Date.now());
    if (Object.keys(wrong).length > 0) return wrong;
    await kept.change(owner!, (state) => outbox.edit(state, making(), id, before, wanted, maybe));
  }
  return {};
}

/** The session as a form of the servers showed it, where what is kept here is of another version. */
function asShown(form: HTMLFormElement, seen: Seen, zone: string): Seen {
  const version = Number(new FormData(form).get("version")) || null;
  if (version === null || version === seen.version) return seen;
  const shown = document.createElement("form");
  for (const field of form.elements as unknown as Iterable<HTMLInputElement>) {
    if (!field.name || (field.type === "radio" && !field.defaultChecked)) continue;
    const copy = document.createElement("input");
    [copy.name, copy.value] = [field.name, field.type === "radio" ? field.value : field.defaultValue];
    shown.append(copy);
  }
  const { wanted } = edited(new FormData(shown) as unknown as Fields, seen, zone, Date.now());
  return { ...seen, ...wanted, version };
}

/** Says beside each field how to mend it. */
function mark(form: HTMLFormElement, wrong: Wrong): void {
  form.querySelectorAll(".wrong").forEach((told) => told.remove());
  form.querySelectorAll("[aria-invalid]").forEach((field) => field.removeAttribute("aria-invalid"));
  for (const [name, text] of Object.entries(wrong)) {
    const field = form.querySelector<HTMLElement>(`#f-${name}`);
    const told = document.createElement("p");
    [told.className, told.id, told.textContent] = ["wrong", `f-${name}-wrong`, words[text] ?? text];
    field?.setAttribute("aria-invalid", "true");
    field?.setAttribute("aria-describedby", told.id);
    field?.closest("details")?.setAttribute("open", "");
    field?.after(told);
  }
  form.querySelector<HTMLElement>("[aria-invalid]")?.focus();
}

/** Signs out: what is kept of this person goes, and what is kept here alone goes only when they say so. */
async function leave(form: HTMLFormElement): Promise<boolean> {
  if (!owner) return false;
  state = await kept.read(owner);
  let isLost = false;
  if (state.entries.length > 0) {
    const answer = await asked(views().leaving());
    if (answer === "send") await run();
    isLost = answer === "drop";
    state = await kept.read(owner);
    if (answer !== "drop" && (answer !== "send" || state.entries.length > 0)) return stay(form, answer === "send");
  }
  try {
    const fields = new URLSearchParams(new FormData(form) as any);
    const got = await fetch(form.action, { method: "POST", body: fields });
    if (!got.ok) return stay(form, true);
    const whose = owner;
    owner = null;
    await wipe(whose, isLost);
    sessionStorage.clear();
    location.assign(got.url);
  } catch {
    return stay(form, true);
  }
  return true;
}

function stay(form: HTMLFormElement, isTold: boolean): true {
  delete form.dataset.busy;
  form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
  if (isTold) strip();
  return true;
}

function asked(question: Html): Promise<string> {
  const dialog = document.createElement("dialog");
  dialog.className = "card";
  dialog.setAttribute("aria-labelledby", "leaving");
  dialog.innerHTML = `<form method="dialog">${question.text}</form>`;
  document.querySelector("main")!.append(dialog);
  dialog.showModal();
  return new Promise((done) =>
    dialog.addEventListener("close", () => {
      dialog.remove();
      done(dialog.returnValue);
    }),
  );
}

/** The answers to what is asked. */
async function clicked(event: MouseEvent): Promise<void> {
  const button = (event.target as Element).closest<HTMLButtonElement>("button");
  if (!button || !owner) return;
  const { choice, of, lot: id, seen, send } = button.dataset;
  if (choice) {
    const lot = state.mirror?.lots.find((known) => known.id === id);
    const answer = (choice === "lot" ? { how: "lot", lot } : { how: choice }) as outbox.Choice;
    await kept.change(owner, (before) => outbox.choose(before, making(), Number(of), answer));
  } else if (seen) {
    await kept.change(owner, (before) => ({ ...before, merged: before.merged.filter((both) => both.id !== seen) }));
  } else if (send === undefined) return;
  await refresh();
  await run();
}

document.addEventListener("input", (event) => (event.target as HTMLElement).closest("form")?.setAttribute("data-touched", ""));
