//! The SQL of second factors.

use crate::audit::{Entry, record};
use crate::mail::{self, Kind};
use crate::reauth::Confirmed;
use serde::Deserialize;
use sesh_edge::http::Failure;
use sesh_edge::io::{Batch, Statement};
use sesh_edge::sql;
use sesh_edge::token::Scope;
use sesh_types::ids::{FactorId, MailId, PersonId};
use sesh_types::time::{MINUTE_MS, Timestamp, sql_ms_option};

/// How long a new generator's first code may take.
pub const PENDING_MS: i64 = 15 * MINUTE_MS;

/// What somebody has, as far as it protects: a confirmed generator, and a set of recovery codes.
#[derive(Debug, Deserialize)]
pub struct FactorRow {
    totp_id: Option<FactorId>,
    totp_key: Option<String>,
    last_step: Option<i64>,
    #[serde(deserialize_with = "sql_ms_option::deserialize")]
    confirmed_at: Option<Timestamp>,
    set_id: Option<FactorId>,
    set_key: Option<String>,
    used: i64,
}

impl FactorRow {
    /// The generator: its id, its key's and the step used last.
    pub fn totp(&self) -> Option<(FactorId, &str, i64)> {
        Some((self.totp_id?, self.totp_key.as_deref()?, self.last_step?))
    }

    /// The set of recovery codes: its id and its key's.
    pub fn set(&self) -> Option<(FactorId, &str)> {
        Some((self.set_id?, self.set_key.as_deref()?))
    }

    /// Since when signing in asks for the generator.
    pub fn confirmed_at(&self) -> Option<Timestamp> {
        self.confirmed_at
    }

    /// Recovery codes that were not used yet.
    pub fn codes_left(&self) -> i64 {
        if self.set_id.is_some() { i64::from(super::codes::COUNT) - self.used } else { 0 }
    }
}

/// What somebody has.
pub fn read(person: PersonId) -> Statement {
    sql!(
        "SELECT totp.id AS totp_id, totp.key_id AS totp_key, last_step, confirmed_at,
           recovery_sets.id AS set_id, recovery_sets.key_id AS set_key,
           (SELECT COUNT(*) FROM recovery_uses WHERE set_id = recovery_sets.id) AS used
         FROM people LEFT JOIN totp ON totp.person_id = people.id AND totp.confirmed_at IS NOT NULL
           LEFT JOIN recovery_sets ON recovery_sets.person_id = people.id
         WHERE people.id = ?1",
        person
    )
}

/// A generator that waits for its first code.
#[derive(Debug, Deserialize)]
pub struct PendingRow {
    /// Its id.
    pub id: FactorId,
    /// The key that its secret is derived with.
    pub key_id: String,
}

/// The generator of somebody's that waits for its first code, if one does.
pub fn pending(person: PersonId, now: Timestamp) -> Statement {
    sql!(
        "SELECT id, key_id FROM totp WHERE person_id = ?1 AND confirmed_at IS NULL AND created_at > ?2",
        person,
        now.plus_ms(-PENDING_MS),
    )
}

/// Begins with a generator; one that waited before is forgotten. Refuses with `factor_exists` when there is one that
/// protects.
///
/// # Errors
/// A defect, when a counter cannot be written as JSON.
pub fn enrol(
    scope: Scope,
    confirmed: &Confirmed,
    id: FactorId,
    key_id: &str,
    now: Timestamp,
) -> Result<Batch, Failure> {
    Ok(Batch::from(confirmed.must_hold())
        .and(sql!(
            "INSERT INTO guard (failure, holds) SELECT 'factor_exists',
               NOT EXISTS (SELECT 1 FROM totp WHERE person_id = ?1 AND confirmed_at IS NOT NULL)",
            scope.person,
        ))
        .and(sql!("DELETE FROM totp WHERE person_id = ?1", scope.person))
        .and(sql!(
            "INSERT INTO totp (person_id, tenant_id, id, key_id, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
            scope.person,
            scope.tenant,
            id,
            key_id,
            now,
        ))
        .and(confirmed.release()?))
}

/// A set of recovery codes to be made.
#[derive(Clone, Debug)]
pub struct NewSet {
    /// Its id.
    pub id: FactorId,
    /// The key that its codes are derived with.
    pub key_id: String,
}

