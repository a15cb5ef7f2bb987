//! An administrator as a caller.

use super::Gate;
use axum::extract::{FromRef, FromRequestParts};
use http::request::Parts;
use sesh_edge::http::{Failure, Refusal, RequestInfo};
use sesh_edge::io::Io;
use sesh_edge::log;
use sesh_edge::token::{Trusts, bearer};
use sesh_types::envelope::ErrorCode;
use std::net::IpAddr;
use std::sync::Arc;

/// Whoever holds an administrator's key, at an address from which it counts.
#[derive(Clone)]
pub struct AdminKey {
    name: String,
    address: IpAddr,
    request_id: String,
    io: Io,
}

impl AdminKey {
    /// Who acts, as the audit log has it.
    pub fn actor(&self) -> String {
        format!("key:{}", self.name)
    }

    /// From where.
    pub fn address(&self) -> IpAddr {
        self.address
    }

    /// The id of the request, to hand on.
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// The ports.
    pub fn io(&self) -> &Io {
        &self.io
    }
}

impl<S> FromRequestParts<S> for AdminKey
where
    S: Send + Sync,
    Arc<Gate>: FromRef<S>,
    Arc<Trusts>: FromRef<S>,
{
    type Rejection = Failure;

    /// 1. Without `Authorization: Bearer`, 401.
    /// 2. With what is no known key, 401; with a person's valid access token, 403: known, but not allowed.
    /// 3. With a known key from an address that is not listed, or from none, 403. The address is the one that
    ///    Cloudflare saw; what a client says in other headers is never looked at.
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let io = Io::from_request_parts(parts, state).await?;
        let info = RequestInfo::from_request_parts(parts, state).await?;
        let gate = Arc::<Gate>::from_ref(state);
        let key = bearer(&parts.headers).ok_or_else(no_key)?;
        let Some(name) = gate.keyring.name_of(key) else {
            let trusts = Arc::<Trusts>::from_ref(state);
            if looks_like_a_token(key) && trusts.verify(key, &io, &info.request_id).await.is_ok() {
                note(&io, &info, "a person's token");
                return Err(forbidden(
                    "This is a person's token; administration takes an administrator's key.",
                ));
            }
            note(&io, &info, "an unknown key");
            return Err(no_key());
        };
        let Some(address) = info.client_address.filter(|address| gate.allowed.contains(*address)) else {
            note(&io, &info, &format!("the key {name} from an address that is not listed"));
            return Err(forbidden("Administration is not open to this address."));
        };
        Ok(Self { name: name.to_owned(), address, request_id: info.request_id, io })
    }
}

fn no_key() -> Failure {
    Refusal::new(ErrorCode::Unauthorized, "Send a valid administrator's key as Authorization: Bearer.").into()
}

fn forbidden(message: &str) -> Failure {
    Refusal::new(ErrorCode::Forbidden, message).into()
}

/// Three parts between dots: only such a text is worth asking observer's keys about.
fn looks_like_a_token(text: &str) -> bool {
    text.split('.').filter(|part| !part.is_empty()).count() == 3 && text.matches('.').count() == 2
}

/// Leaves a line about a refused caller: what came and from where, never the key or the token.
fn note(io: &Io, info: &RequestInfo, what: &str) {
    let address =
        info.client_address.map_or_else(|| "nowhere known".to_owned(), |address| address.to_string());
    log::write(&log::Line {
        time: io.now().to_string(),
        level: "warn",
        worker: crate::NAME,
        event: "admin_refused",
        request_id: &info.request_id,
        cause: Some(format!("{what}, from {address}")),
        ..log::Line::default()
    });
}

#[cfg(not(target_arch = "wasm32"))]
impl aide::OperationInput for AdminKey {
    fn operation_input(ctx: &mut aide::generate::GenContext, operation: &mut aide::openapi::Operation) {
        sesh_edge::openapi::admin_key(ctx, operation);
    }
}
