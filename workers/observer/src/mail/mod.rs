//! E-mail: an outbox in the database ([`store`]), written in the batch of the change that a mail tells of; its delivery
//! after the answer and by the cron trigger ([`deliver`]); the [`texts`].
//!
//! No text holds anything that a person chose, such as a name: whoever signs somebody else up could otherwise have us
//! mail them any words. The one exception is what a tenant calls the app at its address, which is kept to the rules of a
//! name ([`crate::brands::rules`]).

pub mod deliver;
pub mod store;
pub mod texts;

#[cfg(test)]
mod tests;

use crate::invitations;
use crate::personal::Sealed;
use crate::proofs::Purpose;
use serde::{Deserialize, Serialize};
use sesh_types::ids::{MailId, PersonId, TenantId};
use sesh_types::time::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};

/// What mails say of us.
#[derive(Clone, Debug)]
pub struct Letterhead {
    /// The sender's address.
    pub from: String,
    /// Where links lead, without a slash at its end.
    pub app_url: String,
}

/// Which text a mail has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Asks to prove the address of a new account.
    VerifyEmail,
    /// Lets somebody sign up; goes to an address that has an account as [`Kind::HaveAccount`].
    SignUp,
    /// Somebody tried to sign up with an address that has an account.
    HaveAccount,
    /// Lets somebody set a new password.
    ResetPassword,
    /// Asks to prove the new address of an account.
    ChangeEmail,
    /// The password was changed by somebody who knew it.
    PasswordChanged,
    /// A new password was set with the token of a mail.
    PasswordReset,
    /// The account has another address now; goes to the old one.
    EmailChanged,
    /// A second factor was added.
    FactorAdded,
    /// A second factor was taken away.
    FactorRemoved,
    /// There are new recovery codes.
    RecoveryCodesRenewed,
    /// A recovery code was used.
    RecoveryCodeUsed,
    /// A passkey was added.
    PasskeyAdded,
    /// A passkey was taken away.
    PasskeyRemoved,
    /// A member of staff begins to act as the person.
    Impersonated,
    /// An account at another provider was linked.
    IdentityLinked,
    /// An account at another provider was unlinked.
    IdentityUnlinked,
    /// An API key was made or turned over.
    KeyMade,
    /// An administrator is about to take all second factors away.
    FactorResetAsked,
    /// An administrator took all second factors away.
    FactorsReset,
    /// Somebody is asked to join a tenant. Its id is the invitation's.
    Invitation,
    /// Somebody has joined a tenant.
    MembershipBegun,
}

impl Kind {
    /// As the database has it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify_email",
            Self::SignUp => "sign_up",
            Self::HaveAccount => "have_account",
            Self::ResetPassword => "reset_password",
            Self::ChangeEmail => "change_email",
            Self::PasswordChanged => "password_changed",
            Self::PasswordReset => "password_reset",
            Self::EmailChanged => "email_changed",
            Self::FactorAdded => "factor_added",
            Self::FactorRemoved => "factor_removed",
            Self::RecoveryCodesRenewed => "recovery_codes_renewed",
            Self::RecoveryCodeUsed => "recovery_code_used",
            Self::PasskeyAdded => "passkey_added",
            Self::PasskeyRemoved => "passkey_removed",
            Self::Impersonated => "impersonated",
            Self::IdentityLinked => "identity_linked",
            Self::IdentityUnlinked => "identity_unlinked",
            Self::KeyMade => "key_made",
            Self::FactorResetAsked => "factor_reset_asked",
            Self::FactorsReset => "factors_reset",
            Self::Invitation => "invitation",
            Self::MembershipBegun => "membership_begun",
        }
    }

    /// What the token in it proves of a person, if it does.
    pub const fn purpose(self) -> Option<Purpose> {
        match self {
            Self::VerifyEmail => Some(Purpose::VerifyEmail),
            Self::ResetPassword => Some(Purpose::ResetPassword),
            Self::ChangeEmail => Some(Purpose::ChangeEmail),
            _ => None,
        }
    }

    /// How long it is worth sending, and its token counts.
    pub const fn life_ms(self) -> i64 {
        match self {
            Self::ResetPassword | Self::SignUp => 30 * MINUTE_MS,
            Self::ChangeEmail => HOUR_MS,
            Self::VerifyEmail => 2 * DAY_MS,
            Self::Invitation => invitations::store::OPEN_MS,
            _ => DAY_MS,
        }
    }
}

/// A mail to be sent.
#[derive(Clone, Debug)]
pub struct NewMail {
    /// Its id, and that of the proof that its token is.
    pub id: MailId,
    /// The tenant.
    pub tenant: TenantId,
    /// Whom it is about, if that is known.
    pub person: Option<PersonId>,
    /// Which text.
    pub kind: Kind,
    /// To which address: under its person's key, or under ours when nobody is known.
    pub recipient: Sealed,
    /// The address's index.
    pub index: String,
    /// When it was asked for.
    pub at: Timestamp,
}
