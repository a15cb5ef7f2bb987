//! Calls to observer.

use http::HeaderMap;
use http::header::USER_AGENT;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sesh_edge::http::{Failure, RequestInfo};
use sesh_edge::idempotency::IdempotencyKey;
use sesh_edge::io::{Io, PeerCall, PeerReply};
use sesh_edge::peer;
use sesh_edge::service::{X_CLIENT_ADDRESS, X_HOST, X_REQUEST_ID};
use sesh_edge::token::{Person, host_name};
use sesh_types::contract::auth::{ON_BEHALF, OnBehalf};
use sesh_types::envelope::Success;

/// What a call without a body hands on.
pub(crate) const NO_BODY: Option<&()> = None;

/// A call to observer's internal door, being put together.
pub(crate) struct Observer<'a> {
    io: &'a Io,
    headers: Vec<(String, String)>,
}

impl<'a> Observer<'a> {
    /// On behalf of nobody yet; carries the request's id and the client's address.
    pub(crate) fn new(io: &'a Io, info: &RequestInfo) -> Self {
        let mut headers = vec![(X_REQUEST_ID.to_string(), info.request_id.clone())];
        if let Some(address) = info.client_address {
            headers.push((X_CLIENT_ADDRESS.to_string(), address.to_string()));
        }
        Self { io, headers }
    }

    /// On behalf of the subject of a verified token.
    pub(crate) fn on_behalf_of(self, person: &Person) -> Self {
        let scope = person.scope();
        let subject = OnBehalf {
            tenant: scope.tenant,
            person: scope.person,
            device: person.device(),
            epoch: person.epoch(),
            act: person.acting(),
        };
        self.header(ON_BEHALF, Some(&subject.to_string()))
    }

    /// For a visitor, at most once; see [`Observer::for_guest`].
    pub(crate) fn for_visitor(
        io: &'a Io,
        info: &RequestInfo,
        key: &IdempotencyKey,
        headers: &HeaderMap,
    ) -> Self {
        Self::for_guest(io, info, headers).once(key)
    }

    /// For a visitor: carries what their program calls itself, for the list of devices, and the host name that they
    /// called, which may be a tenant's.
    pub(crate) fn for_guest(io: &'a Io, info: &RequestInfo, headers: &HeaderMap) -> Self {
        let agent = headers.get(USER_AGENT).and_then(|value| value.to_str().ok());
        let host = host_name(headers);
        let host = (!host.is_empty()).then_some(host.as_str());
        Self::new(io, info).header("user-agent", agent).header(X_HOST.as_str(), host)
    }

    /// At most once: the client's key goes along, and observer, whose database it is, keeps the record.
    pub(crate) fn once(self, key: &IdempotencyKey) -> Self {
        self.header("idempotency-key", key.text())
    }

    /// With a header, when there is a value.
    pub(crate) fn header(mut self, name: &str, value: Option<&str>) -> Self {
        if let Some(value) = value {
            self.headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// Calls, and reads what is in the envelope.
    ///
    /// # Errors
    /// Observer's refusal as it is; 503 when it does not answer, or something else answers in its place.
    pub(crate) async fn ask<T: DeserializeOwned>(
        self,
        method: &'static str,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<Success<T>, Failure> {
        peer::read(self.send(method, path, body).await?)
    }

    /// Calls what answers with nothing.
    ///
    /// # Errors
    /// As [`Observer::ask`].
    pub(crate) async fn tell(
        self,
        method: &'static str,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<(), Failure> {
        peer::done(self.send(method, path, body).await?)
    }

    async fn send(
        self,
        method: &'static str,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<Result<PeerReply, String>, Failure> {
        let body = body.map(serde_json::to_string).transpose().map_err(Failure::internal)?;
        let call =
            PeerCall { binding: "OBSERVER", method, path: path.to_owned(), headers: self.headers, body };
        Ok(self.io.peer(call).await)
    }
}
