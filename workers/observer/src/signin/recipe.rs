//! What an idempotency record keeps of a sign-in: not the tokens, only what the identical answer can be made of again.

use super::store::AgainRow;
use crate::grant::Grant;
use crate::keys::Keyring;
use crate::personal::{Field, PersonKey, Sealed};
use serde::{Deserialize, Serialize};
use sesh_edge::http::Failure;
use sesh_types::access::{Apps, TenantRole};
use sesh_types::contract::auth::User;
use sesh_types::ids::{DeviceId, PersonId, TenantId};
use sesh_types::time::Timestamp;

/// A sign-in without its secrets: the e-mail address is that of the repeated request, the nonce is the device's. The name
/// is encrypted under the person's key, which is not here.
#[derive(Debug, Serialize, Deserialize)]
pub struct Recipe {
    tenant: TenantId,
    #[serde(default = "member")]
    role: TenantRole,
    #[serde(default = "Apps::consumer")]
    apps: Apps,
    /// The person.
    pub person: PersonId,
    /// The device.
    pub device: DeviceId,
    epoch: i64,
    generation: i64,
    issued_at_ms: i64,
    display_name: Sealed,
    time_zone: String,
    created_at_ms: i64,
    #[serde(default)]
    email_verified_at_ms: Option<i64>,
    version: i64,
}

/// What records say that were kept before they named a role.
const fn member() -> TenantRole {
    TenantRole::Member
}

impl Recipe {
    /// What the grant was made of, with the name as the database has it.
    pub fn of(grant: &Grant, display_name: Sealed) -> Self {
        let Grant { tenant, role, apps, user, epoch, device, generation, issued_at, .. } = grant;
        Self {
            tenant: *tenant,
            role: *role,
            apps: apps.clone(),
            person: user.id,
            device: *device,
            epoch: *epoch,
            generation: *generation,
            issued_at_ms: issued_at.0,
            display_name,
            time_zone: user.time_zone.clone(),
            created_at_ms: user.created_at.0,
            email_verified_at_ms: user.email_verified_at.map(|at| at.0),
            version: user.version,
        }
    }

    /// As the record keeps it.
    ///
    /// # Errors
    /// A defect, when it cannot be written as JSON.
    pub fn text(&self) -> Result<String, Failure> {
        serde_json::to_string(self).map_err(Failure::internal)
    }

    /// Reads a record.
    ///
    /// # Errors
    /// A defect, when it is none of ours.
    pub fn read(text: &str) -> Result<Self, Failure> {
        serde_json::from_str(text).map_err(Failure::internal)
    }

    /// The same grant again.
    ///
    /// # Errors
    /// A defect, when the name cannot be read.
    pub fn grant(self, keys: &Keyring, email: String, found: &AgainRow) -> Result<Grant, Failure> {
        let key = PersonKey::unwrap(keys, self.person, found.wrapped.as_deref())?;
        let name = if self.display_name.0.is_empty() { &found.display_name } else { &self.display_name };
        let user = User {
            id: self.person,
            email,
            email_verified_at: self.email_verified_at_ms.map(Timestamp),
            display_name: key.open(Field::DisplayName, name)?,
            time_zone: self.time_zone,
            created_at: Timestamp(self.created_at_ms),
            version: self.version,
        };
        Ok(Grant {
            tenant: self.tenant,
            role: self.role,
            apps: self.apps,
            user,
            epoch: self.epoch,
            device: self.device,
            nonce: found.nonce.clone(),
            generation: self.generation,
            issued_at: Timestamp(self.issued_at_ms),
        })
    }
}
