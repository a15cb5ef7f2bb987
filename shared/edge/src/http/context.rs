//! What a request brings along besides its body: its ports, its id, the door it came through.

use super::Failure;
use crate::io::Io;
use crate::service::RouteName;
use axum::extract::{FromRequestParts, MatchedPath};
use http::request::Parts;
use std::net::IpAddr;
use std::str::FromStr;

/// By which door a request came in. The internal door is an entry of its own that only service bindings reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// From the internet.
    Public,
    /// From another Worker of the fleet.
    Internal,
}

/// Facts about the request that do not depend on its route.
#[derive(Clone, Debug)]
pub struct RequestInfo {
    /// The id by which the logs of every Worker it touches can be found.
    pub request_id: String,
    /// The door it came through.
    pub door: Door,
    /// The caller's address, as Cloudflare saw it (`CF-Connecting-IP`), never from another header.
    pub client_address: Option<IpAddr>,
}

impl<S: Send + Sync> FromRequestParts<S> for Io {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        if let (Some(name), Some(path)) =
            (parts.extensions.get::<RouteName>(), parts.extensions.get::<MatchedPath>())
        {
            name.set(path.clone());
        }
        parts.extensions.get::<Io>().cloned().ok_or_else(|| Failure::internal("the request has no ports"))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for RequestInfo {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        parts
            .extensions
            .get::<RequestInfo>()
            .cloned()
            .ok_or_else(|| Failure::internal("the request has no id"))
    }
}

/// The id in the path. What does not look like an id is not found, like an id of nobody's.
#[derive(Clone, Copy, Debug)]
pub struct Key<T>(pub T);

impl<S: Send + Sync, T: FromStr + Send> FromRequestParts<S> for Key<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let axum::extract::Path(text) = axum::extract::Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|_| Failure::not_found("thing"))?;
        text.parse().map(Self).map_err(|_| Failure::not_found("thing"))
    }
}
