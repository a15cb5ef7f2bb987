//! Who may open a WebSocket, and handing the request over to the Durable Object that keeps it.

use super::{Answer, Failure};
use crate::token::{bearer, refuse_other_sites};
use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use http::header::UPGRADE;
use http::request::Parts;
use http::{Method, StatusCode};
use serde::Serialize;
use std::convert::Infallible;

/// Whether the client asks for a WebSocket.
#[derive(Clone, Debug)]
pub struct Upgrade(Option<Result<(), Failure>>);

impl Upgrade {
    /// Whether it asks for one and may have it; reading the rest of the answer stays open to it otherwise.
    ///
    /// # Errors
    /// 403 when a page of another site asks with this site's cookies: browsers send them along, and let such pages read
    /// what comes (RFC 6455, 10.2).
    pub fn wanted(self) -> Result<bool, Failure> {
        self.0.map_or(Ok(false), |may| may.map(|()| true))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Upgrade {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let asked = parts.headers.get(UPGRADE).and_then(|value| value.to_str().ok());
        if !asked.is_some_and(|value| value.eq_ignore_ascii_case("websocket")) {
            return Ok(Self(None));
        }
        // No page can send this header with a WebSocket, so whoever does is a program.
        let program = bearer(&parts.headers).is_some();
        let may = if program { Ok(()) } else { refuse_other_sites(&Method::POST, &parts.headers) };
        Ok(Self(Some(may)))
    }
}

/// 101: the driver asks a Durable Object in this Worker's place, and hands its answer to the client as it is, be it an
/// open WebSocket or a refusal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HandOver {
    /// The binding of the namespace.
    pub binding: &'static str,
    /// The object's name.
    pub name: String,
    /// Path and query.
    pub path: String,
}

impl HandOver {
    /// To an object of this name behind this binding, with these parameters.
    ///
    /// # Errors
    /// A defect, when they cannot be written.
    pub fn to(
        binding: &'static str,
        name: String,
        path: &str,
        query: &impl Serialize,
    ) -> Result<Self, Failure> {
        let query = serde_urlencoded::to_string(query).map_err(Failure::internal)?;
        Ok(Self { binding, name, path: format!("{path}?{query}") })
    }
}

/// An answer, or an open WebSocket for whoever asks for one.
#[derive(Debug)]
pub enum OrSocket<T> {
    /// The answer.
    Answer(Answer<T>),
    /// Who opens it.
    Socket(HandOver),
}

impl<T> IntoResponse for OrSocket<T> {
    fn into_response(self) -> Response {
        match self {
            Self::Answer(answer) => answer.into_response(),
            Self::Socket(socket) => socket.into_response(),
        }
    }
}

impl IntoResponse for HandOver {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self) {
            Ok(body) => (StatusCode::SWITCHING_PROTOCOLS, body).into_response(),
            Err(error) => Failure::internal(error).into_response(),
        }
    }
}
