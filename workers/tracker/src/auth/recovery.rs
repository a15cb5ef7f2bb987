//! HTTP of passwords and e-mail addresses: getting back in, changing, proving.

use super::observer::{NO_BODY, Observer};
use sesh_edge::http::{Anonymous, Answer, Body, Failure, NoContent, Nothing, Query, RequestInfo};
use sesh_edge::idempotency::IdempotencyKey;
use sesh_edge::io::Io;
use sesh_edge::token::Person;
use sesh_types::contract::recovery::{
    self, Accepted, ChangeEmail, ChangePassword, CompleteRecovery, Recover, VerifyEmail,
};
use sesh_types::envelope::{ErrorCode, Success};

pub(crate) async fn recover(
    _: Anonymous,
    _: Query<Nothing>,
    info: RequestInfo,
    io: Io,
    key: IdempotencyKey,
    body: Body<Recover>,
) -> Result<Answer<Accepted, 202>, Failure> {
    let call = Observer::new(&io, &info).once(&key);
    let answer: Success<Accepted> = call.ask("POST", recovery::RECOVER, Some(&body.value)).await?;
    Answer::of(&answer.data)
}

pub(crate) async fn complete(
    _: Anonymous,
    _: Query<Nothing>,
    info: RequestInfo,
    io: Io,
    key: IdempotencyKey,
    body: Body<CompleteRecovery>,
) -> Result<NoContent, Failure> {
    let call = Observer::new(&io, &info).once(&key);
    call.tell("POST", recovery::COMPLETE, Some(&body.value)).await?;
    Ok(NoContent::default())
}

pub(crate) async fn verify_email(
    _: Anonymous,
    _: Query<Nothing>,
    info: RequestInfo,
    io: Io,
    key: IdempotencyKey,
    body: Body<VerifyEmail>,
) -> Result<NoContent, Failure> {
    let call = Observer::new(&io, &info).once(&key);
    call.tell("POST", recovery::VERIFY_EMAIL, Some(&body.value)).await?;
    Ok(NoContent::default())
}

pub(crate) async fn change_password(
    person: Person,
    _: Query<Nothing>,
    info: RequestInfo,
    key: IdempotencyKey,
    body: Body<ChangePassword>,
) -> Result<NoContent, Failure> {
    let call = Observer::new(person.io(), &info).on_behalf_of(&person).once(&key);
    call.tell("POST", recovery::PASSWORD, Some(&body.value)).await?;
    Ok(NoContent::default())
}

pub(crate) async fn change_email(
    person: Person,
    _: Query<Nothing>,
    info: RequestInfo,
    key: IdempotencyKey,
    body: Body<ChangeEmail>,
) -> Result<Answer<Accepted, 202>, Failure> {
    let call = Observer::new(person.io(), &info).on_behalf_of(&person).once(&key);
    let answer: Success<Accepted> = call.ask("POST", recovery::EMAIL, Some(&body.value)).await?;
    Answer::of(&answer.data)
}

pub(crate) async fn resend_verification(
    person: Person,
    _: Query<Nothing>,
    info: RequestInfo,
    key: IdempotencyKey,
) -> Result<Answer<Accepted, 202>, Failure> {
    let call = Observer::new(person.io(), &info).on_behalf_of(&person).once(&key);
    let answer: Success<Accepted> = call.ask("POST", recovery::RESEND, NO_BODY).await?;
    Answer::of(&answer.data)
}

/// The errors that observer decides on when somebody brings the token of a mail for a new password.
pub(crate) const COMPLETE_ERRORS: &[ErrorCode] =
    &[ErrorCode::InvalidLink, ErrorCode::Unprocessable, ErrorCode::TooManyRequests];
/// The errors that observer decides on when somebody brings the token of a mail that proves an address.
pub(crate) const VERIFY_ERRORS: &[ErrorCode] =
    &[ErrorCode::InvalidLink, ErrorCode::Conflict, ErrorCode::TooManyRequests];
/// The errors that observer decides on when somebody shows their password once more.
pub(crate) const CHANGE_ERRORS: &[ErrorCode] =
    &[ErrorCode::InvalidCredentials, ErrorCode::Unprocessable, ErrorCode::TooManyRequests];
