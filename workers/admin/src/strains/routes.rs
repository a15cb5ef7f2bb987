//! HTTP of the catalogue.

use super::rules;
use crate::keys::{ManageCatalogue, Operator};
use crate::peers::{self, Ask, TRACKER};
use sesh_edge::http::{Answer, Body, Failure, Nothing, Query};
use sesh_edge::idempotency::IdempotencyKey;
use sesh_types::contract::catalogue::{IMPORT, Import, Imported};

pub(crate) async fn import(
    key: Operator<ManageCatalogue>,
    _: Query<Nothing>,
    once: IdempotencyKey,
    body: Body<Import>,
) -> Result<Answer<Imported>, Failure> {
    rules::check(&body.value)?;
    peers::confirm(&key).await?;
    Ask::post(&key, TRACKER, IMPORT).once(&once).body(&body.value)?.answer().await
}
