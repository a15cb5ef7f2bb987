//! The stash: what there is, what runs out first, and what happened to it.

use crate::dashboard::routes as dashboard;
use crate::members;
use crate::stash::Text;
use crate::stash::routes as stash;
use crate::stash::rules::{Form as Kind, NewEntry, NewLot};
use crate::stash::store::{self, Entry, Lot};
use crate::strains::store as strains;
use crate::web::amounts;
use crate::web::calls::{self, Wrong};
use crate::web::look::Look;
use crate::web::shelf::{self, SOON_DAYS, Shelf, clock};
use crate::web::ui::{self, Choice, Input, Tab, hidden, icon};
use crate::web::visit::{Form, Member, Visit};
use crate::web::when::Clock;
use maud::{Markup, html};
use serde_json::{Value, json};
use sesh_edge::http::{Failure, Fields, Key, Page};
use sesh_edge::io::Batch;
use sesh_types::amounts::{Amount, Bare, Unit, read_amount};
use sesh_types::ids::{LotId, StrainId};

const KINDS: [Kind; 9] = [
    Kind::Flower,
    Kind::PreRoll,
    Kind::Vape,
    Kind::Edible,
    Kind::Concentrate,
    Kind::Tincture,
    Kind::Capsule,
    Kind::Topical,
    Kind::Other,
];
pub(super) const CURRENCIES: [&str; 6] = ["USD", "EUR", "CAD", "GBP", "MXN", "CHF"];
const ENTRIES: u32 = 30;

/// How full a jar is, as a picture; the numbers beside it say the same.
fn level(lot: &Lot) -> Markup {
    let full = (lot.balance_mg * 100 / lot.quantity_mg.max(1)).clamp(0, 100);
    html! {
        svg.level viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true" {
            rect.rest x="0" y="0" width="100" height="4" {}
            rect.mark x="0" y="0" width=(full) height="4" {}
        }
    }
}

fn row(look: &Look, shelf: &Shelf, lot: &Lot) -> Markup {
    let (bought, p) = (look.amount(lot.quantity_mg), look.pictures());
    let days = shelf.lasts_days(lot).filter(|_| lot.balance_mg > 0);
    html! {
        li.row.split {
            a href={ "/stash/" (lot.id) } {
                span.main {
                    span.name { (lot.name) @if days.is_some_and(|days| days <= SOON_DAYS) { " " span.tag { (p.soon) } } }
                    span.more { (look.lang.form(lot.form)) @if let Some(days) = days { " · " (look.lang.lasts(days)) } }
                    (level(lot))
                }
                span.amount {
                    @if lot.balance_mg == 0 { (look.t().gone) } @else { (look.amount(lot.balance_mg)) }
                    span.more { (look.lang.left_of("", &bought).trim()) }
                }
            }
            @if lot.balance_mg > 0 {
                a.icon-button href={ "/log?lot=" (lot.id) } title={ (p.log_from) " " (lot.name) } { (icon("log")) span.away { (p.log_from) " " (lot.name) } }
            }
        }
    }
}

pub(crate) async fn list(member: Member) -> Result<Page, Failure> {
    let Member { visit, person } = member;
    let (look, t, p) = (&*visit.look, visit.look.t(), visit.look.pictures());
    let shelf = shelf::read(&person, look).await?;
    let board = dashboard::read(&person).await?;
    let mut lots: Vec<&Lot> = shelf.lots.iter().collect();
    // What runs out first at its pace; of what has none, what is relatively emptiest.
    lots.sort_by_cached_key(|lot| {
        let days = shelf.lasts_days(lot).unwrap_or(i64::MAX);
        (lot.balance_mg == 0, days, lot.balance_mg * 1_000 / lot.quantity_mg.max(1))
    });
    let (held, gone): (Vec<&Lot>, Vec<&Lot>) = lots.into_iter().partition(|lot| lot.balance_mg > 0);
    let content = html! {
        div.heading { h1 { (t.stash) } a.button href="/stash/new" { (t.add_purchase) } }
        @if visit.query.text("done") == "added" { (ui::notice(t.added, None)) }
        @if shelf.lots.is_empty() {
            (ui::empty(t.empty_stash, "/stash/new", t.add_first))
        } @else {
            dl.figures {
                (ui::figure(t.left, &look.amount(board.stash.balance_mg), Some(&look.lang.jars(board.stash.lots))))
                @if let Some(days) = board.days_of_supply { (ui::figure(p.supply, &days.to_string(), Some(p.supply_short))) }
            }
            @if shelf.is_full() { p.quiet { (p.shelf_many) } }
            @if !held.is_empty() {
                section.card { p.quiet { (t.runs_out_first) } ul.rows { @for lot in &held { (row(look, &shelf, lot)) } } }
            }
            @if !gone.is_empty() {
                details.card { summary { (t.used_up) } ul.rows { @for lot in &gone { (row(look, &shelf, lot)) } } }
            }
        }
        (ui::live(look, shelf.seq))
    };
    Ok(Page::html(200, ui::page(look, Tab::Stash, t.stash, &content)))
}

