//! Sums for the dashboard. Amounts that are not known are counted, never guessed.

use super::store::{Held, Used};
use crate::zone::Periods;
use serde::Serialize;
use sesh_edge::order::Order;
use sesh_types::ids::StrainId;
use sesh_types::time::{DAY_MS, Timestamp};
use sesh_types::units::Money;
use std::collections::{BTreeMap, BTreeSet};

/// Over how many days the daily use is averaged for the days of supply.
pub(super) const AVERAGE_DAYS: i64 = 30;

/// What was used in a period.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Usage {
    /// Sessions.
    pub sessions: u64,
    /// Milligrams, as far as they are known.
    pub quantity_mg: i64,
    /// Items whose amount is not known.
    pub unknown_items: u64,
}

/// What was used this month in one way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct MethodUsage {
    /// How it was taken.
    pub method: String,
    /// How much.
    #[serde(flatten)]
    pub usage: Usage,
}

/// What was used this month of one strain or named lot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct StrainUsage {
    /// The strain, if the lot named one.
    pub strain_id: Option<StrainId>,
    /// The name of the lot.
    pub name: String,
    /// How much.
    #[serde(flatten)]
    pub usage: Usage,
}

/// What the stash holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct StashSummary {
    /// Lots that hold something.
    pub lots: u64,
    /// Milligrams.
    pub balance_mg: i64,
    /// What the rest cost, by currency; lots without a price are left out.
    pub value: Vec<Money>,
}

/// What was used since a time.
pub(super) fn usage<'a>(used: impl Iterator<Item = &'a Used>) -> Usage {
    let mut sessions = BTreeSet::new();
    let mut usage = Usage::default();
    for item in used {
        sessions.insert(item.session);
        match (&item.name, item.quantity_mg) {
            (_, Some(quantity)) => usage.quantity_mg += quantity,
            (Some(_), None) => usage.unknown_items += 1,
            (None, None) => {}
        }
    }
    usage.sessions = sessions.len() as u64;
    usage
}

fn since(used: &[Used], start: Timestamp) -> impl Iterator<Item = &Used> {
    used.iter().filter(move |item| item.occurred_at >= start)
}

/// Today, this week, this month.
pub(super) fn by_period(used: &[Used], periods: Periods) -> [Usage; 3] {
    [periods.today, periods.week, periods.month].map(|start| usage(since(used, start)))
}

/// This month by method, most sessions first.
pub(super) fn by_method(used: &[Used], periods: Periods) -> Vec<MethodUsage> {
    let mut groups: BTreeMap<&str, Vec<&Used>> = BTreeMap::new();
    for item in since(used, periods.month) {
        groups.entry(&item.method).or_default().push(item);
    }
    let mut rows: Vec<MethodUsage> = groups
        .into_iter()
        .map(|(method, items)| MethodUsage { method: method.to_owned(), usage: usage(items.into_iter()) })
        .collect();
    rows.order_by_key(|row| std::cmp::Reverse(row.usage.sessions));
    rows
}

/// This month by strain, most sessions first.
pub(super) fn by_strain(used: &[Used], periods: Periods) -> Vec<StrainUsage> {
    let mut groups: BTreeMap<(Option<StrainId>, &str), Vec<&Used>> = BTreeMap::new();
    for item in since(used, periods.month) {
        if let Some(name) = &item.name {
            // Lots of one strain are one row, whatever each is called.
            let name = if item.strain_id.is_some() { "" } else { name.as_str() };
            groups.entry((item.strain_id, name)).or_default().push(item);
        }
    }
    let mut rows: Vec<StrainUsage> = groups
        .into_iter()
        .map(|((strain_id, _), items)| StrainUsage {
            strain_id,
            name: items.last().and_then(|item| item.name.clone()).unwrap_or_default(),
            usage: usage(items.into_iter()),
        })
        .collect();
    rows.order_by_key(|row| std::cmp::Reverse(row.usage.sessions));
    rows
}

/// What the stash holds and what that part of it cost, each lot rounded down to a minor unit.
pub(super) fn stash(held: &[Held]) -> StashSummary {
    let mut value: BTreeMap<&str, i64> = BTreeMap::new();
    for lot in held {
        if let (Some(price), Some(currency)) = (lot.price_minor, &lot.currency) {
            let part = i128::from(price) * i128::from(lot.balance_mg.min(lot.quantity_mg))
                / i128::from(lot.quantity_mg.max(1));
            *value.entry(currency).or_default() += i64::try_from(part).unwrap_or(i64::MAX);
        }
    }
    StashSummary {
        lots: held.len() as u64,
        balance_mg: held.iter().map(|lot| lot.balance_mg).sum(),
        value: value
            .into_iter()
            .map(|(currency, minor)| Money { minor, currency: currency.to_owned() })
            .collect(),
    }
}

/// For how many whole days the stash lasts at the pace of the last 30 days; unknown without known use.
pub(super) fn days_of_supply(used: &[Used], balance_mg: i64, now: Timestamp) -> Option<i64> {
    let taken = usage(since(used, now.plus_ms(-AVERAGE_DAYS * DAY_MS))).quantity_mg;
    (taken > 0).then(|| balance_mg.saturating_mul(AVERAGE_DAYS) / taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(session: usize, at: i64, method: &str, name: Option<&str>, quantity_mg: Option<i64>) -> Used {
        Used {
            occurred_at: Timestamp(at),
            session,
            method: method.to_owned(),
            strain_id: None,
            name: name.map(str::to_owned),
            quantity_mg,
        }
    }

    fn sample() -> Vec<Used> {
        vec![
            used(0, 100, "smoke", Some("x"), Some(400)),
            used(0, 100, "smoke", Some("y"), None),
            used(1, 250, "vape", Some("x"), Some(100)),
            used(2, 320, "vape", None, None),
        ]
    }

    const PERIODS: Periods = Periods { today: Timestamp(300), week: Timestamp(200), month: Timestamp(100) };

    #[test]
    fn periods_nest_and_unknown_amounts_are_counted_apart() {
        let [today, week, month] = by_period(&sample(), PERIODS);
        assert_eq!(today, Usage { sessions: 1, quantity_mg: 0, unknown_items: 0 });
        assert_eq!(week, Usage { sessions: 2, quantity_mg: 100, unknown_items: 0 });
        assert_eq!(month, Usage { sessions: 3, quantity_mg: 500, unknown_items: 1 });
    }

    #[test]
    fn shares_add_up_to_the_month() {
        let used = sample();
        let [.., month] = by_period(&used, PERIODS);
        let methods = by_method(&used, PERIODS);
        assert_eq!(methods.iter().map(|row| row.usage.sessions).sum::<u64>(), month.sessions);
        let strains = by_strain(&used, PERIODS);
        assert_eq!(strains.iter().map(|row| row.usage.quantity_mg).sum::<i64>(), month.quantity_mg);
    }

    #[test]
    fn value_follows_what_is_left() {
        let lot = |balance_mg, price_minor| Held {
            quantity_mg: 3500,
            balance_mg,
            price_minor,
            currency: Some("USD".to_owned()),
        };
        let summary = stash(&[lot(1750, Some(4000)), lot(3500, None), lot(4000, Some(100))]);
        assert_eq!((summary.lots, summary.balance_mg), (3, 9250));
        assert_eq!(summary.value, [Money { minor: 2100, currency: "USD".to_owned() }]);
    }

    #[test]
    fn supply_needs_a_pace() {
        let now = Timestamp(400);
        assert_eq!(days_of_supply(&sample(), 1000, now), Some(60));
        assert_eq!(days_of_supply(&[], 1000, now), None);
    }
}
