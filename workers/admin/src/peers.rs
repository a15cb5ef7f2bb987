//! Calls to the other Workers on behalf of an administrator.

use crate::keys::AdminKey;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use sesh_edge::http::{Answer, Failure, Listing};
use sesh_edge::idempotency::IdempotencyKey;
use sesh_edge::io::{PeerCall, PeerReply};
use sesh_edge::peer;
use sesh_edge::service::{X_CLIENT_ADDRESS, X_REQUEST_ID};
use sesh_types::contract::admin::ACTOR;

/// The binding of observer.
pub(crate) const OBSERVER: &str = "OBSERVER";
/// The binding of tracker.
pub(crate) const TRACKER: &str = "TRACKER";

/// A call to a peer's internal door, being put together. It carries who acts, from where, and the request's id.
pub(crate) struct Ask<'k> {
    key: &'k AdminKey,
    call: PeerCall,
}

impl<'k> Ask<'k> {
    /// A question.
    pub(crate) fn get(key: &'k AdminKey, binding: &'static str, path: impl Into<String>) -> Self {
        Self::new(key, binding, "GET", path.into())
    }

    /// A change.
    pub(crate) fn post(key: &'k AdminKey, binding: &'static str, path: impl Into<String>) -> Self {
        Self::new(key, binding, "POST", path.into())
    }

    /// An edit.
    pub(crate) fn patch(key: &'k AdminKey, binding: &'static str, path: impl Into<String>) -> Self {
        Self::new(key, binding, "PATCH", path.into())
    }

    fn new(key: &'k AdminKey, binding: &'static str, method: &'static str, path: String) -> Self {
        let headers = vec![
            (X_REQUEST_ID.to_string(), key.request_id().to_owned()),
            (X_CLIENT_ADDRESS.to_string(), key.address().to_string()),
            (ACTOR.to_owned(), key.actor()),
        ];
        Self { key, call: PeerCall { binding, method, path, headers, body: None } }
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
        self.key.io().peer(self.call).await
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
