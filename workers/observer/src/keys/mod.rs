//! The secrets that no database holds: what signs access tokens and checkpoints, what refresh tokens and the tokens in
//! mails are made of, what wraps people's own keys, and the pepper of passwords.

mod factor;
mod pepper;
mod person;
mod refresh;
pub mod routes;
mod signing;

pub use factor::{FactorKeys, PresentedProof};
pub use pepper::{Pepper, Verdict, normalised};
pub use person::{Nonce, PersonKeys};
pub(crate) use person::{decrypt, encrypt};
pub use refresh::{Presented, RefreshKeys, Use};
pub use signing::SigningKeys;

use crate::mail::Letterhead;
use crate::passkeys::ceremony::RelyingParty;
use sesh_audit::keys::PublicKeys;
use sesh_edge::config::{ConfigError, Environment};
use sesh_edge::secret::from_base64url;
use sesh_edge::token::VerifyingKeys;

/// All keys of this Worker.
pub struct Keyring {
    /// Who issues the tokens, for their `iss`.
    pub issuer: String,
    /// Sign access tokens and checkpoints.
    pub signing: SigningKeys,
    /// What our own public door verifies access tokens with.
    pub verifying: VerifyingKeys,
    /// Verify checkpoints and packets of the audit log: the signing keys, and those that once were.
    pub audit: PublicKeys,
    /// Make refresh tokens.
    pub refresh: RefreshKeys,
    /// Is mixed into every hash of something that could be guessed.
    pub pepper: Pepper,
    /// Make the tokens in mails.
    pub factors: FactorKeys,
    /// Wrap people's own keys.
    pub people: PersonKeys,
    /// What mails say of us.
    pub letterhead: Letterhead,
    /// Whom passkeys answer.
    pub party: RelyingParty,
}

impl Keyring {
    /// Reads the keys.
    ///
    /// # Errors
    /// Every variable that is malformed, by name.
    pub fn read(environment: &dyn Environment) -> Result<Self, ConfigError> {
        let text = |name| environment.text(name).unwrap_or_default();
        let signing = key_list("TOKEN_SIGNING_KEYS", &text("TOKEN_SIGNING_KEYS")).and_then(|keys| {
            SigningKeys::new(&keys).ok_or_else(|| "TOKEN_SIGNING_KEYS holds an unusable key".into())
        });
        let refresh = key_list("REFRESH_KEYS", &text("REFRESH_KEYS"))
            .and_then(|keys| RefreshKeys::new(keys).ok_or_else(|| "REFRESH_KEYS holds no key".into()));
        let pepper = key_bytes(&text("PASSWORD_PEPPER"))
            .map(Pepper::new)
            .ok_or_else(|| "PASSWORD_PEPPER is malformed: expected 32 bytes in base64url".to_owned());
        let factors = key_list("FACTOR_KEYS", &text("FACTOR_KEYS"))
            .and_then(|keys| FactorKeys::new(keys).ok_or_else(|| "FACTOR_KEYS holds no key".into()));
        let people = key_list("PERSON_KEYS", &text("PERSON_KEYS"))
            .and_then(|keys| PersonKeys::new(keys).ok_or_else(|| "PERSON_KEYS holds no key".into()));
        let app_url = text("APP_URL").trim_end_matches('/').to_owned();
        let letterhead = Letterhead { from: text("MAIL_FROM"), app_url };
        let origins = text("PASSKEY_ORIGINS").split(',').map(|origin| origin.trim().to_owned()).collect();
        let party = RelyingParty { id: text("PASSKEY_RP_ID"), origins };
        let audit = audit_keys(signing.as_ref().ok(), &text("AUDIT_KEYS"));
        match (signing, audit, refresh, pepper, factors, people) {
            (Ok(signing), Ok(audit), Ok(refresh), Ok(pepper), Ok(factors), Ok(people)) => {
                let verifying = VerifyingKeys::from_jwks(&signing.jwks());
                let issuer = text("TOKEN_ISSUER");
                Ok(Self {
                    issuer,
                    signing,
                    verifying,
                    audit,
                    refresh,
                    pepper,
                    factors,
                    people,
                    letterhead,
                    party,
                })
            }
            (signing, audit, refresh, pepper, factors, people) => {
                let faults =
                    [signing.err(), audit.err(), refresh.err(), pepper.err(), factors.err(), people.err()];
                Err(ConfigError(faults.into_iter().flatten().collect()))
            }
        }
    }
}

/// The signing keys, and those of `AUDIT_KEYS`, which only verify what they once signed: no token of theirs counts.
fn audit_keys(signing: Option<&SigningKeys>, text: &str) -> Result<PublicKeys, String> {
    let mut keys = signing.map(SigningKeys::public).unwrap_or_default();
    if text.trim().is_empty() {
        return Ok(keys);
    }
    for (id, key) in key_list("AUDIT_KEYS", text)? {
        let mut alone = PublicKeys::default();
        let usable = alone.add(&id, &key);
        match keys.jwk(&id) {
            Some(signing) if alone.jwk(&id).as_ref() != Some(&signing) => {
                return Err(format!("AUDIT_KEYS has another key under the id {id} than TOKEN_SIGNING_KEYS"));
            }
            Some(_) => {}
            None if usable => drop(keys.add(&id, &key)),
            None => return Err("AUDIT_KEYS holds an unusable key".to_owned()),
        }
    }
    Ok(keys)
}

