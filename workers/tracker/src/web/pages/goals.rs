//! Goals: what somebody means to do, and how it goes. Nobody is told off.

use super::breaks;
use crate::calendar::Per;
use crate::goals::progress::{Period, Progress, State};
use crate::goals::routes::{self as goals, Goal};
use crate::goals::rules::{Measure, NewGoal};
use crate::members;
use crate::web::amounts;
use crate::web::calls::{self, Wrong};
use crate::web::look::Look;
use crate::web::plans::{self, counted, meant};
use crate::web::shelf::clock;
use crate::web::ui::chart::{Bar, Cell, Frame, Table, columns, figure, meter};
use crate::web::ui::{self, Choice, Input, Tab, icon};
use crate::web::visit::{Form, Member, Visit};
use crate::web::when::Clock;
use maud::{Markup, html};
use serde_json::json;
use sesh_edge::http::{Failure, Fields, Key, Page};
use sesh_types::amounts::{Amount, Bare, read_amount};
use sesh_types::envelope::ErrorCode;
use sesh_types::ids::GoalId;

const MEASURES: [Measure; 5] =
    [Measure::QuantityMg, Measure::Sessions, Measure::DaysOff, Measure::ThcMg, Measure::SpendMinor];
const PERS: [Per; 3] = [Per::Day, Per::Week, Per::Month];

const fn measure_name(look: &Look, measure: Measure) -> &'static str {
    let p = look.plans();
    match measure {
        Measure::QuantityMg => p.measure_amount,
        Measure::ThcMg => p.measure_thc,
        Measure::Sessions => p.measure_seshes,
        Measure::DaysOff => p.measure_days_off,
        Measure::SpendMinor => p.measure_spend,
    }
}

const fn measure_code(measure: Measure) -> &'static str {
    match measure {
        Measure::QuantityMg => "quantity_mg",
        Measure::ThcMg => "thc_mg",
        Measure::Sessions => "sessions",
        Measure::DaysOff => "days_off",
        Measure::SpendMinor => "spend_minor",
    }
}

/// How a period went, without blame.
const fn went(look: &Look, goal: &Goal, state: State) -> &'static str {
    let p = look.plans();
    match (state, goal.measure) {
        (State::Running, _) => p.running,
        (State::Met, _) => p.met,
        (State::MetAsFarAsKnown, _) => p.met_known,
        (State::NotMet, Measure::DaysOff) => p.fewer_than,
        (State::NotMet, _) => p.more_than,
    }
}

fn row(look: &Look, goal: &Goal) -> Markup {
    html! {
        li.row {
            a href={ "/goals/" (goal.id) } {
                span.main {
                    span.name { (meant(look, goal)) }
                    @if let Some(Progress { now, .. }) = &goal.progress {
                        span.more { (look.lang.so_far(&counted(look, goal, now.value), goal.per)) }
                        (meter(now.value, goal.target))
                    }
                }
                (icon("next"))
            }
        }
    }
}

fn done(visit: &Visit) -> Markup {
    let (t, p) = (visit.look.t(), visit.look.plans());
    match visit.query.text("done") {
        "set" => ui::notice(p.goal_set, None),
        "ended" => {
            let again = visit.query.text("again").starts_with("measure=");
            let path = format!("/goals/new?{}", visit.query.text("again"));
            ui::notice(p.goal_ended, again.then(|| html! { a href=(path) { (p.goal_again) } }))
        }
        "begun" => ui::notice(p.break_begun, None),
        "break-ended" => ui::notice(p.break_ended, None),
        "break-deleted" => ui::notice(p.break_deleted, breaks::undo(visit, t.undo)),
        _ => html! {},
    }
}

