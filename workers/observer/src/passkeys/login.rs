//! Signing in with a passkey. It is both factors in one: what somebody has, and the finger, face or PIN that it asked for.

use super::ceremony::{self, Ceremony};
use super::challenge::{self, Answered};
use super::store::{self, OwnedRow};
use crate::audit::{Entry, seal};
use crate::callers::Visitor;
use crate::keys::Keyring;
use crate::lost;
use crate::personal::{Field, PersonKey, store as personal};
use crate::signin::entrance::{self, Asked};
use crate::signin::recipe::Recipe;
use crate::signin::routes::{again, bind, entry, first_grant, kept_name, seal_if_refused, user_of};
use crate::signin::store as accounts;
use crate::throttle::Attempt;
use axum::extract::State;
use serde_json::json;
use sesh_edge::http::{Answer, Body, Failure, Refusal};
use sesh_edge::idempotency::{IdempotencyKey, Outcome};
use sesh_edge::io::{Batch, DbError, Signed};
use sesh_edge::secret::{base64url, from_base64url};
use sesh_types::contract::auth::SignedIn;
use sesh_types::contract::passkeys::{LoginPasskey, RequestOptions};
use sesh_types::envelope::ErrorCode;
use std::sync::Arc;

/// What the page needs to have somebody sign in. Nothing is written.
pub async fn options(
    visitor: Visitor,
    State(keys): State<Arc<Keyring>>,
) -> Result<Answer<RequestOptions>, Failure> {
    let Visitor { io, .. } = &visitor;
    let challenge = challenge::make(&keys, Ceremony::Get, None, io.new_id(), io.now());
    Answer::of(&RequestOptions {
        challenge: challenge.ok_or_else(|| Failure::internal("there is no key for challenges"))?,
        rp_id: keys.party.id.clone(),
        timeout: u32::try_from(challenge::LIFE_MS).unwrap_or(u32::MAX),
        user_verification: "required".to_owned(),
    })
}

/// Signs somebody in with a passkey. Every way to fail looks the same.
///
/// 1. A repeated request gets its answer again.
/// 2. Counts the try, and reads the passkey with its owner's account.
/// 3. Checks what the authenticator says, and has its signature verified.
/// 4. Uses challenge and passkey, and writes device and audit entry, in one batch that a suspension or the same
///    challenge meanwhile refuses, and a passkey whose count falls behind.
pub async fn login(
    visitor: Visitor,
    State(keys): State<Arc<Keyring>>,
    key: IdempotencyKey,
    body: Body<LoginPasskey>,
) -> Result<Answer<SignedIn>, Failure> {
    let Visitor { io, request_id, client, .. } = &visitor;
    let (now, id) = (io.now(), &body.value.id);
    let once = bind(&key, &body.bytes, &keys);
    let attempt = Attempt::to_use_passkey(&keys, client, request_id, now);
    let asked = Asked::of(&visitor, body.value.tenant.as_deref());
    let read = Batch::from(store::owned(id)).and(entrance::of_passkey(asked, id));
    let rows = io.db(attempt.reserve()?.then(read)).await?;
    seal_if_refused(attempt.verdict(&rows), io, &keys)?;
    let Some(owned) = rows.first::<OwnedRow>(attempt.statements())? else { return Err(refused().into()) };
    let wrapped = owned.account.wrapped.as_deref();
    let email = PersonKey::unwrap(&keys, owned.account.id, wrapped)?.open(Field::Email, &owned.email)?;
    if let Some(recipe) = once.recorded(io).await? {
        io.db(attempt.release()?).await?;
        return Answer::of(&again(io, &keys, &recipe, email).await?);
    }
    let Some((answered, sign_count)) = verified(&visitor, &keys, &body.value, &owned).await? else {
        return Err(refuse(&visitor, &keys, &owned, json!({ "factor": "passkey" })).await);
    };
    let Some(entrance) = entrance::read(&rows, attempt.statements() + 1)? else {
        return Err(refuse(&visitor, &keys, &owned, json!({ "factor": "passkey" })).await);
    };
    entrance.must_be_open(io, &attempt).await?;
    let account = owned.account;
    let own = personal::ensure(io, &keys, account.id, account.wrapped.as_deref()).await?;
    let kept = accounts::Personal::of(&keys, io, &own, client)?;
    let grant = first_grant(io, &entrance, user_of(&keys, &account, email.clone())?, account.epoch, now);
    let detail = json!({ "device": grant.device, "factor": "passkey" });
    let entry = entry(&visitor, now, "login.succeeded", account.id.to_string(), detail);
    let entry = Entry { tenant: grant.tenant, ..entry };
    let signed_in = accounts::sign_in(&grant, &account.password_phc, account.totp_id, None, &kept, &entry);
    let batch = entrance
        .guard()
        .then(store::used(id, answered, sign_count, now))
        .then(signed_in)
        // Whoever has a factor has not lost them all.
        .and(lost::store::end(account.id))
        .and(attempt.release()?);
    let result = io.db(once.wrap(batch, &Recipe::of(&grant, kept_name(&account)).text()?, now)).await;
    if result.as_ref().is_err_and(|error| error.is_refusal("passkey_cloned")) {
        let owned = OwnedRow { account, ..owned };
        return Err(refuse(&visitor, &keys, &owned, json!({ "factor": "passkey", "cloned": true })).await);
    }
    let signed_in = match once.settle(io, result, explain).await? {
        Outcome::Fresh(_) => {
            seal::later(io, &keys);
            grant.cache_later(io);
            grant.signed_in(&keys)
        }
        Outcome::Replayed(recipe) => {
            io.db(attempt.release()?).await?;
            again(io, &keys, &recipe, email).await?
        }
    };
    Answer::of(&signed_in)
}

