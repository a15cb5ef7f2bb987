//! Oneself.

use super::{rules, store};
use crate::audit::{Entry, seal};
use crate::callers::OnBehalf;
use crate::grant::{UserRow, cache_later};
use crate::keys::Keyring;
use crate::notices;
use axum::extract::State;
use serde_json::json;
use sesh_edge::http::{Answer, Body, Failure, IfMatch, Refusal};
use sesh_edge::idempotency::{IdempotencyKey, Outcome};
use sesh_types::contract::auth::{EditUser, User};
use std::sync::Arc;

/// Oneself, with the version as entity tag.
pub async fn read(behalf: OnBehalf) -> Result<Answer<User>, Failure> {
    let rows = behalf.read(store::read(behalf.scope().person)).await?;
    answer(&user(&rows.first::<store::Body>(0)?.ok_or_else(Refusal::unauthorized)?.body)?)
}

/// Edits the profile: name, time zone or both.
///
/// 1. Checks the rules.
/// 2. Writes change, audit entry and notice in one batch, which another version refuses.
/// 3. Tells the Workers that count days.
pub async fn edit(
    behalf: OnBehalf,
    State(keys): State<Arc<Keyring>>,
    if_match: IfMatch,
    key: IdempotencyKey,
    body: Body<EditUser>,
) -> Result<Answer<User>, Failure> {
    let (io, scope) = (behalf.io(), behalf.scope());
    let once = key.bind(&scope.owner(), &body.bytes, None);
    let edit = rules::check(body.value)?;
    let fields: Vec<&str> =
        [("display_name", edit.display_name.is_some()), ("time_zone", edit.time_zone.is_some())]
            .into_iter()
            .filter_map(|(field, given)| given.then_some(field))
            .collect();
    let entry = Entry {
        tenant: scope.tenant,
        at: io.now(),
        actor: behalf.actor(),
        action: "person.edited",
        entity: behalf.actor(),
        request_id: behalf.request_id().to_owned(),
        detail: json!({ "fields": fields }),
    };
    let batch = store::edit(scope.person, &edit, if_match.version(), &entry);
    let result = behalf.write(once.wrap_selected(batch, store::read(scope.person), entry.at)).await;
    let text = match once.settle(io, result, Failure::from).await? {
        Outcome::Fresh(rows) => rows.one::<store::Body>(store::EDIT_STATEMENTS)?.body,
        Outcome::Replayed(text) => text,
    };
    notices::deliver(io, behalf.request_id()).await?;
    seal::later(io, &keys);
    let user = user(&text)?;
    cache_later(io, behalf.device(), &user);
    answer(&user)
}

fn user(text: &str) -> Result<User, Failure> {
    serde_json::from_str::<UserRow>(text).map(User::from).map_err(Failure::internal)
}

fn answer(user: &User) -> Result<Answer<User>, Failure> {
    Ok(Answer::of(user)?.version(user.version))
}
