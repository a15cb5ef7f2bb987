//! Erasing a person here: observer's notice writes that they are erased, which alone allows deletion
//! (`migrations/tracker/0007_erasure.sql`), and everything of theirs is deleted, in slices, so that somebody with very
//! many rows takes several batches instead of one that is too long. Doing it again changes nothing.

pub(crate) mod store;

use crate::live;
use sesh_edge::http::Failure;
use sesh_edge::io::{Io, Statement};
use sesh_types::ids::{PersonId, TenantId};
use sesh_types::time::Timestamp;

/// Rows of one table deleted in one batch.
const SLICE: u32 = 2_000;
/// Batches in one request; the cron trigger goes on.
const MOST_SLICES: u32 = 20;
/// People whom the cron trigger goes on with in one go.
const MOST_PEOPLE: u32 = 20;

/// Notes that somebody is erased; whoever was noted stays so.
pub(crate) fn begin(person: PersonId, tenants: &[TenantId], at: Timestamp) -> Statement {
    store::begin(person, tenants, at)
}

/// Has their hubs forget, then deletes what somebody wrote who is noted as erased, as far as one request may go. What is left then is nobody's to
/// read, as no token counts, and goes by the cron trigger.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn erase(io: &Io, person: PersonId) -> Result<(), Failure> {
    let known = io.db(store::tenants(person)).await?.all::<store::Tenant>(0)?;
    let tenants: Vec<TenantId> = known.iter().map(|row| row.tenant_id).collect();
    // Not done before its hubs have forgotten: the cron trigger asks them again.
    let is_forgotten = live::forget(io, person, &tenants).await;
    for _ in 0..MOST_SLICES {
        let batch = store::slice(person, SLICE, io.now(), is_forgotten);
        let last = batch.len() - 1;
        if io.db(batch).await?.one::<store::Left>(last)?.is_done != 0 {
            break;
        }
    }
    Ok(())
}

/// Goes on with whatever is under way, for the cron trigger.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn go_on(io: &Io) -> Result<(), Failure> {
    for row in io.db(store::under_way(MOST_PEOPLE)).await?.all::<store::Person>(0)? {
        erase(io, row.person_id).await?;
    }
    Ok(())
}