/// Goals and breaks.
pub(crate) async fn list(member: Member) -> Result<Page, Failure> {
    let Member { visit, person } = member;
    let (look, p) = (&*visit.look, visit.look.plans());
    let plans = plans::read(&person, look).await?;
    let running: Vec<&Goal> = plans.running().collect();
    let ended: Vec<&Goal> = plans.goals.iter().filter(|goal| goal.ended_at.is_some()).collect();
    let before = breaks::before(look, &plans);
    let content = html! {
        div.heading { h1 { (p.goals) } }
        (done(&visit))
        @if plans.goals.is_empty() && plans.breaks.is_empty() {
            (ui::empty(p.goals_empty, "/goals/new", p.goal_new))
            p.links { a href="/breaks/new" { (p.break_new) } }
        } @else {
            p.quiet { (p.goals_line) }
            div.columns {
                section.card {
                    h2 { (p.your_goals) }
                    @if running.is_empty() { p.quiet { (p.no_goals) } }
                    @else { ul.rows { @for goal in &running { (row(look, goal)) } } }
                    p.actions { a.button.plain href="/goals/new" { (p.goal_new) } }
                }
                section.card {
                    h2 { (p.break_title) }
                    @match plans.pause() {
                        Some(taken) => (breaks::summary(look, &plans.clock, taken)),
                        None => { p.quiet { (p.break_none) } p.actions { a.button.plain href="/breaks/new" { (p.break_new) } } }
                    }
                }
            }
            @if !ended.is_empty() || before.is_some() {
                details.card {
                    summary { (p.ended_ones) }
                    ul.rows {
                        @for goal in &ended { (row(look, goal)) }
                        @if let Some(before) = &before { (before) }
                    }
                }
            }
        }
        p.quiet { (p.no_advice) }
    };
    Ok(Page::html(200, ui::page(look, Tab::Elsewhere, p.goals, &content)))
}

/// Some goals to begin with; each fills in the form.
const IDEAS: [(Measure, Per, &str, i64); 3] = [
    (Measure::DaysOff, Per::Week, "2", 2),
    (Measure::Sessions, Per::Day, "1", 1),
    (Measure::QuantityMg, Per::Week, "3.5 g", 3_500),
];

fn draw_new(visit: &Visit, typed: &Fields, wrong: &Wrong) -> Page {
    let (look, t, p) = (&*visit.look, visit.look.t(), visit.look.plans());
    let measures = MEASURES.map(|measure| Choice::new(measure_code(measure), measure_name(look, measure)));
    let pers = [(Per::Day, p.per_day), (Per::Week, p.per_week), (Per::Month, p.per_month)];
    let pers = pers.map(|(per, text)| Choice::new(per.as_str(), text));
    let currencies = super::stash::CURRENCIES.map(|code| Choice::new(code, code));
    let idea = |(measure, per, _, target): (Measure, Per, &str, i64)| {
        let amount = match measure {
            Measure::QuantityMg => amounts::written(target, look.lang),
            Measure::DaysOff => look.lang.days_off(target),
            _ => look.lang.seshes(target.unsigned_abs()),
        };
        look.lang.goal(measure, per, &amount)
    };
    let fields = html! {
        (ui::chips("measure", p.measure, "", &measures, typed.text("measure"), wrong))
        (ui::chips("per", p.per, "", &pers, typed.text("per"), wrong))
        (ui::field(look, Input::text("target", p.target).hint(p.target_hint).numbers(), typed, wrong))
        div.of-spend { (ui::select("currency", t.currency, &currencies, typed.text("currency"))) }
        p.actions { button.button { (p.goal_new) } a.button.plain href="/goals" { (t.cancel) } }
    };
    let content = html! {
        h1 { (p.goal_new) }
        (ui::problems(look, wrong))
        nav.presets aria-label=(p.suggestions) {
            ul.set { @for each in IDEAS { li {
                a.pill href={ "/goals/new?measure=" (measure_code(each.0)) "&per=" (each.1.as_str()) "&target=" (ui::encoded(each.2)) } { (idea(each)) }
            } } }
        }
        (ui::form(visit, "/goals/new", "card", &fields))
        p.quiet { (p.no_advice) }
    };
    Page::html(if wrong.is_empty() { 200 } else { 422 }, ui::page(look, Tab::Elsewhere, p.goal_new, &content))
}

pub(crate) async fn new(member: Member) -> Result<Page, Failure> {
    let Member { visit, person } = member;
    // The check of the token stands in every read.
    person.read(members::one(person.scope())).await?;
    let asked = |name: &str, usual: &str| match visit.query.text(name) {
        "" => usual.to_owned(),
        text => text.chars().take(20).collect(),
    };
    let typed = Fields::default()
        .with("measure", asked("measure", "quantity_mg"))
        .with("per", asked("per", "week"))
        .with("target", asked("target", ""))
        .with("currency", asked("currency", "USD"));
    Ok(draw_new(&visit, &typed, &Wrong::default()))
}