fn draw_new(visit: &Visit, typed: &Fields, wrong: &Wrong) -> Page {
    let (look, t) = (&*visit.look, visit.look.t());
    let kinds: Vec<Choice> = KINDS.map(|kind| Choice::new(kind.as_str(), look.lang.form(kind))).into();
    let currencies = CURRENCIES.map(|code| Choice::new(code, code));
    let p = look.pictures();
    let units = Unit::ALL.map(|unit| Choice::new(unit.as_str(), look.lang.unit(unit, true)));
    let fields = html! {
        @if !typed.text("strain").is_empty() { (hidden("strain", typed.text("strain"))) }
        (ui::field(look, Input::text("name", t.lot_name).hint(t.lot_name_hint), typed, wrong))
        (ui::chips("form_of", t.form, "", &kinds, typed.text("form_of"), wrong))
        (ui::field(look, Input::text("quantity", t.bought).hint(t.bought_hint).numbers(), typed, wrong))
        div.pair {
            (ui::field(look, Input::text("price", t.price).hint(t.price_hint).numbers().optional(), typed, wrong))
            (ui::select("currency", t.currency, &currencies, typed.text("currency")))
        }
        (ui::field(look, Input::text("bought_on", t.bought_on).kind("date").optional(), typed, wrong))
        details open[["thc", "units"].iter().any(|name| !typed.text(name).is_empty())] {
            summary { (t.more) }
            div.pair {
                (ui::field(look, Input::text("units", p.pieces).hint(p.pieces_hint).numbers().optional(), typed, wrong))
                (ui::select("unit", p.piece, &units, typed.text("unit")))
            }
            (ui::field(look, Input::text("thc", p.thc_in_all).hint(p.thc_hint).numbers().optional(), typed, wrong))
        }
        p.actions { button.button { (t.add_purchase) } a.button.plain href="/stash" { (t.cancel) } }
    };
    let content = html! {
        h1 { (t.add_purchase) }
        (ui::problems(look, wrong))
        (ui::form(visit, "/stash/new", "card", &fields))
        p.links { a href="/strains" { (t.search_strains) } }
    };
    Page::html(if wrong.is_empty() { 200 } else { 422 }, ui::page(look, Tab::Stash, t.add_purchase, &content))
}

/// An empty form, or one for a strain.
pub(crate) async fn new(member: Member) -> Result<Page, Failure> {
    let Member { visit, person } = member;
    let mut typed = Fields::default().with("form_of", "flower").with("currency", "USD");
    if let Ok(id) = visit.query.text("strain").parse::<StrainId>() {
        let rows = person.read(strains::one(person.scope(), id)).await?;
        let found = rows.first::<Text>(0)?.ok_or_else(|| Failure::not_found("strain"))?;
        let strain: strains::Strain = serde_json::from_str(&found.body).map_err(Failure::internal)?;
        typed = typed.with("strain", id.to_string()).with("name", strain.name);
    } else {
        // The check of the token stands in every read.
        person.read(members::one(person.scope())).await?;
    }
    Ok(draw_new(&visit, &typed, &Wrong::default()))
}

