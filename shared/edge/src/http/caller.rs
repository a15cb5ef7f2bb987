//! Who may call stands in the handler's signature. Here are the callers that need no token; a person is
//! [`crate::token::Person`], an administrator's key is the admin Worker's own.

use super::{Door, Failure, RequestInfo};
use axum::extract::FromRequestParts;
use http::HeaderMap;
use http::request::Parts;
use std::net::IpAddr;

/// Anyone at all: the route says so on purpose.
#[derive(Clone, Debug)]
pub struct Anonymous;

impl<S: Send + Sync> FromRequestParts<S> for Anonymous {
    type Rejection = Failure;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Failure> {
        Ok(Self)
    }
}

/// Another Worker of the fleet, through the internal door.
#[derive(Clone, Debug)]
pub struct FleetCaller(());

impl<S: Send + Sync> FromRequestParts<S> for FleetCaller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        match parts.extensions.get::<RequestInfo>() {
            Some(info) if info.door == Door::Internal => Ok(Self(())),
            _ => Err(Failure::not_found("route")),
        }
    }
}

/// The caller's network address, and what program they say they use.
#[derive(Clone, Debug)]
pub struct ClientAddress {
    /// From `CF-Connecting-IP` alone; nothing when it is missing.
    pub address: Option<IpAddr>,
    /// The `User-Agent`, cut to 200 characters.
    pub user_agent: String,
}

impl ClientAddress {
    /// The address as text for counters and logs of security events, or `unknown`.
    pub fn label(&self) -> String {
        self.address.map_or_else(|| "unknown".to_owned(), |address| address.to_string())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let info = RequestInfo::from_request_parts(parts, state).await?;
        let agent =
            parts.headers.get(http::header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or("");
        Ok(Self { address: info.client_address, user_agent: agent.chars().take(200).collect() })
    }
}

/// The value of a cookie of this name, if the request carries it.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(http::header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(found, value)| (found == name).then_some(value))
}
