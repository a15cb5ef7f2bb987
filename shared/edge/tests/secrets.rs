//! Digests, MACs and encodings, held against known answers and against themselves.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stderr, reason = "tests")]

use hmac::{Hmac, Mac};
use proptest::collection::vec;
use proptest::prelude::*;
use sesh_edge::secret::{base64url, from_base64url, hex, hmac_sha256, same, sha256};
use sha2::Sha256;

fn plain(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

/// Each part behind its length, and the whole under plain HMAC (RFC 2104).
fn framed(key: &[u8], parts: &[Vec<u8>]) -> Vec<u8> {
    let mut message = Vec::new();
    for part in parts {
        message.extend(u64::try_from(part.len()).unwrap().to_be_bytes());
        message.extend(part);
    }
    plain(key, &message)
}

fn mac(parts: &[Vec<u8>]) -> [u8; 32] {
    hmac_sha256(b"key", &parts.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

fn parts() -> impl Strategy<Value = Vec<Vec<u8>>> {
    vec(vec(any::<u8>(), 0..20), 0..5)
}

fn bytes_of(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

proptest! {
    #[test]
    fn a_mac_is_hmac_of_the_framed_parts(key in vec(any::<u8>(), 0..100), parts in parts()) {
        let refs: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
        prop_assert_eq!(hmac_sha256(&key, &refs).to_vec(), framed(&key, &parts));
    }

    #[test]
    fn other_parts_have_another_mac_also_when_they_are_cut_elsewhere(
        one in parts(), other in parts(), at in any::<prop::sample::Index>(),
    ) {
        prop_assert_eq!(one == other, mac(&one) == mac(&other));
        let whole: Vec<u8> = one.concat();
        let (head, tail) = whole.split_at(at.index(whole.len() + 1));
        let cut = vec![head.to_vec(), tail.to_vec()];
        prop_assert_eq!(one == cut, mac(&one) == mac(&cut));
    }

    #[test]
    fn bytes_come_back_from_base64url_and_have_one_spelling(
        bytes in vec(any::<u8>(), 0..80), text in "[A-Za-z0-9_-]{0,9}",
    ) {
        prop_assert_eq!(from_base64url(&base64url(&bytes)).unwrap(), bytes);
        if let Some(read) = from_base64url(&text) {
            prop_assert_eq!(base64url(&read), text);
        }
    }

    #[test]
    fn sameness_is_equality(one in ".{0,20}", other in ".{0,20}") {
        prop_assert!(same(&one, &one));
        prop_assert_eq!(same(&one, &other), one == other);
    }

    #[test]
    fn hexadecimal_is_two_digits_a_byte(bytes in vec(any::<u8>(), 0..40)) {
        let text = hex(&bytes);
        prop_assert_eq!(text.len(), bytes.len() * 2);
        prop_assert_eq!(bytes_of(&text), bytes);
    }
}

/// Project Wycheproof's vectors of HMAC-SHA-256, when they lie beside the project. HKDF and PBKDF2 are not used here.
#[test]
fn hmac_has_the_known_answers_of_wycheproof() {
    let path =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/auth/wycheproof_hmac_sha256_test.json");
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!("skipped: {path} is not there");
        return;
    };
    let file: serde_json::Value = serde_json::from_str(&text).unwrap();
    let bytes = |value: &serde_json::Value| bytes_of(value.as_str().unwrap());
    let mut count = 0;
    for group in file["testGroups"].as_array().unwrap() {
        let bits = usize::try_from(group["tagSize"].as_u64().unwrap()).unwrap();
        for test in group["tests"].as_array().unwrap() {
            let mac = plain(&bytes(&test["key"]), &bytes(&test["msg"]));
            let right = mac[..bits / 8] == bytes(&test["tag"]);
            assert_eq!(right, test["result"] == "valid", "{test}");
            count += 1;
        }
    }
    assert!(count > 100, "{count} vectors");
}

#[test]
fn sha_256_of_nothing() {
    assert_eq!(hex(&sha256(b"")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}
