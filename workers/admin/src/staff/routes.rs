//! HTTP of the administration of staff.

use super::rules;
use crate::keys::{ManageStaff, Operator};
use crate::peers::{Ask, OBSERVER};
use sesh_edge::http::{Answer, Body, Failure, IfMatch, Key, Listing, Nothing, Query, etag_of_version};
use sesh_edge::idempotency::IdempotencyKey;
use sesh_types::contract::staff::{DisableStaff, EditStaff, Enrolment, NewStaff, STAFF, Staff, StaffQuery};
use sesh_types::ids::StaffId;

pub(crate) async fn list(
    operator: Operator<ManageStaff>,
    Query(query): Query<StaffQuery>,
) -> Result<Listing<Staff>, Failure> {
    Ask::get(&operator, OBSERVER, STAFF).query(&query)?.page().await
}

pub(crate) async fn show(
    operator: Operator<ManageStaff>,
    Key(id): Key<StaffId>,
    _: Query<Nothing>,
) -> Result<Answer<Staff>, Failure> {
    versioned(Ask::get(&operator, OBSERVER, format!("{STAFF}/{id}")).ask().await?)
}

pub(crate) async fn create(
    operator: Operator<ManageStaff>,
    _: Query<Nothing>,
    once: IdempotencyKey,
    body: Body<NewStaff>,
) -> Result<Answer<Enrolment, 201>, Failure> {
    rules::networks(&body.value.networks)?;
    Ask::post(&operator, OBSERVER, STAFF).once(&once).body(&body.value)?.answer_created().await
}

pub(crate) async fn edit(
    operator: Operator<ManageStaff>,
    Key(id): Key<StaffId>,
    _: Query<Nothing>,
    if_match: IfMatch,
    once: IdempotencyKey,
    body: Body<EditStaff>,
) -> Result<Answer<Staff>, Failure> {
    rules::networks(body.value.networks.as_deref().unwrap_or_default())?;
    let tag = if_match.version().map(etag_of_version);
    let ask = Ask::patch(&operator, OBSERVER, format!("{STAFF}/{id}")).once(&once).if_match(tag);
    versioned(ask.body(&body.value)?.ask().await?)
}

/// When this answers, no token of theirs counts anywhere.
pub(crate) async fn disable(
    operator: Operator<ManageStaff>,
    Key(id): Key<StaffId>,
    _: Query<Nothing>,
    once: IdempotencyKey,
    body: Body<DisableStaff>,
) -> Result<Answer<Staff>, Failure> {
    let ask = Ask::post(&operator, OBSERVER, format!("{STAFF}/{id}/disable")).once(&once);
    versioned(ask.body(&body.value)?.ask().await?)
}

pub(crate) async fn enable(
    operator: Operator<ManageStaff>,
    Key(id): Key<StaffId>,
    _: Query<Nothing>,
    once: IdempotencyKey,
) -> Result<Answer<Staff>, Failure> {
    versioned(Ask::post(&operator, OBSERVER, format!("{STAFF}/{id}/enable")).once(&once).ask().await?)
}

pub(crate) async fn reset(
    operator: Operator<ManageStaff>,
    Key(id): Key<StaffId>,
    _: Query<Nothing>,
    once: IdempotencyKey,
) -> Result<Answer<Enrolment>, Failure> {
    Ask::post(&operator, OBSERVER, format!("{STAFF}/{id}/reset")).once(&once).answer().await
}

fn versioned(staff: Staff) -> Result<Answer<Staff>, Failure> {
    Ok(Answer::of(&staff)?.version(staff.version))
}
