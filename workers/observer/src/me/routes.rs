//! Oneself.

use super::{rules, store};
use crate::audit::seal;
use crate::callers::OnBehalf;
use crate::grant::{UserRow, cache_later};
use crate::keys::Keyring;
use crate::personal::{Field, Sealed, blind, store as personal};
use crate::{impersonation, notices};
use axum::extract::State;
use serde_json::json;
use sesh_edge::http::{Answer, Body, Failure, IfMatch, Refusal};
use sesh_edge::idempotency::{IdempotencyKey, Outcome};
use sesh_edge::io::Batch;
use sesh_types::contract::auth::{EditUser, User};
use sesh_types::contract::staff::Me;
use std::sync::Arc;

/// Oneself, with the version as entity tag; without one, and with the impersonation, when a member of staff acts as one.
pub async fn read(behalf: OnBehalf, State(keys): State<Arc<Keyring>>) -> Result<Answer<Me>, Failure> {
    let mut batch = Batch::from(store::read(behalf.scope().person));
    if let Some((id, _)) = behalf.acting() {
        batch.add(impersonation::store::one(id));
    }
    let rows = behalf.read(batch).await?;
    let user = row(&rows.first::<store::Body>(0)?.ok_or_else(Refusal::unauthorized)?.body)?.user(&keys)?;
    if behalf.acting().is_none() {
        let version = user.version;
        return Ok(Answer::of(&Me { user, impersonation: None })?.version(version));
    }
    let row = rows.one::<impersonation::store::Body>(1)?;
    let row = serde_json::from_str::<impersonation::store::Row>(&row.body).map_err(Failure::internal)?;
    Answer::of(&Me { user, impersonation: Some(row.into()) })
}

/// Edits the profile: name, time zone or both.
///
/// 1. Checks the rules, and encrypts a new name.
/// 2. Writes change, audit entry and notice in one batch, which another version refuses.
/// 3. Tells the Workers that count days.
///
/// The idempotency record keeps the answer without the address, which is today's when it is made again.
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
    let edit = store::Edit {
        name: match &edit.display_name {
            Some(name) => Some(sealed_name(&behalf, &keys, name).await?),
            None => None,
        },
        time_zone: edit.time_zone,
    };
    let entry = behalf.entry("person.edited", json!({}));
    let batch =
        store::edit(scope.person, &edit, if_match.version(), &entry).and(store::address(scope.person));
    let result = behalf.write(once.wrap_selected(batch, store::recipe(scope.person), entry.at)).await;
    let (address, text) = match once.settle(io, result, Failure::from).await? {
        Outcome::Fresh(rows) => {
            let text = rows.one::<store::Body>(store::EDIT_STATEMENTS + 1)?.body;
            (rows.one::<store::Address>(store::EDIT_STATEMENTS)?, text)
        }
        Outcome::Replayed(text) => {
            let rows = behalf.read(store::address(scope.person)).await?;
            (rows.first(0)?.ok_or_else(Refusal::unauthorized)?, text)
        }
    };
    notices::deliver(io, behalf.request_id()).await?;
    seal::later(io, &keys);
    let user = row(&text)?.at(address).user(&keys)?;
    cache_later(io, behalf.device(), &user);
    answer(&user)
}

/// A name under its person's key, and its index.
async fn sealed_name(behalf: &OnBehalf, keys: &Keyring, name: &str) -> Result<(Sealed, String), Failure> {
    let (io, person) = (behalf.io(), behalf.scope().person);
    let row = behalf.read(personal::key_of(person)).await?.one::<personal::KeyRow>(0)?;
    let own = personal::ensure(io, keys, person, row.wrapped.as_deref()).await?;
    Ok((own.seal(io, Field::DisplayName, name)?, blind::name(keys, name)))
}

fn row(text: &str) -> Result<UserRow, Failure> {
    serde_json::from_str(text).map_err(Failure::internal)
}

fn answer(user: &User) -> Result<Answer<User>, Failure> {
    Ok(Answer::of(user)?.version(user.version))
}
