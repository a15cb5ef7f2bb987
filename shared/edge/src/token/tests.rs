//! Verifying tokens, and whose they are, without a Worker around it.

use super::*;
use crate::drive::{Step, Task};
use crate::http::{Door, Failure, RequestInfo};
use crate::io::{Io, Op, PeerReply, Reply};
use crate::native::Seeded;
use crate::secret::base64url;
use axum::extract::{FromRef, FromRequestParts};
use http::{HeaderMap, Method, Request};
use serde_json::{Value, json};
use sesh_types::access::ApiScope;
use sesh_types::time::{MINUTE_MS, SECOND_MS, Timestamp};
use std::sync::Arc;

const ISSUER: &str = "https://kush.observer";
const NOW: i64 = 1_776_702_000_000;

fn pair(seed: u8) -> ed25519_compact::KeyPair {
    ed25519_compact::KeyPair::from_seed(ed25519_compact::Seed::new([seed; 32]))
}

fn jwks(numbers: &[u8]) -> Jwks {
    Jwks {
        keys: numbers.iter().map(|seed| Jwk::ed25519(&format!("k{seed}"), pair(*seed).pk.as_ref())).collect(),
    }
}

/// A token as somebody might make one, signed with the key of this number.
fn signed(seed: u8, kid: &str, typ: &str, claims: &Value) -> String {
    let header = json!({ "alg": "EdDSA", "typ": typ, "kid": kid });
    let body =
        format!("{}.{}", base64url(header.to_string().as_bytes()), base64url(claims.to_string().as_bytes()));
    let signature = pair(seed).sk.sign(body.as_bytes(), None);
    format!("{body}.{}", base64url(signature.as_ref()))
}

/// What a sign-in's token says, with some of it otherwise.
fn claims(other: &Value) -> Value {
    let id = |number: u128| Uuid::from_u128(number).to_string();
    let mut claims = json!({ "iss": ISSUER, "aud": AUDIENCE, "sub": id(1), "tid": id(2), "did": id(3), "ep": 7,
        "apps": {}, "iat": NOW / 1000 - 60, "exp": NOW / 1000 + 60 });
    for (name, value) in other.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
}

fn token(other: &Value) -> String {
    signed(1, "k1", TOKEN_TYPE, &claims(other))
}

fn scope() -> Value {
    json!(Scopes::of(&[ApiScope::StashRead]).to_string())
}

#[test]
fn a_token_counts_when_all_of_it_is_right() {
    let keys = VerifyingKeys::from_jwks(&jwks(&[1]));
    let any = |token: &str| {
        keys.verify_any::<AccessClaims>(token, ISSUER, Timestamp(NOW)).map(|(claims, _)| claims.ep)
    };
    let sign_in =
        |token: &str| keys.verify::<AccessClaims>(token, ISSUER, Timestamp(NOW)).map(|(claims, _)| claims.ep);
    let good = token(&json!({}));
    assert_eq!((any(&good), sign_in(&good)), (Ok(7), Ok(7)));
    let (_, expires) = keys.verify_any::<AccessClaims>(&good, ISSUER, Timestamp(NOW)).unwrap();
    assert_eq!(expires, Timestamp(NOW + 60 * SECOND_MS));
    for (what, bad) in [
        ("another issuer", token(&json!({ "iss": "https://other.example" }))),
        ("another audience", token(&json!({ "aud": "sesh-admin" }))),
        ("a program's audience without scopes", token(&json!({ "aud": API_AUDIENCE }))),
        ("scopes with a sign-in's audience", token(&json!({ "scope": scope() }))),
        ("expired", token(&json!({ "exp": NOW / 1000 - 1 }))),
        ("expires now", token(&json!({ "exp": NOW / 1000 }))),
        ("another type", signed(1, "k1", "JWT", &claims(&json!({})))),
        ("another's signature", signed(2, "k1", TOKEN_TYPE, &claims(&json!({})))),
        ("no token", "a.b.c".to_owned()),
    ] {
        assert_eq!((any(&bad), sign_in(&bad)), (Err(KeyError::Invalid), Err(KeyError::Invalid)), "{what}");
    }
    assert_eq!(any(&signed(2, "k2", TOKEN_TYPE, &claims(&json!({})))), Err(KeyError::UnknownKey));
}

