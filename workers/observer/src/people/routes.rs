//! People, for administrators.

use super::{rules, store};
use crate::audit::store::Count;
use crate::audit::{Entry, seal};
use crate::callers::Actor;
use crate::keys::Keyring;
use crate::{me, notices};
use axum::extract::State;
use serde_json::json;
use sesh_edge::http::{Answer, Body, Failure, Key, Listing, Paging, Query, Refusal};
use sesh_edge::idempotency::{IdempotencyKey, Outcome};
use sesh_edge::io::{Batch, DbError};
use sesh_types::access::PlatformRight;
use sesh_types::contract::admin::{Account, PeopleQuery, Suspend};
use sesh_types::envelope::ErrorCode;
use sesh_types::ids::PersonId;
use std::sync::Arc;

/// People, newest first.
pub async fn list(
    actor: Actor,
    State(keys): State<Arc<Keyring>>,
    Query(query): Query<PeopleQuery>,
) -> Result<Listing<Account>, Failure> {
    actor.must(PlatformRight::ReadPeople)?;
    let paging = Paging::of(query.page, query.limit)?;
    let search =
        rules::search(query.q.as_deref()).map_err(|issues| Refusal::issues(ErrorCode::BadRequest, issues))?;
    let (now, limit) = (actor.io.now(), paging.limit);
    let page = store::list(&keys, search.as_deref(), query.status, now, limit, paging.offset());
    let rows = actor.db(page).await?;
    let accounts = rows.all::<store::AccountRow>(1)?.into_iter().map(|row| row.account(&keys));
    let accounts = accounts.collect::<Result<Vec<Account>, _>>()?;
    Listing::of(&accounts, paging.meta(rows.one::<Count>(0)?.total))
}

/// One person.
pub async fn one(
    actor: Actor,
    State(keys): State<Arc<Keyring>>,
    Key(id): Key<PersonId>,
) -> Result<Answer<Account>, Failure> {
    actor.must(PlatformRight::ReadPeople)?;
    let rows = actor.db(store::one(id, actor.io.now())).await?;
    let body = rows.first::<store::Body>(0)?.ok_or_else(|| Failure::not_found("person"))?.body;
    Answer::of(&row(&body)?.account(&keys)?)
}

/// Suspends a person. When this is acknowledged, no token of theirs counts anywhere.
pub async fn suspend(
    actor: Actor,
    State(keys): State<Arc<Keyring>>,
    key: IdempotencyKey,
    Key(id): Key<PersonId>,
    body: Body<Suspend>,
) -> Result<Answer<Account>, Failure> {
    actor.must(PlatformRight::SuspendPeople)?;
    let reason = rules::reason(&body.value)?;
    let entry = entry(&actor, id, "person.suspended", changed("active", "suspended", Some(&reason)));
    let batch = store::suspend(id, &reason, &entry);
    change(&actor, &keys, &key, &body.bytes, id, (batch, store::SUSPEND_STATEMENTS)).await
}

/// Lets a suspended person sign in again.
pub async fn reinstate(
    actor: Actor,
    State(keys): State<Arc<Keyring>>,
    key: IdempotencyKey,
    Key(id): Key<PersonId>,
) -> Result<Answer<Account>, Failure> {
    actor.must(PlatformRight::SuspendPeople)?;
    let entry = entry(&actor, id, "person.reinstated", changed("suspended", "active", None));
    let batch = store::reinstate(id, &entry);
    change(&actor, &keys, &key, b"", id, (batch, store::REINSTATE_STATEMENTS)).await
}

/// Changes somebody's standing, tells the Workers that trust our tokens, and answers with the account. The idempotency
/// record keeps the answer without the address, which is today's when it is made again.
async fn change(
    actor: &Actor,
    keys: &Arc<Keyring>,
    key: &IdempotencyKey,
    body: &[u8],
    id: PersonId,
    (batch, statements): (Batch, usize),
) -> Result<Answer<Account>, Failure> {
    let (io, now) = (&actor.io, actor.io.now());
    let once = key.bind(&actor.name, body, None);
    let result =
        actor.db(once.wrap_selected(batch.and(me::store::address(id)), store::recipe(id, now), now)).await;
    // Delivered first, whatever became of this try: the one before may have been cut short after its batch.
    notices::deliver(io, &actor.request_id).await?;
    let (address, text) = match once.settle(io, result, explain).await? {
        Outcome::Fresh(rows) => {
            (rows.one::<me::store::Address>(statements)?, rows.one::<store::Body>(statements + 1)?.body)
        }
        Outcome::Replayed(text) => {
            let rows = actor.db(me::store::address(id)).await?;
            (rows.first(0)?.ok_or_else(|| Failure::not_found("person"))?, text)
        }
    };
    seal::later(io, keys);
    Answer::of(&row(&text)?.at(address).account(keys)?)
}

/// What the audit log says of a change of standing.
fn changed(before: &str, after: &str, reason: Option<&str>) -> serde_json::Value {
    let (before, after) = (json!({ "standing": before }), json!({ "standing": after }));
    match reason {
        Some(reason) => json!({ "before": before, "after": after, "reason": reason }),
        None => json!({ "before": before, "after": after }),
    }
}

fn explain(error: DbError) -> Failure {
    if error.is_refusal("not_found") { Failure::not_found("person") } else { error.into() }
}

fn row(text: &str) -> Result<store::AccountRow, Failure> {
    serde_json::from_str(text).map_err(Failure::internal)
}

fn entry(actor: &Actor, id: PersonId, action: &'static str, detail: serde_json::Value) -> Entry {
    actor.entry(action, format!("person:{id}"), detail)
}
