//! HTTP of strains.

use super::rules::{MAX_NAME, NewStrain, name_key};
use super::store::{self, Filter, Sort, Strain};
use super::{CatalogueSize, search};
use crate::stash::Text;
use crate::user::User;
use axum::extract::State;
use serde::Deserialize;
use serde_json::value::RawValue;
use sesh_edge::http::{Answer, Body, Failure, Key, Listing, Nothing, Paging, Query, Refusal};
use sesh_edge::idempotency::{IdempotencyKey, Outcome};
use sesh_edge::io::{Batch, DbError};
use sesh_edge::order::Order;
use sesh_edge::token::Person;
use sesh_types::contract::catalogue::StrainType;
use sesh_types::envelope::ErrorCode;
use sesh_types::ids::StrainId;
use sesh_types::rules::Issues;
use std::borrow::Cow;
use std::cmp::Reverse;
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

impl StrainQuery {
    /// A page of what is called so, or of everything.
    pub(crate) fn named(q: Option<String>, page: u32) -> Self {
        let (effect, flavor) = (None, None);
        Self {
            q,
            kind: None,
            effect,
            flavor,
            min_thc: None,
            max_thc: None,
            sort: None,
            page: Some(page),
            limit: None,
        }
    }

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
    person: User,
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
    Ok(Listing::written(rows.json(2)?, paging.meta(public + own)))
}

/// Counts the public strains that the filter lets through, and remembers the count for this version.
async fn count(person: &Person, size: &CatalogueSize, filter: &Filter, name: String) -> Result<u64, Failure> {
    let counted = person.read(Batch::from(store::version()).and(store::count_public(filter))).await?;
    let total = counted.one::<Total>(1)?.total;
    size.put(name, counted.one::<Version>(0)?.version, total);
    Ok(total)
}

/// A candidate of a search: its name as names are compared, its THC, and the strain as JSON.
#[derive(Clone, Deserialize)]
struct Candidate<'a>(#[serde(borrow)] Cow<'a, str>, Option<i64>, #[serde(borrow)] &'a RawValue);

/// 1. Collects candidates: the person's own strains, names that begin so, names that share trigrams.
/// 2. Ranks them by fit, and sorts them if another order was asked for.
/// 3. Answers the page's part of them as the database wrote it.
async fn find(
    person: &Person,
    q: &str,
    filter: &Filter,
    sort: Option<Sort>,
    paging: Paging,
) -> Result<Listing<Strain>, Failure> {
    let rows = person.read(store::candidates(person.scope(), filter, q, search::trigrams(q))).await?;
    let candidates: Vec<Candidate<'_>> = sesh_edge::json::read(rows.json(0)?).map_err(Failure::internal)?;
    let mut found = search::rank(q, candidates, |Candidate(name, ..)| name);
    found.dedup_by(|Candidate(.., one), Candidate(.., other)| one.get() == other.get());
    match sort {
        None => {}
        Some(Sort::Name) => found.order_by(|a, b| a.0.cmp(&b.0)),
        Some(Sort::NameDown) => found.order_by(|a, b| b.0.cmp(&a.0)),
        Some(Sort::Thc) => found.order_by_key(|Candidate(_, thc, _)| (thc.is_none(), *thc)),
        Some(Sort::ThcDown) => found.order_by_key(|Candidate(_, thc, _)| (thc.is_none(), Reverse(*thc))),
    }
    let skip = usize::try_from(paging.offset()).unwrap_or(usize::MAX);
    let page: Vec<&str> = found
        .iter()
        .skip(skip)
        .take(paging.limit as usize)
        .map(|Candidate(.., strain)| strain.get())
        .collect();
    Ok(Listing::texts(&page, paging.meta(found.len() as u64)))
}

pub(crate) async fn one(
    person: User,
    _: Query<Nothing>,
    Key(id): Key<StrainId>,
) -> Result<Answer<Strain>, Failure> {
    let rows = person.read(store::one(person.scope(), id)).await?;
    let strain = rows.first::<Text>(0)?.ok_or_else(|| Failure::not_found("strain"))?;
    Ok(Answer::data(&strain.body))
}

/// A private strain of one's own, which nobody else sees.
pub(crate) async fn add(
    person: User,
    _: Query<Nothing>,
    key: IdempotencyKey,
    body: Body<NewStrain>,
) -> Result<Answer<Strain, 201>, Failure> {
    body.value.check()?;
    let (scope, io) = (person.scope(), person.io());
    let id: StrainId = io.new_id();
    let strain = Strain::private(id, &body.value);
    let data = serde_json::to_string(&strain).map_err(Failure::internal)?;
    let once = person.once(&key, &body.bytes);
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
