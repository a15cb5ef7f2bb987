//! What somebody means to do: the goals and the break that run, for pages that show them beside other things.

use super::look::Look;
use super::when::Clock;
use crate::breaks::rules::{Break, State as BreakState, standing};
use crate::breaks::store as breaks;
use crate::calendar;
use crate::goals::routes::{self as goals, Goal};
use crate::goals::rules::Measure;
use crate::goals::store as kept;
use crate::members;
use crate::web::{amounts, shelf, ui};
use maud::{Markup, html};
use sesh_edge::http::Failure;
use sesh_edge::io::Batch;
use sesh_edge::token::Person;

/// As many as are looked at: 20 run at most, and those that ended are seldom looked for further back.
const MOST: u32 = 50;

/// Goals and breaks, those that run first.
pub(crate) struct Plans {
    pub(crate) clock: Clock,
    pub(crate) goals: Vec<Goal>,
    pub(crate) breaks: Vec<Break>,
}

/// Reads them: one batch, and a second one when a goal runs.
pub(crate) async fn read(person: &Person, look: &Look) -> Result<Plans, Failure> {
    let (scope, now) = (person.scope(), person.io().now());
    let batch =
        Batch::from(members::one(scope)).and(kept::page(scope, MOST, 0)).and(breaks::page(scope, MOST, 0));
    let rows = person.read(batch).await?;
    let zone = members::read(&rows, 0)?.time_zone;
    let breaks = {
        let mut clock = calendar::Clock::new(&zone);
        let kept = rows.all::<breaks::Kept>(2)?;
        kept.iter().map(|kept| standing(kept, &mut clock, now)).collect()
    };
    let goals = goals::with_progress(person, rows.all(1)?, &zone, false).await?;
    Ok(Plans { clock: shelf::clock(&rows, 0, person, look)?, goals, breaks })
}

impl Plans {
    /// The goals that run.
    pub(crate) fn running(&self) -> impl Iterator<Item = &Goal> {
        self.goals.iter().filter(|goal| goal.ended_at.is_none())
    }

    /// The break that runs.
    pub(crate) fn pause(&self) -> Option<&Break> {
        self.breaks.iter().find(|taken| taken.state == BreakState::Running)
    }
}

/// What a goal counts, in words.
pub(crate) fn counted(look: &Look, goal: &Goal, value: i64) -> String {
    match goal.measure {
        Measure::QuantityMg => look.amount(value),
        Measure::ThcMg if look.is_veiled => amounts::VEILED.to_owned(),
        Measure::ThcMg => format!("{value}\u{a0}mg THC"),
        Measure::Sessions => look.lang.seshes(value.unsigned_abs()),
        Measure::DaysOff => look.lang.days_off(value),
        Measure::SpendMinor => amounts::price(value, goal.currency.as_deref().unwrap_or_default(), look.lang),
    }
}

/// What a goal means, in a sentence.
pub(crate) fn meant(look: &Look, goal: &Goal) -> String {
    look.lang.goal(goal.measure, goal.per, &counted(look, goal, goal.target))
}

/// A sentence that goes on.
fn lowered(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

/// The break and the goal of now, in one calm line; nothing where the tenant has no goals.
pub(crate) fn line(look: &Look, plans: &Plans) -> Markup {
    let p = look.plans();
    let goals: Vec<&Goal> = plans.running().collect();
    html! {
        @if look.shows("/goals") && (plans.pause().is_some() || !goals.is_empty()) {
            p.plans {
                @if let Some(taken) = plans.pause() {
                    a href={ "/breaks/" (taken.id) } { (p.break_title) ": " (look.lang.day_of(taken).to_lowercase()) }
                }
                @if let Some((goal, now)) = goals.first().and_then(|goal| Some((goal, goal.progress.as_ref()?.now))) {
                    @let so_far = look.lang.so_far(&counted(look, goal, now.value), goal.per);
                    a href={ "/goals/" (goal.id) } { (so_far) " · " (lowered(&meant(look, goal))) }
                }
                @if goals.len() > 1 { a href="/goals" { (look.lang.and_more(goals.len() - 1)) } }
            }
        }
    }
}

/// The way back to both.
pub(crate) fn back(look: &Look) -> Markup {
    html! { p.links { a href="/goals" { (ui::icon("back")) (look.plans().goals) } } }
}
