//! What a strain may look like, and how names are compared.

use serde::{Deserialize, Serialize};
use sesh_edge::text::{nfkc, nfkd};
use sesh_types::contract::catalogue::{StrainRow, StrainType};
use sesh_types::rules::{Issue, Issues};

/// The longest name, in characters.
pub(crate) const MAX_NAME: usize = 120;
const MAX_TAGS: usize = 20;
const MAX_TAG: usize = 60;

/// A name as names are compared: NFKC, lower case, plain apostrophes, single blanks.
pub(crate) fn name_key(name: &str) -> String {
    let plain: String = nfkc(name)
        .chars()
        .map(|c| if matches!(c, '\u{2018}' | '\u{2019}' | '`') { '\'' } else { c })
        .collect();
    plain.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A private strain, as its owner describes it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewStrain {
    /// 1 to 120 characters; one's own names are unique.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(min = 1, max = 120)))]
    pub name: String,
    /// Indica, sativa or hybrid.
    #[serde(rename = "type", default)]
    pub kind: Option<StrainType>,
    /// At most 2,000 characters.
    #[serde(default)]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(max = 2_000)))]
    pub description: Option<String>,
    /// Hundredths of a per cent: 1850 is 18.5 %.
    #[serde(default)]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 0, max = 10_000)))]
    pub thc_percent: Option<i64>,
    /// Hundredths of a per cent.
    #[serde(default)]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 0, max = 10_000)))]
    pub cbd_percent: Option<i64>,
    /// At most 20 words.
    #[serde(default)]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(max = 20)))]
    pub effects: Option<Vec<String>>,
    /// At most 20 words.
    #[serde(default)]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(max = 20)))]
    pub ailments: Option<Vec<String>>,
    /// At most 20 words.
    #[serde(default)]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(max = 20)))]
    pub flavors: Option<Vec<String>>,
    /// At most 20 words.
    #[serde(default)]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(max = 20)))]
    pub terpenes: Option<Vec<String>>,
    /// Who bred it.
    #[serde(default)]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(max = 120)))]
    pub breeder: Option<String>,
    /// The names of its parents.
    #[serde(default)]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(max = 20)))]
    pub parents: Option<Vec<String>>,
}

fn percent(issues: &mut Issues, field: &str, value: Option<i64>) {
    if let Some(value) = value {
        issues.within(value, field, 0, 10_000);
    }
}

fn words(issues: &mut Issues, field: &str, list: Option<&Vec<String>>) {
    let Some(list) = list else { return };
    issues.require(
        list.len() <= MAX_TAGS,
        field,
        "too_many",
        format!("must have at most {MAX_TAGS} entries"),
    );
    for (place, word) in list.iter().enumerate() {
        issues.text(word, &format!("{field}[{place}]"), 1, MAX_TAG);
    }
}

impl NewStrain {
    /// Checks every field.
    ///
    /// # Errors
    /// All that is wrong.
    pub(crate) fn check(&self) -> Result<(), Vec<Issue>> {
        let mut issues = Issues::default();
        issues.text(&self.name, "name", 1, MAX_NAME);
        issues.require(!name_key(&self.name).is_empty(), "name", "too_short", "must hold something to read");
        percent(&mut issues, "thc_percent", self.thc_percent);
        percent(&mut issues, "cbd_percent", self.cbd_percent);
        for (field, text, most) in
            [("description", &self.description, 2_000), ("breeder", &self.breeder, 120)]
        {
            if let Some(text) = text {
                issues.text(text, field, 0, most);
            }
        }
        words(&mut issues, "effects", self.effects.as_ref());
        words(&mut issues, "ailments", self.ailments.as_ref());
        words(&mut issues, "flavors", self.flavors.as_ref());
        words(&mut issues, "terpenes", self.terpenes.as_ref());
        words(&mut issues, "parents", self.parents.as_ref());
        issues.done()
    }
}

/// Checks a row of an import; issues name it by its place.
pub(super) fn check_row(issues: &mut Issues, place: usize, row: &StrainRow) {
    let at = |field: &str| format!("rows[{place}].{field}");
    issues.text(&row.name, &at("name"), 1, MAX_NAME);
    issues.require(!name_key(&row.name).is_empty(), at("name"), "too_short", "must hold something to read");
    issues.text(&row.slug, &at("slug"), 1, 160);
    issues.text(&row.source_id, &at("source_id"), 1, 80);
    percent(issues, &at("thc_percent"), row.thc_percent);
    percent(issues, &at("cbd_percent"), row.cbd_percent);
    for (field, text, most) in [("description", &row.description, 10_000), ("breeder", &row.breeder, 200)] {
        if let Some(text) = text {
            issues.text(text, &at(field), 0, most);
        }
    }
    for (field, list) in [
        ("effects", &row.effects),
        ("negative_effects", &row.negative_effects),
        ("ailments", &row.ailments),
        ("flavors", &row.flavors),
        ("terpenes", &row.terpenes),
        ("parents", &row.parents),
    ] {
        if let Some(list) = list {
            issues.require(list.len() <= 64, at(field), "too_many", "must have at most 64 entries");
            for (item, word) in list.iter().enumerate() {
                issues.text(word, &format!("{}[{item}]", at(field)), 1, MAX_NAME);
            }
        }
    }
}

/// An address part made of a name: lower case ASCII words joined by `-`.
pub(crate) fn slug(name: &str) -> String {
    let plain: String = nfkd(name)
        .chars()
        .filter(|c| c.is_ascii() && *c != '\'')
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { ' ' })
        .collect();
    let joined = plain.split_whitespace().collect::<Vec<_>>().join("-");
    if joined.is_empty() { "strain".to_owned() } else { joined }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_without_their_dress() {
        assert_eq!(name_key("  Charlotte\u{2019}s   WEB "), "charlotte's web");
        assert_eq!(name_key("ＡＫ-47"), "ak-47");
    }

    #[test]
    fn slugs_are_ascii() {
        assert_eq!(slug("Charlotte's Web"), "charlottes-web");
        assert_eq!(slug("Crème Brûlée"), "creme-brulee");
        assert_eq!(slug("大麻"), "strain");
    }

    #[test]
    fn says_all_that_is_wrong_with_a_strain() {
        let strain: NewStrain =
            serde_json::from_str(r#"{"name":" ","thc_percent":10001,"effects":["", "ok"]}"#).unwrap();
        let fields: Vec<_> = strain.check().unwrap_err().into_iter().map(|issue| issue.field).collect();
        assert_eq!(fields, ["name", "name", "thc_percent", "effects[0]"]);
    }
}
