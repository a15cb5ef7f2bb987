//! What a lot and a ledger entry may look like.

use serde::{Deserialize, Serialize};
use sesh_types::amounts::Unit;
use sesh_types::ids::StrainId;
use sesh_types::rules::{Issue, Issues};
use sesh_types::time::{MINUTE_MS, Timestamp};
use sesh_types::units::{MAX_ENTRY_MG, MAX_PRICE_MINOR, MIN_ENTRY_MG, Money};

/// How far in the future a time may lie: clocks of phones are not exact.
pub(crate) const FUTURE_MS: i64 = 5 * MINUTE_MS;

/// The most pieces that a lot is bought as.
const MAX_UNITS: i64 = 100_000;

/// What a lot is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// Flower.
    Flower,
    /// Pre-rolls.
    PreRoll,
    /// Wax, shatter, rosin and the like.
    Concentrate,
    /// A vape cartridge.
    Vape,
    /// Something to eat.
    Edible,
    /// A tincture.
    Tincture,
    /// For the skin.
    Topical,
    /// Capsules.
    Capsule,
    /// Something else.
    Other,
}

impl Form {
    /// As the database spells it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Flower => "flower",
            Self::PreRoll => "pre_roll",
            Self::Concentrate => "concentrate",
            Self::Vape => "vape",
            Self::Edible => "edible",
            Self::Tincture => "tincture",
            Self::Topical => "topical",
            Self::Capsule => "capsule",
            Self::Other => "other",
        }
    }
}

/// A purchase.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewLot {
    /// Which strain; a lot needs this or a name.
    #[serde(default)]
    pub strain_id: Option<StrainId>,
    /// What to call it, 1 to 120 characters; the strain's name unless told.
    #[serde(default)]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(min = 1, max = 120)))]
    pub name: Option<String>,
    /// What it is.
    pub form: Form,
    /// Milligrams, 1 to 10,000,000.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 1, max = 10_000_000)))]
    pub quantity_mg: i64,
    /// What it cost.
    #[serde(default)]
    pub price: Option<Money>,
    /// Milligrams of THC in all of it, as its label says; at most its mass. `null` when it is not known.
    #[serde(default)]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 0, max = 10_000_000)))]
    pub thc_mg: Option<i64>,
    /// How many pieces it was bought as, 1 to 100,000.
    #[serde(default)]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 1, max = 100_000)))]
    pub units: Option<i64>,
    /// What one piece is.
    #[serde(default)]
    pub unit: Option<Unit>,
    /// When it was bought; now unless told.
    #[serde(default)]
    pub acquired_at: Option<Timestamp>,
}

/// Checks a time that a person claims.
pub(crate) fn claimed_time(issues: &mut Issues, field: &str, time: Timestamp, now: Timestamp) {
    let future = now.plus_ms(FUTURE_MS);
    issues.require(time <= future, field, "in_future", "must be at most 5 minutes in the future");
    issues.require(time.0 >= 0, field, "too_early", "must not be before 1970");
}

impl NewLot {
    /// Checks every field.
    ///
    /// # Errors
    /// All that is wrong.
    pub(crate) fn check(&self, now: Timestamp) -> Result<(), Vec<Issue>> {
        let mut issues = Issues::default();
        let named = self.strain_id.is_some() || self.name.is_some();
        issues.require(named, "name", "required", "is required when there is no strain_id");
        if let Some(name) = &self.name {
            issues.text(name, "name", 1, 120);
        }
        issues.within(self.quantity_mg, "quantity_mg", MIN_ENTRY_MG, MAX_ENTRY_MG);
        if let Some(price) = &self.price {
            issues.within(price.minor, "price.minor", 0, MAX_PRICE_MINOR);
            let known = price.currency_is_well_formed();
            issues.require(known, "price.currency", "malformed", "must be an ISO 4217 code, such as USD");
        }
        if let Some(thc) = self.thc_mg {
            issues.within(thc, "thc_mg", 0, self.quantity_mg.clamp(0, MAX_ENTRY_MG));
        }
        if let Some(units) = self.units {
            issues.within(units, "units", 1, MAX_UNITS);
        }
        if let Some(time) = self.acquired_at {
            claimed_time(&mut issues, "acquired_at", time, now);
        }
        issues.done()
    }
}

/// What kind of entry a person may make by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// Given away: `quantity_mg` leaves.
    Gift,
    /// Thrown away: `quantity_mg` leaves.
    Waste,
    /// Corrected: `quantity_mg`, negative or positive, is added.
    Adjust,
    /// Weighed: `counted_mg` is what is there, and the drift is recorded.
    Count,
}

