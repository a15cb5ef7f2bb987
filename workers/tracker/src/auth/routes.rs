//! HTTP of signing in, devices and the own profile.

use super::cookies;
use super::observer::{NO_BODY, Observer};
use crate::members;
use http::header::SET_COOKIE;
use http::{HeaderMap, Method};
use sesh_edge::http::{
    Anonymous, Answer, Body, Defect, Failure, IfMatch, Key, Listing, NoContent, Nothing, OptionalBody,
    PageQuery, Paging, Query, Refusal, RequestInfo, etag_of_version,
};
use sesh_edge::idempotency::IdempotencyKey;
use sesh_edge::io::Io;
use sesh_edge::token::{Oneself, OptionalPerson, Person};
use sesh_types::contract::auth::{
    self, CachedLogin, Delivery, Device, EditUser, Login, Logout, Refresh, Register, SignedIn, User,
};
use sesh_types::contract::staff::{self, Impersonation, Me};
use sesh_types::contract::tenants::{self, OwnTenant, Switch};
use sesh_types::envelope::{ErrorCode, Success};
use sesh_types::ids::DeviceId;
use sesh_types::rules::Issues;

/// Gives the tokens as the client asked: cookies, or all in the body.
pub(super) fn deliver<const STATUS: u16>(
    answer: SignedIn,
    delivery: Delivery,
) -> Result<Answer<SignedIn, STATUS>, Failure> {
    let cookies = match delivery {
        Delivery::Cookie => cookies::signed_in(&answer),
        Delivery::Token => Vec::new(),
    };
    let refresh_token = answer.refresh_token.clone().filter(|_| delivery == Delivery::Token);
    let shown = Answer::of(&SignedIn { refresh_token, ..answer })?;
    Ok(cookies.iter().fold(shown, |shown, cookie| shown.header(SET_COOKIE, cookie)))
}

pub(crate) async fn register(
    _: Anonymous,
    _: Query<Nothing>,
    info: RequestInfo,
    io: Io,
    key: IdempotencyKey,
    headers: HeaderMap,
    body: Body<Register>,
) -> Result<Answer<SignedIn, 201>, Failure> {
    let call = Observer::for_visitor(&io, &info, &key, &headers);
    let answer: Success<SignedIn> = call.ask("POST", auth::REGISTER, Some(&body.value)).await?;
    deliver(answer.data, body.value.delivery)
}

pub(crate) async fn login(
    _: Anonymous,
    _: Query<Nothing>,
    info: RequestInfo,
    io: Io,
    key: IdempotencyKey,
    headers: HeaderMap,
    body: Body<Login>,
) -> Result<Answer<SignedIn>, Failure> {
    let call = Observer::for_visitor(&io, &info, &key, &headers);
    let answer: Success<SignedIn> = call.ask("POST", auth::LOGIN, Some(&body.value)).await?;
    deliver(answer.data, body.value.delivery)
}

/// 1. Takes the refresh token from the body, else from the cookie.
/// 2. Asks observer for the successor.
/// 3. Answers the way the token came: by body or by cookie.
pub(crate) async fn refresh(
    _: Anonymous,
    _: Query<Nothing>,
    info: RequestInfo,
    io: Io,
    method: Method,
    headers: HeaderMap,
    body: OptionalBody<Refresh>,
) -> Result<Answer<SignedIn>, Failure> {
    let (token, delivery) = match body.value.refresh_token {
        Some(token) => (Some(token), Delivery::Token),
        None => (cookies::refresh_token(&method, &headers)?, Delivery::Cookie),
    };
    let token = token.ok_or_else(Refusal::unauthorized)?;
    let ask = Refresh { refresh_token: Some(token) };
    let answer: Success<SignedIn> = Observer::new(&io, &info).ask("POST", auth::REFRESH, Some(&ask)).await?;
    deliver(answer.data, delivery)
}

