//! API keys: making, turning over and ending them, and using one.

use super::{Password, Token};
use crate::access::{Apps, KeyScope, TenantRole};
use crate::ids::{KeyId, PersonId, TenantId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// On behalf of a person. `GET` → a list of [`ApiKey`]; `POST`: [`MakeKey`] → 201 [`MadeKey`]; `POST …/{id}/rotate`:
/// [`RotateKey`] → 201 [`MadeKey`]; `DELETE …/{id}` → 204.
pub const KEYS: &str = "/internal/v1/me/keys";
/// `POST`: [`UseKey`] → 200 [`KeyUse`]. Counts one call.
pub const USE: &str = "/internal/v1/keys/use";

/// Days that a key lives unless told.
pub const LIFE_DAYS: i64 = 90;
/// Calls a minute that a key may make unless told.
pub const CALLS_A_MINUTE: i64 = 600;

/// Making a key. Whoever makes one shows once more who they are.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MakeKey {
    /// What its owner calls it, 1 to 80 characters.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(min = 1, max = 80)))]
    pub name: String,
    /// What it may do, at least one thing.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(min = 1, max = 8)))]
    pub scopes: Vec<KeyScope>,
    /// Days until it expires, 1 to 1826; 90 unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 1, max = 1826)))]
    pub expires_in_days: Option<i64>,
    /// Addresses and ranges (CIDR) from which it counts, at most 20; from everywhere when none is listed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(max = 20)))]
    pub addresses: Vec<String>,
    /// Calls a minute, 1 to 6000; 600 unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 1, max = 6000)))]
    pub calls_a_minute: Option<i64>,
    /// The password of whoever makes it.
    pub password: Password,
    /// The six digits that the generator shows, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Token>,
    /// A recovery code, instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery_code: Option<Token>,
}

/// Turning a key over: a new one with the same rights, and the old one counts for a while beside it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RotateKey {
    /// Minutes for which the old key counts on, 0 to 43200 (30 days); 0 unless told.
    #[serde(default)]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 0, max = 43_200)))]
    pub overlap_minutes: i64,
    /// The password of whoever turns it over.
    pub password: Password,
    /// The six digits that the generator shows, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Token>,
    /// A recovery code, instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery_code: Option<Token>,
}

/// A key, without what makes it one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct ApiKey {
    /// Its id.
    pub id: KeyId,
    /// How it begins, to recognise it by.
    pub begins_with: String,
    /// What its owner calls it.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<KeyScope>,
    /// Addresses and ranges from which it counts; from everywhere when none is listed.
    pub addresses: Vec<String>,
    /// Calls a minute.
    pub calls_a_minute: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it counts.
    pub expires_at: Timestamp,
    /// When it was used last.
    pub last_used_at: Option<Timestamp>,
    /// When it was ended, if it was.
    pub revoked_at: Option<Timestamp>,
    /// The key that takes its place, if there is one.
    pub replaced_by: Option<KeyId>,
}

/// A new key, with its text: shown here and never again.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct MadeKey {
    /// About it.
    #[serde(flatten)]
    pub about: ApiKey,
    /// The key: what to send as `Authorization: Bearer`.
    pub key: Token,
}

/// A key that somebody shows, and what they want to do with it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct UseKey {
    /// The key.
    pub key: Token,
    /// What the route needs.
    pub needs: Vec<KeyScope>,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct KeyUse {
    /// How the key stands with its calls.
    pub limit: CallLimit,
    /// Whose it is; nothing when it has made its calls for now.
    pub holder: Option<KeyHolder>,
}

/// The person whose key it is, as they stand now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct KeyHolder {
    /// The key.
    pub key: KeyId,
    /// The tenant that it is for.
    pub tenant: TenantId,
    /// The person.
    pub person: PersonId,
    /// Their epoch.
    pub epoch: i64,
    /// Their role in the tenant.
    pub role: TenantRole,
    /// Their apps in the tenant.
    pub apps: Apps,
}

/// How somebody stands with the calls that they may make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct CallLimit {
    /// Calls a window.
    pub most: i64,
    /// Calls that are left in this one.
    pub left: i64,
    /// Seconds that a window takes.
    pub window_seconds: i64,
    /// Seconds until the next window.
    pub next_in_seconds: i64,
}
