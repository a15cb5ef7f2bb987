//! `docs/asvs.md` is whole: each requirement of levels 1 and 2 of OWASP ASVS 5.0.0 once, with a state that is known, and what
//! is claimed has something to show for it. What is named exists: `scripts/readme-test` looks, as in every document.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot be set up has failed"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Sections of the standard with their numbers of requirements of levels 1 and 2, which stand in this order in each.
const SECTIONS: &[(&str, usize, usize)] = &[
    ("1.1", 0, 2),
    ("1.2", 5, 4),
    ("1.3", 2, 9),
    ("1.4", 0, 3),
    ("1.5", 1, 1),
    ("2.1", 1, 2),
    ("2.2", 2, 1),
    ("2.3", 1, 3),
    ("2.4", 0, 1),
    ("3.2", 2, 0),
    ("3.3", 1, 3),
    ("3.4", 2, 4),
    ("3.5", 3, 2),
    ("3.7", 0, 2),
    ("4.1", 1, 2),
    ("4.2", 0, 1),
    ("4.3", 0, 2),
    ("4.4", 1, 3),
    ("5.1", 0, 1),
    ("5.2", 2, 1),
    ("5.3", 2, 0),
    ("5.4", 0, 3),
    ("6.1", 1, 2),
    ("6.2", 8, 4),
    ("6.3", 2, 2),
    ("6.4", 2, 2),
    ("6.5", 0, 5),
    ("6.6", 0, 3),
    ("6.8", 0, 4),
    ("7.1", 0, 3),
    ("7.2", 4, 0),
    ("7.3", 0, 2),
    ("7.4", 2, 3),
    ("7.5", 0, 2),
    ("7.6", 0, 2),
    ("8.1", 1, 1),
    ("8.2", 2, 1),
    ("8.3", 1, 0),
    ("8.4", 0, 1),
    ("9.1", 3, 0),
    ("9.2", 1, 3),
    ("10.1", 0, 2),
    ("10.2", 0, 2),
    ("10.3", 0, 4),
    ("10.4", 5, 6),
    ("10.5", 0, 5),
    ("10.6", 0, 2),
    ("10.7", 0, 3),
    ("11.1", 0, 2),
    ("11.2", 0, 3),
    ("11.3", 2, 1),
    ("11.4", 1, 3),
    ("11.5", 0, 1),
    ("11.6", 0, 1),
    ("12.1", 1, 2),
    ("12.2", 2, 0),
    ("12.3", 0, 4),
    ("13.1", 0, 1),
    ("13.2", 0, 5),
    ("13.3", 0, 2),
    ("13.4", 1, 4),
    ("14.1", 0, 2),
    ("14.2", 1, 3),
    ("14.3", 1, 2),
    ("15.1", 1, 2),
    ("15.2", 1, 2),
    ("15.3", 1, 6),
    ("16.1", 0, 1),
    ("16.2", 0, 5),
    ("16.3", 0, 4),
    ("16.4", 0, 3),
    ("16.5", 0, 3),
    ("17.1", 0, 1),
    ("17.2", 0, 4),
    ("17.3", 0, 2),
];
const STATES: [&str; 5] = ["met", "partly", "not met", "edge", "n/a"];

struct Row {
    id: String,
    level: usize,
    about: String,
    state: String,
    shown_by: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn document(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn rows() -> Vec<Row> {
    let text = document("docs/asvs.md");
    let cells = text.lines().filter(|line| line.starts_with("| ")).map(|line| {
        let inner = line.trim_start_matches("| ").trim_end_matches(" |");
        inner.splitn(5, " | ").map(str::to_owned).collect::<Vec<_>>()
    });
    let of_requirements = cells.filter(|cells| cells[0].starts_with(|c: char| c.is_ascii_digit()));
    of_requirements
        .map(|cells| {
            let [id, level, about, state, shown_by] = <[String; 5]>::try_from(cells).unwrap();
            Row { id, level: level.parse().unwrap(), about, state, shown_by }
        })
        .collect()
}

#[test]
fn every_requirement_stands_once_with_its_level_and_a_known_state() {
    let expected: Vec<(String, usize)> = SECTIONS
        .iter()
        .flat_map(|(section, first, second)| {
            (1..=first + second)
                .map(move |place| (format!("{section}.{place}"), if place > *first { 2 } else { 1 }))
        })
        .collect();
    let of_level = |level| expected.iter().filter(|(_, known)| *known == level).count();
    assert_eq!((of_level(1), of_level(2)), (70, 183), "the standard's own numbers");
    let rows = rows();
    let found: Vec<(String, usize)> = rows.iter().map(|row| (row.id.clone(), row.level)).collect();
    let missing: Vec<_> = expected.iter().filter(|row| !found.contains(row)).collect();
    let more: Vec<_> = found.iter().filter(|row| !expected.contains(row)).collect();
    assert!(missing.is_empty() && more.is_empty(), "missing: {missing:?}, too many: {more:?}");
    assert_eq!(found, expected, "each once, in the standard's order");
    for Row { id, about, state, shown_by, .. } in &rows {
        assert!(STATES.contains(&state.as_str()), "{id}: {state:?}");
        assert!(!about.trim().is_empty() && !shown_by.trim().is_empty(), "{id}");
    }
}

#[test]
fn what_is_claimed_is_shown_and_what_is_named_exists() {
    for Row { id, state, shown_by, .. } in rows().iter().filter(|row| row.state == "met") {
        let shown = ["::", "](", "`scripts/", "`workers/", "`shared/", "Cargo.toml"];
        let by_nature = shown_by.contains("the compiler");
        assert!(
            by_nature || shown.iter().any(|mark| shown_by.contains(mark)),
            "{id} is {state} and shows nothing: {shown_by}"
        );
    }
    let looked = Command::new(root().join("scripts/readme-test"))
        .args(["--static", "docs/asvs.md"])
        .current_dir(root())
        .output();
    let looked = looked.unwrap();
    let said = String::from_utf8_lossy(&looked.stderr);
    assert!(looked.status.success(), "{said}");
}

#[test]
fn the_summary_is_what_the_rows_say() {
    let (rows, security) = (rows(), document("docs/security.md"));
    for (name, levels) in [("level 1", vec![1]), ("level 2", vec![2]), ("both", vec![1, 2])] {
        let mut counts: BTreeMap<&str, usize> = STATES.iter().map(|state| (*state, 0)).collect();
        for row in rows.iter().filter(|row| levels.contains(&row.level)) {
            *counts.get_mut(row.state.as_str()).unwrap() += 1;
        }
        let numbers = STATES.map(|state| counts[state].to_string()).join(" | ");
        let line = format!("| {name} | {numbers} |");
        assert!(security.contains(&line), "docs/security.md should say: {line}");
    }
    let (_, section) = security.split_once("## OWASP ASVS").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let named = section.lines().filter_map(|line| line.strip_prefix("- ")?.split_once(':')).map(|(id, _)| id);
    let missing = rows.iter().filter(|row| ["partly", "not met"].contains(&row.state.as_str()));
    assert_eq!(
        named.collect::<BTreeSet<_>>(),
        missing.map(|row| row.id.as_str()).collect::<BTreeSet<_>>(),
        "docs/security.md lists what is not met, or met in part, with its cause"
    );
}