/// An entry made by hand.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewEntry {
    /// What happened.
    pub kind: EntryKind,
    /// Milligrams, 1 to 10,000,000; for `adjust` also negative.
    #[serde(default)]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = -10_000_000, max = 10_000_000)))]
    pub quantity_mg: Option<i64>,
    /// Milligrams, 0 to 10,000,000; for `count` alone.
    #[serde(default)]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 0, max = 10_000_000)))]
    pub counted_mg: Option<i64>,
    /// Why, at most 500 characters.
    #[serde(default)]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(max = 500)))]
    pub note: Option<String>,
}

/// What an entry does to a lot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Movement {
    /// Adds this many milligrams (negative: takes them).
    By(&'static str, i64),
    /// Sets the balance to a count.
    To(i64),
}

impl NewEntry {
    /// Checks every field; says what the entry does.
    ///
    /// # Errors
    /// All that is wrong.
    pub(crate) fn check(&self) -> Result<Movement, Vec<Issue>> {
        let mut issues = Issues::default();
        if let Some(note) = &self.note {
            issues.text(note, "note", 0, 500);
        }
        let counting = self.kind == EntryKind::Count;
        let (needed, spare) =
            if counting { ("counted_mg", "quantity_mg") } else { ("quantity_mg", "counted_mg") };
        let (value, other) =
            if counting { (self.counted_mg, self.quantity_mg) } else { (self.quantity_mg, self.counted_mg) };
        issues.require(value.is_some(), needed, "required", "is required for this kind");
        issues.require(other.is_none(), spare, "not_allowed", "does not belong to this kind");
        let amount = value.unwrap_or(1);
        match self.kind {
            EntryKind::Count => issues.within(amount, needed, 0, MAX_ENTRY_MG),
            EntryKind::Adjust => {
                issues.within(amount, needed, -MAX_ENTRY_MG, MAX_ENTRY_MG);
                issues.require(amount != 0, needed, "out_of_range", "must not be zero");
            }
            EntryKind::Gift | EntryKind::Waste => issues.within(amount, needed, MIN_ENTRY_MG, MAX_ENTRY_MG),
        }
        issues.done()?;
        Ok(match self.kind {
            EntryKind::Gift => Movement::By("gift", -amount),
            EntryKind::Waste => Movement::By("waste", -amount),
            EntryKind::Adjust => Movement::By("adjust", amount),
            EntryKind::Count => Movement::To(amount),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lot(json: &str) -> Result<(), Vec<String>> {
        let lot: NewLot = serde_json::from_str(json).unwrap();
        lot.check(Timestamp(1_000_000)).map_err(|found| found.into_iter().map(|issue| issue.field).collect())
    }

    #[test]
    fn a_lot_is_named_and_weighed() {
        assert_eq!(lot(r#"{"name":"a","form":"flower","quantity_mg":3500}"#), Ok(()));
        for quantity in [0, -1, 10_000_001, i64::MIN, i64::MAX] {
            let json = format!(r#"{{"name":"a","form":"flower","quantity_mg":{quantity}}}"#);
            assert_eq!(lot(&json), Err(vec!["quantity_mg".to_owned()]));
        }
        let bad = r#"{"form":"flower","quantity_mg":1,"price":{"minor":-1,"currency":"usd"},"acquired_at":"2300-01-01T00:00:00Z"}"#;
        assert_eq!(lot(bad).unwrap_err(), ["name", "price.minor", "price.currency", "acquired_at"]);
    }

    fn entry(json: &str) -> Result<Movement, Vec<String>> {
        let entry: NewEntry = serde_json::from_str(json).unwrap();
        entry.check().map_err(|found| found.into_iter().map(|issue| issue.field).collect())
    }

    #[test]
    fn an_entry_moves_or_counts() {
        assert_eq!(entry(r#"{"kind":"gift","quantity_mg":5}"#), Ok(Movement::By("gift", -5)));
        assert_eq!(entry(r#"{"kind":"adjust","quantity_mg":-5}"#), Ok(Movement::By("adjust", -5)));
        assert_eq!(entry(r#"{"kind":"count","counted_mg":0}"#), Ok(Movement::To(0)));
        assert_eq!(entry(r#"{"kind":"count","quantity_mg":1}"#).unwrap_err(), ["counted_mg", "quantity_mg"]);
        assert_eq!(entry(r#"{"kind":"waste","quantity_mg":-5}"#).unwrap_err(), ["quantity_mg"]);
        assert_eq!(entry(r#"{"kind":"adjust","quantity_mg":0}"#).unwrap_err(), ["quantity_mg"]);
    }
}
