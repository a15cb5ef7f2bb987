// What is seen without a connection, drawn from what is kept. The same components as `src/web/ui/`, and the same names of
// fields, so that one reader reads both.

import * as amounts from "./amounts.ts";
import { type Html, html } from "./html.ts";
import { shown, type Shown } from "./outbox.ts";
import type { Ask, Entry, Lot, Said, Session, State } from "./types.ts";
import * as when from "./when.ts";

/** How somebody reads: texts by name, language, zone, whether amounts are hidden. */
export interface Look {
  words: Record<string, string>;
  lang: string;
  veiled: boolean;
  now: number;
}

export const METHODS = ["smoke", "vape", "eat", "dab", "drink", "sublingual", "topical", "other"];
const SCALES = ["rating", "mood_before", "mood_after"] as const;
/** How many rows of a list are drawn. */
const MOST = 100;

export class Views {
  readonly #look: Look;
  readonly #state: State;
  readonly #sessions: Shown[];
  readonly #lots: Lot[];

  constructor(look: Look, state: State) {
    this.#look = look;
    this.#state = state;
    ({ sessions: this.#sessions, lots: this.#lots } = shown(state));
  }

  #t(name: string, values: Record<string, string | number> = {}): string {
    return (this.#look.words[name] ?? name).replace(/\{(\w+)\}/g, (_, key) => String(values[key] ?? ""));
  }

  get #zone(): string {
    return this.#state.mirror?.zone ?? "UTC";
  }

  #amount(mg: number | null | undefined): string {
    if (mg === null || mg === undefined) return "–";
    return this.#look.veiled ? "•••" : amounts.written(mg, this.#look.lang);
  }

  #ago(text: string): string {
    return when.ago(this.#zone, Date.parse(text), this.#look.now, this.#look.lang, (month) => this.#t(`month${month}`));
  }

