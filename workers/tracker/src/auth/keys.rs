//! HTTP of one's own API keys.

use super::observer::{NO_BODY, Observer};
use sesh_edge::http::{
    Answer, Body, Failure, Key, Listing, NoContent, Nothing, PageQuery, Paging, Query, RequestInfo,
};
use sesh_edge::idempotency::IdempotencyKey;
use sesh_edge::token::{Oneself, Person};
use sesh_types::contract::keys::{self, ApiKey, MadeKey, MakeKey, RotateKey};
use sesh_types::envelope::Success;
use sesh_types::ids::KeyId;

pub(crate) async fn list(
    Oneself(person): Oneself,
    info: RequestInfo,
    Query(query): Query<PageQuery>,
) -> Result<Listing<ApiKey>, Failure> {
    let Paging { page, limit } = query.paging()?;
    let path = format!("{}?page={page}&limit={limit}", keys::KEYS);
    let call = Observer::new(person.io(), &info).on_behalf_of(&person);
    let answer: Success<Vec<ApiKey>> = call.ask("GET", &path, NO_BODY).await?;
    let meta = answer.meta.ok_or_else(|| Failure::unavailable("observer's list has no meta"))?;
    Listing::of(&answer.data, meta)
}

pub(crate) async fn make(
    person: Person,
    _: Query<Nothing>,
    info: RequestInfo,
    key: IdempotencyKey,
    body: Body<MakeKey>,
) -> Result<Answer<MadeKey, 201>, Failure> {
    let call = Observer::new(person.io(), &info).on_behalf_of(&person).once(&key);
    let answer: Success<MadeKey> = call.ask("POST", keys::KEYS, Some(&body.value)).await?;
    Answer::of(&answer.data)
}

pub(crate) async fn rotate(
    person: Person,
    _: Query<Nothing>,
    info: RequestInfo,
    key: IdempotencyKey,
    Key(id): Key<KeyId>,
    body: Body<RotateKey>,
) -> Result<Answer<MadeKey, 201>, Failure> {
    let call = Observer::new(person.io(), &info).on_behalf_of(&person).once(&key);
    let path = format!("{}/{id}/rotate", keys::KEYS);
    let answer: Success<MadeKey> = call.ask("POST", &path, Some(&body.value)).await?;
    Answer::of(&answer.data)
}

pub(crate) async fn revoke(
    person: Person,
    _: Query<Nothing>,
    info: RequestInfo,
    key: IdempotencyKey,
    Key(id): Key<KeyId>,
) -> Result<NoContent, Failure> {
    let call = Observer::new(person.io(), &info).on_behalf_of(&person).once(&key);
    call.tell("DELETE", &format!("{}/{id}", keys::KEYS), NO_BODY).await?;
    Ok(NoContent::default())
}
