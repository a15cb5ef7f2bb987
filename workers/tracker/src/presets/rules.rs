//! What a preset may look like.

use crate::sessions::rules::Method;
use crate::stash::rules::Form;
use serde::Deserialize;
use sesh_types::amounts::Unit;
use sesh_types::ids::{LotId, StrainId};
use sesh_types::rules::{Issue, Issues};
use sesh_types::units::{MAX_ENTRY_MG, MIN_ENTRY_MG};

/// The most presets that a person has.
pub(super) const MOST_PRESETS: i64 = 100;

/// A way of logging in one tap.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewPreset {
    /// What to call it, 1 to 80 characters: `1 puff of my pen`.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(min = 1, max = 80)))]
    pub name: String,
    /// How it is taken.
    pub method: Method,
    /// From which lot.
    #[serde(default)]
    pub lot_id: Option<LotId>,
    /// From lots of this strain, when there is no `lot_id` or it is empty.
    #[serde(default)]
    pub strain_id: Option<StrainId>,
    /// From lots of this form, when there is no `lot_id` or it is empty.
    #[serde(default)]
    pub form: Option<Form>,
    /// Milligrams, 1 to 10,000,000; `null` when it is not known.
    #[serde(default)]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 1, max = 10_000_000)))]
    pub quantity_mg: Option<i64>,
    /// What one of it is.
    #[serde(default)]
    pub unit: Option<Unit>,
}

impl NewPreset {
    /// Checks every field.
    ///
    /// # Errors
    /// All that is wrong.
    pub(super) fn check(&self) -> Result<(), Vec<Issue>> {
        let mut issues = Issues::default();
        issues.text(&self.name, "name", 1, 80);
        if let Some(quantity) = self.quantity_mg {
            issues.within(quantity, "quantity_mg", MIN_ENTRY_MG, MAX_ENTRY_MG);
        }
        issues.done()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(json: &str) -> Vec<String> {
        let preset: NewPreset = serde_json::from_str(json).unwrap();
        preset.check().err().unwrap_or_default().into_iter().map(|issue| issue.field).collect()
    }

    #[test]
    fn a_preset_has_a_name_and_maybe_an_amount() {
        assert!(wrong(r#"{"name":"1 puff","method":"vape","unit":"puff","quantity_mg":3}"#).is_empty());
        assert!(wrong(r#"{"name":"some of it","method":"eat"}"#).is_empty());
        assert_eq!(wrong(r#"{"name":" ","method":"vape","quantity_mg":0}"#), ["name", "quantity_mg"]);
    }
}