/// Signs out the device whose refresh token or, without one, whose access token comes along. When this answers,
/// its tokens no longer work anywhere.
pub(crate) async fn logout(
    OptionalPerson(caller): OptionalPerson,
    _: Query<Nothing>,
    info: RequestInfo,
    io: Io,
    method: Method,
    headers: HeaderMap,
    body: OptionalBody<Refresh>,
) -> Result<NoContent, Failure> {
    let cookie = cookies::refresh_token(&method, &headers)?;
    let call = Observer::new(&io, &info);
    let (call, token) = match (caller, body.value.refresh_token.or(cookie)) {
        (Ok(person), token) => (call.on_behalf_of(&person), token),
        (Err(_), Some(token)) => (call, Some(token)),
        (Err(failure), None) => return Err(failure),
    };
    call.tell("POST", auth::LOGOUT, Some(&Logout { refresh_token: token })).await?;
    let [access, refresh] = cookies::signed_out();
    Ok(NoContent::default().header(SET_COOKIE, &access).header(SET_COOKIE, &refresh))
}

pub(crate) async fn devices(
    Oneself(person): Oneself,
    info: RequestInfo,
    Query(query): Query<PageQuery>,
) -> Result<Listing<Device>, Failure> {
    let Paging { page, limit } = query.paging()?;
    let path = format!("{}?page={page}&limit={limit}", auth::DEVICES);
    let call = Observer::new(person.io(), &info).on_behalf_of(&person);
    let answer: Success<Vec<Device>> = call.ask("GET", &path, NO_BODY).await?;
    let meta = answer.meta.ok_or_else(|| Failure::unavailable("observer's list has no meta"))?;
    Listing::of(&answer.data, meta)
}

pub(crate) async fn sign_out_device(
    person: Person,
    _: Query<Nothing>,
    info: RequestInfo,
    key: IdempotencyKey,
    Key(device): Key<DeviceId>,
) -> Result<NoContent, Failure> {
    let call = Observer::new(person.io(), &info).on_behalf_of(&person).once(&key);
    call.tell("DELETE", &format!("{}/{device}", auth::DEVICES), NO_BODY).await?;
    Ok(NoContent::default())
}

pub(crate) async fn sign_out_others(
    person: Person,
    _: Query<Nothing>,
    info: RequestInfo,
    key: IdempotencyKey,
) -> Result<NoContent, Failure> {
    let call = Observer::new(person.io(), &info).on_behalf_of(&person).once(&key);
    call.tell("DELETE", auth::DEVICES, NO_BODY).await?;
    Ok(NoContent::default())
}

/// The tenants that the caller may work in.
pub(crate) async fn tenants(
    person: Person,
    _: Query<Nothing>,
    info: RequestInfo,
) -> Result<Listing<OwnTenant>, Failure> {
    let call = Observer::new(person.io(), &info).on_behalf_of(&person);
    let answer: Success<Vec<OwnTenant>> = call.ask("GET", tenants::OWN_TENANTS, NO_BODY).await?;
    let meta = answer.meta.ok_or_else(|| Failure::internal("observer's list has no meta"))?;
    Listing::of(&answer.data, meta)
}

/// Who of the staff acted as the caller, the latest first.
pub(crate) async fn impersonations(
    person: Person,
    info: RequestInfo,
    Query(query): Query<PageQuery>,
) -> Result<Listing<Impersonation>, Failure> {
    let Paging { page, limit } = query.paging()?;
    let path = format!("{}?page={page}&limit={limit}", staff::OWN_IMPERSONATIONS);
    let call = Observer::new(person.io(), &info).on_behalf_of(&person);
    let answer: Success<Vec<Impersonation>> = call.ask("GET", &path, NO_BODY).await?;
    let meta = answer.meta.ok_or_else(|| Failure::unavailable("observer's list has no meta"))?;
    Listing::of(&answer.data, meta)
}

