//! A stretch of the log as one signed document that verifies by itself.
//!
//! A packet is JSON in the canonical form of RFC 8785: no whitespace, members in order (which is why the fields below
//! stand in alphabetical order). Its file may hold whitespace between tokens besides, and may still be in the
//! envelope of the API's answer (`{"success":true,"data":…}`); any other byte counts.
//!
//! The signature is Ed25519 over the text [`SIGNED_PREFIX`] and the canonical bytes of the manifest. The manifest holds
//! SHA-256 of the canonical bytes of rows, links and checkpoints, and so covers all of the packet.

mod join;
mod read;
mod report;
mod verify;
mod write;

pub use join::join;
pub use report::{Code, Problem, Report};
pub use verify::verify;
pub use write::{Draft, Sealed, write};

use crate::keys::Jwk;
use serde::{Deserialize, Serialize};
use sesh_types::contract::admin::AuditEntry;
use sesh_types::ids::TenantId;
use sesh_types::time::Timestamp;

/// The format that is written and understood here.
pub const FORMAT: &str = "sesh-audit-packet-v1";
/// What stands before the manifest in the bytes that are signed: no checkpoint and no token begins so.
pub const SIGNED_PREFIX: &str = "sesh-audit-packet-v1\n";
/// The most entries of one packet.
pub const MAX_ENTRIES: u32 = 5_000;

/// A packet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[cfg_attr(not(target_arch = "wasm32"), schemars(rename = "AuditPacket"))]
#[serde(deny_unknown_fields)]
pub struct Packet {
    /// The signed heads of the chain within the segment.
    pub checkpoints: Vec<Checkpoint>,
    /// The hash of every entry of the segment, in order.
    pub links: Vec<Link>,
    /// What the packet is, and what it must hold.
    pub manifest: Manifest,
    /// The entries as they were hashed, in order; in a tenant's packet only that tenant's.
    pub rows: Vec<Row>,
    /// Ed25519 by the manifest's `kid` over `sesh-audit-packet-v1`, a line feed, and the manifest in canonical form;
    /// base64url.
    pub signature: String,
}

/// What a packet is, and what it must hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[cfg_attr(not(target_arch = "wasm32"), schemars(rename = "AuditManifest"))]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The entry behind which the export was asked to go on; 0 from the period's start.
    pub after: i64,
    /// The hash before the segment: that of the entry before its first, or 64 zeros.
    pub before: String,
    /// How many checkpoints.
    pub checkpoints: i64,
    /// SHA-256 of the checkpoints in canonical form, hexadecimal.
    pub checkpoints_sha256: String,
    /// How many entries the segment has; as many links.
    pub entries: i64,
    /// The number of the segment's first entry; of an empty segment, of the one that would be.
    pub first_seq: i64,
    /// `sesh-audit-packet-v1`.
    pub format: String,
    /// The period's start, in milliseconds since 1970; null from the log's first entry.
    pub from_ms: Option<i64>,
    /// The hash of the segment's last entry; of an empty segment, `before`.
    pub head: String,
    /// Who issued it.
    pub issuer: String,
    /// The public keys that signed the packet and its checkpoints. They show that nothing was changed since; who
    /// signed it shows only a key that was had elsewhere.
    pub keys: Vec<Jwk>,
    /// The id of the key that signed the packet.
    pub kid: String,
    /// The number of the segment's last entry.
    pub last_seq: i64,
    /// SHA-256 of the links in canonical form, hexadecimal.
    pub links_sha256: String,
    /// The last entry of the log that was linked when the packet was made; none behind it is in a packet.
    pub log_sealed_through: i64,
    /// The last entry of the log when the packet was made.
    pub log_through: i64,
    /// When it was made, in milliseconds since 1970.
    pub made_at_ms: i64,
    /// Who asked for it: `key:<name>`.
    pub made_by: String,
    /// The `after` of the next packet of this export; null when this is the last.
    pub next: Option<i64>,
    /// The request that asked for it.
    pub request_id: String,
    /// How many rows; fewer than entries in a tenant's packet.
    pub rows: i64,
    /// SHA-256 of the rows in canonical form, hexadecimal.
    pub rows_sha256: String,
    /// The tenant whose rows are in it; null for all.
    pub tenant_id: Option<TenantId>,
    /// The period's end, not included, in milliseconds since 1970; null to the log's last entry.
    pub to_ms: Option<i64>,
}

/// An entry as it was hashed; see [`crate::chain::link`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[cfg_attr(not(target_arch = "wasm32"), schemars(rename = "AuditRow"))]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// What was done.
    pub action: String,
    /// Who acted.
    pub actor: String,
    /// More about it, as a JSON object in a text.
    pub detail: String,
    /// To what.
    pub entity: String,
    /// When, in milliseconds since 1970.
    pub recorded_at_ms: i64,
    /// The request that did it.
    pub request_id: String,
    /// Its place in the log, from 1.
    pub seq: i64,
    /// Whose tenant.
    pub tenant_id: TenantId,
}

/// A link of the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[cfg_attr(not(target_arch = "wasm32"), schemars(rename = "AuditLink"))]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// SHA-256 over the entry and the hash before it, hexadecimal.
    pub hash: String,
    /// The entry.
    pub seq: i64,
}

/// A head of the chain that was signed when it was the head.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[cfg_attr(not(target_arch = "wasm32"), schemars(rename = "AuditCheckpoint"))]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// The hash that was signed.
    pub hash: String,
    /// The key that signed it.
    pub kid: String,
    /// The entry whose hash it is.
    pub seq: i64,
    /// Ed25519 over `sesh-audit-checkpoint-v1`, the number and the hash, a line feed between them; base64url.
    pub signature: String,
    /// When, in milliseconds since 1970; not covered by the signature.
    pub signed_at_ms: i64,
}

impl From<AuditEntry> for Row {
    fn from(entry: AuditEntry) -> Self {
        let AuditEntry { seq, recorded_at, tenant_id, actor, action, entity, request_id, detail, .. } = entry;
        Self { action, actor, detail, entity, recorded_at_ms: recorded_at.0, request_id, seq, tenant_id }
    }
}

impl Row {
    /// The entry that was hashed.
    pub fn entry(&self) -> AuditEntry {
        let Self { action, actor, detail, entity, recorded_at_ms, request_id, seq, tenant_id } = self.clone();
        let recorded_at = Timestamp(recorded_at_ms);
        AuditEntry { seq, recorded_at, tenant_id, actor, action, entity, request_id, detail, hash: None }
    }
}

/// What the packet's signature covers.
fn signed_bytes(manifest: &[u8]) -> Vec<u8> {
    [SIGNED_PREFIX.as_bytes(), manifest].concat()
}
