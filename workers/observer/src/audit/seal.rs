//! Linking entries into the chain, after the changes that they record and without making them wait. Two sealers at
//! once write the same links: a hash follows from the log.

use super::store;
use crate::keys::Keyring;
use serde_json::json;
use sesh_audit::chain;
use sesh_edge::http::Failure;
use sesh_edge::io::{Batch, Io};
use sesh_types::contract::admin::AuditEntry;
use sesh_types::time::SECOND_MS;
use std::sync::Arc;

/// Entries linked in one round.
const ROUND: u32 = 200;
/// While changes keep coming, the least time between two checkpoints; the cron trigger signs whatever is left.
const BETWEEN_CHECKPOINTS_MS: i64 = 10 * SECOND_MS;

/// When the head of the chain is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// If the last checkpoint is a while ago.
    WhenDue,
    /// If it is not signed yet.
    Always,
}

/// Schedules a round for after the answer; what fails waits for the cron trigger.
pub fn later(io: &Io, keys: &Arc<Keyring>) {
    let (ports, keys) = (io.clone(), keys.clone());
    io.defer(async move {
        let _ = seal(&ports, &keys, Sign::WhenDue).await;
    });
}

/// Links every entry that is not linked yet, and signs the head.
///
/// # Errors
/// A defect, when an entry is missing: nothing is linked over a gap.
pub async fn seal(io: &Io, keys: &Keyring, sign: Sign) -> Result<(), Failure> {
    while round(io, keys, sign).await? {}
    Ok(())
}

/// One round; says whether there may be more.
async fn round(io: &Io, keys: &Keyring, sign: Sign) -> Result<bool, Failure> {
    let rows = io.db(store::unsealed(ROUND)).await?;
    let entries: Vec<store::EntryRow> = rows.all(0)?;
    let full = entries.len() == ROUND as usize;
    let head = rows.first::<store::LinkRow>(1)?;
    let (mut seq, mut hash) = head.map_or((0, chain::GENESIS.to_owned()), |link| (link.seq, link.hash));
    let signed = rows.first::<store::CheckpointRow>(2)?;
    let mut links = Vec::with_capacity(entries.len());
    for entry in entries.into_iter().map(AuditEntry::from) {
        if entry.seq != seq + 1 {
            return Err(Failure::internal(format!("the audit log lacks entry {}", seq + 1)));
        }
        (seq, hash) = (entry.seq, chain::link(&hash, &entry));
        links.push(json!({ "seq": seq, "hash": hash }));
    }
    let now = io.now();
    let due = signed.is_none_or(|last| {
        last.seq < seq && (sign == Sign::Always || now.0 - last.signed_at >= BETWEEN_CHECKPOINTS_MS)
    });
    let mut batch = Batch::new();
    if !links.is_empty() {
        batch.add(store::add_links(&serde_json::Value::from(links).to_string()));
    }
    if due && seq > 0 {
        let (kid, signature) = keys.signing.sign(chain::checkpoint_message(seq, &hash).as_bytes());
        let kid = kid.to_owned();
        batch.add(store::add_checkpoint(&store::CheckpointRow {
            seq,
            hash,
            kid,
            signature,
            signed_at: now.0,
        }));
    }
    if !batch.is_empty() {
        io.db(batch).await?;
    }
    Ok(full)
}
