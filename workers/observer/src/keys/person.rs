//! Keys that wrap people's own keys, and that encrypt addresses of whom nobody knows yet. XChaCha20-Poly1305
//! (draft-irtf-cfrg-xchacha): its nonces are long enough to be random.

use super::NamedKey;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use sesh_edge::secret::{base64url, from_base64url, hmac_sha256};
use sesh_types::ids::PersonId;

/// Random bytes that one encryption needs.
pub type Nonce = [u8; 24];

/// Keys by id: the first wraps what is new, all of them unwrap theirs.
pub struct PersonKeys {
    first: NamedKey,
    others: Vec<NamedKey>,
}

impl PersonKeys {
    /// With these keys; nothing when there is none.
    pub fn new(keys: Vec<NamedKey>) -> Option<Self> {
        let mut keys = keys.into_iter();
        Some(Self { first: keys.next()?, others: keys.collect() })
    }

    /// The id of the key that wraps what is new.
    pub fn key_id(&self) -> &str {
        &self.first.0
    }

    /// Wraps a person's key: `<key id>.<ciphertext>`.
    pub fn wrap(&self, person: PersonId, data_key: &[u8; 32], nonce: &Nonce) -> Option<String> {
        let (id, key) = &self.first;
        let sealed = encrypt(&wrapping(key), nonce, &whose(person), data_key)?;
        Some(format!("{id}.{sealed}"))
    }

    /// Unwraps a person's key; nothing when the key is gone that wrapped it, or it is another person's.
    pub fn unwrap(&self, person: PersonId, wrapped: &str) -> Option<[u8; 32]> {
        let (id, sealed) = wrapped.split_once('.')?;
        decrypt(&wrapping(self.named(id)?), &whose(person), sealed)?.try_into().ok()
    }

    /// Encrypts a text of whom nobody knows yet: `<key id>.<ciphertext>`.
    pub fn seal(&self, place: &[u8], text: &str, nonce: &Nonce) -> Option<String> {
        let (id, key) = &self.first;
        Some(format!("{id}.{}", encrypt(&nobodys(key), nonce, place, text.as_bytes())?))
    }

    /// Reads what [`PersonKeys::seal`] made for this place.
    pub fn open(&self, place: &[u8], sealed: &str) -> Option<String> {
        let (id, sealed) = sealed.split_once('.')?;
        String::from_utf8(decrypt(&nobodys(self.named(id)?), place, sealed)?).ok()
    }

    fn named(&self, id: &str) -> Option<&[u8; 32]> {
        let known = std::iter::once(&self.first).chain(&self.others).find(|(known, _)| known == id);
        known.map(|(_, key)| key)
    }
}

fn wrapping(key: &[u8; 32]) -> [u8; 32] {
    hmac_sha256(key, &[b"sesh-person-key-v1"])
}

fn nobodys(key: &[u8; 32]) -> [u8; 32] {
    hmac_sha256(key, &[b"sesh-nobodys-address-v1"])
}

fn whose(person: PersonId) -> Vec<u8> {
    [b"person_keys\0wrapped\0".as_slice(), person.0.as_bytes()].concat()
}

/// Nonce, ciphertext and tag, in base64url.
pub(crate) fn encrypt(key: &[u8; 32], nonce: &Nonce, place: &[u8], plain: &[u8]) -> Option<String> {
    let cipher = XChaCha20Poly1305::new(key.into());
    let sealed = cipher.encrypt(XNonce::from_slice(nonce), Payload { msg: plain, aad: place }).ok()?;
    Some(base64url(&[nonce.as_slice(), &sealed].concat()))
}

/// Reads what [`encrypt`] made with this key for this place; nothing when any bit of it differs.
pub(crate) fn decrypt(key: &[u8; 32], place: &[u8], text: &str) -> Option<Vec<u8>> {
    let bytes = from_base64url(text)?;
    let (nonce, sealed) = bytes.split_at_checked(size_of::<Nonce>())?;
    let cipher = XChaCha20Poly1305::new(key.into());
    cipher.decrypt(XNonce::from_slice(nonce), Payload { msg: sealed, aad: place }).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn keys(ids: &[(&str, u8)]) -> PersonKeys {
        PersonKeys::new(ids.iter().map(|(id, seed)| ((*id).to_owned(), [*seed; 32])).collect()).unwrap()
    }

    #[test]
    fn a_wrapped_key_is_its_persons_and_survives_a_rotation() {
        let (ada, bob) = (PersonId(Uuid::from_u128(1)), PersonId(Uuid::from_u128(2)));
        let old = keys(&[("old", 1)]);
        let wrapped = old.wrap(ada, &[7; 32], &[3; 24]).unwrap();
        assert!(wrapped.starts_with("old."));
        assert_eq!(old.unwrap(ada, &wrapped), Some([7; 32]));
        assert_eq!(old.unwrap(bob, &wrapped), None, "somebody else's");
        let both = keys(&[("new", 2), ("old", 1)]);
        assert_eq!(both.unwrap(ada, &wrapped), Some([7; 32]));
        assert!(both.wrap(ada, &[7; 32], &[3; 24]).unwrap().starts_with("new."));
        assert_eq!(keys(&[("new", 2)]).unwrap(ada, &wrapped), None, "the key is gone");
        for bad in
            ["", "old", "old.", "old.AAAA", &wrapped.replace("old.", "old.A"), &wrapped[..wrapped.len() - 1]]
        {
            assert_eq!(old.unwrap(ada, bad), None, "{bad}");
        }
    }

    /// The known answer of draft-irtf-cfrg-xchacha-03, appendix A.3.1.
    #[test]
    fn the_cipher_has_its_known_answer() {
        let key: [u8; 32] = std::array::from_fn(|place| 0x80 + u8::try_from(place).unwrap());
        let nonce: Nonce = std::array::from_fn(|place| 0x40 + u8::try_from(place).unwrap());
        let aad = [0x50, 0x51, 0x52, 0x53, 0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7];
        let plain: &[u8] =
            b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, \
                             sunscreen would be it.";
        let sealed = encrypt(&key, &nonce, &aad, plain).unwrap();
        let bytes = from_base64url(&sealed).unwrap();
        assert_eq!(&bytes[24..32], [0xbd, 0x6d, 0x17, 0x9d, 0x3e, 0x83, 0xd4, 0x3b]);
        assert_eq!(
            &bytes[bytes.len() - 16..],
            [0xc0, 0x87, 0x59, 0x24, 0xc1, 0xc7, 0x98, 0x79, 0x47, 0xde, 0xaf, 0xd8, 0x78, 0x0a, 0xcf, 0x49]
        );
        assert_eq!(decrypt(&key, &aad, &sealed).unwrap(), plain);
    }

    #[test]
    fn an_address_of_nobody_counts_in_its_place_alone() {
        let keys = keys(&[("k", 9)]);
        let sealed = keys.seal(b"mails\0a", "ada@example.com", &[1; 24]).unwrap();
        assert_eq!(keys.open(b"mails\0a", &sealed).as_deref(), Some("ada@example.com"));
        assert_eq!(keys.open(b"mails\0b", &sealed), None);
    }
}
