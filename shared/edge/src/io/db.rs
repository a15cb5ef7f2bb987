//! The database port: SQL and parameters in, typed rows out. One call is one atomic batch.

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde::{Serialize, Serializer};
use sesh_types::envelope::QuotaDetails;
use sesh_types::time::Timestamp;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

/// A parameter of a statement.
#[derive(Clone, Debug, PartialEq)]
pub enum Param {
    /// NULL.
    Null,
    /// INTEGER; exact up to 2^53 on its way through JavaScript.
    Integer(i64),
    /// TEXT.
    Text(String),
}

impl Serialize for Param {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => out.serialize_none(),
            Self::Integer(value) => out.serialize_i64(*value),
            Self::Text(value) => out.serialize_str(value),
        }
    }
}

macro_rules! integer_params {
    ($($from:ty),*) => { $(
        impl From<$from> for Param {
            fn from(value: $from) -> Self {
                Self::Integer(value.into())
            }
        }
    )* };
}
integer_params!(i64, i32, u32, u16, u8, bool);

impl From<Timestamp> for Param {
    fn from(time: Timestamp) -> Self {
        Self::Integer(time.0)
    }
}

impl From<&str> for Param {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Param {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&String> for Param {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl<T: Into<Param>> From<Option<T>> for Param {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

macro_rules! id_params {
    ($($id:ident),*) => { $(
        impl From<sesh_types::ids::$id> for Param {
            fn from(id: sesh_types::ids::$id) -> Self {
                Self::Text(id.to_string())
            }
        }
    )* };
}
id_params!(
    TenantId,
    PersonId,
    DeviceId,
    LotId,
    SessionId,
    StrainId,
    FactId,
    InvitationId,
    MailId,
    FactorId,
    StaffId,
    ImpersonationId,
    EnrolmentId,
    ClientId,
    CodeId,
    PresetId,
    GoalId,
    BreakId,
    ImportId,
    KeyId
);

/// One SQL statement with its parameters; made by [`sql!`](crate::sql), which registers the text so that a
/// test prepares it against the real migrations.
#[derive(Clone, Debug)]
pub struct Statement {
    /// The SQL text. Its place in memory names it: JavaScript prepares each once an instance.
    pub sql: Cow<'static, str>,
    /// The values of `?1`, `?2`, ….
    pub params: Vec<Param>,
}

impl Statement {
    /// A statement; use [`sql!`](crate::sql) instead.
    #[doc(hidden)]
    pub fn new(sql: &'static str, params: Vec<Param>) -> Self {
        Self { sql: Cow::Borrowed(sql), params }
    }
}

impl Statement {
    /// Keeps the `body` that this statement selects as the answer of an idempotency record.
    pub(crate) fn into_record(mut self, name: &str, fingerprint: &str, expires_at: Timestamp) -> Self {
        let next = self.params.len() + 1;
        self.sql = match self.sql {
            Cow::Borrowed(sql) => Cow::Borrowed(recording(sql, next)),
            Cow::Owned(sql) => Cow::Owned(recorded(&sql, next)),
        };
        self.params.extend([name.into(), fingerprint.into(), expires_at.into()]);
        self
    }
}

/// The statement that records what `sql` selects; made once for each, and there are as many as `sql!` texts at most.
fn recording(sql: &'static str, next: usize) -> &'static str {
    static MADE: LazyLock<Mutex<HashMap<(usize, usize), &'static str>>> = LazyLock::new(Mutex::default);
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    made.entry((sql.as_ptr() as usize, sql.len()))
        .or_insert_with(|| Box::leak(recorded(sql, next).into_boxed_str()))
}

fn recorded(sql: &str, next: usize) -> String {
    format!(
        "INSERT INTO idempotency (name, fingerprint, body, expires_at) SELECT ?{next}, ?{}, body, ?{} FROM ({sql})
         RETURNING body",
        next + 1,
        next + 2,
    )
}

/// On its way to JavaScript: where the text is, and how long.
impl Serialize for Statement {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        (self.sql.as_ptr() as usize, self.sql.len(), &self.params).serialize(out)
    }
}

/// A known SQL text and where it stands.
#[cfg(not(target_arch = "wasm32"))]
#[derive(Clone, Copy, Debug)]
pub struct KnownSql {
    /// The module that holds it.
    pub module: &'static str,
    /// The line in that module's file.
    pub line: u32,
    /// The text.
    pub sql: &'static str,
}

/// Every SQL text that [`sql!`](crate::sql) was given in the crates linked into this process.
#[cfg(not(target_arch = "wasm32"))]
#[allow(
    unsafe_code,
    reason = "linkme places the registry in a section of its own; no code of ours is unsafe"
)]
#[linkme::distributed_slice]
pub static KNOWN_SQL: [KnownSql];

/// A statement with its parameters: `sql!("SELECT name FROM lots WHERE id = ?1", id)`.
#[macro_export]
macro_rules! sql {
    ($text:expr $(, $param:expr)* $(,)?) => {{
        const SQL: &str = $text;
        #[cfg(not(target_arch = "wasm32"))]
        {
            #[allow(unsafe_code, reason = "linkme places the text in a section of its own")]
            #[$crate::linkme::distributed_slice($crate::io::KNOWN_SQL)]
            #[linkme(crate = $crate::linkme)]
            static KNOWN: $crate::io::KnownSql =
                $crate::io::KnownSql { module: module_path!(), line: line!(), sql: SQL };
        }
        $crate::io::Statement::new(SQL, vec![$($crate::io::Param::from($param)),*])
    }};
}

/// Statements that take effect together or not at all.
#[derive(Clone, Debug, Default)]
pub struct Batch(pub(crate) Vec<Statement>);

impl Batch {
    /// A batch without statements.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a statement; returns its place, by which [`Rows::all`] finds its rows.
    pub fn add(&mut self, statement: Statement) -> usize {
        self.0.push(statement);
        self.0.len() - 1
    }

