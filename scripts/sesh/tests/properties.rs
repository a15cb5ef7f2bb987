//! What holds for every file, however broken.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use proptest::prelude::*;
use sesh::strains::catalogue::build;
use sesh::strains::chunks::{MAX_BODY_BYTES, cut};
use sesh::strains::{quarantine, reader, report::Report};
use std::collections::BTreeSet;

/// Reads and judges a file, and checks what must hold for all.
fn check(bytes: &[u8]) {
    let Ok(table) = reader::read(bytes) else { return };
    let rows = table.records.len();
    let lines: Vec<u64> = table.records.iter().map(|record| record.line).collect();
    let last = bytes.iter().map(|byte| u64::from(*byte == b'\n')).sum::<u64>() + 1;
    assert!(lines.iter().all(|line| (1..=last).contains(line)));
    assert!(lines.is_sorted());
    let catalogue = build(&table);
    assert_eq!(catalogue.accepted.len() + catalogue.quarantined.len(), rows);
    let report = Report::of(&catalogue);
    assert_eq!(report.causes.iter().map(|(_, count)| count).sum::<usize>(), report.quarantined);
    let slugs: BTreeSet<_> = catalogue.accepted.iter().map(|row| row.strain.slug.as_str()).collect();
    assert_eq!(slugs.len(), catalogue.accepted.len());
    quarantine::to_csv(&catalogue.quarantined).unwrap();
    let chunks = cut("any", catalogue.accepted.iter().map(|row| &row.strain), 200, MAX_BODY_BYTES).unwrap();
    assert!(chunks.iter().all(|chunk| chunk.body.len() <= MAX_BODY_BYTES));
    assert_eq!(
        chunks.iter().map(sesh::strains::chunks::Chunk::rows).sum::<usize>(),
        catalogue.accepted.len()
    );
}

/// Cells that hit the rules more often than chance would.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just("NULL".to_owned()),
        "[0-9]{1,4}",
        Just("127".to_owned()),
        "\"[a-zA-Z<>&;/!-]{0,12}(\"\"|\n|,|\r\n)?[ a-z]{0,8}\"",
        "(Haze|haze |â€™s|Organi|Relaxed, Dry Mouth|1, 2,3|<p>x</p>|&amp;)",
        "\\PC{0,6}",
    ]
}

fn row() -> impl Strategy<Value = String> {
    proptest::collection::vec(cell(), 10..14).prop_map(|cells| cells.join(","))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        check(&bytes);
    }

    #[test]
    fn arbitrary_bytes_below_a_good_header_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        check(&[b"id,name,type\n", bytes.as_slice()].concat());
    }

    #[test]
    fn likely_cells_are_all_accounted_for(rows in proptest::collection::vec(row(), 0..20), windows in any::<bool>()) {
        let header = "id,name,type,description,crosses,breeder,effects,ailment,flavor,terpenes,thc,cbd".to_owned();
        let end = if windows { "\r\n" } else { "\n" };
        let lines: Vec<String> = std::iter::once(header).chain(rows).collect();
        check(lines.join(end).as_bytes());
    }
}
