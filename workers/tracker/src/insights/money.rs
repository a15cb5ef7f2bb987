//! What was used cost its part of its lot's price; what was bought, its price. Each currency stands for itself.

use super::store::{Bought, Priced};
use crate::taken::Taken;
use serde::Serialize;
use sesh_types::ids::LotId;
use std::collections::{BTreeMap, BTreeSet};

/// What was spent or used of one currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Used {
    /// ISO 4217 code.
    pub currency: String,
    /// What the things that were taken cost, to the nearest minor unit.
    pub minor: i64,
    /// Items with a price and an amount: what it rests on.
    pub items: u64,
    /// Sessions that took such items.
    pub sessions: u64,
    /// Minor units a session, to the nearest.
    pub per_session_minor: i64,
}

/// What was bought in one currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Purchases {
    /// ISO 4217 code; `null` for lots without a price.
    pub currency: Option<String>,
    /// Minor units.
    pub minor: i64,
    /// Lots.
    pub lots: u64,
}

/// What it cost.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Spend {
    /// What was taken, by currency.
    pub used: Vec<Used>,
    /// Items whose price or amount is not known.
    pub unpriced_items: u64,
    /// What was bought in the time, by currency.
    pub bought: Vec<Purchases>,
}

#[derive(Default)]
struct Cost {
    /// Millionths of a minor unit: what rounding may lose of a session is no cent of a year.
    millionths: i128,
    items: u64,
    sessions: u64,
}

fn nearest(over: i128, under: i128) -> i64 {
    i64::try_from((over * 2 + under) / (under * 2)).unwrap_or(i64::MAX)
}

const MILLION: i128 = 1_000_000;

/// What was taken and bought cost.
pub(crate) fn spend(taken: &[Taken], lots: &[Priced], bought: &[Bought]) -> Spend {
    let lots: BTreeMap<LotId, &Priced> = lots.iter().map(|lot| (lot.id, lot)).collect();
    let mut costs: BTreeMap<&str, Cost> = BTreeMap::new();
    let mut unpriced_items = 0;
    for session in taken {
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        for item in &session.items {
            let lot = item.lot_id.and_then(|id| lots.get(&id));
            let priced =
                lot.and_then(|lot| Some((lot.price_minor?, lot.currency.as_deref()?, lot.quantity_mg)));
            let (Some((price, currency, whole_mg)), Some(mg)) = (priced, item.quantity_mg) else {
                unpriced_items += 1;
                continue;
            };
            let cost = costs.entry(currency).or_default();
            cost.millionths += i128::from(price) * i128::from(mg) * MILLION / i128::from(whole_mg.max(1));
            cost.items += 1;
            if seen.insert(currency) {
                cost.sessions += 1;
            }
        }
    }
    let used = costs.into_iter().map(|(currency, cost)| Used {
        currency: currency.to_owned(),
        minor: nearest(cost.millionths, MILLION),
        items: cost.items,
        sessions: cost.sessions,
        per_session_minor: nearest(cost.millionths, MILLION * i128::from(cost.sessions.max(1))),
    });
    Spend { used: used.collect(), unpriced_items, bought: purchases(bought) }
}

fn purchases(bought: &[Bought]) -> Vec<Purchases> {
    let mut sums: BTreeMap<Option<&str>, (i64, u64)> = BTreeMap::new();
    for lot in bought {
        let currency = lot.price_minor.and(lot.currency.as_deref());
        let sum = sums.entry(currency).or_default();
        sum.0 += lot.price_minor.unwrap_or_default();
        sum.1 += 1;
    }
    sums.into_iter()
        .map(|(currency, (minor, lots))| Purchases { currency: currency.map(str::to_owned), minor, lots })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::rules::tests::session;
    use super::*;
    use sesh_types::time::Timestamp;

    #[test]
    fn each_session_costs_its_part_of_its_lots() {
        let lot = |number: u128, price_minor, currency: Option<&str>| Priced {
            id: uuid::Uuid::from_u128(number).into(),
            quantity_mg: 3_000,
            price_minor,
            currency: currency.map(str::to_owned),
        };
        let lots = [lot(1, Some(1_000), Some("USD")), lot(3, Some(900), Some("EUR")), lot(5, None, None)];
        let taken = [
            session(Timestamp(0), &[(1, Some(100)), (1, Some(100)), (3, Some(300))]),
            session(Timestamp(1), &[(1, Some(100)), (1, None), (5, Some(1)), (7, Some(1))]),
        ];
        let found = spend(&taken, &lots, &[]);
        let rows: Vec<(&str, i64, u64, u64, i64)> = found
            .used
            .iter()
            .map(|row| (row.currency.as_str(), row.minor, row.items, row.sessions, row.per_session_minor))
            .collect();
        assert_eq!(rows, [("EUR", 90, 1, 1, 90), ("USD", 100, 3, 2, 50)]);
        assert_eq!(found.unpriced_items, 3);
    }

    #[test]
    fn purchases_without_a_price_are_counted_apart() {
        let lot = |price_minor, currency: Option<&str>| Bought {
            price_minor,
            currency: currency.map(str::to_owned),
        };
        let found = purchases(&[lot(Some(5), Some("USD")), lot(Some(7), Some("USD")), lot(None, None)]);
        assert_eq!(found[0], Purchases { currency: None, minor: 0, lots: 1 });
        assert_eq!(found[1], Purchases { currency: Some("USD".to_owned()), minor: 12, lots: 2 });
    }
}
