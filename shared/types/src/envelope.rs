//! The envelope of every answer, and the error codes that clients may tell apart.

use crate::rules::Issue;
use serde::{Deserialize, Serialize};

/// `{"success":true,"data":…,"meta":…}`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Success<T> {
    /// Always `true`.
    pub success: bool,
    /// What was asked for.
    pub data: T,
    /// Where this page stands; only on lists.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub meta: Option<Meta>,
}

/// Where one page of a list stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Meta {
    /// This page, from 1.
    pub page: u32,
    /// Rows a page.
    pub limit: u32,
    /// Rows in all that match.
    pub total: u64,
}

/// `{"success":false,"error":{…}}`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Failed {
    /// Always `false`.
    pub success: bool,
    /// What went wrong.
    pub error: ErrorBody,
}

/// What went wrong, for programs and for people.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct ErrorBody {
    /// A code that programs may tell apart.
    pub code: ErrorCode,
    /// A sentence for people.
    pub message: String,
    /// What was wrong where: a list of field issues, or the numbers that a client needs to go on.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub details: Option<Details>,
    /// The id to quote when asking for help; on faults of ours.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub request_id: Option<String>,
}

/// The details of an error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Details {
    /// Fields that are wrong.
    Issues(Vec<Issue>),
    /// A lot that holds less than was asked for.
    Stock(StockDetails),
    /// A quota that is used up.
    Quota(QuotaDetails),
    /// What a sign-in waits for.
    Factor(crate::contract::factors::Challenge),
    /// What an account at a provider waits for.
    Proven(Box<crate::contract::identities::Proven>),
}

/// A lot that holds less than was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct StockDetails {
    /// The lot.
    pub lot_id: crate::ids::LotId,
    /// What it holds, in milligrams.
    pub available_mg: i64,
    /// What was asked of it, in milligrams.
    pub requested_mg: i64,
}

/// A quota that is used up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct QuotaDetails {
    /// Which: `calls_a_day`, or `storage`, which is counted in bytes.
    pub quota: String,
    /// How much it is.
    pub limit: i64,
    /// How much of it is used; left out when it is all of it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub used: Option<i64>,
    /// When it starts anew; left out when it does not.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub resets_at: Option<crate::time::Timestamp>,
}

/// The codes of errors; what each means stands in `docs/api.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// 400: the request is not understood.
    BadRequest,
    /// 401: no valid token or key.
    Unauthorized,
    /// 401: the e-mail address or the password is wrong, or the account may not sign in.
    InvalidCredentials,
    /// 401: the password is right, and a second factor is missing.
    SecondFactorRequired,
    /// 401: a code is wrong, or was used already.
    InvalidCode,
    /// 422: the token of a mail is unknown, was used, or is too old.
    InvalidLink,
    /// 403: known, but not allowed.
    Forbidden,
    /// 403: the app is not among those that the caller may use in this tenant.
    NotEntitled,
    /// 403: the token is a program's, and its scopes do not include this.
    InsufficientScope,
    /// 403: the tenant is deactivated.
    TenantInactive,
    /// 403: this is for the person alone, and not for staff who act as them.
    Impersonated,
    /// 404: there is no such thing, or it is not yours.
    NotFound,
    /// 405: the path exists, but not with this verb.
    MethodNotAllowed,
    /// 409: the state does not allow it.
    Conflict,
    /// 409: nobody is linked to this account at a provider: sign up with it.
    SignUpRequired,
    /// 409: nobody is linked to this account at a provider, but its address has an account here: sign in, then link.
    LinkRequired,
    /// 409: whoever signs up here proves the e-mail address first.
    ConfirmationRequired,
    /// 409: a lot holds less than was asked for.
    InsufficientStock,
    /// 412: the thing changed since it was read.
    PreconditionFailed,
    /// 413: the body is larger than 256 KiB.
    PayloadTooLarge,
    /// 415: the body is not JSON.
    UnsupportedMediaType,
    /// 422: understood, but a rule forbids it.
    Unprocessable,
    /// 422: the person is under 21.
    AgeRestricted,
    /// 422: the key was used with another body.
    IdempotencyKeyReused,
    /// 429: too many tries.
    TooManyRequests,
    /// 429: the tenant has used up what it may use; `details` names the quota.
    QuotaExceeded,
    /// 500: a fault of ours.
    InternalError,
    /// 503: not now; try again.
    ServiceUnavailable,
}

impl ErrorCode {
    /// The HTTP status that goes with the code (RFC 9110).
    pub const fn status(self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::Unauthorized
            | Self::InvalidCredentials
            | Self::SecondFactorRequired
            | Self::InvalidCode => 401,
            Self::Forbidden
            | Self::NotEntitled
            | Self::InsufficientScope
            | Self::TenantInactive
            | Self::Impersonated => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::Conflict
            | Self::SignUpRequired
            | Self::LinkRequired
            | Self::ConfirmationRequired
            | Self::InsufficientStock => 409,
            Self::PreconditionFailed => 412,
            Self::PayloadTooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::Unprocessable | Self::AgeRestricted | Self::IdempotencyKeyReused | Self::InvalidLink => 422,
            Self::TooManyRequests | Self::QuotaExceeded => 429,
            Self::InternalError => 500,
            Self::ServiceUnavailable => 503,
        }
    }
}
