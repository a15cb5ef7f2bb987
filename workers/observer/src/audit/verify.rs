//! Verifying the log, a stretch at a time: contents against hashes, each hash against the one before, numbers against
//! gaps, checkpoints against their signatures.

use super::store;
use crate::keys::Keyring;
use sesh_audit::chain;
use sesh_edge::http::Failure;
use sesh_edge::io::Io;
use sesh_types::contract::admin::{AuditEntry, Verification};

/// Entries read in one batch.
const PAGE: u32 = 500;
/// Entries looked at in one call.
const MOST: i64 = 10_000;

/// Verifies up to 10,000 entries after the entry `after`.
///
/// # Errors
/// When the database does not answer; what is wrong with the log is in the answer.
pub async fn verify(io: &Io, keys: &Keyring, after: i64) -> Result<Verification, Failure> {
    let hash = io.db(store::link_of(after)).await?.first::<store::LinkRow>(0)?.map(|link| link.hash);
    let mut walk = chain::Walk::after(after, hash);
    let mut checkpoints = 0;
    let more = loop {
        let rows = io.db(store::page_after(walk.through(), PAGE)).await?;
        let entries: Vec<AuditEntry> = rows.all::<store::EntryRow>(0)?.into_iter().map(Into::into).collect();
        for entry in &entries {
            walk.entry(entry);
        }
        for checkpoint in rows.all::<store::CheckpointRow>(1)? {
            let store::CheckpointRow { seq, hash, kid, signature, .. } = checkpoint;
            if seq <= walk.through() {
                let message = chain::checkpoint_message(seq, &hash);
                walk.checkpoint(seq, &hash, keys.audit.verify(&kid, message.as_bytes(), &signature));
                checkpoints += 1;
            }
        }
        walk.turn_page();
        if entries.len() < PAGE as usize {
            walk.end(i64::try_from(rows.one::<store::Count>(2)?.total).unwrap_or(i64::MAX));
            break false;
        }
        if walk.entries >= MOST {
            break true;
        }
    };
    Ok(Verification {
        valid: walk.problems.is_empty(),
        entries: walk.entries,
        sealed: walk.sealed,
        checkpoints,
        through: walk.through(),
        more,
        head: walk.head,
        problems: walk.problems,
    })
}
