//! HTTP of strains.

use super::rules::{MAX_NAME, NewStrain, name_key};
use super::store::{self, Filter, Row, Sort, Strain};
use super::{CatalogueSize, search};
use axum::extract::State;
use serde::Deserialize;
use sesh_edge::http::{Answer, Body, Failure, Key, Listing, Nothing, Paging, Query, Refusal};
use sesh_edge::idempotency::{IdempotencyKey, Outcome};
use sesh_edge::io::{Batch, DbError, Rows};
use sesh_edge::token::Person;
use sesh_types::contract::catalogue::StrainType;
use sesh_types::envelope::ErrorCode;
use sesh_types::ids::StrainId;
use sesh_types::rules::Issues;
use std::collections::HashMap;
use std::sync::Arc;

/// Which strains, and how they are sorted.
#[derive(Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StrainQuery {
    /// Part of a name; a slip of the finger does not matter.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(max = 120)))]
    q: Option<String>,
    /// Indica, sativa or hybrid.
    #[serde(rename = "type")]
    kind: Option<StrainType>,
    /// An effect that people felt and liked.
    effect: Option<String>,
    /// A flavour.
    flavor: Option<String>,
    /// Hundredths of a per cent; strains of unknown THC are left out.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 0, max = 10_000)))]
    min_thc: Option<i64>,
    /// Hundredths of a per cent; strains of unknown THC are left out.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 0, max = 10_000)))]
    max_thc: Option<i64>,
    /// How to sort; by name unless told, or by how well `q` fits.
    sort: Option<Sort>,
    /// The page, from 1.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 1, max = 100_000)))]
    page: Option<u32>,
    /// Rows a page, 1 to 100; 20 unless told.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 1, max = 100)))]
    limit: Option<u32>,
}

#[derive(Deserialize)]
struct Version {
    version: i64,
}

#[derive(Deserialize)]
struct Total {
    total: u64,
}

#[derive(Deserialize)]
struct Named {
    id: StrainId,
    name_key: String,
}

impl StrainQuery {
    fn check(&self) -> Result<(Filter, Paging), Failure> {
        let paging = Paging::of(self.page, self.limit)?;
        let mut issues = Issues::default();
        if let Some(q) = &self.q {
            issues.text(q, "q", 0, MAX_NAME);
        }
        for (field, value) in [("min_thc", self.min_thc), ("max_thc", self.max_thc)] {
            if let Some(value) = value {
                issues.within(value, field, 0, 10_000);
            }
        }
        issues.done().map_err(|issues| Refusal::issues(ErrorCode::BadRequest, issues))?;
        let lower = |text: &Option<String>| text.as_ref().map(|text| text.trim().to_lowercase());
        let filter = Filter {
            kind: self.kind,
            effect: lower(&self.effect),
            flavor: lower(&self.flavor),
            min_thc: self.min_thc,
            max_thc: self.max_thc,
        };
        Ok((filter, paging))
    }
}

/// The catalogue and the person's own strains: searched when there is a `q`, listed otherwise.
pub(crate) async fn list(
    person: Person,
    State(size): State<Arc<CatalogueSize>>,
    Query(query): Query<StrainQuery>,
) -> Result<Listing<Strain>, Failure> {
    let (filter, paging) = query.check()?;
    match query.q.as_deref().map(name_key).filter(|q| !q.is_empty()) {
        Some(q) => find(&person, &q, &filter, query.sort, paging).await,
        None => browse(&person, &size, &filter, query.sort.unwrap_or(Sort::Name), paging).await,
    }
}

async fn browse(
    person: &Person,
    size: &CatalogueSize,
    filter: &Filter,
    sort: Sort,
    paging: Paging,
) -> Result<Listing<Strain>, Failure> {
    let scope = person.scope();
    let batch = Batch::from(store::version()).and(store::count_own(scope, filter)).and(store::page(
        scope,
        filter,
        sort,
        paging.limit,
        paging.offset(),
    ));
    let rows = person.read(batch).await?;
    let Version { version } = rows.one(0)?;
    let own = rows.one::<Total>(1)?.total;
    let name = filter.name();
    let public = match size.get(&name, version) {
        Some(total) => total,
        None => count(person, size, filter, name).await?,
    };
    Listing::of(&strains(&rows, 2)?, paging.meta(public + own))
}

