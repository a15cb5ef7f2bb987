//! Signing up where the e-mail address is to be proven first: nobody learns from it who has an account.

use super::auth::Delivery;
use super::{Password, Token};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// `GET` → [`Manner`].
pub const MANNER: &str = "/internal/v1/auth/register";
/// `POST`: [`Begin`] → 202 [`super::recovery::Accepted`].
pub const BEGIN: &str = "/internal/v1/auth/register/begin";
/// `POST`: [`Confirm`] → 201 [`super::auth::SignedIn`].
pub const CONFIRM: &str = "/internal/v1/auth/register/confirm";

/// How one signs up at the address that was called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Manner {
    /// Whether the e-mail address is to be proven first.
    pub confirm_first: bool,
}

/// Beginning to sign up.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Begin {
    /// E-mail address, to which a mail goes in any case.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(email, length(min = 3, max = 254)))]
    pub email: String,
    /// What to be called, 1 to 80 characters.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(min = 1, max = 80)))]
    pub display_name: String,
    /// Checked for age and then forgotten.
    pub birth_date: NaiveDate,
}

/// Signing up with the token of a mail.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Confirm {
    /// The token of the mail's link.
    pub token: Token,
    /// 8 to 256 characters, none cut off, no rule of composition; common ones are refused.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(min = 8, max = 256)))]
    pub password: Password,
    /// How tokens are delivered; cookies unless told.
    #[serde(default)]
    pub delivery: Delivery,
}