/// Whether the authenticator answered a challenge of ours, for this person, with this passkey (section 7.2).
async fn verified(
    visitor: &Visitor,
    keys: &Keyring,
    body: &LoginPasskey,
    owned: &OwnedRow,
) -> Result<Option<(Answered, u32)>, Failure> {
    let response = &body.response;
    let parts = [&response.client_data_json, &response.authenticator_data, &response.signature];
    let [Some(client_data), Some(data), Some(signature)] = parts.map(|text| from_base64url(text)) else {
        return Ok(None);
    };
    let answered = ceremony::challenge(&client_data, Ceremony::Get, &keys.party)
        .and_then(|bytes| challenge::read(keys, Ceremony::Get, None, &bytes, visitor.io.now()));
    let said = ceremony::said(&data, &keys.party);
    let signature = ceremony::plain_signature(owned.algorithm, &signature);
    let theirs = response.user_handle == base64url(owned.account.id.0.as_bytes());
    let (Some(answered), Some(said), Some(signature), true) = (answered, said, signature, theirs) else {
        return Ok(None);
    };
    let signed = Signed {
        algorithm: owned.algorithm.as_str(),
        key: owned.public_key.clone(),
        signature: base64url(&signature),
        message: base64url(&ceremony::signed(&data, &client_data)),
    };
    let right = visitor.io.verify(signed).await.map_err(Failure::unavailable)?;
    let active = owned.account.status == "active";
    Ok((right && active).then_some((answered, said.sign_count)))
}

/// Records the failure, and makes the one answer that every failure gets.
async fn refuse(
    visitor: &Visitor,
    keys: &Arc<Keyring>,
    owned: &OwnedRow,
    detail: serde_json::Value,
) -> Failure {
    let subject = entry(visitor, visitor.io.now(), "login.failed", owned.account.id.to_string(), detail);
    let entry = Entry { actor: "anonymous".to_owned(), ..subject };
    if let Err(error) = visitor.io.db(accounts::failed(&entry)).await {
        return error.into();
    }
    seal::later(&visitor.io, keys);
    refused().into()
}

fn explain(error: DbError) -> Failure {
    let meanwhile = ["credentials_changed", "challenge_spent"].iter().any(|word| error.is_refusal(word));
    if meanwhile { refused().into() } else { error.into() }
}

fn refused() -> Refusal {
    Refusal::new(
        ErrorCode::InvalidCredentials,
        "This passkey is not accepted. Sign in another way, or try again.",
    )
}
