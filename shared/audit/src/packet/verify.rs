//! Checking one packet.

use super::report::{Code, Problem, Report};
use super::write::{count, digest};
use super::{FORMAT, Link, Manifest, Packet, Row, read, signed_bytes};
use crate::chain::{GENESIS, checkpoint_message, link};
use crate::keys::PublicKeys;
use std::collections::{BTreeMap, BTreeSet};

/// Checks a packet's file: form, signature, digests, every entry against its hash and the hash before it, numbers
/// against gaps, checkpoints against the chain and their signatures.
///
/// With `trusted` keys, every key that signed must be one of them. Without, the keys in the packet are taken: that shows
/// that the packet is whole, and not who made it.
pub fn verify(file: &[u8], trusted: Option<&PublicKeys>) -> Report {
    let packet = match read::read(file) {
        Ok(packet) => packet,
        Err(why) => {
            let problem = Problem::of_packet(Code::Malformed, format!("the file is no packet: {why}"));
            return Report::new(None, vec![problem], Vec::new(), Vec::new());
        }
    };
    let mut check = Check { packet: &packet, problems: Vec::new(), notes: Vec::new() };
    let keys = check.keys(trusted);
    check.signature(&keys);
    check.manifest();
    check.digests();
    let hashes = check.chain();
    check.checkpoints(&hashes, &keys);
    check.what_should_be_known(trusted.is_some());
    let Check { problems, notes, .. } = check;
    Report::new(Some(packet.manifest), problems, notes, hashes.into_iter().collect())
}

struct Check<'p> {
    packet: &'p Packet,
    problems: Vec<Problem>,
    notes: Vec<String>,
}

/// Hashes by entry.
type Hashes = BTreeMap<i64, String>;

