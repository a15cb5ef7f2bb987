//! The SQL of staff and their administration. Whoever's rights change enters a new epoch in the same batch, and what they
//! do as somebody else ends there, too.

use crate::audit::{Entry, record};
use crate::impersonation;
use serde::Deserialize;
use sesh_edge::http::Failure;
use sesh_edge::io::{Batch, Statement};
use sesh_edge::sql;
use sesh_types::access::PlatformRole;
use sesh_types::contract::staff::{EditStaff, NewStaff, Staff, StaffStatus, StaffSubject};
use sesh_types::ids::{EnrolmentId, StaffId};
use sesh_types::time::{Timestamp, sql_ms, sql_ms_option};

/// A row whose `body` is a member of staff, as JSON.
#[derive(Debug, Deserialize)]
pub struct Body {
    /// [`StaffRow`] as JSON.
    pub body: String,
}

/// A member of staff as the database has them.
#[derive(Clone, Debug, Deserialize)]
pub struct StaffRow {
    /// Their id.
    pub id: StaffId,
    /// Their address; empty as an idempotency record keeps it.
    pub email: String,
    name: String,
    role: PlatformRole,
    status: StaffStatus,
    networks: Vec<String>,
    #[serde(deserialize_with = "sql_ms_option::deserialize")]
    enrolled_at: Option<Timestamp>,
    #[serde(deserialize_with = "sql_ms::deserialize")]
    created_at: Timestamp,
    version: i64,
    /// What their token to set a password is made of, while there is one.
    pub enrolment_id: Option<EnrolmentId>,
    /// Until when that counts.
    #[serde(deserialize_with = "sql_ms_option::deserialize")]
    pub enrolment_expires_at: Option<Timestamp>,
}

impl From<StaffRow> for Staff {
    fn from(row: StaffRow) -> Self {
        let StaffRow { id, email, name, role, status, networks, enrolled_at, created_at, version, .. } = row;
        Self { id, email, name, role, status, networks, enrolled_at, created_at, version }
    }
}

/// Selects staff as JSON, with this (SQL) as address.
macro_rules! staff {
    ($email:literal, $rest:literal) => {
        concat!(
            "SELECT json_object('id', staff.id, 'email', ",
            $email,
            ", 'name', name, 'role', role, 'status', status, 'networks', json(networks),
               'enrolled_at', totp_confirmed_at, 'created_at', staff.created_at, 'version', version,
               'enrolment_id', enrolment_id, 'enrolment_expires_at', enrolment_expires_at) AS body
             FROM staff ",
            $rest
        )
    };
}
pub(super) use staff;

/// Refuses with `token_revoked` unless a token of this subject still counts.
pub fn must_count(subject: &StaffSubject) -> Statement {
    sql!(
        "INSERT INTO guard (failure, holds) SELECT 'token_revoked', EXISTS (
           SELECT 1 FROM staff_devices JOIN staff ON staff.id = staff_id
           WHERE staff_devices.id = ?1 AND staff_id = ?2 AND revoked_at IS NULL AND status = 'active' AND epoch = ?3
             AND role = ?4)",
        subject.device,
        subject.staff,
        subject.epoch,
        subject.role.as_str(),
    )
}

/// One member of staff, as JSON.
pub fn one(id: StaffId) -> Statement {
    sql!(staff!("email", "WHERE staff.id = ?1"), id,)
}

/// One without the address, as JSON: what an idempotency record keeps.
pub fn recipe(id: StaffId) -> Statement {
    sql!(staff!("''", "WHERE staff.id = ?1"), id,)
}

/// A row whose `email` is an address.
#[derive(Debug, Deserialize)]
pub struct Address {
    /// The address.
    pub email: String,
}

/// The address of a member of staff.
pub fn address(id: StaffId) -> Statement {
    sql!("SELECT email FROM staff WHERE id = ?1", id)
}

/// One page of the staff, in the order in which they were added, and how many there are.
pub fn list(limit: u32, offset: u32) -> Batch {
    Batch::from(sql!("SELECT COUNT(*) AS total FROM staff")).and(sql!(
        staff!("email", "ORDER BY id LIMIT ?1 OFFSET ?2"),
        limit,
        offset
    ))
}

/// A token to set a password, to be made.
#[derive(Clone, Copy, Debug)]
pub struct NewEnrolment {
    /// What it is made of.
    pub id: EnrolmentId,
    /// Until when it counts.
    pub expires_at: Timestamp,
}

/// A new member of staff, who has yet to set a password. Statements: [`CREATE_STATEMENTS`].
///
/// # Errors
/// A defect, when the networks cannot be written as JSON.
pub fn create(id: StaffId, new: &NewStaff, enrolment: NewEnrolment, entry: &Entry) -> Result<Batch, Failure> {
    let insert = sql!(
        "INSERT INTO staff (id, email, name, role, networks, enrolment_id, enrolment_expires_at, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        id,
        &new.email,
        &new.name,
        new.role.as_str(),
        json(&new.networks)?,
        enrolment.id,
        enrolment.expires_at,
        entry.at,
    );
    Ok(Batch::from(insert).and(record!(entry)))
}

