//! observer's public side: its keys, and nothing else.

use authorization::routes::{ROUTES, Route};
use e2e::actors::{Anonymous, Caller};
use e2e::fleet::Worker::Observer;
use e2e::routes::documented;
use std::collections::BTreeSet;

#[test]
fn the_keys_of_tokens_are_public_and_only_their_public_halves() {
    let got = Anonymous::at(Observer).get("/.well-known/jwks.json").is(200);
    let keys = got.json()["keys"].as_array().unwrap().clone();
    assert!(!keys.is_empty(), "{got}");
    for key in &keys {
        assert_eq!((&key["kty"], &key["crv"]), (&"OKP".into(), &"Ed25519".into()), "{key}");
        assert!(key["kid"].is_string() && key["x"].as_str().unwrap().len() == 43, "{key}");
        assert!(key.get("d").is_none(), "a private key: {key}");
    }
    assert!(got.header("cache-control").unwrap().contains("max-age"), "{:?}", got.headers);
    assert!(got.json().get("success").is_none(), "RFC 7517 knows no envelope");
}

#[test]
fn a_token_names_one_of_those_keys() {
    let person = e2e::actors::Person::new();
    let head = person.access.split('.').next().unwrap();
    let keys = Anonymous::at(Observer).get("/.well-known/jwks.json").is(200).json();
    let kids: Vec<String> =
        keys["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect();
    let named = |kid: &String| {
        let text = format!("\"kid\":\"{kid}\"");
        (0..3).any(|shift| head.contains(&base64url(&text[shift..text.len() - 3])[..]))
    };
    assert!(kids.iter().any(named), "{head} names none of {kids:?}");
}

/// Unpadded, of the whole triples alone: a text inside a longer one keeps these letters at one of three shifts.
fn base64url(text: &str) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let triples = text.as_bytes().chunks_exact(3);
    triples
        .flat_map(|three| {
            let bits = u32::from(three[0]) << 16 | u32::from(three[1]) << 8 | u32::from(three[2]);
            [18, 12, 6, 0].map(|shift| char::from(LETTERS[(bits >> shift & 63) as usize]))
        })
        .collect()
}

#[test]
fn nothing_else_is_public() {
    let found: BTreeSet<String> = documented(Observer).into_iter().map(|route| route.name()).collect();
    let public = ROUTES.iter().filter(|route| route.worker == "observer" && !route.is_internal());
    assert_eq!(found, public.map(Route::name).collect());
    let anyone = Anonymous::at(Observer);
    for path in ["/api/v1/auth/login", "/api/v1/me", "/api/v1/users", "/api/v1/audit"] {
        anyone.get(path).refused(404, "not_found");
    }
}
