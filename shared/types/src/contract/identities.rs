//! Signing in with another provider (`OpenID` Connect), and which accounts there are linked to one's own.

use super::auth::Delivery;
use super::{Password, Token};
use crate::time::Timestamp;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// `GET` → [`Providers`]; `POST …/{provider}/begin` → [`Beginning`]; `POST …/{provider}/complete`
/// [`InBrowser`]<[`Complete`]> → [`crate::contract::auth::SignedIn`]; `POST …/{provider}/register`
/// [`InBrowser`]<[`SignUp`]> → 201 [`crate::contract::auth::SignedIn`].
pub const PROVIDERS: &str = "/internal/v1/auth/providers";
/// On behalf of a person. `GET` → [`Identities`]; `POST …/{provider}` [`InBrowser`]<[`Link`]> → [`Identity`];
/// `POST …/{provider}/remove` [`super::factors::Reauthenticate`] → 204.
pub const IDENTITIES: &str = "/internal/v1/me/identities";

/// What a provider is called in addresses: 1 to 32 lower-case letters, digits and hyphens.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(try_from = "String", into = "String")]
pub struct ProviderName(String);

/// No name of a provider.
#[derive(Debug, thiserror::Error)]
#[error("must be 1 to 32 lower-case letters, digits and hyphens")]
pub struct NotAName;

impl TryFrom<String> for ProviderName {
    type Error = NotAName;

    fn try_from(text: String) -> Result<Self, NotAName> {
        let sound = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if sound && (1..=32).contains(&text.len()) { Ok(Self(text)) } else { Err(NotAName) }
    }
}

impl std::str::FromStr for ProviderName {
    type Err = NotAName;

    fn from_str(text: &str) -> Result<Self, NotAName> {
        Self::try_from(text.to_owned())
    }
}

impl From<ProviderName> for String {
    fn from(name: ProviderName) -> Self {
        name.0
    }
}

impl std::fmt::Display for ProviderName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// With whom one may sign in.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Providers {
    /// Their names; none unless some are configured.
    pub providers: Vec<ProviderName>,
}

/// Where to go to sign in.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Begun {
    /// The provider's page. A cookie that came with this answer knows the browser again.
    pub url: String,
}

/// The same between Workers, with what the browser keeps.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Beginning {
    /// The provider's page.
    pub url: String,
    /// What the browser keeps.
    pub browser: Token,
}

/// A body between Workers, with what the browser kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct InBrowser<T> {
    /// What the browser kept, if it kept something.
    pub browser: Option<Token>,
    /// What was sent.
    pub given: T,
}

/// What the provider answered with, as it stands in the address of the page that it led back to.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Complete {
    /// `code`.
    pub code: Token,
    /// `state`.
    pub state: Token,
    /// `iss` (RFC 9207), where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iss: Option<String>,
    /// The slug of the tenant to be signed in to; left out, the one whose address was called, or else home.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(min = 2, max = 40)))]
    pub tenant: Option<String>,
    /// How tokens are delivered; cookies unless told.
    #[serde(default)]
    pub delivery: Delivery,
}

/// An account at a provider that nobody here is linked to, yet: what goes on with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Proven {
    /// Signs up or links, once, in the same browser.
    pub ticket: Token,
    /// Seconds until it does not.
    pub expires_in: i64,
    /// The e-mail address that the provider told.
    #[serde(default)]
    pub email: Option<String>,
    /// The name that the provider told.
    #[serde(default)]
    pub display_name: Option<String>,
}

/// Signing up with the account of a provider.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SignUp {
    /// The ticket.
    pub ticket: Token,
    /// Checked for age and then forgotten: only that the person is of age is kept.
    pub birth_date: NaiveDate,
    /// What to be called, 1 to 80 characters.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(min = 1, max = 80)))]
    pub display_name: String,
    /// How tokens are delivered; cookies unless told.
    #[serde(default)]
    pub delivery: Delivery,
}

/// Linking the account of a provider to one's own: the ticket, and who one is, once more.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// The ticket.
    pub ticket: Token,
    /// The password.
    pub password: Password,
    /// The six digits that the generator shows, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Token>,
    /// A recovery code, instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery_code: Option<Token>,
}

/// By which ways one gets in, besides second factors and passkeys.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Identities {
    /// Whether there is a password. Without one, the mail for a forgotten one sets the first.
    pub has_password: bool,
    /// The accounts that are linked.
    pub identities: Vec<Identity>,
}

/// An account at a provider that is linked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Identity {
    /// The provider.
    pub provider: String,
    /// Since when.
    pub linked_at: Timestamp,
    /// When it was last used to sign in.
    pub last_used_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_a_provider_is_short_and_plain() {
        assert!("a-1".parse::<ProviderName>().is_ok());
        for bad in ["", "A", "a b", "a/b", "ä", &"a".repeat(33)] {
            assert!(bad.parse::<ProviderName>().is_err(), "{bad}");
        }
        assert!(serde_json::from_str::<ProviderName>("\"A\"").is_err());
    }
}
