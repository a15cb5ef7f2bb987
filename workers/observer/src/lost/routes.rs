//! Taking lost factors away, for administrators and for the cron trigger.

use super::store::{self, ResetRow};
use crate::audit::{Entry, seal};
use crate::callers::Actor;
use crate::keys::Keyring;
use crate::mail::deliver;
use crate::{notices, people};
use axum::extract::State;
use serde_json::json;
use sesh_edge::http::{Answer, Body, Failure, Key, NoContent};
use sesh_edge::idempotency::{IdempotencyKey, Outcome};
use sesh_edge::io::{DbError, Io};
use sesh_edge::secret::base64url;
use sesh_types::access::PlatformRight;
use sesh_types::contract::admin::{FactorReset, ResetFactors, Suspend};
use sesh_types::ids::{PersonId, TenantId};
use sesh_types::time::Timestamp;
use std::sync::Arc;

/// Takes somebody's factors away, at once or in a day. When it is acknowledged as done, no token of theirs counts.
pub async fn reset(
    actor: Actor,
    State(keys): State<Arc<Keyring>>,
    key: IdempotencyKey,
    Key(person): Key<PersonId>,
    body: Body<ResetFactors>,
) -> Result<Answer<FactorReset>, Failure> {
    actor.must(PlatformRight::SuspendPeople)?;
    let (io, now) = (&actor.io, actor.io.now());
    let ResetFactors { reason, identity_confirmed } = body.value;
    let reason = people::rules::reason(&Suspend { reason })?;
    let once = key.bind(&actor.name, &body.bytes, None);
    let due_at = match actor.db(store::waiting(person)).await?.first::<ResetRow>(0)? {
        Some(waiting) if !identity_confirmed => waiting.due_at,
        _ if identity_confirmed => now,
        _ => now.plus_ms(store::DELAY_MS),
    };
    let action = if identity_confirmed { "factors.reset" } else { "factors.reset_asked" };
    let detail = json!({ "reason": reason, "identity_confirmed": identity_confirmed, "due_at": due_at });
    let entry = entry(actor.name.clone(), actor.request_id.clone(), person, now, (action, detail));
    let batch = if identity_confirmed {
        store::reset(person, &nobodys(&keys, io)?, io.new_id(), &entry, false)
    } else {
        store::ask(person, io.new_id(), &entry)
    };
    let answer = FactorReset { due_at, done: identity_confirmed };
    let text = serde_json::to_string(&answer).map_err(Failure::internal)?;
    let result = actor.db(once.wrap(batch, &text, now)).await;
    // Delivered first, whatever became of this try: the one before may have been cut short after its batch.
    notices::deliver(io, &actor.request_id).await?;
    let text = match once.settle(io, result, explain).await? {
        Outcome::Fresh(_) => text,
        Outcome::Replayed(text) => text,
    };
    deliver::later(io, &keys);
    seal::later(io, &keys);
    Ok(Answer::data(&text))
}

/// Takes a reset back that waits.
pub async fn take_back(
    actor: Actor,
    State(keys): State<Arc<Keyring>>,
    key: IdempotencyKey,
    Key(person): Key<PersonId>,
) -> Result<NoContent, Failure> {
    actor.must(PlatformRight::SuspendPeople)?;
    let (io, now) = (&actor.io, actor.io.now());
    let once = key.bind(&actor.name, b"", None);
    let act = ("factors.reset_taken_back", json!({}));
    let entry = entry(actor.name.clone(), actor.request_id.clone(), person, now, act);
    let result = actor.db(once.wrap(store::take_back(person, &entry), "{}", now)).await;
    once.settle(io, result, explain).await?;
    seal::later(io, &keys);
    Ok(NoContent::default())
}

/// Does what is due, for the cron trigger: before the notices are delivered that come of it.
///
/// # Errors
/// When the database does not answer.
pub async fn do_what_is_due(io: &Io, keys: &Keyring, request_id: &str) -> Result<(), Failure> {
    let due = io.db(store::due(io.now())).await?.all::<ResetRow>(0)?;
    for ResetRow { person_id, asked_by, due_at, .. } in due {
        let act = ("factors.reset", json!({ "identity_confirmed": false, "due_at": due_at }));
        let entry = entry(asked_by, request_id.to_owned(), person_id, io.now(), act);
        let batch = store::reset(person_id, &nobodys(keys, io)?, io.new_id(), &entry, true);
        match io.db(batch).await {
            // Somebody ended it a moment ago.
            Err(error) if error.is_refusal("not_found") => {}
            done => drop(done?),
        }
    }
    Ok(())
}

/// The hash of what nobody knows.
fn nobodys(keys: &Keyring, io: &Io) -> Result<String, Failure> {
    keys.pepper.hash(&base64url(&io.random::<32>()), &io.random())
}

fn explain(error: DbError) -> Failure {
    if error.is_refusal("not_found") { Failure::not_found("person, or nothing waits") } else { error.into() }
}

fn entry(
    actor: String,
    request_id: String,
    person: PersonId,
    at: Timestamp,
    (action, detail): (&'static str, serde_json::Value),
) -> Entry {
    let entity = format!("person:{person}");
    Entry { tenant: TenantId::CONSUMERS, at, actor, action, entity, request_id, detail }
}
