//! The SQL of staff who sign in.

use super::rules;
use super::store::staff;
use crate::audit::{Entry, record};
use crate::factors::store::PENDING_MS;
use crate::impersonation;
use crate::refresh::rules::{GRACE_MS, Standing};
use serde::Deserialize;
use sesh_edge::http::ClientAddress;
use sesh_edge::io::{Batch, Statement};
use sesh_edge::sql;
use sesh_types::ids::{DeviceId, EnrolmentId, FactorId, StaffId};
use sesh_types::time::{Timestamp, sql_ms, sql_ms_option};

/// A member of staff, as signing in needs them.
#[derive(Debug, Deserialize)]
pub struct AccountRow {
    /// Their id.
    pub id: StaffId,
    /// Their address.
    pub email: String,
    /// Their password's hash, if they have set one.
    pub password_phc: Option<String>,
    /// `active` or `disabled`.
    pub status: String,
    /// Their epoch.
    pub epoch: i64,
    totp_id: Option<FactorId>,
    totp_key_id: Option<String>,
    #[serde(deserialize_with = "sql_ms_option::deserialize")]
    totp_created_at: Option<Timestamp>,
    #[serde(deserialize_with = "sql_ms_option::deserialize")]
    totp_confirmed_at: Option<Timestamp>,
    /// The step of their generator that was used last.
    pub totp_last_step: i64,
    enrolment_id: Option<EnrolmentId>,
    #[serde(deserialize_with = "sql_ms_option::deserialize")]
    enrolment_expires_at: Option<Timestamp>,
}

impl AccountRow {
    /// Whether a generator protects them.
    pub fn is_protected(&self) -> bool {
        self.totp_confirmed_at.is_some()
    }

    /// The generator, its id and its key's: the one that protects, or one that waits for its first code.
    pub fn generator(&self, now: Timestamp) -> Option<(FactorId, &str)> {
        let (id, key, created_at) = (self.totp_id?, self.totp_key_id.as_deref()?, self.totp_created_at?);
        (self.is_protected() || now.0 - created_at.0 < PENDING_MS).then_some((id, key))
    }

    /// What their token to set a password is made of, if one counts.
    pub fn enrolment(&self, now: Timestamp) -> Option<EnrolmentId> {
        self.enrolment_id.filter(|_| self.enrolment_expires_at.is_some_and(|until| until > now))
    }
}

/// Selects an account.
macro_rules! account {
    ($which:literal) => {
        concat!(
            "SELECT id, email, password_phc, status, epoch, totp_id, totp_key_id, totp_created_at, totp_confirmed_at,
               totp_last_step, enrolment_id, enrolment_expires_at FROM staff WHERE ",
            $which
        )
    };
}

/// The account of an address.
pub fn account_of(email: &str) -> Statement {
    sql!(account!("email = ?1"), email)
}

/// An account by its id.
pub fn account(id: StaffId) -> Statement {
    sql!(account!("id = ?1"), id)
}

/// Refuses with `credentials_changed` unless an account stands as it did when it was looked at.
pub fn still(account: &AccountRow) -> Statement {
    sql!(
        "INSERT INTO guard (failure, holds) SELECT 'credentials_changed', EXISTS (
           SELECT 1 FROM staff WHERE id = ?1 AND status = 'active' AND epoch = ?2 AND password_phc IS ?3)",
        account.id,
        account.epoch,
        account.password_phc.as_deref(),
    )
}

/// Sets a first password, once for an enrolment; refuses with `proof_used` otherwise.
pub fn enrol(id: StaffId, enrolment: EnrolmentId, phc: &str, entry: &Entry) -> Batch {
    Batch::from(sql!(
        "INSERT INTO guard (failure, holds) SELECT 'proof_used', EXISTS (
           SELECT 1 FROM staff WHERE id = ?1 AND enrolment_id = ?2 AND enrolment_expires_at > ?3 AND status = 'active')",
        id,
        enrolment,
        entry.at,
    ))
    .and(record!(entry))
    .and(sql!(
        "UPDATE staff SET password_phc = ?2, enrolment_id = NULL, enrolment_expires_at = NULL WHERE id = ?1",
        id,
        phc,
    ))
}

/// Notes that a password was right, and renews a hash of old parameters.
pub fn challenged(account: &AccountRow, new_phc: Option<&str>, entry: &Entry) -> Batch {
    let batch = Batch::from(still(account)).and(record!(entry));
    match new_phc {
        Some(phc) => batch.and(sql!("UPDATE staff SET password_phc = ?2 WHERE id = ?1", account.id, phc)),
        None => batch,
    }
}

