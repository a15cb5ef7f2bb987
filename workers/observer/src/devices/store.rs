//! The SQL of devices. Signing out writes change, audit entry and notice together, and writes nothing where there is
//! nothing to sign out.

use crate::audit::{Entry, record};
use crate::notices;
use crate::personal::{Field, PersonKey, Sealed};
use serde::Deserialize;
use sesh_edge::http::Failure;
use sesh_edge::io::{Batch, Statement};
use sesh_edge::sql;
use sesh_types::access::Scopes;
use sesh_types::contract::auth::{Device, GrantedTo};
use sesh_types::contract::notice::{ALL_EPOCHS, Notice};
use sesh_types::ids::{ClientId, DeviceId, PersonId};
use sesh_types::time::{DAY_MS, Timestamp, sql_ms};

/// A device as the database has it.
#[derive(Debug, Deserialize)]
pub struct DeviceRow {
    id: DeviceId,
    user_agent: Sealed,
    #[serde(deserialize_with = "sql_ms::deserialize")]
    created_at: Timestamp,
    #[serde(deserialize_with = "sql_ms::deserialize")]
    last_seen_at: Timestamp,
    client_id: Option<ClientId>,
    scopes: Option<Scopes>,
}

impl DeviceRow {
    /// As its owner sees it from the device `current`.
    ///
    /// # Errors
    /// A defect, when it cannot be read.
    pub fn seen_from(self, current: DeviceId, key: &PersonKey) -> Result<Device, Failure> {
        let Self { id, user_agent, created_at, last_seen_at, client_id, scopes } = self;
        let user_agent = key.open(Field::UserAgent, &user_agent)?;
        // A grant's device is called as its program.
        let client = client_id.zip(scopes).map(|(id, scopes)| GrantedTo {
            id,
            name: user_agent.clone(),
            scopes: scopes.iter().collect(),
        });
        Ok(Device { id, user_agent, created_at, last_seen_at, current: id == current, client })
    }
}

/// An id that a statement returned.
#[derive(Debug, Deserialize)]
pub struct Id {
    /// The device.
    pub id: DeviceId,
}

/// One page of somebody's live devices, last seen first, and how many there are.
pub fn list(person: PersonId, now: Timestamp, limit: u32, offset: u32) -> Batch {
    Batch::from(sql!(
        "SELECT COUNT(*) AS total FROM devices
         WHERE person_id = ?1 AND revoked_at IS NULL AND expires_at > ?2",
        person,
        now,
    ))
    .and(sql!(
        "SELECT id, user_agent, created_at, last_seen_at, client_id, scopes
         FROM devices LEFT JOIN oauth_grants ON device_id = devices.id
         WHERE devices.person_id = ?1 AND revoked_at IS NULL AND expires_at > ?2
         ORDER BY last_seen_at DESC, id DESC LIMIT ?3 OFFSET ?4",
        person,
        now,
        limit,
        offset,
    ))
}

/// Refuses unless this is a device of the person's, signed out or not.
pub fn must_be_theirs(person: PersonId, id: DeviceId) -> Statement {
    sql!(
        "INSERT INTO guard (failure, holds) SELECT 'not_found',
           EXISTS (SELECT 1 FROM devices WHERE id = ?1 AND person_id = ?2)",
        id,
        person,
    )
}

/// Signs out one device of a person's, if it is signed in.
///
/// # Errors
/// A defect, when the notice cannot be written as JSON.
pub fn sign_out(person: PersonId, id: DeviceId, entry: &Entry) -> Result<Batch, Failure> {
    let notice = Notice::device_of_revoked(person, id, notices::tokens_expired_by(entry.at));
    let notice = serde_json::to_string(&notice).map_err(Failure::internal)?;
    let audit = record!(
        entry,
        "EXISTS (SELECT 1 FROM devices WHERE id = ?8 AND person_id = ?9 AND revoked_at IS NULL)",
        id,
        person,
    );
    let tell = sql!(
        "INSERT INTO notices (body) SELECT ?1 WHERE EXISTS (
           SELECT 1 FROM devices WHERE id = ?2 AND person_id = ?3 AND revoked_at IS NULL)",
        notice,
        id,
        person,
    );
    let end = sql!(
        "UPDATE devices SET revoked_at = ?3 WHERE id = ?1 AND person_id = ?2 AND revoked_at IS NULL",
        id,
        person,
        entry.at,
    );
    Ok(Batch::from(audit).and(tell).and(end))
}

/// Signs out every device of a person's but one. Rows of the last statement: the devices signed out.
pub fn sign_out_others(person: PersonId, kept: DeviceId, entry: &Entry) -> Batch {
    let audit = record!(
        entry,
        "EXISTS (SELECT 1 FROM devices WHERE id <> ?8 AND person_id = ?9 AND revoked_at IS NULL)",
        kept,
        person,
    );
    let tell = sql!(
        "INSERT INTO notices (body)
         SELECT json_object('kind', 'revoked', 'subject', 'device:' || id, 'min_epoch', CAST(?3 AS INTEGER), 'expires_at', ?4,
           'person_id', person_id)
         FROM devices WHERE id <> ?1 AND person_id = ?2 AND revoked_at IS NULL ORDER BY id",
        kept,
        person,
        ALL_EPOCHS,
        notices::tokens_expired_by(entry.at).to_string(),
    );
    let end = sql!(
        "UPDATE devices SET revoked_at = ?3
         WHERE id <> ?1 AND person_id = ?2 AND revoked_at IS NULL RETURNING id",
        kept,
        person,
        entry.at,
    );
    Batch::from(audit).and(tell).and(end)
}

/// Forgets devices that ended or expired long ago; the audit log remembers that there were some.
pub fn forget_ended(now: Timestamp) -> Statement {
    const KEPT_MS: i64 = 30 * DAY_MS;
    sql!("DELETE FROM devices WHERE expires_at <= ?1 OR revoked_at <= ?1", now.plus_ms(-KEPT_MS))
}
