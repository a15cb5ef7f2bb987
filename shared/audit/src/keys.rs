//! Ed25519 public keys (RFC 8032) by id, as JWKs (RFC 7517, RFC 8037).

use crate::digest::{base64url, from_base64url};
use ed25519_compact::{PublicKey, Signature};
use serde::{Deserialize, Serialize};

/// A public key. The members stand in the order of RFC 8785, as a packet's canonical form wants them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[cfg_attr(not(target_arch = "wasm32"), schemars(rename = "AuditJwk"))]
#[serde(deny_unknown_fields)]
pub struct Jwk {
    /// `EdDSA`.
    pub alg: String,
    /// `Ed25519`.
    pub crv: String,
    /// The key's id.
    pub kid: String,
    /// `OKP`.
    pub kty: String,
    /// `sig`.
    #[serde(rename = "use")]
    pub use_: String,
    /// The public key, base64url.
    pub x: String,
}

impl Jwk {
    /// The JWK of an Ed25519 public key.
    pub fn ed25519(kid: &str, public_key: &[u8]) -> Self {
        let [alg, crv, kty, use_] = ["EdDSA", "Ed25519", "OKP", "sig"].map(str::to_owned);
        Self { alg, crv, kid: kid.to_owned(), kty, use_, x: base64url(public_key) }
    }
}

/// Public keys by id; of an id that comes twice the first counts.
#[derive(Clone, Debug, Default)]
pub struct PublicKeys(Vec<(String, PublicKey)>);

impl PublicKeys {
    /// Adds a key of 32 bytes; says whether it is one.
    pub fn add(&mut self, kid: &str, public_key: &[u8]) -> bool {
        let Ok(key) = PublicKey::from_slice(public_key) else { return false };
        self.0.push((kid.to_owned(), key));
        true
    }

    /// Reads a key set (RFC 7517) as it is published; keys of other kinds are left out, as the standard asks.
    ///
    /// # Errors
    /// What is wrong, when it is none or holds no Ed25519 key.
    pub fn read(jwks: &[u8]) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Set {
            keys: Vec<Published>,
        }
        #[derive(Deserialize)]
        struct Published {
            kty: String,
            #[serde(default)]
            crv: String,
            #[serde(default)]
            kid: String,
            #[serde(default)]
            x: String,
        }
        let set: Set = serde_json::from_slice(jwks).map_err(|error| format!("no key set (JWKS): {error}"))?;
        let mut keys = Self::default();
        for key in set.keys.iter().filter(|key| key.kty == "OKP" && key.crv == "Ed25519") {
            if !from_base64url(&key.x).is_some_and(|bytes| keys.add(&key.kid, &bytes)) {
                return Err(format!("the key `{}` is malformed", key.kid));
            }
        }
        if keys.0.is_empty() { Err("no Ed25519 key in it".to_owned()) } else { Ok(keys) }
    }

    /// The keys of these JWKs; what is malformed is left out.
    pub fn of(jwks: &[Jwk]) -> Self {
        let mut keys = Self::default();
        for jwk in jwks {
            if let Some(bytes) = from_base64url(&jwk.x) {
                keys.add(&jwk.kid, &bytes);
            }
        }
        keys
    }

    /// All of them.
    pub fn jwks(&self) -> Vec<Jwk> {
        self.0.iter().map(|(kid, key)| Jwk::ed25519(kid, key.as_ref())).collect()
    }

    /// The key of this id.
    pub fn jwk(&self, kid: &str) -> Option<Jwk> {
        self.find(kid).map(|key| Jwk::ed25519(kid, key.as_ref()))
    }

    /// Whether the key of this id signed the message (signature in base64url); nothing when there is no such key.
    pub fn verify(&self, kid: &str, message: &[u8], signature: &str) -> Option<bool> {
        let key = self.find(kid)?;
        let signature = from_base64url(signature).and_then(|bytes| Signature::from_slice(&bytes).ok());
        Some(signature.is_some_and(|signature| key.verify(message, &signature).is_ok()))
    }

    fn find(&self, kid: &str) -> Option<&PublicKey> {
        self.0.iter().find_map(|(known, key)| (known == kid).then_some(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ed25519_compact::{KeyPair, Seed};

    #[test]
    fn a_published_set_is_read_and_other_kinds_of_keys_are_left_out() {
        let pair = KeyPair::from_seed(Seed::new([7; 32]));
        let jwk = serde_json::to_value(Jwk::ed25519("a", pair.pk.as_ref())).unwrap();
        let other = serde_json::json!({ "kty": "RSA", "n": "x", "e": "AQAB" });
        let set = serde_json::json!({ "keys": [other, jwk], "more": 1 }).to_string();
        let keys = PublicKeys::read(set.as_bytes()).unwrap();
        let signature = base64url(pair.sk.sign(b"head", None).as_ref());
        assert_eq!(keys.verify("a", b"head", &signature), Some(true));
        assert_eq!(keys.verify("a", b"heap", &signature), Some(false));
        assert_eq!(keys.verify("a", b"head", "short"), Some(false));
        assert_eq!(keys.verify("b", b"head", &signature), None);
        assert_eq!(PublicKeys::of(&keys.jwks()).jwk("a"), keys.jwk("a"));
    }

    #[test]
    fn what_is_no_key_set_is_refused() {
        for (bad, why) in [
            ("{}", "no key set"),
            (r#"{"keys":[]}"#, "no Ed25519 key"),
            (r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"a","x":"AA"}]}"#, "`a` is malformed"),
        ] {
            assert!(PublicKeys::read(bad.as_bytes()).unwrap_err().contains(why), "{bad}");
        }
    }
}
