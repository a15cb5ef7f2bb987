//! Access tokens: JWTs (RFC 7519, profile RFC 9068) signed with Ed25519 by observer alone. Every other Worker
//! verifies them locally with the public keys, and asks its own database, in the batch that it runs anyway,
//! whether the subject was revoked since. So revocation costs reads no hop and holds at once.

mod keys;
mod person;

pub use keys::{Jwk, Jwks, KeyError, VerifyingKeys};
pub use person::{Oneself, OptionalPerson, Person, Scope, Trusts, bearer, refuse_other_sites};

use serde::{Deserialize, Serialize};
use sesh_types::access::{Apps, PlatformRole, TenantRole};
use sesh_types::ids::{DeviceId, PersonId, StaffId, TenantId};

/// How long an access token lives, in seconds.
pub const ACCESS_TOKEN_SECONDS: i64 = 900;
/// Who access tokens are for.
pub const AUDIENCE: &str = "sesh";
/// Who access tokens of staff are for.
pub const STAFF_AUDIENCE: &str = "sesh-admin";
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
    /// Who acts as the person (RFC 8693, section 4.1), when it is not they themselves; the device is then the
    /// impersonation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<Act>,
}

/// Who acts as the subject of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// The member of staff.
    pub sub: StaffId,
}

/// What an access token of a member of staff says besides its times. Its audience is admin alone: no other Worker takes it,
/// and admin takes no person's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffClaims {
    /// Who issued it.
    pub iss: String,
    /// Who it is for: [`STAFF_AUDIENCE`].
    pub aud: String,
    /// The member of staff.
    pub sub: StaffId,
    /// The device that signed in.
    pub did: DeviceId,
    /// Their epoch when it was issued; a changed role raises it.
    pub ep: i64,
    /// What they are to the platform.
    pub role: PlatformRole,
    /// The networks from which it counts; none listed is everywhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub net: Vec<String>,
}

/// Claims that say who issued them, and for whom.
pub trait Claims: serde::de::DeserializeOwned + Clone {
    /// For whom they must be.
    const AUDIENCE: &'static str;
    /// Who issued them, and for whom.
    fn parties(&self) -> (&str, &str);
}

impl Claims for AccessClaims {
    const AUDIENCE: &'static str = AUDIENCE;

    fn parties(&self) -> (&str, &str) {
        (&self.iss, &self.aud)
    }
}

impl Claims for StaffClaims {
    const AUDIENCE: &'static str = STAFF_AUDIENCE;

    fn parties(&self) -> (&str, &str) {
        (&self.iss, &self.aud)
    }
}

impl AccessClaims {
    /// What a person's token says in the consumers' tenant, where everybody is at home.
    pub fn at_home(iss: String, sub: PersonId, did: DeviceId, ep: i64) -> Self {
        let (aud, tid) = (AUDIENCE.to_owned(), TenantId::CONSUMERS);
        Self { iss, aud, sub, tid, did, ep, role: TenantRole::Member, apps: Apps::consumer(), act: None }
    }
}

/// What tokens say that were issued before they named a role.
const fn member() -> TenantRole {
    TenantRole::Member
}
