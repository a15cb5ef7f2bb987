//! The SQL of impersonations. Each step of one leaves an entry that names both: the entity is the person, and the
//! detail names the member of staff, whoever the actor is.

use crate::audit::{Entry, record};
use crate::mail::{self, Kind};
use crate::notices;
use serde::Deserialize;
use sesh_edge::io::{Batch, Statement};
use sesh_edge::sql;
use sesh_types::access::{Apps, TenantRole};
use sesh_types::contract::auth::OnBehalf;
use sesh_types::contract::notice::ALL_EPOCHS;
use sesh_types::contract::staff::{Impersonation, StaffSubject};
use sesh_types::ids::{DeviceId, ImpersonationId, MailId, PersonId, StaffId, TenantId};
use sesh_types::time::{MINUTE_MS, Timestamp, sql_ms, sql_ms_option};

/// A row whose `body` is an impersonation, as JSON.
#[derive(Debug, Deserialize)]
pub struct Body {
    /// [`Row`] as JSON.
    pub body: String,
}

/// An impersonation as the database has it, with what its tokens say of the person.
#[derive(Debug, Deserialize)]
pub struct Row {
    pub(super) id: ImpersonationId,
    pub(super) person_id: PersonId,
    pub(super) tenant_id: TenantId,
    pub(super) staff_id: StaffId,
    staff_name: String,
    reason: String,
    #[serde(deserialize_with = "sql_ms::deserialize")]
    pub(super) started_at: Timestamp,
    #[serde(deserialize_with = "sql_ms::deserialize")]
    pub(super) expires_at: Timestamp,
    #[serde(deserialize_with = "sql_ms_option::deserialize")]
    ended_at: Option<Timestamp>,
    /// The person's epoch.
    pub epoch: i64,
    /// What they are in the tenant; nothing where they are at home.
    pub role: Option<TenantRole>,
    /// Their apps there.
    pub apps: Option<Apps>,
}

impl From<Row> for Impersonation {
    fn from(row: Row) -> Self {
        let Row { id, person_id, tenant_id, staff_id, staff_name, reason, started_at, expires_at, .. } = row;
        let ended_at = row.ended_at;
        Self { id, person_id, tenant_id, staff_id, staff_name, reason, started_at, expires_at, ended_at }
    }
}

/// Selects impersonations as JSON.
macro_rules! impersonation {
    ($which:literal) => {
        concat!(
            "SELECT json_object('id', impersonations.id, 'person_id', impersonations.person_id,
               'tenant_id', impersonations.tenant_id, 'staff_id', staff_id, 'staff_name', staff.name,
               'reason', reason, 'started_at', started_at, 'expires_at', expires_at, 'ended_at', ended_at,
               'epoch', people.epoch, 'role', memberships.role, 'apps', json(memberships.apps)) AS body
             FROM impersonations JOIN staff ON staff.id = staff_id JOIN people ON people.id = impersonations.person_id
             LEFT JOIN memberships ON memberships.tenant_id = impersonations.tenant_id
               AND memberships.person_id = impersonations.person_id ",
            $which
        )
    };
}

/// One impersonation, as JSON.
pub fn one(id: ImpersonationId) -> Statement {
    sql!(impersonation!("WHERE impersonations.id = ?1"), id,)
}

/// One page of the impersonations of a person, the latest first, and how many there are.
pub fn of_person(person: PersonId, limit: u32, offset: u32) -> Batch {
    Batch::from(sql!("SELECT COUNT(*) AS total FROM impersonations WHERE person_id = ?1", person)).and(sql!(
        impersonation!(
            "WHERE impersonations.person_id = ?1 ORDER BY impersonations.id DESC LIMIT ?2 OFFSET ?3"
        ),
        person,
        limit,
        offset,
    ))
}

