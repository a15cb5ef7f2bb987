//! Asking people to join a tenant. The token of an invitation is made of its id with a key that no database holds, so the
//! same one can be told again and none is kept.

pub mod routes;
pub mod store;

#[cfg(test)]
mod tests;

use crate::keys::Keyring;
use sesh_edge::secret::{base64url, hmac_sha256, same};
use sesh_types::contract::Token;
use sesh_types::ids::InvitationId;

/// The token of an invitation: `inv_<id>_<mac>`.
pub fn token(keys: &Keyring, id: InvitationId) -> Token {
    let key = keys.pepper.key("invitation");
    Token(format!("inv_{}_{}", id.0.simple(), base64url(&hmac_sha256(&key, &[id.0.as_bytes()]))))
}

/// The invitation of a token; nothing when we did not make it.
pub fn read(keys: &Keyring, presented: &Token) -> Option<InvitationId> {
    let id: InvitationId = presented.0.strip_prefix("inv_")?.split('_').next()?.parse().ok()?;
    same(&token(keys, id).0, &presented.0).then_some(id)
}
