//! What tracker keeps of a person: their time zone and counts.

use serde::Deserialize;
use sesh_edge::http::Failure;
use sesh_edge::io::{Rows, Statement};
use sesh_edge::sql;
use sesh_edge::token::Scope;

/// A person's row; somebody without one is in UTC and has no sessions.
#[derive(Debug, Deserialize)]
pub(crate) struct Member {
    pub(crate) time_zone: String,
    pub(crate) profile_version: i64,
    pub(crate) sessions: u64,
}

/// Reads a person's row.
pub(crate) fn one(scope: Scope) -> Statement {
    sql!(
        "SELECT time_zone, profile_version, sessions FROM members WHERE tenant_id = ?1 AND person_id = ?2",
        scope.tenant,
        scope.person,
    )
}

/// The row that [`one`] found, or what stands for none.
pub(crate) fn read(rows: &Rows, place: usize) -> Result<Member, Failure> {
    let nobody = || Member { time_zone: "UTC".to_owned(), profile_version: 0, sessions: 0 };
    Ok(rows.first(place)?.unwrap_or_else(nobody))
}
