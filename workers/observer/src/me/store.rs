//! The SQL of profiles.

use crate::audit::{Entry, record};
use serde::Deserialize;
use sesh_edge::io::{Batch, Statement};
use sesh_edge::sql;
use sesh_types::contract::auth::EditUser;
use sesh_types::ids::PersonId;

/// A row whose `body` is a person, as JSON.
#[derive(Debug, Deserialize)]
pub struct Body {
    /// [`crate::grant::UserRow`] as JSON.
    pub body: String,
}

/// A row whose `email` is a person's address.
#[derive(Debug, Deserialize)]
pub struct Address {
    /// The address.
    pub email: String,
}

/// Selects a person as JSON, with this (SQL) as address.
macro_rules! person {
    ($email:literal) => {
        concat!(
            "SELECT json_object('id', id, 'email', ",
            $email,
            ", 'email_verified_at', email_verified_at, 'display_name', display_name, 'time_zone', time_zone,
               'created_at', created_at, 'version', version)
               AS body
             FROM people WHERE id = ?1"
        )
    };
}

/// Oneself, as JSON.
pub fn read(person: PersonId) -> Statement {
    sql!(person!("email"), person)
}

/// Oneself without the address, as JSON: what an idempotency record keeps.
pub fn recipe(person: PersonId) -> Statement {
    sql!(person!("''"), person)
}

/// One's address.
pub fn address(person: PersonId) -> Statement {
    sql!("SELECT email FROM people WHERE id = ?1", person)
}

/// Edits a profile that stands at `version` (or at any); an edit that changes nothing leaves no trace. The audit entry
/// names the fields that changed, and of the time zone what it was and is; a name is nothing for the log.
pub fn edit(person: PersonId, edit: &EditUser, version: Option<i64>, entry: &Entry) -> Batch {
    let EditUser { display_name, time_zone } = edit;
    let stands = sql!(
        "INSERT INTO guard (failure, holds) SELECT 'precondition_failed', EXISTS (
           SELECT 1 FROM people WHERE id = ?1 AND (?2 IS NULL OR version = ?2))",
        person,
        version,
    );
    let audit = record!(
        entry,
        detail "(SELECT json_object(
           'fields', json(CASE WHEN time_zone = coalesce(?10, time_zone) THEN '[\"display_name\"]'
             WHEN display_name = coalesce(?9, display_name) THEN '[\"time_zone\"]'
             ELSE '[\"display_name\",\"time_zone\"]' END),
           'before', json_patch(json_object('version', version),
             iif(time_zone = coalesce(?10, time_zone), '{}', json_object('time_zone', time_zone))),
           'after', json_patch(json_object('version', version + 1),
             iif(time_zone = coalesce(?10, time_zone), '{}', json_object('time_zone', ?10))))
         FROM people WHERE id = ?8)",
        "EXISTS (SELECT 1 FROM people WHERE id = ?8
           AND (display_name <> coalesce(?9, display_name) OR time_zone <> coalesce(?10, time_zone)))",
        person,
        display_name.clone(),
        time_zone.clone(),
    );
    let tell = sql!(
        "INSERT INTO notices (body)
         SELECT json_object('kind', 'profile', 'tenant_id', place.tenant_id, 'person_id', id,
           'time_zone', coalesce(?3, time_zone), 'version', version + 1)
         FROM people, (SELECT tenant_id FROM people WHERE id = ?1
                       UNION SELECT tenant_id FROM memberships WHERE person_id = ?1) AS place
         WHERE id = ?1
           AND (display_name <> coalesce(?2, display_name) OR time_zone <> coalesce(?3, time_zone))",
        person,
        display_name.clone(),
        time_zone.clone(),
    );
    let change = sql!(
        "UPDATE people SET display_name = coalesce(?2, display_name), display_key = coalesce(?4, display_key),
           time_zone = coalesce(?3, time_zone), version = version + 1
         WHERE id = ?1
           AND (display_name <> coalesce(?2, display_name) OR time_zone <> coalesce(?3, time_zone))",
        person,
        display_name.clone(),
        time_zone.clone(),
        display_name.as_deref().map(str::to_lowercase),
    );
    Batch::from(stands).and(audit).and(tell).and(change)
}

/// How many statements [`edit`] has: the place of what is selected after it.
pub const EDIT_STATEMENTS: usize = 4;
