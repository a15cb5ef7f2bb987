//! The SQL of people as administrators see them.

use crate::audit::{Entry, record};
use crate::keys::Keyring;
use crate::me::store::Address;
use crate::notices;
use crate::personal::{Field, PersonKey, Sealed, blind};
use serde::Deserialize;
use sesh_edge::http::Failure;
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
    email: Sealed,
    display_name: Sealed,
    status: Standing,
    suspended_reason: Option<String>,
    #[serde(deserialize_with = "sql_ms_option::deserialize")]
    suspended_at: Option<Timestamp>,
    #[serde(deserialize_with = "sql_ms::deserialize")]
    created_at: Timestamp,
    devices: i64,
    /// What an idempotency record keeps has none.
    #[serde(default)]
    wrapped: Option<String>,
}

impl AccountRow {
    /// With today's address, and the key to read both: what a record has neither of.
    #[must_use]
    pub fn at(self, address: Address) -> Self {
        Self { email: address.email, wrapped: address.wrapped, ..self }
    }

    /// As administrators see it.
    ///
    /// # Errors
    /// A defect, when something cannot be read.
    pub fn account(self, keys: &Keyring) -> Result<Account, Failure> {
        let key = PersonKey::unwrap(keys, self.id, self.wrapped.as_deref())?;
        Ok(Account {
            id: self.id,
            tenant_id: self.tenant_id,
            email: key.open(Field::Email, &self.email)?,
            display_name: key.open(Field::DisplayName, &self.display_name)?,
            status: self.status,
            suspended_reason: self.suspended_reason,
            suspended_at: self.suspended_at,
            created_at: self.created_at,
            devices: self.devices,
        })
    }
}

/// Selects an account as JSON, with this (SQL) as address and this as key.
macro_rules! account {
    ($email:literal, $wrapped:literal) => {
        concat!(
            "SELECT json_object('id', id, 'tenant_id', tenant_id, 'email', ",
            $email,
            ", 'wrapped', ",
            $wrapped,
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
    sql!(account!("email", "(SELECT wrapped FROM person_keys WHERE person_id = people.id)"), id, now)
}

/// One account without address and key, as JSON: what an idempotency record keeps.
pub fn recipe(id: PersonId, now: Timestamp) -> Statement {
    sql!(account!("''", "NULL"), id, now)
}

/// Whom a search finds: who has this very address or id, and whose name has for each word of it one that begins so. Who
/// still stands in plain is found by any part of address or name. `?1` is the search, `?5` the index of it as an
/// address, `?6` what the name's index must hold.
macro_rules! matching {
    () => {
        "(?1 IS NULL OR email_index = ?5 OR id = ?1
           OR (?6 <> '[]' AND name_index IS NOT NULL
             AND NOT EXISTS (SELECT 1 FROM json_each(?6) WHERE instr(name_index, value) = 0))
           OR (email_index IS NULL AND (instr(email, ?1) > 0 OR instr(display_key, ?1) > 0)))
         AND (?2 IS NULL OR status = ?2)"
    };
}

/// One page of the accounts that a search finds, newest first, and how many there are.
pub fn list(
    keys: &Keyring,
    search: Option<&str>,
    status: Option<Standing>,
    now: Timestamp,
    limit: u32,
    offset: u32,
) -> Batch {
    let status = status.map(Standing::as_str);
    let (email, words) = match search {
        Some(search) => (Some(blind::email(keys, search)), blind::wanted(keys, search)),
        None => (None, "[]".to_owned()),
    };
    Batch::from(sql!(
        // The parameters in between are the page's.
        concat!("SELECT COUNT(*) AS total FROM people WHERE ", matching!(), " AND ?3 IS ?4"),
        search,
        status,
        None::<&str>,
        None::<&str>,
        email.clone(),
        &words,
    ))
    .and(sql!(
        concat!(
            "SELECT id, tenant_id, email, display_name, status, suspended_reason, suspended_at, created_at,
               (SELECT wrapped FROM person_keys WHERE person_id = people.id) AS wrapped,
               (SELECT COUNT(*) FROM devices
                WHERE person_id = people.id AND revoked_at IS NULL AND expires_at > ?3) AS devices
             FROM people WHERE ",
            matching!(),
            " ORDER BY id DESC LIMIT ?4 OFFSET ?7"
        ),
        search,
        status,
        now,
        limit,
        email,
        words,
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
