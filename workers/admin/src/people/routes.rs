//! HTTP of people: finding, suspending, reinstating and erasing them.

use crate::keys::{ErasePeople, Operator, ReadPeople, SuspendPeople};
use crate::peers::{Ask, OBSERVER};
use sesh_edge::http::{Answer, Body, Failure, Key, Listing, NoContent, Nothing, OptionalBody, Query};
use sesh_edge::idempotency::IdempotencyKey;
use sesh_types::contract::admin::{Account, FactorReset, PEOPLE, PeopleQuery, ResetFactors, Suspend};
use sesh_types::contract::privacy::Erase;
use sesh_types::ids::PersonId;

pub(crate) async fn list(
    key: Operator<ReadPeople>,
    Query(query): Query<PeopleQuery>,
) -> Result<Listing<Account>, Failure> {
    Ask::get(&key, OBSERVER, PEOPLE).query(&query)?.page().await
}

pub(crate) async fn show(
    key: Operator<ReadPeople>,
    Key(person): Key<PersonId>,
    _: Query<Nothing>,
) -> Result<Answer<Account>, Failure> {
    Ask::get(&key, OBSERVER, format!("{PEOPLE}/{person}")).answer().await
}

/// When this answers, the person's tokens are dead on every Worker: observer has told them all.
pub(crate) async fn suspend(
    key: Operator<SuspendPeople>,
    Key(person): Key<PersonId>,
    _: Query<Nothing>,
    once: IdempotencyKey,
    body: Body<Suspend>,
) -> Result<Answer<Account>, Failure> {
    Ask::post(&key, OBSERVER, format!("{PEOPLE}/{person}/suspend"))
        .once(&once)
        .body(&body.value)?
        .answer()
        .await
}

/// The person may sign in again; the tokens of before stay dead.
pub(crate) async fn reinstate(
    key: Operator<SuspendPeople>,
    Key(person): Key<PersonId>,
    _: Query<Nothing>,
    once: IdempotencyKey,
    _: OptionalBody<Nothing>,
) -> Result<Answer<Account>, Failure> {
    Ask::post(&key, OBSERVER, format!("{PEOPLE}/{person}/reinstate")).once(&once).answer().await
}

/// When this answers, nothing of the person is left but ids: observer has destroyed their key, and every Worker knows.
pub(crate) async fn erase(
    key: Operator<ErasePeople>,
    Key(person): Key<PersonId>,
    _: Query<Nothing>,
    once: IdempotencyKey,
    body: Body<Erase>,
) -> Result<NoContent, Failure> {
    Ask::post(&key, OBSERVER, format!("{PEOPLE}/{person}/erase")).once(&once).body(&body.value)?.done().await
}

/// Takes all second factors of somebody away who has lost them, at once or in a day.
pub(crate) async fn reset_factors(
    key: Operator<SuspendPeople>,
    Key(person): Key<PersonId>,
    _: Query<Nothing>,
    once: IdempotencyKey,
    body: Body<ResetFactors>,
) -> Result<Answer<FactorReset>, Failure> {
    Ask::post(&key, OBSERVER, format!("{PEOPLE}/{person}/factors/reset"))
        .once(&once)
        .body(&body.value)?
        .answer()
        .await
}

/// Takes that back while it waits.
pub(crate) async fn keep_factors(
    key: Operator<SuspendPeople>,
    Key(person): Key<PersonId>,
    _: Query<Nothing>,
    once: IdempotencyKey,
) -> Result<NoContent, Failure> {
    Ask::delete(&key, OBSERVER, format!("{PEOPLE}/{person}/factors/reset")).once(&once).done().await
}
