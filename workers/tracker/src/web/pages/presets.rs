//! Presets: kept from a session or made here, changed, and taken away.

use super::log::methods;
use crate::presets::routes as presets;
use crate::presets::rules::NewPreset;
use crate::presets::store::{self, Preset};
use crate::sessions::rules::Method;
use crate::sessions::store::{self as sessions, Session};
use crate::stash::Text;
use crate::stash::store::Lot;
use crate::web::amounts::{self, Counted};
use crate::web::calls::{self, Wrong};
use crate::web::look::Look;
use crate::web::shelf::{self, Shelf};
use crate::web::ui::{self, Choice, Input, Tab, hidden, icon};
use crate::web::visit::{Form, Member, Visit};
use maud::{Markup, html};
use serde_json::{Value, json};
use sesh_edge::http::{Failure, Fields, Key, Page};
use sesh_edge::token::Person;
use sesh_types::amounts::Unit;
use sesh_types::envelope::ErrorCode;
use sesh_types::ids::{PresetId, SessionId};

/// As many as there may be.
const MOST: u32 = 100;
/// What a form is made of, and what brings back a preset that was taken away.
const FIELDS: [&str; 5] = ["name", "method", "lot", "amount", "unit"];

/// Everyone of them, in the order in which they were made.
pub(super) async fn read(person: &Person) -> Result<Vec<Preset>, Failure> {
    Ok(person.read(store::page(person.scope(), MOST, 0)).await?.all(0)?)
}

/// What a lot that was bought in pieces is counted in.
pub(super) fn pieces(lot: &Lot) -> Option<Counted> {
    let (unit, units) = (lot.unit?, lot.units.filter(|units| *units > 0)?);
    Some(Counted { unit, one_mg: Some((lot.quantity_mg * 2 + units) / (units * 2)).filter(|mg| *mg > 0) })
}

