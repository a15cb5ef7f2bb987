//! HTTP of presets.

use super::rules::NewPreset;
use super::store::{self, Preset};
use crate::stash::Text;
use crate::user::User;
use serde::Deserialize;
use sesh_edge::http::{Answer, Body, Failure, Key, Listing, NoContent, Nothing, PageQuery, Query, Refusal};
use sesh_edge::idempotency::{IdempotencyKey, Outcome};
use sesh_edge::io::{Batch, DbError};
use sesh_types::envelope::ErrorCode;
use sesh_types::ids::PresetId;

#[derive(Deserialize)]
struct Total {
    total: u64,
}

fn explain(error: DbError) -> Failure {
    match &error {
        DbError::Refused(word) if word == "not_found" => Failure::not_found("preset"),
        DbError::Refused(word) if word == "too_many" => {
            Refusal::new(ErrorCode::Conflict, "You have 100 presets already. Take one away first.").into()
        }
        _ => crate::stash::explain(error),
    }
}

pub(crate) async fn list(person: User, Query(query): Query<PageQuery>) -> Result<Listing<Preset>, Failure> {
    let paging = query.paging()?;
    let scope = person.scope();
    let page = store::page(scope, paging.limit, paging.offset());
    let rows = person.read(Batch::from(page).and(store::count(scope))).await?;
    Ok(Listing::written(rows.json(0)?, paging.meta(rows.one::<Total>(1)?.total)))
}

pub(crate) async fn one(
    person: User,
    _: Query<Nothing>,
    Key(id): Key<PresetId>,
) -> Result<Answer<Preset>, Failure> {
    let rows = person.read(store::one(person.scope(), id)).await?;
    let preset = rows.first::<Text>(0)?.ok_or_else(|| Failure::not_found("preset"))?;
    Ok(Answer::data(&preset.body))
}

pub(crate) async fn add(
    person: User,
    _: Query<Nothing>,
    key: IdempotencyKey,
    body: Body<NewPreset>,
) -> Result<Answer<Preset, 201>, Failure> {
    body.value.check()?;
    let (scope, io) = (person.scope(), person.io());
    let (id, now): (PresetId, _) = (io.new_id(), io.now());
    let batch = store::add(scope, id, &body.value, now);
    let answer_at = batch.len();
    let once = person.once(&key, &body.bytes);
    let result = person.write(once.wrap_selected(batch, store::one(scope, id), now)).await;
    match once.settle(io, result, explain).await? {
        Outcome::Fresh(rows) => Ok(Answer::data(&rows.one::<Text>(answer_at)?.body)),
        Outcome::Replayed(data) => Ok(Answer::data(&data)),
    }
}

/// Puts another preset in its place, whole.
pub(crate) async fn replace(
    person: User,
    _: Query<Nothing>,
    Key(id): Key<PresetId>,
    key: IdempotencyKey,
    body: Body<NewPreset>,
) -> Result<Answer<Preset>, Failure> {
    body.value.check()?;
    let (scope, io) = (person.scope(), person.io());
    let now = io.now();
    let batch = store::replace(scope, id, &body.value, now);
    let answer_at = batch.len();
    let once = person.once(&key, &body.bytes);
    let result = person.write(once.wrap_selected(batch, store::one(scope, id), now)).await;
    match once.settle(io, result, explain).await? {
        Outcome::Fresh(rows) => Ok(Answer::data(&rows.one::<Text>(answer_at)?.body)),
        Outcome::Replayed(data) => Ok(Answer::data(&data)),
    }
}

pub(crate) async fn delete(
    person: User,
    _: Query<Nothing>,
    Key(id): Key<PresetId>,
    key: IdempotencyKey,
) -> Result<NoContent, Failure> {
    let (scope, io) = (person.scope(), person.io());
    let once = person.once(&key, b"");
    let result = person.write(once.wrap(store::delete(scope, id), "", io.now())).await;
    once.settle(io, result, explain).await?;
    Ok(NoContent::default())
}
