//! What the page says of each Worker, and of all of them.

use serde::{Deserialize, Serialize};
use sesh_edge::health::{Check, Health, Status};
use sesh_edge::io::PeerReply;
use sesh_types::time::{SECOND_MS, Timestamp};
use std::collections::BTreeMap;

/// The health of the fleet, in the shape of a Worker's own health: each Worker is a check.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub(crate) struct Board {
    /// The worst of the Workers'.
    pub(super) status: Status,
    /// The version of admin that runs.
    pub(super) version: String,
    /// Seconds since this isolate of admin first served.
    pub(super) uptime: i64,
    /// Worker by Worker.
    pub(super) checks: BTreeMap<String, WorkerHealth>,
}

/// The health of one Worker, and how old it is.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub(crate) struct WorkerHealth {
    /// The worst of its checks; unhealthy when it did not answer.
    pub(super) status: Status,
    /// What is wrong, when it did not answer.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) message: Option<String>,
    /// The version that runs; `null` when it did not answer.
    pub(super) version: Option<String>,
    /// Seconds since its isolate first served; `null` when it did not answer.
    pub(super) uptime: Option<i64>,
    /// Part by part.
    pub(super) checks: BTreeMap<String, Check>,
    /// When it was asked.
    pub(super) checked_at: Timestamp,
    /// Seconds since it was asked.
    pub(super) age_seconds: i64,
}

/// What is wrong with a Worker that did not give its health.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoHealth {
    /// It did not answer at all.
    #[error("does not answer")]
    Silent,
    /// It answered something else.
    #[error("answers, but not with its health")]
    Strange,
}

/// Reads a peer's answer to `GET /api/health`.
pub(super) fn read(reply: Result<PeerReply, String>) -> Result<Health, NoHealth> {
    let reply = reply.map_err(|_| NoHealth::Silent)?;
    let health: Health = serde_json::from_str(&reply.body).map_err(|_| NoHealth::Strange)?;
    let expected = if health.status == Status::Unhealthy { 503 } else { 200 };
    if reply.status == expected { Ok(health) } else { Err(NoHealth::Strange) }
}

/// One Worker's line.
pub(super) fn line(health: Result<Health, NoHealth>, asked: Timestamp, now: Timestamp) -> WorkerHealth {
    let age_seconds = (now.0 - asked.0) / SECOND_MS;
    match health {
        Ok(Health { status, version, uptime, checks }) => WorkerHealth {
            status,
            message: None,
            version: Some(version),
            uptime: Some(uptime),
            checks,
            checked_at: asked,
            age_seconds,
        },
        Err(why) => WorkerHealth {
            status: Status::Unhealthy,
            message: Some(why.to_string()),
            version: None,
            uptime: None,
            checks: BTreeMap::new(),
            checked_at: asked,
            age_seconds,
        },
    }
}

/// The Worker without which the others do all of their work.
const DONE_WITHOUT: &str = "live";

/// The whole page; `own` is admin's.
pub(super) fn board(
    own: Health,
    peers: Vec<(&str, Result<Health, NoHealth>)>,
    asked: Timestamp,
    now: Timestamp,
) -> Board {
    let (version, uptime) = (own.version.clone(), own.uptime);
    let checks: BTreeMap<String, WorkerHealth> = std::iter::once((crate::NAME, Ok(own)))
        .chain(peers)
        .map(|(name, health)| (name.to_owned(), line(health, asked, now)))
        .collect();
    let counts = |(name, worker): (&String, &WorkerHealth)| {
        if name == DONE_WITHOUT { worker.status.min(Status::Degraded) } else { worker.status }
    };
    let status = checks.iter().map(counts).max().unwrap_or(Status::Unhealthy);
    Board { status, version, uptime, checks }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(status: u16, body: &str) -> PeerReply {
        PeerReply { status, body: body.to_owned(), retry_after_seconds: None }
    }

    fn health(status: &str) -> String {
        format!(r#"{{"status":"{status}","version":"1","uptime":5,"checks":{{}}}}"#)
    }

    #[test]
    fn the_worst_worker_decides() {
        for (observer, tracker, expected) in [
            ("healthy", "healthy", Status::Healthy),
            ("healthy", "degraded", Status::Degraded),
            ("unhealthy", "degraded", Status::Unhealthy),
        ] {
            let read = |status: &str| serde_json::from_str::<Health>(&health(status)).unwrap();
            let peers = vec![("observer", Ok(read(observer))), ("tracker", Ok(read(tracker)))];
            let board = board(read("healthy"), peers, Timestamp(1_000), Timestamp(4_500));
            assert_eq!(board.status, expected);
            assert!(
                board.checks.values().all(|worker| worker.age_seconds == 3 && worker.checked_at.0 == 1_000)
            );
        }
    }

    #[test]
    fn silence_and_strange_answers_are_unhealthy() {
        for (answer, expected) in [
            (Err("refused".to_owned()), NoHealth::Silent),
            (Ok(reply(200, "OK")), NoHealth::Strange),
            (Ok(reply(500, &health("healthy"))), NoHealth::Strange),
            (Ok(reply(200, &health("unhealthy"))), NoHealth::Strange),
        ] {
            let why = read(answer).unwrap_err();
            assert_eq!(why, expected);
            assert_eq!(line(Err(why), Timestamp(0), Timestamp(0)).status, Status::Unhealthy);
        }
        assert_eq!(read(Ok(reply(503, &health("unhealthy")))).unwrap().status, Status::Unhealthy);
    }
}
