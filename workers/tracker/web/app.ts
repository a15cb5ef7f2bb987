// What pages do better with a script. Without it all of it works, but for passkeys, which browsers give to scripts alone.

import { keepFresh } from "./fresh.ts";

/** Forms post in place: no reload, no second tap; errors come back into the page. What fails is posted the plain way. */
function inPlace(): void {
  document.addEventListener("submit", async (event) => {
    const form = event.target as HTMLFormElement;
    if (form.dataset.busy !== undefined) return event.preventDefault();
    // What answers with a file is the browser's own matter. A form's fields stand before its own properties: that of a sesh
    // has one called `method`.
    if (event.defaultPrevented || form.getAttribute("method") !== "post" || form.classList.contains("plainly")) return;
    event.preventDefault();
    const pressed = event.submitter as HTMLButtonElement | null;
    form.dataset.busy = "";
    // What was typed is not for whoever uses this browser next.
    if (new URL(form.action).pathname === "/sign-out") sessionStorage.clear();
    pressed?.setAttribute("aria-busy", "true");
    if (await (await offline)?.keep(form, pressed, false)) return;
    try {
      const data = new FormData(form, pressed);
      const fields = new URLSearchParams();
      const isUpload = form.enctype === "multipart/form-data";
      if (!isUpload) for (const [name, value] of data) fields.append(name, String(value));
      const answer = await fetch(form.action, { method: "POST", body: isUpload ? data : fields, signal: AbortSignal.timeout(isUpload ? 120_000 : 20_000) });
      forget(form);
      if (answer.redirected) return void location.assign(answer.url);
      show(await answer.text());
    } catch {
      if (await (await offline)?.keep(form, pressed, true)) return;
      delete form.dataset.busy;
      pressed?.removeAttribute("aria-busy");
      form.submit();
    }
  });
}

/** Puts a page that was answered in place of what is shown. */
function show(html: string): void {
  const page = new DOMParser().parseFromString(html, "text/html");
  const main = page.querySelector("main");
  const here = document.querySelector("main");
  if (!main || !here) return;
  document.title = page.title;
  here.replaceWith(main);
  prepare();
  (main.querySelector<HTMLElement>("[data-focus]") ?? main).focus();
  scrollTo(0, 0);
}

/** Drafts: what was typed outlives a closed tab. Passwords and codes are never kept. */
const draftOf = (form: HTMLFormElement) => `draft:${new URL(form.action).pathname}`;
const KEPT = "input:not([type=hidden],[type=file],[type=checkbox],[type=password],[name=code],[name=token],[type=email]),textarea,select";

function forget(form: HTMLFormElement): void {
  sessionStorage.removeItem(draftOf(form));
}

function drafts(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>("form.card[method=post]:not([enctype^=multipart])")) {
    const kept = JSON.parse(sessionStorage.getItem(draftOf(form)) ?? "null");
    const fields = [...form.querySelectorAll<HTMLInputElement>(KEPT)];
    if (kept && !document.querySelector(".problems")) {
      for (const field of fields) {
        if (field.type === "radio") field.checked = kept[field.name] === field.value;
        else if (kept[field.name] !== undefined) field.value = kept[field.name];
      }
    }
    form.addEventListener("input", () => {
      const values = fields.filter((field) => field.type !== "radio" || field.checked);
      sessionStorage.setItem(draftOf(form), JSON.stringify(Object.fromEntries(values.map((field) => [field.name, field.value]))));
    });
    form.querySelector<HTMLInputElement>("[name=amount]")?.addEventListener("input", (event) => {
      // An amount that is typed stands in place of one that was tapped.
      if ((event.target as HTMLInputElement).value) form.querySelectorAll<HTMLInputElement>("[name=choice]").forEach((chip) => (chip.checked = false));
    });
    form.querySelectorAll<HTMLInputElement>("[name=choice]").forEach((chip) =>
      chip.addEventListener("change", () => {
        const typed = form.querySelector<HTMLInputElement>("[name=amount]");
        if (typed) typed.value = "";
      }),
    );
  }
}

/** The token of a mail's link stands behind `#`, where no server sees it. */
function linkToken(): void {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  const field = document.querySelector<HTMLInputElement>("[name=token]");
  if (!token || !field) return;
  field.value = token;
  history.replaceState(null, "", location.pathname);
  document.querySelector("[data-without-token]")?.toggleAttribute("hidden", true);
  document.querySelector("[data-with-token]")?.setAttribute("open", "");
  const hidden = field.closest(".field");
  hidden?.toggleAttribute("hidden", true);
}