/// The pieces and the THC that a label names.
fn pieces(look: &Look, typed: &Fields, body: &mut serde_json::Map<String, Value>, wrong: &mut Wrong) {
    if !typed.text("units").is_empty() {
        match typed.text("units").parse::<i64>().ok().filter(|units| *units > 0) {
            Some(units) => {
                body.insert("units".to_owned(), json!(units));
                body.insert("unit".to_owned(), json!(typed.text("unit")));
            }
            None => wrong.note("units", look.pictures().issue_pieces),
        }
    }
    if !typed.text("thc").is_empty() {
        match read_amount(typed.text("thc"), Bare::Mg) {
            Ok(Amount::Mass { mg }) => drop(body.insert("thc_mg".to_owned(), json!(mg))),
            _ => wrong.note("thc", look.t().issue_amount),
        }
    }
}

pub(crate) async fn add(member: Member, form: Form) -> Result<Page, Failure> {
    let Member { visit, person } = member;
    let (look, typed) = (&*visit.look, &form.fields);
    let t = look.t();
    let mut wrong = Wrong::default();
    let rows = person.read(members::one(person.scope())).await?;
    let clock = clock(&rows, 0, &person, look)?;
    let mut body = serde_json::Map::new();
    for (name, field) in [("name", "name"), ("strain_id", "strain")] {
        if !typed.text(field).is_empty() {
            body.insert(name.to_owned(), json!(typed.text(field)));
        }
    }
    if !body.contains_key("name") {
        wrong.note("name", t.issue_required);
    }
    body.insert("form".to_owned(), json!(typed.text("form_of")));
    match amounts::read(typed.text("quantity")).filter(|mg| *mg > 0) {
        Some(mg) => drop(body.insert("quantity_mg".to_owned(), json!(mg))),
        None => wrong.note("quantity", t.issue_amount),
    }
    if !typed.text("price").is_empty() {
        match amounts::read_price(typed.text("price")) {
            Some(minor) => {
                drop(body.insert(
                    "price".to_owned(),
                    json!({ "minor": minor, "currency": typed.text("currency") }),
                ));
            }
            None => wrong.note("price", t.issue_price),
        }
    }
    pieces(look, typed, &mut body, &mut wrong);
    if !typed.text("bought_on").is_empty() {
        match clock.read_day(typed.text("bought_on")) {
            Some(day) => drop(body.insert("acquired_at".to_owned(), json!(day))),
            None => wrong.note("bought_on", t.issue_date),
        }
    }
    if wrong.is_empty() {
        let added = match calls::body::<NewLot>(&body.into()) {
            Ok(body) => stash::add(person, calls::nothing(), form.key, body).await,
            Err(failure) => Err(failure),
        };
        let names = [
            ("quantity_mg", "quantity"),
            ("acquired_at", "bought_on"),
            ("minor", "price"),
            ("form", "form_of"),
            ("thc_mg", "thc"),
        ];
        match added {
            Ok(_) => return Ok(Page::see_other("/stash?done=added")),
            Err(failure) if calls::code(&failure) == Some(sesh_types::envelope::ErrorCode::NotFound) => {
                return Err(failure);
            }
            Err(failure) => wrong.take(look, failure, &names)?,
        }
    }
    Ok(draw_new(&visit, typed, &wrong))
}

/// A lot, its ledger, and the clock to read both by.
async fn one(member: &Member, id: LotId) -> Result<(Lot, Vec<Entry>, Clock), Failure> {
    let (person, look) = (&member.person, &member.visit.look);
    let scope = person.scope();
    let batch = Batch::from(members::one(scope))
        .and(store::one(scope, id))
        .and(store::entries(scope, id, ENTRIES, 0));
    let rows = person.read(batch).await?;
    let found = rows.first::<Text>(1)?.ok_or_else(|| Failure::not_found("lot"))?;
    let lot = serde_json::from_str(&found.body).map_err(Failure::internal)?;
    Ok((lot, rows.all(2)?, clock(&rows, 0, person, look)?))
}

const fn happened<'t>(look: &Look, entry: &'t Entry) -> &'t str {
    let t = look.t();
    match entry.kind.as_bytes() {
        b"purchase" => t.entry_purchase,
        b"session" => t.entry_session,
        b"reversal" => t.entry_reversal,
        b"gift" => t.entry_gift,
        b"waste" => t.entry_waste,
        b"adjust" => t.entry_adjust,
        b"count" => t.entry_count,
        _ => entry.kind.as_str(),
    }
}

