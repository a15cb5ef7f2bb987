//! How a goal goes, period by period, in the person's own days. What is not known is counted apart: a goal is never called
//! met on amounts that nobody knows.

use super::rules::Measure;
use super::store::{Bought, Kept};
use crate::calendar::{Clock, Per};
use crate::stash::rules::FUTURE_MS;
use crate::taken::Taken;
use chrono::NaiveDate;
use serde::Serialize;
use sesh_types::time::Timestamp;
use std::collections::BTreeSet;

/// How one period went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It is not over, and both can still come.
    Running,
    /// As it was meant.
    Met,
    /// As it was meant, as far as amounts are known.
    MetAsFarAsKnown,
    /// Otherwise.
    NotMet,
}

/// One period of a goal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Period {
    /// Its first day.
    pub from: NaiveDate,
    /// Its last day.
    pub to: NaiveDate,
    /// What was counted, as far as it is known; milligrams of THC to the nearest.
    pub value: i64,
    /// Things whose amount, THC or price is not known.
    pub unknown: u64,
    /// How it went.
    pub state: State,
}

/// How a goal goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Progress {
    /// In which zone a day begins.
    pub time_zone: String,
    /// The period that runs; the last one of a goal that has ended.
    pub now: Period,
    /// The periods before it, the latest first: 14 days, 12 weeks or 6 months at most, and none before the goal was set.
    pub history: Vec<Period>,
    /// How many periods in a row it was met, up to the last that is over. As far as the history goes.
    pub streak: u64,
}

/// How many periods are looked back.
const fn looked_back(per: Per) -> u32 {
    match per {
        Per::Day => 14,
        Per::Week => 12,
        Per::Month => 6,
    }
}

fn end_of(goal: &Kept, now: Timestamp) -> Timestamp {
    goal.ended_at.unwrap_or(now)
}

/// The last moment that counts: the goal's end, or as far in the future as times may lie.
pub(super) fn last_moment(goal: &Kept, now: Timestamp) -> Timestamp {
    goal.ended_at.unwrap_or(now.plus_ms(FUTURE_MS))
}

/// The first day that is looked at for a goal.
pub(super) fn first_day(goal: &Kept, clock: &mut Clock<'_>, now: Timestamp) -> NaiveDate {
    let current = goal.per.first(clock.day(end_of(goal, now)));
    let begun = goal.per.first(clock.day(goal.started_at));
    goal.per.back(current, looked_back(goal.per)).max(begun)
}

/// What one period holds.
struct Counted {
    /// In the measure's unit, THC in micrograms.
    value: i64,
    unknown: u64,
    /// Days of the period that can still become days off.
    days_left: i64,
}

fn count(
    goal: &Kept,
    days: (NaiveDate, NaiveDate),
    taken: &[(NaiveDate, &Taken)],
    bought: &[(NaiveDate, &Bought)],
    today: NaiveDate,
) -> Counted {
    let (from, next) = days;
    let inside = |day: NaiveDate| day >= from && day < next;
    let taken = || taken.iter().filter(|(day, _)| inside(*day));
    let items = || taken().flat_map(|(_, session)| &session.items);
    let none = Counted { value: 0, unknown: 0, days_left: 0 };
    let length = |from: NaiveDate, until: NaiveDate| (until - from).num_days().max(0);
    match goal.measure {
        Measure::QuantityMg => Counted {
            value: items().filter_map(|item| item.quantity_mg).sum(),
            unknown: items().filter(|item| item.quantity_mg.is_none()).count() as u64,
            ..none
        },
        Measure::ThcMg => Counted {
            value: items().filter_map(|item| item.thc_ug).sum(),
            unknown: items().filter(|item| item.thc_ug.is_none()).count() as u64,
            ..none
        },
        Measure::Sessions => Counted { value: i64::try_from(taken().count()).unwrap_or(i64::MAX), ..none },
        Measure::DaysOff => {
            let on: BTreeSet<NaiveDate> = taken().map(|(day, _)| *day).collect();
            let before_today = on.iter().filter(|day| **day < today).count();
            let over = length(from, next.min(today));
            let left = length(today.max(from), next) - i64::from(on.contains(&today));
            Counted {
                value: over - i64::try_from(before_today).unwrap_or_default(),
                unknown: 0,
                days_left: left,
            }
        }
        Measure::SpendMinor => {
            let mine = |lot: &Bought| lot.currency.is_some() && lot.currency == goal.currency;
            let lots = || bought.iter().filter(|(day, _)| inside(*day)).map(|(_, lot)| *lot);
            Counted {
                value: lots().filter(|lot| mine(lot)).filter_map(|lot| lot.price_minor).sum(),
                unknown: lots().filter(|lot| !mine(lot)).count() as u64,
                ..none
            }
        }
    }
}