/// Records something that changed nothing.
pub fn noted(entry: &Entry) -> Statement {
    record!(entry)
}

/// Makes a generator that waits for its first code, unless one does or protects. Of many at once all find the same. The
/// last statement selects the account as it stands then.
pub fn begin_generator(account: &AccountRow, id: FactorId, key_id: &str, now: Timestamp) -> Batch {
    Batch::from(still(account))
        .and(sql!(
            "UPDATE staff SET totp_id = ?2, totp_key_id = ?3, totp_created_at = ?4, totp_last_step = 0
             WHERE id = ?1 AND totp_confirmed_at IS NULL AND (totp_id IS NULL OR totp_created_at <= ?5)",
            account.id,
            id,
            key_id,
            now,
            now.plus_ms(-PENDING_MS),
        ))
        .and(self::account(account.id))
}

/// How many statements [`begin_generator`] has.
pub const BEGIN_STATEMENTS: usize = 3;

/// A step of somebody's generator that was found good.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// The generator.
    pub generator: FactorId,
    /// The step.
    pub step: i64,
}

/// A device to be made.
#[derive(Clone, Copy, Debug)]
pub struct NewDevice<'a> {
    /// Its id.
    pub id: DeviceId,
    /// Its nonce.
    pub nonce: &'a str,
    /// From where.
    pub client: &'a ClientAddress,
}

/// Uses up a step and signs in on a new device, unless the account changed since it was looked at; the first code of a
/// generator has it protect from now on. Statements: [`SIGN_IN_STATEMENTS`].
pub fn sign_in(account: &AccountRow, step: Step, device: NewDevice<'_>, entry: &Entry) -> Batch {
    let unused = sql!(
        "INSERT INTO guard (failure, holds) SELECT 'code_used', EXISTS (
           SELECT 1 FROM staff WHERE id = ?1 AND totp_id = ?2 AND totp_last_step < ?3)",
        account.id,
        step.generator,
        step.step,
    );
    let spend = sql!(
        "UPDATE staff SET totp_last_step = ?2, totp_confirmed_at = coalesce(totp_confirmed_at, ?3) WHERE id = ?1",
        account.id,
        step.step,
        entry.at,
    );
    let insert = sql!(
        "INSERT INTO staff_devices (id, staff_id, nonce, rotated_at, created_at, last_seen_at, expires_at, user_agent)
         VALUES (?1, ?2, ?3, ?4, ?4, ?4, ?5, ?6)",
        device.id,
        account.id,
        device.nonce,
        entry.at,
        entry.at.plus_ms(rules::IDLE_MS),
        &device.client.user_agent,
    );
    Batch::from(still(account)).and(unused).and(spend).and(insert).and(record!(entry))
}

/// How many statements [`sign_in`] has: the place of what is selected after it.
pub const SIGN_IN_STATEMENTS: usize = 5;

/// Whose a device is, and the nonce that its tokens are made with.
#[derive(Clone, Debug, Deserialize)]
pub struct DeviceRow {
    /// The member of staff.
    pub staff_id: StaffId,
    /// The nonce.
    pub nonce: String,
}

/// Finds a device by its id, which a token claims.
pub fn device(id: DeviceId) -> Statement {
    sql!("SELECT staff_id, nonce FROM staff_devices WHERE id = ?1", id)
}

/// A device after an attempt to rotate it, with its member of staff as JSON.
#[derive(Debug, Deserialize)]
pub struct StandingRow {
    /// Its generation.
    pub generation: i64,
    #[serde(deserialize_with = "sql_ms::deserialize")]
    rotated_at: Timestamp,
    is_live: i64,
    /// The epoch of its member of staff.
    pub epoch: i64,
}

impl StandingRow {
    /// What is decided on.
    pub fn standing(&self) -> Standing {
        Standing { generation: self.generation, rotated_at: self.rotated_at, is_live: self.is_live != 0 }
    }
}

