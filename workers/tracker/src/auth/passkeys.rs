//! HTTP of passkeys.

use super::observer::{NO_BODY, Observer};
use super::routes::deliver;
use http::HeaderMap;
use sesh_edge::http::{Anonymous, Answer, Body, Failure, NoContent, Nothing, Query, RequestInfo};
use sesh_edge::idempotency::IdempotencyKey;
use sesh_edge::io::Io;
use sesh_edge::token::Person;
use sesh_types::contract::auth::SignedIn;
use sesh_types::contract::factors::Reauthenticate;
use sesh_types::contract::passkeys::{
    self, CreationOptions, LoginPasskey, NewPasskey, Passkey, RemovePasskey, RequestOptions,
};
use sesh_types::envelope::Success;

pub(crate) async fn login_options(
    _: Anonymous,
    _: Query<Nothing>,
    info: RequestInfo,
    io: Io,
) -> Result<Answer<RequestOptions>, Failure> {
    let call = Observer::new(&io, &info);
    let answer: Success<RequestOptions> = call.ask("POST", passkeys::LOGIN_OPTIONS, NO_BODY).await?;
    Answer::of(&answer.data)
}

pub(crate) async fn login(
    _: Anonymous,
    _: Query<Nothing>,
    info: RequestInfo,
    io: Io,
    key: IdempotencyKey,
    headers: HeaderMap,
    body: Body<LoginPasskey>,
) -> Result<Answer<SignedIn>, Failure> {
    let call = Observer::for_visitor(&io, &info, &key, &headers);
    let answer: Success<SignedIn> = call.ask("POST", passkeys::LOGIN, Some(&body.value)).await?;
    deliver(answer.data, body.value.delivery)
}

pub(crate) async fn options(
    person: Person,
    _: Query<Nothing>,
    info: RequestInfo,
    key: IdempotencyKey,
    body: Body<Reauthenticate>,
) -> Result<Answer<CreationOptions>, Failure> {
    let call = Observer::new(person.io(), &info).on_behalf_of(&person).once(&key);
    let answer: Success<CreationOptions> = call.ask("POST", passkeys::OPTIONS, Some(&body.value)).await?;
    Answer::of(&answer.data)
}

pub(crate) async fn add(
    person: Person,
    _: Query<Nothing>,
    info: RequestInfo,
    key: IdempotencyKey,
    body: Body<NewPasskey>,
) -> Result<Answer<Passkey, 201>, Failure> {
    let call = Observer::new(person.io(), &info).on_behalf_of(&person).once(&key);
    let answer: Success<Passkey> = call.ask("POST", passkeys::PASSKEYS, Some(&body.value)).await?;
    Answer::of(&answer.data)
}

pub(crate) async fn remove(
    person: Person,
    _: Query<Nothing>,
    info: RequestInfo,
    key: IdempotencyKey,
    body: Body<RemovePasskey>,
) -> Result<NoContent, Failure> {
    let call = Observer::new(person.io(), &info).on_behalf_of(&person).once(&key);
    call.tell("POST", passkeys::REMOVE, Some(&body.value)).await?;
    Ok(NoContent::default())
}
