//! Sessions of before: filtered, edited, deleted, and brought back.

use super::log::{METHODS, feelings, felt, methods};
use super::today::row;
use crate::sessions::routes as sessions;
use crate::sessions::rules::{EditSession, NewSession};
use crate::sessions::store::{self, Filter, Session};
use crate::stash::Text;
use crate::web::amounts;
use crate::web::calls::{self, Wrong};
use crate::web::look::Look;
use crate::web::shelf::clock;
use crate::web::ui::{self, Choice, Input, Tab, hidden};
use crate::web::visit::{Form, Member, Visit};
use crate::web::when::Clock;
use crate::{live, members};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Value, json};
use sesh_edge::http::{Failure, Fields, IfMatch, Key, Page};
use sesh_edge::idempotency::IdempotencyKey;
use sesh_edge::io::Batch;
use sesh_edge::token::Person;
use sesh_types::ids::SessionId;
use sesh_types::time::DAY_MS;

const PAGE: u32 = 20;
const MOST_PAGES: u32 = 5_000;

#[derive(Deserialize)]
struct Total {
    total: u64,
}

/// The filters, as the address has them.
fn filter(query: &Fields, clock: &Clock) -> Filter {
    let method = METHODS.into_iter().find(|method| method.as_str() == query.text("method"));
    let to = clock.read_day(query.text("to")).map(|day| {
        clock.read_day(&clock.input_day(day.plus_ms(36 * 3_600_000))).unwrap_or(day.plus_ms(DAY_MS))
    });
    Filter { from: clock.read_day(query.text("from")), to, method, strain: query.text("strain").parse().ok() }
}

fn address(query: &Fields, page: u32) -> String {
    let named = ["from", "to", "method", "strain"].into_iter().filter(|name| !query.text(name).is_empty());
    let pairs =
        named.map(|name| format!("{name}={}&", ui::encoded(query.text(name)))).collect::<Vec<_>>().concat();
    format!("/history?{pairs}page={page}")
}

/// It is deleted, and this brings it back.
pub(super) fn deleted_notice(visit: &Visit) -> Markup {
    let (t, id) = (visit.look.t(), visit.query.text("id"));
    let undo = id.parse::<uuid::Uuid>().is_ok().then(|| {
        let fields = html! { button.link { (t.undo) } };
        html! { div.undo { (ui::form(visit, &format!("/history/{id}/restore"), "inline", &fields)) } }
    });
    ui::notice(t.deleted, undo)
}

fn filters(look: &Look, query: &Fields, is_open: bool) -> Markup {
    let t = look.t();
    let mut ways = vec![Choice::new("", t.any_method)];
    ways.extend(methods(look));
    let none = Wrong::default();
    html! {
        details.card open[!is_open] {
            summary { (t.filter) }
            form.filters method="get" action="/history" {
                (ui::field(look, Input::text("from", t.from_day).kind("date"), query, &none))
                (ui::field(look, Input::text("to", t.to_day).kind("date"), query, &none))
                (ui::select("method", t.how, &ways, query.text("method")))
                @if !query.text("strain").is_empty() { (hidden("strain", query.text("strain"))) }
                p.actions { button.button { (t.filter) } @if !is_open { a.button.plain href="/history" { (t.clear) } } }
            }
        }
    }
}