impl Check<'_> {
    /// The keys to check with: the trusted ones, or those in the packet.
    fn keys(&mut self, trusted: Option<&PublicKeys>) -> PublicKeys {
        let named = &self.packet.manifest.keys;
        let own = PublicKeys::of(named);
        let ids: BTreeSet<&str> = named.iter().map(|key| key.kid.as_str()).collect();
        if ids.len() != named.len() || named.iter().any(|key| own.jwk(&key.kid).as_ref() != Some(key)) {
            self.packet_problem(Code::Manifest, "the manifest's keys are malformed");
        }
        let Some(trusted) = trusted else { return own };
        for key in named {
            match trusted.jwk(&key.kid) {
                None => {
                    let message = format!(
                        "the key `{}` is not among the given ones: whose it is, is not known",
                        key.kid
                    );
                    self.packet_problem(Code::UnknownKey, message);
                }
                Some(known) if known != *key => {
                    let message =
                        format!("the key `{}` is another one than the given key of this id", key.kid);
                    self.packet_problem(Code::UnknownKey, message);
                }
                Some(_) => {}
            }
        }
        trusted.clone()
    }

    fn signature(&mut self, keys: &PublicKeys) {
        let manifest = &self.packet.manifest;
        let bytes = serde_json::to_vec(manifest).unwrap_or_default();
        match keys.verify(&manifest.kid, &signed_bytes(&bytes), &self.packet.signature) {
            Some(true) => {}
            Some(false) => self.packet_problem(Code::Signature, "the signature is not that of this manifest"),
            None => {
                let message = format!("the signature's key `{}` is not known", manifest.kid);
                self.packet_problem(Code::UnknownKey, message);
            }
        }
    }

    /// Whether the manifest agrees with itself.
    fn manifest(&mut self) {
        let manifest = &self.packet.manifest;
        let Manifest { first_seq, last_seq, entries, log_sealed_through, log_through, next, .. } = manifest;
        let length = last_seq.checked_sub(*first_seq).and_then(|span| span.checked_add(1));
        let sound = *first_seq >= 1
            && *entries >= 0
            && length == Some(*entries)
            && (*first_seq == 1) == (manifest.before == GENESIS)
            && (*entries > 0 || manifest.head == manifest.before)
            && manifest.after < *first_seq
            && last_seq <= log_sealed_through
            && next.is_none_or(|next| next == *last_seq);
        if manifest.format != FORMAT {
            self.packet_problem(Code::Manifest, format!("the format is not {FORMAT}"));
        }
        if log_sealed_through > log_through {
            let message = format!(
                "the log ended at entry {log_through} when the packet was made, but had hashes up to {log_sealed_through}"
            );
            self.problems.push(Problem::at(log_through.saturating_add(1), Code::Missing, message));
        }
        if !sound {
            self.packet_problem(Code::Manifest, "the manifest contradicts itself");
        }
    }

    fn digests(&mut self) {
        let Packet { checkpoints, links, manifest, rows, .. } = self.packet;
        let parts = [
            ("rows", digest(rows), &manifest.rows_sha256, count(rows), manifest.rows),
            ("links", digest(links), &manifest.links_sha256, count(links), manifest.entries),
            (
                "checkpoints",
                digest(checkpoints),
                &manifest.checkpoints_sha256,
                count(checkpoints),
                manifest.checkpoints,
            ),
        ];
        for (name, found, stated, has, should) in parts {
            if has != should {
                let message = format!("the packet has {has} {name}, and its manifest says {should}");
                self.packet_problem(Code::Digest, message);
            } else if found.as_ref() != Some(stated) {
                self.packet_problem(Code::Digest, format!("the {name} are not those of the manifest"));
            }
        }
    }

    /// Walks the segment; returns the hashes of its entries.
    fn chain(&mut self) -> Hashes {
        let Packet { links, manifest, rows, .. } = self.packet;
        let (first, last) = (manifest.first_seq, manifest.last_seq);
        let numbers = links.iter().map(|link| link.seq);
        self.numbers("link", numbers, (first, last), true);
        let whole = manifest.tenant_id.is_none();
        self.numbers("entry", rows.iter().map(|row| row.seq), (first, last), whole);
        let hashes: Hashes = links.iter().rev().map(|Link { seq, hash }| (*seq, hash.clone())).collect();
        for row in rows {
            self.row(row, &hashes);
        }
        if last >= first && hashes.get(&last).is_some_and(|hash| *hash != manifest.head) {
            let message = format!("the hash of entry {last} is not the manifest's head");
            self.problems.push(Problem::at(last, Code::Altered, message));
        }
        hashes
    }

    /// An entry's content against its hash and the hash before it.
    fn row(&mut self, row: &Row, hashes: &Hashes) {
        let manifest = &self.packet.manifest;
        let seq = row.seq;
        let before = if seq == manifest.first_seq {
            Some(&manifest.before)
        } else {
            seq.checked_sub(1).and_then(|before| hashes.get(&before))
        };
        if let (Some(before), Some(hash)) = (before, hashes.get(&seq))
            && link(before, &row.entry()) != *hash
        {
            self.problems.push(Problem::at(
                seq,
                Code::Altered,
                format!("entry {seq} is not what was sealed"),
            ));
        }
        if manifest.tenant_id.is_some_and(|tenant| tenant != row.tenant_id) {
            let message = format!("entry {seq} is another tenant's");
            self.problems.push(Problem::at(seq, Code::Surplus, message));
        }
    }

    /// Whether numbers rise one by one (or, where some are left out, rise) from the first to the last.
    fn numbers(
        &mut self,
        what: &str,
        numbers: impl Iterator<Item = i64>,
        (first, last): (i64, i64),
        without_gap: bool,
    ) {
        let mut seen = BTreeSet::new();
        let mut highest = first.saturating_sub(1);
        for seq in numbers {
            let (code, message) = if !seen.insert(seq) {
                (Code::Surplus, format!("{what} {seq} is there twice"))
            } else if seq < first || seq > last {
                (Code::Surplus, format!("{what} {seq} is outside {first} to {last}"))
            } else if seq < highest {
                (Code::Order, format!("{what} {seq} stands behind {what} {highest}"))
            } else {
                highest = seq;
                continue;
            };
            self.problems.push(Problem::at(seq, code, message));
        }
        if !without_gap {
            return;
        }
        let mut expected = first;
        for seq in seen.into_iter().filter(|seq| (first..=last).contains(seq)).chain([last.saturating_add(1)])
        {
            if seq > expected {
                let upto = seq.saturating_sub(1);
                let message = if upto == expected {
                    format!("{what} {expected} is missing")
                } else {
                    format!("{what} {expected} to {upto} are missing")
                };
                self.problems.push(Problem::at(expected, Code::Missing, message));
            }
            expected = seq.saturating_add(1);
        }
    }

    fn checkpoints(&mut self, hashes: &Hashes, keys: &PublicKeys) {
        let mut before = 0;
        for checkpoint in &self.packet.checkpoints {
            let seq = checkpoint.seq;
            let message = checkpoint_message(seq, &checkpoint.hash);
            let signed = keys.verify(&checkpoint.kid, message.as_bytes(), &checkpoint.signature);
            let problem = match signed {
                None => Some((
                    Code::UnknownKey,
                    format!("is signed with the key `{}`, which is not known", checkpoint.kid),
                )),
                Some(false) => Some((Code::Checkpoint, "has a false signature".to_owned())),
                Some(true) if hashes.get(&seq) != Some(&checkpoint.hash) => {
                    Some((Code::Checkpoint, "does not fit the chain".to_owned()))
                }
                Some(true) if seq <= before => {
                    Some((Code::Order, format!("stands behind checkpoint {before}")))
                }
                Some(true) => None,
            };
            if let Some((code, message)) = problem {
                self.problems.push(Problem::at(seq, code, format!("checkpoint {seq} {message}")));
            }
            before = before.max(seq);
        }
    }

    fn what_should_be_known(&mut self, pinned: bool) {
        let Packet { checkpoints, manifest, .. } = self.packet;
        let mut notes = Vec::new();
        if !pinned {
            notes.push(
                "verified with the keys in the packet itself: it is whole, but who made it is not shown; give the \
                 issuer's keys"
                    .to_owned(),
            );
        }
        let signed_through = checkpoints.last().map_or(manifest.first_seq.saturating_sub(1), |last| last.seq);
        if signed_through < manifest.last_seq {
            notes.push(format!(
                "entries {} to {} stand behind the last checkpoint: the packet's signature alone covers them",
                signed_through.saturating_add(1),
                manifest.last_seq
            ));
        }
        if let Some(tenant) = manifest.tenant_id {
            notes.push(format!(
                "{} of {} entries are of other tenants than {tenant} and withheld: of them only hashes were compared",
                manifest.entries.saturating_sub(manifest.rows),
                manifest.entries
            ));
        }
        if let Some(next) = manifest.next {
            notes.push(format!("the export goes on behind entry {next} in another packet"));
        }
        if manifest.log_sealed_through < manifest.log_through {
            notes.push(format!(
                "entries {} to {} of the log were not sealed yet when the packet was made",
                manifest.log_sealed_through.saturating_add(1),
                manifest.log_through
            ));
        }
        self.notes.extend(notes);
    }

    fn packet_problem(&mut self, code: Code, message: impl Into<String>) {
        self.problems.push(Problem::of_packet(code, message));
    }
}
