//! Telling the Workers that trust our tokens, before anybody is told that a change is done. A notice is written in
//! the batch of its change; should its delivery fail, the caller gets 503 and the cron trigger delivers it.

use serde::Deserialize;
use sesh_edge::http::Failure;
use sesh_edge::io::{Io, PeerCall, PeerReply};
use sesh_edge::service::X_REQUEST_ID;
use sesh_edge::sql;
use sesh_edge::token::ACCESS_TOKEN_SECONDS;
use sesh_types::contract::notice::{NOTICES, Notice, Notices};
use sesh_types::time::{HOUR_MS, SECOND_MS, Timestamp};

/// The Workers that trust our tokens, by service binding.
const TRUSTING: [&str; 1] = ["TRACKER"];
/// Notices delivered in one call.
const MOST: u32 = 100;

/// When the last token that was issued before `now` has expired: its life, and an hour for one that was being issued
/// meanwhile, and for clocks that disagree. A Worker that forgot sooner would let revoked tokens live again.
pub const fn tokens_expired_by(now: Timestamp) -> Timestamp {
    now.plus_ms(ACCESS_TOKEN_SECONDS * SECOND_MS + HOUR_MS)
}

#[derive(Deserialize)]
struct Pending {
    seq: i64,
    body: String,
}

/// Delivers every notice that waits, oldest first, and forgets what all have taken. Whoever else delivers at the
/// same time does no harm: applying a notice twice changes nothing.
///
/// # Errors
/// 503 when a Worker does not take them; they keep waiting.
pub async fn deliver(io: &Io, request_id: &str) -> Result<(), Failure> {
    loop {
        let rows = io.db(sql!("SELECT seq, body FROM notices ORDER BY seq LIMIT ?1", MOST)).await?;
        let pending: Vec<Pending> = rows.all(0)?;
        if pending.is_empty() {
            return Ok(());
        }
        let full = pending.len() == MOST as usize;
        let notices =
            pending.iter().map(|row| serde_json::from_str::<Notice>(&row.body)).collect::<Result<_, _>>();
        let body = serde_json::to_string(&Notices { notices: notices.map_err(Failure::internal)? });
        let body = body.map_err(Failure::internal)?;
        for binding in TRUSTING {
            tell(io, binding, &body, request_id).await?;
        }
        let delivered: Vec<i64> = pending.iter().map(|row| row.seq).collect();
        let delivered = serde_json::to_string(&delivered).map_err(Failure::internal)?;
        io.db(sql!("DELETE FROM notices WHERE seq IN (SELECT value FROM json_each(?1))", delivered)).await?;
        if !full {
            return Ok(());
        }
    }
}

async fn tell(io: &Io, binding: &'static str, body: &str, request_id: &str) -> Result<(), Failure> {
    let headers = vec![(X_REQUEST_ID.to_string(), request_id.to_owned())];
    let call =
        PeerCall { binding, method: "POST", path: NOTICES.to_owned(), headers, body: Some(body.to_owned()) };
    match io.peer(call).await {
        // What is not the Worker itself may say 200 to anything.
        Ok(PeerReply { status: 204, .. }) => Ok(()),
        Ok(reply) => Err(Failure::unavailable(format!("{binding} answered {} to notices", reply.status))),
        Err(cause) => Err(Failure::unavailable(cause)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sesh_edge::drive::{Step, Task};
    use sesh_edge::io::{Op, Reply};
    use sesh_edge::native::{Database, Seeded};
    use sesh_types::ids::DeviceId;
    use std::sync::Arc;

    /// Found by the simulation: whatever stands in tracker's place may say 200, and nothing has been revoked by it.
    #[test]
    fn only_the_worker_itself_has_taken_a_notice() {
        for (status, told) in [(204, true), (200, false), (202, false), (404, false), (503, false)] {
            let mut database = Database::migrated("observer");
            let notice = Notice::device_revoked(DeviceId(uuid::Uuid::nil()), Timestamp(1));
            let text = serde_json::to_string(&notice).unwrap();
            crate::testing::run(&mut database, sql!("INSERT INTO notices (body) VALUES (?1)", text));
            let io = Io::new(Timestamp(0), Arc::new(Seeded::new(1)));
            let ports = io.clone();
            let mut task = Task::new(io, Box::pin(async move { deliver(&ports, "r").await.is_ok() }));
            let delivered = loop {
                match task.step() {
                    Step::Perform(ops) => ops.into_iter().for_each(|(id, op)| {
                        let reply = match op {
                            Op::Peer(_) => {
                                let body = "<html>It works!</html>".to_owned();
                                Reply::Peer(PeerReply { status, body, retry_after_seconds: None })
                            }
                            other => crate::testing::perform(&mut database, other),
                        };
                        task.deliver(id, reply);
                    }),
                    Step::Ready { output, .. } => break output,
                    Step::Finished | Step::Stuck => unreachable!("it ends"),
                }
            };
            assert_eq!(delivered, told, "{status}");
            let left: i64 = database
                .connection()
                .query_row("SELECT COUNT(*) FROM notices", [], |row| row.get(0))
                .unwrap();
            assert_eq!(left == 0, told, "{status}");
        }
    }
}
