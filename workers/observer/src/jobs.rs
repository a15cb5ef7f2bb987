//! What the cron trigger does: finish what a request could not, and forget what is over.

use crate::audit::seal::{self, Sign};
use crate::keys::Keyring;
use crate::lost::routes as lost;
use crate::mail::deliver as mails;
use crate::personal::reseal;
use crate::{api_keys, devices, invitations, notices, oauth, passkeys, proofs, sign_up, staff, throttle};
use sesh_edge::drive::BoxFuture;
use sesh_edge::http::Failure;
use sesh_edge::io::{Batch, Io};
use sesh_edge::service::Job;
use sesh_edge::{idempotency, outbox};
use sesh_types::time::{HOUR_MS, MINUTE_MS};
use std::sync::Arc;

/// Does a job.
pub(crate) fn run(job: Job, io: Io, keys: Arc<Keyring>) -> BoxFuture<Result<(), Failure>> {
    Box::pin(async move {
        match job {
            Job::Tick => tick(&io, &keys).await,
            Job::Messages(_) => Err(Failure::internal("observer consumes no queue")),
        }
    })
}

/// Each part runs whatever became of the one before; the first failure is told.
async fn tick(io: &Io, keys: &Keyring) -> Result<(), Failure> {
    let request_id = io.new_id::<uuid::Uuid>().to_string();
    let reset = lost::do_what_is_due(io, keys, &request_id).await;
    let told = notices::deliver(io, &request_id).await;
    let relayed = outbox::relay(io).await;
    let sealed = seal::seal(io, keys, Sign::Always).await;
    let mailed = mails::deliver(io, keys).await.and(mails::bury(io).await);
    let resealed = reseal::reseal(io, keys).await;
    let forgotten = io.db(what_is_over(io)).await.map(drop).map_err(Failure::from);
    reset.and(told).and(relayed).and(sealed).and(mailed).and(resealed).and(forgotten)
}

fn what_is_over(io: &Io) -> Batch {
    let now = io.now();
    let batch = Batch::from(idempotency::forget_expired(now)).and(throttle::forget_expired(now));
    // Looking through all devices, invitations and proofs once an hour is enough.
    if now.0 % HOUR_MS >= MINUTE_MS {
        return batch;
    }
    batch
        .and(devices::store::forget_ended(now))
        .and(staff::signin_store::forget_ended(now))
        .and(invitations::store::forget_ended(now))
        .and(proofs::forget_expired(now))
        .and(sign_up::store::forget_expired(now))
        .and(passkeys::store::forget_expired(now))
        .then(oauth::store::forget_expired(now))
        .and(api_keys::store::forget_ended(now))
        .and(api_keys::store::forget_days(now))
}
