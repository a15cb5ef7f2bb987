//! Programs as callers: by Basic, by fields of the form, or, where they can keep no secret, by name (RFC 6749, section 2.3).

use super::clients::secret;
use super::clients::store::{self, ClientRow};
use super::wire::{Fault, Params, Wrong};
use crate::audit::Entry;
use crate::keys::Keyring;
use axum::extract::FromRequestParts;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;
use sesh_edge::http::{Failure, RequestInfo, pairs};
use sesh_edge::io::Io;
use sesh_edge::secret::from_base64;
use sesh_types::contract::clients::ClientKind;
use sesh_types::ids::{ClientId, TenantId};

/// A program that calls; who it is, is found out by [`Program::is`].
pub struct Program {
    /// The ports.
    pub io: Io,
    /// The id of the request.
    pub request_id: String,
    headers: HeaderMap,
}

impl<S: Send + Sync> FromRequestParts<S> for Program {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let io = Io::from_request_parts(parts, state).await?;
        let request_id = RequestInfo::from_request_parts(parts, state).await?.request_id;
        Ok(Self { io, request_id, headers: parts.headers.clone() })
    }
}

/// What a program shows.
struct Shown {
    id: ClientId,
    secret: Option<String>,
}

impl Program {
    /// Which program it is.
    ///
    /// # Errors
    /// `invalid_client`, whatever does not fit; `invalid_request` when it shows who it is in two ways.
    pub async fn is(&self, keys: &Keyring, params: &Params) -> Result<ClientRow, Fault> {
        if let Some(name) = params.repeated() {
            return Err(Wrong::new("invalid_request", format!("{name} stands there twice")).into());
        }
        let shown = shown(&self.headers, params)?;
        let row = self.io.db(store::one(shown.id)).await?.first::<store::Body>(0)?;
        let client = ClientRow::read(&row.ok_or_else(Wrong::client)?.body)?;
        let fits = match (client.kind, &shown.secret, &client.secret_hash) {
            (ClientKind::Public, None, _) => true,
            (ClientKind::Confidential, Some(shown), Some(kept)) => secret::fits(keys, client.id, shown, kept),
            _ => false,
        };
        if fits { Ok(client) } else { Err(Wrong::client().into()) }
    }

    /// An audit entry of something that it does.
    pub fn entry(
        &self,
        client: &ClientRow,
        tenant: TenantId,
        action: &'static str,
        entity: String,
        detail: serde_json::Value,
    ) -> Entry {
        let (at, request_id) = (self.io.now(), self.request_id.clone());
        Entry { tenant, at, actor: format!("client:{}", client.id), action, entity, request_id, detail }
    }
}

fn shown(headers: &HeaderMap, params: &Params) -> Result<Shown, Wrong> {
    let named = params.get("client_id");
    let secret = params.get("client_secret").map(str::to_owned);
    let Some(header) = headers.get(AUTHORIZATION) else {
        let id = named.and_then(|id| id.parse().ok()).ok_or_else(Wrong::client)?;
        return Ok(Shown { id, secret });
    };
    let (id, by_header) = basic(header.as_bytes()).ok_or_else(Wrong::client)?;
    if secret.is_some() || named.is_some_and(|named| named != id) {
        return Err(Wrong::new("invalid_request", "the program shows who it is in two ways"));
    }
    Ok(Shown { id: id.parse().map_err(|_| Wrong::client())?, secret: Some(by_header) })
}

/// Name and secret of a Basic header, each spelled as in a form before they were joined.
fn basic(header: &[u8]) -> Option<(String, String)> {
    let (scheme, text) = std::str::from_utf8(header).ok()?.split_once(' ')?;
    let joined = String::from_utf8(from_base64(text.trim())?).ok()?;
    let (id, secret) = joined.split_once(':').filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
    let plain = |text: &str| match pairs(format!("x={text}").as_bytes())?.as_slice() {
        [(_, value)] => Some(value.clone()),
        _ => None,
    };
    Some((plain(id)?, plain(secret)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sesh_edge::secret::base64;

    #[test]
    fn a_basic_header_is_spelled_as_a_form() {
        let read = |text: &str| basic(format!("Basic {}", base64(text.as_bytes())).as_bytes());
        assert_eq!(read("a%3Ab:c+d%26"), Some(("a:b".to_owned(), "c d&".to_owned())));
        assert_eq!(read("a:"), Some(("a".to_owned(), String::new())));
        assert_eq!(read("a"), None);
        assert_eq!(read("a:b&x=c"), None, "no second field");
        assert_eq!(basic(b"Bearer YTpi"), None);
        assert_eq!(basic(b"Basic ***"), None);
    }
}
