//! No byte of a packet's file can be changed unseen, unless it is whitespace between tokens.

use crate::golden::golden;
use crate::maker::{Log, file, published};
use proptest::prelude::*;
use sesh_audit::packet::verify;

fn holds(file: &[u8]) -> bool {
    verify(file, Some(&published(&["new", "old"]))).valid
}

const WHITESPACE: [u8; 4] = [b' ', b'\t', b'\n', b'\r'];

/// Whether a place is within a text.
fn in_text(file: &[u8], place: usize) -> bool {
    let mut escaped = false;
    file[..place].iter().fold(false, |inside, byte| {
        let quote = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        inside != quote
    })
}

/// Whether a change at `place` touches nothing but whitespace between tokens.
fn is_meaningless(file: &[u8], place: usize, byte: u8) -> bool {
    !in_text(file, place) && WHITESPACE.contains(&file[place]) && WHITESPACE.contains(&byte)
}

/// Changes each byte of the committed packet to each of the bytes that `others` makes of it.
fn change_every_byte(others: impl Fn(u8) -> Vec<u8>) {
    let (original, keys) = (golden(), published(&["new", "old"]));
    assert!(verify(&original, Some(&keys)).valid);
    let mut meaningless = 0;
    for place in 0..original.len() {
        let mut changed = original.clone();
        for byte in others(original[place]).into_iter().filter(|byte| *byte != original[place]) {
            changed[place] = byte;
            if is_meaningless(&original, place, byte) {
                meaningless += 1;
            } else {
                assert!(!verify(&changed, Some(&keys)).valid, "byte {place} as {byte:#04x}");
            }
        }
    }
    assert!(meaningless > 0, "the committed packet has whitespace");
}

/// Each of its bits turned, and the bytes that JSON cares about.
#[test]
fn every_byte_counts() {
    change_every_byte(|byte| (0..8).map(|bit| byte ^ (1 << bit)).chain(*b" \n\"\\,0e").collect());
}

#[test]
#[ignore = "all 255 others of each byte: minutes"]
fn every_byte_as_every_other() {
    change_every_byte(|_| (0..=255).collect());
}

#[test]
fn whitespace_between_tokens_is_meaningless_and_elsewhere_is_not() {
    let original = golden();
    let text = String::from_utf8(original).unwrap();
    for (same, changed) in [
        (true, text.replace('\n', "\r\n\t ")),
        (
            true,
            serde_json::to_string(&serde_json::from_str::<sesh_audit::packet::Packet>(&text).unwrap())
                .unwrap(),
        ),
        (false, text.replace("person.edited", "person. edited")),
        (false, text.replace("\"seq\": 1", "\"seq\": 1 0")),
        (false, text.replace("\"seq\": 1", "\"seq\": 1.0")),
        (false, text.replace("\"seq\": 1", "\"seq\": 01")),
        (false, text.replace("person.edited", "person\\u002eedited")),
        (false, text.replace("\\u0001", "\\u0001\\u0001")),
        (false, text.replace("späm", "sp\\u00e4m")),
        (false, text.replacen("\"after\"", "\"more\": 1, \"after\"", 1)),
        (false, text.replacen("\"rows\": [", "\"rows\": [], \"rows\": [", 1)),
        (false, format!("{text}{{}}")),
        (false, format!("\u{feff}{text}")),
        (true, format!("{{\"success\": true, \"data\": {text}}}")),
        (false, format!("{{\"success\": false, \"data\": {text}}}")),
        (false, format!("{{\"data\": {text}, \"success\": true}}")),
        (false, format!("{{\"success\": true, \"data\": {text}, \"meta\": 1}}")),
        (false, format!("[{text}]")),
    ] {
        assert!(text != changed);
        assert_eq!(holds(changed.as_bytes()), same, "{changed}");
    }
}

fn logs() -> impl Strategy<Value = Log> {
    let text = || prop_oneof!["[a-z:-]{0,12}", "\\PC{0,8}", "[\\x00-\\x1f\"\\\\]{0,4}"];
    (prop::collection::vec((text(), text()), 1..12), 1_usize..5)
        .prop_map(|(texts, nth)| Log::new(&texts, nth))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn of_any_log_one_changed_byte_is_found(
        log in logs(), from in any::<prop::sample::Index>(), places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 16)
    ) {
        let all = log.links.len();
        let first = i64::try_from(from.index(all)).unwrap() + 1;
        let original = file(&log.packet(first, i64::try_from(all).unwrap()));
        prop_assert!(holds(&original));
        for (place, byte) in places {
            let mut changed = original.clone();
            let place = place.index(changed.len());
            if changed[place] != byte {
                changed[place] = byte;
                prop_assert!(!holds(&changed), "byte {place} as {byte:#04x}");
            }
        }
    }

    #[test]
    fn a_byte_more_or_less_is_found(log in logs(), place in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let original = file(&log.packet(1, i64::try_from(log.links.len()).unwrap()));
        let place = place.index(original.len());
        let mut less = original.clone();
        less.remove(place);
        prop_assert!(!holds(&less));
        let mut more = original.clone();
        more.insert(place, byte);
        // Between tokens a blank may come.
        let blank = WHITESPACE.contains(&byte) && !in_text(&original, place);
        prop_assert!(blank || !holds(&more));
        prop_assert!(!holds(&original[..place]));
    }
}
