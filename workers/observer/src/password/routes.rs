//! Changing one's password, and getting back in without it.

use super::{rules, store};
use crate::audit::{Entry, seal};
use crate::callers::{OnBehalf, Visitor};
use crate::devices::store::Id;
use crate::grant::forget_later;
use crate::keys::Keyring;
use crate::mail::{Kind, NewMail, deliver};
use crate::personal::{Nobody, blind};
use crate::proofs::{self, Purpose};
use crate::throttle::{self, Attempt};
use crate::{address, notices, reauth};
use axum::extract::State;
use serde_json::json;
use sesh_edge::http::{Answer, Body, Failure, NoContent, Refusal};
use sesh_edge::idempotency::{IdempotencyKey, Once, Outcome};
use sesh_edge::io::{DbError, Io, Rows};
use sesh_types::contract::recovery::{Accepted, ChangePassword, CompleteRecovery, Recover};
use sesh_types::ids::{DeviceId, TenantId};
use std::sync::Arc;

const TENANT: TenantId = TenantId::CONSUMERS;

/// Changes the password of whoever knows it, and signs out all of their other devices. When it is acknowledged, no token
/// of those counts anywhere.
pub async fn change(
    behalf: OnBehalf,
    State(keys): State<Arc<Keyring>>,
    key: IdempotencyKey,
    body: Body<ChangePassword>,
) -> Result<NoContent, Failure> {
    let (io, scope) = (behalf.io(), behalf.scope());
    let row = behalf.read(address::store::read(scope)).await?.first::<address::store::AddressRow>(0)?;
    let email = row.ok_or_else(Refusal::unauthorized)?.email(&keys)?;
    let once = bind(&key, &scope.owner(), &body.bytes, &keys);
    if once.recorded(io).await?.is_some() {
        return again(io, &keys, behalf.request_id()).await;
    }
    rules::change(&body.value, &email)?;
    let confirmed = match reauth::confirm(&behalf, &keys, &body.value.current_password).await {
        Ok(confirmed) => confirmed,
        // The same request, doubled: its twin has changed the password since.
        Err(_) if once.recorded(io).await?.is_some() => return again(io, &keys, behalf.request_id()).await,
        Err(failure) => return Err(failure),
    };
    let phc = keys.pepper.hash(&body.value.new_password.0, &io.random())?;
    let entry = behalf.entry("password.changed", json!({ "kept": behalf.device() }));
    let batch = store::change(scope, behalf.device(), &confirmed, &phc, io.new_id(), &entry)?;
    let result = behalf.write(once.wrap(batch, "{}", entry.at)).await;
    // Delivered first, whatever became of this try: the one before may have been cut short after its batch.
    notices::deliver(io, behalf.request_id()).await?;
    let outcome =
        once.settle(io, result, |error| explain(error, "credentials_changed", reauth::wrong_password));
    if let Outcome::Fresh(rows) = outcome.await? {
        forget_later(io, ended(&rows, store::CHANGE_ENDED)?);
        deliver::later(io, &keys);
        seal::later(io, &keys);
    }
    Ok(NoContent::default())
}

/// Asks for a mail by which somebody gets back in. Every answer is the same and takes the same work: whose account it
/// is, if anybody's, is looked at after the answer.
pub async fn ask(
    visitor: Visitor,
    State(keys): State<Arc<Keyring>>,
    key: IdempotencyKey,
    body: Body<Recover>,
) -> Result<Answer<Accepted, 202>, Failure> {
    let Visitor { io, request_id, client, .. } = &visitor;
    let (now, email) = (io.now(), crate::signin::rules::email_key(&body.value.email));
    let once = bind(&key, &anyone(), &body.bytes, &keys);
    if once.recorded(io).await?.is_none() {
        let attempt = Attempt::to_recover(&keys, &email, client, request_id, now);
        let bucket = throttle::recovery_mails(&keys, &email);
        let rows = io.db(attempt.reserve()?.and(throttle::count_mail(&bucket, now))).await?;
        if let Err(throttled) = attempt.verdict(&rows) {
            seal::later(io, &keys);
            return Err(throttled);
        }
        let may_go = throttle::may_mail(&rows, attempt.statements())?;
        let entry = Entry {
            tenant: TENANT,
            at: now,
            actor: "anonymous".to_owned(),
            action: "recovery.requested",
            entity: throttle::tried(&keys, &email),
            request_id: request_id.clone(),
            detail: json!({}),
        };
        let kind = Kind::ResetPassword;
        let id = io.new_id();
        let recipient = Nobody::Mail(id).seal(&keys, io, &email)?;
        let index = blind::email(&keys, &email);
        let mail = NewMail { id, tenant: TENANT, person: None, kind, recipient, index, at: now };
        let result = io.db(once.wrap(store::ask(&mail, may_go, &entry), "{}", now)).await;
        once.settle(io, result, Failure::from).await?;
        deliver::later(io, &keys);
        seal::later(io, &keys);
    }
    Answer::of(&Accepted {})
}

