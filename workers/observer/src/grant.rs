//! What somebody gets who is let in: the tokens of one generation of a device. Every part of the answer follows from
//! the parts of a grant, so the identical answer can be made again and no token need be kept.

use crate::keys::Keyring;
use crate::me::store::Address;
use crate::personal::{Field, PersonKey, Sealed};
use serde::Deserialize;
use sesh_edge::http::Failure;
use sesh_edge::io::Io;
use sesh_edge::token::{ACCESS_TOKEN_SECONDS, AUDIENCE, AccessClaims};
use sesh_types::access::{Apps, TenantRole};
use sesh_types::contract::auth::{CachedLogin, SignedIn, User, cache_key};
use sesh_types::ids::{DeviceId, PersonId, TenantId};
use sesh_types::time::{Timestamp, sql_ms, sql_ms_option};

/// How long the session cache keeps a login: no longer than what names somebody should outlive them there. Refreshing does
/// not write it anew: a write costs more than all the rest of a refresh, and what the cache is for, one's profile while
/// this Worker is away, seldom happens.
const CACHED_SECONDS: u32 = 3_600;

/// The tokens of one generation of a device.
pub struct Grant {
    /// The tenant that the tokens are for.
    pub tenant: TenantId,
    /// What the person is in it.
    pub role: TenantRole,
    /// The apps that they may use in it.
    pub apps: Apps,
    /// The person.
    pub user: User,
    /// The person's epoch.
    pub epoch: i64,
    /// The device.
    pub device: DeviceId,
    /// The device's nonce.
    pub nonce: String,
    /// The generation of the refresh token.
    pub generation: i64,
    /// When the access token was issued.
    pub issued_at: Timestamp,
}

impl Grant {
    /// The answer. It always holds the refresh token: the calling Worker puts it where the client wants it.
    pub fn signed_in(&self, keys: &Keyring) -> SignedIn {
        let claims = AccessClaims {
            iss: keys.issuer.clone(),
            aud: AUDIENCE.to_owned(),
            sub: self.user.id,
            tid: self.tenant,
            did: self.device,
            ep: self.epoch,
            role: self.role,
            apps: self.apps.clone(),
            act: None,
            scope: None,
            client_id: None,
            jti: None,
            auth_time: None,
        };
        SignedIn {
            access_token: keys.signing.access_token(&claims, self.issued_at),
            token_type: "Bearer".to_owned(),
            expires_in: ACCESS_TOKEN_SECONDS,
            refresh_token: Some(keys.refresh.token(self.device, self.generation, &self.nonce)),
            user: self.user.clone(),
        }
    }

    /// Puts the login into the session cache, after the answer.
    pub fn cache_later(&self, io: &Io) {
        cache_later(io, self.device, &self.user);
    }
}

/// Puts a device's person into the session cache, after the answer.
pub fn cache_later(io: &Io, device: DeviceId, user: &User) {
    let (ports, cached) = (io.clone(), CachedLogin { user: user.clone() });
    io.defer(async move {
        if let Ok(text) = serde_json::to_string(&cached) {
            ports.kv_put(cache_key(device), text, CACHED_SECONDS).await;
        }
    });
}

/// Takes devices out of the session cache, after the answer.
pub fn forget_later(io: &Io, devices: Vec<DeviceId>) {
    /// Beyond this many the entries are left to expire: no answer depends on them.
    const MOST: usize = 20;
    let ports = io.clone();
    io.defer(async move {
        for device in devices.into_iter().take(MOST) {
            ports.kv_delete(cache_key(device)).await;
        }
    });
}

/// A person's own view of themselves, as the database has it.
#[derive(Clone, Debug, Deserialize)]
pub struct UserRow {
    id: PersonId,
    email: Sealed,
    #[serde(deserialize_with = "sql_ms_option::deserialize")]
    email_verified_at: Option<Timestamp>,
    display_name: Sealed,
    time_zone: String,
    #[serde(deserialize_with = "sql_ms::deserialize")]
    created_at: Timestamp,
    version: i64,
    /// Their key; what an idempotency record keeps has none.
    #[serde(default)]
    pub wrapped: Option<String>,
}

impl UserRow {
    /// With today's address, and the key to read both: what a record has neither of.
    #[must_use]
    pub fn at(self, address: Address) -> Self {
        Self { email: address.email, wrapped: address.wrapped, ..self }
    }

    /// The person, read with their own key.
    ///
    /// # Errors
    /// A defect, when something cannot be read.
    pub fn user(self, keys: &Keyring) -> Result<User, Failure> {
        let Self { id, email, email_verified_at, display_name, time_zone, created_at, version, wrapped } =
            self;
        let key = PersonKey::unwrap(keys, id, wrapped.as_deref())?;
        let (email, display_name) =
            (key.open(Field::Email, &email)?, key.open(Field::DisplayName, &display_name)?);
        Ok(User { id, email, email_verified_at, display_name, time_zone, created_at, version })
    }
}
