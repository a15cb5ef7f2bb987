//! Idempotency keys: the same key and body has one effect and one answer, whatever is retried, doubled or lost.
//!
//! The record is written in the mutation's own batch, so there is no moment when one exists without the other.
//! A guard at the head of the batch stops a second run before it does anything; the answer is then the
//! recorded one.

use crate::http::{Failure, Refusal, RequestInfo};
use crate::io::{Batch, DbError, Io, Rows, Statement};
use crate::secret::{hex, hmac_sha256, sha256_hex};
use crate::sql;
use axum::extract::FromRequestParts;
use http::request::Parts;
use serde::Deserialize;
use sesh_types::envelope::ErrorCode;
use sesh_types::ids::PersonId;
use sesh_types::rules::Issue;
use sesh_types::time::{DAY_MS, Timestamp};

/// How long a key is remembered.
pub const REMEMBERED_MS: i64 = DAY_MS;
const MAX_KEY_CHARS: usize = 255;

/// The `Idempotency-Key` of a request, with what it is scoped by.
#[derive(Clone, Debug)]
pub struct IdempotencyKey {
    key: Option<String>,
    route: String,
}

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        RequestInfo::from_request_parts(parts, state).await?;
        let route = format!("{} {}", parts.method, parts.uri.path());
        let Some(header) = parts.headers.get("idempotency-key") else {
            return Ok(Self { key: None, route });
        };
        let key = header.to_str().ok().filter(|key| (1..=MAX_KEY_CHARS).contains(&key.len()));
        let key = key.filter(|key| key.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
        match key {
            Some(key) => Ok(Self { key: Some(key.to_owned()), route }),
            None => Err(Refusal::issues(
                ErrorCode::BadRequest,
                vec![Issue {
                    field: "Idempotency-Key".into(),
                    code: "malformed".into(),
                    message: format!("must be 1 to {MAX_KEY_CHARS} printable ASCII characters"),
                }],
            )
            .into()),
        }
    }
}

impl IdempotencyKey {
    /// The key of a call between Workers, handed on as it came.
    pub fn forwarded(key: Option<String>, route: &str) -> Self {
        Self { key, route: route.to_owned() }
    }

    /// The key as the client sent it.
    pub fn text(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// Binds the key to its owner (tenant and person, or whoever else calls) and to the body. Bodies that hold
    /// passwords are fingerprinted with a secret `pepper`, so that the record is no way to guess them.
    pub fn bind(&self, owner: &str, body: &[u8], pepper: Option<&[u8]>) -> Once {
        let record = self.key.as_ref().map(|key| {
            let name =
                hmac_sha256(b"idempotency", &[owner.as_bytes(), self.route.as_bytes(), key.as_bytes()]);
            // Whose it is stands first, so that somebody's records are found without an index.
            let whose = whose(owner.rsplit('/').next().unwrap_or_default());
            let fingerprint = match pepper {
                Some(pepper) => hex(&hmac_sha256(pepper, &[body])),
                None => sha256_hex(body),
            };
            Record { name: whose + &hex(&name), fingerprint, check: None }
        });
        Once { record }
    }
}

#[derive(Clone, Debug)]
struct Record {
    name: String,
    fingerprint: String,
    /// What must hold when the record is read.
    check: Option<Statement>,
}

/// One mutation that happens at most once.
#[derive(Clone, Debug)]
pub struct Once {
    record: Option<Record>,
}

/// What became of a mutation.
#[derive(Debug)]
pub enum Outcome {
    /// It took effect now: the rows of the batch, from the caller's own first statement.
    Fresh(Rows),
    /// It had taken effect before: the body recorded then.
    Replayed(String),
}

/// What the work before a mutation's write came to.
#[derive(Debug)]
pub enum Prepared<T> {
    /// Nothing of this request took effect yet: what the work found.
    Now(T),
    /// It had taken effect before, or did meanwhile: the body recorded then.
    Before(String),
}

#[derive(Deserialize)]
struct Recorded {
    fingerprint: String,
    body: String,
}

impl Once {
    /// Without a key.
    pub const fn unkeyed() -> Self {
        Self { record: None }
    }

    /// Reads what is recorded only in one batch with this check, which refuses by the guard: whoever was let in may have been
    /// shut out until then.
    #[must_use]
    pub fn beside(self, check: Statement) -> Self {
        Self { record: self.record.map(|record| Record { check: Some(check), ..record }) }
    }

    /// Wraps a mutation: the guard before it, the record with `body` after it.
    #[must_use]
    pub fn wrap(&self, batch: Batch, body: &str, now: Timestamp) -> Batch {
        let Some(record) = &self.record else { return batch };
        Batch::from(guard(record)).then(batch).and(sql!(
            "INSERT INTO idempotency (name, fingerprint, body, expires_at) VALUES (?1, ?2, ?3, ?4)",
            &record.name,
            &record.fingerprint,
            body,
            now.plus_ms(REMEMBERED_MS),
        ))
    }

