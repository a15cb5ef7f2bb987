//! HTTP of what somebody may ask of their own data.

use super::cookies;
use super::observer::Observer;
use http::header::SET_COOKIE;
use sesh_edge::http::{Body, Failure, NoContent, Nothing, Query, RequestInfo};
use sesh_edge::idempotency::IdempotencyKey;
use sesh_edge::token::Person;
use sesh_types::contract::factors::Reauthenticate;
use sesh_types::contract::privacy;
use sesh_types::envelope::ErrorCode;

/// Erases the caller. When this answers, nothing of theirs is left here or in observer but ids, and their tokens are
/// dead: observer has told this Worker, which has deleted what they wrote, before it answered.
pub(crate) async fn erase(
    person: Person,
    _: Query<Nothing>,
    info: RequestInfo,
    key: IdempotencyKey,
    body: Body<Reauthenticate>,
) -> Result<NoContent, Failure> {
    let call = Observer::new(person.io(), &info).on_behalf_of(&person).once(&key);
    call.tell("POST", privacy::ERASE, Some(&body.value)).await?;
    let [access, refresh] = cookies::signed_out();
    Ok(NoContent::default().header(SET_COOKIE, &access).header(SET_COOKIE, &refresh))
}

/// The errors that observer decides on when somebody wants to be erased.
pub(crate) const ERASE_ERRORS: &[ErrorCode] = &[
    ErrorCode::InvalidCredentials,
    ErrorCode::InvalidCode,
    ErrorCode::Conflict,
    ErrorCode::Unprocessable,
    ErrorCode::TooManyRequests,
];