/// Counts the public strains that the filter lets through, and remembers the count for this version.
async fn count(person: &Person, size: &CatalogueSize, filter: &Filter, name: String) -> Result<u64, Failure> {
    let counted = person.read(Batch::from(store::version()).and(store::count_public(filter))).await?;
    let total = counted.one::<Total>(1)?.total;
    size.put(name, counted.one::<Version>(0)?.version, total);
    Ok(total)
}

/// 1. Collects candidates: the person's own strains, names that begin so, names that share trigrams.
/// 2. Ranks them by fit.
/// 3. Reads the page's rows.
async fn find(
    person: &Person,
    q: &str,
    filter: &Filter,
    sort: Option<Sort>,
    paging: Paging,
) -> Result<Listing<Strain>, Failure> {
    let scope = person.scope();
    let mut batch = Batch::from(store::own(scope, filter)).and(store::beginning(q, filter));
    if let Some(expression) = search::trigrams(q) {
        batch = batch.and(store::similar(expression, filter));
    }
    let rows = person.read(batch).await?;
    let mut candidates: HashMap<StrainId, String> = HashMap::new();
    for place in 0..rows.len() {
        candidates.extend(rows.all::<Named>(place)?.into_iter().map(|row| (row.id, row.name_key)));
    }
    let ranked = search::rank(q, candidates.into_iter().map(|(id, name)| (name, id)).collect());
    let total = ranked.len() as u64;
    let skip = usize::try_from(paging.offset()).unwrap_or(usize::MAX);
    // By fit, only the page's own rows are read; another order has to see them all first.
    let wanted = if sort.is_none() {
        ranked.into_iter().skip(skip).take(paging.limit as usize).collect()
    } else {
        ranked
    };
    let found = person.read(store::some(scope, &wanted)).await?;
    let mut found: Vec<Strain> = in_order(&wanted, strains(&found, 0)?);
    match sort {
        None => return Listing::of(&found, paging.meta(total)),
        Some(Sort::Name) => found.sort_by_key(|strain| name_key(&strain.name)),
        Some(Sort::NameDown) => found.sort_by_key(|strain| std::cmp::Reverse(name_key(&strain.name))),
        Some(Sort::Thc) => found.sort_by_key(|strain| (strain.thc_percent.is_none(), strain.thc_percent)),
        Some(Sort::ThcDown) => {
            found.sort_by_key(|strain| (strain.thc_percent.is_none(), std::cmp::Reverse(strain.thc_percent)));
        }
    }
    let page: Vec<Strain> = found.into_iter().skip(skip).take(paging.limit as usize).collect();
    Listing::of(&page, paging.meta(total))
}

fn in_order(ids: &[StrainId], strains: Vec<Strain>) -> Vec<Strain> {
    let mut by_id: HashMap<StrainId, Strain> =
        strains.into_iter().map(|strain| (strain.id, strain)).collect();
    ids.iter().filter_map(|id| by_id.remove(id)).collect()
}

fn strains(rows: &Rows, place: usize) -> Result<Vec<Strain>, Failure> {
    Ok(rows.all::<Row>(place)?.into_iter().map(Strain::from).collect())
}

pub(crate) async fn one(
    person: Person,
    _: Query<Nothing>,
    Key(id): Key<StrainId>,
) -> Result<Answer<Strain>, Failure> {
    let rows = person.read(store::one(person.scope(), id)).await?;
    let strain = strains(&rows, 0)?.pop().ok_or_else(|| Failure::not_found("strain"))?;
    Answer::of(&strain)
}

/// A private strain of one's own, which nobody else sees.
pub(crate) async fn add(
    person: Person,
    _: Query<Nothing>,
    key: IdempotencyKey,
    body: Body<NewStrain>,
) -> Result<Answer<Strain, 201>, Failure> {
    body.value.check()?;
    let (scope, io) = (person.scope(), person.io());
    let id: StrainId = io.new_id();
    let strain = Strain::private(id, &body.value);
    let data = serde_json::to_string(&strain).map_err(Failure::internal)?;
    let once = key.bind(&scope.owner(), &body.bytes, None);
    let batch = once.wrap(store::add_private(scope, id, &body.value, io.now()).into(), &data, io.now());
    let result = person.write(batch).await;
    let explain = |error| match error {
        DbError::Unique(_) => {
            Refusal::new(ErrorCode::Conflict, "You have a strain of this name already.").into()
        }
        error => Failure::from(error),
    };
    match once.settle(io, result, explain).await? {
        Outcome::Fresh(_) => Ok(Answer::data(&data)),
        Outcome::Replayed(data) => Ok(Answer::data(&data)),
    }
}