  #taken(said: Said): string {
    const known = said.items.filter((item) => item.quantity_mg !== null);
    return known.length === 0 ? "–" : this.#amount(known.reduce((sum, item) => sum + item.quantity_mg!, 0));
  }

  #names(said: Said): string {
    return said.items.map((item) => item.name).join(", ") || this.#t("nothing_from_stash");
  }

  #since(): Html {
    const at = this.#state.mirror?.at;
    return html`<p class="quiet since">${this.#t("off_strip")} · ${at ? this.#t("off_since", { when: this.#ago(at) }) : this.#t("off_never")}</p>`;
  }

  #row(session: Shown): Html {
    const mark = session.asks ? this.#t("off_asks_mark") : session.waits ? this.#t("off_waits") : "";
    return html`<li class="row"><a href="/history/${session.id}"><span class="main"><span class="name">${this.#names(session)}</span>
      <span class="more"><time datetime="${session.occurred_at}">${this.#ago(session.occurred_at)}</time> · ${this.#t(session.method)}${
        mark && html` · <span class="tag">${mark}</span>`
      }</span></span><span class="amount">${this.#taken(session)}</span></a></li>`;
  }

  #rows(count: number): Html {
    if (this.#sessions.length === 0) return html`<p class="quiet">${this.#t("no_seshes")}</p>`;
    return html`<ul class="rows">${this.#sessions.slice(0, count).map((session) => this.#row(session))}</ul>`;
  }

  /** What was used, what is left, what was last. */
  today(): Html {
    const today = when.day(this.#zone, this.#look.now);
    const of_today = this.#sessions.filter((session) => when.day(this.#zone, Date.parse(session.occurred_at)) === today);
    const used = of_today.flatMap((session) => session.items).reduce((sum, item) => sum + (item.quantity_mg ?? 0), 0);
    const left = this.#lots.reduce((sum, lot) => sum + lot.balance_mg, 0);
    const figure = (name: string, mg: number) =>
      html`<div class="figure"><dt>${this.#t(name)}</dt><dd><span class="number">${this.#amount(mg)}</span></dd></div>`;
    const last = this.#sessions[0];
    return html`<h1>${this.#t("today")}</h1>${this.#since()}<div class="columns"><div>
      <section class="card"><dl class="figures">${figure("used_today", used)}${figure("left", left)}</dl></section>
      ${last && this.#again(last)}<p class="actions"><a class="button plain" href="/log">${this.#t("log_one")}</a></p></div>
      <section class="card"><div class="heading"><h2>${this.#t("last_seshes")}</h2>${this.#sessions.length > 0 && html`<a href="/history">${this.#t("see_all")}</a>`}</div>
      ${this.#rows(5)}</section></div>`;
  }

  #again(last: Shown): Html {
    const items = last.items.filter((item) => item.lot_id !== null);
    return html`<form method="post" action="/log" class="repeat" data-kept><input type="hidden" name="method" value="${last.method}">
      ${items.map((item) => html`<input type="hidden" name="item" value="${item.lot_id}:${item.quantity_mg ?? 0}">`)}
      <button class="button again"><span><span class="name">${this.#t("again")}</span>
      <span class="more">${this.#taken(last)} ${this.#names(last)} · ${this.#t(last.method)}</span></span></button></form>`;
  }

  history(): Html {
    return html`<h1>${this.#t("history")}</h1>${this.#since()}<section class="card">${this.#rows(MOST)}</section>`;
  }

  stash(): Html {
    const row = (lot: Lot) => html`<li class="row still"><span class="main"><span class="name">${lot.name}</span></span>
      <span class="amount">${lot.balance_mg > 0 ? this.#amount(lot.balance_mg) : this.#t("gone")}</span></li>`;
    return html`<h1>${this.#t("stash")}</h1>${this.#since()}<section class="card"><ul class="rows">${this.#lots.map(row)}</ul></section>`;
  }

  #chips(name: string, legend: string, kind: string, choices: [string, string, string?][], chosen: string): Html {
    const chip = ([value, text, more]: [string, string, string?]) => html`<label class="chip"><input type="radio" name="${name}" value="${value}"${
      value === chosen && html` checked`
    }><span><span class="name">${text}</span>${more && html`<span class="more">${more}</span>`}</span></label>`;
    const range = kind === "scale" && html` <span class="quiet">${this.#t("one_to_five")}</span>`;
    return html`<fieldset class="chips ${kind}" id="f-${name}" tabindex="-1"><legend>${legend}${range}</legend><div class="set">${choices.map(chip)}</div></fieldset>`;
  }

  #field(name: string, label: string, value: string, hint = "", type = "text"): Html {
    const described = hint && html` aria-describedby="f-${name}-hint"`;
    const optional = type !== "datetime-local" && html` <span class="quiet">${this.#t("optional")}</span>`;
    const field = type === "textarea"
      ? html`<textarea id="f-${name}" name="${name}" rows="3"${described}>${value}</textarea>`
      : html`<input id="f-${name}" name="${name}" type="${type}" value="${value}" autocomplete="off"${described}>`;
    return html`<div class="field"><label for="f-${name}">${label}${optional}</label>${field}${hint && html`<p class="hint" id="f-${name}-hint">${hint}</p>`}</div>`;
  }

  #methods(chosen: string): Html {
    return this.#chips("method", this.#t("how"), "", METHODS.map((method) => [method, this.#t(method)]), chosen);
  }

  #feelings(said: Partial<Said>): Html {
    const steps: [string, string][] = [["", this.#t("none")], ...[1, 2, 3, 4, 5].map((step): [string, string] => [String(step), String(step)])];
    return html`${SCALES.map((name) => this.#chips(name, this.#t(name), "scale", steps, String(said[name] ?? "")))}
      ${this.#field("effects", this.#t("effects"), (said.effects ?? []).join(", "), this.#t("effects_hint"))}
      ${this.#field("notes", this.#t("notes"), said.notes ?? "", "", "textarea")}`;
  }

  /** The amounts that the person takes: the last one, the most frequent, then usual ones. */
  #usual(): number[] {
    const taken = this.#sessions.flatMap((session) => session.items).flatMap((item) => item.quantity_mg ?? []).slice(0, 40);
    const counts = new Map<number, number>();
    taken.forEach((mg, place) => counts.set(mg, (counts.get(mg) ?? (place === 0 ? 40 : 0)) + 1));
    const frequent = [...counts].sort((a, b) => b[1] - a[1]).map(([mg]) => mg);
    return [...new Set([...frequent.slice(0, 4), 250, 500, 1_000, 100])].slice(0, 4).sort((a, b) => a - b);
  }

  log(): Html {
    const { lang } = this.#look;
    const last = this.#sessions[0];
    const used = (lot: Lot) => this.#sessions.filter((session) => session.items.some((item) => item.lot_id === lot.id)).length;
    const held = this.#lots.filter((lot) => lot.balance_mg > 0).sort((a, b) => used(b) - used(a));
    const item = last?.items[0];
    const lot = held.find((lot) => lot.id === item?.lot_id)?.id ?? held[0]?.id ?? "";
    const lots: [string, string, string?][] = [...held.map((lot): [string, string, string] => [lot.id, lot.name, this.#amount(lot.balance_mg)]), ["", this.#t("nothing_from_stash")]];
    const chips: [string, string][] = [...this.#usual().map((mg): [string, string] => [String(mg), amounts.exact(mg, lang)]), ["unknown", this.#t("not_sure")]];
    return html`<h1>${this.#t("log_one")}</h1>${this.#since()}<form method="post" action="/log" class="card log" data-kept novalidate>
      ${this.#chips("lot", this.#t("from_which"), "tall", lots, lot)}
      ${this.#chips("choice", this.#t("how_much"), "", chips, String(item?.quantity_mg ?? "unknown"))}
      ${this.#field("amount", this.#t("other_amount"), "", this.#t("amount_hint"))}
      ${this.#methods(last?.method ?? "smoke")}
      <details><summary>${this.#t("more")}</summary>${this.#field("when", this.#t("when"), "", this.#t("when_hint"), "datetime-local")}${this.#feelings({})}</details>
      <p class="actions sticky"><button class="button">${this.#t("log_it")}</button></p></form>`;
  }

  session(id: string): Html | null {
    const session = this.#sessions.find((known) => known.id === id);
    if (!session) return null;
    const change = session.items.every((item) => item.lot_id !== null);
    const amount = (item: Said["items"][number], place: number) =>
      this.#field(`amount-${place}`, item.name, item.quantity_mg === null ? "" : amounts.exact(item.quantity_mg, this.#look.lang), this.#t("amount_hint"));
    return html`<h1>${this.#t("edit_sesh")}</h1>${this.#since()}<form method="post" action="/history/${id}" class="card" data-kept novalidate>
      ${this.#field("when", this.#t("when"), when.input(this.#zone, Date.parse(session.occurred_at)), "", "datetime-local")}
      ${change && session.items.map(amount)}${this.#methods(session.method)}${this.#feelings(session)}
      <p class="actions"><button class="button">${this.#t("save")}</button><a class="button plain" href="/history">${this.#t("cancel")}</a></p></form>
      <form method="post" action="/history/${id}/delete" class="inline" data-kept><button class="link danger">${this.#t("delete")}</button></form>`;
  }

  /** What works without a connection, where something does not. */
  elsewhere(): Html {
    const links = ["today", "log", "history", "stash"].map((name) => html`<li class="row"><a href="/${name}"><span class="main"><span class="name">${this.#t(name)}</span></span></a></li>`);
    return html`<h1>${this.#t("offline")}</h1><p class="lead">${this.#t("off_not_here")}</p><section class="card"><ul class="rows">${links}</ul></section>
      <p class="actions"><a class="button plain" href="">${this.#t("try_again")}</a></p>`;
  }

  /** Nobody is known here, or nothing of them. */
  nobody(): Html {
    return html`<h1>${this.#t("offline")}</h1><p class="lead">${this.#t("off_never")}</p><p class="actions"><a class="button" href="/today">${this.#t("try_again")}</a></p>`;
  }

  /** What is kept here alone, what needs its person, and what was merged. */
  outbox(): Html {
    const { entries, merged } = this.#state;
    const asking = entries.filter((entry) => entry.ask);
    const waiting = entries.filter((entry) => !entry.ask);
    return html`<h1>${this.#t("off_kept_title")}</h1>${asking.map((entry) => this.#asking(entry))}
      ${merged.map((both) => html`<section class="card"><p>${this.#t("off_merged_line")} ${[...both.elsewhere, ...both.here].map((field) => this.#label(field)).join(", ")}.</p>
        <div class="actions"><a class="button plain" href="/history/${both.id}">${this.#t("edit_sesh")}</a><button class="button plain" data-seen="${both.id}">${this.#t("off_seen")}</button></div></section>`)}
      ${waiting.length > 0
        ? html`<section class="card"><p class="quiet">${this.#t("off_kept_line")}</p><ul class="rows">${waiting.map((entry) => this.#waiting(entry))}</ul>
            <p class="actions"><button class="button plain" data-send>${this.#t("off_send_now")}</button></p></section>`
        : asking.length === 0 && html`<p class="lead">${this.#t("off_nothing")}</p>`}`;
  }

  #label(field: string): string {
    const names: Record<string, string> = { occurred_at: "when", items: "how_much", method: "how" };
    return this.#t(names[field] ?? field);
  }

  #of(entry: Entry): Said {
    if (entry.kind === "log") return entry.said;
    return entry.kind === "edit" ? { ...entry.seen, ...entry.fields } : entry.seen;
  }

  #kind(entry: Entry): string {
    return this.#t({ log: "off_new", edit: "off_edited", delete: "off_deleted" }[entry.kind]);
  }

  #line(said: Said): Html {
    return html`<span class="main"><span class="name">${this.#names(said)}</span><span class="more">${this.#ago(said.occurred_at)} · ${this.#t(said.method)}</span></span>
      <span class="amount">${this.#taken(said)}</span>`;
  }

  #waiting(entry: Entry): Html {
    const said = this.#of(entry);
    return html`<li class="row still">${this.#line(said)}<span class="tag">${this.#kind(entry)}</span></li>`;
  }

  #asking(entry: Entry): Html {
    const said = this.#of(entry);
    return html`<section class="card ask" data-ask="${entry.seq}"><h2>${this.#kind(entry)}</h2><div class="row still">${this.#line(said)}</div>${this.#question(entry, entry.ask!)}</section>`;
  }

  #choices(entry: Entry, choices: (readonly [how: string, text: string, lot?: string] | false)[]): Html {
    const button = (choice: readonly [string, string, string?], place: number) =>
      html`<button class="button${place > 0 && " plain"}" data-choice="${choice[0]}" data-of="${entry.seq}" data-lot="${choice[2] ?? ""}">${choice[1]}</button>`;
    return html`<div class="actions">${choices.filter((choice) => choice !== false).map(button)}</div>`;
  }

  #question(entry: Entry, ask: Ask): Html {
    const drop = ["drop", this.#t("off_let_go")] as const;
    switch (ask.why) {
      case "overdraft":
        return this.#overdraft(entry, ask);
      case "gone":
        return html`<p>${this.#t("off_gone")}</p>${this.#choices(entry, [["new", this.#t("off_keep_new")], drop])}`;
      case "refused":
        return html`<p>${this.#t("off_refused")} ${ask.message}</p>${this.#choices(entry, [["again", this.#t("try_again")], drop])}
          ${entry.kind !== "delete" && html`<p><a href="/history/${entry.id}">${this.#t("edit_sesh")}</a></p>`}`;
      case "conflict":
        return this.#conflict(entry, ask);
    }
  }

  #overdraft(entry: Entry, ask: Ask & { why: "overdraft" }): Html {
    const said = this.#of(entry);
    const item = said.items.find((known) => known.lot_id === ask.lot_id);
    const left = this.#amount(ask.available_mg);
    const asked = item?.quantity_mg ?? 0;
    const others = this.#lots.filter((lot) => lot.balance_mg >= asked && !said.items.some((known) => known.lot_id === lot.id)).slice(0, 4);
    return html`<p>${this.#t("off_short", { lot: item?.name ?? "", left, asked: this.#amount(asked) })}</p>${this.#choices(entry, [
      ask.available_mg > 0 && (["left", this.#t("off_take_left", { left })] as const),
      ["unknown", this.#t("off_unknown")],
      ...others.map((lot) => ["lot", this.#t("off_other_lot", { lot: lot.name }), lot.id] as const),
      ["drop", this.#t("off_let_go")],
    ])}`;
  }

  #conflict(entry: Entry, ask: Ask & { why: "conflict" }): Html {
    if (entry.kind === "delete") {
      return html`<p>${this.#t("off_delete_conflict")}</p>${this.#choices(entry, [["theirs", this.#t("off_keep_it")], ["mine", this.#t("off_delete_anyway")]])}`;
    }
    const mine = this.#of(entry);
    const row = (field: keyof Said) =>
      html`<tr><th scope="row">${this.#label(field)}</th><td>${this.#value(field, mine)}</td><td>${this.#value(field, ask.theirs)}</td></tr>`;
    return html`<p>${this.#t("off_conflict")}</p><div class="scroll"><table><thead><tr><td></td><th scope="col">${this.#t("off_mine")}</th><th scope="col">${this.#t("off_theirs")}</th></tr></thead>
      <tbody>${ask.fields.map(row)}</tbody></table></div>${this.#choices(entry, [["mine", this.#t("off_keep_mine")], ["theirs", this.#t("off_keep_theirs")]])}`;
  }

  #value(field: keyof Said, said: Said | Session): string {
    switch (field) {
      case "occurred_at":
        return this.#ago(said.occurred_at);
      case "method":
        return this.#t(said.method);
      case "items":
        return said.items.map((item) => `${item.name} ${this.#amount(item.quantity_mg)}`).join(", ") || this.#t("nothing_from_stash");
      case "effects":
        return said.effects.join(", ") || this.#t("none");
      default:
        return String(said[field] ?? "") || this.#t("none");
    }
  }

  /** What stands in the strip; nothing when there is nothing to say. */
  strip(isOffline: boolean, isSending: boolean): string | null {
    const asks = this.#state.entries.filter((entry) => entry.ask).length;
    const waits = this.#state.entries.length - asks;
    const counted = (name: string, count: number) => (count === 1 ? this.#t(`${name}_one`) : this.#t(name, { n: count }));
    const parts = [
      isOffline && this.#t("off_strip"),
      waits > 0 && isSending && !isOffline ? this.#t("off_sending") : waits > 0 && counted("off_kept", waits),
      asks > 0 && counted("off_asks", asks),
      this.#state.merged.length > 0 && asks + waits === 0 && this.#t("off_merged"),
    ].filter((part) => part !== false);
    return parts.length > 0 ? parts.join(" · ") : null;
  }

  /** What is asked of who signs out while something is kept here alone. */
  leaving(): Html {
    const lines = this.#state.entries.map((entry) => this.#waiting(entry));
    return html`<h2 id="leaving">${this.#t("off_sign_out")}</h2><ul class="rows">${lines}</ul><div class="actions">
      <button class="button" value="send">${this.#t("off_send_first")}</button><button class="button danger" value="drop">${this.#t("off_sign_out_anyway")}</button>
      <button class="button plain" value="stay">${this.#t("cancel")}</button></div>`;
  }

  text(name: string): string {
    return this.#t(name);
  }
}
