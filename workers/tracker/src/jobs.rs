//! Work that no request waits for: delivering facts, and forgetting what has expired.

use crate::{erasure, imports, notices};
use sesh_edge::drive::BoxFuture;
use sesh_edge::http::Failure;
use sesh_edge::io::{Batch, Io};
use sesh_edge::service::Job;
use sesh_edge::{idempotency, outbox};

/// Does a job.
pub(crate) fn run(job: Job, io: Io) -> BoxFuture<Result<(), Failure>> {
    Box::pin(async move {
        match job {
            Job::Tick => tick(&io).await,
            Job::Messages(_) => Err(Failure::internal("tracker consumes no queue")),
        }
    })
}

async fn tick(io: &Io) -> Result<(), Failure> {
    outbox::relay(io).await?;
    let now = io.now();
    let forget = Batch::from(idempotency::forget_expired(now))
        .and(notices::forget_expired(now))
        .and(imports::forget_expired(now));
    io.db(forget).await?;
    erasure::go_on(io).await
}
