//! Administration: admin's public routes ask observer's internal ones.

use crate::ids::{PersonId, TenantId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// `GET` with [`PeopleQuery`] → a list of [`Account`]; `GET …/{id}` → one.
pub const PEOPLE: &str = "/internal/v1/people";
/// `GET` with [`AuditQuery`] → a list of [`AuditEntry`].
pub const AUDIT: &str = "/internal/v1/audit";
/// `GET` with `after` → [`Verification`].
pub const AUDIT_VERIFY: &str = "/internal/v1/audit/verify";
/// `GET` with [`PacketQuery`] → a packet of the log.
pub const AUDIT_PACKET: &str = "/internal/v1/audit/packet";
/// Who acts, for the audit log: `key:<name>`, or a [`super::staff::StaffSubject`].
pub const ACTOR: &str = "x-sesh-actor";

/// Which people.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PeopleQuery {
    /// The e-mail address or the id, or for each word of the name how it begins: three letters or more, or all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// Only those of this standing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Standing>,
    /// The page, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 1, max = 100_000)))]
    pub page: Option<u32>,
    /// Rows a page, 1 to 100; 20 unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 1, max = 100)))]
    pub limit: Option<u32>,
}

/// Whether a person may use the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// They may.
    Active,
    /// They may not, until reinstated.
    Suspended,
}

impl Standing {
    /// As the database and the query string spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
        }
    }
}

/// A person, as an administrator sees them: no secret, nothing of what they use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Account {
    /// Their id.
    pub id: PersonId,
    /// Their tenant.
    pub tenant_id: TenantId,
    /// E-mail address.
    pub email: String,
    /// What they are called.
    pub display_name: String,
    /// Whether they may use the platform.
    pub status: Standing,
    /// Why they were suspended.
    pub suspended_reason: Option<String>,
    /// When they were suspended.
    pub suspended_at: Option<Timestamp>,
    /// When they signed up.
    pub created_at: Timestamp,
    /// Devices signed in now.
    pub devices: i64,
}

/// Suspending somebody.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Suspend {
    /// Why, 1 to 500 characters; stands in the audit log.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(min = 1, max = 500)))]
    pub reason: String,
}

/// Taking all second factors of somebody away who has lost them.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ResetFactors {
    /// Why, 1 to 500 characters; stands in the audit log.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(min = 1, max = 500)))]
    pub reason: String,
    /// Whether the administrator has seen for themselves who asks, by another way than mail. Then it happens at once; else
    /// in 24 hours, and the owner can end it until then.
    #[serde(default)]
    pub identity_confirmed: bool,
}

/// When somebody's second factors are taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct FactorReset {
    /// The moment.
    pub due_at: Timestamp,
    /// Whether it has happened.
    pub done: bool,
}

/// Which entries of the audit log.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AuditQuery {
    /// Who acted, such as `person:<id>` or `key:<name>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// What was done, such as `person.suspended`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// To what, such as `person:<id>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity: Option<String>,
    /// Recorded at or after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// Recorded before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Timestamp>,
    /// The page, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 1, max = 100_000)))]
    pub page: Option<u32>,
    /// Rows a page, 1 to 100; 20 unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 1, max = 100)))]
    pub limit: Option<u32>,
}

/// Which stretch of the audit log.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PacketQuery {
    /// From the first entry recorded at or after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// To the last entry recorded before, and on to the next checkpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Timestamp>,
    /// The rows of this tenant alone; of other tenants' entries, hashes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<TenantId>,
    /// Only entries behind this one; the `next` of the packet before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<i64>,
    /// Entries a packet, 1 to 5,000; 5,000 unless told. A packet ends earlier, too, behind four million bytes of rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entries: Option<u32>,
}

/// One entry of the audit log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct AuditEntry {
    /// Its place in the log, without gaps, from 1.
    pub seq: i64,
    /// When.
    pub recorded_at: Timestamp,
    /// Whose tenant.
    pub tenant_id: TenantId,
    /// Who acted.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// To what.
    pub entity: String,
    /// The request that did it.
    pub request_id: String,
    /// More about it, as a JSON object in a text; what the hash covers.
    pub detail: String,
    /// SHA-256 over this entry and its predecessor's hash; unknown until it is sealed, seconds later.
    pub hash: Option<String>,
}

/// What verifying the chain found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Verification {
    /// Whether everything looked at holds.
    pub valid: bool,
    /// Entries looked at.
    pub entries: i64,
    /// Of them, sealed.
    pub sealed: i64,
    /// Signed checkpoints looked at.
    pub checkpoints: i64,
    /// The last entry looked at; ask again with `after` this number while `more` is true.
    pub through: i64,
    /// Whether the log goes on.
    pub more: bool,
    /// The hash of the last sealed entry looked at.
    pub head: Option<String>,
    /// What is broken, the first place first.
    pub problems: Vec<String>,
}
