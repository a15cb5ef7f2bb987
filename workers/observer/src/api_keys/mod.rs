//! API keys, of persons and of tenants: [`routes`] makes, turns over, lists and ends them, [`using`] says whether one
//! counts, for what, and counts the call. The text of a key is made, not kept: a MAC over its id.

pub mod routes;
pub mod rules;
pub mod store;
pub mod using;

#[cfg(test)]
mod races;
#[cfg(test)]
mod tests;

use crate::keys::Keyring;
use sesh_edge::secret::same;
use sesh_types::api_key;
use sesh_types::contract::Token;
use sesh_types::ids::{KeyId, PersonId, TenantId};

/// Whose keys they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The tenant that they are for.
    pub tenant: TenantId,
    /// The person; nobody when they are the tenant's own.
    pub person: Option<PersonId>,
}

/// The text of a key that was made with this one of the Worker's keys; nothing when that one is gone.
pub fn text(keys: &Keyring, id: KeyId, key_id: &str) -> Option<Token> {
    let secret = keys.factors.derive(key_id, "sesh-api-key-v1", &[id.0.as_bytes()])?;
    Some(Token(api_key::write(id, &secret)))
}

/// The id of a key that we made. Nothing is read for it, so a forged one costs nobody anything.
pub fn read(keys: &Keyring, shown: &Token) -> Option<KeyId> {
    let id = api_key::read(&shown.0)?;
    let made = |key_id| text(keys, id, key_id).is_some_and(|made| same(&made.0, &shown.0));
    keys.factors.key_ids().any(made).then_some(id)
}
