//! Public keys and the verification of tokens with them.

use super::{Claims, TOKEN_TYPE};
use crate::secret;
use chrono::{DateTime, Duration, Utc};
use jwt_compact::alg::{Ed25519, VerifyingKey};
use jwt_compact::{AlgorithmExt, TimeOptions, UntrustedToken};
use serde::{Deserialize, Serialize};
use sesh_types::time::Timestamp;

type PublicKey = <Ed25519 as jwt_compact::Algorithm>::VerifyingKey;

/// A set of public keys (RFC 7517).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Jwks {
    /// The keys; the first one signs, the others are still accepted during a rotation.
    pub keys: Vec<Jwk>,
}

/// An Ed25519 public key (RFC 8037).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Jwk {
    /// `OKP`.
    pub kty: String,
    /// `Ed25519`.
    pub crv: String,
    /// The key's id.
    pub kid: String,
    /// The public key, base64url.
    pub x: String,
    /// `EdDSA`.
    pub alg: String,
    /// `sig`.
    #[serde(rename = "use")]
    pub use_: String,
}

impl Jwk {
    /// The JWK of an Ed25519 public key.
    pub fn ed25519(kid: &str, public_key: &[u8]) -> Self {
        Self {
            kty: "OKP".into(),
            crv: "Ed25519".into(),
            kid: kid.into(),
            x: secret::base64url(public_key),
            alg: "EdDSA".into(),
            use_: "sig".into(),
        }
    }
}

/// Why a token is not accepted. It is never told to the caller, who learns 401 and no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not a token of ours, or changed on its way, or past its time, or for somebody else.
    #[error("the token is not valid")]
    Invalid,
    /// Signed with a key that is not known here (yet).
    #[error("the token's key is not known")]
    UnknownKey,
}

/// The public keys that a Worker accepts, by id.
#[derive(Clone)]
pub struct VerifyingKeys(Vec<(String, PublicKey)>);

impl VerifyingKeys {
    /// Reads a key set; keys of other kinds are left out, as RFC 7517 asks.
    pub fn from_jwks(jwks: &Jwks) -> Self {
        let usable = jwks.keys.iter().filter(|key| key.kty == "OKP" && key.crv == "Ed25519");
        Self(
            usable
                .filter_map(|key| {
                    let bytes = secret::from_base64url(&key.x)?;
                    let public = <PublicKey as VerifyingKey<Ed25519>>::from_slice(&bytes).ok()?;
                    Some((key.kid.clone(), public))
                })
                .collect(),
        )
    }

    /// Verifies the token of a sign-in. A program's is none: see [`VerifyingKeys::verify_any`].
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn verify<C: Claims>(
        &self,
        token: &str,
        issuer: &str,
        now: Timestamp,
    ) -> Result<(C, Timestamp), KeyError> {
        self.verify_any::<C>(token, issuer, now).and_then(|(claims, expires)| {
            if claims.is_delegated() { Err(KeyError::Invalid) } else { Ok((claims, expires)) }
        })
    }

    /// Verifies signature, algorithm, type, issuer, audience and expiry at `now`, of a sign-in's token or a program's:
    /// whoever calls this looks at its scopes. The header's `jwk`, `jku` and
    /// `x5u` are never looked at: only keys of ours count (RFC 8725). Returns the claims and when they expire.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn verify_any<C: Claims>(
        &self,
        token: &str,
        issuer: &str,
        now: Timestamp,
    ) -> Result<(C, Timestamp), KeyError> {
        let token = UntrustedToken::new(token).map_err(|_| KeyError::Invalid)?;
        if token.header().token_type.as_deref() != Some(TOKEN_TYPE) {
            return Err(KeyError::Invalid);
        }
        let kid = token.header().key_id.as_deref().ok_or(KeyError::Invalid)?;
        let (_, key) = self.0.iter().find(|(id, _)| id == kid).ok_or(KeyError::UnknownKey)?;
        let token = Ed25519.validator::<C>(key).validate(&token).map_err(|_| KeyError::Invalid)?;
        let clock = now.to_utc().ok_or(KeyError::Invalid)?;
        let options = TimeOptions::new(Duration::zero(), move || clock);
        let claims = token.claims();
        claims.validate_expiration(&options).map_err(|_| KeyError::Invalid)?;
        let expires =
            claims.expiration.as_ref().map(DateTime::<Utc>::timestamp_millis).ok_or(KeyError::Invalid)?;
        // "On or after" its expiry a token is dead (RFC 7519, section 4.1.4); the library still takes it on.
        if now.0 >= expires || !claims.custom.fit(issuer) {
            return Err(KeyError::Invalid);
        }
        Ok((claims.custom.clone(), Timestamp(expires)))
    }
}