#[test]
fn a_programs_token_is_no_sign_in() {
    let keys = VerifyingKeys::from_jwks(&jwks(&[1]));
    let programs = token(&json!({ "aud": API_AUDIENCE, "scope": scope() }));
    let (claims, _) = keys.verify_any::<AccessClaims>(&programs, ISSUER, Timestamp(NOW)).unwrap();
    assert!(claims.is_delegated() && Claims::is_delegated(&claims));
    let refused = keys.verify::<AccessClaims>(&programs, ISSUER, Timestamp(NOW));
    assert_eq!(refused.map(|_| ()), Err(KeyError::Invalid));
    let (claims, _) = keys.verify_any::<AccessClaims>(&token(&json!({})), ISSUER, Timestamp(NOW)).unwrap();
    assert!(!claims.is_delegated() && !Claims::is_delegated(&claims));
}

#[test]
fn staff_and_people_do_not_take_each_others_tokens() {
    let keys = VerifyingKeys::from_jwks(&jwks(&[1]));
    let staff = |other: &Value| {
        let mut all = json!({ "aud": STAFF_AUDIENCE, "role": "support" });
        all.as_object_mut().unwrap().extend(other.as_object().unwrap().clone());
        keys.verify_any::<StaffClaims>(&token(&all), ISSUER, Timestamp(NOW)).map(|(claims, _)| claims)
    };
    let good = staff(&json!({})).unwrap();
    assert!(!good.is_delegated() && good.ep == 7);
    assert_eq!(staff(&json!({ "aud": AUDIENCE })), Err(KeyError::Invalid));
    assert_eq!(staff(&json!({ "iss": "https://other.example" })), Err(KeyError::Invalid));
}

#[test]
fn keys_of_other_kinds_are_left_out() {
    let mut set = jwks(&[1, 2, 3]);
    set.keys[0].kty = "EC".to_owned();
    set.keys[1].crv = "X25519".to_owned();
    let keys = VerifyingKeys::from_jwks(&set);
    let with = |seed: u8| {
        let token = signed(seed, &format!("k{seed}"), TOKEN_TYPE, &claims(&json!({})));
        keys.verify_any::<AccessClaims>(&token, ISSUER, Timestamp(NOW)).is_ok()
    };
    assert_eq!([with(1), with(2), with(3)], [false, false, true]);
}

/// Runs a task beside an issuer that answers with these; returns what it came to and how often the issuer was asked.
fn beside<T: Send + 'static>(
    (status, keys): (u16, &[u8]),
    now: i64,
    work: impl FnOnce(Io) -> crate::drive::BoxFuture<T>,
) -> (T, u32) {
    let io = Io::new(Timestamp(now), Arc::new(Seeded::new(1)));
    let mut task = Task::new(io.clone(), work(io));
    let mut asked = 0;
    loop {
        match task.step() {
            Step::Perform(ops) => {
                for (id, op) in ops {
                    assert!(matches!(op, Op::Peer(_)), "the issuer's keys and nothing else");
                    asked += 1;
                    let body = json!(jwks(keys)).to_string();
                    task.deliver(id, Reply::Peer(PeerReply { status, body, retry_after_seconds: None }));
                }
            }
            Step::Ready { output, .. } => return (output, asked),
            Step::Finished | Step::Stuck => unreachable!("it ends"),
        }
    }
}

struct Isolate(Arc<Trusts>);

impl Isolate {
    fn new() -> Self {
        Self(Arc::new(Trusts::new(ISSUER.to_owned(), "OBSERVER")))
    }

    /// Whether a token counts, and how often the issuer was asked for its keys.
    fn verify(&self, token: &str, now: i64, issuer: (u16, &[u8])) -> (bool, u32) {
        let (trusts, token) = (self.0.clone(), token.to_owned());
        beside(issuer, now, move |io| Box::pin(async move { trusts.verify(&token, &io, "r").await.is_ok() }))
    }
}

fn lasting(seed: u8, name: u32) -> String {
    let kid = format!("k{seed}");
    signed(seed, &kid, TOKEN_TYPE, &claims(&json!({ "ep": name, "exp": NOW / 1000 + 100_000 })))
}

#[test]
fn keys_are_fetched_anew_after_ten_minutes_and_for_an_unknown_one_after_ten_seconds() {
    let isolate = Isolate::new();
    assert_eq!(
        isolate.verify(&lasting(1, 0), NOW, (503, &[1])),
        (false, 1),
        "who does not answer gives no keys"
    );
    assert_eq!(isolate.verify(&lasting(1, 0), NOW, (200, &[1])), (true, 1));
    assert_eq!(isolate.verify(&lasting(1, 1), NOW + 10 * MINUTE_MS - 1, (200, &[1])), (true, 0));
    assert_eq!(isolate.verify(&lasting(1, 2), NOW + 10 * MINUTE_MS, (200, &[1])), (true, 1));
    let fetched = NOW + 10 * MINUTE_MS;
    assert_eq!(isolate.verify(&lasting(2, 3), fetched + 10 * SECOND_MS, (200, &[2])), (false, 0));
    assert_eq!(isolate.verify(&lasting(2, 3), fetched + 10 * SECOND_MS + 1, (200, &[1, 2])), (true, 1));
}

