//! Challenges: `pk_<key id>_<id>_<expiry>_<mac>`, made with a key that no database holds, for one ceremony and, where it is
//! to make a passkey, for one person. Nothing is kept of them until they are used: asking for one writes nothing.

use super::ceremony::Ceremony;
use crate::keys::Keyring;
use sesh_edge::secret::{base64url, same};
use sesh_types::ids::{FactorId, PersonId};
use sesh_types::time::{SECOND_MS, Timestamp};

/// How long a ceremony may take.
pub const LIFE_MS: i64 = 300 * SECOND_MS;

/// A challenge of ours that was answered in time. Whether it was answered before, the database knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answered {
    /// Its id.
    pub id: FactorId,
    /// Until when it counts.
    pub expires_at: Timestamp,
}

/// A challenge, base64url.
pub fn make(
    keys: &Keyring,
    ceremony: Ceremony,
    person: Option<PersonId>,
    id: FactorId,
    now: Timestamp,
) -> Option<String> {
    let expires_at_s = now.plus_ms(LIFE_MS).seconds();
    text(keys, keys.factors.key_id(), ceremony, person, id, expires_at_s)
        .map(|text| base64url(text.as_bytes()))
}

/// Reads a challenge that came back.
pub fn read(
    keys: &Keyring,
    ceremony: Ceremony,
    person: Option<PersonId>,
    bytes: &[u8],
    now: Timestamp,
) -> Option<Answered> {
    let presented = std::str::from_utf8(bytes).ok()?;
    // A MAC in base64url may hold underscores, hence no more than five parts.
    let mut parts = presented.splitn(5, '_').skip(1);
    let (key_id, id, expires_at_s) =
        (parts.next()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let ours = text(keys, key_id, ceremony, person, id, expires_at_s)?;
    let counts = same(&ours, presented) && now.seconds() < expires_at_s;
    counts.then(|| Answered { id, expires_at: Timestamp(expires_at_s.saturating_mul(SECOND_MS)) })
}

fn text(
    keys: &Keyring,
    key_id: &str,
    ceremony: Ceremony,
    person: Option<PersonId>,
    id: FactorId,
    expires_at_s: i64,
) -> Option<String> {
    let kind: &[u8] = match ceremony {
        Ceremony::Create => b"create",
        Ceremony::Get => b"get",
    };
    let person = person.map(|person| *person.0.as_bytes()).unwrap_or_default();
    let parts: [&[u8]; 4] = [kind, &person, id.0.as_bytes(), &expires_at_s.to_be_bytes()];
    let mac = base64url(&keys.factors.derive(key_id, "sesh-webauthn-v1", &parts)?);
    Some(format!("pk_{key_id}_{}_{expires_at_s}_{mac}", id.0.simple()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOW, keyring};
    use sesh_edge::secret::from_base64url;
    use uuid::Uuid;

    #[test]
    fn a_challenge_counts_for_its_ceremony_its_person_and_five_minutes() {
        let keys = keyring();
        let (ada, bob) = (PersonId(Uuid::from_u128(1)), PersonId(Uuid::from_u128(2)));
        let made = make(&keys, Ceremony::Create, Some(ada), FactorId(Uuid::from_u128(7)), NOW).unwrap();
        let bytes = from_base64url(&made).unwrap();
        let read = |ceremony, person, at| read(&keys, ceremony, person, &bytes, at).is_some();
        assert!(
            read(Ceremony::Create, Some(ada), NOW) && read(Ceremony::Create, Some(ada), NOW.plus_ms(299_000))
        );
        assert!(!read(Ceremony::Create, Some(ada), NOW.plus_ms(300_000)), "too late");
        assert!(!read(Ceremony::Get, Some(ada), NOW) && !read(Ceremony::Create, Some(bob), NOW));
        assert!(!read(Ceremony::Create, None, NOW));
        assert_eq!(super::read(&keys, Ceremony::Create, Some(ada), b"pk_factor1_x", NOW), None);
    }
}
