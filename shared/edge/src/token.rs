//! Access tokens: JWTs (RFC 7519, profile RFC 9068) signed with Ed25519 by observer alone. Every other Worker
//! verifies them locally with the public keys, and asks its own database, in the batch that it runs anyway,
//! whether the subject was revoked since. So revocation costs reads no hop and holds at once.

mod keys;
mod person;

pub use keys::{Jwk, Jwks, KeyError, VerifyingKeys};
pub use person::{OptionalPerson, Person, Scope, Trusts, bearer, refuse_other_sites};

use serde::{Deserialize, Serialize};
use sesh_types::ids::{DeviceId, PersonId, TenantId};

/// How long an access token lives, in seconds.
pub const ACCESS_TOKEN_SECONDS: i64 = 900;
/// Who access tokens are for.
pub const AUDIENCE: &str = "sesh";
/// The media type in the token's header (RFC 9068).
pub const TOKEN_TYPE: &str = "at+jwt";
/// The cookie that carries the access token in browsers.
pub const ACCESS_COOKIE: &str = "__Host-sesh_access";
/// The cookie that carries the refresh token in browsers.
pub const REFRESH_COOKIE: &str = "__Host-sesh_refresh";

/// What an access token says besides its times.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessClaims {
    /// Who issued it.
    pub iss: String,
    /// Who it is for.
    pub aud: String,
    /// The person.
    pub sub: PersonId,
    /// Their tenant.
    pub tid: TenantId,
    /// The device that signed in.
    pub did: DeviceId,
    /// The person's epoch when it was issued. Suspension raises the epoch, and tokens of an earlier one are
    /// dead: a count, not a time, so no two clocks have to agree.
    pub ep: i64,
}
