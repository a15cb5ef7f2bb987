//! Checking that packets belong together.

use super::report::{Code, Problem, Report};
use std::collections::BTreeMap;

/// Checks that packets, in any order, are one stretch of one log: no entry between them is missing, where they overlap
/// they say the same, and each goes on from the hash that the one before ends with. Problems name packets by their
/// place in `reports`, from 1. Those that could not be read are left out.
pub fn join(reports: &[&Report]) -> Vec<Problem> {
    let mut packets: Vec<_> = reports
        .iter()
        .enumerate()
        .filter_map(|(place, report)| report.manifest.as_ref().map(|manifest| (place + 1, manifest, *report)))
        .collect();
    packets.sort_by_key(|(_, manifest, _)| (manifest.first_seq, manifest.last_seq));
    let mut problems = Vec::new();
    let mut known: BTreeMap<i64, (usize, &str)> = BTreeMap::new();
    let mut end: Option<(usize, i64)> = None;
    let mut issuer = None;
    for (place, manifest, report) in packets {
        let first = manifest.first_seq;
        if *issuer.get_or_insert(&manifest.issuer) != &manifest.issuer {
            let message = format!("packet {place} is of another issuer");
            problems.push(Problem::of_packet(Code::Conflict, message));
        }
        if let Some((before, last)) = end
            && first > last.saturating_add(1)
        {
            let (from, to) = (last.saturating_add(1), first.saturating_sub(1));
            let message =
                format!("entries {from} to {to}, between packets {before} and {place}, are in none");
            problems.push(Problem::at(from, Code::Missing, message));
        }
        let told = std::iter::once((first.saturating_sub(1), manifest.before.as_str()));
        let told = told.chain(report.hashes.iter().map(|(seq, hash)| (*seq, hash.as_str())));
        let mut agrees = true;
        for (seq, hash) in told {
            let (other, known) = *known.entry(seq).or_insert((place, hash));
            if agrees && known != hash {
                let message = format!("packets {other} and {place} have different hashes of entry {seq}");
                problems.push(Problem::at(seq, Code::Conflict, message));
                agrees = false;
            }
        }
        if end.is_none_or(|(_, last)| manifest.last_seq > last) {
            end = Some((place, manifest.last_seq));
        }
    }
    problems.sort_by_key(|problem| problem.entry);
    problems
}
