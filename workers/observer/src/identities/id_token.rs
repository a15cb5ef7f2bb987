//! ID tokens (`OpenID` Connect Core 1.0, section 3.1.3.7), purely but for the signature, which the runtime verifies.

use super::config::Config;
use serde::Deserialize;
use sesh_edge::io::Signed;
use sesh_edge::secret::{base64url, from_base64url, same};
use sesh_types::time::{MINUTE_MS, Timestamp};

/// How far a provider's clock may be off.
const SKEW_S: i64 = 60;
/// How long ago a token may have been issued: it comes straight from the provider.
const OLDEST_S: i64 = 10 * MINUTE_MS / 1_000;
/// Smaller keys are none (NIST SP 800-131A).
const LEAST_MODULUS_BYTES: usize = 256;

/// How a provider may sign. Nothing else counts, `none` and HMACs least of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    RS256,
    /// ECDSA over P-256 with SHA-256.
    ES256,
    /// Ed25519.
    #[serde(alias = "Ed25519")]
    EdDSA,
}

impl Algorithm {
    const fn as_str(self) -> &'static str {
        match self {
            Self::RS256 => "RS256",
            Self::ES256 => "ES256",
            Self::EdDSA => "EdDSA",
        }
    }
}

/// The head of a token. Keys in it (`jwk`, `jku`, `x5u`) are never looked at.
#[derive(Debug, Deserialize)]
pub struct Head {
    alg: Algorithm,
    #[serde(default)]
    kid: Option<String>,
    /// Extensions that must be understood; none is.
    #[serde(default)]
    crit: Option<serde_json::Value>,
}

/// A public key (RFC 7517).
#[derive(Clone, Debug, Deserialize)]
pub struct Jwk {
    kty: String,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default, rename = "use")]
    usage: Option<String>,
    #[serde(default)]
    alg: Option<String>,
    #[serde(default)]
    crv: Option<String>,
    #[serde(default)]
    x: Option<String>,
    #[serde(default)]
    y: Option<String>,
    #[serde(default)]
    n: Option<String>,
    #[serde(default)]
    e: Option<String>,
}

/// A provider's keys, with those left out that are of no kind we know.
#[derive(Debug, Deserialize)]
pub struct Jwks {
    keys: Vec<Jwk>,
}

impl Jwks {
    /// The one key that a head means; nothing when there is none, or more than one.
    pub fn key_of(&self, head: &Head) -> Option<(Algorithm, Jwk)> {
        let mut fitting = self.keys.iter().filter(|key| key.fits(head));
        let found = fitting.next()?;
        fitting.next().is_none().then(|| (head.alg, found.clone()))
    }
}

impl Jwk {
    fn fits(&self, head: &Head) -> bool {
        let kind = match head.alg {
            Algorithm::RS256 => self.kty == "RSA",
            Algorithm::ES256 => self.kty == "EC" && self.crv.as_deref() == Some("P-256"),
            Algorithm::EdDSA => self.kty == "OKP" && self.crv.as_deref() == Some("Ed25519"),
        };
        let said = self
            .alg
            .as_deref()
            .is_none_or(|alg| alg == head.alg.as_str() || (alg == "Ed25519" && head.alg == Algorithm::EdDSA));
        let for_signing = self.usage.as_deref().is_none_or(|usage| usage == "sig");
        kind && said && for_signing && (head.kid.is_none() || head.kid == self.kid)
    }

    /// The key as the port takes it.
    fn material(&self, algorithm: Algorithm) -> Option<String> {
        match algorithm {
            Algorithm::RS256 => {
                let (n, e) = (self.n.as_ref()?, self.e.as_ref()?);
                let modulus = from_base64url(n)?;
                let bytes = modulus.iter().skip_while(|byte| **byte == 0).count();
                (bytes >= LEAST_MODULUS_BYTES).then(|| format!("{n}.{e}"))
            }
            Algorithm::ES256 => {
                let point = [vec![4], from_base64url(self.x.as_ref()?)?, from_base64url(self.y.as_ref()?)?];
                Some(base64url(&point.concat()))
            }
            Algorithm::EdDSA => self.x.clone(),
        }
    }
}

/// An ID token as it came: nothing about it is known to be true.
pub struct Presented<'a> {
    /// Its head.
    pub head: Head,
    claims: &'a str,
    message: &'a str,
    signature: &'a str,
}

/// Reads a token; nothing when it is none, or signed in a way that does not count.
pub fn read(token: &str) -> Option<Presented<'_>> {
    let (message, signature) = token.rsplit_once('.')?;
    let (head, claims) = message.split_once('.')?;
    let head: Head = sesh_edge::json::read(&from_base64url(head)?).ok()?;
    (head.crit.is_none() && !signature.is_empty() && !claims.contains('.')).then_some(Presented {
        head,
        claims,
        message,
        signature,
    })
}

impl Presented<'_> {
    /// What the runtime has to verify.
    pub fn signed(&self, algorithm: Algorithm, key: &Jwk) -> Option<Signed> {
        Some(Signed {
            algorithm: algorithm.as_str(),
            key: key.material(algorithm)?,
            signature: self.signature.to_owned(),
            message: base64url(self.message.as_bytes()),
        })
    }

    /// What it claims.
    pub fn claims(&self) -> Option<Claims> {
        sesh_edge::json::read(&from_base64url(self.claims)?).ok()
    }
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

/// What a token claims.
#[derive(Debug, Deserialize)]
pub struct Claims {
    iss: String,
    /// Whom it is about, as the provider names them.
    pub sub: String,
    aud: Audience,
    #[serde(default)]
    azp: Option<String>,
    exp: i64,
    iat: i64,
    #[serde(default)]
    nbf: Option<i64>,
    #[serde(default)]
    nonce: Option<String>,
    /// What else it says of them.
    #[serde(flatten)]
    pub profile: Profile,
}

/// What a provider says of somebody.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Profile {
    /// Their e-mail address.
    #[serde(default)]
    pub email: Option<String>,
    /// Whether the provider knows it to be theirs: `true`, which some write as a text.
    #[serde(default)]
    email_verified: serde_json::Value,
    /// What they are called.
    #[serde(default)]
    pub name: Option<String>,
}

impl Profile {
    /// Whether the provider knows the address to be theirs.
    pub fn is_verified(&self) -> bool {
        self.email_verified == true || self.email_verified == "true"
    }
}

impl Claims {
    /// Whether they are of this provider, for us and nobody besides, for this sign-in, and of now. The word says what is
    /// not.
    ///
    /// # Errors
    /// A word for the audit log.
    pub fn check(&self, config: &Config, nonce: &str, now: Timestamp) -> Result<(), &'static str> {
        let now_s = now.seconds();
        let for_us = match &self.aud {
            Audience::One(audience) => *audience == config.client_id,
            Audience::Many(all) => matches!(all.as_slice(), [only] if *only == config.client_id),
        };
        let checks = [
            (self.iss == config.issuer, "issuer"),
            (for_us && self.azp.as_ref().is_none_or(|azp| *azp == config.client_id), "audience"),
            (self.nonce.as_deref().is_some_and(|found| same(found, nonce)), "nonce"),
            (self.exp.saturating_add(SKEW_S) > now_s, "expired"),
            (self.iat <= now_s + SKEW_S && self.iat >= now_s - OLDEST_S, "issued_at"),
            (self.nbf.is_none_or(|nbf| nbf <= now_s + SKEW_S), "not_before"),
            ((1..=255).contains(&self.sub.len()), "subject"),
        ];
        checks.into_iter().try_for_each(|(holds, word)| if holds { Ok(()) } else { Err(word) })
    }
}
