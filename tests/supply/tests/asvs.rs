//! `docs/asvs.md` is whole: each requirement of OWASP ASVS 5.0.0 once, with its level and a state that is known, and what
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

/// Sections of the standard with their numbers of requirements of levels 1, 2 and 3, which stand in this order in each.
const SECTIONS: &[(&str, usize, usize, usize)] = &[
    ("1.1", 0, 2, 0),
    ("1.2", 5, 4, 1),
    ("1.3", 2, 9, 1),
    ("1.4", 0, 3, 0),
    ("1.5", 1, 1, 1),
    ("2.1", 1, 2, 0),
    ("2.2", 2, 1, 0),
    ("2.3", 1, 3, 1),
    ("2.4", 0, 1, 1),
    ("3.1", 0, 0, 1),
    ("3.2", 2, 0, 1),
    ("3.3", 1, 3, 1),
    ("3.4", 2, 4, 2),
    ("3.5", 3, 2, 3),
    ("3.6", 0, 0, 1),
    ("3.7", 0, 2, 3),
    ("4.1", 1, 2, 2),
    ("4.2", 0, 1, 4),
    ("4.3", 0, 2, 0),
    ("4.4", 1, 3, 0),
    ("5.1", 0, 1, 0),
    ("5.2", 2, 1, 3),
    ("5.3", 2, 0, 1),
    ("5.4", 0, 3, 0),
    ("6.1", 1, 2, 0),
    ("6.2", 8, 4, 0),
    ("6.3", 2, 2, 4),
    ("6.4", 2, 2, 2),
    ("6.5", 0, 5, 3),
    ("6.6", 0, 3, 1),
    ("6.7", 0, 0, 2),
    ("6.8", 0, 4, 0),
    ("7.1", 0, 3, 0),
    ("7.2", 4, 0, 0),
    ("7.3", 0, 2, 0),
    ("7.4", 2, 3, 0),
    ("7.5", 0, 2, 1),
    ("7.6", 0, 2, 0),
    ("8.1", 1, 1, 2),
    ("8.2", 2, 1, 1),
    ("8.3", 1, 0, 2),
    ("8.4", 0, 1, 1),
    ("9.1", 3, 0, 0),
    ("9.2", 1, 3, 0),
    ("10.1", 0, 2, 0),
    ("10.2", 0, 2, 1),
    ("10.3", 0, 4, 1),
    ("10.4", 5, 6, 5),
    ("10.5", 0, 5, 0),
    ("10.6", 0, 2, 0),
    ("10.7", 0, 3, 0),
    ("11.1", 0, 2, 2),
    ("11.2", 0, 3, 2),
    ("11.3", 2, 1, 2),
    ("11.4", 1, 3, 0),
    ("11.5", 0, 1, 1),
    ("11.6", 0, 1, 1),
    ("11.7", 0, 0, 2),
    ("12.1", 1, 2, 2),
    ("12.2", 2, 0, 0),
    ("12.3", 0, 4, 1),
    ("13.1", 0, 1, 3),
    ("13.2", 0, 5, 1),
    ("13.3", 0, 2, 2),
    ("13.4", 1, 4, 2),
    ("14.1", 0, 2, 0),
    ("14.2", 1, 3, 4),
    ("14.3", 1, 2, 0),
    ("15.1", 1, 2, 2),
    ("15.2", 1, 2, 2),
    ("15.3", 1, 6, 0),
    ("15.4", 0, 0, 4),
    ("16.1", 0, 1, 0),
    ("16.2", 0, 5, 0),
    ("16.3", 0, 4, 0),
    ("16.4", 0, 3, 0),
    ("16.5", 0, 3, 1),
    ("17.1", 0, 1, 1),
    ("17.2", 0, 4, 4),
    ("17.3", 0, 2, 0),
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
        .flat_map(|(section, first, second, third)| {
            let levels = [(1, *first), (2, *second), (3, *third)];
            let levels = levels.into_iter().flat_map(|(level, count)| std::iter::repeat_n(level, count));
            levels.zip(1..).map(move |(level, place): (usize, usize)| (format!("{section}.{place}"), level))
        })
        .collect();
    let of_level = |level| expected.iter().filter(|(_, known)| *known == level).count();
    assert_eq!((of_level(1), of_level(2), of_level(3)), (70, 183, 92), "the standard's own numbers");
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
    for (name, levels) in
        [("level 1", vec![1]), ("level 2", vec![2]), ("level 3", vec![3]), ("all", vec![1, 2, 3])]
    {
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

#[test]
fn nothing_that_is_compiled_in_runs_regular_expressions() {
    let lock: toml::Table = document("Cargo.lock").parse().unwrap();
    for package in lock["package"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        let engine =
            ["regex", "regex-lite", "regex-automata", "fancy-regex", "onig", "pcre2"].contains(&name);
        assert!(!engine, "{name} would look for patterns in what strangers send: 1.3.12");
    }
}

/// What does cryptography: crates, the runtime's own, and browsers'.
const CRYPTOGRAPHY: [&str; 24] = [
    "aes::",
    "aes_gcm::",
    "argon2::",
    "blake2::",
    "blake3::",
    "chacha20poly1305::",
    "crypto.getRandomValues",
    "crypto.randomUUID",
    "crypto.subtle",
    "ed25519_compact::",
    "ed25519_dalek::",
    "getrandom::",
    "hmac::",
    "jwt_compact::",
    "md5::",
    "node:crypto",
    "p256::",
    "rand::",
    "ring::",
    "rsa::",
    "sha1::",
    "sha2::",
    "subtle::",
    "x25519_dalek::",
];

/// Files below a folder that are code and no test.
fn code_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let of_tests = name == "tests" || name.starts_with("testing") || name.starts_with("stand_in");
        let of_tests = of_tests || name.contains("tests.") || name.contains(".test.");
        if of_tests || name == "target" || name == "assets" {
            continue;
        }
        if path.is_dir() {
            code_below(&path, found);
        } else if ["rs", "mjs", "ts"].iter().any(|ending| path.extension().is_some_and(|is| is == *ending)) {
            found.push(path);
        }
    }
}

/// Whether a word stands there, and not as the end of another.
fn stands_in(text: &str, word: &str) -> bool {
    let part_of_another = |before: &str| before.ends_with(|last: char| last.is_alphanumeric() || last == '_');
    text.match_indices(word).any(|(place, _)| !part_of_another(&text[..place]))
}

#[test]
fn every_file_that_does_cryptography_is_in_the_inventory() {
    let mut files = Vec::new();
    for folder in ["shared", "workers"] {
        code_below(&root().join(folder), &mut files);
    }
    assert!(files.len() > 200, "{} files", files.len());
    let found: BTreeSet<String> = files
        .iter()
        .filter(|file| {
            // Tests beside the code stand at its end.
            let text = std::fs::read_to_string(file).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
            CRYPTOGRAPHY.iter().any(|word| stands_in(code, word))
        })
        .map(|file| file.strip_prefix(root()).unwrap().to_string_lossy().into_owned())
        .collect();
    let security = document("docs/security.md");
    let (_, inventory) = security.split_once("\n| file | what |\n").unwrap();
    let (inventory, _) = inventory.split_once("\n\n").unwrap();
    let files = inventory.lines().filter_map(|line| line.split(" | ").next());
    let listed: BTreeSet<String> =
        files.flat_map(|cell| cell.split('`').filter(|part| part.contains('/'))).map(str::to_owned).collect();
    assert_eq!(found, listed, "docs/security.md, Cryptography: where it is done");
}
