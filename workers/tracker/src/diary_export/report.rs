//! A report of some days that one may print and show to a doctor: what was logged, how sure it is, and nothing more. It
//! judges nothing and advises nothing.

use crate::calendar::{Clock, Per};
use crate::insights::feelings::{self, Felt, Moods, MoodsOfStrain};
use crate::insights::rules::{self, Amounts, OfMethod, OfStrain, Step};
use crate::taken::{self, Taken};
use crate::{insights, members};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use sesh_edge::http::Failure;
use sesh_edge::token::Person;
use sesh_types::time::Timestamp;
use std::collections::BTreeSet;

/// Of which days.
#[derive(Clone, Copy, Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReportQuery {
    /// From this day, `YYYY-MM-DD`; 29 days before `to` unless told.
    pub(crate) from: Option<NaiveDate>,
    /// To this day, which counts too; today unless told. At most 400 days.
    pub(crate) to: Option<NaiveDate>,
}

/// A part of the day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct PartOfDay {
    /// The first hour of it, as the person's clocks show it.
    pub from_hour: usize,
    /// The hour at which it ends.
    pub to_hour: usize,
    /// What was taken.
    #[serde(flatten)]
    pub amounts: Amounts,
}

/// A report.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Report {
    /// What it is, to stand at its head.
    pub about: &'static str,
    /// When it was made.
    pub made_at: Timestamp,
    /// In which zone a day begins.
    pub time_zone: String,
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
    /// Days of it.
    pub days: i64,
    /// Days with a session.
    pub days_with_sessions: i64,
    /// The longest row of days without one.
    pub longest_without: i64,
    /// All that was taken.
    pub total: Amounts,
    /// Milligrams on a day with a session, to the nearest, as far as amounts are known; `null` without such days.
    pub average_mg_of_day: Option<i64>,
    /// By week, from Monday.
    pub weeks: Vec<Step>,
    /// By method.
    pub by_method: Vec<OfMethod>,
    /// By strain or product.
    pub by_strain: Vec<OfStrain>,
    /// By part of the day: night, morning, afternoon, evening.
    pub by_part_of_day: Vec<PartOfDay>,
    /// Moods before and after.
    pub moods: Moods,
    /// The same by strain or product.
    pub moods_by_strain: Vec<MoodsOfStrain>,
    /// What was felt.
    pub effects: Vec<Felt>,
}

const ABOUT: &str = "What one person logged in these days, by their own account. Amounts and THC are as they wrote them or \
as labels say, and counted as unknown where they wrote none. It is no measurement, no diagnosis and no advice.";

fn parts_of_day(taken: &[Taken], clock: &mut Clock<'_>) -> Vec<PartOfDay> {
    let hours = rules::by_hour(taken, clock);
    hours
        .chunks(6)
        .enumerate()
        .map(|(part, hours)| PartOfDay {
            from_hour: part * 6,
            to_hour: part * 6 + 6,
            amounts: hours.iter().fold(Amounts::default(), |all, hour| all.plus(hour.amounts)),
        })
        .collect()
}

/// Days with a session, and the longest row of days without.
fn rhythm(taken: &[Taken], clock: &mut Clock<'_>, from: NaiveDate, to: NaiveDate) -> (i64, i64) {
    let on: BTreeSet<NaiveDate> = taken.iter().map(|session| clock.day(session.occurred_at)).collect();
    let mut longest = 0;
    let mut free_from = from;
    for day in &on {
        longest = longest.max((*day - free_from).num_days());
        free_from = Per::Day.next(*day);
    }
    longest = longest.max((to - free_from).num_days() + 1);
    (i64::try_from(on.len()).unwrap_or(i64::MAX), longest)
}

/// Reads the sessions of those days and sums them up.
pub(crate) async fn of(person: &Person, query: ReportQuery) -> Result<Report, Failure> {
    let (scope, now) = (person.scope(), person.io().now());
    let zone = members::read(&person.read(members::one(scope)).await?, 0)?.time_zone;
    let (from, to, start, end) = {
        let mut clock = Clock::new(&zone);
        let (from, to) = insights::routes::days(query.from, query.to, clock.day(now))?;
        (from, to, clock.midnight(from), clock.midnight(Per::Day.next(to)))
    };
    let rows = person.read(taken::between(scope, start, end)).await?;
    let taken = taken::read(&rows, 0)?;
    let mut clock = Clock::new(&zone);
    let total = rules::total(&taken);
    let (days_with_sessions, longest_without) = rhythm(&taken, &mut clock, from, to);
    let days = days_with_sessions;
    Ok(Report {
        about: ABOUT,
        made_at: now,
        time_zone: clock.zone().to_owned(),
        from,
        to,
        days: (to - from).num_days() + 1,
        days_with_sessions,
        longest_without,
        total,
        average_mg_of_day: (days > 0).then(|| (total.quantity_mg * 2 + days) / (days * 2)),
        weeks: rules::series(&taken, &mut clock, from, to, Per::Week),
        by_method: rules::by_method(&taken),
        by_strain: rules::by_strain(&taken),
        by_part_of_day: parts_of_day(&taken, &mut clock),
        moods: feelings::moods(&taken),
        moods_by_strain: feelings::by_strain(&taken),
        effects: feelings::felt(&taken),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::insights::rules::tests::{at, session};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn days_without_are_counted_at_both_ends() {
        let mut clock = Clock::new("UTC");
        let taken = [session(at("2026-03-05T12:00:00Z"), &[]), session(at("2026-03-07T12:00:00Z"), &[])];
        assert_eq!(rhythm(&taken, &mut clock, day("2026-03-01"), day("2026-03-10")), (2, 4));
        assert_eq!(rhythm(&taken, &mut clock, day("2026-03-05"), day("2026-03-10")), (2, 3));
        assert_eq!(rhythm(&[], &mut clock, day("2026-03-01"), day("2026-03-10")), (0, 10));
    }

    #[test]
    fn parts_of_the_day_add_up() {
        let mut clock = Clock::new("Europe/Berlin");
        let taken = [
            session(at("2026-03-05T22:30:00Z"), &[(1, Some(5))]),
            session(at("2026-03-05T23:30:00Z"), &[(1, Some(7))]),
        ];
        let parts: Vec<i64> =
            parts_of_day(&taken, &mut clock).iter().map(|part| part.amounts.quantity_mg).collect();
        assert_eq!(parts, [7, 0, 0, 5]);
    }
}
