//! Tolerance breaks: planned, looked at, ended before their time, and taken away.

use crate::breaks::routes as breaks;
use crate::breaks::rules::{Break, EndBreak, NewBreak, State};
use crate::members;
use crate::web::calls::{self, Wrong};
use crate::web::look::Look;
use crate::web::plans::{self, Plans};
use crate::web::shelf::clock;
use crate::web::ui::chart::{Cell, Frame, Table, figure, meter};
use crate::web::ui::{self, Choice, Input, Tab, hidden, icon};
use crate::web::visit::{Form, Member, Visit};
use crate::web::when::Clock;
use crate::zone;
use chrono::{Days, NaiveTime};
use maud::{Markup, html};
use serde_json::json;
use sesh_edge::http::{Failure, Fields, Key, Page};
use sesh_types::envelope::ErrorCode;
use sesh_types::ids::BreakId;
use sesh_types::time::Timestamp;

const LENGTHS: [u64; 6] = [2, 5, 7, 14, 21, 30];

const fn stands(look: &Look, state: State) -> &'static str {
    let p = look.plans();
    match state {
        State::Running => p.break_running,
        State::Finished => p.break_done,
        State::EndedEarly => p.break_early,
    }
}

/// The break that runs, among other things.
pub(super) fn summary(look: &Look, clock: &Clock, taken: &Break) -> Markup {
    let p = look.plans();
    html! {
        p.lead { (look.lang.day_of(taken)) }
        (meter(taken.days, taken.days_planned))
        p.quiet { (p.planned_end) ": " (clock.dated(taken.planned_end_at)) }
        p.actions { a.button.plain href={ "/breaks/" (taken.id) } { (look.t().more) } }
    }
}

/// Breaks of before, as rows.
pub(super) fn before(look: &Look, plans: &Plans) -> Option<Markup> {
    let over: Vec<&Break> = plans.breaks.iter().filter(|taken| taken.state != State::Running).collect();
    (!over.is_empty()).then(|| {
        html! {
            @for taken in over {
                li.row { a href={ "/breaks/" (taken.id) } {
                    span.main {
                        span.name { (look.lang.break_of(taken.days.max(1))) }
                        span.more { (plans.clock.dated(taken.started_at)) " · " (stands(look, taken.state)) }
                    }
                    (icon("next"))
                } }
            }
        }
    })
}

/// The way back for a break that was taken away.
pub(super) fn undo(visit: &Visit, text: &str) -> Option<Markup> {
    let (start, end) = (visit.query.text("start"), visit.query.text("end"));
    let fields =
        html! { (hidden("started_at", start)) (hidden("planned_end_at", end)) button.link { (text) } };
    let whole = Timestamp::parse(start).is_ok() && Timestamp::parse(end).is_ok();
    whole.then(|| ui::form(visit, "/breaks/new", "inline", &fields))
}

fn draw_new(visit: &Visit, typed: &Fields, wrong: &Wrong) -> Page {
    let (look, t, p) = (&*visit.look, visit.look.t(), visit.look.plans());
    let lengths =
        LENGTHS.map(|days| Choice::new(days.to_string(), look.lang.days(days.try_into().unwrap_or(0))));
    let fields = html! {
        p.quiet { (p.break_line) }
        (ui::chips("days", p.break_length, "", &lengths, typed.text("days"), wrong))
        (ui::field(look, Input::text("until", p.break_until).kind("date").optional(), typed, wrong))
        (ui::field(look, Input::text("since", p.break_since).kind("datetime-local").hint(t.when_hint).optional(), typed, wrong))
        p.actions { button.button { (p.break_start) } a.button.plain href="/goals" { (t.cancel) } }
    };
    let content = html! {
        h1 { (p.break_new) }
        (ui::problems(look, wrong))
        (ui::form(visit, "/breaks/new", "card", &fields))
        p.quiet { (p.no_advice) }
    };
    Page::html(
        if wrong.is_empty() { 200 } else { 422 },
        ui::page(look, Tab::Elsewhere, p.break_new, &content),
    )
}

