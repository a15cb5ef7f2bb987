//! What a session may look like.

use crate::stash::claimed_time;
use serde::{Deserialize, Deserializer, Serialize};
use sesh_types::ids::{LotId, SessionId};
use sesh_types::rules::{Issue, Issues};
use sesh_types::time::Timestamp;
use sesh_types::units::{MAX_ENTRY_MG, MIN_ENTRY_MG};
use std::collections::BTreeSet;

const MAX_ITEMS: usize = 20;
const MAX_EFFECTS: usize = 30;

/// How it was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Smoked.
    Smoke,
    /// Vaporised.
    Vape,
    /// Dabbed.
    Dab,
    /// Eaten.
    Eat,
    /// Drunk.
    Drink,
    /// Under the tongue.
    Sublingual,
    /// On the skin.
    Topical,
    /// Otherwise.
    Other,
}

impl Method {
    /// As the database spells it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Smoke => "smoke",
            Self::Vape => "vape",
            Self::Dab => "dab",
            Self::Eat => "eat",
            Self::Drink => "drink",
            Self::Sublingual => "sublingual",
            Self::Topical => "topical",
            Self::Other => "other",
        }
    }
}

/// What was taken from a lot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewItem {
    /// The lot.
    pub lot_id: LotId,
    /// Milligrams, 1 to 10,000,000; `null` when it is not known, and then nothing leaves the stash.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 1, max = 10_000_000)))]
    pub quantity_mg: Option<i64>,
}

/// A session to log.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewSession {
    /// Its id, when the client makes it: a UUID. However often, and after however long, it is sent again, it is one session.
    #[serde(default)]
    pub id: Option<SessionId>,
    /// When it was; now unless told.
    #[serde(default)]
    pub occurred_at: Option<Timestamp>,
    /// How it was taken.
    pub method: Method,
    /// What was taken, at most 20 lots, each once.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(max = 20)))]
    pub items: Vec<NewItem>,
    /// 1 to 5.
    #[serde(default)]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 1, max = 5)))]
    pub rating: Option<i64>,
    /// What was felt, at most 30 words.
    #[serde(default)]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(max = 30)))]
    pub effects: Option<Vec<String>>,
    /// 1 to 5.
    #[serde(default)]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 1, max = 5)))]
    pub mood_before: Option<i64>,
    /// 1 to 5.
    #[serde(default)]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 1, max = 5)))]
    pub mood_after: Option<i64>,
    /// At most 4,000 characters.
    #[serde(default)]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(max = 4_000)))]
    pub notes: Option<String>,
}

/// A field of an edit: left out, or given, `null` included.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Given<T> {
    /// Left out: it stays as it is.
    #[default]
    Not,
    /// Set to this.
    As(T),
}

impl<T> Given<T> {
    /// Whether it was given.
    pub(super) const fn is(&self) -> bool {
        matches!(self, Self::As(_))
    }
}

impl<T> Given<Option<T>> {
    /// The value, if one was given that is not `null`.
    pub(super) const fn value(&self) -> Option<&T> {
        match self {
            Self::As(Some(value)) => Some(value),
            _ => None,
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Given<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        T::deserialize(from).map(Self::As)
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl<T: schemars::JsonSchema> schemars::JsonSchema for Given<T> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        T::schema_name()
    }
    fn inline_schema() -> bool {
        T::inline_schema()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        T::json_schema(generator)
    }
}

/// An edit; what is left out stays. New `items` give back what the old ones took, and take anew.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct EditSession {
    /// When it was.
    pub occurred_at: Option<Timestamp>,
    /// How it was taken.
    pub method: Option<Method>,
    /// What was taken, at most 20 lots, each once.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(max = 20)))]
    pub items: Option<Vec<NewItem>>,
    /// 1 to 5, or `null` for none.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 1, max = 5)))]
    pub rating: Given<Option<i64>>,
    /// What was felt, at most 30 words.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(max = 30)))]
    pub effects: Option<Vec<String>>,
    /// 1 to 5, or `null` for none.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 1, max = 5)))]
    pub mood_before: Given<Option<i64>>,
    /// 1 to 5, or `null` for none.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 1, max = 5)))]
    pub mood_after: Given<Option<i64>>,
    /// At most 4,000 characters, or `null` for none.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(max = 4_000)))]
    pub notes: Given<Option<String>>,
}

fn scale(issues: &mut Issues, field: &str, value: Option<i64>) {
    if let Some(value) = value {
        issues.within(value, field, 1, 5);
    }
}

