//! The administration of staff. A change is acknowledged when no token that it ends counts anywhere.

use super::rules::{self, ENROLMENT_MS};
use super::{enrolment, store};
use crate::audit::store::Count;
use crate::audit::{Entry, seal};
use crate::callers::Actor;
use crate::keys::Keyring;
use crate::{notices, people};
use axum::extract::State;
use serde_json::json;
use sesh_edge::http::{Answer, Body, Failure, IfMatch, Key, Listing, Paging, Query, Refusal};
use sesh_edge::idempotency::{IdempotencyKey, Outcome};
use sesh_edge::io::{Batch, DbError};
use sesh_types::access::PlatformRight::ManageStaff;
use sesh_types::contract::admin::Suspend;
use sesh_types::contract::staff::{DisableStaff, EditStaff, Enrolment, NewStaff, Staff, StaffQuery};
use sesh_types::envelope::ErrorCode;
use sesh_types::ids::StaffId;
use std::sync::Arc;

/// The staff.
pub async fn list(actor: Actor, Query(query): Query<StaffQuery>) -> Result<Listing<Staff>, Failure> {
    actor.must(ManageStaff)?;
    let paging = Paging::of(query.page, query.limit)?;
    let rows = actor.db(store::list(paging.limit, paging.offset())).await?;
    let staff: Result<Vec<Staff>, _> =
        rows.all::<store::Body>(1)?.iter().map(|found| row(&found.body).map(Into::into)).collect();
    Listing::of(&staff?, paging.meta(rows.one::<Count>(0)?.total))
}

/// One member of staff, with the version as entity tag.
pub async fn one(actor: Actor, Key(id): Key<StaffId>) -> Result<Answer<Staff>, Failure> {
    actor.must(ManageStaff)?;
    let found = actor.db(store::one(id)).await?.first::<store::Body>(0)?;
    answer(&found.ok_or_else(missing)?.body)
}

/// Adds a member of staff; answers with the token by which they set a password.
pub async fn create(
    actor: Actor,
    State(keys): State<Arc<Keyring>>,
    key: IdempotencyKey,
    body: Body<NewStaff>,
) -> Result<Answer<Enrolment, 201>, Failure> {
    actor.must(ManageStaff)?;
    let new = rules::check_new(body.value)?;
    let id = actor.io.new_id();
    let entry = entry(&actor, id, "staff.added", json!({ "role": new.role }));
    let batch = store::create(id, &new, new_enrolment(&actor), &entry)?;
    let made = change(&actor, &keys, &key, &body.bytes, (batch, store::CREATE_STATEMENTS), id).await?;
    enrolled(&keys, made)
}

/// Edits a member of staff.
pub async fn edit(
    actor: Actor,
    State(keys): State<Arc<Keyring>>,
    if_match: IfMatch,
    key: IdempotencyKey,
    Key(id): Key<StaffId>,
    body: Body<EditStaff>,
) -> Result<Answer<Staff>, Failure> {
    actor.must(ManageStaff)?;
    let edit = rules::check_edit(body.value)?;
    let after =
        json!({ "role": edit.role, "networks": edit.networks.is_some(), "name": edit.name.is_some() });
    let entry = entry(&actor, id, "staff.edited", json!({ "after": after }));
    let batch = store::edit(id, &edit, if_match.version(), &entry)?;
    let row = change(&actor, &keys, &key, &body.bytes, (batch, store::EDIT_STATEMENTS), id).await?;
    tagged(row.into())
}

/// Disables a member of staff: they are out at once, wherever they are.
pub async fn disable(
    actor: Actor,
    State(keys): State<Arc<Keyring>>,
    key: IdempotencyKey,
    Key(id): Key<StaffId>,
    body: Body<DisableStaff>,
) -> Result<Answer<Staff>, Failure> {
    actor.must(ManageStaff)?;
    let reason = people::rules::reason(&Suspend { reason: body.value.reason })?;
    let entry = entry(&actor, id, "staff.disabled", json!({ "reason": reason }));
    let batch = store::disable(id, &entry);
    let row = change(&actor, &keys, &key, &body.bytes, (batch, store::DISABLE_STATEMENTS), id).await?;
    tagged(row.into())
}

