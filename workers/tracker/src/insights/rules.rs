//! Sums of what was taken.

use crate::calendar::{Clock, Per};
use crate::taken::{Item, Taken};
use chrono::NaiveDate;
use serde::Serialize;
use sesh_edge::order::Order;
use sesh_types::ids::StrainId;
use std::collections::BTreeMap;

/// The longest time that is looked at, in days.
pub(super) const MOST_DAYS: i64 = 400;

/// What was taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Amounts {
    /// Sessions. One that took of two strains counts for each of them, and once in a total.
    pub sessions: u64,
    /// Things that were taken in them.
    pub items: u64,
    /// Milligrams, as far as they are known.
    pub quantity_mg: i64,
    /// Items whose amount is not known.
    pub unknown_items: u64,
    /// Micrograms of THC, as far as they are known.
    pub thc_ug: i64,
    /// Items of which the THC is not known.
    pub thc_unknown_items: u64,
}

impl Amounts {
    /// Both together.
    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            sessions: self.sessions + other.sessions,
            items: self.items + other.items,
            quantity_mg: self.quantity_mg + other.quantity_mg,
            unknown_items: self.unknown_items + other.unknown_items,
            thc_ug: self.thc_ug + other.thc_ug,
            thc_unknown_items: self.thc_unknown_items + other.thc_unknown_items,
        }
    }

    fn add(&mut self, item: &Item) {
        self.items += 1;
        match item.quantity_mg {
            Some(quantity) => self.quantity_mg += quantity,
            None => self.unknown_items += 1,
        }
        match item.thc_ug {
            Some(thc) => self.thc_ug += thc,
            None => self.thc_unknown_items += 1,
        }
    }

    fn add_session(&mut self, session: &Taken) {
        self.sessions += 1;
        for item in &session.items {
            self.add(item);
        }
    }
}

/// One day, week or month, cut at the ends of the time that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Step {
    /// Its first day.
    pub from: NaiveDate,
    /// Its last day.
    pub to: NaiveDate,
    /// What was taken; zeros when nothing was.
    #[serde(flatten)]
    pub amounts: Amounts,
}

/// An hour of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Hour {
    /// 0 to 23, as the person's clocks show it.
    pub hour: usize,
    /// What was taken.
    #[serde(flatten)]
    pub amounts: Amounts,
}

/// A method.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct OfMethod {
    /// How it was taken.
    pub method: String,
    /// What was taken.
    #[serde(flatten)]
    pub amounts: Amounts,
}

/// A strain, a named lot, or what was logged without either.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct OfStrain {
    /// The strain, if the lot named one.
    pub strain_id: Option<StrainId>,
    /// The name; `null` for sessions of which nothing was said.
    pub name: Option<String>,
    /// What was taken.
    #[serde(flatten)]
    pub amounts: Amounts,
}

/// All of it.
pub(crate) fn total(taken: &[Taken]) -> Amounts {
    taken.iter().fold(Amounts::default(), |mut all, session| {
        all.add_session(session);
        all
    })
}

/// By day, week or month from `from` to `to`, none left out.
pub(crate) fn series(
    taken: &[Taken],
    clock: &mut Clock<'_>,
    from: NaiveDate,
    to: NaiveDate,
    by: Per,
) -> Vec<Step> {
    let mut steps: BTreeMap<NaiveDate, Step> = BTreeMap::new();
    let mut first = by.first(from);
    while first <= to {
        let next = by.next(first);
        let last = next.pred_opt().unwrap_or(first).min(to);
        steps.insert(first, Step { from: first.max(from), to: last, amounts: Amounts::default() });
        first = next;
    }
    for session in taken {
        if let Some(step) = steps.get_mut(&by.first(clock.day(session.occurred_at))) {
            step.amounts.add_session(session);
        }
    }
    steps.into_values().collect()
}

/// By hour of the day, all 24.
pub(crate) fn by_hour(taken: &[Taken], clock: &mut Clock<'_>) -> Vec<Hour> {
    let mut hours: Vec<Hour> = (0..24).map(|hour| Hour { hour, amounts: Amounts::default() }).collect();
    for session in taken {
        if let Some(hour) = hours.get_mut(clock.hour(session.occurred_at)) {
            hour.amounts.add_session(session);
        }
    }
    hours
}

/// By method, most sessions first.
pub(crate) fn by_method(taken: &[Taken]) -> Vec<OfMethod> {
    let mut methods: BTreeMap<&str, Amounts> = BTreeMap::new();
    for session in taken {
        methods.entry(&session.method).or_default().add_session(session);
    }
    let mut rows: Vec<OfMethod> = methods
        .into_iter()
        .map(|(method, amounts)| OfMethod { method: method.to_owned(), amounts })
        .collect();
    rows.order_by_key(|row| std::cmp::Reverse(row.amounts.sessions));
    rows
}

/// What stands for a strain: its id, or the name of lots that name none.
pub(super) type StrainKey<'t> = (Option<StrainId>, Option<&'t str>);

pub(crate) fn strain_key(item: &Item) -> StrainKey<'_> {
    // Lots of one strain are one, whatever each is called.
    (item.strain_id, if item.strain_id.is_some() { None } else { item.name.as_deref() })
}

