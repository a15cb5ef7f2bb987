// An open page shows what another browser changed: it is fetched anew and put in place, with the focus, the scrolling and
// what stands open kept. Where somebody is typing nothing is moved: a line says that there is something new.

import { listen } from "./live.ts";

/** Changes come in handfuls; one look shows them all. */
const GATHER_MS = 60;
/** A form that is on its way brings a page of its own: what is left to show is looked for after it. */
const AFTER_FORM_MS = 700;

let listening: { stop(): void; readonly seq: number | undefined } | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;
let shown = 0;

const marker = () => document.querySelector<HTMLElement>("[data-live]");

/** Begins to listen, where the page says from which change on. A page that was put in place goes on listening. */
export function keepFresh(): void {
  const mark = marker();
  if (!mark) {
    // Nothing here is anybody's: the marker is gone, so that to stop is not to leave.
    listening?.stop();
    listening = null;
    return;
  }
  shown = Math.max(shown, Number(mark.dataset.live));
  if (listening || !("WebSocket" in window)) return;
  listening = listen({
    after: shown,
    onChange(change) {
      // What this page shows already is no news; a resync may be.
      if (change.kind !== "resync" && change.seq <= shown) return;
      clearTimeout(timer);
      timer = setTimeout(look, GATHER_MS);
    },
    onState(state) {
      if (state === "ended") leave();
    },
  });
}

/**
 * This browser was signed out, here or elsewhere: what the page shows is no longer for whoever looks at it, and asked for
 * anew it leads to signing in. A form that is on its way, such as the one that signs out, brings a page of its own.
 */
function leave(): void {
  if (marker() && !document.querySelector("form[data-busy]")) location.reload();
}

/** Whether somebody is in the middle of something that a new page would take away. */
function isBusy(): boolean {
  const main = document.querySelector("main");
  const field = document.activeElement;
  if (field instanceof HTMLElement && main?.contains(field) && field.matches("input:not([type=radio]),textarea,select")) return true;
  return main !== null && changed(main).length > 0;
}

/** The fields in which something stands that the page did not come with. */
function changed(main: Element): HTMLInputElement[] {
  const fields = [...main.querySelectorAll<HTMLInputElement>("input:not([type=hidden]),textarea")];
  const isTapped = (field: HTMLInputElement) => field.type === "radio" || field.type === "checkbox";
  return fields.filter((field) => (isTapped(field) ? field.checked !== field.defaultChecked : field.value !== field.defaultValue));
}

async function look(): Promise<void> {
  if (!marker()) return;
  if (document.querySelector("form[data-busy]")) {
    timer = setTimeout(look, AFTER_FORM_MS);
    return;
  }
  if (isBusy()) return offer();
  const address = location.href;
  const fresh = await fetched();
  // Somebody went elsewhere, or began to type, while it was on its way.
  if (!fresh || location.href !== address) return;
  if (isBusy()) return offer();
  swap(fresh);
}

async function fetched(): Promise<Document | null> {
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" } });
    if (answer.ok && !answer.redirected) return new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    // Without a connection the page stays as it is; the next change brings another try.
  }
  return null;
}

/** How an element is found again in a page that was drawn anew. */
function nameOf(element: Element | null): string | null {
  if (!element || element === document.body) return null;
  if (element.id) return `#${CSS.escape(element.id)}`;
  const href = element.getAttribute("href");
  if (href) return `${element.tagName}[href="${CSS.escape(href)}"]`;
  const action = element.closest("form")?.getAttribute("action");
  return action && element.tagName === "BUTTON" ? `form[action="${CSS.escape(action)}"] button` : null;
}

function swap(page: Document): void {
  const [here, main] = [document.querySelector("main"), page.querySelector("main")];
  if (!here || !main) return;
  const focused = here.contains(document.activeElement) ? nameOf(document.activeElement) : null;
  const open = [...here.querySelectorAll("details")].map((part) => part.open);
  const typed = changed(here).filter((field) => field.id);
  // What was just said stands, with the way back that it offers; it is not said again.
  const said = here.querySelector(".notice:not([hidden]):not([data-news])");
  const again = main.querySelector(".notice:not([hidden])");
  if (said && again) again.replaceWith(said);
  const { scrollX, scrollY } = window;
  here.replaceWith(main);
  main.querySelectorAll("details").forEach((part, place) => (part.open = open[place] ?? part.open));
  for (const field of typed) {
    const again = main.querySelector<HTMLInputElement>(`#${CSS.escape(field.id)}`);
    if (again) again.value = field.value;
  }
  if (focused) (main.querySelector<HTMLElement>(focused) ?? main).focus({ preventScroll: true });
  scrollTo(scrollX, scrollY);
  shown = Math.max(shown, Number(marker()?.dataset.live ?? 0));
  announce(marker()?.dataset.updated ?? "");
  document.dispatchEvent(new Event("sesh:swapped"));
}

/** Says it to screen readers, when they have time. */
function announce(text: string): void {
  let region = document.querySelector<HTMLElement>("#news");
  if (!region) {
    region = Object.assign(document.createElement("div"), { id: "news", className: "away" });
    region.setAttribute("role", "status");
    document.body.append(region);
  }
  region.textContent = "";
  setTimeout(() => (region.textContent = text), 20);
}

/** A line that says that there is something new, and shows it when somebody asks. */
function offer(): void {
  const mark = marker();
  if (!mark || document.querySelector("[data-news]")) return;
  const line = document.createElement("div");
  line.className = "notice";
  line.dataset.news = "";
  line.setAttribute("role", "status");
  const text = Object.assign(document.createElement("p"), { textContent: mark.dataset.new ?? "" });
  const show = Object.assign(document.createElement("button"), { type: "button", className: "link", textContent: mark.dataset.show ?? "" });
  show.addEventListener("click", async () => {
    const page = await fetched();
    if (page) swap(page);
  });
  line.append(text, show);
  document.querySelector("main")?.prepend(line);
}