/// Sets a new password with the token of a mail, and ends every device. When it is acknowledged, no token of theirs
/// counts anywhere. It signs nobody in: whoever has a second factor needs it then.
pub async fn complete(
    visitor: Visitor,
    State(keys): State<Arc<Keyring>>,
    key: IdempotencyKey,
    body: Body<CompleteRecovery>,
) -> Result<NoContent, Failure> {
    let Visitor { io, request_id, client, .. } = &visitor;
    let once = bind(&key, &anyone(), &body.bytes, &keys);
    if once.recorded(io).await?.is_some() {
        return again(io, &keys, request_id).await;
    }
    let attempt = Attempt::to_use_link(&keys, client, request_id, io.now());
    if let Err(throttled) = attempt.verdict(&io.db(attempt.reserve()?).await?) {
        seal::later(io, &keys);
        return Err(throttled);
    }
    let proof = match proofs::find(io, &keys, &body.value.token, &[Purpose::ResetPassword]).await {
        Ok(proof) => proof,
        Err(_) if once.recorded(io).await?.is_some() => return again(io, &keys, request_id).await,
        Err(failure) => return Err(failure),
    };
    // The token is good, so this was no guess, whatever the password is.
    io.db(attempt.release()?).await?;
    rules::reset(&body.value.new_password.0, &proof.email)?;
    let phc = keys.pepper.hash(&body.value.new_password.0, &io.random())?;
    let subject = format!("person:{}", proof.person_id);
    let entry = Entry {
        tenant: proof.tenant_id,
        at: io.now(),
        actor: subject.clone(),
        action: "password.reset",
        entity: subject,
        request_id: request_id.clone(),
        detail: json!({}),
    };
    let batch = once.wrap(store::reset(&proof, &phc, io.new_id(), &entry), "{}", entry.at);
    let result = io.db(batch).await;
    notices::deliver(io, request_id).await?;
    let outcome = once.settle(io, result, |error| explain(error, "proof_used", proofs::invalid_link));
    if let Outcome::Fresh(rows) = outcome.await? {
        forget_later(io, ended(&rows, store::RESET_ENDED)?);
        deliver::later(io, &keys);
        seal::later(io, &keys);
    }
    Ok(NoContent::default())
}

/// Acknowledges what was done before, once everybody has been told: the try before may have been cut short.
async fn again(io: &Io, keys: &Arc<Keyring>, request_id: &str) -> Result<NoContent, Failure> {
    notices::deliver(io, request_id).await?;
    deliver::later(io, keys);
    Ok(NoContent::default())
}

/// Binds a key to its owner, and to the body by a keyed hash: the record is no way to guess the password in it.
fn bind(key: &IdempotencyKey, owner: &str, body: &[u8], keys: &Keyring) -> Once {
    key.bind(owner, body, Some(&keys.pepper.key("idempotency fingerprint")))
}

fn anyone() -> String {
    format!("{TENANT}/anonymous")
}

fn ended(rows: &Rows, place: usize) -> Result<Vec<DeviceId>, Failure> {
    Ok(rows.all::<Id>(place)?.into_iter().map(|row| row.id).collect())
}

fn explain(error: DbError, word: &str, answer: fn() -> Failure) -> Failure {
    if error.is_refusal(word) { answer() } else { error.into() }
}
