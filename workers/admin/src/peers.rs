//! Calls to the other Workers on behalf of whoever administers.

use crate::keys::Caller;
use http::HeaderMap;
use http::header::USER_AGENT;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use sesh_edge::http::{Answer, Failure, Listing, NoContent, RequestInfo};
use sesh_edge::idempotency::IdempotencyKey;
use sesh_edge::io::{Io, PeerCall, PeerReply};
use sesh_edge::peer;
use sesh_edge::service::{X_CLIENT_ADDRESS, X_REQUEST_ID};
use sesh_types::contract::admin::ACTOR;
use sesh_types::contract::staff::{self, Staff};
use std::net::IpAddr;

/// The binding of observer.
pub(crate) const OBSERVER: &str = "OBSERVER";
/// The binding of tracker.
pub(crate) const TRACKER: &str = "TRACKER";
/// The binding of live.
pub(crate) const LIVE: &str = "LIVE";

/// A call to a peer's internal door, being put together. It carries who acts, from where, and the request's id.
pub(crate) struct Ask<'k> {
    io: &'k Io,
    call: PeerCall,
}

impl<'k> Ask<'k> {
    /// A question.
    pub(crate) fn get(caller: &'k Caller, binding: &'static str, path: impl Into<String>) -> Self {
        Self::new(caller, binding, "GET", path.into())
    }

    /// A change.
    pub(crate) fn post(caller: &'k Caller, binding: &'static str, path: impl Into<String>) -> Self {
        Self::new(caller, binding, "POST", path.into())
    }

    /// An edit.
    pub(crate) fn patch(caller: &'k Caller, binding: &'static str, path: impl Into<String>) -> Self {
        Self::new(caller, binding, "PATCH", path.into())
    }

    /// An end.
    pub(crate) fn delete(caller: &'k Caller, binding: &'static str, path: impl Into<String>) -> Self {
        Self::new(caller, binding, "DELETE", path.into())
    }

    /// A question of observer's for somebody who has not shown who they are.
    pub(crate) fn for_visitor(
        io: &'k Io,
        info: &RequestInfo,
        headers: &HeaderMap,
        path: &'static str,
    ) -> Self {
        let agent = headers.get(USER_AGENT).and_then(|value| value.to_str().ok());
        let headers = headers_of(&info.request_id, info.client_address, agent);
        let path = path.to_owned();
        Self { io, call: PeerCall { binding: OBSERVER, method: "POST", path, headers, body: None } }
    }

    fn new(caller: &'k Caller, binding: &'static str, method: &'static str, path: String) -> Self {
        let mut headers = headers_of(caller.request_id(), caller.address(), caller.user_agent());
        headers.push((ACTOR.to_owned(), caller.actor().to_owned()));
        Self { io: caller.io(), call: PeerCall { binding, method, path, headers, body: None } }
    }

    /// With parameters.
    pub(crate) fn query(mut self, query: &impl Serialize) -> Result<Self, Failure> {
        let text = serde_urlencoded::to_string(query).map_err(Failure::internal)?;
        if !text.is_empty() {
            self.call.path = format!("{}?{text}", self.call.path);
        }
        Ok(self)
    }

    /// With a body.
    pub(crate) fn body(mut self, body: &impl Serialize) -> Result<Self, Failure> {
        self.call.body = Some(serde_json::to_string(body).map_err(Failure::internal)?);
        Ok(self)
    }

    /// At most once: the client's key goes along, and the peer, whose database it is, keeps the record.
    pub(crate) fn once(mut self, key: &IdempotencyKey) -> Self {
        if let Some(text) = key.text() {
            self.call.headers.push(("idempotency-key".to_owned(), text.to_owned()));
        }
        self
    }

    /// Only if the thing still is of this version.
    pub(crate) fn if_match(mut self, tag: Option<String>) -> Self {
        if let Some(tag) = tag {
            self.call.headers.push(("if-match".to_owned(), tag));
        }
        self
    }

    /// Calls; an answer of any status will do.
    ///
    /// # Errors
    /// The cause, when there was no answer.
    pub(crate) async fn send(self) -> Result<PeerReply, String> {
        self.io.peer(self.call).await
    }

    /// Calls, and gives what the peer said.
    ///
    /// # Errors
    /// As [`peer::read`].
    pub(crate) async fn ask<T: DeserializeOwned>(self) -> Result<T, Failure> {
        Ok(peer::read::<T>(self.send().await)?.data)
    }

    /// Calls, and answers what the peer said.
    ///
    /// # Errors
    /// As [`peer::read`].
    pub(crate) async fn answer<T: DeserializeOwned + Serialize>(self) -> Result<Answer<T>, Failure> {
        Answer::of(&self.ask::<T>().await?)
    }

    /// Calls, and answers 201 with what the peer made.
    ///
    /// # Errors
    /// As [`peer::read`].
    pub(crate) async fn answer_created<T: DeserializeOwned + Serialize>(
        self,
    ) -> Result<Answer<T, 201>, Failure> {
        Answer::of(&self.ask::<T>().await?)
    }

    /// Calls what answers with nothing.
    ///
    /// # Errors
    /// As [`peer::done`].
    pub(crate) async fn done(self) -> Result<NoContent, Failure> {
        peer::done(self.send().await)?;
        Ok(NoContent::default())
    }

    /// Calls, and answers what the peer said without reading it.
    ///
    /// # Errors
    /// As [`peer::read`].
    pub(crate) async fn untouched<T>(self) -> Result<Answer<T>, Failure> {
        Ok(Answer::data(peer::read::<Box<RawValue>>(self.send().await)?.data.get()))
    }

    /// Calls, and answers the page of a list that the peer gave.
    ///
    /// # Errors
    /// As [`peer::read`].
    pub(crate) async fn page<T: DeserializeOwned + Serialize>(self) -> Result<Listing<T>, Failure> {
        let said = peer::read::<Vec<T>>(self.send().await)?;
        let meta = said.meta.ok_or_else(|| Failure::unavailable("a peer's list came without its meta"))?;
        Listing::of(&said.data, meta)
    }
}

/// Asks observer whether the caller still counts: before anything is answered that observer has no part in. A key does.
///
/// # Errors
/// 401 when a staff token was revoked; 503 when observer does not answer.
pub(crate) async fn confirm(caller: &Caller) -> Result<(), Failure> {
    if caller.is_staff() {
        Ask::get(caller, OBSERVER, staff::ME).ask::<Staff>().await?;
    }
    Ok(())
}

fn headers_of(request_id: &str, address: Option<IpAddr>, agent: Option<&str>) -> Vec<(String, String)> {
    let known = [
        (X_REQUEST_ID.to_string(), Some(request_id.to_owned())),
        (X_CLIENT_ADDRESS.to_string(), address.map(|address| address.to_string())),
        (USER_AGENT.to_string(), agent.map(str::to_owned)),
    ];
    known.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}
