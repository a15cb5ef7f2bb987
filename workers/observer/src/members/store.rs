//! The SQL of memberships. Whatever changes somebody's rights raises their epoch, so that tokens with the old ones
//! are dead before the change is acknowledged.

use crate::audit::{Entry, record};
use crate::keys::Keyring;
use crate::me::store::Address;
use crate::notices;
use crate::personal::{Field, PersonKey, Sealed};
use serde::Deserialize;
use sesh_edge::http::Failure;
use sesh_edge::io::{Batch, Statement};
use sesh_edge::sql;
use sesh_types::access::{Apps, TenantRole};
use sesh_types::contract::tenants::{EditMember, Member};
use sesh_types::ids::{PersonId, TenantId};
use sesh_types::time::{Timestamp, sql_ms};

/// A row whose `body` is a member, as JSON.
#[derive(Debug, Deserialize)]
pub struct Body {
    /// [`MemberRow`] as JSON.
    pub body: String,
}

/// A member as the database has them.
#[derive(Debug, Deserialize)]
pub struct MemberRow {
    id: PersonId,
    email: Sealed,
    display_name: Sealed,
    role: TenantRole,
    apps: Apps,
    #[serde(deserialize_with = "sql_ms::deserialize")]
    joined_at: Timestamp,
    version: i64,
    /// What an idempotency record keeps has none.
    #[serde(default)]
    wrapped: Option<String>,
}

impl MemberRow {
    /// With today's address, and the key to read both: what a record has neither of.
    #[must_use]
    pub fn at(self, address: Address) -> Self {
        Self { email: address.email, wrapped: address.wrapped, ..self }
    }

    /// As their tenant's people see them.
    ///
    /// # Errors
    /// A defect, when something cannot be read.
    pub fn member(self, keys: &Keyring) -> Result<Member, Failure> {
        let Self { id, email, display_name, role, apps, joined_at, version, wrapped } = self;
        let key = PersonKey::unwrap(keys, id, wrapped.as_deref())?;
        let (email, display_name) =
            (key.open(Field::Email, &email)?, key.open(Field::DisplayName, &display_name)?);
        Ok(Member { id, email, display_name, role, apps, joined_at, version })
    }
}

/// The role that a statement found.
#[derive(Debug, Deserialize)]
pub struct RoleRow {
    /// The role.
    pub role: TenantRole,
}

/// What somebody is in a tenant.
pub fn role(tenant: TenantId, person: PersonId) -> Statement {
    sql!("SELECT role FROM memberships WHERE tenant_id = ?1 AND person_id = ?2", tenant, person)
}

/// One member without address and key, as JSON: what an idempotency record keeps.
pub fn recipe(tenant: TenantId, person: PersonId) -> Statement {
    sql!(
        "SELECT json_object('id', people.id, 'email', '', 'display_name', display_name, 'role', role,
           'apps', json(apps), 'joined_at', joined_at, 'version', memberships.version) AS body
         FROM memberships JOIN people ON people.id = person_id
         WHERE memberships.tenant_id = ?1 AND person_id = ?2",
        tenant,
        person,
    )
}

/// One page of a tenant's members, and how many there are.
pub fn list(tenant: TenantId, limit: u32, offset: u32) -> Batch {
    Batch::from(sql!("SELECT people AS total FROM tenants WHERE id = ?1", tenant)).and(sql!(
        "SELECT json_object('id', people.id, 'email', email, 'display_name', display_name, 'role', role,
           'wrapped', (SELECT wrapped FROM person_keys WHERE person_keys.person_id = people.id), 'apps', json(apps), 'joined_at', joined_at, 'version', memberships.version) AS body
         FROM memberships JOIN people ON people.id = person_id
         WHERE memberships.tenant_id = ?1 ORDER BY person_id LIMIT ?2 OFFSET ?3",
        tenant,
        limit,
        offset,
    ))
}

/// Edits a membership that stands at `version` (or at any), whose role is still `seen`. Statements:
/// [`EDIT_STATEMENTS`].
///
/// # Errors
/// A defect, when the apps cannot be written as JSON.
pub fn edit(
    (tenant, person): (TenantId, PersonId),
    edit: &EditMember,
    (seen, version): (TenantRole, Option<i64>),
    entry: &Entry,
) -> Result<Batch, Failure> {
    let apps = edit.apps.as_ref().map(serde_json::to_string).transpose().map_err(Failure::internal)?;
    let stands = sql!(
        "INSERT INTO guard (failure, holds) SELECT 'precondition_failed', EXISTS (
           SELECT 1 FROM memberships
           WHERE tenant_id = ?1 AND person_id = ?2 AND role = ?3 AND (?4 IS NULL OR version = ?4))",
        tenant,
        person,
        seen.as_str(),
        version,
    );
    let change = sql!(
        "UPDATE memberships SET role = coalesce(?3, role), apps = coalesce(?4, apps), version = version + 1
         WHERE tenant_id = ?1 AND person_id = ?2",
        tenant,
        person,
        edit.role.map(TenantRole::as_str),
        apps,
    );
    Ok(Batch::from(stands).and(record!(entry)).and(change).then(rights_changed(person, entry.at)))
}

/// How many statements [`edit`] has: the place of what is selected after it.
pub const EDIT_STATEMENTS: usize = 5;

/// Ends a membership whose role is still `seen`; the person's devices go home.
pub fn end((tenant, person): (TenantId, PersonId), seen: TenantRole, entry: &Entry) -> Batch {
    let stands = sql!(
        "INSERT INTO guard (failure, holds) SELECT 'not_found', EXISTS (
           SELECT 1 FROM memberships WHERE tenant_id = ?1 AND person_id = ?2 AND role = ?3)",
        tenant,
        person,
        seen.as_str(),
    );
    let home = sql!(
        "UPDATE devices SET tenant_id = (SELECT tenant_id FROM people WHERE id = ?2)
         WHERE person_id = ?2 AND tenant_id = ?1",
        tenant,
        person,
    );
    let gone = sql!("DELETE FROM memberships WHERE tenant_id = ?1 AND person_id = ?2", tenant, person);
    Batch::from(stands).and(record!(entry)).and(home).and(gone).then(rights_changed(person, entry.at))
}

/// A new epoch for somebody, and a notice of it: tokens of before carry rights that no longer hold. They refresh and go
/// on.
pub fn rights_changed(person: PersonId, now: Timestamp) -> Batch {
    let tell = sql!(
        "INSERT INTO notices (body)
         SELECT json_object('kind', 'revoked', 'subject', 'person:' || id, 'min_epoch', epoch + 1, 'expires_at', ?2)
         FROM people WHERE id = ?1",
        person,
        notices::tokens_expired_by(now).to_string(),
    );
    Batch::from(tell).and(sql!("UPDATE people SET epoch = epoch + 1 WHERE id = ?1", person))
}
