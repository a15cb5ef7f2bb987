//! canary, a Worker for tests alone: it holds requests until they are let go, and panics on demand, so that a test
//! can see on real workerd what a panic does to the requests beside it. It stands on the same bridge as every
//! other Worker.
//!
//! - `GET /hold/{id}` answers once `/release/{id}` was called.
//! - `POST /release/{id}` lets it go.
//! - `GET /panic` panics in the handler; `GET /panic-later` after a port call.

use axum::extract::State as Held;
use sesh_edge::config::Environment;
use sesh_edge::drive::BoxFuture;
use sesh_edge::health::Vitals;
use sesh_edge::http::{Anonymous, Answer, Failure, Key, NoContent};
use sesh_edge::io::Io;
use sesh_edge::routes::{Routes, doc};
use sesh_edge::service::{Job, Service};
use sesh_edge::sql;
use std::sync::Arc;

/// How often `/hold` looks before it gives up: ten seconds and more.
const MOST_LOOKS: u32 = 1_000;

type Shared = Arc<Vitals>;

#[derive(serde::Deserialize)]
struct Released {}

/// Looks for the release again and again: many port calls, one request.
async fn hold(_: Anonymous, io: Io, Key(id): Key<u32>) -> Result<Answer<u32>, Failure> {
    for looks in 0..MOST_LOOKS {
        let rows = io.db(sql!("SELECT 1 AS released FROM released WHERE id = ?1", id)).await?;
        if rows.first::<Released>(0)?.is_some() {
            return Answer::of(&looks);
        }
        io.wait_ms(10).await;
    }
    Err(Failure::unavailable("nobody let it go"))
}

async fn release(_: Anonymous, io: Io, Key(id): Key<u32>) -> Result<NoContent, Failure> {
    io.db(sql!("INSERT OR IGNORE INTO released (id) VALUES (?1)", id)).await?;
    Ok(NoContent::default())
}

#[allow(clippy::panic, reason = "this is what the Worker is for")]
async fn panic_now(_: Anonymous, _: Io) -> Result<NoContent, Failure> {
    panic!("on purpose")
}

#[allow(clippy::panic, reason = "this is what the Worker is for")]
async fn panic_later(_: Anonymous, io: Io) -> Result<NoContent, Failure> {
    io.db(sql!("SELECT 1 AS released FROM released LIMIT 1")).await?;
    panic!("on purpose, later")
}

async fn health(_: Anonymous, Held(vitals): Held<Shared>, io: Io) -> sesh_edge::health::Health {
    sesh_edge::health::check(&vitals, &io).await
}

fn routes() -> Routes<Shared> {
    Routes::new()
        .get("/api/health", health, doc("Health"))
        .get("/hold/{id}", hold, doc("Waits"))
        .post("/release/{id}", release, doc("Lets go"))
        .get("/panic", panic_now, doc("Panics"))
        .get("/panic-later", panic_later, doc("Panics after a port call"))
}

fn no_jobs(_: Job, _: Io) -> BoxFuture<Result<(), Failure>> {
    Box::pin(async { Ok(()) })
}

/// The Worker; it needs nothing of its environment but a database.
pub fn service(_: &dyn Environment) -> Service {
    let vitals = Arc::new(Vitals::new("canary"));
    let router = routes().into_router(vitals.clone());
    Service::new(
        vitals,
        router,
        Routes::<Shared>::new().into_router(Arc::new(Vitals::new("canary"))),
        Arc::new(no_jobs),
    )
}

#[cfg(target_arch = "wasm32")]
sesh_edge::worker_entry!(crate::service);
