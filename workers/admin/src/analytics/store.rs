//! SQL of analytics. The platform's own staff look at all tenants together, so no scope narrows these statements;
//! they hold pseudonymous ids and counts.

use super::rules::{DayCount, Range, StrainUse, Told};
use serde::Deserialize;
use sesh_edge::http::Failure;
use sesh_edge::io::{DbError, Rows, Statement};
use sesh_edge::sql;

/// Keeps facts, each once; triggers count what is new.
pub(super) fn keep(told: &[Told]) -> Result<Statement, Failure> {
    let facts = serde_json::to_string(told).map_err(Failure::internal)?;
    Ok(sql!(
        "INSERT INTO facts
           (id, kind, tenant_id, person_id, day, session_id, strain_ids, occurred_at, recorded_at)
         SELECT value ->> 'id', value ->> 'kind', value ->> 'tenant_id', value ->> 'person_id', value ->> 'day',
           value ->> 'session_id', value -> 'strain_ids', value ->> 'occurred_at_ms', value ->> 'recorded_at_ms'
         FROM json_each(?1) WHERE true
         ON CONFLICT DO NOTHING",
        facts,
    ))
}

/// Empties the counts and counts anew from the facts: statements for one batch.
pub fn rebuild() -> [Statement; 6] {
    [
        sql!("DELETE FROM daily_people"),
        sql!("DELETE FROM daily_strains"),
        sql!("DELETE FROM daily_registrations"),
        sql!(
            "INSERT INTO daily_people (day, tenant_id, person_id, sessions)
             SELECT day, tenant_id, person_id, COUNT(*) FROM counted_sessions GROUP BY day, tenant_id, person_id"
        ),
        sql!(
            "INSERT INTO daily_strains (day, tenant_id, strain_id, sessions)
             SELECT day, tenant_id, used.value, COUNT(*) FROM counted_sessions, json_each(strain_ids) AS used
             GROUP BY day, tenant_id, used.value"
        ),
        sql!(
            "INSERT INTO daily_registrations (day, tenant_id, people)
             SELECT day, tenant_id, COUNT(*) FROM facts WHERE kind = 'person_registered' GROUP BY day, tenant_id"
        ),
    ]
}

/// What an overview is made of.
#[derive(Debug)]
pub(super) struct Counts {
    pub(super) days: Vec<DayCount>,
    pub(super) active_people: i64,
    pub(super) strains_used: i64,
    pub(super) top_strains: Vec<StrainUse>,
    pub(super) people: People,
}

/// People who signed up.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct People {
    pub(super) ever: i64,
    pub(super) new: i64,
}

#[derive(Deserialize)]
struct Counted {
    count: i64,
}

/// Asks for the counts of a range. It reads the rows of these days, and one row a day of registrations.
pub(super) fn counts(range: Range) -> [Statement; 5] {
    let (from, to) = (range.from.to_string(), range.to.to_string());
    [
        sql!(
            "SELECT day, SUM(sessions) AS sessions, COUNT(*) AS people FROM daily_people
             WHERE day BETWEEN ?1 AND ?2 GROUP BY day ORDER BY day",
            &from,
            &to,
        ),
        sql!(
            "SELECT COUNT(DISTINCT person_id) AS count FROM daily_people WHERE day BETWEEN ?1 AND ?2",
            &from,
            &to,
        ),
        sql!(
            "SELECT COUNT(DISTINCT strain_id) AS count FROM daily_strains WHERE day BETWEEN ?1 AND ?2",
            &from,
            &to,
        ),
        sql!(
            "SELECT strain_id, SUM(sessions) AS sessions FROM daily_strains WHERE day BETWEEN ?1 AND ?2
             GROUP BY strain_id ORDER BY sessions DESC, strain_id LIMIT 10",
            &from,
            &to,
        ),
        sql!(
            "SELECT COALESCE(SUM(people), 0) AS ever,
               COALESCE(SUM(people) FILTER (WHERE day BETWEEN ?1 AND ?2), 0) AS new FROM daily_registrations",
            from,
            to,
        ),
    ]
}

/// Reads what [`counts`] asked for.
pub(super) fn read(rows: &Rows) -> Result<Counts, DbError> {
    Ok(Counts {
        days: rows.all(0)?,
        active_people: rows.one::<Counted>(1)?.count,
        strains_used: rows.one::<Counted>(2)?.count,
        top_strains: rows.all(3)?,
        people: rows.one(4)?,
    })
}