/// The target of a measure, as somebody types it.
fn target(measure: Measure, text: &str) -> Option<i64> {
    let count = || text.split_whitespace().next()?.parse::<i64>().ok();
    match measure {
        Measure::QuantityMg => amounts::read(text),
        Measure::ThcMg if text == "0" => Some(0),
        Measure::ThcMg => match read_amount(text, Bare::Mg) {
            Ok(Amount::Mass { mg }) => Some(mg),
            _ => None,
        },
        Measure::Sessions | Measure::DaysOff => count(),
        Measure::SpendMinor => amounts::read_price(text),
    }
}

pub(crate) async fn set(member: Member, form: Form) -> Result<Page, Failure> {
    let Member { visit, person } = member;
    let (look, typed) = (&*visit.look, &form.fields);
    let (t, p) = (look.t(), look.plans());
    let mut wrong = Wrong::default();
    let measure = MEASURES.into_iter().find(|measure| measure_code(*measure) == typed.text("measure"));
    let per = PERS.into_iter().find(|per| per.as_str() == typed.text("per"));
    if measure.is_none() {
        wrong.note("measure", t.issue_choose);
    }
    match per {
        None => wrong.note("per", t.issue_choose),
        Some(Per::Day) if measure == Some(Measure::DaysOff) => wrong.note("per", p.issue_days_off),
        Some(_) => {}
    }
    let target = measure.and_then(|measure| target(measure, typed.text("target")));
    if target.is_none() {
        wrong.note("target", p.issue_target);
    }
    if let (Some(measure), Some(per), Some(target), true) = (measure, per, target, wrong.is_empty()) {
        let currency = (measure == Measure::SpendMinor).then(|| typed.text("currency"));
        let body = json!({ "measure": measure, "per": per, "target": target, "currency": currency });
        let set = match calls::body::<NewGoal>(&body) {
            Ok(body) => goals::set(person.clone(), calls::nothing(), form.key, body).await,
            Err(failure) => Err(failure),
        };
        match set {
            Ok(_) => return Ok(Page::see_other("/goals?done=set")),
            Err(failure) if calls::code(&failure) == Some(ErrorCode::Conflict) => wrong.note("", p.goal_many),
            Err(failure) => wrong.take(look, failure, &[])?,
        }
    }
    // The check of the token stands in every read.
    person.read(members::one(person.scope())).await?;
    Ok(draw_new(&visit, typed, &wrong))
}

/// A period's name: a day, the days of a week, a month.
fn named(clock: &Clock, per: Per, period: &Period) -> String {
    match per {
        Per::Day => clock.day(period.from),
        Per::Week => format!("{} – {}", clock.day(period.from), clock.day(period.to)),
        Per::Month => clock.month(period.from),
    }
}

/// How it went until now: columns with a line at what was meant, and their table.
fn picture(look: &Look, clock: &Clock, goal: &Goal, progress: &Progress) -> Markup {
    let p = look.plans();
    let mut periods: Vec<(&Period, bool)> = progress.history.iter().map(|period| (period, false)).collect();
    periods.insert(0, (&progress.now, goal.ended_at.is_none()));
    periods.reverse();
    let every = periods.len().div_ceil(4).max(1);
    let last = periods.len() - 1;
    let bars: Vec<Bar> = periods
        .iter()
        .enumerate()
        .map(|(place, (period, is_now))| Bar {
            tick: if (last - place).is_multiple_of(every) { clock.day(period.from) } else { String::new() },
            label: named(clock, goal.per, period),
            text: counted(look, goal, period.value),
            value: period.value,
            is_unknown: period.unknown > 0,
            is_now: *is_now,
        })
        .collect();
    let cells = |period: &Period| {
        vec![
            Cell::exact(counted(look, goal, period.value), (!look.is_veiled).then_some(period.value)),
            Cell::text(went(look, goal, period.state)),
        ]
    };
    let rows = periods.iter().rev().map(|(period, _)| (named(clock, goal.per, period), cells(period)));
    let table = Table {
        head: vec![p.period, measure_name(look, goal.measure), p.state],
        rows: rows.collect(),
        total: None,
    };
    let meant = counted(look, goal, goal.target);
    let said = format!("{}: {}", p.how_it_went, plans::meant(look, goal));
    let frame = Frame { name: "goal", title: p.how_it_went, sum: "", note: None };
    figure(look, &frame, &columns(&said, &bars, Some((goal.target, &meant))), &table)
}

