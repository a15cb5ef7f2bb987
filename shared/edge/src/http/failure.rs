//! The two sides of failing: the caller's fault ([`Refusal`]), which names what to mend, and ours ([`Defect`]),
//! which is logged once and reveals nothing.

use crate::io::{DbError, PeerReply};
use axum::response::{IntoResponse, Response};
use sesh_types::access::Scopes;
use sesh_types::envelope::{Details, ErrorCode, QuotaDetails};
use sesh_types::rules::Issue;
use std::sync::Arc;

/// Why a handler does not answer with what was asked for.
#[derive(Clone, Debug)]
pub enum Failure {
    /// The caller's fault.
    Refusal(Refusal),
    /// Ours.
    Defect(Defect),
    /// What another Worker of the fleet answered in the fleet's envelope, handed on as it is.
    Relayed(Arc<PeerReply>),
}

/// The caller's fault: a code, a sentence and what to mend.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// The code, which decides the status.
    pub code: ErrorCode,
    /// A sentence for people.
    pub message: String,
    /// What is wrong where.
    pub details: Option<Details>,
    /// Seconds to wait before the next try.
    pub retry_after_seconds: Option<i64>,
    /// What `WWW-Authenticate` says.
    pub challenge: Option<Challenge>,
}

/// What `WWW-Authenticate` tells a program (RFC 6750, section 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Challenge {
    /// Its token does not count.
    InvalidToken,
    /// Its token needs these scopes; none, where no program's token will do.
    InsufficientScope(Scopes),
}

impl std::fmt::Display for Challenge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::InvalidToken => f.write_str("Bearer error=\"invalid_token\""),
            Self::InsufficientScope(needed) => {
                f.write_str("Bearer error=\"insufficient_scope\"")?;
                if needed.is_empty() { Ok(()) } else { write!(f, ", scope=\"{needed}\"") }
            }
        }
    }
}

/// A fault of ours. The cause goes to the log, under the request's id, and nowhere else.
#[derive(Clone, Debug)]
pub enum Defect {
    /// Something the code relies on does not hold: 500.
    Internal(Arc<str>),
    /// A part that the request needs did not answer: 503, worth another try.
    Unavailable(Arc<str>),
}

impl Refusal {
    /// A refusal without details.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), details: None, retry_after_seconds: None, challenge: None }
    }

    /// The same with details.
    #[must_use]
    pub fn with(mut self, details: Details) -> Self {
        self.details = Some(details);
        self
    }

    /// 400 or 422 with the fields named.
    pub fn issues(code: ErrorCode, issues: Vec<Issue>) -> Self {
        let message = match (code, issues.as_slice()) {
            (_, [only]) if only.field.is_empty() => format!("The request {}.", only.message),
            (_, [only]) => format!("The field {} {}.", only.field, only.message),
            (ErrorCode::Unprocessable, _) => "Some fields break a rule.".to_owned(),
            _ => "Some fields are not understood.".to_owned(),
        };
        Self::new(code, message).with(Details::Issues(issues))
    }

    /// 429 with the seconds to wait.
    pub fn too_many(wait_seconds: i64) -> Self {
        let mut refusal =
            Self::new(ErrorCode::TooManyRequests, "Too many tries. Wait a little, then try again.");
        refusal.retry_after_seconds = Some(wait_seconds.max(1));
        refusal
    }

    /// 404, for what does not exist and for what is somebody else's alike.
    pub fn not_found(what: &str) -> Self {
        Self::new(ErrorCode::NotFound, format!("There is no such {what}."))
    }

    /// 403: the tenant is closed, whoever asks.
    pub fn tenant_inactive() -> Self {
        Self::new(ErrorCode::TenantInactive, "This tenant is deactivated. Ask whoever runs it.")
    }

    /// 404: a part of the app that the tenant has turned off.
    pub fn feature_off() -> Self {
        Self::new(ErrorCode::NotFound, "This part of the app is turned off here. Ask whoever runs it.")
    }

    /// 403: the token is that of staff who act as the person, and this is for the person alone.
    pub fn impersonated() -> Self {
        Self::new(
            ErrorCode::Impersonated,
            "This is for the person alone: who acts as them reads, and changes nothing.",
        )
    }

    /// 429 that names the quota.
    pub fn quota(name: &str, message: &str) -> Self {
        let issue =
            Issue { field: name.to_owned(), code: "quota_exceeded".to_owned(), message: message.to_owned() };
        Self::new(ErrorCode::QuotaExceeded, message).with(Details::Issues(vec![issue]))
    }

    /// 429 that says which quota, how much it is and how much of it is used.
    pub fn over(quota: &QuotaDetails) -> Self {
        let message = format!(
            "Your tenant has used up its quota of {}. Delete something, or ask whoever runs it.",
            quota.quota.replace('_', " ")
        );
        Self::new(ErrorCode::QuotaExceeded, message).with(Details::Quota(quota.clone()))
    }

    /// 403: a program's token whose scopes do not include what was asked for (RFC 6750, section 3.1). `needed` names
    /// the scopes that do; none, where no program's token will do.
    pub fn insufficient_scope(needed: Scopes) -> Self {
        let message = if needed.is_empty() {
            "This is for people who sign in themselves: no program's token will do.".to_owned()
        } else {
            format!("This token may not be used for that: it needs the scopes {needed}.")
        };
        let mut refusal = Self::new(ErrorCode::InsufficientScope, message);
        refusal.challenge = Some(Challenge::InsufficientScope(needed));
        refusal
    }

    /// 401, without saying which part of the token failed.
    pub fn unauthorized() -> Self {
        Self::new(ErrorCode::Unauthorized, "Sign in first: the access token is missing, expired or revoked.")
    }
}

