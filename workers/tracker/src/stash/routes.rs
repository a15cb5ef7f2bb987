//! HTTP of the stash.

use super::rules::{Movement, NewEntry, NewLot};
use super::store::{self, Entry, Lot, Text, Total};
use crate::live;
use crate::user::User;
use serde::Deserialize;
use sesh_edge::http::{Answer, Body, Failure, Key, Listing, Nothing, PageQuery, Paging, Query, Refusal};
use sesh_edge::idempotency::{IdempotencyKey, Outcome};
use sesh_edge::io::{Batch, DbError, Rows};
use sesh_edge::token::{Person, Scope};
use sesh_types::contract::live::Kind;
use sesh_types::envelope::{Details, ErrorCode, StockDetails};
use sesh_types::ids::LotId;
use sesh_types::time::Timestamp;

/// Which lots, and as of when.
#[derive(Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StashQuery {
    /// Balances as recorded at this time; now unless told.
    as_of: Option<Timestamp>,
    /// The page, from 1.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 1, max = 100_000)))]
    page: Option<u32>,
    /// Rows a page, 1 to 100; 20 unless told.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 1, max = 100)))]
    limit: Option<u32>,
}

/// What a batch was refused for, in words for the stash.
pub(crate) fn explain(error: DbError) -> Failure {
    match &error {
        DbError::Refused(word) if word == "strain_not_found" => Failure::not_found("strain"),
        DbError::Refused(word) if word == "lot_not_found" => Failure::not_found("lot"),
        _ => error.into(),
    }
}

pub(crate) async fn add(
    person: User,
    _: Query<Nothing>,
    key: IdempotencyKey,
    body: Body<NewLot>,
) -> Result<Answer<Lot, 201>, Failure> {
    let (scope, io) = (person.scope(), person.io());
    let now = io.now();
    body.value.check(now)?;
    let id: LotId = io.new_id();
    let once = person.once(&key, &body.bytes);
    let batch = once.wrap_selected(store::buy(scope, id, &body.value, now), store::one(scope, id), now);
    let result = person.write(batch.and(live::last(scope))).await;
    match once.settle(io, result, explain).await? {
        Outcome::Fresh(rows) => {
            live::tell(&person, &rows, Kind::StashChanged, id.to_string());
            Ok(Answer::data(&rows.one::<Text>(3)?.body))
        }
        Outcome::Replayed(data) => Ok(Answer::data(&data)),
    }
}

pub(crate) async fn list(person: User, Query(query): Query<StashQuery>) -> Result<Listing<Lot>, Failure> {
    let paging = Paging::of(query.page, query.limit)?;
    let scope = person.scope();
    let page = match query.as_of {
        Some(as_of) => store::page_as_of(scope, as_of, paging.limit, paging.offset()),
        None => store::page(scope, paging.limit, paging.offset()),
    };
    let rows = person.read(Batch::from(page).and(store::count(scope, query.as_of))).await?;
    let total = rows.one::<Total>(1)?.total;
    Ok(Listing::written(rows.json(0)?, paging.meta(total)))
}

pub(crate) async fn one(
    person: User,
    _: Query<Nothing>,
    Key(id): Key<LotId>,
) -> Result<Answer<Lot>, Failure> {
    let rows = person.read(store::one(person.scope(), id)).await?;
    let lot = rows.first::<Text>(0)?.ok_or_else(|| Failure::not_found("lot"))?;
    Ok(Answer::data(&lot.body))
}

pub(crate) async fn entries(
    person: User,
    Key(id): Key<LotId>,
    Query(query): Query<PageQuery>,
) -> Result<Listing<Entry>, Failure> {
    let paging = query.paging()?;
    let scope = person.scope();
    let page = store::entries(scope, id, paging.limit, paging.offset());
    let rows = person.read(Batch::from(page).and(store::count_entries(scope, id))).await?;
    let total = rows.first::<Total>(1)?.ok_or_else(|| Failure::not_found("lot"))?.total;
    Ok(Listing::written(rows.json(0)?, paging.meta(total)))
}

/// Gives away, throws away, corrects or counts. A count sets the balance and records the drift.
pub(crate) async fn enter(
    person: User,
    _: Query<Nothing>,
    Key(id): Key<LotId>,
    key: IdempotencyKey,
    body: Body<NewEntry>,
) -> Result<Answer<Entry, 201>, Failure> {
    let movement = body.value.check()?;
    let (scope, io) = (person.scope(), person.io());
    let now = io.now();
    let once = person.once(&key, &body.bytes);
    let note = body.value.note.as_deref();
    let batch =
        once.wrap_selected(store::enter(scope, id, movement, note, now), store::last_entry(scope, id), now);
    let asked = match movement {
        Movement::By(_, delta) => vec![(id, -delta)],
        Movement::To(_) => Vec::new(),
    };
    let result = take(&person, batch.and(live::last(scope)), &asked).await?;
    match once.settle(io, result, explain).await? {
        Outcome::Fresh(rows) => {
            live::tell(&person, &rows, Kind::StashChanged, id.to_string());
            Ok(Answer::data(&rows.one::<Text>(2)?.body))
        }
        Outcome::Replayed(data) => Ok(Answer::data(&data)),
    }
}

/// How often a batch is tried again when somebody put back what was missing before it could be looked at.
const TRIES: u32 = 5;

/// Runs a batch that takes from lots.
///
/// # Errors
/// 409 when a lot holds less than was asked of it; other refusals are left to the caller.
pub(crate) async fn take(
    person: &Person,
    batch: Batch,
    asked: &[(LotId, i64)],
) -> Result<Result<Rows, DbError>, Failure> {
    for _ in 0..TRIES {
        match person.write(batch.clone()).await {
            Err(error) if error.is_refusal("insufficient_stock") => {
                if let Some(short) = short_of(person, person.scope(), asked).await? {
                    return Err(short);
                }
            }
            result => return Ok(result),
        }
    }
    Err(Failure::unavailable("the stock changes faster than it can be looked at"))
}

/// Says which of the lots holds less than was asked of it, at the moment after the refusal.
async fn short_of(person: &Person, scope: Scope, asked: &[(LotId, i64)]) -> Result<Option<Failure>, Failure> {
    let ids: Vec<LotId> = asked.iter().map(|(id, _)| *id).collect();
    let rows = person.read(store::holdings(scope, &ids)).await?;
    let held: Vec<store::Holding> = rows.all(0)?;
    let short = asked.iter().find_map(|(lot_id, requested_mg)| {
        let available_mg = held.iter().find(|holding| holding.id == *lot_id)?.balance_mg;
        let details = StockDetails { lot_id: *lot_id, available_mg, requested_mg: *requested_mg };
        (available_mg < *requested_mg).then_some(details)
    });
    Ok(short.map(|details| {
        let StockDetails { available_mg, requested_mg, .. } = details;
        let message = format!("That lot holds {available_mg} mg, and {requested_mg} mg were asked of it.");
        Refusal::new(ErrorCode::InsufficientStock, message).with(Details::Stock(details)).into()
    }))
}