async function api(path: string, body: unknown): Promise<any> {
  const headers = { "content-type": "application/json", "idempotency-key": crypto.randomUUID() };
  const answer = await fetch(`/api/v1${path}`, { method: "POST", headers, body: body === null ? null : JSON.stringify(body) });
  const got = answer.status === 204 ? {} : await answer.json();
  if (!answer.ok) throw new Error(got.error?.message ?? String(answer.status));
  return got.data;
}

const pick = (from: any, names: string[]) => Object.fromEntries(names.map((name) => [name, from[name]]));

async function signIn(): Promise<void> {
  const publicKey = (PublicKeyCredential as any).parseRequestOptionsFromJSON(await api("/auth/passkey/options", null));
  const made: any = (await navigator.credentials.get({ publicKey }) as any).toJSON();
  const response = pick(made.response, ["clientDataJSON", "authenticatorData", "signature", "userHandle"]);
  await api("/auth/passkey", { id: made.id, response });
  const next = document.querySelector<HTMLElement>("[data-next]")?.dataset.next ?? "/today";
  location.assign(next);
}

async function addPasskey(form: HTMLFormElement): Promise<void> {
  const typed = new FormData(form);
  const password = String(typed.get("new_passkey_password") ?? "");
  const code = String(typed.get("new_passkey_code") ?? "").trim();
  const proof = code ? { [/^\d{6}$/.test(code) ? "code" : "recovery_code"]: code } : {};
  const options = await api("/me/passkeys/options", { password, ...proof });
  const publicKey = (PublicKeyCredential as any).parseCreationOptionsFromJSON(options);
  const made: any = (await navigator.credentials.create({ publicKey }) as any).toJSON();
  const name = String(typed.get("passkey_name") ?? "").trim() || navigator.platform || "Passkey";
  await api("/me/passkeys", { name, response: pick(made.response, ["clientDataJSON", "attestationObject"]) });
  location.assign(form.dataset.again ?? location.pathname);
}

function passkeys(): void {
  // The style shows them wherever scripts run, so that nothing moves when this one does.
  if (!("PublicKeyCredential" in window)) return document.querySelectorAll<HTMLElement>(".scripted").forEach((part) => (part.hidden = true));
  const failed = document.querySelector<HTMLElement>("[data-passkey-failed]");
  const tried = async (work: Promise<void>) => {
    try {
      await work;
    } catch (error) {
      if (!failed) return;
      failed.textContent = (error as Error).message;
      failed.hidden = false;
    }
  };
  document.querySelector("[data-passkey=sign-in]")?.addEventListener("click", () => tried(signIn()));
  document.querySelector<HTMLFormElement>("[data-passkey-form]")?.addEventListener("submit", (event) => {
    event.preventDefault();
    tried(addPasskey(event.target as HTMLFormElement));
  });
}

/** A person whose days begin by UTC is offered the zone of their browser. */
function zone(): void {
  const field = document.querySelector<HTMLInputElement>("[data-zone]");
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!field || !here || here === "UTC") return;
  field.value = here;
  const offer = field.closest<HTMLElement>("[hidden]");
  if (offer) offer.hidden = false;
  const name = offer?.querySelector("[data-zone-name]");
  if (name) name.textContent = here.replaceAll("_", " ");
}

/** A report is printed by the browser; without a script by its menu. */
function printing(): void {
  document.querySelector("[data-print]")?.addEventListener("click", () => print());
}

function prepare(): void {
  drafts();
  printing();
  linkToken();
  passkeys();
  zone();
  keepFresh();
}

/** What a page does without a connection (`offline/page.ts`) comes after all else, and is not waited for by a first view. */
let offline: Promise<typeof import("./offline/page.ts") | null> | undefined;
function goOn(): void {
  offline = import(`/assets/${document.documentElement.dataset.offline}`).catch(() => null);
  offline.then((page) => page?.begin());
}

inPlace();
prepare();
if (document.readyState === "complete" || document.querySelector("[data-shell]")) goOn();
else addEventListener("load", () => setTimeout(goOn));
document.addEventListener("sesh:swapped", prepare);
