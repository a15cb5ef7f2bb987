//! How the amount of a session changes from week to week, and how long the stash lasts.

use crate::calendar::{Clock, Per};
use crate::taken::Taken;
use chrono::NaiveDate;
use serde::Serialize;
use std::collections::BTreeMap;

/// Said beside every trend.
pub(super) const CAVEAT: &str = "Averages of what was logged, as far as amounts are known. What it was, how it was taken, \
and who shared it change them too. They are no measure of tolerance, and no advice.";

/// The least weeks and sessions from which a change is told.
const LEAST_WEEKS: usize = 4;
const LEAST_SESSIONS: u64 = 8;

/// A week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Week {
    /// Its Monday.
    pub from: NaiveDate,
    /// Sessions of which every amount is known: what the average rests on.
    pub sessions: u64,
    /// Sessions that are left out, as they took something of unknown amount, or nothing.
    pub left_out: u64,
    /// Milligrams a session, to the nearest; `null` without such sessions.
    pub average_mg: Option<i64>,
}

/// How the amount of a session changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Trend {
    /// Every week of the time.
    pub weeks: Vec<Week>,
    /// Sessions that it rests on.
    pub sessions: u64,
    /// The average of the later half of the weeks less that of the earlier, in milligrams a session; `null` with fewer than
    /// 4 weeks or 8 sessions in either half that say something.
    pub change_mg: Option<i64>,
    /// What it does not say.
    pub caveat: &'static str,
}

/// How long the stash lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Supply {
    /// What the stash holds now, in milligrams.
    pub balance_mg: i64,
    /// What was taken in the time, in milligrams, as far as it is known.
    pub taken_mg: i64,
    /// Items whose amount is not known: with them it lasts less.
    pub unknown_items: u64,
    /// Over how many days.
    pub over_days: i64,
    /// Whole days that it lasts at that pace; `null` when nothing known was taken.
    pub days: Option<i64>,
}

#[derive(Clone, Copy, Default)]
struct Sum {
    sessions: u64,
    left_out: u64,
    mg: i64,
}

impl Sum {
    fn average(self) -> Option<i64> {
        let sessions = i64::try_from(self.sessions).ok().filter(|count| *count > 0)?;
        Some((self.mg * 2 + sessions) / (sessions * 2))
    }
}

fn known(session: &Taken) -> Option<i64> {
    let sum: Option<i64> = session.items.iter().map(|item| item.quantity_mg).sum();
    sum.filter(|_| !session.items.is_empty())
}

/// The weeks from one day to another.
pub(super) fn trend(taken: &[Taken], clock: &mut Clock<'_>, from: NaiveDate, to: NaiveDate) -> Trend {
    let mut weeks: BTreeMap<NaiveDate, Sum> = BTreeMap::new();
    let mut first = Per::Week.first(from);
    while first <= to {
        weeks.insert(first, Sum::default());
        first = Per::Week.next(first);
    }
    for session in taken {
        let Some(week) = weeks.get_mut(&Per::Week.first(clock.day(session.occurred_at))) else { continue };
        match known(session) {
            Some(mg) => {
                week.sessions += 1;
                week.mg += mg;
            }
            None => week.left_out += 1,
        }
    }
    let sums: Vec<Sum> = weeks.values().copied().collect();
    let half = |part: &[Sum]| {
        let all = part.iter().fold(Sum::default(), |all, week| Sum {
            sessions: all.sessions + week.sessions,
            left_out: 0,
            mg: all.mg + week.mg,
        });
        all.average().filter(|_| all.sessions >= LEAST_SESSIONS)
    };
    let (earlier, later) = sums.split_at(sums.len() / 2);
    let change = half(later).zip(half(earlier)).map(|(later, earlier)| later - earlier);
    Trend {
        sessions: sums.iter().map(|week| week.sessions).sum(),
        change_mg: change.filter(|_| sums.len() >= LEAST_WEEKS),
        weeks: weeks
            .into_iter()
            .map(|(from, sum)| Week {
                from,
                sessions: sum.sessions,
                left_out: sum.left_out,
                average_mg: sum.average(),
            })
            .collect(),
        caveat: CAVEAT,
    }
}

/// How long `balance_mg` lasts at a pace.
pub(crate) fn supply(balance_mg: i64, taken_mg: i64, unknown_items: u64, over_days: i64) -> Supply {
    let days = (taken_mg > 0).then(|| balance_mg.saturating_mul(over_days) / taken_mg);
    Supply { balance_mg, taken_mg, unknown_items, over_days, days }
}

#[cfg(test)]
mod tests {
    use super::super::rules::tests::{at, session};
    use super::*;
    use sesh_types::time::DAY_MS;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_change_is_told_when_enough_is_known() {
        let mut clock = Clock::new("UTC");
        let monday = at("2026-03-02T12:00:00Z");
        let of = |count: i64| -> Vec<Taken> {
            (0..count)
                .map(|n| {
                    session(
                        monday.plus_ms(n * 28 * DAY_MS / count),
                        &[(1, Some(if n * 2 < count { 100 } else { 150 }))],
                    )
                })
                .collect()
        };
        let found = trend(&of(16), &mut clock, day("2026-03-02"), day("2026-03-29"));
        assert_eq!((found.weeks.len(), found.sessions, found.change_mg), (4, 16, Some(50)));
        assert_eq!(found.weeks[0].average_mg, Some(100));
        assert_eq!(trend(&of(14), &mut clock, day("2026-03-02"), day("2026-03-29")).change_mg, None);
        assert_eq!(
            trend(&of(16), &mut clock, day("2026-03-02"), day("2026-03-20")).change_mg,
            None,
            "three weeks"
        );
        let unclear = [session(monday, &[(1, Some(5)), (2, None)]), session(monday, &[])];
        let found = trend(&unclear, &mut clock, day("2026-03-02"), day("2026-03-02"));
        assert_eq!((found.weeks[0].left_out, found.weeks[0].average_mg), (2, None));
        assert!(found.caveat.contains("no advice"));
    }

    #[test]
    fn supply_needs_a_pace() {
        assert_eq!(supply(1_000, 500, 0, 30).days, Some(60));
        assert_eq!(supply(1_000, 0, 3, 30).days, None);
    }
}