#[test]
fn a_remembered_token_dies_with_its_time() {
    let isolate = Isolate::new();
    let short = token(&json!({}));
    assert_eq!(isolate.verify(&short, NOW, (200, &[1])), (true, 1));
    // Remembered: no key is needed to know it again.
    assert_eq!(isolate.verify(&short, NOW + 60 * SECOND_MS - 1, (503, &[])), (true, 0));
    assert!(!isolate.verify(&short, NOW + 60 * SECOND_MS, (200, &[1])).0);
    assert!(!isolate.verify(&short, NOW + 61 * SECOND_MS, (200, &[1])).0);
}

impl FromRef<Isolate> for Arc<Trusts> {
    fn from_ref(isolate: &Isolate) -> Self {
        isolate.0.clone()
    }
}

/// The person of a request, or the status that it is refused with.
fn person(method: &Method, headers: &[(&str, &str)]) -> Result<Person, u16> {
    let mut request = Request::builder().method(method).uri("/");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let (mut parts, ()) = request.body(()).unwrap().into_parts();
    let work = |io: Io| -> crate::drive::BoxFuture<Result<Person, Failure>> {
        parts.extensions.insert(io);
        let info = RequestInfo { request_id: "r".to_owned(), door: Door::Public, client_address: None };
        parts.extensions.insert(info);
        Box::pin(async move { Person::from_request_parts(&mut parts, &Isolate::new()).await })
    };
    beside((200, &[1]), NOW, work).0.map_err(|failure| match failure {
        Failure::Refusal(refusal) => refusal.code.status(),
        _ => 500,
    })
}

#[test]
fn a_person_is_who_the_token_says() {
    let act = json!({ "act": { "sub": Uuid::from_u128(9).to_string() } });
    let (own, acting) = (format!("Bearer {}", token(&json!({}))), format!("bearer {}", token(&act)));
    let found = person(&Method::GET, &[("authorization", &own), ("host", "Acme.Example:8443")]).unwrap();
    assert_eq!(
        (found.epoch(), found.expires(), found.request_id()),
        (7, Timestamp(NOW + 60 * SECOND_MS), "r")
    );
    assert_eq!(found.device(), DeviceId(Uuid::from_u128(3)));
    assert_eq!(found.apps(), &serde_json::from_str::<Apps>("{}").unwrap());
    assert_eq!(found.scope().owner(), format!("{}/{}", Uuid::from_u128(2), Uuid::from_u128(1)));
    assert!(found.acting().is_none() && Oneself::of(found).is_ok());
    // Whoever acts as somebody reads, and is never they themselves.
    let found = person(&Method::GET, &[("authorization", &acting)]).unwrap();
    assert_eq!(found.acting(), Some(StaffId(Uuid::from_u128(9))));
    assert!(Oneself::of(found).is_err());
    assert_eq!(person(&Method::POST, &[("authorization", &acting)]).err(), Some(403));
    assert_eq!(person(&Method::GET, &[]).err(), Some(401));
    assert_eq!(person(&Method::GET, &[("authorization", "Bearer x")]).err(), Some(401));
}

#[test]
fn a_cookie_edits_from_its_own_site_alone_and_is_no_programs() {
    let cookie = |token: &str| format!("{ACCESS_COOKIE}={token}");
    let own = cookie(&token(&json!({})));
    let programs = cookie(&token(&json!({ "aud": API_AUDIENCE, "scope": scope() })));
    let edit = |origin: &str| {
        person(&Method::POST, &[("cookie", &own), ("host", "a.example"), ("origin", origin)]).err()
    };
    assert_eq!(edit("https://a.example"), None);
    assert_eq!(edit("https://b.example"), Some(403));
    assert_eq!(person(&Method::GET, &[("cookie", &own)]).err(), None);
    assert_eq!(person(&Method::GET, &[("cookie", &programs)]).err(), Some(401));
}

#[test]
fn a_host_is_named_without_its_port_and_a_bearer_without_its_scheme() {
    let with = |name: &'static str, value: &str| {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        headers
    };
    for (shown, name) in [("A.example", "a.example"), ("a.example:80", "a.example"), ("[::1]:8443", "[::1]")]
    {
        assert_eq!(host_name(&with("host", shown)), name);
    }
    assert_eq!(host_name(&HeaderMap::new()), "");
    assert_eq!(bearer(&with("authorization", "BEARER  x ")), Some("x"));
    for none in ["x", "Basic x", ""] {
        assert_eq!(bearer(&with("authorization", none)), None, "{none}");
    }
}
