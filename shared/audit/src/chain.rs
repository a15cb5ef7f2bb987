//! The chain, purely: what a hash covers, what a signature covers, and what is wrong with a stretch of the log.

use crate::digest::sha256_hex;
use sesh_types::contract::admin::AuditEntry;
use std::collections::BTreeMap;

/// Where the chain begins: the hash before the first entry.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";
/// The most problems that are told at once.
const MAX_PROBLEMS: usize = 20;

/// The hash of an entry: SHA-256 over the hash before it and every field, each preceded by its length (8 bytes, big
/// endian) so that none can run into the next; numbers as 8 bytes, big endian. Lower-case hexadecimal.
pub fn link(before: &str, entry: &AuditEntry) -> String {
    let numbers = [entry.seq.to_be_bytes(), entry.recorded_at.0.to_be_bytes()];
    let [seq, recorded_at] = &numbers;
    let tenant = entry.tenant_id.to_string();
    let parts: [&[u8]; 10] = [
        b"sesh-audit-link-v1",
        before.as_bytes(),
        seq,
        recorded_at,
        tenant.as_bytes(),
        entry.actor.as_bytes(),
        entry.action.as_bytes(),
        entry.entity.as_bytes(),
        entry.request_id.as_bytes(),
        entry.detail.as_bytes(),
    ];
    let mut covered = Vec::new();
    for part in parts {
        covered.extend(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        covered.extend(part);
    }
    sha256_hex(&covered)
}

/// What a checkpoint's signature covers.
pub fn checkpoint_message(seq: i64, hash: &str) -> String {
    format!("sesh-audit-checkpoint-v1\n{seq}\n{hash}")
}

/// A walk along the log that notes what does not hold. After a break it goes on from what is stored, so that each
/// problem is told once.
pub struct Walk {
    before: String,
    last: i64,
    unsealed_from: Option<i64>,
    hashes: BTreeMap<i64, String>,
    /// Entries looked at.
    pub entries: i64,
    /// Of them, sealed.
    pub sealed: i64,
    /// The hash of the last sealed entry.
    pub head: Option<String>,
    /// What is broken, in the order found.
    pub problems: Vec<String>,
}

impl Walk {
    /// Begins after the entry `after`, whose hash is given; nothing there means that it is not sealed.
    pub fn after(after: i64, hash: Option<String>) -> Self {
        let unsealed_from = (after > 0 && hash.is_none()).then_some(after);
        Self {
            before: hash.unwrap_or_else(|| GENESIS.to_owned()),
            last: after,
            unsealed_from,
            hashes: BTreeMap::new(),
            entries: 0,
            sealed: 0,
            head: None,
            problems: Vec::new(),
        }
    }

    /// The last entry looked at.
    pub fn through(&self) -> i64 {
        self.last
    }

    /// Looks at the next entry.
    pub fn entry(&mut self, entry: &AuditEntry) {
        let seq = entry.seq;
        if seq > self.last + 1 {
            self.problem(format!("entries {} to {} are missing", self.last + 1, seq - 1));
        } else if seq <= self.last {
            self.problem(format!("entry {seq} stands behind entry {}", self.last));
        }
        self.last = seq;
        self.entries += 1;
        let Some(hash) = &entry.hash else {
            self.unsealed_from.get_or_insert(seq);
            return;
        };
        if let Some(first) = self.unsealed_from.take() {
            self.problem(format!("entry {first} is not sealed although a later one is"));
        } else if link(&self.before, entry) != *hash {
            self.problem(format!("entry {seq} is not what was sealed"));
        }
        self.sealed += 1;
        self.before.clone_from(hash);
        self.head = Some(hash.clone());
        self.hashes.insert(seq, hash.clone());
    }

    /// Looks at a checkpoint of an entry that was walked past; `signed` says whether its signature holds, or nothing
    /// where its key is not known.
    pub fn checkpoint(&mut self, seq: i64, hash: &str, signed: Option<bool>) {
        match signed {
            None => self.problem(format!("checkpoint {seq} is signed with a key that is not known here")),
            Some(false) => self.problem(format!("checkpoint {seq} has a false signature")),
            Some(true) if self.hashes.get(&seq).is_none_or(|known| known != hash) => {
                self.problem(format!("checkpoint {seq} does not fit the chain"));
            }
            Some(true) => {}
        }
    }

    /// The log is at its end: whatever was signed or linked beyond it was cut off.
    pub fn end(&mut self, last_link_or_checkpoint: i64) {
        if last_link_or_checkpoint > self.last {
            self.problem(format!("entries {} to {last_link_or_checkpoint} are missing", self.last + 1));
        }
    }

    /// Forgets the hashes of a page whose checkpoints have been looked at.
    pub fn turn_page(&mut self) {
        self.hashes.clear();
    }

    fn problem(&mut self, what: String) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(what);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sesh_types::ids::TenantId;
    use sesh_types::time::Timestamp;

    /// What another implementation, in another language, computed from the definition of [`link`].
    #[test]
    fn hashes_are_those_that_are_stored() {
        let entry = |seq, at, actor: &str, action: &str, detail: &str| AuditEntry {
            seq,
            recorded_at: Timestamp(at),
            tenant_id: TenantId::CONSUMERS,
            actor: actor.into(),
            action: action.into(),
            entity: "person:a".into(),
            request_id: format!("r-{seq}"),
            detail: detail.into(),
            hash: None,
        };
        let first = link(GENESIS, &entry(1, 1_776_702_000_000, "person:a", "person.registered", "{}"));
        assert_eq!(first, "a60efbeeb195e2e40c74b3516920e8ebc890e81a4052950d99fbcec08056247b");
        let detail = r#"{"reason":"späm \"x\""}"#;
        let second = link(&first, &entry(2, 1_776_702_001_234, "key:ops", "person.suspended", detail));
        assert_eq!(second, "59fdf7caac594ded21076cff8ec1f6087ba0a1c2c0896a48b3094ea809ca60d5");
        assert_eq!(checkpoint_message(2, "ab"), "sesh-audit-checkpoint-v1\n2\nab");
    }

    fn sealed(count: i64) -> Vec<AuditEntry> {
        let mut before = GENESIS.to_owned();
        (1..=count)
            .map(|seq| {
                let mut entry = AuditEntry {
                    seq,
                    recorded_at: Timestamp(seq * 1000),
                    tenant_id: TenantId::CONSUMERS,
                    actor: "anonymous".into(),
                    action: "login.failed".into(),
                    entity: "person:1".into(),
                    request_id: "r".into(),
                    detail: "{}".into(),
                    hash: None,
                };
                before = link(&before, &entry);
                entry.hash = Some(before.clone());
                entry
            })
            .collect()
    }

    fn walked(log: &[AuditEntry]) -> Walk {
        let mut walk = Walk::after(0, None);
        for entry in log {
            walk.entry(entry);
        }
        walk
    }

    fn problems(log: &[AuditEntry], end: i64) -> Vec<String> {
        let mut walk = walked(log);
        walk.end(end);
        walk.problems
    }

    #[test]
    fn an_untouched_log_holds_sealed_or_not_yet() {
        let mut log = sealed(5);
        assert_eq!(problems(&log, 5), [""; 0]);
        log[4].hash = None;
        assert_eq!(problems(&log, 4), [""; 0]);
    }

    #[test]
    fn every_field_is_covered() {
        let changes: [fn(&mut AuditEntry); 7] = [
            |entry| entry.recorded_at = Timestamp(1),
            |entry| entry.tenant_id = TenantId(uuid::Uuid::nil()),
            |entry| entry.actor.push('x'),
            |entry| entry.action.push('x'),
            |entry| entry.entity.push('x'),
            |entry| entry.request_id.push('x'),
            |entry| entry.detail.push(' '),
        ];
        for change in changes {
            let mut log = sealed(3);
            change(&mut log[1]);
            assert_eq!(problems(&log, 3), ["entry 2 is not what was sealed"]);
        }
    }

    #[test]
    fn text_cannot_move_between_fields() {
        let mut log = sealed(1);
        (log[0].actor, log[0].action) = ("anonymouslogin".into(), ".failed".into());
        assert_eq!(problems(&log, 1), ["entry 1 is not what was sealed"]);
    }

    #[test]
    fn removal_reordering_insertion_and_truncation_are_found() {
        let mut removed = sealed(4);
        removed.remove(1);
        assert_eq!(problems(&removed, 4), ["entries 2 to 2 are missing", "entry 3 is not what was sealed"]);
        let mut swapped = sealed(4);
        (swapped[1].seq, swapped[2].seq) = (3, 2);
        swapped.swap(1, 2);
        assert!(!problems(&swapped, 4).is_empty());
        let mut inserted = sealed(4);
        inserted[2].hash = None;
        assert_eq!(problems(&inserted, 4), ["entry 3 is not sealed although a later one is"]);
        assert_eq!(problems(&sealed(2), 4), ["entries 3 to 4 are missing"]);
    }

    #[test]
    fn a_checkpoint_must_be_signed_and_fit() {
        let log = sealed(3);
        let look = |seq, hash: &str, signed| {
            let mut walk = walked(&log);
            walk.checkpoint(seq, hash, signed);
            walk.problems
        };
        let hash = log[1].hash.clone().unwrap();
        assert_eq!(look(2, &hash, Some(true)), [""; 0]);
        assert_eq!(look(3, &hash, Some(true)), ["checkpoint 3 does not fit the chain"]);
        assert_eq!(look(2, &hash, Some(false)), ["checkpoint 2 has a false signature"]);
        assert_eq!(look(2, &hash, None), ["checkpoint 2 is signed with a key that is not known here"]);
    }
}
