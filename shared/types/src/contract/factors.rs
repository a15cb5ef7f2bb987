//! Second factors: one-time codes by time, recovery codes, and signing in with them.

use super::auth::Delivery;
use super::{Password, Token};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// `POST`: [`LoginFactor`] → 200 [`super::auth::SignedIn`].
pub const LOGIN_FACTOR: &str = "/internal/v1/auth/login/factor";
/// On behalf of a person. `GET` → [`Factors`].
pub const FACTORS: &str = "/internal/v1/me/factors";
/// On behalf of a person. `POST`: [`EnrolTotp`] → 201 [`TotpSecret`].
pub const TOTP: &str = "/internal/v1/me/factors/totp";
/// On behalf of a person. `POST`: [`ConfirmTotp`] → 200 [`RecoveryCodes`].
pub const TOTP_CONFIRM: &str = "/internal/v1/me/factors/totp/confirm";
/// On behalf of a person. `POST`: [`Reauthenticate`] → 204.
pub const TOTP_REMOVE: &str = "/internal/v1/me/factors/totp/remove";
/// On behalf of a person. `POST`: [`Reauthenticate`] → 200 [`RecoveryCodes`].
pub const RECOVERY_CODES: &str = "/internal/v1/me/factors/recovery-codes";

/// What a sign-in waits for: the details of `second_factor_required`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Challenge {
    /// Says that the password was right; for `POST /api/v1/auth/login/factor` and nothing else.
    pub challenge: Token,
    /// What may be brought: `totp`, `recovery_code`.
    pub methods: Vec<String>,
    /// Seconds until the challenge expires.
    pub expires_in: i64,
}

/// Signing in with a second factor: either code.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LoginFactor {
    /// What signing in answered.
    pub challenge: Token,
    /// The six digits that the generator shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Token>,
    /// A recovery code, instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery_code: Option<Token>,
    /// The slug of the tenant to be signed in to; left out, the one whose address was called, or else home.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(min = 2, max = 40)))]
    pub tenant: Option<String>,
    /// How tokens are delivered; cookies unless told.
    #[serde(default)]
    pub delivery: Delivery,
}

/// One's second factors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Factors {
    /// The generator of one-time codes; `null` when there is none.
    pub totp: Option<Totp>,
    /// Recovery codes that were not used yet.
    pub recovery_codes_left: i64,
    /// Passkeys, oldest first.
    pub passkeys: Vec<super::passkeys::Passkey>,
}

/// A generator of one-time codes (RFC 6238).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Totp {
    /// Since when signing in asks for it.
    pub confirmed_at: Timestamp,
}

/// Asking for a generator's secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EnrolTotp {
    /// The password.
    pub password: Password,
}

/// A generator's secret. It protects nothing until its first code was brought.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct TotpSecret {
    /// 20 bytes in base32 (RFC 4648), for who types it.
    pub secret: Token,
    /// The same for who scans it: `otpauth://totp/…`, SHA-1, 6 digits, 30 seconds.
    pub otpauth_uri: Token,
    /// Seconds in which its first code must come.
    pub expires_in: i64,
}

/// A new generator's first code.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ConfirmTotp {
    /// The six digits that it shows.
    pub code: Token,
}

/// Showing once more who one is: the password, and a code where there is a second factor.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Reauthenticate {
    /// The password.
    pub password: Password,
    /// The six digits that the generator shows, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Token>,
    /// A recovery code, instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery_code: Option<Token>,
}

/// Ten codes, each of which counts once. They are shown here and never again.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct RecoveryCodes {
    /// The codes.
    pub recovery_codes: Vec<Token>,
}
