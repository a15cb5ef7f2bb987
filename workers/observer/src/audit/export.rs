//! Handing a stretch of the log out as a packet that verifies elsewhere.

use super::seal::{self, Sign};
use super::{Entry, record, store};
use crate::callers::Actor;
use crate::keys::Keyring;
use serde_json::json;
use sesh_audit::chain::GENESIS;
use sesh_audit::packet::{self, Checkpoint, Draft, Link, MAX_ENTRIES, Manifest, Row};
use sesh_edge::http::{Failure, Refusal};
use sesh_edge::io::{Batch, Io};
use sesh_types::contract::admin::{AuditEntry, PacketQuery};
use sesh_types::envelope::ErrorCode;
use sesh_types::ids::TenantId;
use sesh_types::rules::Issues;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Entries read in one batch.
const PAGE: i64 = 500;
/// A packet ends when its rows are as large as this, so that an isolate can hold it some times over.
const MAX_BYTES: usize = 4_000_000;

/// Makes a packet, in canonical form.
///
/// 1. Seals the log, so that the packet reaches as far as it can and ends at a checkpoint; where sealing fails, at the
///    last entry that is sealed, and the manifest says so.
/// 2. Finds the period, and reads it on to the next checkpoint, as far as one packet may go.
/// 3. Signs the manifest.
/// 4. Records the export. Without the record there is no packet.
///
/// # Errors
/// The parameters that are out of range; else when the database does not answer.
pub async fn export(actor: &Actor, keys: &Arc<Keyring>, query: &PacketQuery) -> Result<String, Failure> {
    let io = &actor.io;
    let limit = query.entries.unwrap_or(MAX_ENTRIES);
    let mut issues = Issues::default();
    issues.within(limit.into(), "entries", 1, MAX_ENTRIES.into());
    issues.within(query.after.unwrap_or_default(), "after", 0, 1 << 52);
    issues.done().map_err(|issues| Refusal::issues(ErrorCode::BadRequest, issues))?;
    actor.db(Batch::new()).await?;
    // A log that cannot be sealed has been tampered with: then most of all somebody wants to see it.
    let _ = seal::seal(io, keys, Sign::Always).await;
    let bounds = actor.db(store::bounds(query.from, query.to)).await?.one::<store::Bounds>(0)?;
    let stretch = Stretch::find(&bounds, query.after.unwrap_or_default())?;
    let segment = stretch.read(io, limit.into(), query.tenant).await?;
    let sealed = packet::write(draft(actor, keys, query, &bounds, &stretch, segment), |bytes| {
        keys.signing.sign(bytes).1
    })
    .map_err(Failure::internal)?;
    actor.db(record!(&entry(actor, query, &sealed.manifest))).await?;
    seal::later(io, keys);
    Ok(sealed.text)
}

/// The entries that were asked for, `first` to `last`; none when `last` is the one before.
#[derive(Debug, PartialEq, Eq)]
struct Stretch {
    first: i64,
    last: i64,
}

/// What a packet is made of.
#[derive(Default)]
struct Segment {
    before: String,
    rows: Vec<Row>,
    links: Vec<Link>,
    checkpoints: Vec<Checkpoint>,
    through: i64,
    bytes: usize,
}

impl Stretch {
    /// Where the period stands: from its first entry, or behind `after`, to the first checkpoint at or behind its
    /// last.
    fn find(bounds: &store::Bounds, after: i64) -> Result<Self, Refusal> {
        let store::Bounds { first, last, checkpoint, sealed, through } = *bounds;
        if after > sealed {
            let mut issues = Issues::default();
            issues.within(after, "after", 0, sealed);
            issues.done().map_err(|issues| Refusal::issues(ErrorCode::BadRequest, issues))?;
        }
        let from = first.unwrap_or(through + 1);
        let start = from.max(after + 1).min(sealed + 1);
        let end = match last {
            Some(last) if last >= from => checkpoint.unwrap_or(sealed).min(sealed),
            _ => 0,
        };
        Ok(Self { first: start, last: end.max(start - 1) })
    }

