//! A program's secret, `cs_<43 letters>`: shown once. The database has a keyed hash of it, and the record of an idempotency
//! key what it is made of again, with a key that is in no database.

use crate::keys::Keyring;
use sesh_edge::secret::{base64url, hmac_sha256, same};
use sesh_types::contract::Token;
use sesh_types::ids::ClientId;

/// The secret that follows from a nonce.
pub fn made(keys: &Keyring, client: ClientId, nonce: &str) -> Token {
    let key = keys.pepper.key("client secret");
    Token(format!("cs_{}", base64url(&hmac_sha256(&key, &[client.0.as_bytes(), nonce.as_bytes()]))))
}

/// What the database keeps of a secret.
pub fn hash(keys: &Keyring, client: ClientId, secret: &str) -> String {
    keys.pepper.name("client secret hash", &[client.0.as_bytes(), secret.as_bytes()])
}

/// Whether a secret is the one that was hashed.
pub fn fits(keys: &Keyring, client: ClientId, secret: &str, kept: &str) -> bool {
    same(&hash(keys, client, secret), kept)
}
