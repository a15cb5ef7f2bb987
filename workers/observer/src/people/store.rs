//! The SQL of people as administrators see them.

use crate::audit::{Entry, record};
use crate::notices;
use serde::Deserialize;
use sesh_edge::io::{Batch, Statement};
use sesh_edge::sql;
use sesh_types::contract::admin::{Account, Standing};
use sesh_types::ids::{PersonId, TenantId};
use sesh_types::time::{Timestamp, sql_ms, sql_ms_option};

/// A row whose `body` is an account, as JSON.
#[derive(Debug, Deserialize)]
pub struct Body {
    /// [`AccountRow`] as JSON.
    pub body: String,
}

/// An account as the database has it.
#[derive(Debug, Deserialize)]
pub struct AccountRow {
    id: PersonId,
    tenant_id: TenantId,
    email: String,
    display_name: String,
    status: Standing,
    suspended_reason: Option<String>,
    #[serde(deserialize_with = "sql_ms_option::deserialize")]
    suspended_at: Option<Timestamp>,
    #[serde(deserialize_with = "sql_ms::deserialize")]
    created_at: Timestamp,
    devices: i64,
}

impl From<AccountRow> for Account {
    fn from(row: AccountRow) -> Self {
        let AccountRow { id, tenant_id, email, display_name, status, suspended_reason, suspended_at, .. } =
            row;
        let AccountRow { created_at, devices, .. } = row;
        Self {
            id,
            tenant_id,
            email,
            display_name,
            status,
            suspended_reason,
            suspended_at,
            created_at,
            devices,
        }
    }
}

/// Selects an account as JSON, with this (SQL) as address.
macro_rules! account {
    ($email:literal) => {
        concat!(
            "SELECT json_object('id', id, 'tenant_id', tenant_id, 'email', ",
            $email,
            ", 'display_name', display_name,
               'status', status, 'suspended_reason', suspended_reason, 'suspended_at', suspended_at,
               'created_at', created_at,
               'devices', (SELECT COUNT(*) FROM devices
                           WHERE person_id = people.id AND revoked_at IS NULL AND expires_at > ?2)) AS body
             FROM people WHERE id = ?1"
        )
    };
}

/// One account, as JSON.
pub fn one(id: PersonId, now: Timestamp) -> Statement {
    sql!(account!("email"), id, now)
}

/// One account without the address, as JSON: what an idempotency record keeps.
pub fn recipe(id: PersonId, now: Timestamp) -> Statement {
    sql!(account!("''"), id, now)
}

/// A row whose `email` is an account's address.
#[derive(Debug, Deserialize)]
pub struct Address {
    /// The address.
    pub email: String,
}

/// An account's address.
pub fn address(id: PersonId) -> Statement {
    sql!("SELECT email FROM people WHERE id = ?1", id)
}

/// One page of the accounts whose address or name holds `search`, newest first, and how many there are.
pub fn list(
    search: Option<&str>,
    status: Option<Standing>,
    now: Timestamp,
    limit: u32,
    offset: u32,
) -> Batch {
    let status = status.map(Standing::as_str);
    Batch::from(sql!(
        "SELECT COUNT(*) AS total FROM people
         WHERE (?1 IS NULL OR instr(email, ?1) > 0 OR instr(display_key, ?1) > 0) AND (?2 IS NULL OR status = ?2)",
        search,
        status,
    ))
    .and(sql!(
        "SELECT id, tenant_id, email, display_name, status, suspended_reason, suspended_at, created_at,
           (SELECT COUNT(*) FROM devices
            WHERE person_id = people.id AND revoked_at IS NULL AND expires_at > ?3) AS devices
         FROM people
         WHERE (?1 IS NULL OR instr(email, ?1) > 0 OR instr(display_key, ?1) > 0) AND (?2 IS NULL OR status = ?2)
         ORDER BY id DESC LIMIT ?4 OFFSET ?5",
        search,
        status,
        now,
        limit,
        offset,
    ))
}

/// Suspends an active person: a new epoch, no device left, a notice of both. Whoever is suspended already stays so.
pub fn suspend(id: PersonId, reason: &str, entry: &Entry) -> Batch {
    let audit = record!(entry, "EXISTS (SELECT 1 FROM people WHERE id = ?8 AND status = 'active')", id);
    let tell = sql!(
        "INSERT INTO notices (body)
         SELECT json_object('kind', 'revoked', 'subject', 'person:' || id, 'min_epoch', epoch + 1, 'expires_at', ?2)
         FROM people WHERE id = ?1 AND status = 'active'",
        id,
        notices::tokens_expired_by(entry.at).to_string(),
    );
    let devices = sql!(
        "UPDATE devices SET revoked_at = ?2 WHERE person_id = ?1 AND revoked_at IS NULL
           AND EXISTS (SELECT 1 FROM people WHERE id = ?1 AND status = 'active')",
        id,
        entry.at,
    );
    let person = sql!(
        "UPDATE people SET status = 'suspended', epoch = epoch + 1, suspended_at = ?2, suspended_reason = ?3
         WHERE id = ?1 AND status = 'active'",
        id,
        entry.at,
        reason,
    );
    Batch::from(must_exist(id)).and(audit).and(tell).and(devices).and(person)
}

/// Reinstates a suspended person: they may sign in again. Their old tokens stay dead.
pub fn reinstate(id: PersonId, entry: &Entry) -> Batch {
    let audit = record!(entry, "EXISTS (SELECT 1 FROM people WHERE id = ?8 AND status = 'suspended')", id);
    let person = sql!(
        "UPDATE people SET status = 'active', suspended_at = NULL, suspended_reason = NULL
         WHERE id = ?1 AND status = 'suspended'",
        id,
    );
    Batch::from(must_exist(id)).and(audit).and(person)
}

/// How many statements [`suspend`] has: the place of what is selected after it.
pub const SUSPEND_STATEMENTS: usize = 5;
/// How many statements [`reinstate`] has.
pub const REINSTATE_STATEMENTS: usize = 3;

fn must_exist(id: PersonId) -> Statement {
    sql!(
        "INSERT INTO guard (failure, holds) SELECT 'not_found', EXISTS (SELECT 1 FROM people WHERE id = ?1)",
        id
    )
}