pub(crate) async fn new(member: Member) -> Result<Page, Failure> {
    let Member { visit, person } = member;
    // The check of the token stands in every read.
    person.read(members::one(person.scope())).await?;
    Ok(draw_new(&visit, &Fields::default().with("days", "7"), &Wrong::default()))
}

/// From when until when: to the end of a day, so that a form that is sent twice says the same.
fn times(look: &Look, clock: &Clock, typed: &Fields, wrong: &mut Wrong) -> Option<(Timestamp, Timestamp)> {
    let (t, p) = (look.t(), look.plans());
    let exact = |name: &str| Timestamp::parse(typed.text(name)).ok();
    if let (Some(start), Some(end)) = (exact("started_at"), exact("planned_end_at")) {
        return Some((start, end));
    }
    let start =
        if typed.text("since").is_empty() { Some(clock.now) } else { clock.read(typed.text("since")) };
    if start.is_none() {
        wrong.note("since", t.issue_time);
    }
    let end = if typed.text("until").is_empty() {
        let days = typed.text("days").parse::<u64>().ok().filter(|days| *days <= 400);
        let day = start.and_then(|start| clock.day_of(start));
        let end = day.zip(days).and_then(|(day, days)| day.checked_add_days(Days::new(days)));
        end.and_then(|end| zone::moment(&clock.zone, end.and_time(NaiveTime::MIN)))
    } else {
        let day = clock.read_day(typed.text("until")).and_then(|day| clock.day_of(day));
        let next = day.and_then(|day| day.succ_opt()).map(|next| next.and_time(NaiveTime::MIN));
        next.and_then(|next| zone::moment(&clock.zone, next))
    };
    if end.is_none() {
        wrong.note(if typed.text("until").is_empty() { "days" } else { "until" }, p.issue_length);
    }
    start.zip(end)
}

pub(crate) async fn begin(member: Member, form: Form) -> Result<Page, Failure> {
    let Member { visit, person } = member;
    let (look, typed) = (&*visit.look, &form.fields);
    let p = look.plans();
    let rows = person.read(members::one(person.scope())).await?;
    let clock = clock(&rows, 0, &person, look)?;
    let mut wrong = Wrong::default();
    if let Some((start, end)) = times(look, &clock, typed, &mut wrong) {
        // Sent twice it begins once: without a start of one's own it is the handler that says when.
        let start =
            (!typed.text("since").is_empty() || !typed.text("started_at").is_empty()).then_some(start);
        let begun = match calls::body::<NewBreak>(&json!({ "started_at": start, "planned_end_at": end })) {
            Ok(body) => breaks::begin(person, calls::nothing(), form.key, body).await,
            Err(failure) => Err(failure),
        };
        match begun {
            Ok(_) => return Ok(Page::see_other("/goals?done=begun")),
            Err(failure) if calls::code(&failure) == Some(ErrorCode::Conflict) => {
                wrong.note("", p.break_clash);
            }
            Err(failure) => {
                wrong.take(look, failure, &[("started_at", "since"), ("planned_end_at", "until")])?;
            }
        }
    }
    Ok(draw_new(&visit, typed, &wrong))
}

