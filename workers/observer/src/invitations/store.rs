//! The SQL of invitations.

use crate::audit::{Entry, record};
use crate::keys::Keyring;
use crate::mail::{self, Kind, NewMail};
use crate::personal::{Nobody, Sealed, blind};
use serde::Deserialize;
use sesh_edge::http::Failure;
use sesh_edge::io::{Batch, Io, Statement};
use sesh_edge::sql;
use sesh_types::access::{Apps, TenantRole};
use sesh_types::contract::tenants::{Invitation, Invite};
use sesh_types::ids::{InvitationId, MailId, PersonId, TenantId};
use sesh_types::time::{DAY_MS, Timestamp, sql_ms};

/// How long an invitation can be accepted.
pub const OPEN_MS: i64 = 14 * DAY_MS;

/// A row whose `body` is an invitation, as JSON.
#[derive(Debug, Deserialize)]
pub struct Body {
    /// [`InvitationRow`] as JSON.
    pub body: String,
}

/// An invitation as the database has it.
#[derive(Debug, Deserialize)]
pub struct InvitationRow {
    id: InvitationId,
    tenant_id: TenantId,
    email: Sealed,
    role: TenantRole,
    apps: Apps,
    #[serde(deserialize_with = "sql_ms::deserialize")]
    created_at: Timestamp,
    #[serde(deserialize_with = "sql_ms::deserialize")]
    expires_at: Timestamp,
}

impl InvitationRow {
    /// As the tenant's people see it.
    ///
    /// # Errors
    /// A defect, when the address cannot be read.
    pub fn invitation(self, keys: &Keyring) -> Result<Invitation, Failure> {
        let Self { id, tenant_id, email, role, apps, created_at, expires_at } = self;
        let email = Nobody::Invitation(id).open(keys, &email)?;
        Ok(Invitation { id, tenant_id, email, role, apps, created_at, expires_at })
    }
}

/// What an invitation is for, as accepting it needs it.
#[derive(Debug, Deserialize)]
pub struct OpenRow {
    /// The tenant.
    pub tenant_id: TenantId,
    /// The role.
    pub role: TenantRole,
}

/// An invitation by its id.
pub fn open(id: InvitationId) -> Statement {
    sql!("SELECT tenant_id, role FROM invitations WHERE id = ?1", id)
}

/// A row when an invitation can be accepted.
pub fn is_open(id: InvitationId, now: Timestamp) -> Statement {
    sql!("SELECT 1 AS found FROM invitations WHERE id = ?1 AND ended_at IS NULL AND expires_at > ?2", id, now)
}

/// Selects invitations as JSON.
macro_rules! invitation {
    ($which:literal) => {
        concat!(
            "SELECT json_object('id', id, 'tenant_id', tenant_id, 'email', email, 'role', role, 'apps', json(apps),
               'created_at', created_at, 'expires_at', expires_at) AS body
             FROM invitations ",
            $which
        )
    };
}

/// One invitation, as JSON.
pub fn one(id: InvitationId) -> Statement {
    sql!(invitation!("WHERE id = ?1"), id,)
}

/// One page of a tenant's open invitations, the latest first, and how many there are.
pub fn list(tenant: TenantId, now: Timestamp, limit: u32, offset: u32) -> Batch {
    Batch::from(sql!(
        "SELECT COUNT(*) AS total FROM invitations WHERE tenant_id = ?1 AND ended_at IS NULL AND expires_at > ?2",
        tenant,
        now,
    ))
    .and(sql!(
        invitation!(
            "WHERE tenant_id = ?1 AND ended_at IS NULL AND expires_at > ?2
         ORDER BY id DESC LIMIT ?3 OFFSET ?4"
        ),
        tenant,
        now,
        limit,
        offset,
    ))
}

