//! Programs that people let act for them (OAuth 2.1), registered by an administrator.

use crate::access::ApiScope;
use crate::contract::Token;
use crate::ids::{ClientId, TenantId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// `GET` → a list of [`Client`]; `POST` [`NewClient`] → 201 [`Registered`]; `GET …/{id}` → [`Client`]; `PATCH …/{id}`
/// [`EditClient`] → [`Client`]; `DELETE …/{id}` → 204.
pub const CLIENTS: &str = "/internal/v1/clients";

/// Whether a program can keep a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ClientKind {
    /// It runs where others can look into it: in a browser, on a phone. It has no secret.
    Public,
    /// It runs on a server, and has a secret.
    Confidential,
}

impl ClientKind {
    /// As the database spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Confidential => "confidential",
        }
    }
}

/// A way to get tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum GrantType {
    /// A person agrees, in their browser.
    AuthorizationCode,
    /// New tokens for old, of such a person.
    RefreshToken,
    /// For itself, acting for nobody.
    ClientCredentials,
}

/// A new program.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewClient {
    /// What it is called where people are asked about it, 1 to 80 characters.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(min = 1, max = 80)))]
    pub name: String,
    /// Whether it can keep a secret.
    pub kind: ClientKind,
    /// Where people are sent back to, at most 20: `https://…`, or `http://127.0.0.1/…` and `http://[::1]/…`, which stand
    /// for every port.
    #[serde(default)]
    pub redirect_uris: Vec<String>,
    /// How it may get tokens.
    pub grant_types: Vec<GrantType>,
    /// The most that it may ask for.
    pub scopes: Vec<ApiScope>,
    /// Whose people it is for; without one, the consumers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<TenantId>,
    /// Ours: people are not asked whether they agree.
    #[serde(default)]
    pub first_party: bool,
}

/// Editing a program; what is left out stays.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EditClient {
    /// What it is called, 1 to 80 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(min = 1, max = 80)))]
    pub name: Option<String>,
    /// All of its redirect URIs, at most 20.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirect_uris: Option<Vec<String>>,
    /// All of its grant types.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant_types: Option<Vec<GrantType>>,
    /// All of its scopes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<ApiScope>>,
    /// Whether people are not asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_party: Option<bool>,
}

/// A program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Client {
    /// Its id: `client_id`.
    pub id: ClientId,
    /// What it is called.
    pub name: String,
    /// Whether it has a secret.
    pub kind: ClientKind,
    /// Where people are sent back to.
    pub redirect_uris: Vec<String>,
    /// How it may get tokens.
    pub grant_types: Vec<GrantType>,
    /// The most that it may ask for.
    pub scopes: Vec<ApiScope>,
    /// Whose people it is for; without one, the consumers.
    pub tenant_id: Option<TenantId>,
    /// Whether people are not asked.
    pub first_party: bool,
    /// When it was registered.
    pub created_at: Timestamp,
    /// Counts the edits; the `ETag`.
    pub version: i64,
}

/// A program that was just registered.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Registered {
    /// The program.
    pub client: Client,
    /// Its secret, shown this once; a public program has none.
    pub secret: Option<Token>,
}
