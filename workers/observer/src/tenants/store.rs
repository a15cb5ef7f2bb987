//! The SQL of tenants. Every change writes its audit entry and its notice in the same batch.

use crate::audit::{Entry, record};
use serde::Deserialize;
use sesh_edge::io::{Batch, Statement};
use sesh_edge::sql;
use sesh_types::contract::tenants::{EditTenant, NewTenant, Quotas, Tenant, TenantStatus};
use sesh_types::ids::{StaffId, TenantId};
use sesh_types::time::{Timestamp, sql_ms};

/// A row whose `body` is a tenant, as JSON.
#[derive(Debug, Deserialize)]
pub struct Body {
    /// [`TenantRow`] as JSON.
    pub body: String,
}

/// A tenant as the database has it.
#[derive(Debug, Deserialize)]
pub struct TenantRow {
    id: TenantId,
    slug: String,
    name: String,
    status: TenantStatus,
    deactivated_reason: Option<String>,
    domains: Vec<String>,
    people: i64,
    max_people: Option<i64>,
    max_calls_a_day: Option<i64>,
    max_storage_mb: Option<i64>,
    reseller_id: Option<StaffId>,
    #[serde(default)]
    confirm_sign_up: bool,
    #[serde(deserialize_with = "sql_ms::deserialize")]
    created_at: Timestamp,
    version: i64,
}

impl From<TenantRow> for Tenant {
    fn from(row: TenantRow) -> Self {
        Self {
            id: row.id,
            slug: row.slug,
            name: row.name,
            domains: row.domains,
            status: row.status,
            deactivated_reason: row.deactivated_reason,
            people: row.people,
            quotas: Quotas {
                people: row.max_people,
                calls_a_day: row.max_calls_a_day,
                storage_mb: row.max_storage_mb,
            },
            reseller_id: row.reseller_id,
            confirm_sign_up: row.confirm_sign_up,
            created_at: row.created_at,
            version: row.version,
        }
    }
}

/// Selects tenants as JSON.
macro_rules! tenant {
    ($which:literal) => {
        concat!(
            "SELECT json_object('id', id, 'slug', slug, 'name', name, 'status', status,
               'deactivated_reason', deactivated_reason,
               'domains', json((SELECT json_group_array(domain) FROM
                            (SELECT domain FROM tenant_domains WHERE tenant_id = tenants.id ORDER BY domain))),
               'people', people, 'max_people', max_people, 'max_calls_a_day', max_calls_a_day,
               'max_storage_mb', max_storage_mb, 'reseller_id', reseller_id,
               'confirm_sign_up', json(iif(confirm_sign_up = 1, 'true', 'false')),
               'created_at', created_at, 'version', version) AS body
             FROM tenants ",
            $which
        )
    };
}

/// One tenant, as JSON.
pub fn one(id: TenantId) -> Statement {
    sql!(tenant!("WHERE id = ?1"), id,)
}

/// Refuses with `not_found` what is not a tenant of this reseller's, whether it is there or not; everybody else's are all.
pub fn must_be_of(id: TenantId, reseller: Option<StaffId>) -> Statement {
    sql!(
        "INSERT INTO guard (failure, holds) SELECT 'not_found', ?2 IS NULL
           OR EXISTS (SELECT 1 FROM tenants WHERE id = ?1 AND reseller_id = ?2)",
        id,
        reseller,
    )
}

/// One page of the tenants (of a reseller, or all) whose name or slug holds `search`, by slug, and how many there are.
pub fn list(
    search: Option<&str>,
    status: Option<TenantStatus>,
    reseller: Option<StaffId>,
    limit: u32,
    offset: u32,
) -> Batch {
    let status = status.map(TenantStatus::as_str);
    Batch::from(sql!(
        "SELECT COUNT(*) AS total FROM tenants
         WHERE (?1 IS NULL OR instr(slug, ?1) > 0 OR instr(lower(name), ?1) > 0) AND (?2 IS NULL OR status = ?2)
           AND (?3 IS NULL OR reseller_id = ?3)",
        search,
        status,
        reseller,
    ))
    .and(sql!(
        tenant!(
            "WHERE (?1 IS NULL OR instr(slug, ?1) > 0 OR instr(lower(name), ?1) > 0) AND (?2 IS NULL OR status = ?2)
           AND (?3 IS NULL OR reseller_id = ?3)
         ORDER BY slug LIMIT ?4 OFFSET ?5"
        ),
        search,
        status,
        reseller,
        limit,
        offset,
    ))
}

/// A new tenant. Statements: [`CREATE_STATEMENTS`].
pub fn create(id: TenantId, new: &NewTenant, entry: &Entry) -> Batch {
    Batch::from(known(new.reseller_id)).and(sql!(
        "INSERT INTO tenants (id, slug, name, max_people, max_calls_a_day, max_storage_mb, created_at, reseller_id)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        id,
        &new.slug,
        &new.name,
        new.quotas.people,
        new.quotas.calls_a_day,
        new.quotas.storage_mb,
        entry.at,
        new.reseller_id,
    ))
    .and(domains(id, &new.domains))
    .and(record!(entry))
    .and(tell(id))
}

/// How many statements [`create`] has: the place of what is selected after it.
pub const CREATE_STATEMENTS: usize = 5;

