//! A packet that is committed: whoever holds one of today can check it with the code of tomorrow.

use crate::maker::{Log, published, signed};
use sesh_audit::packet::{Packet, verify};
use std::path::PathBuf;

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("golden").join(name)
}

/// The bytes of the committed file; with `UPDATE_SNAPSHOTS=1`, written first.
pub fn golden() -> Vec<u8> {
    let texts = [
        ("person:a", "{}"),
        ("anonymous", r#"{"reason":"späm \"x\"\n\u0001"}"#),
        ("key:ops", r#"{"before":{"time_zone":"UTC"},"after":{"time_zone":"Europe/London"}}"#),
    ];
    let log = Log::new(&texts.map(|(actor, detail)| (actor.to_owned(), detail.to_owned())), 2);
    let packet = signed(log.draft(1, 3, None));
    let text = format!("{}\n", serde_json::to_string_pretty(&packet).unwrap());
    let keys = serde_json::json!({ "keys": published(&["new", "old"]).jwks() });
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(path("packet.json"), &text).unwrap();
        std::fs::write(path("jwks.json"), format!("{keys:#}\n")).unwrap();
    }
    let committed = std::fs::read(path("packet.json")).unwrap();
    assert!(committed == text.as_bytes(), "the format changed: packets that are out there must still verify");
    committed
}

#[test]
fn the_committed_packet_is_what_the_code_makes_and_verifies() {
    let keys = std::fs::read(path("jwks.json")).unwrap();
    let report = verify(&golden(), Some(&sesh_audit::keys::PublicKeys::read(&keys).unwrap()));
    assert!(report.valid && report.notes.is_empty(), "{report:?}");
}

/// RFC 8785 wants members in order, which the fields' order gives; without it other implementations could not check.
#[test]
fn members_stand_in_the_order_of_the_canonical_form() {
    let packet: Packet = serde_json::from_slice(&golden()).unwrap();
    let written = serde_json::to_string(&packet).unwrap();
    let sorted = serde_json::to_string(&sorted(&serde_json::to_value(&packet).unwrap())).unwrap();
    assert_eq!(written, sorted);
}

fn sorted(value: &serde_json::Value) -> serde_json::Value {
    use serde_json::Value::{Array, Object};
    match value {
        Object(members) => {
            let mut names: Vec<_> = members.keys().collect();
            names.sort_by_key(|name| name.encode_utf16().collect::<Vec<_>>());
            Object(names.into_iter().map(|name| (name.clone(), sorted(&members[name]))).collect())
        }
        Array(values) => Array(values.iter().map(sorted).collect()),
        other => other.clone(),
    }
}
