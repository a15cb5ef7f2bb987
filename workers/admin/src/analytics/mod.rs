//! Analytics: facts that other Workers tell are kept and counted, and the overview shows the counts.

mod day;
pub(crate) mod routes;
mod rules;
pub mod store;
#[cfg(test)]
mod tests;

use rules::Told;
use sesh_edge::http::Failure;
use sesh_edge::io::Io;
use sesh_edge::log;

/// Takes a batch of messages: keeps and counts their facts, all of them or none. A message that is no fact never
/// will be one, so it is logged and left; a database that does not answer has the queue send the batch again.
pub(crate) async fn take(io: &Io, messages: &[String]) -> Result<(), Failure> {
    let mut told = Vec::with_capacity(messages.len());
    for message in messages {
        match Told::read(message) {
            Ok(fact) => told.push(fact),
            Err(error) => log::write(&log::Line {
                time: io.now().to_string(),
                level: "error",
                worker: crate::NAME,
                event: "malformed_fact",
                cause: Some(error.to_string()),
                ..log::Line::default()
            }),
        }
    }
    if told.is_empty() {
        return Ok(());
    }
    io.db(store::keep(&told)?).await?;
    Ok(())
}