fn judge(goal: &Kept, counted: &Counted, is_over: bool) -> State {
    let target = if goal.measure == Measure::ThcMg { goal.target.saturating_mul(1_000) } else { goal.target };
    if goal.measure == Measure::DaysOff {
        return match counted.value {
            value if value >= target => State::Met,
            value if is_over || value + counted.days_left < target => State::NotMet,
            _ => State::Running,
        };
    }
    match (counted.value > target, is_over, counted.unknown) {
        (true, ..) => State::NotMet,
        (false, false, _) => State::Running,
        (false, true, 0) => State::Met,
        (false, true, _) => State::MetAsFarAsKnown,
    }
}

/// How a goal goes, by what was taken and bought since its [`first_day`].
pub(super) fn progress(
    goal: &Kept,
    clock: &mut Clock<'_>,
    now: Timestamp,
    taken: &[Taken],
    bought: &[Bought],
) -> Progress {
    let last = last_moment(goal, now);
    let first = first_day(goal, clock, now);
    let today = clock.day(end_of(goal, now));
    let taken: Vec<(NaiveDate, &Taken)> = taken
        .iter()
        .filter(|session| session.occurred_at <= last)
        .map(|session| (clock.day(session.occurred_at), session))
        .collect();
    let bought: Vec<(NaiveDate, &Bought)> = bought
        .iter()
        .filter(|lot| lot.acquired_at <= last)
        .map(|lot| (clock.day(lot.acquired_at), lot))
        .collect();
    let mut periods = Vec::new();
    let mut from = first;
    while from <= today {
        let next = goal.per.next(from);
        let counted = count(goal, (from, next), &taken, &bought, today);
        let value =
            if goal.measure == Measure::ThcMg { (counted.value + 500) / 1_000 } else { counted.value };
        let state = judge(goal, &counted, next <= today);
        let to = next.pred_opt().unwrap_or(from);
        periods.push(Period { from, to, value, unknown: counted.unknown, state });
        from = next;
    }
    periods.reverse();
    let mut history = periods.into_iter();
    let empty = Period { from: today, to: today, value: 0, unknown: 0, state: State::Running };
    let now = history.next().unwrap_or(empty);
    let history: Vec<Period> = history.collect();
    let met = |period: &&Period| matches!(period.state, State::Met | State::MetAsFarAsKnown);
    let streak = history.iter().take_while(met).count() as u64;
    Progress { time_zone: clock.zone().to_owned(), now, history, streak }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::taken::Item;
    use sesh_types::time::DAY_MS;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn goal(measure: Measure, per: Per, target: i64, started: &str) -> Kept {
        Kept {
            id: uuid::Uuid::from_u128(1).into(),
            measure,
            per,
            target,
            currency: (measure == Measure::SpendMinor).then(|| "USD".to_owned()),
            started_at: at(started),
            ended_at: None,
        }
    }

    fn took(time: &str, quantity_mg: Option<i64>) -> Taken {
        let item = Item { quantity_mg, thc_ug: quantity_mg.map(|mg| mg * 200), ..Item::default() };
        Taken {
            occurred_at: at(time),
            method: "vape".to_owned(),
            items: vec![item],
            mood_before: None,
            mood_after: None,
            effects: Vec::new(),
        }
    }

    fn states(goal: &Kept, zone: &str, now: &str, taken: &[Taken]) -> (Period, Vec<(i64, State)>, u64) {
        let found = progress(goal, &mut Clock::new(zone), at(now), taken, &[]);
        (found.now, found.history.iter().map(|period| (period.value, period.state)).collect(), found.streak)
    }

    #[test]
    fn a_week_is_met_when_it_is_over_and_not_met_at_once() {
        let goal = goal(Measure::QuantityMg, Per::Week, 1_000, "2026-11-03T12:00:00Z");
        let taken = [
            took("2026-11-04T12:00:00Z", Some(1_001)),
            took("2026-11-10T12:00:00Z", Some(600)),
            took("2026-11-11T12:00:00Z", Some(400)),
            took("2026-11-17T12:00:00Z", Some(10)),
            took("2026-11-17T13:00:00Z", None),
            took("2026-11-24T12:00:00Z", Some(1_001)),
        ];
        let (now, history, streak) = states(&goal, "UTC", "2026-11-24T13:00:00Z", &taken);
        assert_eq!((now.value, now.state), (1_001, State::NotMet));
        assert_eq!(history, [(10, State::MetAsFarAsKnown), (1_000, State::Met), (1_001, State::NotMet)]);
        assert_eq!(streak, 2);
    }

    #[test]
    fn days_are_the_persons_own_summer_time_included() {
        let goal = goal(Measure::Sessions, Per::Day, 1, "2026-10-24T12:00:00Z");
        // 25 October has 25 hours in Berlin: from 22:00 until 23:00 UTC of the next day.
        let taken = [
            took("2026-10-24T22:30:00Z", None),
            took("2026-10-25T22:30:00Z", None),
            took("2026-10-25T23:30:00Z", None),
        ];
        let (now, history, _) = states(&goal, "Europe/Berlin", "2026-10-26T12:00:00Z", &taken);
        assert_eq!((now.value, now.state), (1, State::Running));
        assert_eq!(history, [(2, State::NotMet), (0, State::Met)]);
    }

    #[test]
    fn a_day_off_is_one_when_it_is_over() {
        let goal = goal(Measure::DaysOff, Per::Week, 2, "2026-11-16T00:00:00Z");
        let on = |days: &[u32]| -> Vec<Taken> {
            days.iter().map(|day| took(&format!("2026-11-{day}T12:00:00Z"), None)).collect()
        };
        let at_noon = |day: u32, on: &[Taken]| {
            let (now, ..) = states(&goal, "UTC", &format!("2026-11-{day}T13:00:00Z"), on);
            (now.value, now.state)
        };
        assert_eq!(at_noon(16, &[]), (0, State::Running), "today is not over");
        assert_eq!(at_noon(18, &[]), (2, State::Met));
        assert_eq!(
            at_noon(20, &on(&[16, 17, 18, 19, 20])),
            (0, State::Running),
            "Saturday and Sunday are left"
        );
        assert_eq!(at_noon(21, &on(&[16, 17, 18, 19, 20, 21])), (0, State::NotMet));
    }

    #[test]
    fn thc_is_compared_to_the_microgram() {
        let goal = goal(Measure::ThcMg, Per::Day, 1, "2026-11-16T00:00:00Z");
        let (now, ..) =
            states(&goal, "UTC", "2026-11-16T13:00:00Z", &[took("2026-11-16T12:00:00Z", Some(5))]);
        assert_eq!((now.value, now.state), (1, State::Running));
        let taken = [took("2026-11-16T12:00:00Z", Some(5)), took("2026-11-16T12:00:00Z", Some(1))];
        let (now, ..) = states(&goal, "UTC", "2026-11-16T13:00:00Z", &taken);
        assert_eq!((now.value, now.state), (1, State::NotMet), "1.2 mg are more than 1");
    }

    #[test]
    fn a_budget_counts_its_own_currency() {
        let goal = goal(Measure::SpendMinor, Per::Month, 5_000, "2026-11-01T00:00:00Z");
        let lot = |currency: Option<&str>, price_minor| Bought {
            acquired_at: at("2026-11-02T00:00:00Z"),
            price_minor,
            currency: currency.map(str::to_owned),
        };
        let bought = [lot(Some("USD"), Some(4_000)), lot(Some("EUR"), Some(9_000)), lot(None, None)];
        let found = progress(&goal, &mut Clock::new("UTC"), at("2026-11-03T00:00:00Z"), &[], &bought);
        assert_eq!((found.now.value, found.now.unknown, found.now.state), (4_000, 2, State::Running));
    }

    #[test]
    fn the_history_has_an_end() {
        let goal = goal(Measure::Sessions, Per::Day, 1, "2026-01-01T00:00:00Z");
        let found = progress(&goal, &mut Clock::new("UTC"), at("2026-11-03T00:00:00Z"), &[], &[]);
        assert_eq!((found.history.len(), found.streak), (14, 14));
        let before = at("2026-11-03T00:00:00Z").plus_ms(-14 * DAY_MS);
        assert_eq!(found.history.last().unwrap().from, before.utc_day().unwrap());
    }
}
