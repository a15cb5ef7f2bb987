//! The SQL of API keys: here the keys themselves, in `calls.rs` what is done with them.

mod calls;

pub use calls::{Asked, Counted, Facts, count, forget_days, must_count, refused_there, standing};

use super::Owner;
use super::rules::NewKey;
use crate::audit::{Entry, record};
use crate::mail::{self, Kind};
use crate::notices;
use serde::Deserialize;
use sesh_edge::http::Failure;
use sesh_edge::io::{Batch, Statement};
use sesh_edge::sql;
use sesh_types::access::KeyScope;
use sesh_types::contract::keys::ApiKey;
use sesh_types::contract::notice::Notice;
use sesh_types::ids::{KeyId, MailId, PersonId};
use sesh_types::time::{DAY_MS, Timestamp, sql_ms, sql_ms_option};

/// Live keys an owner: a person, and a tenant.
const MOST: (u32, u32) = (20, 100);
/// How long a key that has ended stays in the list.
const KEPT_MS: i64 = 90 * DAY_MS;

/// A row whose `body` is a key, as JSON.
#[derive(Debug, Deserialize)]
pub struct Body {
    /// [`KeyRow`] as JSON.
    pub body: String,
}

/// A key as the database has it.
#[derive(Debug, Deserialize)]
pub struct KeyRow {
    id: KeyId,
    /// Which of the Worker's keys it was made with.
    pub key_id: String,
    name: String,
    scopes: Vec<KeyScope>,
    addresses: Vec<String>,
    calls_a_minute: i64,
    #[serde(deserialize_with = "sql_ms::deserialize")]
    created_at: Timestamp,
    #[serde(deserialize_with = "sql_ms::deserialize")]
    expires_at: Timestamp,
    #[serde(deserialize_with = "sql_ms_option::deserialize")]
    last_used_at: Option<Timestamp>,
    #[serde(deserialize_with = "sql_ms_option::deserialize")]
    revoked_at: Option<Timestamp>,
    replaced_by: Option<KeyId>,
}

impl From<KeyRow> for ApiKey {
    fn from(row: KeyRow) -> Self {
        Self {
            id: row.id,
            begins_with: sesh_types::api_key::beginning(row.id),
            name: row.name,
            scopes: row.scopes,
            addresses: row.addresses,
            calls_a_minute: row.calls_a_minute,
            created_at: row.created_at,
            expires_at: row.expires_at,
            last_used_at: row.last_used_at,
            revoked_at: row.revoked_at,
            replaced_by: row.replaced_by,
        }
    }
}

/// Selects keys as JSON.
macro_rules! key {
    ($which:literal) => {
        concat!(
            "SELECT json_object('id', id, 'key_id', key_id, 'name', name, 'scopes', json(scopes),
               'addresses', json((SELECT json_group_array(value ->> 'text') FROM json_each(addresses))),
               'calls_a_minute', calls_a_minute, 'created_at', created_at, 'expires_at', expires_at,
               'last_used_at', last_used_at, 'revoked_at', revoked_at, 'replaced_by', replaced_by) AS body
             FROM api_keys ",
            $which
        )
    };
}

/// One key, as JSON.
pub fn one(id: KeyId) -> Statement {
    sql!(key!("WHERE id = ?1"), id,)
}

/// One page of an owner's keys, the latest first, and how many there are.
pub fn list(owner: Owner, limit: u32, offset: u32) -> Batch {
    Batch::from(sql!(
        "SELECT COUNT(*) AS total FROM api_keys WHERE tenant_id = ?1 AND person_id IS ?2",
        owner.tenant,
        owner.person,
    ))
    .and(sql!(
        key!("WHERE tenant_id = ?1 AND person_id IS ?2 ORDER BY id DESC LIMIT ?3 OFFSET ?4"),
        owner.tenant,
        owner.person,
        limit,
        offset,
    ))
}

/// All keys of a person's, in whichever tenant, the latest first.
pub fn all_of(person: PersonId) -> Statement {
    sql!(key!("WHERE person_id = ?1 ORDER BY id DESC LIMIT 1000"), person,)
}

/// Makes a key; whoever made it is told by mail.
///
/// # Errors
/// A defect, when a list cannot be written as JSON.
pub fn make(
    owner: Owner,
    (id, key_id): (KeyId, &str),
    new: &NewKey,
    told: (MailId, PersonId),
    entry: &Entry,
) -> Result<Batch, Failure> {
    let most = if owner.person.is_some() { MOST.0 } else { MOST.1 };
    let room = sql!(
        "INSERT INTO guard (failure, holds) SELECT 'too_many_keys', (
           SELECT COUNT(*) FROM api_keys
           WHERE tenant_id = ?1 AND person_id IS ?2 AND revoked_at IS NULL AND expires_at > ?3) < ?4",
        owner.tenant,
        owner.person,
        entry.at,
        most,
    );
    let insert = sql!(
        "INSERT INTO api_keys (id, tenant_id, person_id, key_id, name, scopes, addresses, calls_a_minute, made_by,
           created_at, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        id,
        owner.tenant,
        owner.person,
        key_id,
        &new.name,
        serde_json::to_string(&new.scopes).map_err(Failure::internal)?,
        serde_json::to_string(&new.addresses).map_err(Failure::internal)?,
        new.calls_a_minute,
        &entry.actor,
        entry.at,
        new.expires_at,
    );
    Ok(Batch::from(room).and(record!(entry)).and(insert).and(mail::store::enqueue_to_owner(
        told.0,
        told.1,
        Kind::KeyMade,
        entry.at,
    )))
}

