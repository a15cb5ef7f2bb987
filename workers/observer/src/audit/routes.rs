//! The audit log, for administrators.

use super::{export, store, verify as verifier};
use crate::callers::Actor;
use crate::keys::Keyring;
use axum::extract::State;
use serde::Deserialize;
use sesh_audit::packet::Packet;
use sesh_edge::http::{Answer, Failure, Listing, Paging, Query, Refusal};
use sesh_edge::io::Batch;
use sesh_types::access::PlatformRight;
use sesh_types::contract::admin::{AuditEntry, AuditQuery, PacketQuery, Verification};
use sesh_types::envelope::ErrorCode;
use sesh_types::rules::Issues;
use std::sync::Arc;

/// Entries, newest first.
pub async fn list(actor: Actor, Query(query): Query<AuditQuery>) -> Result<Listing<AuditEntry>, Failure> {
    actor.must(PlatformRight::ReadAudit)?;
    let paging = Paging::of(query.page, query.limit)?;
    let rows = actor.db(store::list(&query, paging.limit, paging.offset())).await?;
    let total = rows.one::<store::Count>(0)?.total;
    let entries: Vec<AuditEntry> = rows.all::<store::EntryRow>(1)?.into_iter().map(Into::into).collect();
    Listing::of(&entries, paging.meta(total))
}

/// Where to go on verifying.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct VerifyQuery {
    /// Entries after this one; from the first unless told.
    #[serde(default)]
    pub after: Option<i64>,
}

/// Whether the chain holds.
pub async fn verify(
    actor: Actor,
    State(keys): State<Arc<Keyring>>,
    Query(query): Query<VerifyQuery>,
) -> Result<Answer<Verification>, Failure> {
    actor.must(PlatformRight::ReadAudit)?;
    let after = query.after.unwrap_or_default();
    let mut issues = Issues::default();
    issues.within(after, "after", 0, 1 << 52);
    issues.done().map_err(|issues| Refusal::issues(ErrorCode::BadRequest, issues))?;
    actor.db(Batch::new()).await?;
    Answer::of(&verifier::verify(&actor.io, &keys, after).await?)
}

/// A signed packet of a stretch of the log.
pub async fn packet(
    actor: Actor,
    State(keys): State<Arc<Keyring>>,
    Query(query): Query<PacketQuery>,
) -> Result<Answer<Packet>, Failure> {
    actor.must(PlatformRight::ReadAudit)?;
    Ok(Answer::data(&export::export(&actor, &keys, &query).await?))
}