    async fn read(&self, io: &Io, limit: i64, tenant: Option<TenantId>) -> Result<Segment, Failure> {
        let end = self.last.min(self.first.saturating_add(limit - 1));
        let before = io.db(store::link_of(self.first - 1)).await?.first::<store::LinkRow>(0)?;
        let before = match before {
            Some(link) => link.hash,
            None if self.first == 1 => GENESIS.to_owned(),
            // Somebody took the link away: whoever verifies will find the packet's first entry unfit.
            None => String::new(),
        };
        let mut segment = Segment { before, through: self.first - 1, ..Segment::default() };
        while segment.through < end && segment.bytes < MAX_BYTES {
            let most = u32::try_from((end - segment.through).min(PAGE)).unwrap_or_default();
            let rows = io.db(store::page_after(segment.through, most)).await?;
            let entries: Vec<AuditEntry> =
                rows.all::<store::EntryRow>(0)?.into_iter().map(Into::into).collect();
            let full = entries.len() == most as usize;
            segment.take(entries, rows.all(1)?, end, tenant);
            if !full {
                // The log ends before its links do: somebody cut it off, and verifying shows it.
                segment.through = segment.through.max(end);
            }
        }
        Ok(segment)
    }
}

impl Segment {
    fn take(
        &mut self,
        entries: Vec<AuditEntry>,
        checkpoints: Vec<store::CheckpointRow>,
        end: i64,
        tenant: Option<TenantId>,
    ) {
        for mut entry in entries.into_iter().filter(|entry| entry.seq <= end) {
            let seq = entry.seq;
            self.through = seq;
            if let Some(hash) = entry.hash.take() {
                self.links.push(Link { hash, seq });
            }
            if tenant.is_none_or(|tenant| tenant == entry.tenant_id) {
                self.bytes += entry.detail.len() + entry.actor.len() + entry.entity.len() + 300;
                self.rows.push(entry.into());
            }
        }
        for store::CheckpointRow { seq, hash, kid, signature, signed_at } in checkpoints {
            if seq <= self.through {
                self.checkpoints.push(Checkpoint { hash, kid, seq, signature, signed_at_ms: signed_at });
            }
        }
    }
}

fn draft(
    actor: &Actor,
    keys: &Keyring,
    query: &PacketQuery,
    bounds: &store::Bounds,
    stretch: &Stretch,
    segment: Segment,
) -> Draft {
    let kid = keys.signing.id().to_owned();
    let signers: BTreeSet<&str> =
        segment.checkpoints.iter().map(|point| point.kid.as_str()).chain([kid.as_str()]).collect();
    let jwks = signers.into_iter().filter_map(|kid| keys.audit.jwk(kid)).collect();
    Draft {
        issuer: keys.issuer.clone(),
        made_at: actor.io.now(),
        made_by: actor.name.clone(),
        request_id: actor.request_id.clone(),
        tenant: query.tenant,
        from: query.from,
        to: query.to,
        after: query.after.unwrap_or_default(),
        next: (segment.through < stretch.last).then_some(segment.through),
        log_through: bounds.through,
        log_sealed_through: bounds.sealed,
        first_seq: stretch.first,
        before: segment.before,
        links: segment.links,
        rows: segment.rows,
        checkpoints: segment.checkpoints,
        kid,
        keys: jwks,
    }
}

/// Who was handed what.
fn entry(actor: &Actor, query: &PacketQuery, manifest: &Manifest) -> Entry {
    let Manifest { first_seq, last_seq, rows, rows_sha256, head, .. } = manifest;
    Entry {
        tenant: query.tenant.unwrap_or(TenantId::CONSUMERS),
        at: actor.io.now(),
        actor: actor.name.clone(),
        action: "audit.exported",
        entity: format!("audit:{first_seq}-{last_seq}"),
        request_id: actor.request_id.clone(),
        detail: json!({
            "from": query.from, "to": query.to, "tenant": query.tenant, "first_seq": first_seq, "last_seq": last_seq,
            "rows": rows, "rows_sha256": rows_sha256, "head": head,
        }),
    }
}
