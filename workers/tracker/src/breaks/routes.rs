//! HTTP of breaks.

use super::rules::{Break, EndBreak, NewBreak, standing};
use super::store::{self, Kept};
use crate::calendar::Clock;
use crate::members;
use crate::stash::Text;
use crate::user::User;
use serde::{Deserialize, Serialize};
use sesh_edge::http::{Answer, Body, Failure, Key, Listing, NoContent, Nothing, PageQuery, Query, Refusal};
use sesh_edge::idempotency::{IdempotencyKey, Outcome};
use sesh_edge::io::{Batch, DbError};
use sesh_edge::token::Person;
use sesh_types::envelope::ErrorCode;
use sesh_types::ids::BreakId;
use sesh_types::time::Timestamp;

/// A break as it was set; how it goes is asked for with `GET`.
#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct PlannedBreak {
    /// Its id.
    pub id: BreakId,
    /// Since when.
    pub started_at: Timestamp,
    /// Until when it is meant to be.
    pub planned_end_at: Timestamp,
    /// When it was ended before that.
    pub ended_at: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Total {
    total: u64,
}

fn explain(error: DbError) -> Failure {
    let conflict = |message: &str| Refusal::new(ErrorCode::Conflict, message).into();
    match &error {
        DbError::Refused(word) if word == "not_found" => Failure::not_found("break"),
        DbError::Refused(word) if word == "break_running" => {
            conflict("Another break lies in that time. End it first, or choose another time.")
        }
        DbError::Refused(word) if word == "break_over" => {
            conflict("This break is over already, or had not begun at that time.")
        }
        _ => error.into(),
    }
}

pub(crate) async fn list(person: User, Query(query): Query<PageQuery>) -> Result<Listing<Break>, Failure> {
    let paging = query.paging()?;
    let (scope, now) = (person.scope(), person.io().now());
    let batch = Batch::from(store::page(scope, paging.limit, paging.offset()))
        .and(store::count(scope))
        .and(members::one(scope));
    let rows = person.read(batch).await?;
    let zone = members::read(&rows, 2)?.time_zone;
    let mut clock = Clock::new(&zone);
    let breaks: Vec<Break> =
        rows.all::<Kept>(0)?.iter().map(|kept| standing(kept, &mut clock, now)).collect();
    Listing::of(&breaks, paging.meta(rows.one::<Total>(1)?.total))
}

pub(crate) async fn one(
    person: User,
    _: Query<Nothing>,
    Key(id): Key<BreakId>,
) -> Result<Answer<Break>, Failure> {
    Answer::of(&read_one(&person, id).await?)
}

/// One break, and what was logged meanwhile.
pub(crate) async fn read_one(person: &Person, id: BreakId) -> Result<Break, Failure> {
    let (scope, now) = (person.scope(), person.io().now());
    let rows = person.read(Batch::from(store::one(scope, id)).and(members::one(scope))).await?;
    let kept = rows.first::<Kept>(0)?.ok_or_else(|| Failure::not_found("break"))?;
    let zone = members::read(&rows, 1)?.time_zone;
    Ok(standing(&kept, &mut Clock::new(&zone), now))
}

pub(crate) async fn begin(
    person: User,
    _: Query<Nothing>,
    key: IdempotencyKey,
    body: Body<NewBreak>,
) -> Result<Answer<PlannedBreak, 201>, Failure> {
    let (scope, io) = (person.scope(), person.io());
    let (id, now): (BreakId, _) = (io.new_id(), io.now());
    body.value.check(now)?;
    let started_at = body.value.started_at.unwrap_or(now);
    let planned_end_at = body.value.planned_end_at;
    let data = serde_json::to_string(&PlannedBreak { id, started_at, planned_end_at, ended_at: None })
        .map_err(Failure::internal)?;
    let once = person.once(&key, &body.bytes);
    let batch = store::begin(scope, id, started_at, planned_end_at, now);
    let result = person.write(once.wrap(batch, &data, now)).await;
    match once.settle(io, result, explain).await? {
        Outcome::Fresh(_) => Ok(Answer::data(&data)),
        Outcome::Replayed(data) => Ok(Answer::data(&data)),
    }
}

/// Ends a break before its time. Nothing else changes: what it was stays in the history.
pub(crate) async fn end(
    person: User,
    _: Query<Nothing>,
    Key(id): Key<BreakId>,
    key: IdempotencyKey,
    body: Body<EndBreak>,
) -> Result<Answer<PlannedBreak>, Failure> {
    let (scope, io) = (person.scope(), person.io());
    let now = io.now();
    body.value.check(now)?;
    let batch = store::end(scope, id, body.value.ended_at.unwrap_or(now), now);
    let answer_at = batch.len();
    let once = person.once(&key, &body.bytes);
    let result = person.write(once.wrap_selected(batch, store::plain(scope, id), now)).await;
    match once.settle(io, result, explain).await? {
        Outcome::Fresh(rows) => Ok(Answer::data(&rows.one::<Text>(answer_at)?.body)),
        Outcome::Replayed(data) => Ok(Answer::data(&data)),
    }
}

pub(crate) async fn delete(
    person: User,
    _: Query<Nothing>,
    Key(id): Key<BreakId>,
    key: IdempotencyKey,
) -> Result<NoContent, Failure> {
    let (scope, io) = (person.scope(), person.io());
    let once = person.once(&key, b"");
    let result = person.write(once.wrap(store::delete(scope, id), "", io.now())).await;
    once.settle(io, result, explain).await?;
    Ok(NoContent::default())
}