impl Failure {
    /// A fault of ours that another try will not mend.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        Self::Defect(Defect::Internal(cause.to_string().into()))
    }

    /// A part that did not answer.
    pub fn unavailable(cause: impl std::fmt::Display) -> Self {
        Self::Defect(Defect::Unavailable(cause.to_string().into()))
    }

    /// 422 with the fields named.
    pub fn rules(issues: Vec<Issue>) -> Self {
        Refusal::issues(ErrorCode::Unprocessable, issues).into()
    }

    /// 404.
    pub fn not_found(what: &str) -> Self {
        Refusal::not_found(what).into()
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refusal(refusal)
    }
}

impl From<DbError> for Failure {
    fn from(error: DbError) -> Self {
        match &error {
            DbError::Refused(reason) if reason == "token_revoked" => Refusal::unauthorized().into(),
            DbError::Refused(reason) if reason == "precondition_failed" => Refusal::new(
                ErrorCode::PreconditionFailed,
                "It changed since you read it. Read it again, then repeat your edit.",
            )
            .into(),
            DbError::Refused(reason) if reason == "tenant_inactive" => Refusal::tenant_inactive().into(),
            DbError::Refused(reason) if reason == "wrong_tenant" => Refusal::new(
                ErrorCode::Forbidden,
                "You are signed in to another tenant than the one at this address. Switch to it first.",
            )
            .into(),
            DbError::Refused(reason) if reason == "feature_off" => Refusal::feature_off().into(),
            DbError::Refused(reason) if reason == "not_found" => Refusal::not_found("thing").into(),
            DbError::OverQuota(quota) => Refusal::over(quota).into(),
            DbError::Unavailable(cause) => Self::unavailable(cause),
            _ => Self::internal(error),
        }
    }
}

impl From<Vec<Issue>> for Failure {
    fn from(issues: Vec<Issue>) -> Self {
        Self::rules(issues)
    }
}

/// The response carries the failure as an extension; the service's outer layer, which knows the request's id,
/// writes the body and the log.
impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = match &self {
            Self::Refusal(refusal) => refusal.code.status(),
            Self::Defect(Defect::Internal(_)) => 500,
            Self::Defect(Defect::Unavailable(_)) => 503,
            Self::Relayed(reply) => reply.status,
        };
        let mut response = Response::new(axum::body::Body::empty());
        *response.status_mut() =
            http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
        response.extensions_mut().insert(self);
        response
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        Failure::Refusal(self).into_response()
    }
}
