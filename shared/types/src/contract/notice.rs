//! What observer tells the Workers that trust its tokens, before it acknowledges a change.

use crate::contract::brands::Brand;
use crate::ids::{DeviceId, KeyId, PersonId, TenantId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// `POST` [`Notices`] → 204.
pub const NOTICES: &str = "/internal/v1/notices";

/// An epoch above every token's: whatever was issued for the subject is dead.
pub const ALL_EPOCHS: i64 = 1 << 52;

/// Notices, oldest first; applying one twice changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Notices {
    /// The notices.
    pub notices: Vec<Notice>,
}

/// One thing to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Notice {
    /// Tokens of this subject with an epoch below `min_epoch` are dead from now on.
    Revoked {
        /// `device:<id>`, `person:<id>` or `tenant:<id>`.
        subject: String,
        /// The least epoch that is alive.
        min_epoch: i64,
        /// When the last such token has expired anyway.
        expires_at: Timestamp,
        /// Whose the subject is, when it is a device: where their open sockets are found.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        person_id: Option<PersonId>,
    },
    /// A person's profile changed.
    Profile {
        /// Their tenant.
        tenant_id: TenantId,
        /// The person.
        person_id: PersonId,
        /// Their time zone.
        time_zone: String,
        /// Counts the edits: an older one never overwrites a newer one.
        version: i64,
    },
    /// A person is erased: nothing of theirs is kept. Their tokens are dead by a notice of its own.
    Erased {
        /// The person.
        person_id: PersonId,
        /// Their tenants, when they were erased.
        tenant_ids: Vec<TenantId>,
        /// When.
        erased_at: Timestamp,
    },
    /// How a tenant's domains look changed.
    Brand {
        /// How they look now.
        brand: Brand,
    },
    /// A tenant changed.
    Tenant {
        /// The tenant.
        tenant_id: TenantId,
        /// As it stands in addresses.
        slug: String,
        /// What it is called.
        name: String,
        /// Whether it is open.
        is_active: bool,
        /// Its host names.
        domains: Vec<String>,
        /// Megabytes that its people may keep; nothing is no limit.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        storage_mb: Option<i64>,
        /// Counts the edits: an older one never overwrites a newer one.
        version: i64,
    },
}

impl Notice {
    /// A device is signed out for good.
    pub fn device_revoked(device: DeviceId, expires_at: Timestamp) -> Self {
        let subject = format!("device:{device}");
        Self::Revoked { subject, min_epoch: ALL_EPOCHS, expires_at, person_id: None }
    }

    /// The same, when it is known whose device it is.
    pub fn device_of_revoked(person: PersonId, device: DeviceId, expires_at: Timestamp) -> Self {
        let (subject, person_id) = (format!("device:{device}"), Some(person));
        Self::Revoked { subject, min_epoch: ALL_EPOCHS, expires_at, person_id }
    }

    /// An API key is ended for good: to Workers its calls are those of a device.
    pub fn key_revoked(key: KeyId, expires_at: Timestamp) -> Self {
        Self::device_revoked(DeviceId(key.0), expires_at)
    }
}
