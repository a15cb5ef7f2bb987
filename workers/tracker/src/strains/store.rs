//! SQL of strains. A person sees public strains and their own.

use super::rules::NewStrain;
use crate::as_array;
use serde::{Deserialize, Serialize};
use sesh_edge::io::Statement;
use sesh_edge::sql;
use sesh_edge::token::Scope;
use sesh_types::contract::catalogue::StrainType;
use sesh_types::ids::StrainId;
use sesh_types::time::Timestamp;

/// The columns of a strain, lists as JSON texts.
macro_rules! columns {
    () => {
        "id, name, slug, type, description, thc_percent, cbd_percent, effects, negative_effects, ailments, flavors,
         terpenes, breeder, parents, owner_id IS NULL AS public"
    };
}

/// A strain as JSON, in the shape of [`Strain`].
macro_rules! strain_json {
    () => {
        "json_object('id', id, 'name', name, 'slug', slug, 'type', type, 'description', description,
           'thc_percent', thc_percent, 'cbd_percent', cbd_percent, 'effects', json(effects),
           'negative_effects', json(negative_effects), 'ailments', json(ailments), 'flavors', json(flavors),
           'terpenes', json(terpenes), 'breeder', breeder, 'parents', json(parents),
           'visibility', iif(public, 'public', 'private'))"
    };
}

/// A candidate of a search.
macro_rules! candidate {
    () => {
        concat!("SELECT s.name_key, ", columns!())
    };
}

/// Which strains a person sees: `?1` and `?2` are tenant and person.
macro_rules! visible {
    () => {
        "(owner_id IS NULL OR (tenant_id = ?1 AND owner_id = ?2))"
    };
}

/// The filters of a list: `?3` type, `?4` effect, `?5` flavour, `?6` and `?7` bounds of THC; NULL is any.
macro_rules! filters {
    () => {
        "(?3 IS NULL OR type = ?3)
         AND (?4 IS NULL OR number IN (SELECT number FROM strain_tags WHERE kind = 'effect' AND tag = ?4))
         AND (?5 IS NULL OR number IN (SELECT number FROM strain_tags WHERE kind = 'flavor' AND tag = ?5))
         AND (?6 IS NULL OR thc_percent >= ?6) AND (?7 IS NULL OR thc_percent <= ?7)"
    };
}

/// One page of a sorted list: `?8` rows from `?9` on.
macro_rules! page {
    ($order:literal) => {
        as_array!(
            "SELECT ",
            strain_json!(),
            " AS body FROM (SELECT * FROM (SELECT ",
            columns!(),
            ", name_key FROM strains WHERE owner_id IS NULL AND ",
            filters!(),
            " UNION ALL SELECT ",
            columns!(),
            ", name_key FROM strains
             WHERE tenant_id = ?1 AND owner_id = ?2 AND owner_id IS NOT NULL AND ",
            filters!(),
            ") ORDER BY ",
            $order,
            " LIMIT ?8 OFFSET ?9)"
        )
    };
}

/// Which strains.
#[derive(Clone, Debug, Default)]
pub(super) struct Filter {
    pub(super) kind: Option<StrainType>,
    pub(super) effect: Option<String>,
    pub(super) flavor: Option<String>,
    pub(super) min_thc: Option<i64>,
    pub(super) max_thc: Option<i64>,
}

impl Filter {
    fn kind(&self) -> Option<&'static str> {
        self.kind.map(StrainType::as_str)
    }

    /// A text that is the same for the same filter.
    pub(super) fn name(&self) -> String {
        format!("{:?}", (self.kind(), &self.effect, &self.flavor, self.min_thc, self.max_thc))
    }
}

/// How a list is sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub enum Sort {
    /// By name; what fits `q` best comes first when there is a `q`.
    #[serde(rename = "name")]
    Name,
    /// By name, last first.
    #[serde(rename = "-name")]
    NameDown,
    /// Least THC first; unknown comes last.
    #[serde(rename = "thc")]
    Thc,
    /// Most THC first; unknown comes last.
    #[serde(rename = "-thc")]
    ThcDown,
}

/// Who sees a strain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Everyone.
    Public,
    /// Its owner alone.
    Private,
}

/// A strain; `null` is unknown.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Strain {
    /// Its id.
    pub id: StrainId,
    /// Its name.
    pub name: String,
    /// For addresses.
    pub slug: String,
    /// Indica, sativa or hybrid.
    #[serde(rename = "type")]
    pub kind: Option<StrainType>,
    /// In plain text.
    pub description: Option<String>,
    /// Hundredths of a per cent.
    pub thc_percent: Option<i64>,
    /// Hundredths of a per cent.
    pub cbd_percent: Option<i64>,
    /// What people felt and liked.
    pub effects: Option<Vec<String>>,
    /// What people felt and did not like.
    pub negative_effects: Option<Vec<String>>,
    /// What people used it for.
    pub ailments: Option<Vec<String>>,
    /// What it tastes of.
    pub flavors: Option<Vec<String>>,
    /// Which terpenes it is known for.
    pub terpenes: Option<Vec<String>>,
    /// Who bred it.
    pub breeder: Option<String>,
    /// The names of its parents.
    pub parents: Option<Vec<String>>,
    /// Who sees it.
    pub visibility: Visibility,
}

impl Strain {
    /// A private strain as its owner describes it.
    pub(super) fn private(id: StrainId, strain: &NewStrain) -> Self {
        Self {
            id,
            name: strain.name.trim().to_owned(),
            slug: super::rules::slug(&strain.name),
            kind: strain.kind,
            description: strain.description.clone(),
            thc_percent: strain.thc_percent,
            cbd_percent: strain.cbd_percent,
            effects: strain.effects.clone(),
            negative_effects: None,
            ailments: strain.ailments.clone(),
            flavors: strain.flavors.clone(),
            terpenes: strain.terpenes.clone(),
            breeder: strain.breeder.clone(),
            parents: strain.parents.clone(),
            visibility: Visibility::Private,
        }
    }
}

