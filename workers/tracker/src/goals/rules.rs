//! What a goal may look like.

use crate::calendar::Per;
use serde::{Deserialize, Serialize};
use sesh_types::rules::{Issue, Issues};
use sesh_types::units::{MAX_ENTRY_MG, MAX_PRICE_MINOR, Money};

/// The most goals that run at once.
pub(super) const MOST_GOALS: i64 = 20;

/// What a goal counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Milligrams taken: at most the target.
    QuantityMg,
    /// Milligrams of THC taken: at most the target.
    ThcMg,
    /// Sessions: at most the target.
    Sessions,
    /// Days without a session: at least the target.
    DaysOff,
    /// Minor units of a currency spent on lots: at most the target.
    SpendMinor,
}

impl Measure {
    /// As the database spells it.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::QuantityMg => "quantity_mg",
            Self::ThcMg => "thc_mg",
            Self::Sessions => "sessions",
            Self::DaysOff => "days_off",
            Self::SpendMinor => "spend_minor",
        }
    }
}

/// A goal to set.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewGoal {
    /// What it counts.
    pub measure: Measure,
    /// In which time.
    pub per: Per,
    /// At most this; for `days_off` at least this.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 0, max = 1_000_000_000)))]
    pub target: i64,
    /// ISO 4217 code; for `spend_minor` alone.
    #[serde(default)]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(regex(pattern = "^[A-Z]{3}$")))]
    pub currency: Option<String>,
}

impl NewGoal {
    /// Checks every field.
    ///
    /// # Errors
    /// All that is wrong.
    pub(super) fn check(&self) -> Result<(), Vec<Issue>> {
        let mut issues = Issues::default();
        let (least, most) = match (self.measure, self.per) {
            (Measure::QuantityMg | Measure::ThcMg, _) => (0, MAX_ENTRY_MG),
            (Measure::Sessions, _) => (0, 1_000),
            (Measure::DaysOff, Per::Week) => (1, 7),
            (Measure::DaysOff, _) => (1, 28),
            (Measure::SpendMinor, _) => (0, MAX_PRICE_MINOR),
        };
        issues.within(self.target, "target", least, most);
        let whole_days = self.measure != Measure::DaysOff || self.per != Per::Day;
        issues.require(whole_days, "per", "not_allowed", "must be week or month where days are counted");
        let spends = self.measure == Measure::SpendMinor;
        match &self.currency {
            Some(_) if !spends => issues.add("currency", "not_allowed", "does not belong to this measure"),
            None if spends => issues.add("currency", "required", "is required for this measure"),
            Some(currency) => {
                let known = Money { minor: 0, currency: currency.clone() }.currency_is_well_formed();
                issues.require(known, "currency", "malformed", "must be an ISO 4217 code, such as USD");
            }
            None => {}
        }
        issues.done()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(json: &str) -> Vec<String> {
        let goal: NewGoal = serde_json::from_str(json).unwrap();
        goal.check().err().unwrap_or_default().into_iter().map(|issue| issue.field).collect()
    }

    #[test]
    fn a_goal_can_be_reached() {
        assert!(wrong(r#"{"measure":"quantity_mg","per":"week","target":3500}"#).is_empty());
        assert!(wrong(r#"{"measure":"sessions","per":"day","target":0}"#).is_empty());
        assert!(
            wrong(r#"{"measure":"spend_minor","per":"month","target":8000,"currency":"USD"}"#).is_empty()
        );
        assert_eq!(wrong(r#"{"measure":"days_off","per":"week","target":8}"#), ["target"]);
        assert_eq!(wrong(r#"{"measure":"days_off","per":"day","target":1}"#), ["per"]);
        assert_eq!(wrong(r#"{"measure":"spend_minor","per":"month","target":-1}"#), ["target", "currency"]);
        assert_eq!(wrong(r#"{"measure":"sessions","per":"day","target":1,"currency":"USD"}"#), ["currency"]);
    }
}
