//! Whoever uses Sesh-Tracker: a signed-in person whose token has the app, or an API key of somebody who has it. Stash,
//! sessions, strains and dashboard are for them; what somebody does about themselves (profile, devices, keys, going over
//! to another tenant) is for every [`Person`], with the app or without, and for no key.

use crate::auth::observer::Observer;
use axum::extract::{FromRef, FromRequestParts, MatchedPath};
use http::request::Parts;
use sesh_edge::http::{Failure, Refusal, RequestInfo};
use sesh_edge::io::Io;
use sesh_edge::limit;
use sesh_edge::token::{AUDIENCE, AccessClaims, Person, Trusts, bearer};
use sesh_types::access::key_needs;
use sesh_types::api_key;
use sesh_types::contract::Token;
use sesh_types::contract::keys::{KeyHolder, KeyUse, USE, UseKey};
use sesh_types::envelope::{ErrorCode, Success};
use sesh_types::ids::DeviceId;
use std::ops::Deref;
use std::sync::Arc;

/// Somebody who may use this app in the tenant that they work in. Which apps those are stands in the token, and a
/// change of them kills the tokens of before, so nothing is read for it.
#[derive(Clone)]
pub struct User(Person);

impl Deref for User {
    type Target = Person;

    fn deref(&self) -> &Person {
        &self.0
    }
}

impl User {
    /// The person alone, for what is for everybody.
    pub(crate) fn into_person(self) -> Person {
        self.0
    }
}

impl<S> FromRequestParts<S> for User
where
    S: Send + Sync,
    Arc<Trusts>: FromRef<S>,
{
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let person = match bearer(&parts.headers).filter(|text| api_key::is_meant(text)) {
            Some(text) => {
                let key = Token(text.to_owned());
                by_key(key, parts, &Arc::<Trusts>::from_ref(state)).await?
            }
            None => Person::from_request_parts(parts, state).await?,
        };
        if person.apps().tracker.is_none() {
            return Err(not_entitled());
        }
        Ok(Self(person))
    }
}

/// The same, themselves or by a key of theirs: nobody who acts as them, not even to read. For what carries a whole diary
/// away.
pub struct UserAlone(pub User);

impl<S> FromRequestParts<S> for UserAlone
where
    S: Send + Sync,
    Arc<Trusts>: FromRef<S>,
{
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        Self::of(User::from_request_parts(parts, state).await?)
    }
}

impl UserAlone {
    /// The user, unless somebody acts as them.
    ///
    /// # Errors
    /// 403.
    pub(crate) fn of(user: User) -> Result<Self, Failure> {
        if user.acting().is_some() { Err(Refusal::impersonated().into()) } else { Ok(Self(user)) }
    }
}

/// The person whose key it is, for this one call.
///
/// 1. A slip of the finger is refused here.
/// 2. Observer says whether the key counts, for this route and from there, and counts the call.
/// 3. From there on the call is its owner's: with their rights of this moment, in their scope, and with the check for
///    revocation in every batch. The key stands in the place of a device.
async fn by_key(key: Token, parts: &mut Parts, trusts: &Trusts) -> Result<Person, Failure> {
    let path = parts.extensions.get::<MatchedPath>().map(MatchedPath::as_str).unwrap_or_default();
    let needs = key_needs(crate::NAME, parts.method.as_str(), path);
    let (Some(needs), Some(_)) = (needs, api_key::read(&key.0)) else {
        return Err(Refusal::unauthorized().into());
    };
    let io = Io::from_request_parts(parts, &()).await?;
    let info = RequestInfo::from_request_parts(parts, &()).await?;
    let asked = UseKey { key, needs: needs.to_vec() };
    let said: Success<KeyUse> = Observer::new(&io, &info).ask("POST", USE, Some(&asked)).await?;
    let KeyUse { limit, holder } = said.data;
    limit::tell(parts, limit);
    let KeyHolder { key, tenant, person, epoch, role, apps } = holder.ok_or_else(|| limit::reached(limit))?;
    let claims = AccessClaims {
        iss: String::new(),
        aud: AUDIENCE.to_owned(),
        sub: person,
        tid: tenant,
        did: DeviceId(key.0),
        ep: epoch,
        role,
        apps,
        act: None,
        scope: None,
        client_id: None,
        jti: None,
        auth_time: None,
    };
    Ok(Person::vouched_for(claims, io, info.request_id, trusts, parts))
}

fn not_entitled() -> Failure {
    let message = "Sesh-Tracker is not among your apps in this tenant. Ask whoever runs it.";
    Refusal::new(ErrorCode::NotEntitled, message).into()
}

#[cfg(not(target_arch = "wasm32"))]
impl aide::OperationInput for User {
    fn operation_input(ctx: &mut aide::generate::GenContext, operation: &mut aide::openapi::Operation) {
        sesh_edge::openapi::api_key(ctx, operation);
        sesh_edge::openapi::fails(ctx, operation, ErrorCode::NotEntitled);
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl aide::OperationInput for UserAlone {
    fn operation_input(ctx: &mut aide::generate::GenContext, operation: &mut aide::openapi::Operation) {
        User::operation_input(ctx, operation);
        sesh_edge::openapi::fails(ctx, operation, ErrorCode::Impersonated);
    }
}
