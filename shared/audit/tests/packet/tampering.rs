//! Somebody who tampers with entries: with the packet alone, and as somebody who holds a signing key would.

use crate::maker::{Log, file, jwk, other_tenant, published, sign, signed};
use proptest::prelude::*;
use sesh_audit::chain::{checkpoint_message, link};
use sesh_audit::packet::{Checkpoint, Code, Draft, Packet, Report, join, verify};
use sesh_types::ids::TenantId;

fn checked(packet: &Packet) -> Report {
    verify(&file(packet), Some(&published(&["new", "old"])))
}

/// A way to tamper.
type Tamper = fn(&mut Draft);

/// What is wrong with a packet, and with the same when whoever tampered could sign the manifest anew.
fn told(tamper: impl Fn(&mut Draft)) -> Vec<String> {
    let mut draft = Log::plain(8).draft(1, 8, None);
    tamper(&mut draft);
    checked(&signed(draft)).problems.into_iter().map(|problem| problem.message).collect()
}

#[test]
fn an_untouched_packet_holds_whole_in_part_and_empty() {
    let log = Log::plain(8);
    for (first, last) in [(1, 8), (1, 4), (5, 8), (3, 6), (2, 2), (9, 8), (5, 4)] {
        let report = checked(&log.packet(first, last));
        assert!(report.valid, "{first} to {last}: {:?}", report.problems);
    }
    let empty = Log { rows: Vec::new(), links: Vec::new(), checkpoints: Vec::new() };
    assert!(checked(&empty.packet(1, 0)).valid);
}

#[test]
fn every_tampering_is_found_and_named_even_under_a_new_signature() {
    let cases: [(&str, Tamper); 17] = [
        ("entry 3 is not what was sealed", |draft| draft.rows[2].actor.push('x')),
        ("entry 3 is not what was sealed", |draft| draft.rows[2].recorded_at_ms += 1),
        ("entry 3 is not what was sealed", |draft| draft.rows[2].tenant_id = TenantId::CONSUMERS),
        ("entry 3 is missing", |draft| drop(draft.rows.remove(2))),
        ("entry 3 to 5 are missing", |draft| drop(draft.rows.drain(2..5))),
        ("link 3 is missing", |draft| drop(draft.links.remove(2))),
        ("entry 4 stands behind entry 5", |draft| draft.rows.swap(3, 4)),
        ("entry 3 is there twice", |draft| draft.rows.insert(3, draft.rows[2].clone())),
        ("entry 9 is outside 1 to 8", |draft| {
            let mut row = draft.rows[7].clone();
            row.seq = 9;
            draft.rows.push(row);
        }),
        ("entry 8 is missing", |draft| drop(draft.rows.pop())),
        ("entry 1 is missing", |draft| drop(draft.rows.remove(0))),
        ("entry 4 is not what was sealed", |draft| draft.links[3].hash = "0".repeat(64)),
        ("checkpoint 4 has a false signature", |draft| draft.checkpoints[0].signature = "A".repeat(86)),
        ("checkpoint 5 has a false signature", |draft| draft.checkpoints[0].seq = 5),
        ("checkpoint 4 does not fit the chain", |draft| {
            let hash = draft.links[4].hash.clone();
            let signature = sign("old", checkpoint_message(4, &hash).as_bytes());
            draft.checkpoints[0] = Checkpoint { hash, signature, ..draft.checkpoints[0].clone() };
        }),
        ("checkpoint 8 is signed with the key `gone`, which is not known", |draft| {
            draft.checkpoints[1].kid = "gone".into();
        }),
        ("checkpoint 4 stands behind checkpoint 8", |draft| draft.checkpoints.swap(0, 1)),
    ];
    for (found, tamper) in cases {
        let told = told(tamper);
        assert!(told.iter().any(|problem| problem == found), "{found}: {told:?}");
    }
}