    /// Wraps a mutation whose answer the database itself writes: `answer` selects a column `body`. The last statement
    /// gives it, with a key and without; with one it is the record, which is written and read in one.
    #[must_use]
    pub fn wrap_selected(&self, batch: Batch, answer: Statement, now: Timestamp) -> Batch {
        let Some(record) = &self.record else { return batch.and(answer) };
        let expires_at = now.plus_ms(REMEMBERED_MS);
        let told = answer.into_record(&record.name, &record.fingerprint, expires_at);
        Batch::from(guard(record)).then(batch).and(told)
    }

    /// Wraps a mutation whose answer the database knows beforehand: `answer` selects one column `body`, and becomes
    /// the first statement.
    #[must_use]
    pub fn wrap_foretold(&self, answer: Statement, batch: Batch, now: Timestamp) -> Batch {
        let Some(record) = &self.record else { return Batch::from(answer).then(batch) };
        let told = answer.into_record(&record.name, &record.fingerprint, now.plus_ms(REMEMBERED_MS));
        Batch::from(guard(record)).and(told).then(batch)
    }

    /// Reads what became of the batch that [`Once::wrap`] made.
    ///
    /// # Errors
    /// 422 when the key was used with another body; else the batch's own error, as `explain` words it.
    pub async fn settle(
        &self,
        io: &Io,
        result: Result<Rows, DbError>,
        explain: impl FnOnce(DbError) -> Failure,
    ) -> Result<Outcome, Failure> {
        let error = match (result, &self.record) {
            (Ok(rows), None) => return Ok(Outcome::Fresh(rows)),
            (Ok(rows), Some(_)) => return Ok(Outcome::Fresh(rows.skip(1))),
            (Err(error), _) => error,
        };
        match &self.record {
            Some(record) if error.is_refusal("idempotent_replay") => self.replay(io, record).await,
            _ => Err(explain(error)),
        }
    }

    /// The recorded body, if the key was used before with the same body; for handlers that have costly work to
    /// do before they know what to write.
    ///
    /// # Errors
    /// 422 when the key was used with another body; else as [`Io::db`].
    pub async fn recorded(&self, io: &Io) -> Result<Option<String>, Failure> {
        let Some(record) = &self.record else { return Ok(None) };
        find(io, record).await?.map(|found| check(record, found)).transpose()
    }

    /// Does the work that comes before the write, unless this very request took effect already. The same request, sent
    /// twice at once, may make it impossible (a code is used up, an import settled): that is no refusal then, and the
    /// answer recorded counts.
    ///
    /// # Errors
    /// 422 when the key was used with another body; else the work's own.
    pub async fn prepare<T>(
        &self,
        io: &Io,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<Prepared<T>, Failure> {
        if let Some(body) = self.recorded(io).await? {
            return Ok(Prepared::Before(body));
        }
        match work.await {
            Ok(found) => Ok(Prepared::Now(found)),
            Err(failure) => self.recorded(io).await?.map(Prepared::Before).ok_or(failure),
        }
    }

    async fn replay(&self, io: &Io, record: &Record) -> Result<Outcome, Failure> {
        let found = find(io, record).await?.ok_or_else(|| {
            // It expired between the two batches: the client may simply try again.
            Failure::unavailable("an idempotency record vanished while it was replayed")
        })?;
        check(record, found).map(Outcome::Replayed)
    }
}

fn guard(record: &Record) -> Statement {
    sql!(
        "INSERT INTO guard (failure, holds) SELECT 'idempotent_replay',
           NOT EXISTS (SELECT 1 FROM idempotency WHERE name = ?1)",
        &record.name,
    )
}

async fn find(io: &Io, record: &Record) -> Result<Option<Recorded>, Failure> {
    let found = sql!("SELECT fingerprint, body FROM idempotency WHERE name = ?1", &record.name);
    let batch = match &record.check {
        Some(check) => Batch::from(check.clone()).and(found),
        None => found.into(),
    };
    let rows = io.db(batch).await?;
    Ok(rows.first(rows.len().saturating_sub(1))?)
}

fn check(record: &Record, found: Recorded) -> Result<String, Failure> {
    if found.fingerprint == record.fingerprint {
        return Ok(found.body);
    }
    let message = "This Idempotency-Key was used before with another body. Use a new key for a new request.";
    Err(Refusal::new(ErrorCode::IdempotencyKeyReused, message).into())
}

fn whose(owner: &str) -> String {
    let hash = hmac_sha256(b"idempotency owner", &[owner.as_bytes()]);
    hash.first_chunk::<12>().map(|start| hex(start)).unwrap_or_default()
}

/// Forgets every key of a person's, in whichever tenant: what is recorded may be theirs, too.
pub fn forget_all_of(person: PersonId) -> Statement {
    let start = whose(&person.to_string());
    // Names go on in hexadecimal.
    let end = format!("{start}g");
    sql!("DELETE FROM idempotency WHERE name >= ?1 AND name < ?2", start, end)
}

/// Forgets keys that are older than a day.
pub fn forget_expired(now: Timestamp) -> Statement {
    sql!("DELETE FROM idempotency WHERE expires_at <= ?1", now)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::unreachable, reason = "a test that cannot be set up has failed")]
mod tests {
    use super::*;
    use crate::drive::{Step, Task};
    use crate::io::Op;
    use crate::native::{Database, Seeded};
    use std::sync::Arc;

