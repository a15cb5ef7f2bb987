//! Making a packet.

use super::{Checkpoint, FORMAT, Link, Manifest, Row, signed_bytes};
use crate::digest::sha256_hex;
use crate::keys::Jwk;
use serde::Serialize;
use sesh_types::ids::TenantId;
use sesh_types::time::Timestamp;

/// A packet to be signed.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Who issues it.
    pub issuer: String,
    /// When.
    pub made_at: Timestamp,
    /// Who asked for it.
    pub made_by: String,
    /// In which request.
    pub request_id: String,
    /// The tenant whose rows are in it.
    pub tenant: Option<TenantId>,
    /// The period's start.
    pub from: Option<Timestamp>,
    /// The period's end.
    pub to: Option<Timestamp>,
    /// The entry behind which the export goes on.
    pub after: i64,
    /// The `after` of the next packet.
    pub next: Option<i64>,
    /// The last entry of the log.
    pub log_through: i64,
    /// The last of them that is linked.
    pub log_sealed_through: i64,
    /// The number of the first entry, or of the one that would be.
    pub first_seq: i64,
    /// The hash before it.
    pub before: String,
    /// The links, in order and without a gap.
    pub links: Vec<Link>,
    /// The entries, in order.
    pub rows: Vec<Row>,
    /// The checkpoints within, in order.
    pub checkpoints: Vec<Checkpoint>,
    /// The id of the key that will sign.
    pub kid: String,
    /// The public keys that sign the packet and its checkpoints.
    pub keys: Vec<Jwk>,
}

/// A signed packet.
#[derive(Clone, Debug)]
pub struct Sealed {
    /// The packet in canonical form.
    pub text: String,
    /// Its manifest.
    pub manifest: Manifest,
}

/// Signs a draft; `sign` gets the bytes to be signed and returns the signature in base64url.
///
/// # Errors
/// When something cannot be written as JSON.
pub fn write(draft: Draft, sign: impl FnOnce(&[u8]) -> String) -> Result<Sealed, serde_json::Error> {
    let (links, rows, checkpoints) = (draft.links, draft.rows, draft.checkpoints);
    let checkpoints_text = serde_json::to_string(&checkpoints)?;
    let links_text = serde_json::to_string(&links)?;
    let rows_text = serde_json::to_string(&rows)?;
    let last = links.last();
    let manifest = Manifest {
        after: draft.after,
        before: draft.before.clone(),
        checkpoints: count(&checkpoints),
        checkpoints_sha256: sha256_hex(checkpoints_text.as_bytes()),
        entries: count(&links),
        first_seq: draft.first_seq,
        format: FORMAT.to_owned(),
        from_ms: draft.from.map(|time| time.0),
        head: last.map_or(draft.before, |link| link.hash.clone()),
        issuer: draft.issuer,
        keys: draft.keys,
        kid: draft.kid,
        last_seq: last.map_or(draft.first_seq - 1, |link| link.seq),
        links_sha256: sha256_hex(links_text.as_bytes()),
        log_sealed_through: draft.log_sealed_through,
        log_through: draft.log_through,
        made_at_ms: draft.made_at.0,
        made_by: draft.made_by,
        next: draft.next,
        request_id: draft.request_id,
        rows: count(&rows),
        rows_sha256: sha256_hex(rows_text.as_bytes()),
        tenant_id: draft.tenant,
        to_ms: draft.to.map(|time| time.0),
    };
    let manifest_text = serde_json::to_string(&manifest)?;
    let signature = serde_json::to_string(&sign(&signed_bytes(manifest_text.as_bytes())))?;
    let text = format!(
        r#"{{"checkpoints":{checkpoints_text},"links":{links_text},"manifest":{manifest_text},"rows":{rows_text},"signature":{signature}}}"#
    );
    Ok(Sealed { text, manifest })
}

/// SHA-256 of a part in canonical form.
pub(super) fn digest(part: &impl Serialize) -> Option<String> {
    serde_json::to_vec(part).ok().map(|bytes| sha256_hex(&bytes))
}

pub(super) fn count<T>(parts: &[T]) -> i64 {
    i64::try_from(parts.len()).unwrap_or(i64::MAX)
}
