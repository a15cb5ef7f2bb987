//! Calls to the other Workers on behalf of an administrator.

use crate::keys::AdminKey;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sesh_edge::http::{Answer, Failure, Listing};
use sesh_edge::idempotency::IdempotencyKey;
use sesh_edge::io::{PeerCall, PeerReply};
use sesh_edge::service::{X_CLIENT_ADDRESS, X_REQUEST_ID};
use sesh_types::contract::admin::ACTOR;
use sesh_types::envelope::{Failed, Meta};
use std::sync::Arc;

/// The binding of observer.
pub(crate) const OBSERVER: &str = "OBSERVER";
/// The binding of tracker.
pub(crate) const TRACKER: &str = "TRACKER";

/// A call to a peer's internal door, being put together. It carries who acts, from where, and the request's id.
pub(crate) struct Ask<'k> {
    key: &'k AdminKey,
    call: PeerCall,
}

/// What stands in a peer's envelope.
#[derive(Deserialize)]
struct Said<T> {
    data: T,
    #[serde(default)]
    meta: Option<Meta>,
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

    /// Calls; an answer of any status will do.
    ///
    /// # Errors
    /// The cause, when there was no answer.
    pub(crate) async fn send(self) -> Result<PeerReply, String> {
        self.key.io().peer(self.call).await
    }

    /// Calls, and answers what the peer said.
    ///
    /// # Errors
    /// As [`read`].
    pub(crate) async fn answer<T: DeserializeOwned + Serialize>(self) -> Result<Answer<T>, Failure> {
        Answer::of(&read::<T>(self.send().await)?.data)
    }

    /// Calls, and answers the page of a list that the peer gave.
    ///
    /// # Errors
    /// As [`read`].
    pub(crate) async fn page<T: DeserializeOwned + Serialize>(self) -> Result<Listing<T>, Failure> {
        let said = read::<Vec<T>>(self.send().await)?;
        let meta = said.meta.ok_or_else(|| Failure::unavailable("a peer's list came without its meta"))?;
        Listing::of(&said.data, meta)
    }
}

/// Reads an answer. The peer's own refusal is handed on as it is; silence, and words that are not the fleet's,
/// are 503: never a success that nobody meant.
fn read<T: DeserializeOwned>(reply: Result<PeerReply, String>) -> Result<Said<T>, Failure> {
    let reply = reply.map_err(Failure::unavailable)?;
    if (200..300).contains(&reply.status) {
        return serde_json::from_str(&reply.body).map_err(|error| strange(reply.status, &error));
    }
    match serde_json::from_str::<Failed>(&reply.body) {
        Ok(failed) if !failed.success && failed.error.code.status() == reply.status => {
            Err(Failure::Relayed(Arc::new(reply)))
        }
        Ok(_) => Err(Failure::unavailable(format!(
            "a peer answered {} with the code of another status",
            reply.status
        ))),
        Err(error) => Err(strange(reply.status, &error)),
    }
}

/// Says where an answer went wrong without quoting it: it may hold what no log should.
fn strange(status: u16, error: &serde_json::Error) -> Failure {
    let (kind, line, column) = (error.classify(), error.line(), error.column());
    Failure::unavailable(format!(
        "a peer's answer with status {status} has a {kind:?} error at {line}:{column}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sesh_edge::http::Defect;

    fn reply(status: u16, body: &str) -> PeerReply {
        PeerReply { status, body: body.to_owned(), retry_after_seconds: None }
    }

    #[test]
    fn hands_on_what_the_fleet_says_and_nothing_else() {
        let good = read::<u32>(Ok(reply(200, r#"{"success":true,"data":7}"#))).unwrap();
        assert_eq!((good.data, good.meta), (7, None));
        let refusal =
            r#"{"success":false,"error":{"code":"not_found","message":"There is no such person."}}"#;
        assert!(
            matches!(read::<u32>(Ok(reply(404, refusal))), Err(Failure::Relayed(relayed)) if relayed.body == refusal)
        );
        for garbage in [
            Ok(reply(200, "<html>")),
            Ok(reply(200, r#"{"success":true,"data":"secret"}"#)),
            Ok(reply(200, refusal)),
            Ok(reply(404, "nothing here")),
            Ok(reply(500, refusal)),
            Ok(reply(302, "")),
            Err("Network connection lost.".to_owned()),
        ] {
            let Err(Failure::Defect(Defect::Unavailable(cause))) = read::<u32>(garbage) else {
                unreachable!()
            };
            assert!(!cause.contains("secret") && !cause.contains("nothing here"), "{cause}");
        }
    }
}