/// Invites somebody; an invitation to the same address that has expired makes room. Statements:
/// [`INVITE_STATEMENTS`].
///
/// # Errors
/// A defect, when the apps cannot be written as JSON, or the address cannot be encrypted.
pub fn invite(
    io: &Io,
    keys: &Keyring,
    (tenant, id): (TenantId, InvitationId),
    invite: &Invite,
    entry: &Entry,
) -> Result<Batch, Failure> {
    let index = blind::email(keys, &invite.email);
    let exists = sql!(
        "INSERT INTO guard (failure, holds)
         SELECT 'not_found', EXISTS (SELECT 1 FROM tenants WHERE id = ?1)
         UNION ALL SELECT 'forbidden', ?1 <> ?2
         UNION ALL SELECT 'address_taken', NOT EXISTS (SELECT 1 FROM invitations
           WHERE tenant_id = ?1 AND email = ?3 AND ended_at IS NULL AND expires_at > ?4)",
        tenant,
        TenantId::CONSUMERS,
        &invite.email,
        entry.at,
    );
    let expired = sql!(
        "UPDATE invitations SET ended_at = ?3
         WHERE tenant_id = ?1 AND (email_index = ?4 OR email = ?2) AND ended_at IS NULL AND expires_at <= ?3",
        tenant,
        &invite.email,
        entry.at,
        &index,
    );
    let insert = sql!(
        "INSERT INTO invitations (id, tenant_id, email, role, apps, invited_by, created_at, expires_at, email_index)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        id,
        tenant,
        Nobody::Invitation(id).seal(keys, io, &invite.email)?.0,
        invite.role.as_str(),
        serde_json::to_string(&invite.apps).map_err(Failure::internal)?,
        &entry.actor,
        entry.at,
        entry.at.plus_ms(OPEN_MS),
        &index,
    );
    // The mail has the invitation's id, so that its token is the invitation's.
    let mail = NewMail {
        id: MailId(id.0),
        tenant,
        person: None,
        kind: Kind::Invitation,
        recipient: Nobody::Mail(MailId(id.0)).seal(keys, io, &invite.email)?,
        index,
        at: entry.at,
    };
    let mail = mail::store::enqueue(&mail);
    Ok(Batch::from(exists).and(expired).and(insert).and(record!(entry)).and(mail))
}

/// How many statements [`invite`] has: the place of what is selected after it.
pub const INVITE_STATEMENTS: usize = 5;

/// Takes an open invitation back.
pub fn take_back(tenant: TenantId, id: InvitationId, entry: &Entry) -> Batch {
    let exists = sql!(
        "INSERT INTO guard (failure, holds) SELECT 'not_found', EXISTS (
           SELECT 1 FROM invitations WHERE id = ?1 AND tenant_id = ?2 AND accepted_by IS NULL)",
        id,
        tenant,
    );
    let audit = record!(entry, "EXISTS (SELECT 1 FROM invitations WHERE id = ?8 AND ended_at IS NULL)", id);
    Batch::from(exists).and(audit).and(sql!(
        "UPDATE invitations SET ended_at = ?2 WHERE id = ?1 AND ended_at IS NULL",
        id,
        entry.at,
    ))
}

/// Makes somebody a member by their invitation, once: it must be open, of their address, which still is theirs, and the
/// tenant active.
pub fn accept(
    keys: &Keyring,
    (id, mail): (InvitationId, MailId),
    person: PersonId,
    address: &str,
    entry: &Entry,
) -> Batch {
    let stands = sql!(
        "INSERT INTO guard (failure, holds)
         SELECT 'not_found', EXISTS (
           SELECT 1 FROM invitations WHERE id = ?1 AND ended_at IS NULL AND expires_at > ?3)
         UNION ALL SELECT 'wrong_address', EXISTS (
           SELECT 1 FROM invitations, people WHERE invitations.id = ?1 AND people.id = ?2
             AND (invitations.email_index = ?4 OR invitations.email = ?5)
             AND (people.email_index = ?4 OR people.email = ?5))
         UNION ALL SELECT 'tenant_inactive', EXISTS (
           SELECT 1 FROM invitations JOIN tenants ON tenants.id = invitations.tenant_id
           WHERE invitations.id = ?1 AND tenants.status = 'active')",
        id,
        person,
        entry.at,
        blind::email(keys, address),
        address,
    );
    let join = sql!(
        "INSERT INTO memberships (tenant_id, person_id, role, apps, joined_at)
         SELECT tenant_id, ?2, role, apps, ?3 FROM invitations WHERE id = ?1",
        id,
        person,
        entry.at,
    );
    let end =
        sql!("UPDATE invitations SET ended_at = ?3, accepted_by = ?2 WHERE id = ?1", id, person, entry.at);
    let tell = sql!(
        "INSERT INTO notices (body)
         SELECT json_object('kind', 'profile', 'tenant_id', invitations.tenant_id, 'person_id', people.id,
           'time_zone', time_zone, 'version', people.version)
         FROM invitations, people WHERE invitations.id = ?1 AND people.id = ?2",
        id,
        person,
    );
    let mail = mail::store::enqueue_to_owner(mail, person, Kind::MembershipBegun, entry.at);
    Batch::from(stands).and(join).and(end).and(tell).and(record!(entry)).and(mail)
}

/// How many statements [`accept`] has: the place of what is selected after it.
pub const ACCEPT_STATEMENTS: usize = 6;

/// Forgets invitations that ended long ago; the audit log remembers them.
pub fn forget_ended(now: Timestamp) -> Statement {
    const KEPT_MS: i64 = 90 * DAY_MS;
    sql!("DELETE FROM invitations WHERE expires_at <= ?1 OR ended_at <= ?1", now.plus_ms(-KEPT_MS))
}