/// What sets it again.
fn again(goal: &Goal) -> String {
    let target = match goal.measure {
        Measure::QuantityMg | Measure::ThcMg => format!("{} mg", goal.target),
        Measure::SpendMinor => format!("{}.{:02}", goal.target / 100, goal.target % 100),
        Measure::Sessions | Measure::DaysOff => goal.target.to_string(),
    };
    let currency = goal.currency.as_deref().map(|code| format!("&currency={code}")).unwrap_or_default();
    let (measure, per) = (measure_code(goal.measure), goal.per.as_str());
    format!("measure={measure}&per={per}&target={}{currency}", ui::encoded(&target))
}

pub(crate) async fn show(member: Member, Key(id): Key<GoalId>) -> Result<Page, Failure> {
    let Member { visit, person } = member;
    let (look, p) = (&*visit.look, visit.look.plans());
    let goal = goals::read_one(&person, id).await?;
    let rows = person.read(members::one(person.scope())).await?;
    let clock = clock(&rows, 0, &person, look)?;
    let title = meant(look, &goal);
    let end = html! { button.button.plain { (p.goal_end) } };
    let content = html! {
        h1 { (title) }
        @if let Some(progress) = &goal.progress {
            @let now = progress.now;
            div.columns {
                section.card {
                    h2 { (p.how_it_goes) }
                    dl.figures {
                        (ui::figure(measure_name(look, goal.measure), &counted(look, &goal, now.value), Some(&look.lang.of_target("", &counted(look, &goal, goal.target)))))
                    }
                    (meter(now.value, goal.target))
                    p.quiet {
                        (named(&clock, goal.per, &now)) ": " (went(look, &goal, now.state))
                        @if now.unknown > 0 { " (" (look.lang.unknown(now.unknown)) ")" }
                    }
                    @if progress.streak > 1 { p { (look.lang.in_a_row(progress.streak)) } }
                    @if progress.history.is_empty() { p.quiet { (p.first_period) } }
                    @if goal.ended_at.is_none() {
                        p.quiet { (p.goal_end_line) }
                        (ui::form(&visit, &format!("/goals/{id}/end"), "actions", &end))
                    } @else {
                        p.actions { a.button href={ "/goals/new?" (again(&goal)) } { (p.goal_again) } }
                    }
                }
                @if !progress.history.is_empty() { (picture(look, &clock, &goal, progress)) }
            }
        }
        (plans::back(look))
    };
    Ok(Page::html(200, ui::page(look, Tab::Elsewhere, &title, &content)))
}

pub(crate) async fn end(member: Member, Key(id): Key<GoalId>, form: Form) -> Result<Page, Failure> {
    let Member { person, .. } = member;
    let goal = goals::read_one(&person, id).await?;
    goals::end(person, calls::nothing(), Key(id), form.key).await?;
    Ok(Page::see_other(&format!("/goals?done=ended&again={}", ui::encoded(&again(&goal)))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_typed_in_what_is_counted() {
        let read = |measure, text| target(measure, text);
        assert_eq!(read(Measure::QuantityMg, "3.5 g"), Some(3_500));
        assert_eq!((read(Measure::QuantityMg, "0"), read(Measure::ThcMg, "0")), (Some(0), Some(0)));
        assert_eq!((read(Measure::ThcMg, "50"), read(Measure::ThcMg, "50 mg")), (Some(50), Some(50)));
        assert_eq!((read(Measure::Sessions, "4"), read(Measure::DaysOff, "2 days")), (Some(4), Some(2)));
        assert_eq!(read(Measure::SpendMinor, "$80"), Some(8_000));
        assert_eq!((read(Measure::Sessions, "a few"), read(Measure::ThcMg, "2 puffs")), (None, None));
    }
}
