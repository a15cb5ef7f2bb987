//! Access tokens: JWTs (RFC 7519, profile RFC 9068) signed with Ed25519 by observer alone. Every other Worker
//! verifies them locally with the public keys, and asks its own database, in the batch that it runs anyway,
//! whether the subject was revoked since. So revocation costs reads no hop and holds at once.

mod keys;
mod person;

pub use keys::{Jwk, Jwks, KeyError, VerifyingKeys};
pub use person::{OptionalPerson, Person, Scope, Trusts, bearer, refuse_other_sites};

use serde::{Deserialize, Serialize};
use sesh_types::access::{Apps, TenantRole};
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
    /// What the person is in the tenant.
    #[serde(default = "member")]
    pub role: TenantRole,
    /// The apps that the person may use in the tenant.
    #[serde(default = "Apps::consumer")]
    pub apps: Apps,
}

impl AccessClaims {
    /// What a person's token says in the consumers' tenant, where everybody is at home.
    pub fn at_home(iss: String, sub: PersonId, did: DeviceId, ep: i64) -> Self {
        let (aud, tid) = (AUDIENCE.to_owned(), TenantId::CONSUMERS);
        Self { iss, aud, sub, tid, did, ep, role: TenantRole::Member, apps: Apps::consumer() }
    }
}

/// What tokens say that were issued before they named a role.
const fn member() -> TenantRole {
    TenantRole::Member
}
