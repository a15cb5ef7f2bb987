//! What somebody gets whose account at a provider is linked to nobody: `pt.<key id>.<what was proven>.<mac>`, for signing
//! up or linking, once, within ten minutes, in the browser that came back from the provider. Nothing is kept of it.

use crate::keys::Keyring;
use crate::passkeys::challenge::Answered;
use serde::{Deserialize, Serialize};
use sesh_edge::secret::{base64url, from_base64url, same};
use sesh_types::contract::Token;
use sesh_types::contract::identities::ProviderName;
use sesh_types::ids::FactorId;
use sesh_types::time::{MINUTE_MS, SECOND_MS, Timestamp};

/// How long it counts.
pub const SECONDS: i64 = 10 * MINUTE_MS / SECOND_MS;

/// What was proven.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Proven {
    /// The ticket's own id: it counts once.
    pub id: FactorId,
    /// Until when it counts.
    pub expires_at_s: i64,
    /// The provider.
    pub provider: ProviderName,
    /// Its issuer.
    pub issuer: String,
    /// The keyed hash of issuer and subject.
    pub identity: String,
    /// The e-mail address that the provider told, as accounts are found by.
    pub email: Option<String>,
    /// Whether the provider knows it to be theirs.
    pub email_verified: bool,
    /// The name that the provider told.
    pub name: Option<String>,
}

impl Proven {
    /// The ticket.
    pub fn ticket(&self, keys: &Keyring, browser: &Token) -> Option<Token> {
        let payload = base64url(&serde_json::to_vec(self).ok()?);
        text(keys, keys.factors.key_id(), &payload, browser)
    }

    /// Reads a ticket; nothing when it is not ours, of another browser or provider, or too old.
    pub fn read(
        keys: &Keyring,
        provider: &ProviderName,
        browser: Option<&Token>,
        ticket: &Token,
        now: Timestamp,
    ) -> Option<Self> {
        let [_, key_id, payload, _] = ticket.0.split('.').collect::<Vec<_>>()[..] else { return None };
        if !same(&text(keys, key_id, payload, browser?)?.0, &ticket.0) {
            return None;
        }
        let proven: Self = sesh_edge::json::read(&from_base64url(payload)?).ok()?;
        (proven.provider == *provider && now.seconds() < proven.expires_at_s).then_some(proven)
    }

    /// By which it is known to have been used.
    pub const fn used(&self) -> Answered {
        Answered { id: self.id, expires_at: Timestamp(self.expires_at_s.saturating_mul(SECOND_MS)) }
    }
}

fn text(keys: &Keyring, key_id: &str, payload: &str, browser: &Token) -> Option<Token> {
    let parts: [&[u8]; 2] = [payload.as_bytes(), browser.0.as_bytes()];
    let mac = base64url(&keys.factors.derive(key_id, "sesh-provider-ticket-v1", &parts)?);
    Some(Token(format!("pt.{key_id}.{payload}.{mac}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOW, keyring};
    use uuid::Uuid;

    #[test]
    fn a_ticket_counts_in_its_browser_for_its_provider_and_ten_minutes() {
        let keys = keyring();
        let (name, browser) = ("a".parse::<ProviderName>().unwrap(), Token("br_x".into()));
        let proven = Proven {
            id: FactorId(Uuid::from_u128(7)),
            expires_at_s: NOW.seconds() + SECONDS,
            provider: name.clone(),
            issuer: "https://id.example".into(),
            identity: "1f".into(),
            email: Some("ada@example.com".into()),
            email_verified: true,
            name: None,
        };
        let ticket = proven.ticket(&keys, &browser).unwrap();
        let read = |browser: Option<&Token>, ticket: &Token, ms| {
            Proven::read(&keys, &name, browser, ticket, NOW.plus_ms(ms)).is_some()
        };
        assert!(read(Some(&browser), &ticket, 0) && read(Some(&browser), &ticket, 599_000));
        assert!(!read(Some(&browser), &ticket, 600_000) && !read(None, &ticket, 0));
        assert!(!read(Some(&Token("br_y".into())), &ticket, 0), "another browser");
        let other = "b".parse().unwrap();
        assert!(Proven::read(&keys, &other, Some(&browser), &ticket, NOW).is_none(), "another provider");
        let forged = Proven { identity: "2f".into(), ..proven };
        let parts: Vec<&str> = ticket.0.split('.').collect();
        let payload = base64url(&serde_json::to_vec(&forged).unwrap());
        let forged = Token(format!("pt.{}.{payload}.{}", parts[1], parts[3]));
        assert!(!read(Some(&browser), &forged, 0), "what it says is what was signed");
    }
}
