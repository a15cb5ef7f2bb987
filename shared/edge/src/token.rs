//! Access tokens: JWTs (RFC 7519, profile RFC 9068) signed with Ed25519 by observer alone. Every other Worker
//! verifies them locally with the public keys, and asks its own database, in the batch that it runs anyway,
//! whether the subject was revoked since. So revocation costs reads no hop and holds at once.

mod keys;
mod person;
#[cfg(test)]
mod tests;

pub use keys::{Jwk, Jwks, KeyError, VerifyingKeys};
pub use person::{
    Oneself, Opened, OptionalPerson, Person, Scope, Trusts, bearer, host_name, refuse_other_sites,
};

use serde::{Deserialize, Serialize};
use sesh_types::access::{Apps, PlatformRole, Scopes, TenantRole};
use sesh_types::ids::{ClientId, DeviceId, PersonId, StaffId, TenantId};
use uuid::Uuid;

/// How long an access token lives, in seconds.
pub const ACCESS_TOKEN_SECONDS: i64 = 900;
/// Who access tokens of a sign-in are for.
pub const AUDIENCE: &str = "sesh";
/// Who access tokens of staff are for.
pub const STAFF_AUDIENCE: &str = "sesh-admin";
/// Who access tokens of programs are for: another audience, so that nobody who knows no scopes takes one for a sign-in.
pub const API_AUDIENCE: &str = "sesh-api";
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
    /// What it may be used for: a program's token alone says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scopes>,
    /// The program that it was issued to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<ClientId>,
    /// Its own id; a program's token alone has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jti: Option<Uuid>,
    /// When the person had signed in who let the program act, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<i64>,
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
    /// Whether this issuer made them, for whom such claims are for.
    fn fit(&self, issuer: &str) -> bool;
    /// Whether a program holds the token, which its scopes bind.
    fn is_delegated(&self) -> bool {
        false
    }
}

impl Claims for AccessClaims {
    fn fit(&self, issuer: &str) -> bool {
        // Scopes and audience belong together, whatever a token says.
        let audience = if self.is_delegated() { API_AUDIENCE } else { AUDIENCE };
        self.iss == issuer && self.aud == audience
    }

    fn is_delegated(&self) -> bool {
        Self::is_delegated(self)
    }
}

impl Claims for StaffClaims {
    fn fit(&self, issuer: &str) -> bool {
        self.iss == issuer && self.aud == STAFF_AUDIENCE
    }
}

impl AccessClaims {
    /// Whether it is a program's.
    pub const fn is_delegated(&self) -> bool {
        self.scope.is_some()
    }

    /// What a person's token says in the consumers' tenant, where everybody is at home.
    pub fn at_home(iss: String, sub: PersonId, did: DeviceId, ep: i64) -> Self {
        let (aud, tid) = (AUDIENCE.to_owned(), TenantId::CONSUMERS);
        let (role, apps) = (TenantRole::Member, Apps::consumer());
        Self {
            iss,
            aud,
            sub,
            tid,
            did,
            ep,
            role,
            apps,
            act: None,
            scope: None,
            client_id: None,
            jti: None,
            auth_time: None,
        }
    }
}

/// What tokens say that were issued before they named a role.
const fn member() -> TenantRole {
    TenantRole::Member
}
