//! Passwords and e-mail addresses: changing them, getting back in, proving that an address is one's own.

use super::{Password, Token};
use serde::{Deserialize, Serialize};

/// `POST`: [`Recover`] → 202 [`Accepted`].
pub const RECOVER: &str = "/internal/v1/auth/recovery";
/// `POST`: [`CompleteRecovery`] → 204.
pub const COMPLETE: &str = "/internal/v1/auth/recovery/complete";
/// `POST`: [`VerifyEmail`] → 204.
pub const VERIFY_EMAIL: &str = "/internal/v1/auth/email/verify";
/// On behalf of a person. `POST`: [`ChangePassword`] → 204.
pub const PASSWORD: &str = "/internal/v1/me/password";
/// On behalf of a person. `POST`: [`ChangeEmail`] → 202 [`Accepted`].
pub const EMAIL: &str = "/internal/v1/me/email";
/// On behalf of a person. `POST` → 202 [`Accepted`].
pub const RESEND: &str = "/internal/v1/me/email/verification";

/// It will be done, as far as there is something to do; the answer does not tell.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Accepted {}

/// Asking for a mail by which one gets back in.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Recover {
    /// The e-mail address of the account.
    pub email: String,
}

/// Setting a new password with the token of a mail.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CompleteRecovery {
    /// The token of the mail's link.
    pub token: Token,
    /// 8 to 256 characters, as at sign-up.
    pub new_password: Password,
}

/// Proving an e-mail address with the token of a mail.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct VerifyEmail {
    /// The token of the mail's link.
    pub token: Token,
}

/// Changing the password.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    /// The password until now.
    pub current_password: Password,
    /// 8 to 256 characters, as at sign-up.
    pub new_password: Password,
}

/// Changing the e-mail address.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ChangeEmail {
    /// The password.
    pub password: Password,
    /// The new address. It counts once the token that is mailed there has come back.
    pub email: String,
}
