//! HTTP of signing up with the e-mail address proven first.

use super::observer::{NO_BODY, Observer};
use super::routes::deliver;
use http::HeaderMap;
use sesh_edge::http::{Anonymous, Answer, Body, Failure, Nothing, Query, RequestInfo};
use sesh_edge::idempotency::IdempotencyKey;
use sesh_edge::io::Io;
use sesh_types::contract::auth::SignedIn;
use sesh_types::contract::recovery::Accepted;
use sesh_types::contract::sign_up::{self, Begin, Confirm, Manner};
use sesh_types::envelope::{ErrorCode, Success};

/// How one signs up at the host name that was called.
///
/// # Errors
/// When observer does not answer.
pub(crate) async fn manner(io: &Io, info: &RequestInfo, headers: &HeaderMap) -> Result<Manner, Failure> {
    let call = Observer::for_guest(io, info, headers);
    let answer: Success<Manner> = call.ask("GET", sign_up::MANNER, NO_BODY).await?;
    Ok(answer.data)
}

pub(crate) async fn begin(
    _: Anonymous,
    _: Query<Nothing>,
    info: RequestInfo,
    io: Io,
    key: IdempotencyKey,
    body: Body<Begin>,
) -> Result<Answer<Accepted, 202>, Failure> {
    let call = Observer::new(&io, &info).once(&key);
    let answer: Success<Accepted> = call.ask("POST", sign_up::BEGIN, Some(&body.value)).await?;
    Answer::of(&answer.data)
}

pub(crate) async fn confirm(
    _: Anonymous,
    _: Query<Nothing>,
    info: RequestInfo,
    io: Io,
    key: IdempotencyKey,
    headers: HeaderMap,
    body: Body<Confirm>,
) -> Result<Answer<SignedIn, 201>, Failure> {
    let call = Observer::for_visitor(&io, &info, &key, &headers);
    let answer: Success<SignedIn> = call.ask("POST", sign_up::CONFIRM, Some(&body.value)).await?;
    deliver(answer.data, body.value.delivery)
}

/// The errors that observer decides on when somebody begins to sign up.
pub(crate) const BEGIN_ERRORS: &[ErrorCode] = &[
    ErrorCode::TenantInactive,
    ErrorCode::NotFound,
    ErrorCode::AgeRestricted,
    ErrorCode::Unprocessable,
    ErrorCode::TooManyRequests,
];
/// The errors that observer decides on when somebody signs up with the token of a mail.
pub(crate) const CONFIRM_ERRORS: &[ErrorCode] =
    &[ErrorCode::InvalidLink, ErrorCode::Conflict, ErrorCode::Unprocessable, ErrorCode::TooManyRequests];