pub(crate) async fn list(member: Member) -> Result<Page, Failure> {
    let Member { visit, person } = member;
    let (look, t, query) = (&*visit.look, visit.look.t(), &visit.query);
    let scope = person.scope();
    let before = person.read(Batch::from(members::one(scope)).and(live::last(scope))).await?;
    let clock = clock(&before, 0, &person, look)?;
    let filter = filter(query, &clock);
    let page = query.text("page").parse::<u32>().unwrap_or(1).clamp(1, MOST_PAGES);
    let batch =
        Batch::from(store::page(scope, &filter, PAGE, (page - 1) * PAGE)).and(store::count(scope, &filter));
    let rows = person.read(batch).await?;
    let (found, total): (Vec<Session>, u64) = (rows.all(0)?, rows.one::<Total>(1)?.total);
    let content = html! {
        h1 { (t.history) }
        @match query.text("done") {
            "deleted" => (deleted_notice(&visit)),
            "restored" => (ui::notice(t.restored, None)),
            "saved" => (ui::notice(t.saved, None)),
            _ => {}
        }
        (filters(look, query, filter.is_open()))
        @if found.is_empty() {
            @if filter.is_open() { (ui::empty(t.no_seshes, "/log", t.log_one)) } @else { (ui::empty(t.no_match, "/history", t.clear)) }
        } @else {
            section.card {
                p.quiet { (look.lang.seshes(total)) }
                ul.rows { @for session in &found { (row(look, &clock, session)) } }
            }
        }
        p.actions.pages {
            @if page > 1 { a.button.plain href=(address(query, page - 1)) rel="prev" { (t.newer) } }
            @if u64::from(page) * u64::from(PAGE) < total { a.button.plain href=(address(query, page + 1)) rel="next" { (t.older) } }
        }
        (ui::live(look, live::seq(&before, 1)?))
    };
    Ok(Page::html(200, ui::page(look, Tab::Elsewhere, t.history, &content)))
}

/// A session, and what its form starts with.
async fn one(person: &Person, look: &Look, id: SessionId) -> Result<(Session, Clock), Failure> {
    let scope = person.scope();
    let rows = person.read(Batch::from(members::one(scope)).and(store::one(scope, id))).await?;
    let found = rows.first::<Text>(1)?.ok_or_else(|| Failure::not_found("session"))?;
    let session = serde_json::from_str(&found.body).map_err(Failure::internal)?;
    Ok((session, clock(&rows, 0, person, look)?))
}

fn start(look: &Look, session: &Session, clock: &Clock) -> Fields {
    let number = |value: Option<i64>| value.map(|value| value.to_string()).unwrap_or_default();
    let fields = Fields::default()
        .with("when", clock.input(session.occurred_at))
        .with("method", session.method.as_str())
        .with("rating", number(session.rating))
        .with("mood_before", number(session.mood_before))
        .with("mood_after", number(session.mood_after))
        .with("effects", session.effects.join(", "))
        .with("notes", session.notes.clone().unwrap_or_default())
        .with("version", session.version.to_string());
    session.items.iter().enumerate().fold(fields, |fields, (place, item)| {
        let text = item.quantity_mg.map(|mg| amounts::exact(mg, look.lang)).unwrap_or_default();
        fields.with(&format!("amount-{place}"), text)
    })
}

fn draw(visit: &Visit, session: &Session, typed: &Fields, wrong: &Wrong) -> Page {
    let (look, t, id) = (&*visit.look, visit.look.t(), session.id);
    let names: Vec<String> = (0..session.items.len()).map(|place| format!("amount-{place}")).collect();
    let fields = html! {
        (hidden("version", typed.text("version")))
        (ui::field(look, Input::text("when", t.when).kind("datetime-local"), typed, wrong))
        @for (item, name) in session.items.iter().zip(&names).filter(|_| can_change(session)) {
            (ui::field(look, Input::text(name, &item.name).hint(t.amount_hint).numbers().optional(), typed, wrong))
        }
        (ui::chips("method", t.how, "", &methods(look), typed.text("method"), wrong))
        (feelings(look, typed, wrong))
        p.actions { button.button { (t.save) } a.button.plain href="/history" { (t.cancel) } }
    };
    let delete = html! { button.link.danger { (t.delete) } };
    let content = html! {
        h1 { (t.edit_sesh) }
        (ui::problems(look, wrong))
        (ui::form(visit, &format!("/history/{id}"), "card", &fields))
        p.links { a href={ "/presets/new?session=" (id) } { (look.plans().preset_keep) } }
        (ui::form(visit, &format!("/history/{id}/delete"), "inline", &delete))
    };
    Page::html(
        if wrong.is_empty() { 200 } else { 422 },
        ui::page(look, Tab::Elsewhere, t.edit_sesh, &content),
    )
}

pub(crate) async fn show(member: Member, Key(id): Key<SessionId>) -> Result<Page, Failure> {
    let Member { visit, person } = member;
    let (session, clock) = one(&person, &visit.look, id).await?;
    let typed = start(&visit.look, &session, &clock);
    Ok(draw(&visit, &session, &typed, &Wrong::default()))
}

