//! D1 as SQLite: the same statements, the same constraints, the same words when they fail.

use crate::io::{KNOWN_SQL, Param, Reply, Statement};
use bytes::Bytes;
use rusqlite::types::{ToSqlOutput, Value as SqlValue, ValueRef};
use rusqlite::{Connection, ToSql};
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};

/// A Worker's database.
pub struct Database(Connection);

impl ToSql for Param {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => ToSqlOutput::Owned(SqlValue::Null),
            // D1 gets its numbers through JavaScript and binds every one as REAL; columns of INTEGER affinity make
            // whole numbers of them, bare expressions do not. The twin must show the difference.
            #[allow(clippy::cast_precision_loss, reason = "as D1 does")]
            Self::Integer(value) => ToSqlOutput::Owned(SqlValue::Real(*value as f64)),
            Self::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
        })
    }
}

/// The migrations of a Worker, in order, found from the folder of the crate that asks.
///
/// # Panics
/// When the folder cannot be read: nothing can be tested without it.
#[allow(clippy::expect_used, reason = "test support: a missing migration must end the test")]
pub fn migrations_of(worker: &str) -> Vec<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = here.join("../../migrations").join(worker);
    // Its databases are those of its Durable Objects.
    if worker == "live" {
        return Vec::new();
    }
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .expect("the migrations folder")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "sql"))
        .collect();
    files.sort();
    files
}

impl Database {
    /// An empty database with a Worker's migrations applied.
    ///
    /// # Panics
    /// When a migration fails.
    #[allow(clippy::expect_used, reason = "test support: a broken migration must end the test")]
    pub fn migrated(worker: &str) -> Self {
        let connection = Connection::open_in_memory().expect("SQLite opens in memory");
        // D1 enforces foreign keys.
        connection.execute_batch("PRAGMA foreign_keys = ON").expect("a pragma");
        // All statements of a Worker stay prepared.
        connection.set_prepared_statement_cache_capacity(512);
        for path in migrations_of(worker) {
            let sql = std::fs::read_to_string(&path).expect("a migration");
            if let Err(error) = connection.execute_batch(&sql) {
                #[allow(clippy::panic, reason = "test support")]
                {
                    panic!("{}: {error}", path.display());
                }
            }
        }
        Self(connection)
    }

    /// The connection, for tests that look behind the Worker's back.
    pub fn connection(&self) -> &Connection {
        &self.0
    }

    /// Runs a batch in one transaction.
    pub fn run(&mut self, batch: &[Statement]) -> Reply {
        match self.try_run(batch) {
            Ok(results) => Reply::Rows { results, rows_read: 0, rows_written: 0 },
            Err(error) => Reply::Failed(error.to_string()),
        }
    }

    /// Begins a trial: whatever is written from here on is gone after [`Database::end_trial`]. It costs less than a
    /// new database, and prepared statements stay prepared.
    ///
    /// # Errors
    /// When a trial is under way.
    pub fn begin_trial(&self) -> rusqlite::Result<()> {
        self.0.execute_batch("BEGIN")
    }

    /// Ends a trial.
    ///
    /// # Errors
    /// When there is none.
    pub fn end_trial(&self) -> rusqlite::Result<()> {
        self.0.execute_batch("ROLLBACK")
    }

    /// A savepoint is a transaction of its own, or one within a trial.
    fn try_run(&mut self, batch: &[Statement]) -> rusqlite::Result<Vec<Bytes>> {
        let step = |sql| self.0.prepare_cached(sql)?.execute([]);
        step("SAVEPOINT batch")?;
        let results = batch.iter().map(|statement| rows(&self.0, statement)).collect::<rusqlite::Result<_>>();
        if results.is_err() {
            step("ROLLBACK TO batch")?;
        }
        step("RELEASE batch")?;
        results
    }
}

