//! `sesh verify` as an auditor runs it, on the committed packet.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/audit/golden").join(name)
}

fn verify(words: &[&Path]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sesh")).arg("verify").args(words).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A changed copy of the committed packet, in a file of its own.
fn changed(name: &str, change: impl Fn(String) -> String) -> PathBuf {
    let path = std::env::temp_dir().join(format!("sesh-verify-{name}-{}.json", std::process::id()));
    let original = fs::read_to_string(golden("packet.json")).unwrap();
    let text = change(original.clone());
    assert_ne!(text, original);
    fs::write(&path, text).unwrap();
    path
}

#[test]
fn the_committed_packet_verifies_and_its_origin_only_with_the_keys() {
    let (packet, keys) = (golden("packet.json"), golden("jwks.json"));
    let pinned = verify(&[&packet, Path::new("--jwks"), &keys]);
    assert_eq!(pinned.status.code(), Some(0), "{}", text(&pinned.stderr));
    let out = text(&pinned.stdout);
    assert!(
        out.contains("entries  1 to 3, 3 with content, 2 checkpoints") && out.contains("\nVERIFIED:"),
        "{out}"
    );
    let alone = verify(&[&packet]);
    assert_eq!(alone.status.code(), Some(0));
    let out = text(&alone.stdout);
    assert!(
        out.contains("who made it is not shown") && out.contains("\nWHOLE:") && !out.contains("VERIFIED"),
        "{out}"
    );
}

#[test]
fn what_is_wrong_is_told_the_first_place_first() {
    let path =
        changed("edit", |text| text.replace("person:3", "person:4").replace("person:1\"", "person:9\""));
    let output = verify(&[&path]);
    assert_eq!(output.status.code(), Some(1));
    let out = text(&output.stdout);
    let problems: Vec<&str> = out.lines().filter_map(|line| line.strip_prefix("  PROBLEM  ")).collect();
    assert_eq!(
        problems,
        [
            "the rows are not those of the manifest",
            "entry 1 is not what was sealed",
            "entry 3 is not what was sealed"
        ]
    );
    assert!(out.ends_with("NOT VERIFIED\n"));
    fs::remove_file(path).unwrap();
}

#[test]
fn machines_read_json() {
    let path = changed("json", |text| text.replace("r-2", "r-3"));
    let output = verify(&[&golden("packet.json"), &path, Path::new("--json")]);
    assert_eq!(output.status.code(), Some(1));
    let outcome: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&outcome["valid"], &outcome["pinned"]), (&false.into(), &false.into()));
    let packets = outcome["packets"].as_array().unwrap();
    assert_eq!((&packets[0]["valid"], &packets[0]["manifest"]["last_seq"]), (&true.into(), &3.into()));
    assert_eq!(packets[1]["problems"][1]["entry"], 2);
    assert_eq!(packets[1]["problems"][1]["code"], "altered");
    fs::remove_file(path).unwrap();
}

#[test]
fn what_cannot_be_checked_is_another_exit_code() {
    let (packet, nowhere) = (golden("packet.json"), PathBuf::from("/nonexistent/packet.json"));
    for (words, code, told) in [
        (vec![nowhere.as_path()], 2, "packet.json: No such file"),
        (vec![&packet, Path::new("--jwks"), &nowhere], 2, "No such file"),
        (vec![&packet, Path::new("--jwks"), &packet], 2, "no key set"),
        (vec![], 2, "PACKET"),
    ] {
        let output = verify(&words);
        assert_eq!(output.status.code(), Some(code), "{words:?}");
        assert!(text(&output.stderr).contains(told), "{words:?}: {}", text(&output.stderr));
    }
    let path = changed("garbage", |text| text.chars().take(700).collect());
    let output = verify(&[&path]);
    assert_eq!(output.status.code(), Some(1), "a file that was cut off is tampered with");
    assert!(text(&output.stdout).contains("it ends too early"), "{}", text(&output.stdout));
    fs::remove_file(path).unwrap();
}