/// A row that says that there is one.
#[derive(Debug, Deserialize)]
pub struct Found {}

/// A row, if this is a key of the owner's.
pub fn theirs(owner: Owner, id: KeyId) -> Statement {
    sql!(
        "SELECT 1 AS found FROM api_keys WHERE id = ?1 AND tenant_id = ?2 AND person_id IS ?3",
        id,
        owner.tenant,
        owner.person,
    )
}

/// Refuses unless this is a key of the owner's.
fn must_be_theirs(owner: Owner, id: KeyId) -> Statement {
    sql!(
        "INSERT INTO guard (failure, holds) SELECT 'not_found', EXISTS (
           SELECT 1 FROM api_keys WHERE id = ?1 AND tenant_id = ?2 AND person_id IS ?3)",
        id,
        owner.tenant,
        owner.person,
    )
}

/// Makes a key that takes the place of a live one, which counts on until `overlap_ms` are over. The new one has the same
/// rights, and the life that the old one was made with.
pub fn rotate(
    owner: Owner,
    old: KeyId,
    (id, key_id): (KeyId, &str),
    overlap_ms: i64,
    told: (MailId, PersonId),
    entry: &Entry,
) -> Batch {
    let alive = sql!(
        "INSERT INTO guard (failure, holds) SELECT 'key_has_ended', EXISTS (
           SELECT 1 FROM api_keys WHERE id = ?1 AND revoked_at IS NULL AND expires_at > ?2 AND replaced_by IS NULL)",
        old,
        entry.at,
    );
    let insert = sql!(
        "INSERT INTO api_keys (id, tenant_id, person_id, key_id, name, scopes, addresses, calls_a_minute, made_by,
           created_at, expires_at)
         SELECT ?1, tenant_id, person_id, ?3, name, scopes, addresses, calls_a_minute, ?4, ?5,
           ?5 + (expires_at - created_at)
         FROM api_keys WHERE id = ?2",
        id,
        old,
        key_id,
        &entry.actor,
        entry.at,
    );
    let replace = sql!(
        "UPDATE api_keys SET replaced_by = ?2, expires_at = MIN(expires_at, ?3) WHERE id = ?1",
        old,
        id,
        entry.at.plus_ms(overlap_ms),
    );
    Batch::from(must_be_theirs(owner, old))
        .and(alive)
        .and(record!(entry))
        .and(insert)
        .and(replace)
        .and(mail::store::enqueue_to_owner(told.0, told.1, Kind::KeyMade, entry.at))
}

/// How many statements [`rotate`] has: the place of what is selected after it.
pub const ROTATE_STATEMENTS: usize = 6;
/// How many statements [`make`] has.
pub const MAKE_STATEMENTS: usize = 4;

/// Ends a key; one that has ended stays so. Calls with it that are under way come to nothing once this is acknowledged.
///
/// # Errors
/// A defect, when the notice cannot be written as JSON.
pub fn revoke(owner: Owner, id: KeyId, entry: &Entry) -> Result<Batch, Failure> {
    let notice = Notice::key_revoked(id, notices::tokens_expired_by(entry.at));
    let notice = serde_json::to_string(&notice).map_err(Failure::internal)?;
    let audit = record!(entry, "EXISTS (SELECT 1 FROM api_keys WHERE id = ?8 AND revoked_at IS NULL)", id);
    let tell = sql!(
        "INSERT INTO notices (body) SELECT ?2 WHERE EXISTS (
           SELECT 1 FROM api_keys WHERE id = ?1 AND revoked_at IS NULL)",
        id,
        notice,
    );
    let end = sql!("UPDATE api_keys SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL", id, entry.at);
    Ok(Batch::from(must_be_theirs(owner, id)).and(audit).and(tell).and(end))
}

/// Ends every key of a person's, if there is one. Belongs where their epoch rises: that ends the calls under way.
pub fn revoke_all(person: PersonId, entry: &Entry) -> Batch {
    let audit =
        record!(entry, "EXISTS (SELECT 1 FROM api_keys WHERE person_id = ?8 AND revoked_at IS NULL)", person);
    Batch::from(audit).and(sql!(
        "UPDATE api_keys SET revoked_at = ?2 WHERE person_id = ?1 AND revoked_at IS NULL",
        person,
        entry.at,
    ))
}

/// Forgets keys that ended long ago; the audit log remembers them.
pub fn forget_ended(now: Timestamp) -> Statement {
    sql!("DELETE FROM api_keys WHERE expires_at <= ?1 OR revoked_at <= ?1", now.plus_ms(-KEPT_MS))
}