/// How many statements [`create`] has: the place of what is selected after it.
pub const CREATE_STATEMENTS: usize = 2;

/// Edits a member of staff who stands at `version` (or at any). Their tokens end when it says anything of role or networks.
/// Statements: [`EDIT_STATEMENTS`].
///
/// # Errors
/// A defect, when the networks cannot be written as JSON.
pub fn edit(id: StaffId, edit: &EditStaff, version: Option<i64>, entry: &Entry) -> Result<Batch, Failure> {
    let stands = sql!(
        "INSERT INTO guard (failure, holds)
         SELECT 'not_found', EXISTS (SELECT 1 FROM staff WHERE id = ?1)
         UNION ALL SELECT 'precondition_failed', EXISTS (
           SELECT 1 FROM staff WHERE id = ?1 AND (?2 IS NULL OR version = ?2))",
        id,
        version,
    );
    let ends = edit.role.is_some() || edit.networks.is_some();
    let audit = record!(
        entry,
        detail "json_patch(?7, json_object('before', json_object('role', (SELECT role FROM staff WHERE id = ?8))))",
        "1",
        id,
    );
    let change = sql!(
        "UPDATE staff SET name = coalesce(?2, name), role = coalesce(?3, role), networks = coalesce(?4, networks),
           epoch = epoch + ?5, version = version + 1
         WHERE id = ?1",
        id,
        edit.name.clone(),
        edit.role.map(PlatformRole::as_str),
        edit.networks.as_ref().map(|networks| json(networks)).transpose()?,
        i64::from(ends),
    );
    let acting = impersonation::store::end_all(ends.then_some(id), None, entry);
    Ok(Batch::from(stands).and(audit).then(acting).and(change))
}

/// How many statements [`edit`] has.
pub const EDIT_STATEMENTS: usize = 3 + impersonation::store::END_STATEMENTS;

/// Disables an active member of staff: a new epoch, no device, nobody that they act as. Who is disabled already stays so.
/// Statements: [`DISABLE_STATEMENTS`].
pub fn disable(id: StaffId, entry: &Entry) -> Batch {
    let audit = record!(entry, "EXISTS (SELECT 1 FROM staff WHERE id = ?8 AND status = 'active')", id);
    let change = sql!(
        "UPDATE staff SET status = 'disabled', epoch = epoch + 1, version = version + 1,
           enrolment_id = NULL, enrolment_expires_at = NULL
         WHERE id = ?1 AND status = 'active'",
        id,
    );
    let acting = impersonation::store::end_all(Some(id), None, entry);
    Batch::from(must_exist(id)).and(audit).then(acting).and(end_devices(id, entry.at)).and(change)
}

/// How many statements [`disable`] has.
pub const DISABLE_STATEMENTS: usize = 4 + impersonation::store::END_STATEMENTS;

/// Lets a disabled member of staff sign in again. Statements: [`ENABLE_STATEMENTS`].
pub fn enable(id: StaffId, entry: &Entry) -> Batch {
    let audit = record!(entry, "EXISTS (SELECT 1 FROM staff WHERE id = ?8 AND status = 'disabled')", id);
    let change = sql!(
        "UPDATE staff SET status = 'active', version = version + 1 WHERE id = ?1 AND status = 'disabled'",
        id,
    );
    Batch::from(must_exist(id)).and(audit).and(change)
}

/// How many statements [`enable`] has.
pub const ENABLE_STATEMENTS: usize = 3;

/// Takes password and generator from a member of staff, and all that they were signed in with: they enrol anew. Statements:
/// [`RESET_STATEMENTS`].
pub fn reset(id: StaffId, enrolment: NewEnrolment, entry: &Entry) -> Batch {
    let change = sql!(
        "UPDATE staff SET password_phc = NULL, totp_id = NULL, totp_key_id = NULL, totp_created_at = NULL,
           totp_confirmed_at = NULL, enrolment_id = ?2, enrolment_expires_at = ?3,
           epoch = epoch + 1, version = version + 1
         WHERE id = ?1",
        id,
        enrolment.id,
        enrolment.expires_at,
    );
    let acting = impersonation::store::end_all(Some(id), None, entry);
    Batch::from(must_exist(id)).and(record!(entry)).then(acting).and(end_devices(id, entry.at)).and(change)
}

/// How many statements [`reset`] has.
pub const RESET_STATEMENTS: usize = 4 + impersonation::store::END_STATEMENTS;

fn end_devices(id: StaffId, now: Timestamp) -> Statement {
    sql!("UPDATE staff_devices SET revoked_at = ?2 WHERE staff_id = ?1 AND revoked_at IS NULL", id, now)
}

fn must_exist(id: StaffId) -> Statement {
    sql!(
        "INSERT INTO guard (failure, holds) SELECT 'not_found', EXISTS (SELECT 1 FROM staff WHERE id = ?1)",
        id
    )
}

fn json(networks: &[String]) -> Result<String, Failure> {
    serde_json::to_string(networks).map_err(Failure::internal)
}
