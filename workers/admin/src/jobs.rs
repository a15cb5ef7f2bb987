//! Work that no request waits for: counting facts, and forgetting what has expired.

use crate::analytics;
use sesh_edge::drive::BoxFuture;
use sesh_edge::http::Failure;
use sesh_edge::idempotency;
use sesh_edge::io::Io;
use sesh_edge::service::Job;

/// Does a job.
pub(crate) fn run(job: Job, io: Io) -> BoxFuture<Result<(), Failure>> {
    Box::pin(async move {
        match job {
            Job::Tick => {
                io.db(idempotency::forget_expired(io.now())).await?;
                Ok(())
            }
            Job::Messages(texts) => analytics::take(&io, &texts).await,
        }
    })
}
