//! HTTP of insights.

use super::feelings::{self, Felt, Moods, MoodsOfStrain};
use super::money::{self, Spend};
use super::rules::{self, Amounts, Hour, MOST_DAYS, OfMethod, OfStrain, Step};
use super::store::{self, Bought, Held, Priced};
use super::trend::{self, Supply, Trend};
use crate::calendar::{Clock, Per};
use crate::members;
use crate::taken::{self, Taken};
use crate::user::User;
use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use sesh_edge::http::{Answer, Failure, Query, Refusal};
use sesh_edge::io::Batch;
use sesh_edge::token::Person;
use sesh_types::envelope::ErrorCode;
use sesh_types::ids::LotId;
use sesh_types::rules::Issues;
use std::collections::BTreeSet;

/// Of which time.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct InsightsQuery {
    /// From this day, `YYYY-MM-DD`; 29 days before `to` unless told.
    pub(crate) from: Option<NaiveDate>,
    /// To this day, which counts too; today unless told. At most 400 days.
    pub(crate) to: Option<NaiveDate>,
    /// By day, week or month; by day unless told.
    pub(crate) by: Option<Per>,
}

/// What was taken, what it cost, and how it was felt.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Insights {
    /// In which zone a day begins.
    pub time_zone: String,
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
    /// All of it.
    pub total: Amounts,
    /// By day, week or month, zeros included.
    pub series: Vec<Step>,
    /// By hour of the day.
    pub by_hour: Vec<Hour>,
    /// By method.
    pub by_method: Vec<OfMethod>,
    /// By strain.
    pub by_strain: Vec<OfStrain>,
    /// Moods before and after.
    pub moods: Moods,
    /// The same by strain.
    pub moods_by_strain: Vec<MoodsOfStrain>,
    /// What was felt, the 30 most often.
    pub effects: Vec<Felt>,
    /// What it cost.
    pub spend: Spend,
    /// How the amount of a session changes.
    pub trend: Trend,
    /// How long the stash lasts at this pace.
    pub supply: Supply,
}

/// The days that were asked for.
pub(crate) fn days(
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    today: NaiveDate,
) -> Result<(NaiveDate, NaiveDate), Failure> {
    let to = to.unwrap_or(today);
    let from = from.or_else(|| to.checked_sub_days(Days::new(29))).unwrap_or(to);
    let mut issues = Issues::default();
    let known = |day: NaiveDate| {
        NaiveDate::from_ymd_opt(1970, 1, 2).is_some_and(|first| day >= first)
            && NaiveDate::from_ymd_opt(9999, 12, 31).is_some_and(|last| day < last)
    };
    issues.require(known(from), "from", "out_of_range", "must be a day of the calendar since 1970");
    issues.require(known(to), "to", "out_of_range", "must be a day of the calendar since 1970");
    let length = (to - from).num_days() + 1;
    issues.require(length >= 1, "to", "out_of_range", "must not be before from");
    issues.require(length <= MOST_DAYS, "from", "out_of_range", "must be at most 400 days before to");
    issues.done().map_err(|issues| Refusal::issues(ErrorCode::BadRequest, issues))?;
    Ok((from, to))
}

fn lots_of(taken: &[Taken]) -> Vec<LotId> {
    let lots: BTreeSet<LotId> =
        taken.iter().flat_map(|session| &session.items).filter_map(|item| item.lot_id).collect();
    lots.into_iter().collect()
}

pub(crate) async fn show(
    person: User,
    Query(query): Query<InsightsQuery>,
) -> Result<Answer<Insights>, Failure> {
    Answer::of(&read(&person, query).await?)
}

/// 1. Reads the person's zone.
/// 2. Reads the sessions and purchases of those days, and what the stash holds.
/// 3. Reads the lots that were taken from.
/// 4. Sums.
pub(crate) async fn read(person: &Person, query: InsightsQuery) -> Result<Insights, Failure> {
    let (scope, now) = (person.scope(), person.io().now());
    let zone = members::read(&person.read(members::one(scope)).await?, 0)?.time_zone;
    let (from, to, start, end) = {
        let mut clock = Clock::new(&zone);
        let (from, to) = days(query.from, query.to, clock.day(now))?;
        (from, to, clock.midnight(from), clock.midnight(Per::Day.next(to)))
    };
    let batch = Batch::from(taken::between(scope, start, end))
        .and(store::bought(scope, start, end))
        .and(store::held(scope));
    let rows = person.read(batch).await?;
    let (taken, bought, held) = (taken::read(&rows, 0)?, rows.all::<Bought>(1)?, rows.one::<Held>(2)?);
    let lots = lots_of(&taken);
    let lots: Vec<Priced> =
        if lots.is_empty() { Vec::new() } else { person.read(store::priced(scope, &lots)).await?.all(0)? };
    let mut clock = Clock::new(&zone);
    let total = rules::total(&taken);
    // Of days that are still to come nothing can have been taken.
    let over_days = (to.min(clock.day(now)) - from).num_days() + 1;
    Ok(Insights {
        time_zone: clock.zone().to_owned(),
        from,
        to,
        total,
        series: rules::series(&taken, &mut clock, from, to, query.by.unwrap_or(Per::Day)),
        by_hour: rules::by_hour(&taken, &mut clock),
        by_method: rules::by_method(&taken),
        by_strain: rules::by_strain(&taken),
        moods: feelings::moods(&taken),
        moods_by_strain: feelings::by_strain(&taken),
        effects: feelings::felt(&taken),
        spend: money::spend(&taken, &lots, &bought),
        trend: trend::trend(&taken, &mut clock, from, to),
        supply: trend::supply(held.balance_mg, total.quantity_mg, total.unknown_items, over_days.max(1)),
    })
}
