//! Ed25519 (RFC 8032): the signatures of access tokens, and of checkpoints and packets of the audit log.

use super::NamedKey;
use ed25519_compact::{KeyPair, Seed};
use serde::Serialize;
use sesh_audit::keys::PublicKeys;
use sesh_edge::secret::base64url;
use sesh_edge::token::{ACCESS_TOKEN_SECONDS, Jwk, Jwks, TOKEN_TYPE};
use sesh_types::contract::Token;
use sesh_types::time::Timestamp;

/// Key pairs by id: the first signs, all of them are published.
pub struct SigningKeys {
    first: (String, KeyPair),
    others: Vec<(String, KeyPair)>,
}

/// A token's header (RFC 7515).
#[derive(Serialize)]
struct Header<'a> {
    alg: &'static str,
    typ: &'static str,
    kid: &'a str,
}

/// A token's claims with its times (RFC 7519).
#[derive(Serialize)]
struct Payload<'a, C> {
    #[serde(flatten)]
    claims: &'a C,
    iat: i64,
    exp: i64,
}

impl SigningKeys {
    /// Key pairs of the seeds; nothing when there is none or one is unusable.
    pub fn new(seeds: &[NamedKey]) -> Option<Self> {
        let mut pairs =
            seeds.iter().map(|(id, seed)| Some((id.clone(), KeyPair::try_from_seed(Seed::new(*seed)).ok()?)));
        let first = pairs.next()??;
        Some(Self { first, others: pairs.collect::<Option<_>>()? })
    }

    fn all(&self) -> impl Iterator<Item = &(String, KeyPair)> {
        std::iter::once(&self.first).chain(&self.others)
    }

    /// The public keys.
    pub fn jwks(&self) -> Jwks {
        Jwks { keys: self.all().map(|(kid, pair)| Jwk::ed25519(kid, pair.pk.as_ref())).collect() }
    }

    /// The id of the key that signs.
    pub fn id(&self) -> &str {
        &self.first.0
    }

    /// An access token (RFC 9068). The same claims and time make the same token: signing takes no noise.
    pub fn access_token(&self, claims: &impl Serialize, issued_at: Timestamp) -> Token {
        self.short_token(claims, issued_at, ACCESS_TOKEN_SECONDS)
    }

    /// An access token that lives so long, in seconds.
    pub fn short_token(&self, claims: &impl Serialize, issued_at: Timestamp, lives: i64) -> Token {
        let (kid, pair) = &self.first;
        let iat = issued_at.seconds();
        let header = Header { alg: "EdDSA", typ: TOKEN_TYPE, kid };
        let payload = Payload { claims, iat, exp: iat + lives };
        let signed = format!("{}.{}", json(&header), json(&payload));
        let signature = base64url(pair.sk.sign(&signed, None).as_ref());
        Token(format!("{signed}.{signature}"))
    }

    /// An ID token (`OpenID` Connect Core, section 2): for the program alone, and no access token.
    pub fn id_token(&self, claims: &impl Serialize) -> Token {
        let (kid, pair) = &self.first;
        let signed = format!("{}.{}", json(&Header { alg: "EdDSA", typ: "JWT", kid }), json(claims));
        let signature = base64url(pair.sk.sign(&signed, None).as_ref());
        Token(format!("{signed}.{signature}"))
    }

    /// Signs a message with the first key; returns its id and the signature, base64url.
    pub fn sign(&self, message: &[u8]) -> (&str, String) {
        let (kid, pair) = &self.first;
        (kid, base64url(pair.sk.sign(message, None).as_ref()))
    }

    /// The public keys, to verify messages with.
    pub fn public(&self) -> PublicKeys {
        let mut keys = PublicKeys::default();
        for (kid, pair) in self.all() {
            keys.add(kid, pair.pk.as_ref());
        }
        keys
    }
}