/// A key with its id.
pub(crate) type NamedKey = (String, [u8; 32]);

/// Reads `id:key,id:key`. Unlike a lenient reader it refuses a list with one bad entry: a key that is silently left
/// out signs people out.
fn key_list(name: &str, text: &str) -> Result<Vec<NamedKey>, String> {
    let malformed =
        || format!("{name} is malformed: expected id:key[,id:key], each key 32 bytes in base64url");
    let mut keys: Vec<NamedKey> = Vec::new();
    for pair in text.split(',') {
        let (id, key) = pair.trim().split_once(':').ok_or_else(malformed)?;
        let well_formed =
            (1..=32).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if !well_formed || keys.iter().any(|(known, _)| known == id) {
            return Err(malformed());
        }
        keys.push((id.to_owned(), key_bytes(key).ok_or_else(malformed)?));
    }
    Ok(keys)
}

/// 32 bytes that are not all the same: no key that somebody typed to try things out.
fn key_bytes(text: &str) -> Option<[u8; 32]> {
    let bytes: [u8; 32] = from_base64url(text.trim())?.try_into().ok()?;
    let first = *bytes.first()?;
    bytes.iter().any(|byte| *byte != first).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sesh_edge::native::Vars;
    use sesh_edge::secret::base64url;

    fn read(signing: &str, refresh: &str, pepper: &str, others: &str) -> Result<Keyring, ConfigError> {
        let texts = [
            ("TOKEN_SIGNING_KEYS", signing),
            ("REFRESH_KEYS", refresh),
            ("PASSWORD_PEPPER", pepper),
            ("FACTOR_KEYS", others),
            ("PERSON_KEYS", others),
        ];
        let texts = texts.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Keyring::read(&Vars { texts, ..Vars::default() })
    }

    fn key(seed: u8) -> String {
        base64url(&std::array::from_fn::<u8, 32, _>(|place| {
            seed.wrapping_add(u8::try_from(place).unwrap_or(0))
        }))
    }

    #[test]
    fn reads_well_formed_keys() {
        let (signing, refresh) = (format!("a:{},b:{}", key(1), key(2)), format!("r:{}", key(3)));
        let keys = read(&signing, &refresh, &key(4), &format!("f:{}", key(5))).ok().unwrap();
        assert_eq!(
            keys.signing.jwks().keys.iter().map(|key| key.kid.as_str()).collect::<Vec<_>>(),
            ["a", "b"]
        );
    }

    #[test]
    fn a_key_that_signed_once_verifies_and_signs_nothing_more() {
        let (old, new) = (format!("old:{}", key(1)), format!("new:{}", key(2)));
        let with = |signing: &str, audit: &str| {
            let texts = [
                ("TOKEN_SIGNING_KEYS", signing),
                ("AUDIT_KEYS", audit),
                ("REFRESH_KEYS", &format!("r:{}", key(3))),
                ("PASSWORD_PEPPER", &key(4)),
                ("FACTOR_KEYS", &format!("f:{}", key(5))),
                ("PERSON_KEYS", &format!("p:{}", key(6))),
            ];
            let texts = texts.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            Keyring::read(&Vars { texts, ..Vars::default() })
        };
        let before = with(&format!("{old},{new}"), "").ok().unwrap();
        let (kid, signature) = before.signing.sign(b"head");
        let published = format!("old:{}", before.audit.jwk("old").unwrap().x);
        assert_eq!(kid, "old");

        let gone = with(&new, "").ok().unwrap();
        assert_eq!(gone.audit.verify("old", b"head", &signature), None);
        for signing in [&new, &format!("{new},{old}")] {
            let kept = with(signing, &published).ok().unwrap();
            assert_eq!(kept.audit.verify("old", b"head", &signature), Some(true));
            assert_eq!(kept.audit.verify("old", b"heap", &signature), Some(false));
        }
        let kept = with(&new, &published).ok().unwrap();
        assert_eq!(kept.signing.jwks().keys.len(), 1, "no Worker accepts a token of it");

        for (bad, why) in [
            (published.replace("old", "new"), "another key under the id new"),
            (published.replace("old:", "old:x"), "AUDIT_KEYS is malformed"),
            ("old".to_owned(), "AUDIT_KEYS is malformed"),
        ] {
            let ConfigError(faults) = with(&new, &bad).err().unwrap();
            assert!(faults.len() == 1 && faults[0].contains(why), "{bad}: {faults:?}");
        }
    }

    #[test]
    fn malformed_keys_are_named_and_not_shown() {
        let short = base64url(&[7; 31]);
        let zero = base64url(&[0; 32]);
        for bad in [
            "",
            "nokey",
            "a:",
            ":x",
            &format!("a:{short}"),
            &format!("a_b:{}", key(1)),
            &format!("a:{zero}"),
            &format!("a:{},a:{}", key(1), key(2)),
            &format!("a:{},", key(1)),
        ] {
            let ConfigError(faults) = read(bad, bad, bad, bad).err().unwrap();
            assert_eq!(faults.len(), 5, "{bad}: {faults:?}");
            let names =
                ["TOKEN_SIGNING_KEYS", "REFRESH_KEYS", "PASSWORD_PEPPER", "FACTOR_KEYS", "PERSON_KEYS"];
            for (fault, name) in faults.iter().zip(names) {
                assert!(fault.starts_with(name) && (bad.len() < 10 || !fault.contains(bad)), "{fault}");
            }
        }
    }
}