/// By strain, most of it first; sessions without items have a row of their own, without a name.
pub(crate) fn by_strain(taken: &[Taken]) -> Vec<OfStrain> {
    let mut strains: BTreeMap<StrainKey<'_>, (Option<&str>, Amounts)> = BTreeMap::new();
    for session in taken {
        if session.items.is_empty() {
            strains.entry((None, None)).or_default().1.sessions += 1;
        }
        let mut seen: Vec<StrainKey<'_>> = Vec::new();
        for item in &session.items {
            let key = strain_key(item);
            let (name, amounts) = strains.entry(key).or_default();
            *name = item.name.as_deref();
            amounts.add(item);
            if !seen.contains(&key) {
                amounts.sessions += 1;
                seen.push(key);
            }
        }
    }
    let mut rows: Vec<OfStrain> = strains
        .into_iter()
        .map(|((strain_id, _), (name, amounts))| OfStrain {
            strain_id,
            name: name.map(str::to_owned),
            amounts,
        })
        .collect();
    rows.order_by_key(|row| std::cmp::Reverse((row.amounts.quantity_mg, row.amounts.sessions)));
    rows
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use sesh_types::time::{MINUTE_MS, Timestamp};

    pub(crate) fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    /// A session of items, each a lot's number and an amount.
    pub(crate) fn session(time: Timestamp, items: &[(u8, Option<i64>)]) -> Taken {
        let item = |(lot, quantity_mg): &(u8, Option<i64>)| Item {
            lot_id: Some(uuid::Uuid::from_u128(u128::from(*lot)).into()),
            strain_id: (lot % 2 == 0).then(|| uuid::Uuid::from_u128(u128::from(lot / 4)).into()),
            name: Some(format!("lot {lot}")),
            quantity_mg: *quantity_mg,
            thc_ug: quantity_mg.filter(|_| *lot < 3).map(|mg| mg * 150),
        };
        Taken {
            occurred_at: time,
            method: if time.0 % 3 == 0 { "smoke" } else { "vape" }.to_owned(),
            items: items.iter().map(item).collect(),
            mood_before: None,
            mood_after: None,
            effects: Vec::new(),
        }
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn gaps_are_zeros_and_days_are_the_persons() {
        let mut clock = Clock::new("America/New_York");
        let taken = [
            session(at("2026-03-08T04:59:00Z"), &[(1, Some(10))]),
            session(at("2026-03-09T03:59:00Z"), &[(1, None)]),
        ];
        let days = series(&taken, &mut clock, day("2026-03-07"), day("2026-03-10"), Per::Day);
        let sessions: Vec<u64> = days.iter().map(|step| step.amounts.sessions).collect();
        assert_eq!(sessions, [1, 1, 0, 0], "the 8th has 23 hours there");
        let weeks = series(&taken, &mut clock, day("2026-03-07"), day("2026-03-10"), Per::Week);
        let ends: Vec<(NaiveDate, NaiveDate)> = weeks.iter().map(|step| (step.from, step.to)).collect();
        assert_eq!(ends, [(day("2026-03-07"), day("2026-03-08")), (day("2026-03-09"), day("2026-03-10"))]);
    }

    #[test]
    fn lots_of_one_strain_are_one_row() {
        let taken =
            [session(Timestamp(0), &[(0, Some(1)), (2, Some(2)), (1, Some(4))]), session(Timestamp(1), &[])];
        let rows = by_strain(&taken);
        let found: Vec<(i64, u64, u64)> = rows
            .iter()
            .map(|row| (row.amounts.quantity_mg, row.amounts.sessions, row.amounts.items))
            .collect();
        assert_eq!(found, [(4, 1, 1), (3, 1, 2), (0, 1, 0)]);
        assert_eq!(rows[2].name, None);
    }

    proptest! {
        #[test]
        fn every_share_adds_up_to_the_total(
            sessions in vec((0_i64..40 * 24 * 60, vec((0_u8..6, proptest::option::of(1_i64..10_000)), 0..4)), 0..60)
        ) {
            let start = at("2026-03-01T00:00:00Z");
            let taken: Vec<Taken> =
                sessions.iter().map(|(minute, items)| session(start.plus_ms(minute * MINUTE_MS), items)).collect();
            let mut clock = Clock::new("Europe/Berlin");
            let all = total(&taken);
            let same = |rows: Vec<Amounts>, sessions_too: bool| {
                let sum = |of: fn(&Amounts) -> i64| rows.iter().map(of).sum::<i64>();
                let count = |of: fn(&Amounts) -> u64| rows.iter().map(of).sum::<u64>();
                assert_eq!(sum(|row| row.quantity_mg), all.quantity_mg);
                assert_eq!(sum(|row| row.thc_ug), all.thc_ug);
                assert_eq!(count(|row| row.items), all.items);
                assert_eq!(count(|row| row.unknown_items), all.unknown_items);
                assert_eq!(count(|row| row.thc_unknown_items), all.thc_unknown_items);
                assert!(!sessions_too || count(|row| row.sessions) == all.sessions);
            };
            for by in [Per::Day, Per::Week, Per::Month] {
                let steps = series(&taken, &mut clock, day("2026-03-01"), day("2026-04-15"), by);
                same(steps.iter().map(|step| step.amounts).collect(), true);
            }
            same(by_hour(&taken, &mut clock).iter().map(|row| row.amounts).collect(), true);
            same(by_method(&taken).iter().map(|row| row.amounts).collect(), true);
            same(by_strain(&taken).iter().map(|row| row.amounts).collect(), false);
        }
    }
}
