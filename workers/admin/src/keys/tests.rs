use crate::testing::{KEY, NOON, Stage, person_token};
use sesh_edge::native::{Call, captured_logs};
use sesh_types::time::SECOND_MS;

const PATH: &str = "/api/v1/analytics/overview";

fn call() -> Call {
    Call::new("GET", PATH)
}

fn status(call: Call) -> (u16, String) {
    let got = Stage::new().call(call);
    (got.status, got.json()["error"]["code"].as_str().unwrap_or_default().to_owned())
}

fn refused(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

#[test]
fn the_right_key_from_a_listed_address_may() {
    for address in ["203.0.113.7", "::ffff:203.0.113.7", "10.1.2.3", "2001:db8:1::2", " 203.0.113.7 "] {
        assert_eq!(status(call().bearer(KEY).header("cf-connecting-ip", address)).0, 200, "{address}");
    }
    assert_eq!(status(call().header("authorization", &format!("bearer  {KEY}"))).0, 200);
}

#[test]
fn without_the_right_key_nobody_may() {
    assert_eq!(status(call()), refused(401, "unauthorized"));
    for wrong in [
        "",
        "sesh_admin_",
        &KEY[..KEY.len() - 1],
        &format!("{KEY}x"),
        &KEY.to_uppercase(),
        "a.b.c",
        "a.b",
        "...",
    ] {
        assert_eq!(status(call().bearer(wrong)), refused(401, "unauthorized"), "{wrong}");
    }
    for other in [format!("Basic {KEY}"), KEY.to_owned(), format!("Bearer{KEY}")] {
        assert_eq!(status(call().header("authorization", &other)), refused(401, "unauthorized"), "{other}");
    }
    assert_eq!(
        status(call().header("cookie", &format!("__Host-sesh_access={KEY}"))),
        refused(401, "unauthorized")
    );
    let digest = sesh_edge::secret::sha256_hex(KEY.as_bytes());
    assert_eq!(status(call().bearer(&digest)), refused(401, "unauthorized"), "the digest is no key");
}

#[test]
fn the_right_key_from_elsewhere_may_not_whatever_other_headers_say() {
    let elsewhere = |address: &str| call().bearer(KEY).header("cf-connecting-ip", address);
    for address in [
        "203.0.113.8",
        "11.0.0.1",
        "2001:db9::1",
        "",
        "nowhere",
        "203.0.113.7, 198.51.100.1",
        "::203.0.113.7",
    ] {
        assert_eq!(status(elsewhere(address)), refused(403, "forbidden"), "{address}");
        for spoof in [
            "x-forwarded-for",
            "x-real-ip",
            "true-client-ip",
            "forwarded",
            "x-sesh-client-address",
            "cf-connecting-ipv6",
        ] {
            let call = elsewhere(address).header(spoof, "203.0.113.7");
            assert_eq!(status(call), refused(403, "forbidden"), "{spoof} for {address}");
        }
    }
    let unlisted_and_wrong = elsewhere("198.51.100.1").bearer("sesh_admin_wrong");
    assert_eq!(
        status(unlisted_and_wrong),
        refused(401, "unauthorized"),
        "the list is nobody's business without a key"
    );
}

#[test]
fn a_person_is_known_but_may_not() {
    let valid = person_token(NOON, 900);
    assert_eq!(status(call().bearer(&valid)), refused(403, "forbidden"));
    let elsewhere = call().bearer(&valid).header("cf-connecting-ip", "198.51.100.1");
    assert_eq!(status(elsewhere), refused(403, "forbidden"));
    let expired = person_token(NOON.plus_ms(-901 * SECOND_MS), 900);
    assert_eq!(status(call().bearer(&expired)), refused(401, "unauthorized"));
    let (head, signature) = valid.rsplit_once('.').unwrap();
    let mut forged = signature.to_owned();
    forged.replace_range(..1, if signature.starts_with('A') { "B" } else { "A" });
    assert_eq!(status(call().bearer(&format!("{head}.{forged}"))), refused(401, "unauthorized"));
}

#[test]
fn what_cannot_be_checked_is_nobodys_token_yet() {
    let stage = Stage::new();
    stage.observer.answers_text("GET /.well-known/jwks.json", 500, "broken");
    assert_eq!(stage.call(call().bearer(&person_token(NOON, 900))).status, 503, "it may be staff's");
}

#[test]
fn only_what_looks_like_a_token_is_worth_a_call() {
    let stage = Stage::new();
    for text in ["sesh_admin_wrong", "a.b", "a..b", ".a.b", "a.b.c.d", "..."] {
        stage.call(call().bearer(text));
    }
    assert!(stage.observer.seen().is_empty());
    stage.call(call().bearer("a.b.c"));
    assert_eq!(stage.observer.seen().len(), 1);
}

#[test]
fn a_refusal_is_logged_without_the_key() {
    let stage = Stage::new();
    captured_logs();
    let wrong = format!("{KEY}-wrong");
    let token = person_token(NOON, 900);
    stage.call(call().bearer(&wrong));
    stage.call(call().bearer(KEY).header("cf-connecting-ip", "198.51.100.1"));
    stage.call(call().bearer(&token));
    stage.call(call().bearer(KEY));
    let logs = captured_logs().join("\n");
    assert!(!logs.contains("sesh_admin_") && !logs.contains(&token), "{logs}");
    for expected in [
        "an unknown key, from 203.0.113.7",
        "the key ops from an address that is not listed, from 198.51.100.1",
        "a person's token, from 203.0.113.7",
    ] {
        assert!(logs.contains(expected), "{expected} in {logs}");
    }
    assert_eq!(logs.matches("admin_refused").count(), 3);
}
