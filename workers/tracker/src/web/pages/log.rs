//! Logging a session: one tap for the same again, three for a preset.

use super::presets;
use super::today::again;
use crate::presets::store::Preset;
use crate::sessions::routes as sessions;
use crate::sessions::rules::{Method, NewSession};
use crate::sessions::store::Session;
use crate::web::amounts::{self, Counted, Unclear};
use crate::web::calls::{self, Wrong};
use crate::web::look::Look;
use crate::web::shelf::{self, Shelf};
use crate::web::ui::{self, Choice, Input, Tab};
use crate::web::visit::{Form, Member, Visit};
use crate::web::when::Clock;
use maud::{Markup, html};
use serde_json::{Value, json};
use sesh_edge::http::{Failure, Fields, Page};

/// Every way of taking it, the most common first.
pub(super) const METHODS: [Method; 8] = [
    Method::Smoke,
    Method::Vape,
    Method::Eat,
    Method::Dab,
    Method::Drink,
    Method::Sublingual,
    Method::Topical,
    Method::Other,
];

/// How the fields of the API are called in the form.
const NAMES: &[(&str, &str)] =
    &[("quantity_mg", "amount"), ("lot_id", "lot"), ("occurred_at", "when"), ("not_found", "lot")];

pub(super) fn methods(look: &Look) -> Vec<Choice> {
    METHODS.map(|method| Choice::new(method.as_str(), look.lang.method(method))).into()
}

/// What was felt, besides how much and how.
pub(super) fn feelings(look: &Look, typed: &Fields, wrong: &Wrong) -> Markup {
    let t = look.t();
    html! {
        (ui::scale(look, "rating", t.rating, typed.text("rating"), wrong))
        (ui::scale(look, "mood_before", t.mood_before, typed.text("mood_before"), wrong))
        (ui::scale(look, "mood_after", t.mood_after, typed.text("mood_after"), wrong))
        (ui::field(look, Input::text("effects", t.effects).hint(t.effects_hint).optional(), typed, wrong))
        (ui::field(look, Input::text("notes", t.notes).kind("textarea").optional(), typed, wrong))
    }
}

/// What a form starts with: the last session's jar, amount and way.
fn usual(shelf: &Shelf, query: &Fields) -> Fields {
    let last = shelf.sessions.first();
    let held = |id: &str| shelf.held().any(|lot| lot.id.to_string() == id);
    let asked = Some(query.text("lot").to_owned()).filter(|id| held(id));
    let item = last.and_then(|session| session.items.first());
    let repeated = item.and_then(|item| item.lot_id).map(|lot| lot.to_string()).filter(|id| held(id));
    let first = shelf.held().next().map(|lot| lot.id.to_string());
    let amount = item.and_then(|item| item.quantity_mg).map(|mg| mg.to_string()).unwrap_or_default();
    let method = last.map_or(Method::Smoke, |session| session.method);
    Fields::default()
        .with("lot", asked.or(repeated).or(first).unwrap_or_default())
        .with("choice", amount)
        .with("method", method.as_str())
}

/// What a form starts with that a preset fills in.
fn of_preset(preset: &Preset) -> Fields {
    Fields::default()
        .with("preset", preset.id.to_string())
        .with("lot", preset.takes_from.map(|lot| lot.to_string()).unwrap_or_default())
        .with("choice", preset.quantity_mg.map_or_else(|| "unknown".to_owned(), |mg| mg.to_string()))
        .with("method", preset.method.as_str())
}

/// Amounts to tap: of something counted some of it, else those that the person takes.
fn choices(look: &Look, shelf: &Shelf, preset: Option<&Preset>) -> Vec<Choice> {
    let counted = preset.and_then(|preset| Some((preset.unit?, preset.quantity_mg?)));
    let mut choices: Vec<Choice> = if let Some((unit, one_mg)) = counted {
        let count = |count: i64| {
            let text = format!("{count} {}", look.lang.unit(unit, count == 1));
            Choice::new((one_mg * count).to_string(), text).more(look.amount(one_mg * count))
        };
        [1, 2, 3, 4].map(count).into()
    } else {
        let own = preset.and_then(|preset| preset.quantity_mg);
        let mut amounts = shelf.amounts();
        amounts.extend(own.filter(|mg| !amounts.contains(mg)));
        amounts.sort_unstable();
        amounts.into_iter().map(|mg| Choice::new(mg.to_string(), amounts::exact(mg, look.lang))).collect()
    };
    choices.push(Choice::new("unknown", look.t().not_sure));
    choices
}