fn check_items(issues: &mut Issues, items: &[NewItem]) {
    issues.require(
        items.len() <= MAX_ITEMS,
        "items",
        "too_many",
        format!("must have at most {MAX_ITEMS} lots"),
    );
    let mut seen = BTreeSet::new();
    for (place, item) in items.iter().enumerate() {
        if let Some(quantity) = item.quantity_mg {
            issues.within(quantity, &format!("items[{place}].quantity_mg"), MIN_ENTRY_MG, MAX_ENTRY_MG);
        }
        let once = seen.insert(item.lot_id);
        issues.require(once, format!("items[{place}].lot_id"), "repeated", "must name each lot once");
    }
}

fn check_words(issues: &mut Issues, effects: Option<&Vec<String>>, notes: Option<&String>) {
    if let Some(effects) = effects {
        let few = effects.len() <= MAX_EFFECTS;
        issues.require(few, "effects", "too_many", format!("must have at most {MAX_EFFECTS} words"));
        for (place, effect) in effects.iter().enumerate() {
            issues.text(effect, &format!("effects[{place}]"), 1, 60);
        }
    }
    if let Some(notes) = notes {
        issues.text(notes, "notes", 0, 4_000);
    }
}

impl NewSession {
    /// Checks every field.
    ///
    /// # Errors
    /// All that is wrong.
    pub(super) fn check(&self, now: Timestamp) -> Result<(), Vec<Issue>> {
        let mut issues = Issues::default();
        if let Some(time) = self.occurred_at {
            claimed_time(&mut issues, "occurred_at", time, now);
        }
        check_items(&mut issues, &self.items);
        scale(&mut issues, "rating", self.rating);
        scale(&mut issues, "mood_before", self.mood_before);
        scale(&mut issues, "mood_after", self.mood_after);
        check_words(&mut issues, self.effects.as_ref(), self.notes.as_ref());
        issues.done()
    }
}

impl EditSession {
    /// Checks every field that was given.
    ///
    /// # Errors
    /// All that is wrong.
    pub(super) fn check(&self, now: Timestamp) -> Result<(), Vec<Issue>> {
        let mut issues = Issues::default();
        if let Some(time) = self.occurred_at {
            claimed_time(&mut issues, "occurred_at", time, now);
        }
        check_items(&mut issues, self.items.as_deref().unwrap_or_default());
        scale(&mut issues, "rating", self.rating.value().copied());
        scale(&mut issues, "mood_before", self.mood_before.value().copied());
        scale(&mut issues, "mood_after", self.mood_after.value().copied());
        check_words(&mut issues, self.effects.as_ref(), self.notes.value());
        issues.done()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_800_000_000_000);
    const LOT: &str = "0192b0a0-0000-7000-8000-000000000001";

    fn wrong(json: &str) -> Vec<String> {
        let session: NewSession = serde_json::from_str(json).unwrap();
        session.check(NOW).err().unwrap_or_default().into_iter().map(|issue| issue.field).collect()
    }

    #[test]
    fn an_unknown_amount_is_allowed_and_a_wrong_one_is_named() {
        let item = |quantity: &str| {
            format!(r#"{{"method":"vape","items":[{{"lot_id":"{LOT}","quantity_mg":{quantity}}}]}}"#)
        };
        assert!(wrong(&item("null")).is_empty());
        assert!(wrong(&item("400")).is_empty());
        for quantity in ["0", "-1", "10000001"] {
            assert_eq!(wrong(&item(quantity)), ["items[0].quantity_mg"]);
        }
    }

    #[test]
    fn a_lot_is_named_once_and_times_are_near() {
        let twice = format!(
            r#"{{"method":"eat","items":[{{"lot_id":"{LOT}","quantity_mg":1}},{{"lot_id":"{LOT}","quantity_mg":1}}],
                "occurred_at":"2100-01-01T00:00:00Z","rating":6,"mood_before":0}}"#
        );
        assert_eq!(wrong(&twice), ["occurred_at", "items[1].lot_id", "rating", "mood_before"]);
        assert_eq!(
            wrong(r#"{"method":"eat","items":[],"occurred_at":"1969-12-31T23:59:59Z"}"#),
            ["occurred_at"]
        );
    }

    #[test]
    fn an_edit_tells_null_from_nothing() {
        let edit: EditSession = serde_json::from_str(r#"{"rating":null}"#).unwrap();
        assert!(edit.rating.is() && !edit.notes.is() && edit.rating.value().is_none());
    }
}