/// Lets a disabled member of staff sign in again.
pub async fn enable(
    actor: Actor,
    State(keys): State<Arc<Keyring>>,
    key: IdempotencyKey,
    Key(id): Key<StaffId>,
) -> Result<Answer<Staff>, Failure> {
    actor.must(ManageStaff)?;
    let entry = entry(&actor, id, "staff.enabled", json!({}));
    let batch = store::enable(id, &entry);
    let row = change(&actor, &keys, &key, b"", (batch, store::ENABLE_STATEMENTS), id).await?;
    tagged(row.into())
}

/// Takes password and generator away, for who has lost them; answers with the token by which they set a password anew.
pub async fn reset(
    actor: Actor,
    State(keys): State<Arc<Keyring>>,
    key: IdempotencyKey,
    Key(id): Key<StaffId>,
) -> Result<Answer<Enrolment>, Failure> {
    actor.must(ManageStaff)?;
    let entry = entry(&actor, id, "staff.reset", json!({}));
    let batch = store::reset(id, new_enrolment(&actor), &entry);
    let row = change(&actor, &keys, &key, b"", (batch, store::RESET_STATEMENTS), id).await?;
    enrolled(&keys, row)
}

/// Changes a member of staff, tells the Workers that trust our tokens, and gives them as they stand then. The idempotency
/// record keeps that without the address, which is today's when it is made again.
async fn change(
    actor: &Actor,
    keys: &Arc<Keyring>,
    key: &IdempotencyKey,
    body: &[u8],
    (batch, statements): (Batch, usize),
    id: StaffId,
) -> Result<store::StaffRow, Failure> {
    let io = &actor.io;
    let once = key.bind(&actor.name, body, None);
    let batch = batch.and(store::address(id));
    let result = actor.db(once.wrap_selected(batch, store::recipe(id), io.now())).await;
    // Delivered first, whatever became of this try: the one before may have been cut short after its batch.
    notices::deliver(io, &actor.request_id).await?;
    let (address, text) = match once.settle(io, result, explain).await? {
        Outcome::Fresh(rows) => {
            (rows.first::<store::Address>(statements)?, rows.one::<store::Body>(statements + 1)?.body)
        }
        Outcome::Replayed(text) => {
            let known = row(&text)?.id;
            (actor.db(store::address(known)).await?.first(0)?, text)
        }
    };
    seal::later(io, keys);
    let mut found = row(&text)?;
    found.email = address.ok_or_else(missing)?.email;
    Ok(found)
}

fn new_enrolment(actor: &Actor) -> store::NewEnrolment {
    store::NewEnrolment { id: actor.io.new_id(), expires_at: actor.io.now().plus_ms(ENROLMENT_MS) }
}

fn enrolled<const STATUS: u16>(
    keys: &Keyring,
    row: store::StaffRow,
) -> Result<Answer<Enrolment, STATUS>, Failure> {
    let (Some(enrolment), Some(expires_at)) = (row.enrolment_id, row.enrolment_expires_at) else {
        return Err(Failure::internal("an enrolment was not written"));
    };
    let token = enrolment::token(keys, row.id, enrolment);
    Answer::of(&Enrolment { staff: row.into(), token, expires_at })
}

/// A member of staff, as the database wrote them.
///
/// # Errors
/// A defect, when that cannot be read.
pub fn row(text: &str) -> Result<store::StaffRow, Failure> {
    serde_json::from_str(text).map_err(Failure::internal)
}

/// Answers with a member of staff, as the database wrote them.
///
/// # Errors
/// As [`row`].
pub fn answer(text: &str) -> Result<Answer<Staff>, Failure> {
    tagged(row(text)?.into())
}

fn tagged(staff: Staff) -> Result<Answer<Staff>, Failure> {
    Ok(Answer::of(&staff)?.version(staff.version))
}

fn missing() -> Failure {
    Failure::not_found("member of staff")
}

fn explain(error: DbError) -> Failure {
    match &error {
        DbError::Unique(columns) if columns.contains("email") => {
            let message = "There is a member of staff with this e-mail address.";
            Refusal::new(ErrorCode::Conflict, message).into()
        }
        DbError::Refused(reason) if reason == "not_found" => missing(),
        _ => error.into(),
    }
}

fn entry(actor: &Actor, id: StaffId, action: &'static str, detail: serde_json::Value) -> Entry {
    actor.entry(action, format!("staff:{id}"), detail)
}
