//! The SQL of API keys.

use super::Owner;
use super::rules::{NewKey, WINDOW_MS};
use crate::audit::{Entry, record};
use crate::mail::{self, Kind};
use crate::notices;
use serde::Deserialize;
use sesh_edge::http::Failure;
use sesh_edge::io::{Batch, Statement};
use sesh_edge::sql;
use sesh_types::access::{Apps, KeyScope, TenantRole};
use sesh_types::contract::keys::ApiKey;
use sesh_types::contract::notice::Notice;
use sesh_types::ids::{KeyId, MailId, PersonId, TenantId};
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
               'addresses', (SELECT json_group_array(value ->> 'text') FROM json_each(addresses)),
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

/// Forgets keys that ended long ago; the audit log remembers them.
pub fn forget_ended(now: Timestamp) -> Statement {
    sql!("DELETE FROM api_keys WHERE expires_at <= ?1 OR revoked_at <= ?1", now.plus_ms(-KEPT_MS))
}

/// Forgets how many calls were made long ago.
pub fn forget_days(now: Timestamp) -> Statement {
    sql!("DELETE FROM calls_of_day WHERE day < ?1", day(now.plus_ms(-KEPT_MS)))
}
