//! The secrets that no database holds: what signs access tokens and checkpoints, what refresh tokens are made of,
//! and the pepper of passwords.

mod pepper;
mod refresh;
pub mod routes;
mod signing;

pub use pepper::{Pepper, Verdict, normalised};
pub use refresh::{Presented, RefreshKeys};
pub use signing::SigningKeys;

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
    /// Make refresh tokens.
    pub refresh: RefreshKeys,
    /// Is mixed into every hash of something that could be guessed.
    pub pepper: Pepper,
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
        match (signing, refresh, pepper) {
            (Ok(signing), Ok(refresh), Ok(pepper)) => {
                let verifying = VerifyingKeys::from_jwks(&signing.jwks());
                Ok(Self { issuer: text("TOKEN_ISSUER"), signing, verifying, refresh, pepper })
            }
            (signing, refresh, pepper) => {
                Err(ConfigError([signing.err(), refresh.err(), pepper.err()].into_iter().flatten().collect()))
            }
        }
    }
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

    fn read(signing: &str, refresh: &str, pepper: &str) -> Result<Keyring, ConfigError> {
        let texts = [("TOKEN_SIGNING_KEYS", signing), ("REFRESH_KEYS", refresh), ("PASSWORD_PEPPER", pepper)];
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
        let keys =
            read(&format!("a:{},b:{}", key(1), key(2)), &format!("r:{}", key(3)), &key(4)).ok().unwrap();
        assert_eq!(
            keys.signing.jwks().keys.iter().map(|key| key.kid.as_str()).collect::<Vec<_>>(),
            ["a", "b"]
        );
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
            let ConfigError(faults) = read(bad, bad, bad).err().unwrap();
            assert_eq!(faults.len(), 3, "{bad}: {faults:?}");
            for (fault, name) in faults.iter().zip(["TOKEN_SIGNING_KEYS", "REFRESH_KEYS", "PASSWORD_PEPPER"])
            {
                assert!(fault.starts_with(name) && (bad.len() < 10 || !fault.contains(bad)), "{fault}");
            }
        }
    }
}
