//! The SQL of rotation, and of ending a device whose token was copied.

use super::rules::{ABSOLUTE_MS, GRACE_MS, IDLE_MS, Standing};
use crate::audit::{Entry, record};
use crate::grant::UserRow;
use crate::notices;
use serde::Deserialize;
use sesh_edge::http::Failure;
use sesh_edge::io::{Batch, Statement};
use sesh_edge::sql;
use sesh_types::access::{Apps, TenantRole};
use sesh_types::contract::notice::Notice;
use sesh_types::ids::{DeviceId, PersonId, TenantId};
use sesh_types::time::{Timestamp, sql_ms};

/// Whose a device is, and the nonce that its tokens are made with.
#[derive(Clone, Debug, Deserialize)]
pub struct DeviceRow {
    /// The tenant.
    pub tenant_id: TenantId,
    /// The person.
    pub person_id: PersonId,
    /// The nonce.
    pub nonce: String,
}

/// Finds a device by its id, which a token claims.
pub fn device(id: DeviceId) -> Statement {
    sql!("SELECT tenant_id, person_id, nonce FROM devices WHERE id = ?1", id)
}

/// A device after an attempt to rotate it, with its person.
#[derive(Debug, Deserialize)]
pub struct StandingRow {
    generation: i64,
    #[serde(deserialize_with = "sql_ms::deserialize")]
    rotated_at: Timestamp,
    is_live: i64,
    tenant_is_open: i64,
    /// The tenant that the device is signed in to.
    pub tenant_id: TenantId,
    role: Option<TenantRole>,
    apps: Option<String>,
    /// The person's epoch.
    pub epoch: i64,
    /// The person.
    #[serde(flatten)]
    pub user: UserRow,
}

impl StandingRow {
    /// What is decided on.
    pub fn standing(&self) -> Standing {
        Standing { generation: self.generation, rotated_at: self.rotated_at, is_live: self.is_live != 0 }
    }

    /// Whether nothing but its tenant's end keeps the device from going on.
    pub fn is_shut_out(&self) -> bool {
        self.is_live != 0 && self.tenant_is_open == 0
    }

    /// What the person is in the tenant, and which apps they may use there.
    ///
    /// # Errors
    /// A defect, when the database's apps cannot be read.
    pub fn entitlements(&self) -> Result<(TenantRole, Apps), Failure> {
        match (self.role, &self.apps) {
            (Some(role), Some(apps)) => Ok((role, serde_json::from_str(apps).map_err(Failure::internal)?)),
            _ => Ok((TenantRole::Member, Apps::consumer())),
        }
    }

    /// The generation that the device stands at.
    pub fn generation(&self) -> i64 {
        self.generation
    }
}

/// Rotates a device from `generation`, if that is where it stands and it is live: of many at once, one does it.
/// Rows: the rotated device or nothing; the device as it stands then.
pub fn rotate(id: DeviceId, generation: i64, now: Timestamp) -> Batch {
    Batch::from(sql!(
        "UPDATE devices SET generation = generation + 1, rotated_at = ?3, last_seen_at = ?3,
           expires_at = min(?3 + ?4, created_at + ?5)
         WHERE id = ?1 AND generation = ?2 AND revoked_at IS NULL AND expires_at > ?3
           AND EXISTS (SELECT 1 FROM people WHERE id = devices.person_id AND status = 'active')
           AND EXISTS (SELECT 1 FROM tenants WHERE id = devices.tenant_id AND status = 'active')
         RETURNING generation",
        id,
        generation,
        now,
        IDLE_MS,
        ABSOLUTE_MS,
    ))
    .and(standing(id, now))
}

/// A device with its person, and what they are in the tenant that it is signed in to.
pub fn standing(id: DeviceId, now: Timestamp) -> Statement {
    sql!(
        "SELECT generation, rotated_at, epoch, email, email_verified_at, display_name, time_zone, people.version AS version,
           people.id AS id, people.created_at AS created_at, devices.tenant_id AS tenant_id, role, apps,
           (SELECT wrapped FROM person_keys WHERE person_id = people.id) AS wrapped,
           revoked_at IS NULL AND expires_at > ?2 AND status = 'active' AS is_live,
           EXISTS (SELECT 1 FROM tenants WHERE id = devices.tenant_id AND status = 'active') AS tenant_is_open
         FROM devices JOIN people ON people.id = devices.person_id
         LEFT JOIN memberships AS held ON held.tenant_id = devices.tenant_id AND held.person_id = devices.person_id
         WHERE devices.id = ?1",
        id,
        now,
    )
}

/// Ends a live device that stands beyond the successor of `presented`, or at it for longer than two tabs explain.
/// What is decided on is looked at again here: only an attempt that still finds it so has an effect.
///
/// # Errors
/// A defect, when the notice cannot be written as JSON.
pub fn end_family(id: DeviceId, presented: i64, entry: &Entry) -> Result<Batch, Failure> {
    let notice = Notice::device_revoked(id, notices::tokens_expired_by(entry.at));
    let notice = serde_json::to_string(&notice).map_err(Failure::internal)?;
    let latest = entry.at.plus_ms(-GRACE_MS);
    let audit = record!(
        entry,
        "EXISTS (SELECT 1 FROM devices WHERE id = ?8 AND revoked_at IS NULL
           AND (generation > ?9 + 1 OR (generation = ?9 + 1 AND rotated_at < ?10)))",
        id,
        presented,
        latest,
    );
    let tell = sql!(
        "INSERT INTO notices (body) SELECT json_set(?1, '$.person_id', person_id) FROM devices WHERE id = ?2 AND revoked_at IS NULL
           AND (generation > ?3 + 1 OR (generation = ?3 + 1 AND rotated_at < ?4))",
        notice,
        id,
        presented,
        latest,
    );
    let end = sql!(
        "UPDATE devices SET revoked_at = ?4 WHERE id = ?1 AND revoked_at IS NULL
           AND (generation > ?2 + 1 OR (generation = ?2 + 1 AND rotated_at < ?3))",
        id,
        presented,
        latest,
        entry.at,
    );
    Ok(Batch::from(audit).and(tell).and(end))
}