/// How a token of an impersonation stands: nothing when it is dead, be it by its own end, its time, or anything that
/// happened to either of both.
pub fn standing(subject: &OnBehalf, staff: StaffId, now: Timestamp) -> Statement {
    sql!(
        "SELECT EXISTS (SELECT 1 FROM tenants WHERE id = ?3 AND status = 'active') AS tenant_is_open
         FROM impersonations JOIN people ON people.id = impersonations.person_id
         JOIN staff ON staff.id = impersonations.staff_id JOIN staff_devices ON staff_devices.id = device_id
         WHERE impersonations.id = ?1 AND impersonations.person_id = ?2 AND impersonations.tenant_id = ?3
           AND people.epoch = ?4 AND impersonations.staff_id = ?5 AND ended_at IS NULL
           AND impersonations.expires_at > ?6 AND people.status = 'active' AND staff.status = 'active'
           AND staff_devices.revoked_at IS NULL
           AND (people.tenant_id = ?3
             OR EXISTS (SELECT 1 FROM memberships WHERE tenant_id = ?3 AND person_id = ?2))",
        subject.device,
        subject.person,
        subject.tenant,
        subject.epoch,
        staff,
        now,
    )
}

/// An impersonation to begin.
#[derive(Clone, Copy, Debug)]
pub struct New<'a> {
    /// Its id.
    pub id: ImpersonationId,
    /// As whom.
    pub person: PersonId,
    /// In which tenant; at home unless told.
    pub tenant: Option<TenantId>,
    /// Why.
    pub reason: &'a str,
    /// For how long.
    pub minutes: i64,
    /// The mail that tells the person.
    pub mail: MailId,
}

/// Begins to act as an active person, who is told by mail. Statements: [`START_STATEMENTS`].
pub fn start(new: &New<'_>, staff: &StaffSubject, entry: &Entry) -> Batch {
    let there = sql!(
        "INSERT INTO guard (failure, holds)
         SELECT 'not_found', EXISTS (SELECT 1 FROM people WHERE id = ?1 AND (?2 IS NULL OR tenant_id = ?2
           OR EXISTS (SELECT 1 FROM memberships WHERE tenant_id = ?2 AND person_id = ?1)))
         UNION ALL SELECT 'credentials_changed', EXISTS (SELECT 1 FROM people WHERE id = ?1 AND status = 'active')",
        new.person,
        new.tenant,
    );
    let close = sql!(
        "UPDATE impersonations SET ended_at = expires_at WHERE staff_id = ?1 AND ended_at IS NULL AND expires_at <= ?2",
        staff.staff,
        entry.at,
    );
    let insert = sql!(
        "INSERT INTO impersonations (id, tenant_id, person_id, staff_id, device_id, reason, started_at, expires_at)
         SELECT ?1, coalesce(?2, tenant_id), id, ?4, ?5, ?6, ?7, ?8 FROM people WHERE id = ?3",
        new.id,
        new.tenant,
        new.person,
        staff.staff,
        staff.device,
        new.reason,
        entry.at,
        entry.at.plus_ms(new.minutes * MINUTE_MS),
    );
    let mail = mail::store::enqueue_to_owner(new.mail, new.person, Kind::Impersonated, entry.at);
    Batch::from(there).and(close).and(insert).and(record!(entry)).and(mail)
}

/// How many statements [`start`] has: the place of what is selected after it.
pub const START_STATEMENTS: usize = 5;

/// Notes that a further token of somebody's impersonation is given out; refuses with `not_found` when it is not theirs, and
/// with `impersonation_over` when it is over. Statements: [`ISSUE_STATEMENTS`].
pub fn issue(id: ImpersonationId, staff: StaffId, entry: &Entry) -> Batch {
    let stands = sql!(
        "INSERT INTO guard (failure, holds)
         SELECT 'not_found', EXISTS (SELECT 1 FROM impersonations WHERE id = ?1 AND staff_id = ?2)
         UNION ALL SELECT 'impersonation_over', EXISTS (
           SELECT 1 FROM impersonations JOIN people ON people.id = person_id
           WHERE impersonations.id = ?1 AND ended_at IS NULL AND expires_at > ?3 AND status = 'active')",
        id,
        staff,
        entry.at,
    );
    let audit = sql!(
        "INSERT INTO audit (seq, tenant_id, recorded_at, actor, action, entity, request_id, detail)
         SELECT (SELECT coalesce(max(seq), 0) + 1 FROM audit), tenant_id, ?2, ?3, ?4, 'person:' || person_id, ?5,
           json_object('impersonation', id, 'staff', staff_id)
         FROM impersonations WHERE id = ?1",
        id,
        entry.at,
        &entry.actor,
        entry.action,
        &entry.request_id,
    );
    Batch::from(stands).and(audit)
}