/// Has a generator protect, by its first code; makes the first set of recovery codes.
pub fn confirm(scope: Scope, id: FactorId, step: i64, set: &NewSet, mail: MailId, entry: &Entry) -> Batch {
    Batch::from(sql!(
        "INSERT INTO guard (failure, holds) SELECT 'code_used', EXISTS (
           SELECT 1 FROM totp WHERE person_id = ?1 AND id = ?2 AND confirmed_at IS NULL AND last_step < ?3)",
        scope.person,
        id,
        step,
    ))
    .and(record!(entry))
    .and(sql!(
        "UPDATE totp SET confirmed_at = ?3, last_step = ?4 WHERE person_id = ?1 AND id = ?2",
        scope.person,
        id,
        entry.at,
        step,
    ))
    .then(replace_set(scope, set, entry.at))
    .and(mail::store::enqueue_to_owner(mail, scope.person, Kind::FactorAdded, entry.at))
}

/// Takes the generator away, and the recovery codes with it.
///
/// # Errors
/// A defect, when a counter cannot be written as JSON.
pub fn remove(
    scope: Scope,
    confirmed: &Confirmed,
    spent: Batch,
    mail: MailId,
    entry: &Entry,
) -> Result<Batch, Failure> {
    Ok(Batch::from(confirmed.must_hold())
        .then(spent)
        .and(record!(entry))
        .and(sql!("DELETE FROM totp WHERE person_id = ?1", scope.person))
        .then(forget_set(scope))
        .and(mail::store::enqueue_to_owner(mail, scope.person, Kind::FactorRemoved, entry.at))
        .and(confirmed.release()?))
}

/// Makes another set of recovery codes; the one before no longer counts.
///
/// # Errors
/// A defect, when a counter cannot be written as JSON.
pub fn renew(
    scope: Scope,
    confirmed: &Confirmed,
    spent: Batch,
    set: &NewSet,
    mail: MailId,
    entry: &Entry,
) -> Result<Batch, Failure> {
    Ok(Batch::from(confirmed.must_hold())
        .then(spent)
        .and(record!(entry))
        .then(replace_set(scope, set, entry.at))
        .and(mail::store::enqueue_to_owner(mail, scope.person, Kind::RecoveryCodesRenewed, entry.at))
        .and(confirmed.release()?))
}

fn replace_set(scope: Scope, set: &NewSet, now: Timestamp) -> Batch {
    forget_set(scope).and(sql!(
        "INSERT INTO recovery_sets (person_id, tenant_id, id, key_id, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        scope.person,
        scope.tenant,
        set.id,
        &set.key_id,
        now,
    ))
}

fn forget_set(scope: Scope) -> Batch {
    Batch::from(sql!(
        "DELETE FROM recovery_uses WHERE set_id = (SELECT id FROM recovery_sets WHERE person_id = ?1)",
        scope.person,
    ))
    .and(sql!("DELETE FROM recovery_sets WHERE person_id = ?1", scope.person))
}

/// Uses up a step of a generator, unless it or a later one was used.
pub fn spend_step(person: PersonId, id: FactorId, step: i64) -> Batch {
    Batch::from(sql!(
        "INSERT INTO guard (failure, holds) SELECT 'code_used', EXISTS (
           SELECT 1 FROM totp WHERE person_id = ?1 AND id = ?2 AND confirmed_at IS NOT NULL AND last_step < ?3)",
        person,
        id,
        step,
    ))
    .and(sql!("UPDATE totp SET last_step = ?3 WHERE person_id = ?1 AND id = ?2", person, id, step))
}

/// Uses up a recovery code, unless it was used, and tells its owner.
pub fn spend_code(person: PersonId, set: FactorId, number: u8, now: Timestamp) -> Batch {
    Batch::from(sql!(
        "INSERT INTO guard (failure, holds) SELECT 'code_used',
           EXISTS (SELECT 1 FROM recovery_sets WHERE person_id = ?1 AND id = ?2)
           AND NOT EXISTS (SELECT 1 FROM recovery_uses WHERE set_id = ?2 AND number = ?3)",
        person,
        set,
        number,
    ))
    .and(sql!(
        "INSERT INTO recovery_uses (set_id, number, used_at) VALUES (?1, ?2, ?3)",
        set,
        number,
        now
    ))
}
