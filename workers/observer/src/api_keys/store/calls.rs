//! Calls that are made with a key: what is asked about it, what is counted, and what is on record.

use super::KEPT_MS;
use crate::api_keys::rules::WINDOW_MS;
use crate::audit::{Entry, record};
use serde::Deserialize;
use sesh_edge::http::Failure;
use sesh_edge::io::{Batch, Statement};
use sesh_edge::sql;
use sesh_types::access::{Apps, TenantRole};
use sesh_types::ids::{KeyId, PersonId, TenantId};
use sesh_types::time::{DAY_MS, Timestamp, sql_ms};

/// A call that is to be made with a key.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The key.
    pub id: KeyId,
    /// Whether a tenant's is asked for, or a person's.
    pub of_tenant: bool,
    /// From where, as [`sesh_edge::networks::place`] writes it; empty when that is not known.
    pub place: String,
    /// The scopes that it needs, as a JSON array.
    pub needs: String,
    /// When.
    pub now: Timestamp,
}

/// A row that says that the call was counted.
#[derive(Debug, Deserialize)]
pub struct Counted {}

/// How a key stands. Flags are 0 or 1.
#[derive(Debug, Deserialize)]
pub struct Facts {
    /// The tenant that it is for.
    pub tenant_id: TenantId,
    /// Whose it is.
    pub person_id: Option<PersonId>,
    /// Neither expired nor revoked.
    pub is_alive: i64,
    /// A tenant's where one is asked for, else a person's.
    pub kind_fits: i64,
    /// Whoever owns it may sign in, and works there.
    pub owner_stands: i64,
    /// Its tenant is open.
    pub tenant_is_open: i64,
    /// It counts from there.
    pub address_fits: i64,
    /// It may do this.
    pub scopes_fit: i64,
    /// Calls a minute.
    pub calls_a_minute: i64,
    /// Calls in the window.
    pub calls: i64,
    /// When that ends.
    #[serde(deserialize_with = "sql_ms::deserialize")]
    pub window_ends_at: Timestamp,
    /// The tenant's quota.
    pub calls_a_day: Option<i64>,
    /// How much of it is used.
    pub calls_today: i64,
    /// The person's epoch.
    pub epoch: Option<i64>,
    /// Their role in the tenant, where they are a member.
    pub role: Option<TenantRole>,
    /// Their apps there, as JSON.
    pub apps: Option<String>,
}

impl Facts {
    /// The person's apps in the tenant: at home, everybody's.
    ///
    /// # Errors
    /// A defect, when the database's apps cannot be read.
    pub fn entitlements(&self) -> Result<(TenantRole, Apps), Failure> {
        match (self.role, &self.apps) {
            (Some(role), Some(apps)) => Ok((role, serde_json::from_str(apps).map_err(Failure::internal)?)),
            _ => Ok((TenantRole::Member, Apps::consumer())),
        }
    }
}

/// The conditions on a key, said once: `?1` the key, `?2` now, `?3` whether a tenant's is asked for, `?4` the place, `?5`
/// the scopes.
macro_rules! is_alive {
    () => {
        "(api_keys.revoked_at IS NULL AND api_keys.expires_at > ?2)"
    };
}
macro_rules! kind_fits {
    () => {
        "((api_keys.person_id IS NULL) = ?3)"
    };
}
macro_rules! owner_stands {
    () => {
        "(api_keys.person_id IS NULL OR EXISTS (
           SELECT 1 FROM people AS owner WHERE owner.id = api_keys.person_id AND owner.status = 'active'
             AND (owner.tenant_id = api_keys.tenant_id OR EXISTS (
               SELECT 1 FROM memberships AS held
               WHERE held.tenant_id = api_keys.tenant_id AND held.person_id = api_keys.person_id))))"
    };
}
macro_rules! tenant_is_open {
    () => {
        "EXISTS (SELECT 1 FROM tenants AS home WHERE home.id = api_keys.tenant_id AND home.status = 'active')"
    };
}
macro_rules! address_fits {
    () => {
        "(api_keys.addresses = '[]' OR EXISTS (
           SELECT 1 FROM json_each(api_keys.addresses) AS listed
           WHERE ?4 BETWEEN listed.value ->> 'first' AND listed.value ->> 'last'))"
    };
}
macro_rules! scopes_fit {
    () => {
        "NOT EXISTS (
           SELECT 1 FROM json_each(?5) AS needed
           WHERE needed.value NOT IN (SELECT had.value FROM json_each(api_keys.scopes) AS had))"
    };
}