/// Whoever rewrites the entries and all hashes behind them still cannot make the checkpoints fit.
#[test]
fn a_log_written_anew_does_not_fit_its_checkpoints() {
    let told = told(|draft| {
        draft.rows[2].actor = "key:x".into();
        let mut before = draft.before.clone();
        for (row, kept) in draft.rows.iter().zip(&mut draft.links) {
            before = link(&before, &row.entry());
            kept.hash.clone_from(&before);
        }
    });
    assert_eq!(told, ["checkpoint 4 does not fit the chain", "checkpoint 8 does not fit the chain"]);
}

#[test]
fn cutting_either_end_off_shows_by_the_manifest() {
    for cut in [
        |packet: &mut Packet| drop((packet.rows.pop(), packet.links.pop(), packet.checkpoints.pop())),
        |packet: &mut Packet| {
            drop((packet.rows.remove(0), packet.links.remove(0)));
        },
    ] {
        let mut packet = Log::plain(8).packet(1, 8);
        cut(&mut packet);
        let report = checked(&packet);
        let codes: Vec<Code> = report.problems.iter().map(|problem| problem.code).collect();
        assert!(codes.contains(&Code::Missing) && codes.contains(&Code::Digest), "{:?}", report.problems);
    }
    let mut packet = Log::plain(8).packet(1, 8);
    (packet.manifest.last_seq, packet.manifest.entries, packet.manifest.rows) = (7, 7, 7);
    drop((packet.rows.pop(), packet.links.pop(), packet.checkpoints.pop()));
    let report = checked(&packet);
    assert_eq!(report.problems[0].code, Code::Signature, "{:?}", report.problems);
}

#[test]
fn a_signature_of_another_packet_or_key_does_not_do() {
    let log = Log::plain(8);
    let (one, other) = (log.packet(1, 4), log.packet(5, 8));
    let swapped = Packet { signature: other.signature.clone(), ..one.clone() };
    assert_eq!(checked(&swapped).problems[0].message, "the signature is not that of this manifest");
    let mixed = Packet { manifest: other.manifest, signature: other.signature, ..one.clone() };
    assert!(!checked(&mixed).valid);

    let mut draft = log.draft(1, 8, None);
    draft.keys = vec![jwk("evil"), jwk("old")];
    draft.kid = "evil".into();
    let forged = sesh_audit::packet::write(draft, |bytes| sign("evil", bytes)).unwrap();
    let report = verify(forged.text.as_bytes(), Some(&published(&["new", "old"])));
    assert_eq!(report.problems[0].code, Code::UnknownKey, "{:?}", report.problems);
    let report = verify(forged.text.as_bytes(), None);
    assert!(report.valid && report.notes[0].contains("who made it is not shown"), "{report:?}");

    let mut draft = log.draft(1, 8, None);
    draft.keys[0].x = jwk("evil").x;
    let forged = sesh_audit::packet::write(draft, |bytes| sign("evil", bytes)).unwrap();
    let report = verify(forged.text.as_bytes(), Some(&published(&["new", "old"])));
    assert!(report.problems.iter().any(|problem| problem.message.contains("is another one")), "{report:?}");
    assert!(report.problems.iter().any(|problem| problem.code == Code::Signature), "{report:?}");
}

#[test]
fn a_tenants_packet_holds_its_rows_alone_and_says_what_is_withheld() {
    let log = Log::plain(8);
    let draft = || log.draft(1, 8, Some(other_tenant()));
    let report = checked(&signed(draft()));
    assert!(report.valid, "{:?}", report.problems);
    assert!(
        report.notes.iter().any(|note| note.starts_with("6 of 8 entries are of other tenants")),
        "{report:?}"
    );
    for tamper in [
        |draft: &mut Draft| draft.rows[0].actor.push('x'),
        |draft: &mut Draft| draft.rows.swap(0, 1),
        |draft: &mut Draft| draft.rows.push(Log::plain(8).rows[7].clone()),
    ] {
        let mut draft = draft();
        tamper(&mut draft);
        assert!(!checked(&signed(draft)).valid);
    }
    let mut packet = signed(draft());
    packet.rows.pop();
    assert!(!checked(&packet).valid, "the manifest counts");
}

