//! HTTP of the dashboard.

use super::rules::{self, AVERAGE_DAYS, MethodUsage, StashSummary, StrainUsage, Usage};
use super::store::{self, Last};
use crate::user::User;
use crate::{members, zone};
use serde::Serialize;
use sesh_edge::http::{Answer, Failure, Nothing, Query};
use sesh_edge::io::Batch;
use sesh_edge::token::Person;
use sesh_types::time::DAY_MS;

/// What was used, and what is left.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Dashboard {
    /// In which zone a day begins.
    pub time_zone: String,
    /// Since midnight.
    pub today: Usage,
    /// Since Monday.
    pub week: Usage,
    /// Since the first of the month.
    pub month: Usage,
    /// This month by method.
    pub by_method: Vec<MethodUsage>,
    /// This month by strain.
    pub by_strain: Vec<StrainUsage>,
    /// What the stash holds.
    pub stash: StashSummary,
    /// Whole days that the stash lasts at the pace of the last 30 days; `null` when nothing known was used.
    pub days_of_supply: Option<i64>,
    /// Days since the last session, by the calendar; `null` before the first.
    pub days_since_last: Option<i64>,
}

pub(crate) async fn show(person: User, _: Query<Nothing>) -> Result<Answer<Dashboard>, Failure> {
    Answer::of(&read(&person).await?)
}

/// 1. Reads, in one batch: the person's zone, five weeks of sessions, the stash, the last session.
/// 2. Sums by the person's own days.
pub(crate) async fn read(person: &Person) -> Result<Dashboard, Failure> {
    let (scope, now) = (person.scope(), person.io().now());
    // The longest month, or the days that the pace is averaged over, and a day for zones ahead of UTC.
    let since = now.plus_ms(-(AVERAGE_DAYS + 3) * DAY_MS);
    let batch = Batch::from(members::one(scope))
        .and(store::used_since(scope, since))
        .and(store::held(scope))
        .and(store::last(scope, now));
    let rows = person.read(batch).await?;
    let member = members::read(&rows, 0)?;
    let used = store::used(&rows, 1)?;
    let stash = rules::stash(&rows.all::<store::Held>(2)?);
    let zone = if sesh_edge::zone::exists(&member.time_zone) { member.time_zone.as_str() } else { "UTC" };
    let periods =
        zone::periods(zone, now).ok_or_else(|| Failure::internal("the clock is outside the calendar"))?;
    let [today, week, month] = rules::by_period(&used, periods);
    let last = rows.first::<Last>(3)?;
    Ok(Dashboard {
        time_zone: zone.to_owned(),
        today,
        week,
        month,
        by_method: rules::by_method(&used, periods),
        by_strain: rules::by_strain(&used, periods),
        days_of_supply: rules::days_of_supply(&used, stash.balance_mg, now),
        stash,
        days_since_last: last.and_then(|last| zone::days_between(zone, last.occurred_at, now)),
    })
}
