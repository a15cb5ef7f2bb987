//! False papers: access tokens as they must not pass, made of one that does.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_compact::{KeyPair, Seed};
use serde_json::Value;

fn part(token: &str, place: usize) -> Value {
    let part = token.split('.').nth(place).unwrap_or_else(|| panic!("no JWT"));
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

fn written(part: &Value) -> String {
    URL_SAFE_NO_PAD.encode(part.to_string())
}

fn signed(head: &Value, claims: &Value, seed: &[u8; 32]) -> String {
    let text = format!("{}.{}", written(head), written(claims));
    let signature = KeyPair::from_seed(Seed::new(*seed)).sk.sign(&text, None);
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
}

/// The claims of a token.
pub fn claims(token: &str) -> Value {
    part(token, 1)
}

/// The same token, saying that it needs no signature (RFC 7519, section 6).
pub fn unsigned(token: &str) -> String {
    let mut head = part(token, 0);
    head["alg"] = "none".into();
    format!("{}.{}.", written(&head), written(&claims(token)))
}

/// The same token under the same key id, signed with a key that is nobody's.
pub fn signed_by_another(token: &str) -> String {
    signed(&part(token, 0), &claims(token), &[7; 32])
}

/// The same token as it was an hour ago, signed with the right key: its time is over.
pub fn expired(token: &str, seed: &[u8; 32]) -> String {
    let mut claims = claims(token);
    for time in ["iat", "exp"] {
        claims[time] = (claims[time].as_i64().unwrap() - 3600).into();
    }
    signed(&part(token, 0), &claims, seed)
}

/// The same token of somebody who may use no app, signed with the right key.
pub fn without_apps(token: &str, seed: &[u8; 32]) -> String {
    let mut claims = claims(token);
    claims["apps"] = serde_json::json!({});
    signed(&part(token, 0), &claims, seed)
}

/// The same token, issued now and good for so many seconds.
pub fn lasting(token: &str, seed: &[u8; 32], seconds: i64) -> String {
    let mut claims = claims(token);
    claims["exp"] = (claims["iat"].as_i64().unwrap() + seconds).into();
    signed(&part(token, 0), &claims, seed)
}

/// The same token signed anew: that this one passes shows that an expired one fails for its time alone.
pub fn renewed(token: &str, seed: &[u8; 32]) -> String {
    let mut claims = claims(token);
    claims["iat"] = (claims["iat"].as_i64().unwrap() - 1).into();
    signed(&part(token, 0), &claims, seed)
}

/// A token of these claims, signed with the right key.
pub fn with_claims(token: &str, claims: &Value, seed: &[u8; 32]) -> String {
    signed(&part(token, 0), claims, seed)
}