fn joined(packets: &[Packet]) -> Vec<String> {
    let reports: Vec<Report> = packets.iter().map(checked).collect();
    assert!(reports.iter().all(|report| report.valid), "{reports:?}");
    join(&reports.iter().collect::<Vec<_>>()).into_iter().map(|problem| problem.message).collect()
}

#[test]
fn packets_in_any_order_join_and_gaps_and_contradictions_show() {
    let log = Log::plain(12);
    let part = |first, last| log.packet(first, last);
    assert_eq!(joined(&[part(9, 12), part(1, 4), part(5, 8)]), [""; 0]);
    assert_eq!(joined(&[part(1, 6), part(4, 12), part(2, 3)]), [""; 0], "overlaps that agree");
    assert_eq!(joined(&[part(1, 12), part(13, 12)]), [""; 0], "nothing happened");
    assert_eq!(joined(&[part(1, 4), part(9, 12)]), ["entries 5 to 8, between packets 1 and 2, are in none"]);
    let other = Log::new(&vec![("person:b".to_owned(), "{}".to_owned()); 12], 4);
    assert_eq!(
        joined(&[part(1, 4), other.packet(5, 8)]),
        ["packets 1 and 2 have different hashes of entry 4"]
    );
    assert_eq!(
        joined(&[part(1, 4), other.packet(3, 8)]),
        ["packets 1 and 2 have different hashes of entry 2"]
    );
    let mut foreign = log.draft(5, 8, None);
    foreign.issuer = "https://elsewhere".into();
    assert_eq!(joined(&[part(1, 4), signed(foreign)]), ["packet 2 is of another issuer"]);
}

#[test]
fn numbers_out_of_any_range_do_no_harm() {
    let log = Log::plain(3);
    for extreme in [i64::MIN, -1, 0, i64::MAX] {
        let tampers: [fn(&mut Packet, i64); 6] = [
            |packet, to| packet.manifest.first_seq = to,
            |packet, to| packet.manifest.last_seq = to,
            |packet, to| packet.manifest.next = Some(to),
            |packet, to| packet.rows[1].seq = to,
            |packet, to| packet.links[1].seq = to,
            |packet, to| packet.checkpoints[0].seq = to,
        ];
        for tamper in tampers {
            let mut packet = log.packet(1, 3);
            tamper(&mut packet, extreme);
            assert!(!checked(&packet).valid);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// Removing, repeating, moving or exchanging entries of a packet, together with their links or without.
    #[test]
    fn any_rearrangement_is_found(
        count in 2_usize..20, left in any::<prop::sample::Index>(), right in any::<prop::sample::Index>(), how in 0..4, with_links: bool
    ) {
        let log = Log::plain(count);
        let all = i64::try_from(count).unwrap();
        let original = log.draft(1, all, None);
        let mut draft = original.clone();
        let (left, right) = (left.index(count), right.index(count));
        macro_rules! rearrange {
            ($list:expr) => {
                match how {
                    0 => drop($list.remove(left)),
                    1 => $list.insert(right, $list[left].clone()),
                    2 => $list.swap(left, right),
                    _ => {
                        let moved = $list.remove(left);
                        $list.insert(right, moved);
                    }
                }
            };
        }
        rearrange!(draft.rows);
        if with_links {
            rearrange!(draft.links);
        }
        prop_assume!(draft.rows != original.rows);
        let stated = signed(original).manifest;
        let mut packet = signed(draft);
        prop_assert!(!checked(&packet).valid, "signed anew");
        packet.manifest = stated;
        prop_assert!(!checked(&packet).valid, "with the manifest that was");
    }
}