/// The same again, and the presets: each fills in the form.
fn quick(visit: &Visit, shelf: &Shelf, presets: &[Preset], chosen: Option<&Preset>) -> Markup {
    let p = visit.look.plans();
    html! {
        @if let Some(last) = shelf.sessions.first().filter(|_| chosen.is_none()) { (again(visit, last)) }
        @if !presets.is_empty() {
            nav.presets aria-label=(p.presets) {
                ul.set {
                    @for preset in presets {
                        li { a.pill href={ "/log?preset=" (preset.id) } aria-current=[chosen.is_some_and(|of| of.id == preset.id).then_some("true")] { (preset.name) } }
                    }
                    li { a.pill.quiet href="/presets" { (p.edit_presets) } }
                }
            }
        }
    }
}

/// What the page is drawn from.
struct Sheet<'a> {
    shelf: &'a Shelf,
    presets: &'a [Preset],
}

fn draw(visit: &Visit, sheet: &Sheet<'_>, typed: &Fields, wrong: &Wrong) -> Page {
    let (look, t, p, shelf) = (&*visit.look, visit.look.t(), visit.look.plans(), sheet.shelf);
    let preset = sheet.presets.iter().find(|preset| preset.id.to_string() == typed.text("preset"));
    let mut lots: Vec<Choice> = shelf
        .held()
        .map(|lot| Choice::new(lot.id.to_string(), &lot.name).more(look.amount(lot.balance_mg)))
        .collect();
    lots.push(Choice::new("", t.nothing_from_stash).more(p.no_amount_kept.to_owned()));
    let opened = ["when", "rating", "mood_before", "mood_after", "effects", "notes"]
        .iter()
        .any(|name| !typed.text(name).is_empty() || wrong.of(name).is_some());
    let hint = if preset.is_some_and(|preset| preset.unit.is_some()) { p.unit_hint } else { t.amount_hint };
    let nothing_held = shelf.held().next().is_none();
    let fields = html! {
        @if let Some(preset) = preset {
            (ui::hidden("preset", &preset.id.to_string()))
            @if preset.takes_from.is_none() && (preset.lot_id.is_some() || preset.form.is_some()) { p.quiet { (p.preset_short) } }
        }
        @if nothing_held { p.quiet { (t.empty_stash) " " a href="/stash/new" { (t.add_first) } } }
        (ui::chips("lot", t.from_which, "tall", &lots, typed.text("lot"), wrong))
        @if !nothing_held {
            div.amounts {
                (ui::chips("choice", t.how_much, "", &choices(look, shelf, preset), typed.text("choice"), wrong))
                (ui::field(look, Input::text("amount", t.other_amount).hint(hint).numbers().optional(), typed, wrong))
            }
        }
        (ui::chips("method", t.how, "", &methods(look), typed.text("method"), wrong))
        details open[opened] {
            summary { (t.more) }
            (ui::field(look, Input::text("when", t.when).kind("datetime-local").hint(t.when_hint).optional(), typed, wrong))
            (feelings(look, typed, wrong))
        }
        p.actions.sticky { button.button { (t.log_it) } }
    };
    let content = html! {
        h1 { @match preset { Some(preset) => (preset.name), None => (t.log_one) } }
        (ui::problems(look, wrong))
        (quick(visit, shelf, sheet.presets, preset))
        (ui::form(visit, "/log", "card log", &fields))
    };
    Page::html(if wrong.is_empty() { 200 } else { 422 }, ui::page(look, Tab::Log, t.log_one, &content))
}

pub(crate) async fn show(member: Member) -> Result<Page, Failure> {
    let Member { visit, person } = member;
    let shelf = shelf::read(&person, &visit.look).await?;
    let presets = presets::read(&person).await?;
    let asked = presets.iter().find(|preset| preset.id.to_string() == visit.query.text("preset"));
    let start = asked.map_or_else(|| usual(&shelf, &visit.query), of_preset);
    Ok(draw(&visit, &Sheet { shelf: &shelf, presets: &presets }, &start, &Wrong::default()))
}

/// What was felt, as the API takes it.
pub(super) fn felt(typed: &Fields, body: &mut serde_json::Map<String, Value>) {
    for name in ["rating", "mood_before", "mood_after"] {
        body.insert(name.to_owned(), typed.text(name).parse::<i64>().map_or(Value::Null, Value::from));
    }
    let words: Vec<&str> =
        typed.text("effects").split([',', ';']).map(str::trim).filter(|word| !word.is_empty()).collect();
    body.insert("effects".to_owned(), json!(words));
    let notes = typed.text("notes");
    body.insert("notes".to_owned(), if notes.is_empty() { Value::Null } else { json!(notes) });
}