/// Goes over to another tenant: new tokens, delivered as asked. The tokens of before count until they expire, in the
/// tenant that they were given out for.
pub(crate) async fn switch_tenant(
    person: Person,
    _: Query<Nothing>,
    info: RequestInfo,
    body: Body<Switch>,
) -> Result<Answer<SignedIn>, Failure> {
    let call = Observer::new(person.io(), &info).on_behalf_of(&person);
    let answer: Success<SignedIn> = call.ask("POST", tenants::SWITCH, Some(&body.value)).await?;
    deliver(answer.data, body.value.delivery)
}

/// 1. Asks the own database whether the token still counts, and which version of the profile is current.
/// 2. Asks observer, which costs no more than its rows.
/// 3. When observer does not answer, the session cache does, if it holds that version: a read of it costs more than all
///    the rest of this route.
pub(crate) async fn me(person: Person, _: Query<Nothing>, info: RequestInfo) -> Result<Answer<Me>, Failure> {
    let rows = person.read(members::one(person.scope())).await?;
    let call = Observer::new(person.io(), &info).on_behalf_of(&person);
    let user = match call.ask::<Me>("GET", auth::ME, NO_BODY).await {
        // Who reads what a member of staff sees must not take it for what the person sees: no version is its tag.
        Ok(answer) if answer.data.impersonation.is_some() => return Answer::of(&answer.data),
        Ok(answer) => answer.data.user,
        Err(failure @ Failure::Defect(Defect::Unavailable(_))) => {
            let version = members::read(&rows, 0)?.profile_version;
            cached(&person, version).await.ok_or(failure)?
        }
        Err(failure) => return Err(failure),
    };
    let version = user.version;
    Ok(Answer::of(&Me { user, impersonation: None })?.version(version))
}

/// The person's profile in the session cache, if it is of this version or later.
async fn cached(person: &Person, version: i64) -> Option<User> {
    let text = person.io().kv_get(auth::cache_key(person.device())).await?;
    let CachedLogin { user } = serde_json::from_str(&text).ok()?;
    (user.version >= version && user.id == person.scope().person).then_some(user)
}

pub(crate) async fn edit_me(
    person: Person,
    _: Query<Nothing>,
    info: RequestInfo,
    key: IdempotencyKey,
    if_match: IfMatch,
    body: Body<EditUser>,
) -> Result<Answer<User>, Failure> {
    let mut issues = Issues::default();
    if let Some(zone) = &body.value.time_zone {
        let known = sesh_edge::zone::exists(zone);
        issues.require(
            known,
            "time_zone",
            "unknown_zone",
            "must be an IANA time zone, such as Europe/Berlin",
        );
    }
    issues.done()?;
    let tag = if_match.version().map(etag_of_version);
    let call =
        Observer::new(person.io(), &info).on_behalf_of(&person).once(&key).header("if-match", tag.as_deref());
    let user: User = call.ask("PATCH", auth::ME, Some(&body.value)).await?.data;
    Ok(Answer::of(&user)?.version(user.version))
}

/// The errors that observer decides on when somebody signs up.
pub(crate) const REGISTER_ERRORS: &[ErrorCode] = &[
    ErrorCode::TenantInactive,
    ErrorCode::NotFound,
    ErrorCode::Conflict,
    ErrorCode::ConfirmationRequired,
    ErrorCode::AgeRestricted,
    ErrorCode::Unprocessable,
    ErrorCode::TooManyRequests,
];
/// The errors that observer decides on when somebody signs in.
pub(crate) const LOGIN_ERRORS: &[ErrorCode] = &[
    ErrorCode::InvalidCredentials,
    ErrorCode::SecondFactorRequired,
    ErrorCode::TenantInactive,
    ErrorCode::TooManyRequests,
];
/// The errors that observer decides on when somebody asks for new tokens.
pub(crate) const REFRESH_ERRORS: &[ErrorCode] =
    &[ErrorCode::Unauthorized, ErrorCode::Forbidden, ErrorCode::TenantInactive];
