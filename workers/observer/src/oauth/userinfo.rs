//! `/oauth/userinfo` (`OpenID` Connect Core, section 5.3): who somebody is, as far as they agreed.

use super::grant::is_machine;
use super::store;
use super::wire::Plain;
use crate::callers::OnBehalf;
use crate::keys::Keyring;
use axum::extract::{FromRef, FromRequestParts, State};
use http::request::Parts;
use serde::Serialize;
use sesh_edge::http::{Challenge, Failure, Refusal, RequestInfo};
use sesh_edge::io::Io;
use sesh_edge::token::{AccessClaims, bearer};
use sesh_types::access::{ApiScope, Scopes};
use sesh_types::contract::auth;
use sesh_types::envelope::ErrorCode;
use sesh_types::ids::PersonId;
use std::sync::Arc;

/// A program that acts for a person, whom it may know.
pub struct Informed {
    behalf: OnBehalf,
    scopes: Scopes,
}

impl<S> FromRequestParts<S> for Informed
where
    S: Send + Sync,
    Arc<Keyring>: FromRef<S>,
{
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let io = Io::from_request_parts(parts, state).await?;
        let request_id = RequestInfo::from_request_parts(parts, state).await?.request_id;
        let keys = Arc::<Keyring>::from_ref(state);
        let token = bearer(&parts.headers).ok_or_else(dead)?;
        let (claims, _) =
            keys.verifying.verify_any::<AccessClaims>(token, &keys.issuer, io.now()).map_err(|_| dead())?;
        let scopes = claims.scope.unwrap_or_default();
        if !scopes.has(ApiScope::OpenId) || is_machine(&claims) {
            return Err(Refusal::insufficient_scope(Scopes::of(&[ApiScope::OpenId])).into());
        }
        let subject = auth::OnBehalf {
            tenant: claims.tid,
            person: claims.sub,
            device: claims.did,
            epoch: claims.ep,
            act: None,
        };
        Ok(Self { behalf: OnBehalf::of(subject, io, request_id), scopes })
    }
}

#[derive(Serialize)]
struct Claims {
    sub: PersonId,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    zoneinfo: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email_verified: Option<bool>,
}

/// The person, with name and address if the token is for them.
pub async fn show(informed: Informed, State(keys): State<Arc<Keyring>>) -> Result<Plain, Failure> {
    let Informed { behalf, scopes } = informed;
    let read = behalf.read(store::person(behalf.scope().person)).await;
    let rows = match read {
        Err(Failure::Refusal(refusal)) if refusal.code == ErrorCode::Unauthorized => {
            return Err(dead().into());
        }
        rows => rows?,
    };
    let user = rows.first::<store::PersonRow>(0)?.ok_or_else(dead)?.user.user(&keys)?;
    let (profile, email) = (scopes.has(ApiScope::Profile), scopes.has(ApiScope::Email));
    Ok(Plain::json(&Claims {
        sub: user.id,
        name: profile.then_some(user.display_name),
        zoneinfo: profile.then_some(user.time_zone),
        email_verified: email.then_some(user.email_verified_at.is_some()),
        email: email.then_some(user.email),
    }))
}

/// 401 (RFC 6750, section 3.1).
fn dead() -> Refusal {
    Refusal { challenge: Some(Challenge::InvalidToken), ..Refusal::unauthorized() }
}
