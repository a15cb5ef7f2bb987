//! What somebody gets whose password was right while the second factor is missing: `ch_<key id>_<person>_<expiry>_<mac>`,
//! for the second step of signing in and nothing else. The MAC binds epoch and password hash, so a suspension or a new
//! password ends it; nothing is kept.

use crate::keys::Keyring;
use sesh_edge::secret::{base64url, same};
use sesh_types::contract::Token;
use sesh_types::contract::factors::Challenge;
use sesh_types::ids::{PersonId, StaffId};
use sesh_types::time::{SECOND_MS, Timestamp};
use std::str::FromStr;
use uuid::Uuid;

/// How long there is for the second step.
const SECONDS: i64 = 300;

/// Somebody whose sign-in may wait: a challenge of one kind is none of another.
pub trait Waiting: Copy + FromStr {
    /// How their challenges begin.
    const PREFIX: &'static str;
    /// What their challenges are derived for.
    const PURPOSE: &'static str;
    /// Their id.
    fn uuid(self) -> Uuid;
}

impl Waiting for PersonId {
    const PREFIX: &'static str = "ch";
    const PURPOSE: &'static str = "sesh-challenge-v1";

    fn uuid(self) -> Uuid {
        self.0
    }
}

impl Waiting for StaffId {
    const PREFIX: &'static str = "sc";
    const PURPOSE: &'static str = "sesh-staff-challenge-v1";

    fn uuid(self) -> Uuid {
        self.0
    }
}

/// Whose sign-in waits.
pub struct Standing<'a, W = PersonId> {
    /// The person, or the member of staff.
    pub person: W,
    /// Their epoch.
    pub epoch: i64,
    /// Their password's hash.
    pub phc: &'a str,
}

/// A challenge as somebody presents it: well-formed, and nothing more is known.
pub struct Presented<W = PersonId> {
    /// The person, or the member of staff, that it claims to be of.
    pub person: W,
    expires_at_s: i64,
    key_id: String,
    text: String,
}

impl<W: Waiting> Presented<W> {
    /// Reads a challenge; nothing when it does not have the form of one.
    pub fn read(token: &Token) -> Option<Self> {
        // A MAC in base64url may hold underscores, hence no more than five parts.
        let mut parts = token.0.splitn(5, '_');
        let (prefix, key_id, person, expires) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let well_formed = prefix == W::PREFIX && parts.next()?.len() == 43;
        well_formed.then_some(Self {
            person: person.parse().ok()?,
            expires_at_s: expires.parse().ok()?,
            key_id: key_id.to_owned(),
            text: token.0.clone(),
        })
    }

    /// Whether it is ours, of this standing, and not too old.
    pub fn counts(&self, keys: &Keyring, standing: &Standing<'_, W>, now: Timestamp) -> bool {
        let ours = token(keys, &self.key_id, standing, self.expires_at_s);
        now.seconds() < self.expires_at_s && ours.is_some_and(|ours| same(&ours.0, &self.text))
    }
}

/// A challenge for a standing.
pub fn make<W: Waiting>(keys: &Keyring, standing: &Standing<'_, W>, now: Timestamp) -> Option<Challenge> {
    let expires_at_s = now.plus_ms(SECONDS * SECOND_MS).seconds();
    Some(Challenge {
        challenge: token(keys, keys.factors.key_id(), standing, expires_at_s)?,
        methods: ["totp", "recovery_code"].map(str::to_owned).into(),
        expires_in: SECONDS,
    })
}

fn token<W: Waiting>(
    keys: &Keyring,
    key_id: &str,
    standing: &Standing<'_, W>,
    expires_at_s: i64,
) -> Option<Token> {
    let Standing { person, epoch, phc } = standing;
    let id = person.uuid();
    let parts: [&[u8]; 4] =
        [id.as_bytes(), &epoch.to_be_bytes(), &expires_at_s.to_be_bytes(), phc.as_bytes()];
    let mac = base64url(&keys.factors.derive(key_id, W::PURPOSE, &parts)?);
    Some(Token(format!("{}_{key_id}_{}_{expires_at_s}_{mac}", W::PREFIX, id.simple())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOW, keyring};

    #[test]
    fn a_challenge_counts_for_its_standing_and_five_minutes() {
        let keys = keyring();
        let standing = Standing { person: PersonId(Uuid::from_u128(1)), epoch: 3, phc: "hash" };
        let Token(text) = make(&keys, &standing, NOW).unwrap().challenge;
        let counts = |text: &str, standing: &Standing<'_>, now: Timestamp| {
            Presented::<PersonId>::read(&Token(text.to_owned()))
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
        let staff = Standing { person: StaffId(standing.person.0), epoch: 3, phc: "hash" };
        let Token(other) = make(&keys, &staff, NOW).unwrap().challenge;
        assert!(!counts(&other, &standing, NOW), "of a member of staff with the same id");
        assert!(!counts(&other.replacen("sc_", "ch_", 1), &standing, NOW), "under another name");
        for bad in ["", "ch____", &text[1..], &format!("{text}A"), &text.replace("factor1", "factor2")] {
            assert!(!counts(bad, &standing, NOW), "{bad}");
        }
    }
}