/// Whether its amounts can be changed: the API takes items from lots alone, so those of a session that was brought from
/// elsewhere stay as they are.
fn can_change(session: &Session) -> bool {
    session.items.iter().all(|item| item.lot_id.is_some())
}

/// The items as they were typed; nothing when none was changed, so that the ledger gets no entries for nothing.
fn items(look: &Look, session: &Session, typed: &Fields, wrong: &mut Wrong) -> Option<Value> {
    if !can_change(session) {
        return None;
    }
    let mut changed = false;
    let mut items = Vec::new();
    for (place, item) in session.items.iter().enumerate() {
        let name = format!("amount-{place}");
        let text = typed.text(&name);
        let mg = amounts::read(text).filter(|mg| *mg > 0);
        if mg.is_none() && !text.is_empty() {
            wrong.note(&name, look.t().issue_amount);
        }
        changed |= mg != item.quantity_mg;
        items.push(json!({ "lot_id": item.lot_id, "quantity_mg": mg }));
    }
    changed.then(|| Value::from(items))
}

pub(crate) async fn edit(member: Member, Key(id): Key<SessionId>, form: Form) -> Result<Page, Failure> {
    let Member { visit, person } = member;
    let (look, typed) = (&*visit.look, &form.fields);
    let (session, clock) = one(&person, look, id).await?;
    let mut wrong = Wrong::default();
    let mut body = serde_json::Map::new();
    if let Some(items) = items(look, &session, typed, &mut wrong) {
        body.insert("items".to_owned(), items);
    }
    // A field shows minutes: what was not touched keeps its seconds.
    if typed.text("when") != clock.input(session.occurred_at) {
        match clock.read(typed.text("when")) {
            Some(time) => drop(body.insert("occurred_at".to_owned(), json!(time))),
            None => wrong.note("when", look.t().issue_time),
        }
    }
    body.insert("method".to_owned(), json!(typed.text("method")));
    felt(typed, &mut body);
    if wrong.is_empty() {
        let version = typed.text("version").parse().map_or(IfMatch::Any, IfMatch::Version);
        let edited = match calls::body::<EditSession>(&Value::Object(body)) {
            Ok(body) => sessions::edit(person, calls::nothing(), Key(id), form.key, version, body).await,
            Err(failure) => Err(failure),
        };
        match edited {
            Ok(_) => return Ok(Page::see_other("/history?done=saved")),
            Err(failure) => {
                wrong.take(look, failure, &[("quantity_mg", "amount-0"), ("occurred_at", "when")])?;
            }
        }
    }
    Ok(draw(&visit, &session, typed, &wrong))
}

pub(crate) async fn delete(member: Member, Key(id): Key<SessionId>, form: Form) -> Result<Page, Failure> {
    sessions::delete(member.person, calls::nothing(), Key(id), form.key, IfMatch::Any).await?;
    let back = if form.fields.text("back") == "/today" { "/today" } else { "/history" };
    Ok(Page::see_other(&format!("{back}?done=deleted&id={id}")))
}

/// Logs a deleted session once more, as it was. However often this is sent, it is back once.
pub(crate) async fn restore(member: Member, Key(id): Key<SessionId>, _: Form) -> Result<Page, Failure> {
    let Member { person, .. } = member;
    let rows = person.read(store::deleted(person.scope(), id)).await?;
    let found = rows.first::<Text>(0)?.ok_or_else(|| Failure::not_found("session"))?;
    let gone: Session = serde_json::from_str(&found.body).map_err(Failure::internal)?;
    let items: Vec<Value> = gone
        .items
        .iter()
        .filter_map(|item| Some(json!({ "lot_id": item.lot_id?, "quantity_mg": item.quantity_mg })))
        .collect();
    let body = calls::body::<NewSession>(&json!({
        "occurred_at": gone.occurred_at, "method": gone.method, "items": items, "rating": gone.rating,
        "mood_before": gone.mood_before, "mood_after": gone.mood_after, "effects": gone.effects, "notes": gone.notes,
    }))?;
    let key = IdempotencyKey::forwarded(Some(format!("restore-{id}")), "page /history/restore");
    sessions::log(person, calls::nothing(), key, body).await?;
    Ok(Page::see_other("/history?done=restored"))
}
