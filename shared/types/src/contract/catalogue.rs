//! Filling the strain catalogue: the operator's command line → admin → tracker.

use serde::{Deserialize, Serialize};

/// `POST` [`Import`] → 200 [`Imported`]; admin's public path, and tracker's internal one.
pub const ADMIN_IMPORT: &str = "/api/v1/strains/import";
/// See [`ADMIN_IMPORT`].
pub const IMPORT: &str = "/internal/v1/strains/import";
/// The most rows of one chunk.
pub const MAX_ROWS: usize = 200;

/// One chunk of a catalogue.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Import {
    /// Where the rows come from, such as `kushy`; 1 to 40 characters.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(min = 1, max = 40)))]
    pub source: String,
    /// At most 200 rows.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(max = 200)))]
    pub rows: Vec<StrainRow>,
}

/// One strain as its source has it; `null` is unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StrainRow {
    /// The row's id in its source.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(min = 1, max = 80)))]
    pub source_id: String,
    /// The name, 1 to 120 characters; rows with the same normalised name are the same strain.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(min = 1, max = 120)))]
    pub name: String,
    /// For addresses: lower case ASCII.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(min = 1, max = 160)))]
    pub slug: String,
    /// Indica, sativa or hybrid.
    #[serde(rename = "type")]
    pub kind: Option<StrainType>,
    /// In plain text.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(max = 10_000)))]
    pub description: Option<String>,
    /// Hundredths of a per cent.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 0, max = 10_000)))]
    pub thc_percent: Option<i64>,
    /// Hundredths of a per cent.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 0, max = 10_000)))]
    pub cbd_percent: Option<i64>,
    /// What people felt and liked.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(max = 64)))]
    pub effects: Option<Vec<String>>,
    /// What people felt and did not like.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(max = 64)))]
    pub negative_effects: Option<Vec<String>>,
    /// What people used it for.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(max = 64)))]
    pub ailments: Option<Vec<String>>,
    /// What it tastes of.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(max = 64)))]
    pub flavors: Option<Vec<String>>,
    /// Which terpenes it is known for.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(max = 64)))]
    pub terpenes: Option<Vec<String>>,
    /// Who bred it.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(max = 200)))]
    pub breeder: Option<String>,
    /// The names of its parents.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(max = 64)))]
    pub parents: Option<Vec<String>>,
}

/// Indica, sativa or hybrid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum StrainType {
    /// Indica.
    Indica,
    /// Sativa.
    Sativa,
    /// A cross of both.
    Hybrid,
}

impl StrainType {
    /// As the database and the query string spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Indica => "indica",
            Self::Sativa => "sativa",
            Self::Hybrid => "hybrid",
        }
    }
}

/// What a chunk changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Imported {
    /// Strains that were new.
    pub inserted: u64,
    /// Strains whose content changed.
    pub updated: u64,
    /// Strains that were as they are.
    pub unchanged: u64,
}
