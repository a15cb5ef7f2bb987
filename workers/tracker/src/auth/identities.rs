//! HTTP of signing in with another provider.

use super::cookies;
use super::observer::{NO_BODY, Observer};
use super::routes::deliver;
use http::HeaderMap;
use http::header::SET_COOKIE;
use sesh_edge::http::{Anonymous, Answer, Body, Failure, Key, NoContent, Nothing, Query, RequestInfo};
use sesh_edge::idempotency::IdempotencyKey;
use sesh_edge::io::Io;
use sesh_edge::token::Person;
use sesh_types::contract::auth::{Delivery, SignedIn};
use sesh_types::contract::factors::Reauthenticate;
use sesh_types::contract::identities::{
    self, Beginning, Begun, Complete, Identities, Identity, InBrowser, Link, ProviderName, Providers, SignUp,
};
use sesh_types::envelope::{ErrorCode, Success};

pub(crate) async fn providers(
    _: Anonymous,
    _: Query<Nothing>,
    info: RequestInfo,
    io: Io,
) -> Result<Answer<Providers>, Failure> {
    let answer: Success<Providers> =
        Observer::new(&io, &info).ask("GET", identities::PROVIDERS, NO_BODY).await?;
    Answer::of(&answer.data)
}

/// Gives the provider's page to go to, and the browser what it is known again by.
pub(crate) async fn begin(
    _: Anonymous,
    _: Query<Nothing>,
    info: RequestInfo,
    io: Io,
    Key(provider): Key<ProviderName>,
) -> Result<Answer<Begun>, Failure> {
    let path = format!("{}/{provider}/begin", identities::PROVIDERS);
    let answer: Success<Beginning> = Observer::new(&io, &info).ask("POST", &path, NO_BODY).await?;
    let Beginning { url, browser } = answer.data;
    Ok(Answer::of(&Begun { url })?.header(SET_COOKIE, &cookies::goes_out(&browser)))
}

pub(crate) async fn complete(
    _: Anonymous,
    _: Query<Nothing>,
    info: RequestInfo,
    io: Io,
    headers: HeaderMap,
    Key(provider): Key<ProviderName>,
    body: Body<Complete>,
) -> Result<Answer<SignedIn>, Failure> {
    let path = format!("{}/{provider}/complete", identities::PROVIDERS);
    let delivery = body.value.delivery;
    let body = InBrowser { browser: cookies::browser(&headers), given: body.value };
    let call = Observer::for_guest(&io, &info, &headers);
    let answer: Success<SignedIn> = call.ask("POST", &path, Some(&body)).await?;
    back(answer.data, delivery)
}

#[allow(clippy::too_many_arguments, reason = "extractors")]
pub(crate) async fn register(
    _: Anonymous,
    _: Query<Nothing>,
    info: RequestInfo,
    io: Io,
    key: IdempotencyKey,
    headers: HeaderMap,
    Key(provider): Key<ProviderName>,
    body: Body<SignUp>,
) -> Result<Answer<SignedIn, 201>, Failure> {
    let path = format!("{}/{provider}/register", identities::PROVIDERS);
    let delivery = body.value.delivery;
    let body = InBrowser { browser: cookies::browser(&headers), given: body.value };
    let call = Observer::for_visitor(&io, &info, &key, &headers);
    let answer: Success<SignedIn> = call.ask("POST", &path, Some(&body)).await?;
    back(answer.data, delivery)
}

/// Somebody signed in, whose browser need not be known again.
fn back<const STATUS: u16>(
    answer: SignedIn,
    delivery: Delivery,
) -> Result<Answer<SignedIn, STATUS>, Failure> {
    Ok(deliver(answer, delivery)?.header(SET_COOKIE, &cookies::is_back()))
}

pub(crate) async fn list(
    person: Person,
    _: Query<Nothing>,
    info: RequestInfo,
) -> Result<Answer<Identities>, Failure> {
    let call = Observer::new(person.io(), &info).on_behalf_of(&person);
    let answer: Success<Identities> = call.ask("GET", identities::IDENTITIES, NO_BODY).await?;
    Answer::of(&answer.data)
}

pub(crate) async fn link(
    person: Person,
    _: Query<Nothing>,
    info: RequestInfo,
    key: IdempotencyKey,
    headers: HeaderMap,
    Key(provider): Key<ProviderName>,
    body: Body<Link>,
) -> Result<Answer<Identity, 201>, Failure> {
    let path = format!("{}/{provider}", identities::IDENTITIES);
    let body = InBrowser { browser: cookies::browser(&headers), given: body.value };
    let call = Observer::new(person.io(), &info).on_behalf_of(&person).once(&key);
    let answer: Success<Identity> = call.ask("POST", &path, Some(&body)).await?;
    Answer::of(&answer.data)
}

pub(crate) async fn unlink(
    person: Person,
    _: Query<Nothing>,
    info: RequestInfo,
    key: IdempotencyKey,
    Key(provider): Key<ProviderName>,
    body: Body<Reauthenticate>,
) -> Result<NoContent, Failure> {
    let path = format!("{}/{provider}/remove", identities::IDENTITIES);
    let call = Observer::new(person.io(), &info).on_behalf_of(&person).once(&key);
    call.tell("POST", &path, Some(&body.value)).await?;
    Ok(NoContent::default())
}

/// The errors that observer decides on when somebody comes back from another provider.
pub(crate) const COMPLETE_ERRORS: &[ErrorCode] = &[
    ErrorCode::InvalidCredentials,
    ErrorCode::SecondFactorRequired,
    ErrorCode::SignUpRequired,
    ErrorCode::LinkRequired,
    ErrorCode::TenantInactive,
    ErrorCode::TooManyRequests,
];
/// The errors that observer decides on when somebody signs up with the account of another provider.
pub(crate) const REGISTER_ERRORS: &[ErrorCode] = &[
    ErrorCode::InvalidCredentials,
    ErrorCode::TenantInactive,
    ErrorCode::NotFound,
    ErrorCode::Conflict,
    ErrorCode::ConfirmationRequired,
    ErrorCode::AgeRestricted,
    ErrorCode::Unprocessable,
    ErrorCode::TooManyRequests,
];