/// Rotates a device from `generation`, if that is where it stands and it is live: of many at once, one does it. Rows: the
/// rotated device or nothing; the device as it stands then; its member of staff.
pub fn rotate(id: DeviceId, generation: i64, now: Timestamp) -> Batch {
    Batch::from(sql!(
        "UPDATE staff_devices SET generation = generation + 1, rotated_at = ?3, last_seen_at = ?3,
           expires_at = min(?3 + ?4, created_at + ?5)
         WHERE id = ?1 AND generation = ?2 AND revoked_at IS NULL AND expires_at > ?3
           AND EXISTS (SELECT 1 FROM staff WHERE id = staff_devices.staff_id AND status = 'active')
         RETURNING generation",
        id,
        generation,
        now,
        rules::IDLE_MS,
        rules::ABSOLUTE_MS,
    ))
    .and(sql!(
        "SELECT generation, rotated_at, epoch,
           revoked_at IS NULL AND expires_at > ?2 AND status = 'active' AS is_live
         FROM staff_devices JOIN staff ON staff.id = staff_id WHERE staff_devices.id = ?1",
        id,
        now,
    ))
    .and(sql!(
        staff!(
            "email",
            "JOIN staff_devices ON staff_devices.staff_id = staff.id WHERE staff_devices.id = ?1"
        ),
        id,
    ))
}

/// Ends a live device that stands beyond the successor of `presented`, or at it for longer than two tabs explain, and what
/// its member of staff does as somebody else.
pub fn end_family(staff: StaffId, id: DeviceId, presented: i64, entry: &Entry) -> Batch {
    let latest = entry.at.plus_ms(-GRACE_MS);
    let audit = record!(
        entry,
        "EXISTS (SELECT 1 FROM staff_devices WHERE id = ?8 AND revoked_at IS NULL
           AND (generation > ?9 + 1 OR (generation = ?9 + 1 AND rotated_at < ?10)))",
        id,
        presented,
        latest,
    );
    let end = sql!(
        "UPDATE staff_devices SET revoked_at = ?4 WHERE id = ?1 AND revoked_at IS NULL
           AND (generation > ?2 + 1 OR (generation = ?2 + 1 AND rotated_at < ?3))",
        id,
        presented,
        latest,
        entry.at,
    );
    Batch::from(audit).and(end).then(impersonation::store::end_of_dead_device(staff, id, entry))
}

/// A device as the database has it.
#[derive(Debug, Deserialize)]
pub struct ListedRow {
    /// Its id.
    pub id: DeviceId,
    /// What it calls itself.
    pub user_agent: String,
    /// When it signed in.
    #[serde(deserialize_with = "sql_ms::deserialize")]
    pub created_at: Timestamp,
    /// When it last asked for tokens.
    #[serde(deserialize_with = "sql_ms::deserialize")]
    pub last_seen_at: Timestamp,
}

/// One page of somebody's live devices, last seen first, and how many there are.
pub fn list(staff: StaffId, now: Timestamp, limit: u32, offset: u32) -> Batch {
    Batch::from(sql!(
        "SELECT COUNT(*) AS total FROM staff_devices WHERE staff_id = ?1 AND revoked_at IS NULL AND expires_at > ?2",
        staff,
        now,
    ))
    .and(sql!(
        "SELECT id, user_agent, created_at, last_seen_at FROM staff_devices
         WHERE staff_id = ?1 AND revoked_at IS NULL AND expires_at > ?2
         ORDER BY last_seen_at DESC, id DESC LIMIT ?3 OFFSET ?4",
        staff,
        now,
        limit,
        offset,
    ))
}

/// Refuses unless this is a device of theirs, signed out or not.
pub fn must_be_theirs(staff: StaffId, id: DeviceId) -> Statement {
    sql!(
        "INSERT INTO guard (failure, holds) SELECT 'not_found',
           EXISTS (SELECT 1 FROM staff_devices WHERE id = ?1 AND staff_id = ?2)",
        id,
        staff,
    )
}

/// Signs out one device, if it is signed in, and ends whom its member of staff acts as from it.
pub fn sign_out(staff: StaffId, id: DeviceId, entry: &Entry) -> Batch {
    let audit = record!(
        entry,
        "EXISTS (SELECT 1 FROM staff_devices WHERE id = ?8 AND staff_id = ?9 AND revoked_at IS NULL)",
        id,
        staff,
    );
    let end = sql!(
        "UPDATE staff_devices SET revoked_at = ?3 WHERE id = ?1 AND staff_id = ?2 AND revoked_at IS NULL",
        id,
        staff,
        entry.at,
    );
    Batch::from(audit).and(end).then(impersonation::store::end_of_dead_device(staff, id, entry))
}

/// Forgets devices that ended or expired long ago; the audit log remembers that there were some.
pub fn forget_ended(now: Timestamp) -> Statement {
    const KEPT_MS: i64 = 30 * sesh_types::time::DAY_MS;
    sql!("DELETE FROM staff_devices WHERE expires_at <= ?1 OR revoked_at <= ?1", now.plus_ms(-KEPT_MS))
}