/// One strain that the person sees.
pub(crate) fn one(scope: Scope, id: StrainId) -> Statement {
    sql!(
        concat!(
            "SELECT ",
            strain_json!(),
            " AS body FROM (SELECT ",
            columns!(),
            " FROM strains WHERE id = ?3 AND ",
            visible!(),
            ")"
        ),
        scope.tenant,
        scope.person,
        id
    )
}

macro_rules! page_statement {
    ($order:literal, $scope:ident, $filter:ident, $limit:ident, $offset:ident) => {
        sql!(
            page!($order),
            $scope.tenant,
            $scope.person,
            $filter.kind(),
            $filter.effect.as_deref(),
            $filter.flavor.as_deref(),
            $filter.min_thc,
            $filter.max_thc,
            $limit,
            $offset
        )
    };
}

/// One page of what the person sees and the filter lets through.
pub(super) fn page(scope: Scope, filter: &Filter, sort: Sort, limit: u32, offset: u32) -> Statement {
    match sort {
        Sort::Name => page_statement!("name_key", scope, filter, limit, offset),
        Sort::NameDown => page_statement!("name_key DESC", scope, filter, limit, offset),
        Sort::Thc => {
            page_statement!("thc_percent IS NULL, thc_percent, name_key", scope, filter, limit, offset)
        }
        Sort::ThcDown => {
            page_statement!("thc_percent IS NULL, thc_percent DESC, name_key", scope, filter, limit, offset)
        }
    }
}

/// The version of the catalogue.
pub(super) fn version() -> Statement {
    sql!("SELECT version FROM catalogue WHERE only_row = 1")
}

/// How many private strains of the person the filter lets through.
pub(super) fn count_own(scope: Scope, filter: &Filter) -> Statement {
    sql!(
        concat!(
            "SELECT COUNT(*) AS total FROM strains
             WHERE tenant_id = ?1 AND owner_id = ?2 AND owner_id IS NOT NULL AND ",
            filters!()
        ),
        scope.tenant,
        scope.person,
        filter.kind(),
        filter.effect.as_deref(),
        filter.flavor.as_deref(),
        filter.min_thc,
        filter.max_thc
    )
}

/// How many public strains the filter lets through.
pub(super) fn count_public(filter: &Filter) -> Statement {
    sql!(
        concat!(
            "SELECT COUNT(*) AS total FROM strains WHERE owner_id IS NULL AND ?1 IS NULL AND ?2 IS NULL AND ",
            filters!()
        ),
        None::<i64>,
        None::<i64>,
        filter.kind(),
        filter.effect.as_deref(),
        filter.flavor.as_deref(),
        filter.min_thc,
        filter.max_thc
    )
}

/// What a search ranks: the person's own strains, names that begin so, and the nearest of those that share a trigram;
/// a strain may come twice. Each is `[name_key, thc_percent, strain]`.
pub(super) fn candidates(scope: Scope, filter: &Filter, query: &str, trigrams: String) -> Statement {
    sql!(
        as_array!(
            "SELECT '[' || json_quote(name_key) || ',' || COALESCE(thc_percent, 'null') || ',' || ",
            strain_json!(),
            " || ']' AS body FROM (SELECT * FROM (",
            candidate!(),
            " FROM strains s WHERE s.tenant_id = ?1 AND s.owner_id = ?2 AND s.owner_id IS NOT NULL AND ",
            filters!(),
            " ORDER BY s.name_key LIMIT 500) UNION ALL SELECT * FROM (",
            candidate!(),
            " FROM strains s WHERE s.owner_id IS NULL AND s.name_key >= ?8 AND s.name_key < ?9 AND ",
            filters!(),
            " ORDER BY s.name_key LIMIT 45) UNION ALL SELECT * FROM (",
            candidate!(),
            " FROM strain_names JOIN strains s ON s.number = strain_names.rowid
              WHERE strain_names MATCH ?10 AND s.owner_id IS NULL AND ",
            filters!(),
            " ORDER BY strain_names.rank LIMIT 38))"
        ),
        scope.tenant,
        scope.person,
        filter.kind(),
        filter.effect.as_deref(),
        filter.flavor.as_deref(),
        filter.min_thc,
        filter.max_thc,
        query,
        format!("{query}\u{10FFFF}"),
        trigrams
    )
}

fn json(list: Option<&Vec<String>>) -> Option<String> {
    list.map(|list| serde_json::to_string(list).unwrap_or_default())
}

/// A private strain of the person.
pub(super) fn add_private(scope: Scope, id: StrainId, strain: &NewStrain, now: Timestamp) -> Statement {
    sql!(
        "INSERT INTO strains (id, tenant_id, owner_id, name, name_key, slug, type, description, thc_percent,
           cbd_percent, effects, ailments, flavors, terpenes, breeder, parents, source, source_id, content_hash,
           recorded_at)
         VALUES (?3, ?1, ?2, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, 'person', ?3, '', ?17)",
        scope.tenant,
        scope.person,
        id,
        strain.name.trim(),
        super::rules::name_key(&strain.name),
        super::rules::slug(&strain.name),
        strain.kind.map(StrainType::as_str),
        strain.description.as_deref(),
        strain.thc_percent,
        strain.cbd_percent,
        json(strain.effects.as_ref()),
        json(strain.ailments.as_ref()),
        json(strain.flavors.as_ref()),
        json(strain.terpenes.as_ref()),
        strain.breeder.as_deref(),
        json(strain.parents.as_ref()),
        now
    )
}
