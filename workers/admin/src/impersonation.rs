//! HTTP of acting as a person. It takes somebody: a key cannot.

use crate::keys::{Impersonate as Right, Staffer};
use crate::peers::{Ask, OBSERVER};
use sesh_edge::http::{Answer, Body, Failure, Key, NoContent, Nothing, Query};
use sesh_edge::idempotency::IdempotencyKey;
use sesh_types::contract::admin::PEOPLE;
use sesh_types::contract::staff::{IMPERSONATIONS, Impersonate, Impersonating};
use sesh_types::ids::{ImpersonationId, PersonId};

pub(crate) async fn start(
    staffer: Staffer<Right>,
    Key(person): Key<PersonId>,
    _: Query<Nothing>,
    once: IdempotencyKey,
    body: Body<Impersonate>,
) -> Result<Answer<Impersonating, 201>, Failure> {
    let path = format!("{PEOPLE}/{person}/impersonation");
    Ask::post(&staffer, OBSERVER, path).once(&once).body(&body.value)?.answer_created().await
}

pub(crate) async fn reissue(
    staffer: Staffer<Right>,
    Key(id): Key<ImpersonationId>,
    _: Query<Nothing>,
) -> Result<Answer<Impersonating>, Failure> {
    Ask::post(&staffer, OBSERVER, format!("{IMPERSONATIONS}/{id}/token")).answer().await
}

/// When this answers, its tokens are dead on every Worker.
pub(crate) async fn end(
    staffer: Staffer<Right>,
    Key(id): Key<ImpersonationId>,
    _: Query<Nothing>,
    once: IdempotencyKey,
) -> Result<NoContent, Failure> {
    Ask::delete(&staffer, OBSERVER, format!("{IMPERSONATIONS}/{id}")).once(&once).done().await
}
