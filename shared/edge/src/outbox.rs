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

/// Schedules the delivery of what waits, for after the answer. One delivery of an isolate takes along what others wrote
/// while it waited.
pub fn relay_later(io: &Io) {
    #[cfg(target_arch = "wasm32")]
    if !gather::begins(io.now()) {
        return;
    }
    let ports = io.clone();
    io.defer(async move {
        #[cfg(target_arch = "wasm32")]
        gather::wait(&ports).await;
        // What fails here waits for the next tick of the cron trigger.
        let _ = relay(&ports).await;
    });
}

/// One delivery at a time gathers; natively each request delivers at once, so that tests decide on every step.
#[cfg(target_arch = "wasm32")]
mod gather {
    use crate::io::Io;
    use sesh_types::time::{SECOND_MS, Timestamp};
    use std::cell::Cell;

    /// How long a delivery waits for more.
    const GATHER_MS: u32 = 50;
    /// A delivery that has waited for so long was cut off.
    const LOST_MS: i64 = 2 * SECOND_MS;

    thread_local! {
        static SINCE: Cell<Option<Timestamp>> = const { Cell::new(None) };
    }

    /// Whether this request's delivery has to gather: no other one does that has yet to read.
    pub(super) fn begins(now: Timestamp) -> bool {
        let begins = SINCE.get().is_none_or(|since| (now.0 - since.0).abs() > LOST_MS);
        if begins {
            SINCE.set(Some(now));
        }
        begins
    }

    pub(super) async fn wait(io: &Io) {
        io.wait_ms(GATHER_MS).await;
        SINCE.set(None);
    }
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
