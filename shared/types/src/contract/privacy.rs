//! What somebody may ask of their own data: all of it, and its end.

use crate::contract::admin::AuditEntry;
use crate::contract::auth::User;
use crate::contract::factors::Factors;
use crate::contract::keys::ApiKey;
use crate::contract::tenants::OwnTenant;
use crate::ids::{DeviceId, TenantId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// `POST` [`Reauthenticate`](super::factors::Reauthenticate) → 204: the caller is erased.
pub const ERASE: &str = "/internal/v1/me/erase";
/// `POST` [`Reauthenticate`](super::factors::Reauthenticate) → [`IdentityExport`].
pub const EXPORT: &str = "/internal/v1/me/export";

/// Erasing somebody else, as an administrator: `POST …/{id}/erase` below [`PEOPLE`](super::admin::PEOPLE) → 204.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Erase {
    /// Why, 1 to 500 characters; stands in the audit log for good, so it names nobody.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(min = 1, max = 500)))]
    pub reason: String,
}

/// A device, as an export has it: those that ended within the last month, too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct ExportedDevice {
    /// Its id.
    pub id: DeviceId,
    /// The tenant that it is signed in to.
    pub tenant_id: TenantId,
    /// What its program calls itself.
    pub user_agent: String,
    /// When it signed in.
    pub created_at: Timestamp,
    /// When it was last seen.
    pub last_seen_at: Timestamp,
    /// When it was signed out.
    pub revoked_at: Option<Timestamp>,
}

/// Everything that observer has about somebody, but for what would let somebody else in.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct IdentityExport {
    /// Who they are.
    pub profile: User,
    /// When they were found to be of age; a birth date is not kept.
    pub adult_confirmed_at: Timestamp,
    /// Their devices, the latest first, at most 1,000.
    pub devices: Vec<ExportedDevice>,
    /// Their second factors, without secrets.
    pub factors: Factors,
    /// Their API keys, the latest first, without what makes them keys.
    pub api_keys: Vec<ApiKey>,
    /// Where they may work, and as what.
    pub tenants: Vec<OwnTenant>,
    /// Entries of the audit log of what they did and what was done to them, oldest first.
    pub audit: Vec<AuditEntry>,
    /// Whether the log holds more of them than the export takes.
    pub audit_is_cut: bool,
}
