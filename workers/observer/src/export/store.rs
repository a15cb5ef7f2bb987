//! The SQL of exports.

use crate::audit::store::EntryRow;
use crate::personal::{Field, PersonKey, Sealed};
use serde::Deserialize;
use sesh_edge::http::Failure;
use sesh_edge::io::Statement;
use sesh_edge::sql;
use sesh_types::contract::admin::AuditEntry;
use sesh_types::contract::privacy::ExportedDevice;
use sesh_types::ids::{DeviceId, PersonId, TenantId};
use sesh_types::time::{Timestamp, sql_ms, sql_ms_option};

/// The most devices of an export.
const MOST_DEVICES: u32 = 1_000;

/// What `people` has besides the profile.
#[derive(Debug, Deserialize)]
pub struct AdultRow {
    /// When they were found to be of age.
    #[serde(deserialize_with = "sql_ms::deserialize")]
    pub adult_confirmed_at: Timestamp,
    /// When they signed up.
    #[serde(deserialize_with = "sql_ms::deserialize")]
    pub created_at: Timestamp,
}

/// What `people` has besides the profile.
pub fn adult(person: PersonId) -> Statement {
    sql!("SELECT adult_confirmed_at, created_at FROM people WHERE id = ?1", person)
}

/// A device as the database has it.
#[derive(Debug, Deserialize)]
pub struct DeviceRow {
    id: DeviceId,
    tenant_id: TenantId,
    user_agent: Sealed,
    #[serde(deserialize_with = "sql_ms::deserialize")]
    created_at: Timestamp,
    #[serde(deserialize_with = "sql_ms::deserialize")]
    last_seen_at: Timestamp,
    #[serde(deserialize_with = "sql_ms_option::deserialize")]
    revoked_at: Option<Timestamp>,
}

impl DeviceRow {
    /// As its owner gets it.
    ///
    /// # Errors
    /// A defect, when it cannot be read.
    pub fn opened(self, key: &PersonKey) -> Result<ExportedDevice, Failure> {
        let Self { id, tenant_id, user_agent, created_at, last_seen_at, revoked_at } = self;
        let user_agent = key.open(Field::UserAgent, &user_agent)?;
        Ok(ExportedDevice { id, tenant_id, user_agent, created_at, last_seen_at, revoked_at })
    }
}

/// Somebody's devices, those that ended included, the latest first.
pub fn devices(person: PersonId) -> Statement {
    sql!(
        "SELECT id, tenant_id, user_agent, created_at, last_seen_at, revoked_at FROM devices
         WHERE person_id = ?1 ORDER BY created_at DESC, id DESC LIMIT ?2",
        person,
        MOST_DEVICES,
    )
}

/// The entries between two numbers (the first excluded) of what somebody did, and of what was done to them or their
/// devices. There is no index: a stretch of the log is read.
pub fn audit(person: PersonId, after: i64, through: i64) -> Statement {
    sql!(
        "SELECT audit.seq, recorded_at, tenant_id, actor, action, entity, request_id, detail, hash
         FROM audit LEFT JOIN audit_links ON audit_links.seq = audit.seq
         WHERE audit.seq > ?2 AND audit.seq <= ?3
           AND (actor = 'person:' || ?1 OR entity = 'person:' || ?1
             OR entity IN (SELECT 'device:' || id FROM devices WHERE person_id = ?1))
         ORDER BY audit.seq",
        person,
        after,
        through,
    )
}

/// Rows of [`audit`].
pub fn entries(rows: &sesh_edge::io::Rows) -> Result<Vec<AuditEntry>, Failure> {
    Ok(rows.all::<EntryRow>(0)?.into_iter().map(AuditEntry::from).collect())
}