    const NOW: Timestamp = Timestamp(1_776_702_000_000);

    fn once(body: &[u8]) -> Once {
        IdempotencyKey::forwarded(Some("k".to_owned()), "POST /x").bind("ada", body, None)
    }

    /// Prepares a request whose work is refused. Its twin, with this body, takes effect before the port call of that number:
    /// the look at the record, the work, the second look.
    fn prepared(twin: Option<(usize, &[u8])>) -> Result<Prepared<()>, Failure> {
        let mut database = Database::migrated("tracker");
        let io = Io::new(NOW, Arc::new(Seeded::new(1)));
        let ports = io.clone();
        let work = async move {
            let refused = async {
                ports.db(sql!("SELECT 1 AS n")).await?;
                Err(Refusal::unauthorized().into())
            };
            once(b"{}").prepare(&ports, refused).await
        };
        let mut task = Task::new(io, Box::pin(work));
        let mut asked = 0;
        loop {
            match task.step() {
                Step::Perform(ops) => {
                    for (id, op) in ops {
                        let Op::Db { batch } = op else { unreachable!() };
                        if let Some((_, body)) = twin.filter(|(place, _)| *place == asked) {
                            let Record { name, fingerprint, .. } = once(body).record.unwrap();
                            let sql = "INSERT INTO idempotency (name, fingerprint, body, expires_at) VALUES (?1, ?2, 'then', ?3)";
                            database.connection().execute(sql, (name, fingerprint, NOW.0 + 1)).unwrap();
                        }
                        asked += 1;
                        task.deliver(id, database.run(&batch));
                    }
                }
                Step::Ready { output, .. } => return output,
                Step::Finished | Step::Stuck => unreachable!(),
            }
        }
    }

    #[test]
    fn work_that_a_twin_of_the_request_made_impossible_is_no_refusal() {
        for place in 0..3 {
            let found = prepared(Some((place, b"{}")));
            assert!(matches!(&found, Ok(Prepared::Before(body)) if body == "then"), "{place}: {found:?}");
        }
    }

    #[test]
    fn what_is_recorded_is_not_told_to_whoever_was_shut_out_meanwhile() {
        let told = |holds: bool| {
            let check =
                sql!("INSERT INTO guard (failure, holds) SELECT 'token_revoked', ?1", i64::from(holds));
            let once = once(b"{}").beside(check);
            let mut database = Database::migrated("tracker");
            let Record { name, fingerprint, .. } = once.record.clone().unwrap();
            let sql =
                "INSERT INTO idempotency (name, fingerprint, body, expires_at) VALUES (?1, ?2, 'then', ?3)";
            database.connection().execute(sql, (name, fingerprint, NOW.0 + 1)).unwrap();
            let io = Io::new(NOW, Arc::new(Seeded::new(1)));
            let ports = io.clone();
            let before = Err(DbError::Refused("idempotent_replay".to_owned()));
            let settled = async move { once.settle(&ports, before, Failure::from).await };
            let mut task = Task::new(io, Box::pin(settled));
            let Step::Perform(ops) = task.step() else { unreachable!("it reads the record") };
            let [(id, Op::Db { batch })] = ops.as_slice() else { unreachable!("one batch: {ops:?}") };
            task.deliver(*id, database.run(batch));
            let Step::Ready { output, .. } = task.step() else { unreachable!("it answers") };
            output
        };
        assert!(matches!(told(true), Ok(Outcome::Replayed(body)) if body == "then"));
        let refused = told(false);
        assert!(
            matches!(&refused, Err(Failure::Refusal(refusal)) if refusal.code == ErrorCode::Unauthorized),
            "{refused:?}"
        );
    }

    #[test]
    fn work_that_is_refused_without_a_twin_stays_refused() {
        let refused = |found: &Result<Prepared<()>, Failure>, code: ErrorCode| matches!(found, Err(Failure::Refusal(refusal)) if refusal.code == code);
        let alone = prepared(None);
        assert!(refused(&alone, ErrorCode::Unauthorized), "{alone:?}");
        for place in 0..3 {
            let other = prepared(Some((place, b"{\"another\":1}")));
            assert!(refused(&other, ErrorCode::IdempotencyKeyReused), "{place}: {other:?}");
        }
    }
}
