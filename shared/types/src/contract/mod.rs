//! Bodies that clients and Workers exchange. Paths stand beside the types, so that caller and callee cannot
//! disagree. What comes from outside denies unknown fields.

pub mod admin;
pub mod auth;
pub mod brands;
pub mod catalogue;
pub mod clients;
pub mod factors;
pub mod identities;
pub mod keys;
pub mod live;
pub mod notice;
pub mod passkeys;
pub mod privacy;
pub mod recovery;
pub mod sign_up;
pub mod staff;
pub mod tenants;

use serde::{Deserialize, Serialize};

/// A password on its way in; it does not print.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Password(pub String);

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(…)")
    }
}

/// A refresh or access token on its way; it does not print.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Token(pub String);

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}
