//! The SQL of switching.

use serde::Deserialize;
use sesh_edge::io::{Batch, Statement};
use sesh_edge::sql;
use sesh_types::access::{Apps, TenantRole};
use sesh_types::contract::tenants::{OwnTenant, TenantStatus};
use sesh_types::ids::{DeviceId, PersonId, TenantId};
use sesh_types::time::Timestamp;

/// A row whose `body` is one of somebody's tenants, as JSON.
#[derive(Debug, Deserialize)]
pub struct Body {
    /// [`OwnRow`] as JSON.
    pub body: String,
}

/// One of somebody's tenants as the database has it; at home they have no membership.
#[derive(Debug, Deserialize)]
pub struct OwnRow {
    id: TenantId,
    slug: String,
    name: String,
    status: TenantStatus,
    role: Option<TenantRole>,
    apps: Option<Apps>,
    current: i64,
}

impl From<OwnRow> for OwnTenant {
    fn from(row: OwnRow) -> Self {
        let OwnRow { id, slug, name, status, role, apps, current } = row;
        Self {
            id,
            slug,
            name,
            status,
            role: role.unwrap_or(TenantRole::Member),
            apps: apps.unwrap_or_else(Apps::consumer),
            current: current != 0,
        }
    }
}

/// Everything that somebody may work in, home first.
pub fn list(person: PersonId, current: TenantId) -> Statement {
    sql!(
        "SELECT json_object('id', tenants.id, 'slug', slug, 'name', name, 'status', status, 'role', role,
           'apps', json(apps), 'current', tenants.id = ?2) AS body
         FROM (SELECT tenant_id, NULL AS role, NULL AS apps, 0 AS place FROM people WHERE id = ?1
               UNION ALL SELECT tenant_id, role, apps, 1 FROM memberships WHERE person_id = ?1) AS held
         JOIN tenants ON tenants.id = held.tenant_id ORDER BY place, slug",
        person,
        current,
    )
}

/// One tenant of which somebody is a member, as JSON.
pub fn one(person: PersonId, tenant: TenantId, current: TenantId) -> Statement {
    sql!(
        "SELECT json_object('id', tenants.id, 'slug', slug, 'name', name, 'status', status, 'role', role,
           'apps', json(apps), 'current', tenants.id = ?3) AS body
         FROM memberships JOIN tenants ON tenants.id = tenant_id WHERE person_id = ?1 AND tenant_id = ?2",
        person,
        tenant,
        current,
    )
}

/// Takes a device over to another tenant and to its next generation: what was given out for the tenant before is
/// refreshed no more.
pub fn switch(person: PersonId, device: DeviceId, to: TenantId, now: Timestamp) -> Batch {
    Batch::from(sql!(
        "INSERT INTO guard (failure, holds)
         SELECT 'not_found', EXISTS (
           SELECT 1 FROM people WHERE id = ?1 AND tenant_id = ?2
           UNION ALL SELECT 1 FROM memberships WHERE person_id = ?1 AND tenant_id = ?2)
         UNION ALL SELECT 'tenant_inactive', EXISTS (SELECT 1 FROM tenants WHERE id = ?2 AND status = 'active')",
        person,
        to,
    ))
    .and(sql!(
        "UPDATE devices SET tenant_id = ?3, generation = generation + 1, rotated_at = ?4, last_seen_at = ?4
         WHERE id = ?1 AND person_id = ?2 AND revoked_at IS NULL",
        device,
        person,
        to,
        now,
    ))
}

/// How many statements [`switch`] has: the place of what is selected after it.
pub const SWITCH_STATEMENTS: usize = 2;
