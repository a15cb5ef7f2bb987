//! The platform's staff: signing in at admin, administration of staff, and acting as a person. admin's public routes ask
//! observer's internal ones.

use super::{Password, Token};
use crate::access::PlatformRole;
use crate::ids::{DeviceId, ImpersonationId, PersonId, StaffId, TenantId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// `GET` with [`StaffQuery`] → a list of [`Staff`]; `POST` [`NewStaff`] → 201 [`Enrolment`]; `GET`, `PATCH …/{id}`
/// [`EditStaff`]; `POST …/{id}/disable` [`DisableStaff`]; `POST …/{id}/enable`; `POST …/{id}/reset` → [`Enrolment`].
pub const STAFF: &str = "/internal/v1/staff";
/// `POST`: [`Enrol`] → 204.
pub const ENROL: &str = "/internal/v1/staff/enrol";
/// `POST`: [`StaffLogin`] → 200 [`super::factors::Challenge`]: there is always a second step.
pub const LOGIN: &str = "/internal/v1/staff/login";
/// `POST`: [`EnrolGenerator`] → 201 [`super::factors::TotpSecret`].
pub const LOGIN_GENERATOR: &str = "/internal/v1/staff/login/generator";
/// `POST`: [`StaffFactor`] → 200 [`StaffSignedIn`].
pub const LOGIN_FACTOR: &str = "/internal/v1/staff/login/factor";
/// `POST`: [`StaffRefresh`] → 200 [`StaffSignedIn`].
pub const REFRESH: &str = "/internal/v1/staff/refresh";
/// By a member of staff. `POST` → 204.
pub const LOGOUT: &str = "/internal/v1/staff/logout";
/// By a member of staff. `GET` → [`Staff`]: themselves, and that their token counts.
pub const ME: &str = "/internal/v1/staff/me";
/// By a member of staff. `GET` → a list of [`super::auth::Device`]; `DELETE …/{id}` → 204.
pub const DEVICES: &str = "/internal/v1/staff/devices";
/// By a member of staff. `POST …/{id}/token` → 200 [`Impersonating`]; `DELETE …/{id}` → 204. They begin at
/// `POST …/people/{id}/impersonation` [`Impersonate`] → 201 [`Impersonating`].
pub const IMPERSONATIONS: &str = "/internal/v1/impersonations";
/// On behalf of a person. `GET` → a list of [`Impersonation`] of oneself.
pub const OWN_IMPERSONATIONS: &str = "/internal/v1/me/impersonations";

/// The longest that somebody acts as a person, in minutes.
pub const MOST_MINUTES: i64 = 30;

/// A verified staff token's subject, handed on as the actor: `staff:<id>/<device>/<epoch>/<role>`. The callee checks it
/// against its own database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StaffSubject {
    /// The member of staff.
    pub staff: StaffId,
    /// The device.
    pub device: DeviceId,
    /// The epoch of the token.
    pub epoch: i64,
    /// Their role.
    pub role: PlatformRole,
}

impl std::fmt::Display for StaffSubject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "staff:{}/{}/{}/{}", self.staff, self.device, self.epoch, self.role.as_str())
    }
}

impl StaffSubject {
    /// Reads what [`Display`](std::fmt::Display) writes.
    pub fn read(text: &str) -> Option<Self> {
        let mut parts = text.strip_prefix("staff:")?.split('/');
        let (staff, device, epoch, role) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let role = PlatformRole::ALL.iter().find(|known| known.as_str() == role)?;
        let subject = Self {
            staff: staff.parse().ok()?,
            device: device.parse().ok()?,
            epoch: epoch.parse().ok()?,
            role: *role,
        };
        parts.next().is_none().then_some(subject)
    }
}

/// Which page of the staff.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StaffQuery {
    /// The page, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 1, max = 100_000)))]
    pub page: Option<u32>,
    /// Rows a page, 1 to 100; 20 unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 1, max = 100)))]
    pub limit: Option<u32>,
}

/// Whether a member of staff may sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum StaffStatus {
    /// They may.
    Active,
    /// They may not, until enabled again.
    Disabled,
}

/// A member of staff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Staff {
    /// Their id.
    pub id: StaffId,
    /// E-mail address, by which they sign in.
    pub email: String,
    /// What they are called: people whom they act as are told it.
    pub name: String,
    /// What they are to the platform.
    pub role: PlatformRole,
    /// Whether they may sign in.
    pub status: StaffStatus,
    /// The addresses and ranges from which their tokens count; none listed is everywhere.
    pub networks: Vec<String>,
    /// Since when they have a generator; `null` while they cannot sign in for want of one.
    pub enrolled_at: Option<Timestamp>,
    /// When they were added.
    pub created_at: Timestamp,
    /// Counts the edits; the `ETag`.
    pub version: i64,
}

