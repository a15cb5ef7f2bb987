//! Tenants, their members and invitations.

use crate::access::{Apps, TenantRole};
use crate::contract::Token;
use crate::ids::{InvitationId, PersonId, StaffId, TenantId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// `GET` with [`TenantsQuery`] → a list of [`Tenant`]; `POST` [`NewTenant`] → 201 [`Tenant`]; `GET`, `PATCH …/{id}`
/// [`EditTenant`]; `POST …/{id}/deactivate` [`Deactivate`]; `POST …/{id}/activate`; `POST …/{id}/invitations`
/// [`Invite`] → 201 [`Invited`]; `GET …/{id}/usage` → [`Usage`].
pub const TENANTS: &str = "/internal/v1/tenants";
/// On behalf of a person. `GET` → a list of [`OwnTenant`]; `DELETE …/{id}` → 204: they leave.
pub const OWN_TENANTS: &str = "/internal/v1/me/tenants";
/// `POST` [`Accept`] → 200 [`OwnTenant`], on behalf of a person.
pub const ACCEPT: &str = "/internal/v1/invitations/accept";
/// `POST` [`Switch`] → [`crate::contract::auth::SignedIn`], on behalf of a person.
pub const SWITCH: &str = "/internal/v1/auth/tenant";

/// Where tracker tells how much a tenant's people keep there: `GET` → [`Storage`].
pub fn storage_of(tenant: TenantId) -> String {
    format!("{TENANTS}/{tenant}/storage")
}

/// Which tenants.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TenantsQuery {
    /// Part of the name or of the slug.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// Only those of this standing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<TenantStatus>,
    /// The page, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// Rows a page, 1 to 100; 20 unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// Whether a tenant is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TenantStatus {
    /// It is.
    Active,
    /// Everything of it is 403, until it is activated again.
    Inactive,
}

impl TenantStatus {
    /// As the database and the query string spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
        }
    }
}

/// How much a tenant may use; what is left out has no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Quotas {
    /// Members at most.
    #[serde(default)]
    pub people: Option<i64>,
    /// Calls by API key a UTC day at most.
    #[serde(default)]
    pub calls_a_day: Option<i64>,
    /// Megabytes stored at most, of a million bytes each.
    #[serde(default)]
    pub storage_mb: Option<i64>,
}

/// How much of one quota is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Used {
    /// How much; `null` when it is not counted, as storage without a limit.
    pub used: Option<i64>,
    /// How much may be; `null` is no limit.
    pub limit: Option<i64>,
}

/// How much of its quotas a tenant uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Usage {
    /// Members.
    pub people: Used,
    /// Calls by API key on this UTC day.
    pub calls_a_day: Used,
    /// When the calls of a day start anew.
    pub calls_reset_at: Timestamp,
    /// Bytes that its people keep.
    pub storage_bytes: Used,
}

/// How much a tenant's people keep, as tracker counts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Storage {
    /// Bytes; `null` when there is no limit, as nothing is counted then.
    pub bytes: Option<i64>,
}

/// A new tenant.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewTenant {
    /// As it stands in addresses: 2 to 40 lower case letters, digits and hyphens. It never changes.
    pub slug: String,
    /// What it is called, 1 to 120 characters.
    pub name: String,
    /// Its host names, at most 20.
    #[serde(default)]
    pub domains: Vec<String>,
    /// Its quotas.
    #[serde(default)]
    pub quotas: Quotas,
    /// Which reseller manages it; a reseller who makes one manages it themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reseller_id: Option<StaffId>,
}

/// Editing a tenant; what is left out stays.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EditTenant {
    /// What it is called, 1 to 120 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// All of its host names, at most 20.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domains: Option<Vec<String>>,
    /// All of its quotas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quotas: Option<Quotas>,
    /// Which reseller manages it; a superadmin's or a key's to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reseller_id: Option<StaffId>,
    /// Whether whoever signs up at its host names proves the e-mail address first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirm_sign_up: Option<bool>,
}

/// Deactivating a tenant.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Deactivate {
    /// Why, 1 to 500 characters; stands in the audit log.
    pub reason: String,
}

/// A tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// As it stands in addresses.
    pub slug: String,
    /// What it is called.
    pub name: String,
    /// Its host names.
    pub domains: Vec<String>,
    /// Whether it is open.
    pub status: TenantStatus,
    /// Why it is not.
    pub deactivated_reason: Option<String>,
    /// Its members.
    pub people: i64,
    /// Its quotas.
    pub quotas: Quotas,
    /// Which reseller manages it; `null` when the platform itself does.
    #[serde(default)]
    pub reseller_id: Option<StaffId>,
    /// Whether whoever signs up at its host names proves the e-mail address first; of the consumers' tenant, everywhere.
    #[serde(default)]
    pub confirm_sign_up: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// Counts the edits; the `ETag`.
    pub version: i64,
}

/// A tenant that the caller may work in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct OwnTenant {
    /// Its id.
    pub id: TenantId,
    /// As it stands in addresses.
    pub slug: String,
    /// What it is called.
    pub name: String,
    /// Whether it is open.
    pub status: TenantStatus,
    /// The caller's role.
    pub role: TenantRole,
    /// The caller's apps.
    pub apps: Apps,
    /// Whether the caller's tokens are for it now.
    pub current: bool,
}

/// Going over to another tenant.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Switch {
    /// To which.
    pub tenant_id: TenantId,
    /// How tokens are delivered; cookies unless told.
    #[serde(default)]
    pub delivery: super::auth::Delivery,
}

/// A member of a tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Member {
    /// The person.
    pub id: PersonId,
    /// E-mail address.
    pub email: String,
    /// What they are called.
    pub display_name: String,
    /// Their role.
    pub role: TenantRole,
    /// Their apps.
    pub apps: Apps,
    /// Since when.
    pub joined_at: Timestamp,
    /// Counts the edits; the `ETag`.
    pub version: i64,
}

/// Editing a membership; what is left out stays.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EditMember {
    /// The role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<TenantRole>,
    /// All of the apps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub apps: Option<Apps>,
}

/// Inviting somebody.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Invite {
    /// E-mail address; only who signs in with it may accept.
    pub email: String,
    /// As what.
    pub role: TenantRole,
    /// With which apps.
    #[serde(default)]
    pub apps: Apps,
}

/// An invitation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// Of which tenant.
    pub tenant_id: TenantId,
    /// To whom.
    pub email: String,
    /// As what.
    pub role: TenantRole,
    /// With which apps.
    pub apps: Apps,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it can be accepted.
    pub expires_at: Timestamp,
}

/// An invitation with the token that accepts it: told once, to whom it concerns.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Invited {
    /// The invitation.
    #[serde(flatten)]
    pub invitation: Invitation,
    /// What the invited person accepts with.
    pub token: Token,
}

/// Accepting an invitation.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Accept {
    /// The invitation's token.
    pub token: Token,
}
