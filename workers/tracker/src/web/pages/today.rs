//! Today: what was used, what is left, what was last, and one tap for the same again.

use crate::dashboard::routes::{self as dashboard, Dashboard};
use crate::sessions::store::Session;
use crate::web::look::Look;
use crate::web::plans;
use crate::web::shelf::{self, Shelf};
use crate::web::ui::{self, Tab, hidden, icon};
use crate::web::visit::{Member, Visit};
use crate::web::when::Clock;
use maud::{Markup, html};
use sesh_edge::http::{Failure, Page};

/// What a session took, in words.
pub(super) fn taken(look: &Look, session: &Session) -> String {
    let known: i64 = session.items.iter().filter_map(|item| item.quantity_mg).sum();
    let is_known = session.items.iter().any(|item| item.quantity_mg.is_some());
    if is_known { look.amount(known) } else { "–".to_owned() }
}

/// A row of a list of sessions.
pub(super) fn row(look: &Look, clock: &Clock, session: &Session) -> Markup {
    let names: Vec<&str> = session.items.iter().map(|item| item.name.as_str()).collect();
    let name = if names.is_empty() { look.t().nothing_from_stash.to_owned() } else { names.join(", ") };
    html! {
        li.row {
            a href={ "/history/" (session.id) } {
                span.main {
                    span.name { (name) }
                    span.more { time datetime=(session.occurred_at) { (clock.ago(session.occurred_at)) } " · " (look.lang.method(session.method)) }
                }
                span.amount { (taken(look, session)) }
                (icon("next"))
            }
        }
    }
}

/// The same as the last session, in one tap.
pub(super) fn again(visit: &Visit, last: &Session) -> Markup {
    let (look, t) = (&*visit.look, visit.look.t());
    let names: Vec<&str> = last.items.iter().map(|item| item.name.as_str()).collect();
    let fields = html! {
        (hidden("method", last.method.as_str()))
        @for (lot, item) in last.items.iter().filter_map(|item| Some((item.lot_id?, item))) { (hidden("item", &format!("{lot}:{}", item.quantity_mg.unwrap_or(0)))) }
        (hidden("repeat", "1"))
        button.button.again {
            (icon("again"))
            span { span.name { (t.again) } span.more { (taken(look, last)) " " (names.join(", ")) " · " (look.lang.method(last.method)) } }
        }
    };
    ui::form(visit, "/log", "repeat", &fields)
}

/// Hides amounts, or shows them.
fn veil(visit: &Visit) -> Markup {
    let (look, t) = (&*visit.look, visit.look.t());
    let (value, text) = if look.is_veiled { ("0", t.show_amounts) } else { ("1", t.hide_amounts) };
    let fields = html! {
        (hidden("back", "/today")) (hidden("veil", value))
        button.icon-button title=(text) { (icon("eye")) span.away { (text) } }
    };
    ui::form(visit, "/settings", "inline", &fields)
}

fn figures(look: &Look, dashboard: &Dashboard) -> Markup {
    let t = look.t();
    let Dashboard { today, week, month, stash, days_of_supply, .. } = dashboard;
    let supply = days_of_supply.map(|days| format!("{} {}", t.supply.to_lowercase(), look.lang.days(days)));
    let unknown = (today.unknown_items > 0).then(|| look.lang.unknown(today.unknown_items));
    let today_more = match (today.sessions, unknown) {
        (0, _) => t.nothing_today.to_owned(),
        (count, None) => look.lang.seshes(count),
        (count, Some(unknown)) => format!("{} {unknown}", look.lang.seshes(count)),
    };
    html! {
        dl.figures {
            (ui::figure(t.used_today, &look.amount(today.quantity_mg), Some(&today_more)))
            (ui::figure(t.left, &look.amount(stash.balance_mg), Some(&supply.unwrap_or_else(|| look.lang.jars(stash.lots)))))
        }
        dl.figures.small {
            (ui::figure(t.this_week, &look.amount(week.quantity_mg), Some(&look.lang.seshes(week.sessions))))
            (ui::figure(t.this_month, &look.amount(month.quantity_mg), Some(&look.lang.seshes(month.sessions))))
        }
    }
}

/// What was just done, with the way back.
fn done(visit: &Visit) -> Markup {
    let t = visit.look.t();
    let id = visit.query.text("id");
    let undo = (visit.query.text("done") == "logged" && id.parse::<uuid::Uuid>().is_ok()).then(|| {
        let fields = html! { (hidden("back", "/today")) button.link { (t.undo) } };
        html! {
            div.undo { a href={ "/history/" (id) } { (t.edit) } (ui::form(visit, &format!("/history/{id}/delete"), "inline", &fields)) }
        }
    });
    match visit.query.text("done") {
        "logged" => ui::notice(t.logged, undo),
        "deleted" => super::history::deleted_notice(visit),
        "restored" => ui::notice(t.restored, None),
        "saved" => ui::notice(t.saved, None),
        _ => html! {},
    }
}

/// Offers the browser's zone to whoever has none; the script fills it in and shows it.
fn zone_offer(visit: &Visit, clock: &Clock) -> Markup {
    let t = visit.look.t();
    let fields = html! {
        (hidden("back", "/today"))
        input type="hidden" name="time_zone" data-zone;
        button.link { (t.zone_take) " " span data-zone-name {} }
    };
    html! {
        @if clock.zone == "UTC" {
            div.notice hidden { p { (t.zone_offer) } (ui::form(visit, "/account/profile", "inline", &fields)) }
        }
    }
}

pub(crate) async fn show(member: Member) -> Result<Page, Failure> {
    let Member { visit, person } = member;
    let (look, t) = (&*visit.look, visit.look.t());
    // The shelf first: its number is of before whatever changes while the rest is read.
    let shelf = shelf::read(&person, look).await?;
    let dashboard = dashboard::read(&person).await?;
    let plans = plans::read(&person, look).await?;
    let Shelf { clock, lots, sessions, seq } = &shelf;
    let content = html! {
        div.heading { h1 { (t.today) } (veil(&visit)) }
        (done(&visit))
        (zone_offer(&visit, clock))
        @if lots.is_empty() && sessions.is_empty() {
            (ui::empty(t.empty_stash, "/stash/new", t.add_first))
            p.links { a href="/log" { (t.log_one) } }
            (plans::line(look, &plans))
        } @else {
            div.columns {
                div {
                    section.card { (figures(look, &dashboard)) (plans::line(look, &plans)) }
                    @if let Some(last) = sessions.first() { (again(&visit, last)) }
                    p.actions { a.button.plain href="/log" { (t.log_one) } }
                }
                section.card {
                    div.heading { h2 { (t.last_seshes) } @if !sessions.is_empty() { a href="/history" { (t.see_all) } } }
                    @if sessions.is_empty() { p.quiet { (t.no_seshes) } }
                    ul.rows { @for session in sessions.iter().take(5) { (row(look, clock, session)) } }
                }
            }
        }
        (ui::live(look, *seq))
    };
    Ok(Page::html(200, ui::page(look, Tab::Today, t.today, &content)))
}
