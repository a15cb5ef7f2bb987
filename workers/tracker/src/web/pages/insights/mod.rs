//! Insights: how much, when and how, what it did and what it cost, as pictures with their tables. Every number is the API's.

mod amounts;
mod effects;

use crate::insights::routes::{self as api, Insights, InsightsQuery};
use crate::live;
use crate::members;
use crate::sessions::rules::Method;
use crate::web::amounts::price;
use crate::web::calls::{self, Wrong};
use crate::web::look::Look;
use crate::web::shelf::clock;
use crate::web::ui::{self, Input, Tab};
use crate::web::visit::{Member, Visit};
use crate::web::when::Clock;
use chrono::{Days, NaiveDate};
use maud::{Markup, html};
use sesh_edge::http::{Failure, Fields, Page};
use sesh_edge::io::Batch;
use sesh_types::envelope::ErrorCode;

/// How many days a tap away, the last of them today.
const SPANS: [u64; 3] = [30, 84, 365];

/// A way of taking it, as it is called.
pub(super) fn method(look: &Look, name: &str) -> String {
    let known: Option<Method> = serde_json::from_value(name.into()).ok();
    known.map_or_else(|| name.to_owned(), |method| look.lang.method(method).to_owned())
}

/// The days that the address asks for.
fn asked(look: &Look, query: &Fields, wrong: &mut Wrong) -> InsightsQuery {
    let mut day = |name: &str| match query.text(name) {
        "" => None,
        text => {
            let day = text.parse::<NaiveDate>().ok();
            if day.is_none() {
                wrong.note(name, look.t().issue_date);
            }
            day
        }
    };
    InsightsQuery { from: day("from"), to: day("to"), by: None }
}

fn path(today: NaiveDate, days: u64) -> String {
    match today.checked_sub_days(Days::new(days - 1)) {
        Some(from) if days != SPANS[0] => format!("/insights?from={from}"),
        _ => "/insights".to_owned(),
    }
}

/// Which days: three spans a tap away, and any others.
fn spans(look: &Look, query: &Fields, today: Option<NaiveDate>, wrong: &Wrong) -> Markup {
    let (t, p) = (look.t(), look.pictures());
    let names = [p.span_month, p.span_quarter, p.span_year];
    let links: Vec<(String, &str)> = today
        .map(|today| SPANS.map(|days| path(today, days)).into_iter().zip(names).collect())
        .unwrap_or_default();
    let is_usual = query.text("from").is_empty() && query.text("to").is_empty();
    let here = if is_usual { "/insights" } else { look.path.as_str() };
    let is_other = !links.iter().any(|(path, _)| path == here);
    html! {
        nav.presets aria-label=(p.span) {
            ul.set { @for (path, text) in &links { li { a.pill href=(path) aria-current=[(path == here).then_some("page")] { (text) } } } }
        }
        details.card open[is_other] {
            summary { (p.span_other) }
            form.filters method="get" action="/insights" {
                (ui::field(look, Input::text("from", t.from_day).kind("date"), query, wrong))
                (ui::field(look, Input::text("to", t.to_day).kind("date"), query, wrong))
                p.actions { button.button { (p.span_show) } }
            }
        }
    }
}

/// The sums that everything below is made of.
fn figures(look: &Look, found: &Insights) -> Markup {
    let p = look.pictures();
    let unknown = (found.total.unknown_items > 0).then(|| look.lang.unknown(found.total.unknown_items));
    let seshes = [Some(look.lang.seshes(found.total.sessions)), unknown];
    let seshes = seshes.into_iter().flatten().collect::<Vec<_>>().join(" ");
    html! {
        section.card { dl.figures {
            (ui::figure(p.taken_in_all, &look.amount(found.total.quantity_mg), Some(&seshes)))
            @if let Some(days) = found.supply.days { (ui::figure(p.supply, &days.to_string(), Some(&look.amount(found.supply.balance_mg)))) }
            @for used in found.spend.used.iter().take(1) {
                (ui::figure(p.cost_each, &price(used.per_session_minor, &used.currency, look.lang), Some(&look.lang.seshes(used.sessions))))
            }
        } }
    }
}

fn pictures(look: &Look, clock: &Clock, found: &Insights) -> Markup {
    html! {
        (figures(look, found))
        div.columns.pictures {
            (amounts::over_time(look, clock, found))
            (amounts::by_hour(look, found))
            (amounts::by_method(look, found))
            (amounts::by_strain(look, found))
            (effects::moods(look, found))
            (effects::felt(look, found))
            (effects::spend(look, found))
            (effects::supply(look, clock, found))
            (effects::trend(look, clock, found))
        }
        p.quiet { (look.t().caveat) }
    }
}

/// What is shown in place of pictures that cannot be drawn.
fn refused(visit: &Visit, failure: Failure, wrong: &mut Wrong) -> Result<(), Failure> {
    let p = visit.look.pictures();
    match calls::code(&failure) {
        Some(ErrorCode::Unprocessable) => wrong.note("from", p.span_many),
        Some(ErrorCode::BadRequest) => wrong.note("from", p.span_wrong),
        _ => return Err(failure),
    }
    Ok(())
}

pub(crate) async fn show(member: Member) -> Result<Page, Failure> {
    let Member { visit, person } = member;
    let (look, t, p) = (&*visit.look, visit.look.t(), visit.look.pictures());
    let scope = person.scope();
    // The number first: what changes while the rest is read is heard of as new.
    let rows = person.read(Batch::from(members::one(scope)).and(live::last(scope))).await?;
    let clock = clock(&rows, 0, &person, look)?;
    let mut wrong = Wrong::default();
    let query = asked(look, &visit.query, &mut wrong);
    let mut found = None;
    if wrong.is_empty() {
        match api::read(&person, query).await {
            Ok(insights) => found = Some(insights),
            Err(failure) => refused(&visit, failure, &mut wrong)?,
        }
    }
    let is_usual = query.from.is_none() && query.to.is_none();
    let content = html! {
        div.heading { h1 { (t.insights) } @if let Some(found) = &found { p.quiet { (clock.day(found.from)) " – " (clock.day(found.to)) } } }
        (ui::problems(look, &wrong))
        @match &found {
            Some(found) if found.total.sessions == 0 && is_usual => (ui::empty(t.insights_empty, "/log", t.log_one)),
            Some(found) if found.total.sessions == 0 => {
                (spans(look, &visit.query, clock.day_of(clock.now), &wrong))
                (ui::empty(p.span_empty, "/insights", p.span_month))
            }
            Some(found) => {
                (spans(look, &visit.query, clock.day_of(clock.now), &wrong))
                (pictures(look, &clock, found))
            }
            None => (spans(look, &visit.query, clock.day_of(clock.now), &wrong)),
        }
        @if look.shows("/goals") { p.links { a href="/goals" { (look.plans().goals) } } }
        (ui::live(look, live::seq(&rows, 1)?))
    };
    Ok(Page::html(
        if wrong.is_empty() { 200 } else { 422 },
        ui::page(look, Tab::Insights, t.insights, &content),
    ))
}
