//! Calls from pages to the handlers of the API, so that both obey the same rules; and what their refusals mean to a form.

use super::look::Look;
use super::words::Texts;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sesh_edge::http::{Answer, Body, Defect, Failure, Listing, Nothing, Query, read_json};
use sesh_types::envelope::{Details, ErrorBody, ErrorCode, Failed, Meta};
use sesh_types::rules::Issue;

/// No parameters.
pub(crate) const fn nothing() -> Query<Nothing> {
    Query(Nothing {})
}

/// A body for a handler of the API.
///
/// # Errors
/// As the API would refuse it.
pub(crate) fn body<T: DeserializeOwned>(value: &Value) -> Result<Body<T>, Failure> {
    let bytes = serde_json::to_vec(value).map_err(Failure::internal)?;
    Ok(Body { value: read_json(&bytes)?, bytes: bytes.into() })
}

#[derive(Deserialize)]
struct Envelope<T> {
    data: T,
    meta: Option<Meta>,
}

/// What a handler answered.
pub(crate) fn data<T: DeserializeOwned, A, const STATUS: u16>(
    answer: &Answer<A, STATUS>,
) -> Result<T, Failure> {
    sesh_edge::json::read::<Envelope<T>>(answer.bytes()).map(|found| found.data).map_err(Failure::internal)
}

/// A list that a handler answered with.
pub(crate) fn rows<T: DeserializeOwned>(listing: &Listing<T>) -> Result<(Vec<T>, Meta), Failure> {
    let found: Envelope<Vec<T>> = sesh_edge::json::read(listing.bytes()).map_err(Failure::internal)?;
    let meta = found.meta.ok_or_else(|| Failure::internal("a list has no meta"))?;
    Ok((found.data, meta))
}

fn error_of(failure: &Failure) -> Option<ErrorBody> {
    match failure {
        Failure::Refusal(refusal) => Some(ErrorBody {
            code: refusal.code,
            message: refusal.message.clone(),
            details: refusal.details.clone(),
            request_id: None,
        }),
        Failure::Relayed(reply) => {
            serde_json::from_str::<Failed>(&reply.body).ok().map(|failed| failed.error)
        }
        Failure::Defect(_) => None,
    }
}

/// The code of a failure.
pub(crate) fn code(failure: &Failure) -> Option<ErrorCode> {
    match failure {
        Failure::Defect(Defect::Unavailable(_)) => Some(ErrorCode::ServiceUnavailable),
        Failure::Defect(Defect::Internal(_)) => Some(ErrorCode::InternalError),
        failure => error_of(failure).map(|error| error.code),
    }
}

/// The API's own sentence about a failure.
pub(crate) fn message(failure: &Failure) -> String {
    error_of(failure).map(|error| error.message).unwrap_or_default()
}

/// Seconds to wait before the next try.
pub(crate) fn wait_seconds(failure: &Failure) -> Option<i64> {
    match failure {
        Failure::Refusal(refusal) => refusal.retry_after_seconds,
        Failure::Relayed(reply) => reply.retry_after_seconds,
        Failure::Defect(_) => None,
    }
}

/// The details of a failure.
pub(crate) fn details(failure: &Failure) -> Option<Details> {
    error_of(failure).and_then(|error| error.details)
}

/// What is wrong with a form, by field; an empty field stands for the form as a whole.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wrong(Vec<(String, String)>);

impl Wrong {
    /// Notes what is wrong with a field.
    pub(crate) fn note(&mut self, field: &str, text: impl Into<String>) {
        if self.of(field).is_none() {
            self.0.push((field.to_owned(), text.into()));
        }
    }

    /// What is wrong with a field.
    pub(crate) fn of(&self, field: &str) -> Option<&str> {
        self.0.iter().find_map(|(known, text)| (known == field).then_some(text.as_str()))
    }

    /// Everything that is wrong.
    pub(crate) fn all(&self) -> &[(String, String)] {
        &self.0
    }

    /// Whether nothing is.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes what a refusal says of fields, named as the form names them by `rename`.
    ///
    /// # Errors
    /// The failure itself, when it is no matter of what was typed.
    pub(crate) fn take(
        &mut self,
        look: &Look,
        failure: Failure,
        rename: &[(&str, &str)],
    ) -> Result<(), Failure> {
        let Some(error) = error_of(&failure) else { return Err(failure) };
        let t = look.t();
        let named = |field: &str| {
            let last = field.rsplit('.').next().unwrap_or(field);
            rename
                .iter()
                .find_map(|(theirs, ours)| (*theirs == field || *theirs == last).then_some(*ours))
                .unwrap_or(last)
                .to_owned()
        };
        match (error.code, &error.details) {
            (
                ErrorCode::Unauthorized
                | ErrorCode::Forbidden
                | ErrorCode::TenantInactive
                | ErrorCode::MethodNotAllowed,
                _,
            ) => {
                return Err(failure);
            }
            (ErrorCode::InsufficientStock, Some(Details::Stock(stock))) => {
                let field = named("quantity_mg");
                self.note(&field, look.lang.short(stock.available_mg));
            }
            (_, Some(Details::Issues(issues))) if !issues.is_empty() => {
                for issue in issues {
                    self.note(&named(&issue.field), worded(t, issue));
                }
            }
            (code, _) => {
                let field = named(super::ui::code_name(code).as_str());
                let field = if rename.iter().any(|(_, ours)| *ours == field) { field } else { String::new() };
                let waiting = wait_seconds(&failure).map(|seconds| look.lang.wait(seconds));
                self.note(&field, waiting.unwrap_or_else(|| whole(t, code, &error.message)));
            }
        }
        Ok(())
    }
}

/// A refusal of the whole form, in words.
fn whole(t: &Texts, code: ErrorCode, message: &str) -> String {
    match code {
        ErrorCode::InvalidCredentials => t.issue_login,
        ErrorCode::InvalidCode => t.issue_code,
        ErrorCode::InvalidLink => t.issue_link,
        ErrorCode::AgeRestricted => t.issue_age,
        ErrorCode::PreconditionFailed => t.issue_changed,
        ErrorCode::TooManyRequests => t.error_wait_line,
        ErrorCode::NotFound => t.error_lost,
        ErrorCode::QuotaExceeded => t.issue_full,
        _ => return message.to_owned(),
    }
    .to_owned()
}

/// An issue, in words; what there are none for speaks as the API does.
fn worded(t: &Texts, issue: &Issue) -> String {
    match issue.code.as_str() {
        "required" | "wrong_type" => t.issue_required,
        "too_short" => t.issue_short,
        "too_long" => t.issue_long,
        "in_future" => t.issue_future,
        "out_of_range" => t.issue_range,
        "unknown_zone" => t.issue_zone,
        "common" | "too_common" | "common_password" => t.issue_common,
        _ if issue.field == "email" => t.issue_email,
        _ => return format!("{}.", issue.message),
    }
    .to_owned()
}