/// How much, from where, and how.
fn says(look: &Look, lots: &[Lot], preset: &Preset) -> String {
    let amount = match (preset.quantity_mg, preset.unit) {
        (Some(mg), Some(unit)) => format!("1 {} = {}", look.lang.unit(unit, true), look.amount(mg)),
        (Some(mg), None) => look.amount(mg),
        (None, Some(unit)) => format!("1 {}", look.lang.unit(unit, true)),
        (None, None) => look.t().not_sure.to_owned(),
    };
    let lot = lots.iter().find(|lot| Some(lot.id) == preset.lot_id).map(|lot| lot.name.clone());
    let method = look.lang.method(preset.method).to_owned();
    [Some(amount), lot, Some(method)].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// What was just done; of a preset that was taken away, with the way back.
fn done(visit: &Visit) -> Markup {
    let (t, p, query) = (visit.look.t(), visit.look.plans(), &visit.query);
    let back = html! {
        @for name in FIELDS { (hidden(name, query.text(name))) }
        button.link { (t.undo) }
    };
    match query.text("done") {
        "made" => ui::notice(p.preset_made, Some(html! { a href="/log" { (t.log) } })),
        "saved" => ui::notice(t.saved, None),
        "deleted" if query.text("name").is_empty() => ui::notice(p.preset_gone, None),
        "deleted" => ui::notice(p.preset_gone, Some(ui::form(visit, "/presets/new", "inline", &back))),
        _ => html! {},
    }
}

pub(crate) async fn list(member: Member) -> Result<Page, Failure> {
    let Member { visit, person } = member;
    let (look, p) = (&*visit.look, visit.look.plans());
    let shelf = shelf::read(&person, look).await?;
    let found = read(&person).await?;
    let content = html! {
        div.heading { h1 { (p.presets) } @if !found.is_empty() { a.button href="/presets/new" { (p.preset_new) } } }
        (done(&visit))
        @if found.is_empty() {
            (ui::empty(p.presets_empty, "/presets/new", p.preset_new))
        } @else {
            section.card { ul.rows {
                @for preset in &found {
                    li.row { a href={ "/presets/" (preset.id) } {
                        span.main { span.name { (preset.name) } span.more { (says(look, &shelf.lots, preset)) } }
                        (icon("next"))
                    } }
                }
            } }
        }
    };
    Ok(Page::html(200, ui::page(look, Tab::Elsewhere, p.presets, &content)))
}

/// A form for a preset: a new one, or the one of this id.
fn draw(visit: &Visit, shelf: &Shelf, id: Option<PresetId>, typed: &Fields, wrong: &Wrong) -> Page {
    let (look, t, p) = (&*visit.look, visit.look.t(), visit.look.plans());
    let mut lots = vec![Choice::new("", t.nothing_from_stash)];
    let chosen = typed.text("lot");
    let kept = shelf.lots.iter().filter(|lot| lot.balance_mg > 0 || lot.id.to_string() == chosen);
    lots.extend(kept.map(|lot| Choice::new(lot.id.to_string(), &lot.name)));
    let mut units = vec![Choice::new("", p.weighed)];
    units.extend(Unit::ALL.map(|unit| Choice::new(unit.as_str(), look.lang.unit(unit, false))));
    let fields = html! {
        (ui::field(look, Input::text("name", p.preset_name).hint(p.preset_name_hint), typed, wrong))
        (ui::chips("method", t.how, "", &methods(look), typed.text("method"), wrong))
        (ui::select("lot", t.from_which, &lots, chosen))
        p.hint { (p.preset_lot_hint) }
        div.pair.even {
            (ui::field(look, Input::text("amount", t.how_much).numbers().optional(), typed, wrong))
            (ui::select("unit", p.counted_in, &units, typed.text("unit")))
        }
        p.hint { (p.preset_amount_hint) }
        p.actions { button.button { (t.save) } a.button.plain href="/presets" { (t.cancel) } }
    };
    let (title, action) = match id {
        Some(id) => (p.preset_edit, format!("/presets/{id}")),
        None => (p.preset_new, "/presets/new".to_owned()),
    };
    let content = html! {
        h1 { (title) }
        (ui::problems(look, wrong))
        (ui::form(visit, &action, "card", &fields))
        @if id.is_some() { (ui::form(visit, &format!("{action}/delete"), "inline", &html! { button.link.danger { (p.break_delete) } })) }
    };
    Page::html(if wrong.is_empty() { 200 } else { 422 }, ui::page(look, Tab::Elsewhere, title, &content))
}

/// What a form starts with that is kept from a session.
fn of_session(look: &Look, session: &Session) -> Fields {
    let item = session.items.first();
    let amount = item.and_then(|item| item.quantity_mg);
    let words = [
        amount.map(|mg| amounts::exact(mg, look.lang)),
        Some(item.map_or_else(|| look.lang.method(session.method).to_owned(), |item| item.name.clone())),
    ];
    let name: String = words.into_iter().flatten().collect::<Vec<_>>().join(" ").chars().take(80).collect();
    Fields::default()
        .with("name", name)
        .with("method", session.method.as_str())
        .with("lot", item.and_then(|item| item.lot_id).map(|lot| lot.to_string()).unwrap_or_default())
        .with("amount", amount.map(|mg| amounts::exact(mg, look.lang)).unwrap_or_default())
}

pub(crate) async fn new(member: Member) -> Result<Page, Failure> {
    let Member { visit, person } = member;
    let look = &*visit.look;
    let shelf = shelf::read(&person, look).await?;
    let start = match visit.query.text("session").parse::<SessionId>() {
        Ok(id) => {
            let rows = person.read(sessions::one(person.scope(), id)).await?;
            let found = rows.first::<Text>(0)?.ok_or_else(|| Failure::not_found("session"))?;
            of_session(look, &serde_json::from_str(&found.body).map_err(Failure::internal)?)
        }
        Err(_) => Fields::default().with("method", Method::Smoke.as_str()),
    };
    Ok(draw(&visit, &shelf, None, &start, &Wrong::default()))
}

/// The preset that was typed, as the API takes it.
fn body(look: &Look, shelf: &Shelf, typed: &Fields, wrong: &mut Wrong) -> Value {
    if typed.text("name").is_empty() {
        wrong.note("name", look.t().issue_required);
    }
    let text = typed.text("amount");
    let mg = amounts::read(text).filter(|mg| *mg > 0);
    if mg.is_none() && !text.is_empty() {
        wrong.note("amount", look.t().issue_amount);
    }
    let given = |name: &str| Some(typed.text(name).to_owned()).filter(|text| !text.is_empty());
    let lot = shelf.lots.iter().find(|lot| lot.id.to_string() == typed.text("lot"));
    // A jar of no strain is like no other: when it is empty, nothing stands in for it.
    let strain = lot.and_then(|lot| lot.strain_id);
    json!({
        "name": typed.text("name"), "method": typed.text("method"), "lot_id": given("lot"), "strain_id": strain,
        "form": strain.and(lot).map(|lot| lot.form), "quantity_mg": mg, "unit": given("unit")
    })
}

const NAMES: &[(&str, &str)] = &[("quantity_mg", "amount"), ("lot_id", "lot")];

/// Takes what the API refused; what is somebody else's is as good as none.
fn refused(look: &Look, wrong: &mut Wrong, failure: Failure) -> Result<(), Failure> {
    match calls::code(&failure) {
        Some(ErrorCode::NotFound) => return Err(failure),
        Some(ErrorCode::Conflict) => wrong.note("", look.plans().preset_many),
        _ => wrong.take(look, failure, NAMES)?,
    }
    Ok(())
}

pub(crate) async fn add(member: Member, form: Form) -> Result<Page, Failure> {
    let Member { visit, person } = member;
    let (look, typed) = (&*visit.look, &form.fields);
    let shelf = shelf::read(&person, look).await?;
    let mut wrong = Wrong::default();
    let body = body(look, &shelf, typed, &mut wrong);
    if wrong.is_empty() {
        let added = match calls::body::<NewPreset>(&body) {
            Ok(body) => presets::add(person, calls::nothing(), form.key, body).await,
            Err(failure) => Err(failure),
        };
        match added {
            Ok(_) => return Ok(Page::see_other("/presets?done=made")),
            Err(failure) => refused(look, &mut wrong, failure)?,
        }
    }
    Ok(draw(&visit, &shelf, None, typed, &wrong))
}

async fn one(person: &Person, id: PresetId) -> Result<Preset, Failure> {
    let rows = person.read(store::one(person.scope(), id)).await?;
    let found = rows.first::<Text>(0)?.ok_or_else(|| Failure::not_found("preset"))?;
    serde_json::from_str(&found.body).map_err(Failure::internal)
}

fn start(look: &Look, preset: &Preset) -> Fields {
    Fields::default()
        .with("name", &preset.name)
        .with("method", preset.method.as_str())
        .with("lot", preset.lot_id.map(|lot| lot.to_string()).unwrap_or_default())
        .with("amount", preset.quantity_mg.map(|mg| amounts::exact(mg, look.lang)).unwrap_or_default())
        .with("unit", preset.unit.map(Unit::as_str).unwrap_or_default())
}

pub(crate) async fn show(member: Member, Key(id): Key<PresetId>) -> Result<Page, Failure> {
    let Member { visit, person } = member;
    let preset = one(&person, id).await?;
    let shelf = shelf::read(&person, &visit.look).await?;
    Ok(draw(&visit, &shelf, Some(id), &start(&visit.look, &preset), &Wrong::default()))
}

pub(crate) async fn save(member: Member, Key(id): Key<PresetId>, form: Form) -> Result<Page, Failure> {
    let Member { visit, person } = member;
    let (look, typed) = (&*visit.look, &form.fields);
    one(&person, id).await?;
    let shelf = shelf::read(&person, look).await?;
    let mut wrong = Wrong::default();
    let body = body(look, &shelf, typed, &mut wrong);
    if wrong.is_empty() {
        let saved = match calls::body::<NewPreset>(&body) {
            Ok(body) => presets::replace(person, calls::nothing(), Key(id), form.key, body).await,
            Err(failure) => Err(failure),
        };
        match saved {
            Ok(_) => return Ok(Page::see_other("/presets?done=saved")),
            Err(failure) => refused(look, &mut wrong, failure)?,
        }
    }
    Ok(draw(&visit, &shelf, Some(id), typed, &wrong))
}

pub(crate) async fn delete(member: Member, Key(id): Key<PresetId>, form: Form) -> Result<Page, Failure> {
    let Member { visit, person } = member;
    // A second tap finds it gone, and is answered as the first.
    let kept = one(&person, id).await.map(|preset| start(&visit.look, &preset)).ok();
    presets::delete(person, calls::nothing(), Key(id), form.key).await?;
    let field = |kept: &Fields, name: &str| format!("&{name}={}", ui::encoded(kept.text(name)));
    let fields = kept.map(|kept| FIELDS.map(|name| field(&kept, name)).concat()).unwrap_or_default();
    Ok(Page::see_other(&format!("/presets?done=deleted{fields}")))
}
