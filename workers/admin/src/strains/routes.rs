//! HTTP of the catalogue.

use super::rules;
use crate::keys::AdminKey;
use crate::peers::{Ask, TRACKER};
use sesh_edge::http::{Answer, Body, Failure, Nothing, Query};
use sesh_edge::idempotency::IdempotencyKey;
use sesh_types::contract::catalogue::{IMPORT, Import, Imported};

pub(crate) async fn import(
    key: AdminKey,
    _: Query<Nothing>,
    once: IdempotencyKey,
    body: Body<Import>,
) -> Result<Answer<Imported>, Failure> {
    rules::check(&body.value)?;
    Ask::post(&key, TRACKER, IMPORT).once(&once).body(&body.value)?.answer().await
}
