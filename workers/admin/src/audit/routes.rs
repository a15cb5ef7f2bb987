//! HTTP of the audit log: reading it, asking whether its chain verifies, and taking a signed packet of it away.

use crate::keys::{Operator, ReadAudit};
use crate::peers::{Ask, OBSERVER};
use serde::{Deserialize, Serialize};
use sesh_audit::packet::Packet;
use sesh_edge::http::{Answer, Failure, Listing, Query};
use sesh_types::contract::admin::{
    AUDIT, AUDIT_PACKET, AUDIT_VERIFY, AuditEntry, AuditQuery, PacketQuery, Verification,
};

/// From where to verify.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct VerifyQuery {
    /// Only entries behind this one; the `through` of the answer before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 0, max = 4_503_599_627_370_496_i64)))]
    after: Option<i64>,
}

pub(crate) async fn list(
    key: Operator<ReadAudit>,
    Query(query): Query<AuditQuery>,
) -> Result<Listing<AuditEntry>, Failure> {
    Ask::get(&key, OBSERVER, AUDIT).query(&query)?.page().await
}

pub(crate) async fn verify(
    key: Operator<ReadAudit>,
    Query(query): Query<VerifyQuery>,
) -> Result<Answer<Verification>, Failure> {
    Ask::get(&key, OBSERVER, AUDIT_VERIFY).query(&query)?.answer().await
}

/// Handed on byte by byte: observer signed it.
pub(crate) async fn packet(
    key: Operator<ReadAudit>,
    Query(query): Query<PacketQuery>,
) -> Result<Answer<Packet>, Failure> {
    Ask::get(&key, OBSERVER, AUDIT_PACKET).query(&query)?.untouched().await
}