/// What an amount may be counted in: what the preset does, and what the jar was bought in.
#[derive(Clone, Copy)]
struct Counts {
    of_preset: Option<Counted>,
    of_lot: Option<Counted>,
}

fn counts(shelf: &Shelf, preset: Option<&Preset>, lot: &str) -> Counts {
    let of_preset =
        preset.and_then(|preset| Some(Counted { unit: preset.unit?, one_mg: preset.quantity_mg }));
    let held = shelf.lots.iter().find(|held| held.id.to_string() == lot);
    Counts { of_preset, of_lot: held.and_then(presets::pieces) }
}

/// The amount that was typed, else the one that was tapped; nothing when it is not known.
fn amount(look: &Look, typed: &Fields, counts: Counts, wrong: &mut Wrong) -> Option<i64> {
    let text = typed.text("amount");
    if text.is_empty() {
        return typed.text("choice").parse().ok().filter(|mg| *mg > 0);
    }
    // Only a preset makes a bare number a count: of a jar that was bought in pieces it is still grams.
    let of_lot = counts.of_lot.filter(|_| text.chars().any(char::is_alphabetic));
    let counted = counts.of_preset.or(of_lot);
    match amounts::read_counted(text, counted) {
        Ok(mg) => Some(mg),
        Err(Unclear::Text) => {
            wrong.note("amount", look.t().issue_amount);
            None
        }
        Err(Unclear::Unit) => {
            wrong.note("amount", look.plans().issue_unit);
            None
        }
    }
}

fn items(look: &Look, typed: &Fields, counts: Counts, wrong: &mut Wrong) -> Value {
    let repeated: Vec<Value> = typed
        .all("item")
        .filter_map(|item| item.split_once(':'))
        .map(|(lot, mg)| json!({ "lot_id": lot, "quantity_mg": mg.parse::<i64>().ok().filter(|mg| *mg > 0) }))
        .collect();
    if !repeated.is_empty() {
        return Value::from(repeated);
    }
    let lot = typed.text("lot");
    if lot.is_empty() {
        return json!([]);
    }
    json!([{ "lot_id": lot, "quantity_mg": amount(look, typed, counts, wrong) }])
}

/// The session that was typed.
fn read(look: &Look, clock: &Clock, counts: Counts, typed: &Fields, wrong: &mut Wrong) -> Value {
    let mut body = serde_json::Map::new();
    body.insert("items".to_owned(), items(look, typed, counts, wrong));
    if METHODS.iter().all(|method| method.as_str() != typed.text("method")) {
        wrong.note("method", look.t().issue_choose);
    }
    body.insert("method".to_owned(), json!(typed.text("method")));
    if !typed.text("when").is_empty() {
        match clock.read(typed.text("when")) {
            Some(time) => drop(body.insert("occurred_at".to_owned(), json!(time))),
            None => wrong.note("when", look.t().issue_time),
        }
    }
    felt(typed, &mut body);
    Value::Object(body)
}

pub(crate) async fn post(member: Member, form: Form) -> Result<Page, Failure> {
    let Member { visit, person } = member;
    let (look, typed) = (&*visit.look, &form.fields);
    let shelf = shelf::read(&person, look).await?;
    let presets = if typed.text("preset").is_empty() { Vec::new() } else { presets::read(&person).await? };
    let preset = presets.iter().find(|preset| preset.id.to_string() == typed.text("preset"));
    let mut wrong = Wrong::default();
    let counts = counts(&shelf, preset, typed.text("lot"));
    let body = read(look, &shelf.clock, counts, typed, &mut wrong);
    if wrong.is_empty() {
        let logged = match calls::body::<NewSession>(&body) {
            Ok(body) => sessions::log(person.clone(), calls::nothing(), form.key, body).await,
            Err(failure) => Err(failure),
        };
        match logged {
            Ok(answer) => {
                let session: Session = calls::data(&answer)?;
                return Ok(Page::see_other(&format!("/today?done=logged&id={}", session.id)));
            }
            // A lot of somebody else's is as good as none.
            Err(failure) if calls::code(&failure) == Some(sesh_types::envelope::ErrorCode::NotFound) => {
                return Err(failure);
            }
            Err(failure) => wrong.take(look, failure, NAMES)?,
        }
    }
    let presets = if presets.is_empty() { presets::read(&person).await? } else { presets };
    Ok(draw(&visit, &Sheet { shelf: &shelf, presets: &presets }, typed, &wrong))
}