    /// How many statements it has.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it has no statement.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The batch with one more statement.
    #[must_use]
    pub fn and(mut self, statement: Statement) -> Self {
        self.0.push(statement);
        self
    }

    /// The batch with all statements of another.
    #[must_use]
    pub fn then(mut self, other: Batch) -> Self {
        self.0.extend(other.0);
        self
    }
}

impl From<Statement> for Batch {
    fn from(statement: Statement) -> Self {
        Self(vec![statement])
    }
}

/// The rows of every statement of a batch, each a JSON array of row objects.
///
/// A statement that comes to one row with a column `json` has written its array itself: it passes as it is.
#[derive(Debug)]
pub struct Rows(pub(crate) Vec<Bytes>);

impl Rows {
    /// The rows of the statement at `place`, as the JSON array that came.
    ///
    /// # Errors
    /// [`DbError::Shape`] when there was no such statement.
    pub fn json(&self, place: usize) -> Result<&Bytes, DbError> {
        self.0.get(place).ok_or_else(|| DbError::Shape(format!("no statement {place}")))
    }

    /// All rows of the statement at `place`.
    ///
    /// # Errors
    /// [`DbError::Shape`] when the rows do not have the shape of `T`.
    pub fn all<T: DeserializeOwned>(&self, place: usize) -> Result<Vec<T>, DbError> {
        let json = self.json(place)?;
        if json.as_ref() == b"[]" {
            return Ok(Vec::new());
        }
        crate::json::read(json).map_err(|error| DbError::Shape(format!("statement {place}: {error}")))
    }

    /// The first row of the statement at `place`, if there is one.
    ///
    /// # Errors
    /// [`DbError::Shape`] when the rows do not have the shape of `T`.
    pub fn first<T: DeserializeOwned>(&self, place: usize) -> Result<Option<T>, DbError> {
        Ok(self.all(place)?.into_iter().next())
    }

    /// The only row of the statement at `place`.
    ///
    /// # Errors
    /// [`DbError::Shape`] when there is none, or it does not have the shape of `T`.
    pub fn one<T: DeserializeOwned>(&self, place: usize) -> Result<T, DbError> {
        self.first(place)?.ok_or_else(|| DbError::Shape(format!("statement {place}: no row")))
    }

    /// How many statements there were.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there was no statement.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Leaves out the rows of the first `count` statements, so that places count from the caller's own first.
    #[must_use]
    pub fn skip(mut self, count: usize) -> Self {
        self.0.drain(..count.min(self.0.len()));
        self
    }
}

/// Why a batch took no effect.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum DbError {
    /// A trigger refused it: the word after `refused:` in its RAISE.
    #[error("refused: {0}")]
    Refused(String),
    /// A quota would have been exceeded; what it is was read afterwards.
    #[error("over a quota: {}", .0.quota)]
    OverQuota(QuotaDetails),
    /// A UNIQUE or PRIMARY KEY constraint: the columns, such as `people.email`.
    #[error("not unique: {0}")]
    Unique(String),
    /// Another constraint (CHECK, NOT NULL, FOREIGN KEY), as SQLite words it.
    #[error("constraint: {0}")]
    Constraint(String),
    /// The rows came back in another shape than the code expects.
    #[error("unexpected rows: {0}")]
    Shape(String),
    /// The database did not answer, or answered that it cannot.
    #[error("database unavailable: {0}")]
    Unavailable(String),
}

impl DbError {
    /// Reads SQLite's own words; D1 wraps them, so they are searched, not compared.
    pub(crate) fn classify(text: &str) -> Self {
        if let Some((_, rest)) = text.split_once("refused:") {
            let word =
                rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or_default();
            return Self::Refused(word.to_owned());
        }
        if let Some((_, rest)) = text.split_once("UNIQUE constraint failed: ") {
            let columns = rest.split(": ").next().unwrap_or(rest);
            return Self::Unique(columns.trim().to_owned());
        }
        if text.contains("constraint failed") {
            return Self::Constraint(text.to_owned());
        }
        Self::Unavailable(text.to_owned())
    }

    /// Whether a trigger refused the batch for this reason.
    pub fn is_refusal(&self, reason: &str) -> bool {
        matches!(self, Self::Refused(found) if found == reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_words_of_sqlite_and_of_d1() {
        let d1 = "D1_ERROR: refused:insufficient_stock: SQLITE_CONSTRAINT";
        assert_eq!(DbError::classify(d1), DbError::Refused("insufficient_stock".into()));
        assert_eq!(
            DbError::classify("D1_ERROR: UNIQUE constraint failed: people.email: SQLITE_CONSTRAINT"),
            DbError::Unique("people.email".into())
        );
        assert!(matches!(DbError::classify("CHECK constraint failed: x > 0"), DbError::Constraint(_)));
        assert!(matches!(DbError::classify("Network connection lost."), DbError::Unavailable(_)));
    }
}