/// How many statements [`issue`] has.
pub const ISSUE_STATEMENTS: usize = 2;

/// Ends one impersonation of somebody's, if it goes on; refuses with `not_found` when it is not theirs.
pub fn end(id: ImpersonationId, staff: StaffId, entry: &Entry) -> Batch {
    let theirs = sql!(
        "INSERT INTO guard (failure, holds) SELECT 'not_found',
           EXISTS (SELECT 1 FROM impersonations WHERE id = ?1 AND staff_id = ?2)",
        id,
        staff,
    );
    Batch::from(theirs).then(end_all(Some(staff), Some(id), entry))
}

/// Ends what a member of staff does as anybody, or one impersonation of theirs; of nobody when there is none. It is on
/// record under the name of whoever ends it. Statements: [`END_STATEMENTS`].
pub fn end_all(staff: Option<StaffId>, only: Option<ImpersonationId>, entry: &Entry) -> Batch {
    ends(staff, only, None, entry)
}

/// Ends what a member of staff does as anybody from a device that is signed out, in the batch of its end.
pub fn end_of_dead_device(staff: StaffId, device: DeviceId, entry: &Entry) -> Batch {
    ends(Some(staff), None, Some(device), entry)
}

/// How many statements ending has.
pub const END_STATEMENTS: usize = 3;

fn ends(
    staff: Option<StaffId>,
    only: Option<ImpersonationId>,
    device: Option<DeviceId>,
    entry: &Entry,
) -> Batch {
    // One at most is open, so one entry at most is written.
    let audit = sql!(
        "INSERT INTO audit (seq, tenant_id, recorded_at, actor, action, entity, request_id, detail)
         SELECT (SELECT coalesce(max(seq), 0) + 1 FROM audit), tenant_id, ?4, ?5, 'impersonation.ended',
           'person:' || person_id, ?6, json_object('impersonation', id, 'staff', staff_id, 'by', ?7)
         FROM impersonations WHERE staff_id = ?1 AND ended_at IS NULL AND expires_at > ?4 AND (?2 IS NULL OR id = ?2)
           AND (?3 IS NULL OR (device_id = ?3
             AND EXISTS (SELECT 1 FROM staff_devices WHERE id = ?3 AND revoked_at IS NOT NULL)))",
        staff,
        only,
        device,
        entry.at,
        &entry.actor,
        &entry.request_id,
        entry.action,
    );
    let tell = sql!(
        "INSERT INTO notices (body)
         SELECT json_object('kind', 'revoked', 'subject', 'device:' || id, 'min_epoch', CAST(?4 AS INTEGER),
           'expires_at', ?5)
         FROM impersonations WHERE staff_id = ?1 AND ended_at IS NULL AND (?2 IS NULL OR id = ?2)
           AND (?3 IS NULL OR (device_id = ?3
             AND EXISTS (SELECT 1 FROM staff_devices WHERE id = ?3 AND revoked_at IS NOT NULL)))",
        staff,
        only,
        device,
        ALL_EPOCHS,
        notices::tokens_expired_by(entry.at).to_string(),
    );
    let end = sql!(
        "UPDATE impersonations SET ended_at = min(expires_at, ?4)
         WHERE staff_id = ?1 AND ended_at IS NULL AND (?2 IS NULL OR id = ?2)
           AND (?3 IS NULL OR (device_id = ?3
             AND EXISTS (SELECT 1 FROM staff_devices WHERE id = ?3 AND revoked_at IS NOT NULL)))",
        staff,
        only,
        device,
        entry.at,
    );
    Batch::from(audit).and(tell).and(end)
}
