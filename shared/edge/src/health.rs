//! Health: `{"status","version","uptime","checks"}` on every Worker.

use crate::config::ConfigError;
use crate::http::Raw;
use crate::io::{Io, PeerCall, PeerReply};
use crate::sql;
use axum::response::{IntoResponse, Response};
use axum::routing::MethodRouter;
use serde::{Deserialize, Serialize};
use sesh_types::contract::live;
use sesh_types::time::Timestamp;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// What a Worker knows of itself.
#[derive(Debug)]
pub struct Vitals {
    /// The Worker's name.
    pub name: &'static str,
    store: Store,
    started: OnceLock<Timestamp>,
}

/// Where a Worker keeps what it knows.
#[derive(Clone, Copy, Debug)]
enum Store {
    Database,
    Hubs,
}

impl Vitals {
    /// For the Worker of this name.
    pub const fn new(name: &'static str) -> Self {
        Self { name, store: Store::Database, started: OnceLock::new() }
    }

    /// For the Worker of this name, whose databases are those of its Durable Objects.
    pub const fn of_hubs(name: &'static str) -> Self {
        Self { name, store: Store::Hubs, started: OnceLock::new() }
    }

    /// Notes the first request: clocks do not run while an isolate starts.
    pub(crate) fn started(&self, now: Timestamp) {
        self.started.get_or_init(|| now);
    }

    fn uptime_seconds(&self, now: Timestamp) -> i64 {
        (now.0 - self.started.get().unwrap_or(&now).0) / 1000
    }
}

/// How a Worker or one of its parts is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Works.
    Healthy,
    /// Works in part.
    Degraded,
    /// Does not work.
    Unhealthy,
}

/// One part that was looked at.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Check {
    /// How it is.
    pub status: Status,
    /// What is wrong, in words that hold no secret.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub message: Option<String>,
}

/// The health of a Worker.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Health {
    /// The worst of its checks.
    pub status: Status,
    /// The version that runs.
    pub version: String,
    /// Seconds since this isolate first served.
    pub uptime: i64,
    /// Part by part.
    pub checks: BTreeMap<String, Check>,
}

/// 503 when unhealthy.
impl IntoResponse for Health {
    fn into_response(self) -> Response {
        let status = if self.status == Status::Unhealthy { 503 } else { 200 };
        let body = serde_json::to_vec(&self).unwrap_or_default().into();
        Raw { status, content_type: "application/json", cache_control: "no-store", body }.into_response()
    }
}

fn summary(vitals: &Vitals, now: Timestamp, checks: BTreeMap<String, Check>) -> Health {
    let status = checks.values().map(|check| check.status).max().unwrap_or(Status::Healthy);
    let version = env!("CARGO_PKG_VERSION").to_owned();
    Health { status, version, uptime: vitals.uptime_seconds(now), checks }
}

const OK: Check = Check { status: Status::Healthy, message: None };

/// Looks at what every Worker has: its configuration (it would not run otherwise), and its database or those of its
/// Durable Objects.
pub async fn check(vitals: &Vitals, io: &Io) -> Health {
    let answers = match vitals.store {
        Store::Database => io.db(sql!("SELECT COUNT(*) AS open FROM guard")).await.is_ok(),
        Store::Hubs => a_hub_answers(io).await,
    };
    let silent =
        || Check { status: Status::Unhealthy, message: Some("the database does not answer".to_owned()) };
    let database = if answers { OK } else { silent() };
    let checks = BTreeMap::from([("configuration".to_owned(), OK), ("database".to_owned(), database)]);
    summary(vitals, io.now(), checks)
}

async fn a_hub_answers(io: &Io) -> bool {
    let (binding, path) = (live::HUBS, live::WELL.to_owned());
    let call = PeerCall { binding, method: "GET", path, headers: Vec::new(), body: None };
    matches!(io.hub(live::NOBODYS.to_owned(), call).await, Ok(PeerReply { status: 204, .. }))
}

pub(crate) fn unconfigured(vitals: Arc<Vitals>, error: ConfigError) -> MethodRouter {
    axum::routing::get(move |io: Io| async move {
        let check = Check { status: Status::Unhealthy, message: Some(error.0.join("; ")) };
        summary(&vitals, io.now(), BTreeMap::from([("configuration".to_owned(), check)]))
    })
}
