//! What a browser keeps on its way to a provider and back: `br_<key id>_<id>_<expiry>_<mac>`, for one provider and ten
//! minutes. State, nonce and PKCE's verifier follow from its id with a key that no database holds, so asking writes
//! nothing, and whoever sees the address that the provider leads back to has none of them.

use crate::keys::Keyring;
use sesh_edge::secret::{base64url, same, sha256};
use sesh_types::contract::Token;
use sesh_types::contract::identities::ProviderName;
use sesh_types::ids::FactorId;
use sesh_types::time::{MINUTE_MS, SECOND_MS, Timestamp};

/// How long the way may take.
pub const LIFE_MS: i64 = 10 * MINUTE_MS;

/// A browser on its way.
#[derive(Clone, Debug)]
pub struct Browser {
    /// By which the way is known to have ended.
    pub id: FactorId,
    /// Until when it counts.
    pub expires_at: Timestamp,
    key_id: String,
}

impl Browser {
    /// One that sets out.
    pub fn new(keys: &Keyring, id: FactorId, now: Timestamp) -> Self {
        let expires_at = Timestamp(now.plus_ms(LIFE_MS).seconds() * SECOND_MS);
        Self { id, expires_at, key_id: keys.factors.key_id().to_owned() }
    }

    /// Reads what a browser kept; nothing when it is not ours, of another provider, or too old.
    pub fn read(keys: &Keyring, provider: &ProviderName, kept: &Token, now: Timestamp) -> Option<Self> {
        // A MAC in base64url may hold underscores, hence no more than five parts.
        let mut parts = kept.0.splitn(5, '_').skip(1);
        let (key_id, id, expires_at_s) = (parts.next()?, parts.next()?, parts.next()?.parse::<i64>().ok()?);
        let expires_at = Timestamp(expires_at_s.checked_mul(SECOND_MS)?);
        let browser = Self { id: id.parse().ok()?, expires_at, key_id: key_id.to_owned() };
        (same(&browser.text(keys, provider)?.0, &kept.0) && now < expires_at).then_some(browser)
    }

    /// What the browser keeps.
    pub fn text(&self, keys: &Keyring, provider: &ProviderName) -> Option<Token> {
        let Self { id, expires_at, key_id } = self;
        let provider = provider.to_string();
        let parts: [&[u8]; 3] = [provider.as_bytes(), id.0.as_bytes(), &expires_at.0.to_be_bytes()];
        let mac = base64url(&keys.factors.derive(key_id, "sesh-provider-browser-v1", &parts)?);
        Some(Token(format!("br_{key_id}_{}_{}_{mac}", id.0.simple(), expires_at.seconds())))
    }

    /// `state`: what the provider hands back.
    pub fn state(&self, keys: &Keyring) -> Option<String> {
        self.derived(keys, "sesh-provider-state-v1")
    }

    /// `nonce`: what the ID token holds.
    pub fn nonce(&self, keys: &Keyring) -> Option<String> {
        self.derived(keys, "sesh-provider-nonce-v1")
    }

    /// PKCE's verifier (RFC 7636), 43 characters.
    pub fn verifier(&self, keys: &Keyring) -> Option<String> {
        self.derived(keys, "sesh-provider-pkce-v1")
    }

    /// PKCE's challenge.
    pub fn challenge(&self, keys: &Keyring) -> Option<String> {
        Some(base64url(&sha256(self.verifier(keys)?.as_bytes())))
    }

    fn derived(&self, keys: &Keyring, purpose: &str) -> Option<String> {
        Some(base64url(&keys.factors.derive(&self.key_id, purpose, &[self.id.0.as_bytes()])?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOW, keyring};
    use uuid::Uuid;

    #[test]
    fn what_a_browser_keeps_counts_for_its_provider_and_ten_minutes() {
        let keys = keyring();
        let name = |text: &str| text.parse::<ProviderName>().unwrap();
        let browser = Browser::new(&keys, FactorId(Uuid::from_u128(7)), NOW);
        let kept = browser.text(&keys, &name("a")).unwrap();
        let read =
            |kept: &Token, provider: &str, ms| Browser::read(&keys, &name(provider), kept, NOW.plus_ms(ms));
        let found = read(&kept, "a", 599_000).unwrap();
        assert_eq!((found.id, found.state(&keys)), (browser.id, browser.state(&keys)));
        assert!(read(&kept, "a", 600_000).is_none() && read(&kept, "b", 0).is_none());
        for bad in ["", "br_a", &format!("{}x", kept.0), &kept.0.replace("br_factor1", "br_factor2")] {
            assert!(read(&Token(bad.to_owned()), "a", 0).is_none(), "{bad}");
        }
        let parts =
            [browser.state(&keys), browser.nonce(&keys), browser.verifier(&keys), browser.challenge(&keys)];
        let different: std::collections::BTreeSet<_> = parts.iter().collect();
        assert_eq!(different.len(), 4, "none tells another");
    }
}