/// Edits a tenant that stands at `version` (or at any). Statements: [`EDIT_STATEMENTS`].
pub fn edit(id: TenantId, edit: &EditTenant, version: Option<i64>, entry: &Entry) -> Batch {
    let quotas = edit.quotas.unwrap_or_default();
    let stands = sql!(
        "INSERT INTO guard (failure, holds)
         SELECT 'not_found', EXISTS (SELECT 1 FROM tenants WHERE id = ?1)
         UNION ALL SELECT 'precondition_failed', EXISTS (
           SELECT 1 FROM tenants WHERE id = ?1 AND (?2 IS NULL OR version = ?2))",
        id,
        version,
    );
    let change = sql!(
        "UPDATE tenants SET name = coalesce(?2, name), version = version + 1,
           max_people = CASE WHEN ?3 = 1 THEN ?4 ELSE max_people END,
           max_calls_a_day = CASE WHEN ?3 = 1 THEN ?5 ELSE max_calls_a_day END,
           max_storage_mb = CASE WHEN ?3 = 1 THEN ?6 ELSE max_storage_mb END,
           reseller_id = coalesce(?7, reseller_id), confirm_sign_up = coalesce(?8, confirm_sign_up)
         WHERE id = ?1",
        id,
        edit.name.clone(),
        i64::from(edit.quotas.is_some()),
        quotas.people,
        quotas.calls_a_day,
        quotas.storage_mb,
        edit.reseller_id,
        edit.confirm_sign_up.map(i64::from),
    );
    let kept = edit.domains.as_ref().map(|domains| serde_json::json!(domains).to_string());
    let gone = sql!(
        "DELETE FROM tenant_domains WHERE tenant_id = ?1 AND ?2 IS NOT NULL
           AND domain NOT IN (SELECT value FROM json_each(coalesce(?2, '[]')))",
        id,
        kept,
    );
    Batch::from(stands)
        .and(known(edit.reseller_id))
        .and(change)
        .and(gone)
        .and(domains(id, edit.domains.as_deref().unwrap_or_default()))
        .and(record!(entry))
        .and(tell(id))
}

/// How many statements [`edit`] has.
pub const EDIT_STATEMENTS: usize = 7;

/// Closes an open tenant, or opens a closed one; one that stands so already stays. Statements:
/// [`STATUS_STATEMENTS`].
pub fn set_status(id: TenantId, closed_because: Option<&str>, entry: &Entry) -> Batch {
    let (from, to) = if closed_because.is_some() { ("active", "inactive") } else { ("inactive", "active") };
    let exists = sql!(
        "INSERT INTO guard (failure, holds) SELECT 'not_found', EXISTS (SELECT 1 FROM tenants WHERE id = ?1)",
        id,
    );
    let audit = record!(entry, "EXISTS (SELECT 1 FROM tenants WHERE id = ?8 AND status = ?9)", id, from);
    let change = sql!(
        "UPDATE tenants SET status = ?3, version = version + 1, deactivated_reason = ?4,
           deactivated_at = CASE WHEN ?4 IS NULL THEN NULL ELSE ?5 END
         WHERE id = ?1 AND status = ?2",
        id,
        from,
        to,
        closed_because,
        entry.at,
    );
    Batch::from(exists).and(audit).and(change).and(tell(id))
}

/// How many statements [`set_status`] has.
pub const STATUS_STATEMENTS: usize = 4;

/// Refuses with `unknown_reseller` who is no reseller on the staff.
fn known(reseller: Option<StaffId>) -> Statement {
    sql!(
        "INSERT INTO guard (failure, holds) SELECT 'unknown_reseller', ?1 IS NULL
           OR EXISTS (SELECT 1 FROM staff WHERE id = ?1 AND role = 'reseller')",
        reseller,
    )
}

fn domains(id: TenantId, domains: &[String]) -> Statement {
    sql!(
        "INSERT INTO tenant_domains (domain, tenant_id) SELECT value, ?1 FROM json_each(?2)
         WHERE value NOT IN (SELECT domain FROM tenant_domains WHERE tenant_id = ?1)",
        id,
        serde_json::json!(domains).to_string(),
    )
}

/// The notice of a tenant as it stands after what came before in the batch.
fn tell(id: TenantId) -> Statement {
    sql!(
        "INSERT INTO notices (body)
         SELECT json_object('kind', 'tenant', 'tenant_id', id, 'slug', slug, 'name', name,
           'is_active', json(iif(status = 'active', 'true', 'false')),
           'domains', json((SELECT json_group_array(domain) FROM tenant_domains WHERE tenant_id = tenants.id)),
           'storage_mb', max_storage_mb, 'version', version)
         FROM tenants WHERE id = ?1",
        id,
    )
}

/// What is used and what may be, as far as it is known here, in columns of [`Known`].
pub fn usage(id: TenantId, day: i64) -> Statement {
    sql!(
        "SELECT people, max_people, max_calls_a_day, max_storage_mb,
           coalesce((SELECT calls FROM calls_of_day WHERE tenant_id = ?1 AND day = ?2), 0) AS calls_today
         FROM tenants WHERE id = ?1",
        id,
        day,
    )
}

/// What [`usage`] reads.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Known {
    /// Members.
    pub people: i64,
    /// Their quota.
    pub max_people: Option<i64>,
    /// Calls on the day.
    pub calls_today: i64,
    /// Their quota.
    pub max_calls_a_day: Option<i64>,
    /// The quota of what is kept elsewhere.
    pub max_storage_mb: Option<i64>,
}