fn ledger(look: &Look, clock: &Clock, entries: &[Entry]) -> Markup {
    let t = look.t();
    html! {
        section.card {
            h2 { (t.ledger) }
            ul.rows {
                @for entry in entries {
                    li.row.still {
                        span.main {
                            span.name { (happened(look, entry)) @if let Some(note) = &entry.note { span.quiet { ": " (note) } } }
                            span.more { (clock.ago(entry.occurred_at)) }
                        }
                        span.amount {
                            @if entry.delta_mg > 0 { "+" } (look.amount(entry.delta_mg))
                            span.more { (t.left.to_lowercase()) " " (look.amount(entry.balance_after_mg)) }
                        }
                    }
                }
            }
        }
    }
}

fn draw(visit: &Visit, lot: &Lot, entries: &[Entry], clock: &Clock, typed: &Fields, wrong: &Wrong) -> Page {
    let (look, t) = (&*visit.look, visit.look.t());
    let kinds =
        [Choice::new("count", t.count_it), Choice::new("gift", t.gift_it), Choice::new("waste", t.waste_it)];
    let chosen = if typed.is_empty() { "count" } else { typed.text("kind") };
    let change = html! {
        (ui::chips("kind", t.change_lot, "", &kinds, chosen, wrong))
        (ui::field(look, Input::text("amount", t.amount).hint(t.amount_hint).numbers(), typed, wrong))
        (ui::field(look, Input::text("note", t.note).optional(), typed, wrong))
        p.actions { button.button { (t.save) } }
    };
    let price = lot.price.as_ref().map(|price| amounts::price(price.minor, &price.currency, look.lang));
    let facts = [Some(look.lang.form(lot.form).to_owned()), price, Some(clock.ago(lot.acquired_at))];
    let content = html! {
        h1 { (lot.name) }
        @if visit.query.text("done") == "entered" { (ui::notice(t.entered, None)) }
        (ui::problems(look, wrong))
        div.columns {
            div {
                section.card {
                    dl.figures { (ui::figure(t.left, &look.amount(lot.balance_mg), Some(&look.lang.left_of("", &look.amount(lot.quantity_mg))))) }
                    (level(lot))
                    p.quiet { (facts.into_iter().flatten().collect::<Vec<_>>().join(" · ")) }
                    p.actions {
                        @if lot.balance_mg > 0 { a.button href={ "/log?lot=" (lot.id) } { (t.log_one) } }
                        @if let Some(strain) = lot.strain_id { a.button.plain href={ "/strains/" (strain) } { (t.of_strain) } }
                    }
                }
                (ui::form(visit, &format!("/stash/{}", lot.id), "card", &change))
            }
            (ledger(look, clock, entries))
        }
    };
    Page::html(if wrong.is_empty() { 200 } else { 422 }, ui::page(look, Tab::Stash, &lot.name, &content))
}

pub(crate) async fn show(member: Member, Key(id): Key<LotId>) -> Result<Page, Failure> {
    let (lot, entries, clock) = one(&member, id).await?;
    Ok(draw(&member.visit, &lot, &entries, &clock, &Fields::default(), &Wrong::default()))
}

pub(crate) async fn enter(member: Member, Key(id): Key<LotId>, form: Form) -> Result<Page, Failure> {
    let (lot, entries, clock) = one(&member, id).await?;
    let Member { visit, person } = member;
    let (look, typed) = (&*visit.look, &form.fields);
    let mut wrong = Wrong::default();
    let kind = typed.text("kind");
    match amounts::read(typed.text("amount")) {
        None => wrong.note("amount", look.t().issue_amount),
        Some(mg) => {
            let amount = if kind == "count" { "counted_mg" } else { "quantity_mg" };
            let note = Some(typed.text("note")).filter(|note| !note.is_empty());
            let entered = match calls::body::<NewEntry>(&json!({ "kind": kind, amount: mg, "note": note })) {
                Ok(body) => stash::enter(person, calls::nothing(), Key(id), form.key, body).await,
                Err(failure) => Err(failure),
            };
            match entered {
                Ok(_) => return Ok(Page::see_other(&format!("/stash/{id}?done=entered"))),
                Err(failure) => {
                    wrong.take(look, failure, &[("quantity_mg", "amount"), ("counted_mg", "amount")])?;
                }
            }
        }
    }
    Ok(draw(&visit, &lot, &entries, &clock, typed, &wrong))
}
