//! Logging a session: three taps for a repeat.

use crate::sessions::routes as sessions;
use crate::sessions::rules::{Method, NewSession};
use crate::sessions::store::Session;
use crate::web::amounts;
use crate::web::calls::{self, Wrong};
use crate::web::look::Look;
use crate::web::shelf::{self, Shelf};
use crate::web::ui::{self, Choice, Input, Tab, hidden};
use crate::web::visit::{Form, Member, Visit};
use crate::web::when::Clock;
use maud::{Markup, html};
use serde_json::{Value, json};
use sesh_edge::http::{Failure, Fields, Page};
use sesh_types::ids::SessionId;

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

/// The session's id, made with the form: what is sent twice, or kept on a phone because nobody knows whether it arrived,
/// is one session.
pub(super) fn new_id(visit: &Visit) -> Markup {
    let id: SessionId = visit.io.new_id();
    hidden("id", &id.to_string())
}

fn draw(visit: &Visit, shelf: &Shelf, typed: &Fields, wrong: &Wrong) -> Page {
    let (look, t) = (&*visit.look, visit.look.t());
    let mut lots: Vec<Choice> = shelf
        .held()
        .map(|lot| Choice::new(lot.id.to_string(), &lot.name).more(look.amount(lot.balance_mg)))
        .collect();
    lots.push(Choice::new("", t.nothing_from_stash));
    let mut amounts: Vec<Choice> = shelf
        .amounts()
        .into_iter()
        .map(|mg| Choice::new(mg.to_string(), amounts::exact(mg, look.lang)))
        .collect();
    amounts.push(Choice::new("unknown", t.not_sure));
    let opened = ["when", "rating", "mood_before", "mood_after", "effects", "notes"]
        .iter()
        .any(|name| !typed.text(name).is_empty() || wrong.of(name).is_some());
    let fields = html! {
        @if shelf.held().next().is_none() {
            p.quiet { (t.empty_stash) " " a href="/stash/new" { (t.add_first) } }
        }
        (ui::chips("lot", t.from_which, "tall", &lots, typed.text("lot"), wrong))
        (ui::chips("choice", t.how_much, "", &amounts, typed.text("choice"), wrong))
        (ui::field(look, Input::text("amount", t.other_amount).hint(t.amount_hint).numbers().optional(), typed, wrong))
        (ui::chips("method", t.how, "", &methods(look), typed.text("method"), wrong))
        details open[opened] {
            summary { (t.more) }
            (ui::field(look, Input::text("when", t.when).kind("datetime-local").hint(t.when_hint).optional(), typed, wrong))
            (feelings(look, typed, wrong))
        }
        (new_id(visit))
        p.actions.sticky { button.button { (t.log_it) } }
    };
    let content = html! {
        h1 { (t.log_one) }
        (ui::problems(look, wrong))
        (ui::form(visit, "/log", "card log", &fields))
    };
    Page::html(if wrong.is_empty() { 200 } else { 422 }, ui::page(look, Tab::Log, t.log_one, &content))
}

pub(crate) async fn show(member: Member) -> Result<Page, Failure> {
    let Member { visit, person } = member;
    let shelf = shelf::read(&person, &visit.look).await?;
    Ok(draw(&visit, &shelf, &usual(&shelf, &visit.query), &Wrong::default()))
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

/// The amount that was typed, else the one that was tapped; nothing when it is not known.
fn amount(look: &Look, typed: &Fields, wrong: &mut Wrong) -> Option<i64> {
    let text = typed.text("amount");
    if !text.is_empty() {
        let mg = amounts::read(text).filter(|mg| *mg > 0);
        if mg.is_none() {
            wrong.note("amount", look.t().issue_amount);
        }
        return mg;
    }
    typed.text("choice").parse().ok().filter(|mg| *mg > 0)
}

fn items(look: &Look, typed: &Fields, wrong: &mut Wrong) -> Value {
    let repeated: Vec<Value> = typed
        .all("item")
        .filter_map(|item| item.split_once(':'))
        .map(|(lot, mg)| json!({ "lot_id": lot, "quantity_mg": mg.parse::<i64>().ok().filter(|mg| *mg > 0) }))
        .collect();
    if !repeated.is_empty() {
        return Value::from(repeated);
    }
    let mg = amount(look, typed, wrong);
    match typed.text("lot") {
        "" => json!([]),
        lot => json!([{ "lot_id": lot, "quantity_mg": mg }]),
    }
}

/// The session that was typed.
fn read(look: &Look, clock: &Clock, typed: &Fields, wrong: &mut Wrong) -> Value {
    let mut body = serde_json::Map::new();
    if let Ok(id) = typed.text("id").parse::<SessionId>() {
        body.insert("id".to_owned(), json!(id));
    }
    body.insert("items".to_owned(), items(look, typed, wrong));
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
    let mut wrong = Wrong::default();
    let body = read(look, &shelf.clock, typed, &mut wrong);
    if wrong.is_empty() {
        let logged = match calls::body::<NewSession>(&body) {
            Ok(body) => sessions::log(person, calls::nothing(), form.key, body).await,
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
    Ok(draw(&visit, &shelf, typed, &wrong))
}
