//! What somebody gets whose password was right while the second factor is missing: `ch_<key id>_<person>_<expiry>_<mac>`,
//! for the second step of signing in and nothing else. The MAC binds epoch and password hash, so a suspension or a new
//! password ends it; nothing is kept.

use crate::keys::Keyring;
use sesh_edge::secret::{base64url, same};
use sesh_types::contract::Token;
use sesh_types::contract::factors::Challenge;
use sesh_types::ids::PersonId;
use sesh_types::time::{SECOND_MS, Timestamp};

/// How long there is for the second step.
const SECONDS: i64 = 300;

/// Whose sign-in waits.
pub struct Standing<'a> {
    /// The person.
    pub person: PersonId,
    /// Their epoch.
    pub epoch: i64,
    /// Their password's hash.
    pub phc: &'a str,
}

/// A challenge as somebody presents it: well-formed, and nothing more is known.
pub struct Presented {
    /// The person that it claims to be of.
    pub person: PersonId,
    expires_at_s: i64,
    key_id: String,
    text: String,
}

impl Presented {
    /// Reads a challenge; nothing when it does not have the form of one.
    pub fn read(token: &Token) -> Option<Self> {
        // A MAC in base64url may hold underscores, hence no more than five parts.
        let mut parts = token.0.splitn(5, '_');
        let (prefix, key_id, person, expires) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let well_formed = prefix == "ch" && parts.next()?.len() == 43;
        well_formed.then_some(Self {
            person: person.parse().ok()?,
            expires_at_s: expires.parse().ok()?,
            key_id: key_id.to_owned(),
            text: token.0.clone(),
        })
    }

    /// Whether it is ours, of this standing, and not too old.
    pub fn counts(&self, keys: &Keyring, standing: &Standing<'_>, now: Timestamp) -> bool {
        let ours = token(keys, &self.key_id, standing, self.expires_at_s);
        now.seconds() < self.expires_at_s && ours.is_some_and(|ours| same(&ours.0, &self.text))
    }
}

/// A challenge for a standing.
pub fn make(keys: &Keyring, standing: &Standing<'_>, now: Timestamp) -> Option<Challenge> {
    let expires_at_s = now.plus_ms(SECONDS * SECOND_MS).seconds();
    Some(Challenge {
        challenge: token(keys, keys.factors.key_id(), standing, expires_at_s)?,
        methods: ["totp", "recovery_code"].map(str::to_owned).into(),
        expires_in: SECONDS,
    })
}

fn token(keys: &Keyring, key_id: &str, standing: &Standing<'_>, expires_at_s: i64) -> Option<Token> {
    let Standing { person, epoch, phc } = standing;
    let parts: [&[u8]; 4] =
        [person.0.as_bytes(), &epoch.to_be_bytes(), &expires_at_s.to_be_bytes(), phc.as_bytes()];
    let mac = base64url(&keys.factors.derive(key_id, "sesh-challenge-v1", &parts)?);
    Some(Token(format!("ch_{key_id}_{}_{expires_at_s}_{mac}", person.0.simple())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOW, keyring};
    use uuid::Uuid;

    #[test]
    fn a_challenge_counts_for_its_standing_and_five_minutes() {
        let keys = keyring();
        let standing = Standing { person: PersonId(Uuid::from_u128(1)), epoch: 3, phc: "hash" };
        let Token(text) = make(&keys, &standing, NOW).unwrap().challenge;
        let counts = |text: &str, standing: &Standing<'_>, now: Timestamp| {
            Presented::read(&Token(text.to_owned()))
                .is_some_and(|presented| presented.counts(&keys, standing, now))
        };
        assert!(counts(&text, &standing, NOW) && counts(&text, &standing, NOW.plus_ms(299_000)));
        assert!(!counts(&text, &standing, NOW.plus_ms(300_000)), "too old");
        assert!(!counts(&text, &Standing { epoch: 4, ..standing }, NOW), "suspended since");
        assert!(!counts(&text, &Standing { phc: "other", ..standing }, NOW), "another password since");
        assert!(!counts(&text, &Standing { person: PersonId(Uuid::from_u128(2)), ..standing }, NOW));
        let later = text.replace(
            &NOW.plus_ms(300_000).seconds().to_string(),
            &NOW.plus_ms(900_000).seconds().to_string(),
        );
        assert!(later != text && !counts(&later, &standing, NOW), "nobody prolongs it");
        for bad in ["", "ch____", &text[1..], &format!("{text}A"), &text.replace("factor1", "factor2")] {
            assert!(!counts(bad, &standing, NOW), "{bad}");
        }
    }
}