/// Counts a call if everything about its key is right, in one statement: of many at once no more than the limit and the
/// quota get through. Then how the key stands. Two statements.
pub fn count(asked: &Asked) -> Batch {
    let Asked { id, of_tenant, place, needs, now } = asked;
    let counted = sql!(
        concat!(
            "UPDATE api_keys SET
               calls = iif(window_ends_at <= ?2, 1, calls + 1),
               window_ends_at = iif(window_ends_at <= ?2, ?6, window_ends_at), last_used_at = ?2
             WHERE id = ?1 AND (window_ends_at <= ?2 OR calls < calls_a_minute) AND ",
            is_alive!(),
            " AND ",
            kind_fits!(),
            " AND ",
            owner_stands!(),
            " AND ",
            tenant_is_open!(),
            " AND ",
            address_fits!(),
            " AND ",
            scopes_fit!(),
            " AND NOT EXISTS (
               SELECT 1 FROM tenants AS paying LEFT JOIN calls_of_day AS today
                 ON today.tenant_id = paying.id AND today.day = ?8
               WHERE paying.id = api_keys.tenant_id AND paying.id <> ?7
                 AND coalesce(today.calls, 0) >= paying.max_calls_a_day)
             RETURNING id"
        ),
        *id,
        *now,
        *of_tenant,
        place,
        needs,
        now.plus_ms(WINDOW_MS),
        TenantId::CONSUMERS,
        day(*now),
    );
    let facts = sql!(
        concat!(
            "SELECT api_keys.tenant_id AS tenant_id, api_keys.person_id AS person_id, ",
            is_alive!(),
            " AS is_alive, ",
            kind_fits!(),
            " AS kind_fits, ",
            owner_stands!(),
            " AS owner_stands, ",
            tenant_is_open!(),
            " AS tenant_is_open, ",
            address_fits!(),
            " AS address_fits, ",
            scopes_fit!(),
            " AS scopes_fit, calls_a_minute, api_keys.calls AS calls, window_ends_at,
               iif(tenants.id = ?6, NULL, max_calls_a_day) AS calls_a_day,
               coalesce((SELECT today.calls FROM calls_of_day AS today
                 WHERE today.tenant_id = api_keys.tenant_id AND today.day = ?7), 0) AS calls_today,
               epoch, role, apps
             FROM api_keys JOIN tenants ON tenants.id = api_keys.tenant_id
               LEFT JOIN people ON people.id = api_keys.person_id
               LEFT JOIN memberships ON memberships.tenant_id = api_keys.tenant_id
                 AND memberships.person_id = api_keys.person_id
             WHERE api_keys.id = ?1"
        ),
        *id,
        *now,
        *of_tenant,
        place,
        needs,
        TenantId::CONSUMERS,
        day(*now),
    );
    Batch::from(counted).and(facts)
}

/// The UTC day, counted since 1970; here, as numbers may reach the database without being whole ones.
const fn day(now: Timestamp) -> i64 {
    now.0.div_euclid(DAY_MS)
}

/// Puts a use from a wrong address on record, once a minute: whoever has somebody's key cannot fill the log with it.
pub fn refused_there(id: KeyId, entry: &Entry) -> Batch {
    let earlier = entry.at.plus_ms(-WINDOW_MS);
    let audit = record!(
        entry,
        "EXISTS (SELECT 1 FROM api_keys WHERE id = ?8 AND (refused_at IS NULL OR refused_at <= ?9))",
        id,
        earlier,
    );
    Batch::from(audit).and(sql!(
        "UPDATE api_keys SET refused_at = ?2 WHERE id = ?1 AND (refused_at IS NULL OR refused_at <= ?3)",
        id,
        entry.at,
        earlier,
    ))
}

/// Whether a tenant's key still counts: a row that says whether its tenant is open; nothing when it is dead.
pub fn standing(id: KeyId, now: Timestamp) -> Statement {
    sql!(
        "SELECT tenants.status = 'active' AS tenant_is_open FROM api_keys JOIN tenants ON tenants.id = tenant_id
         WHERE api_keys.id = ?1 AND revoked_at IS NULL AND expires_at > ?2",
        id,
        now,
    )
}

/// Refuses unless a tenant's key still counts and its tenant is open.
pub fn must_count(id: KeyId, now: Timestamp) -> Statement {
    sql!(
        "INSERT INTO guard (failure, holds)
         SELECT 'token_revoked', EXISTS (
           SELECT 1 FROM api_keys WHERE id = ?1 AND revoked_at IS NULL AND expires_at > ?2)
         UNION ALL SELECT 'tenant_inactive', EXISTS (
           SELECT 1 FROM api_keys JOIN tenants ON tenants.id = tenant_id
           WHERE api_keys.id = ?1 AND tenants.status = 'active')",
        id,
        now,
    )
}

/// Forgets how many calls were made long ago.
pub fn forget_days(now: Timestamp) -> Statement {
    sql!("DELETE FROM calls_of_day WHERE day < ?1", day(now.plus_ms(-KEPT_MS)))
}