/// A new member of staff.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewStaff {
    /// E-mail address, by which they sign in.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(email, length(min = 3, max = 254)))]
    pub email: String,
    /// What to be called, 1 to 80 characters.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(min = 1, max = 80)))]
    pub name: String,
    /// What they are to the platform.
    pub role: PlatformRole,
    /// Addresses and ranges (CIDR) from which their tokens count, at most 20; everywhere unless told.
    #[serde(default)]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(max = 20)))]
    pub networks: Vec<String>,
}

/// Editing a member of staff; what is left out stays. A changed role or network ends their tokens: refreshing brings new
/// ones.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EditStaff {
    /// What to be called, 1 to 80 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(min = 1, max = 80)))]
    pub name: Option<String>,
    /// What they are to the platform.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<PlatformRole>,
    /// All of the addresses and ranges (CIDR), at most 20.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(max = 20)))]
    pub networks: Option<Vec<String>>,
}

/// Disabling a member of staff.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DisableStaff {
    /// Why, 1 to 500 characters; stands in the audit log.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(min = 1, max = 500)))]
    pub reason: String,
}

/// A member of staff with the token by which they set their password: told once, to be handed on to them.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Enrolment {
    /// The member of staff.
    #[serde(flatten)]
    pub staff: Staff,
    /// For `POST /api/v1/staff/enrol`, once.
    pub token: Token,
    /// Until when it counts.
    pub expires_at: Timestamp,
}

/// Setting one's password.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Enrol {
    /// What adding or resetting answered.
    pub token: Token,
    /// 8 to 256 characters; common ones are refused.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(min = 8, max = 256)))]
    pub password: Password,
}

/// The first step of signing in.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StaffLogin {
    /// E-mail address.
    pub email: String,
    /// Password.
    pub password: Password,
}

/// Asking for a generator's secret, where there is none yet.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EnrolGenerator {
    /// What the first step answered.
    pub challenge: Token,
}

/// The second step of signing in.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StaffFactor {
    /// What the first step answered.
    pub challenge: Token,
    /// The six digits that the generator shows; the first ones of a new generator confirm it.
    pub code: Token,
}

/// Asking for new tokens.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StaffRefresh {
    /// The refresh token.
    pub refresh_token: Token,
}

/// A member of staff, signed in.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct StaffSignedIn {
    /// For `Authorization: Bearer`, at admin alone.
    pub access_token: Token,
    /// `Bearer`.
    pub token_type: String,
    /// Seconds until the access token expires.
    pub expires_in: i64,
    /// For new ones.
    pub refresh_token: Token,
    /// Who signed in.
    pub staff: Staff,
}

/// Beginning to act as a person.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Impersonate {
    /// Why, 10 to 500 characters; stands in the audit log, and the person reads it.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(min = 10, max = 500)))]
    pub reason: String,
    /// For how long at most, 1 to 30; 30 unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 1, max = 30)))]
    pub minutes: Option<i64>,
    /// As what they are in this tenant; at home unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<TenantId>,
}

/// A while in which a member of staff acts, or acted, as a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Impersonation {
    /// Its id.
    pub id: ImpersonationId,
    /// As whom.
    pub person_id: PersonId,
    /// In which tenant.
    pub tenant_id: TenantId,
    /// Who acts.
    pub staff_id: StaffId,
    /// What they are called.
    pub staff_name: String,
    /// Why.
    pub reason: String,
    /// Since when.
    pub started_at: Timestamp,
    /// Until when at most.
    pub expires_at: Timestamp,
    /// When it was ended before that.
    pub ended_at: Option<Timestamp>,
}

/// Acting as a person: the token to do so with. There is no refresh token; until it expires or is ended, a further one is
/// asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Impersonating {
    /// The impersonation.
    #[serde(flatten)]
    pub impersonation: Impersonation,
    /// For `Authorization: Bearer` where the person is served. It reads, and changes nothing.
    pub access_token: Token,
    /// `Bearer`.
    pub token_type: String,
    /// Seconds until the access token expires.
    pub expires_in: i64,
}

/// Oneself, and who acts as one if somebody does: a page that shows this tells so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Me {
    /// The person.
    #[serde(flatten)]
    pub user: super::auth::User,
    /// The impersonation of this token; left out when it is the person themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impersonation: Option<Impersonation>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_survives_its_header() {
        let id = |n| uuid::Uuid::from_u128(n);
        for role in PlatformRole::ALL {
            let subject = StaffSubject { staff: id(1).into(), device: id(2).into(), epoch: 3, role: *role };
            assert_eq!(StaffSubject::read(&subject.to_string()), Some(subject));
            assert_eq!(StaffSubject::read(&format!("{subject}/x")), None);
            assert_eq!(StaffSubject::read(&subject.to_string()[..70]), None);
        }
        for bad in ["", "staff:", "key:ops", "staff:a/b/0/support", "staff:////"] {
            assert_eq!(StaffSubject::read(bad), None, "{bad}");
        }
    }
}