fn rows(connection: &Connection, statement: &Statement) -> rusqlite::Result<Bytes> {
    let mut prepared = connection.prepare_cached(&steady(&statement.sql))?;
    let names: Vec<String> = prepared.column_names().map(str::to_owned).collect();
    let mut cursor = prepared.query(rusqlite::params_from_iter(&statement.params))?;
    let mut rows = Vec::new();
    while let Some(row) = cursor.next()? {
        let mut object = Map::new();
        for (place, name) in names.iter().enumerate() {
            let value = match row.get_ref(place)? {
                ValueRef::Null => Value::Null,
                ValueRef::Integer(value) => value.into(),
                ValueRef::Real(value) => value.into(),
                ValueRef::Text(text) | ValueRef::Blob(text) => {
                    String::from_utf8_lossy(text).into_owned().into()
                }
            };
            object.insert(name.clone(), value);
        }
        rows.push(Value::Object(object));
    }
    // As `perform.mjs` does: a statement that wrote its array itself.
    if let [Value::Object(row)] = rows.as_slice()
        && let Some(Value::String(json)) = row.get("json")
    {
        return Ok(json.clone().into());
    }
    Ok(Value::Array(rows).to_string().into())
}

/// A statement as `memory.mjs` hands it to D1: with a plus, which does nothing, before each parameter. Without it a parameter
/// beside `=` in a join or behind `LIMIT` makes SQLite compile the statement anew whenever its parameters are cleared, as D1
/// does before each use.
fn steady(sql: &str) -> String {
    let mut steady = String::with_capacity(sql.len() + 16);
    for (place, part) in sql.split('\'').enumerate() {
        if place > 0 {
            steady.push('\'');
        }
        // Every other part stands within quotation marks.
        if place % 2 == 0 {
            steady.push_str(&part.replace('?', "+?"));
        } else {
            steady.push_str(part);
        }
    }
    steady
}

/// How often SQLite compiles a statement again that is used twice, its parameters cleared in between.
fn compiled_again(connection: &Connection, sql: &str) -> rusqlite::Result<i32> {
    let mut statement = connection.prepare(sql)?;
    for _ in 0..2 {
        statement.clear_bindings();
        let nothing = vec![Param::Null; statement.parameter_count()];
        // What it comes to does not matter: compiling comes first.
        let _ = statement
            .query(rusqlite::params_from_iter(&nothing))
            .and_then(|mut rows| rows.next().map(|_| ()));
    }
    Ok(statement.get_status(rusqlite::StatementStatus::RePrepare))
}

/// Prepares every SQL text of the crates named by `modules` (and of this crate's own `shared` ones) against the
/// Worker's real migrations. Returns what failed, or would be compiled at each use, by place, and how many were prepared.
pub fn prepare_known_sql(worker: &str, modules: &[&str]) -> (usize, Vec<String>) {
    let database = Database::migrated(worker);
    let of_worker = KNOWN_SQL.iter().filter(|known| {
        modules
            .iter()
            .any(|module| known.module == *module || known.module.starts_with(&format!("{module}::")))
    });
    let mut count = 0;
    let mut failed = Vec::new();
    let _ = database.begin_trial();
    for known in of_worker {
        count += 1;
        let wrong = match compiled_again(&database.0, &steady(known.sql)) {
            Ok(0) => continue,
            Ok(_) => "it is compiled anew at each use".to_owned(),
            Err(error) => error.to_string(),
        };
        failed.push(format!("{} line {}: {wrong}\n{}", known.module, known.line, known.sql));
    }
    let _ = database.end_trial();
    (count, failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_statement_is_compiled_once() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE a (x TEXT, y TEXT); CREATE TABLE b (x TEXT, y TEXT)").unwrap();
        for sql in [
            "SELECT x FROM a LIMIT ?1",
            "SELECT a.x FROM a JOIN b USING (x) WHERE a.y = ?1 AND b.y = ?2 AND b.x <> '?3'",
        ] {
            assert!(
                compiled_again(&connection, sql).unwrap() > 0,
                "{sql}: SQLite has learned better, and steady is not needed"
            );
            assert_eq!(compiled_again(&connection, &steady(sql)).unwrap(), 0, "{sql}");
        }
        assert_eq!(steady("SELECT 'it''s ?1', ?1, '?' || ?12"), "SELECT 'it''s ?1', +?1, '?' || +?12");
    }
}
