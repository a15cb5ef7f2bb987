//! The outbox: facts wait in the database, where they were written in the batch of the change they tell of,
//! until the queue has taken them. The row, not the queue, is the record; a fact may be sent twice and is
//! counted once, by its id.

use crate::http::Failure;
use crate::io::{Io, Statement};
use crate::sql;
use serde::Deserialize;
use sesh_types::facts::Fact;

/// The binding of the queue that carries facts.
pub const FACTS: &str = "FACTS";
/// Facts sent in one go: a queue takes at most 100 messages at once.
const MOST: u32 = 100;

/// Writes a fact to the outbox; belongs in the batch of the change it tells of.
///
/// # Errors
/// A defect, when the fact cannot be written as JSON.
pub fn publish(fact: &Fact) -> Result<Statement, Failure> {
    let body = serde_json::to_string(fact).map_err(Failure::internal)?;
    Ok(sql!("INSERT INTO outbox (id, body) VALUES (?1, ?2)", fact.id, body))
}

/// Schedules the delivery of what waits, for after the answer.
pub fn relay_later(io: &Io) {
    let ports = io.clone();
    io.defer(async move {
        // What fails here waits for the next tick of the cron trigger.
        let _ = relay(&ports).await;
    });
}

#[derive(Deserialize)]
struct Waiting {
    id: String,
    body: String,
}

/// Sends what waits, oldest first, and forgets what the queue took.
///
/// # Errors
/// When the database or the queue does not answer; what was not taken keeps waiting.
pub async fn relay(io: &Io) -> Result<(), Failure> {
    loop {
        let rows = io.db(sql!("SELECT id, body FROM outbox ORDER BY id LIMIT ?1", MOST)).await?;
        let waiting: Vec<Waiting> = rows.all(0)?;
        let more = waiting.len() == MOST as usize;
        let (sent, bodies): (Vec<String>, Vec<String>) =
            waiting.into_iter().map(|row| (row.id, row.body)).unzip();
        if sent.is_empty() {
            return Ok(());
        }
        io.send(FACTS, bodies).await.map_err(Failure::unavailable)?;
        let sent = serde_json::to_string(&sent).map_err(Failure::internal)?;
        io.db(sql!("DELETE FROM outbox WHERE id IN (SELECT value FROM json_each(?1))", sent)).await?;
        if !more {
            return Ok(());
        }
    }
}