/// What there is to know of it: figures, how far it is, and the table.
fn picture(look: &Look, clock: &Clock, taken: &Break) -> Markup {
    let p = look.plans();
    let count = |count: i64| Cell::exact(count.to_string(), Some(count));
    let dated =
        |time: Option<Timestamp>| Cell::text(time.map_or_else(|| "–".to_owned(), |time| clock.dated(time)));
    let rows = [
        (p.begun, dated(Some(taken.started_at))),
        (p.planned_end, dated(Some(taken.planned_end_at))),
        (p.ended, dated(taken.ended_at)),
        (p.meant, Cell::exact(look.lang.days(taken.days_planned), Some(taken.days_planned))),
        (p.days_without, count(taken.days_without)),
        (p.meanwhile, count(i64::try_from(taken.sessions).unwrap_or(i64::MAX))),
    ];
    let rows = rows.map(|(name, cell)| (name.to_owned(), vec![cell]));
    let table = Table { head: vec![p.how_it_went, ""], rows: rows.into(), total: None };
    let drawn = html! {
        dl.figures {
            (ui::figure(p.days_without, &taken.days_without.to_string(), None))
            (ui::figure(p.meanwhile, &taken.sessions.to_string(), None))
        }
        (meter(taken.days, taken.days_planned))
    };
    let sum =
        if taken.state == State::Running { look.lang.day_of(taken) } else { look.lang.days(taken.days) };
    let title = if taken.state == State::Running { p.how_it_goes } else { p.how_it_went };
    let frame = Frame { name: "break", title, sum: &sum, note: Some(stands(look, taken.state)) };
    figure(look, &frame, &drawn, &table)
}

fn draw(visit: &Visit, clock: &Clock, taken: &Break, wrong: &Wrong) -> Page {
    let (look, p, id) = (&*visit.look, visit.look.plans(), taken.id);
    let title = look.lang.break_of(taken.days_planned.max(1));
    let content = html! {
        h1 { (title) }
        (ui::problems(look, wrong))
        (picture(look, clock, taken))
        @if taken.sessions > 0 && taken.state == State::Running { p.quiet { (p.meanwhile_line) } }
        div.actions {
            @if taken.state == State::Running {
                (ui::form(visit, &format!("/breaks/{id}/end"), "inline", &html! { button.button.plain { (p.break_end) } }))
            } @else { a.button href="/breaks/new" { (p.break_new) } }
            (ui::form(visit, &format!("/breaks/{id}/delete"), "inline", &html! { button.link.danger { (p.break_delete) } }))
        }
        p.quiet { (p.no_advice) }
        (plans::back(look))
    };
    Page::html(if wrong.is_empty() { 200 } else { 422 }, ui::page(look, Tab::Elsewhere, &title, &content))
}

async fn one(member: &Member, id: BreakId) -> Result<(Break, Clock), Failure> {
    let taken = breaks::read_one(&member.person, id).await?;
    let rows = member.person.read(members::one(member.person.scope())).await?;
    Ok((taken, clock(&rows, 0, &member.person, &member.visit.look)?))
}

pub(crate) async fn show(member: Member, Key(id): Key<BreakId>) -> Result<Page, Failure> {
    let (taken, clock) = one(&member, id).await?;
    Ok(draw(&member.visit, &clock, &taken, &Wrong::default()))
}

pub(crate) async fn end(member: Member, Key(id): Key<BreakId>, form: Form) -> Result<Page, Failure> {
    let (taken, clock) = one(&member, id).await?;
    let Member { visit, person } = member;
    let body = calls::body::<EndBreak>(&json!({}))?;
    match breaks::end(person, calls::nothing(), Key(id), form.key, body).await {
        Ok(_) => Ok(Page::see_other("/goals?done=break-ended")),
        Err(failure) if calls::code(&failure) == Some(ErrorCode::Conflict) => {
            let mut wrong = Wrong::default();
            wrong.note("", visit.look.plans().break_over);
            Ok(draw(&visit, &clock, &taken, &wrong))
        }
        Err(failure) => Err(failure),
    }
}

pub(crate) async fn delete(member: Member, Key(id): Key<BreakId>, form: Form) -> Result<Page, Failure> {
    // A second tap finds it gone, and is answered as the first.
    let kept = breaks::read_one(&member.person, id).await.ok();
    breaks::delete(member.person, calls::nothing(), Key(id), form.key).await?;
    let back = kept.map(|taken| {
        let end = taken.ended_at.unwrap_or(taken.planned_end_at);
        let time = |time: Timestamp| ui::encoded(&time.to_string());
        format!("&start={}&end={}", time(taken.started_at), time(end))
    });
    Ok(Page::see_other(&format!("/goals?done=break-deleted{}", back.unwrap_or_default())))
}
