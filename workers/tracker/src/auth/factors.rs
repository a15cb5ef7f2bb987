//! HTTP of second factors.

use super::observer::{NO_BODY, Observer};
use super::routes::deliver;
use http::HeaderMap;
use sesh_edge::http::{Anonymous, Answer, Body, Failure, NoContent, Nothing, Query, RequestInfo};
use sesh_edge::idempotency::IdempotencyKey;
use sesh_edge::io::Io;
use sesh_edge::token::{Oneself, Person};
use sesh_types::contract::auth::SignedIn;
use sesh_types::contract::factors::{
    self, ConfirmTotp, EnrolTotp, Factors, LoginFactor, Reauthenticate, RecoveryCodes, TotpSecret,
};
use sesh_types::envelope::{ErrorCode, Success};

/// The second step of signing in.
pub(crate) async fn login(
    _: Anonymous,
    _: Query<Nothing>,
    info: RequestInfo,
    io: Io,
    key: IdempotencyKey,
    headers: HeaderMap,
    body: Body<LoginFactor>,
) -> Result<Answer<SignedIn>, Failure> {
    let call = Observer::for_visitor(&io, &info, &key, &headers);
    let answer: Success<SignedIn> = call.ask("POST", factors::LOGIN_FACTOR, Some(&body.value)).await?;
    deliver(answer.data, body.value.delivery)
}

pub(crate) async fn list(
    Oneself(person): Oneself,
    _: Query<Nothing>,
    info: RequestInfo,
) -> Result<Answer<Factors>, Failure> {
    let call = Observer::new(person.io(), &info).on_behalf_of(&person);
    let answer: Success<Factors> = call.ask("GET", factors::FACTORS, NO_BODY).await?;
    Answer::of(&answer.data)
}

pub(crate) async fn enrol(
    person: Person,
    _: Query<Nothing>,
    info: RequestInfo,
    key: IdempotencyKey,
    body: Body<EnrolTotp>,
) -> Result<Answer<TotpSecret, 201>, Failure> {
    let call = Observer::new(person.io(), &info).on_behalf_of(&person).once(&key);
    let answer: Success<TotpSecret> = call.ask("POST", factors::TOTP, Some(&body.value)).await?;
    Answer::of(&answer.data)
}

pub(crate) async fn confirm(
    person: Person,
    _: Query<Nothing>,
    info: RequestInfo,
    key: IdempotencyKey,
    body: Body<ConfirmTotp>,
) -> Result<Answer<RecoveryCodes>, Failure> {
    let call = Observer::new(person.io(), &info).on_behalf_of(&person).once(&key);
    let answer: Success<RecoveryCodes> = call.ask("POST", factors::TOTP_CONFIRM, Some(&body.value)).await?;
    Answer::of(&answer.data)
}

pub(crate) async fn remove(
    person: Person,
    _: Query<Nothing>,
    info: RequestInfo,
    key: IdempotencyKey,
    body: Body<Reauthenticate>,
) -> Result<NoContent, Failure> {
    let call = Observer::new(person.io(), &info).on_behalf_of(&person).once(&key);
    call.tell("POST", factors::TOTP_REMOVE, Some(&body.value)).await?;
    Ok(NoContent::default())
}

pub(crate) async fn renew_codes(
    person: Person,
    _: Query<Nothing>,
    info: RequestInfo,
    key: IdempotencyKey,
    body: Body<Reauthenticate>,
) -> Result<Answer<RecoveryCodes>, Failure> {
    let call = Observer::new(person.io(), &info).on_behalf_of(&person).once(&key);
    let answer: Success<RecoveryCodes> = call.ask("POST", factors::RECOVERY_CODES, Some(&body.value)).await?;
    Answer::of(&answer.data)
}

/// The errors that observer decides on at the second step of signing in.
pub(crate) const LOGIN_ERRORS: &[ErrorCode] = &[
    ErrorCode::Unauthorized,
    ErrorCode::InvalidCode,
    ErrorCode::TenantInactive,
    ErrorCode::Unprocessable,
    ErrorCode::TooManyRequests,
];
/// The errors that observer decides on when a factor changes.
pub(crate) const CHANGE_ERRORS: &[ErrorCode] = &[
    ErrorCode::InvalidCredentials,
    ErrorCode::InvalidCode,
    ErrorCode::NotFound,
    ErrorCode::Conflict,
    ErrorCode::Unprocessable,
    ErrorCode::TooManyRequests,
];