fn json(part: &impl Serialize) -> String {
    // Plain structs of texts and numbers always become JSON.
    base64url(&serde_json::to_vec(part).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use sesh_edge::token::{AccessClaims, KeyError, VerifyingKeys};
    use uuid::Uuid;

    const NOW: Timestamp = Timestamp(1_776_702_000_000);
    const ISSUER: &str = "https://dev.kush.observer";

    fn keys(ids: &[&str]) -> SigningKeys {
        let seeds: Vec<NamedKey> = ids
            .iter()
            .map(|id| {
                ((*id).to_owned(), std::array::from_fn(|n| id.as_bytes()[0] ^ u8::try_from(n).unwrap()))
            })
            .collect();
        SigningKeys::new(&seeds).unwrap()
    }

    fn claims() -> AccessClaims {
        AccessClaims::at_home(ISSUER.into(), Uuid::from_u128(1).into(), Uuid::from_u128(2).into(), 3)
    }

    #[test]
    fn a_token_verifies_with_the_published_keys_until_it_expires() {
        let keys = keys(&["a", "b"]);
        let public = VerifyingKeys::from_jwks(&keys.jwks());
        let Token(token) = keys.access_token(&claims(), NOW);
        assert_eq!(Token(token.clone()), keys.access_token(&claims(), NOW), "signing takes no noise");
        let (read, expires) = public.verify::<AccessClaims>(&token, ISSUER, NOW).unwrap();
        assert_eq!((read, expires), (claims(), NOW.plus_ms(900_000)));
        assert!(public.verify::<AccessClaims>(&token, ISSUER, NOW.plus_ms(899_000)).is_ok());
        assert_eq!(
            public.verify::<AccessClaims>(&token, ISSUER, NOW.plus_ms(901_000)),
            Err(KeyError::Invalid)
        );
        assert_eq!(public.verify::<AccessClaims>(&token, "https://elsewhere", NOW), Err(KeyError::Invalid));
    }

    #[test]
    fn during_a_rotation_both_keys_count_and_afterwards_one() {
        let Token(old) = keys(&["a"]).access_token(&claims(), NOW);
        let rotated = keys(&["b", "a"]);
        assert!(VerifyingKeys::from_jwks(&rotated.jwks()).verify::<AccessClaims>(&old, ISSUER, NOW).is_ok());
        let gone = VerifyingKeys::from_jwks(&keys(&["b"]).jwks());
        assert_eq!(gone.verify::<AccessClaims>(&old, ISSUER, NOW), Err(KeyError::UnknownKey));
    }

    #[test]
    fn changed_unsigned_and_otherwise_signed_tokens_are_refused() {
        let keys = keys(&["a"]);
        let public = VerifyingKeys::from_jwks(&keys.jwks());
        let Token(token) = keys.access_token(&claims(), NOW);
        let [header, payload, signature] = token.split('.').collect::<Vec<_>>().try_into().unwrap();
        let other =
            json(&Payload { claims: &AccessClaims { ep: 4, ..claims() }, iat: NOW.seconds(), exp: i64::MAX });
        let head = |text: &str| base64url(text.as_bytes());
        let none = head(r#"{"alg":"none","typ":"at+jwt","kid":"a"}"#);
        let hmac = head(r#"{"alg":"HS256","typ":"at+jwt","kid":"a"}"#);
        let untyped = head(r#"{"alg":"EdDSA","kid":"a"}"#);
        for bad in [
            format!("{header}.{other}.{signature}"),
            format!("{none}.{payload}."),
            format!("{none}.{payload}.{signature}"),
            format!("{hmac}.{payload}.{signature}"),
            format!("{untyped}.{payload}.{}", keys.sign(format!("{untyped}.{payload}").as_bytes()).1),
            format!("{header}.{payload}.{}", &signature[..40]),
            format!("{header}.{payload}."),
            format!("{header}.{payload}"),
            String::new(),
        ] {
            assert!(public.verify::<AccessClaims>(&bad, ISSUER, NOW).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_message_verifies_by_its_key_alone() {
        let keys = keys(&["a", "b"]);
        let (public, (kid, signature)) = (keys.public(), keys.sign(b"head"));
        assert_eq!(public.verify(kid, b"head", &signature), Some(true));
        assert_eq!(public.verify(kid, b"heap", &signature), Some(false));
        assert_eq!(public.verify("b", b"head", &signature), Some(false));
        assert_eq!(public.verify("c", b"head", &signature), None);
    }
}
