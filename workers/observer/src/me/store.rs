//! The SQL of profiles.

use crate::audit::{Entry, record};
use crate::personal::Sealed;
use serde::Deserialize;
use sesh_edge::io::{Batch, Statement};
use sesh_edge::sql;
use sesh_types::ids::PersonId;

/// A row whose `body` is a person, as JSON.
#[derive(Debug, Deserialize)]
pub struct Body {
    /// [`crate::grant::UserRow`] as JSON.
    pub body: String,
}

/// A row whose `email` is a person's address, with the key to read it.
#[derive(Debug, Deserialize)]
pub struct Address {
    /// The address.
    pub email: Sealed,
    /// The person's key.
    pub wrapped: Option<String>,
}

/// Selects a person as JSON, with this (SQL) as address and this as their key.
macro_rules! person {
    ($email:literal, $wrapped:literal) => {
        concat!(
            "SELECT json_object('id', id, 'email', ",
            $email,
            ", 'email_verified_at', email_verified_at, 'display_name', display_name, 'time_zone', time_zone,
               'created_at', created_at, 'version', version, 'wrapped', ",
            $wrapped,
            ") AS body
             FROM people WHERE id = ?1"
        )
    };
}

/// Oneself, as JSON.
pub fn read(person: PersonId) -> Statement {
    sql!(person!("email", "(SELECT wrapped FROM person_keys WHERE person_id = people.id)"), person)
}

/// Oneself without address and key, as JSON: what an idempotency record keeps.
pub fn recipe(person: PersonId) -> Statement {
    sql!(person!("''", "NULL"), person)
}

/// One's address, and the key to read it.
pub fn address(person: PersonId) -> Statement {
    sql!(
        "SELECT email, (SELECT wrapped FROM person_keys WHERE person_id = people.id) AS wrapped
         FROM people WHERE id = ?1",
        person
    )
}

/// What an edit changes of a profile; of the name its encrypted text and its index.
#[derive(Clone, Debug, Default)]
pub struct Edit {
    /// What somebody is to be called.
    pub name: Option<(Sealed, String)>,
    /// Their time zone.
    pub time_zone: Option<String>,
}

/// Edits a profile that stands at `version` (or at any); an edit that changes nothing leaves no trace. The audit entry
/// names the fields that changed, and of the time zone what it was and is; a name is nothing for the log. Whether a name
/// is another one is told by its index.
pub fn edit(person: PersonId, edit: &Edit, version: Option<i64>, entry: &Entry) -> Batch {
    let Edit { name, time_zone } = edit;
    let index = name.as_ref().map(|(_, index)| index.clone());
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
             WHEN name_index IS coalesce(?9, name_index) THEN '[\"time_zone\"]'
             ELSE '[\"display_name\",\"time_zone\"]' END),
           'before', json_patch(json_object('version', version),
             iif(time_zone = coalesce(?10, time_zone), '{}', json_object('time_zone', time_zone))),
           'after', json_patch(json_object('version', version + 1),
             iif(time_zone = coalesce(?10, time_zone), '{}', json_object('time_zone', ?10))))
         FROM people WHERE id = ?8)",
        "EXISTS (SELECT 1 FROM people WHERE id = ?8
           AND (name_index IS NOT coalesce(?9, name_index) OR time_zone <> coalesce(?10, time_zone)))",
        person,
        index.clone(),
        time_zone.clone(),
    );
    let tell = sql!(
        "INSERT INTO notices (body)
         SELECT json_object('kind', 'profile', 'tenant_id', place.tenant_id, 'person_id', id,
           'time_zone', coalesce(?3, time_zone), 'version', version + 1)
         FROM people, (SELECT tenant_id FROM people WHERE id = ?1
                       UNION SELECT tenant_id FROM memberships WHERE person_id = ?1) AS place
         WHERE id = ?1
           AND (name_index IS NOT coalesce(?2, name_index) OR time_zone <> coalesce(?3, time_zone))",
        person,
        index.clone(),
        time_zone.clone(),
    );
    let change = sql!(
        "UPDATE people SET display_name = coalesce(?4, display_name), name_index = coalesce(?2, name_index),
           display_key = iif(?2 IS NULL, display_key, ''), time_zone = coalesce(?3, time_zone), version = version + 1
         WHERE id = ?1
           AND (name_index IS NOT coalesce(?2, name_index) OR time_zone <> coalesce(?3, time_zone))",
        person,
        index,
        time_zone.clone(),
        name.as_ref().map(|(sealed, _)| sealed.0.clone()),
    );
    Batch::from(stands).and(audit).and(tell).and(change)
}

/// How many statements [`edit`] has: the place of what is selected after it.
pub const EDIT_STATEMENTS: usize = 4;
