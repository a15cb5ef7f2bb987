//! Keys of what is made rather than kept: the tokens in mails, the secrets of generators, recovery codes, challenges. A
//! token in a mail is `mt_<key id>_<id>_<mac>`. The MAC binds the mail and what it proves, with a key that no database
//! holds; so a copy of the database proves nothing.

use super::NamedKey;
use sesh_edge::secret::{base64url, hmac_sha256, same};
use sesh_types::contract::Token;
use sesh_types::ids::MailId;

/// Keys by id: the first makes tokens, all of them recognise theirs.
pub struct FactorKeys {
    first: NamedKey,
    others: Vec<NamedKey>,
}

/// The token of a mail as somebody presents it: well-formed, and nothing more is known.
pub struct PresentedProof {
    /// The mail that it claims to be of.
    pub id: MailId,
    key_id: String,
    text: String,
}

impl PresentedProof {
    /// Reads a token; nothing when it does not have the form of one.
    pub fn read(token: &Token) -> Option<Self> {
        // A MAC in base64url may hold underscores, hence no more than four parts.
        let mut parts = token.0.splitn(4, '_');
        let (prefix, key_id, id, mac) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let well_formed = prefix == "mt" && mac.len() == 43;
        well_formed.then_some(Self { id: id.parse().ok()?, key_id: key_id.to_owned(), text: token.0.clone() })
    }
}

impl FactorKeys {
    /// With these keys; nothing when there is none.
    pub fn new(keys: Vec<NamedKey>) -> Option<Self> {
        let mut keys = keys.into_iter();
        Some(Self { first: keys.next()?, others: keys.collect() })
    }

    /// The token of a mail, for what it proves.
    pub fn mail_token(&self, purpose: &str, id: MailId) -> Token {
        mail_token(&self.first, purpose, id)
    }

    /// Whether we made this token, for this purpose.
    pub fn made(&self, presented: &PresentedProof, purpose: &str) -> bool {
        self.named(&presented.key_id)
            // The whole text is compared, so each token has one spelling.
            .is_some_and(|key| same(&mail_token(key, purpose, presented.id).0, &presented.text))
    }

    /// The ids of all of them.
    pub fn key_ids(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.first).chain(&self.others).map(|(id, _)| id.as_str())
    }

    /// The id of the key that makes what is new.
    pub fn key_id(&self) -> &str {
        &self.first.0
    }

    /// What follows from a key for one purpose; nothing when there is no such key.
    pub fn derive(&self, key_id: &str, purpose: &str, parts: &[&[u8]]) -> Option<[u8; 32]> {
        let (_, key) = self.named(key_id)?;
        let all: Vec<&[u8]> = std::iter::once(purpose.as_bytes()).chain(parts.iter().copied()).collect();
        Some(hmac_sha256(key, &all))
    }

    fn named(&self, id: &str) -> Option<&NamedKey> {
        std::iter::once(&self.first).chain(&self.others).find(|(known, _)| known == id)
    }
}

fn mail_token((key_id, key): &NamedKey, purpose: &str, id: MailId) -> Token {
    let mac = hmac_sha256(key, &[b"sesh-mail-v1", purpose.as_bytes(), id.0.as_bytes()]);
    Token(format!("mt_{key_id}_{}_{}", id.0.simple(), base64url(&mac)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn keys(names: &[(&str, u8)]) -> FactorKeys {
        FactorKeys::new(names.iter().map(|(id, byte)| ((*id).to_owned(), [*byte; 32])).collect()).unwrap()
    }

    fn made(keys: &FactorKeys, text: &str, purpose: &str) -> bool {
        PresentedProof::read(&Token(text.to_owned())).is_some_and(|presented| keys.made(&presented, purpose))
    }

    #[test]
    fn a_mails_token_is_recognised_and_nothing_like_it() {
        let keys = keys(&[("k1", 1)]);
        let Token(token) = keys.mail_token("reset_password", MailId(Uuid::from_u128(7)));
        assert!(made(&keys, &token, "reset_password"));
        assert!(!made(&keys, &token, "verify_email"), "another purpose");
        assert!(!made(&keys, &token.replace("k1", "k2"), "reset_password"), "an unknown key");
        assert!(!made(&keys, &token.replace("07_", "08_"), "reset_password"), "another mail");
        for text in ["", "mt", "mt___", &token[1..], &format!("{token}x"), &token.to_uppercase()] {
            assert!(!made(&keys, text, "reset_password"), "{text}");
        }
    }

    #[test]
    fn a_mails_token_of_the_key_before_still_counts() {
        let Token(old) = keys(&[("k1", 1)]).mail_token("verify_email", MailId(Uuid::from_u128(7)));
        assert!(made(&keys(&[("k2", 2), ("k1", 1)]), &old, "verify_email"));
        assert!(!made(&keys(&[("k2", 2)]), &old, "verify_email"));
    }
}
