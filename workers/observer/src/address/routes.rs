//! Proving an e-mail address, and changing it.

use super::store;
use crate::audit::{Entry, seal};
use crate::callers::{OnBehalf, Visitor};
use crate::keys::Keyring;
use crate::mail::{self, Kind, NewMail, deliver};
use crate::personal::{Field, blind, store as personal};
use crate::proofs::{self, Proof, Purpose};
use crate::signin::rules::{email_key, is_email};
use crate::throttle::Attempt;
use crate::{notices, reauth};
use axum::extract::State;
use serde_json::json;
use sesh_edge::http::{Answer, Body, Failure, NoContent, Refusal};
use sesh_edge::idempotency::IdempotencyKey;
use sesh_edge::io::{DbError, Io};
use sesh_types::contract::recovery::{Accepted, ChangeEmail, VerifyEmail};
use sesh_types::envelope::ErrorCode;
use sesh_types::ids::TenantId;
use sesh_types::rules::Issues;
use std::sync::Arc;

/// Sends the mail by which somebody proves their address once more; nothing when it is proven.
pub async fn resend(
    behalf: OnBehalf,
    State(keys): State<Arc<Keyring>>,
    key: IdempotencyKey,
) -> Result<Answer<Accepted, 202>, Failure> {
    let (io, scope, now) = (behalf.io(), behalf.scope(), behalf.io().now());
    let once = key.bind(&scope.owner(), b"", None);
    let row = behalf.read(store::read(scope)).await?.first::<store::AddressRow>(0)?;
    let row = row.ok_or_else(Refusal::unauthorized)?;
    if row.is_verified != 0 || once.recorded(io).await?.is_some() {
        return Answer::of(&Accepted {});
    }
    let attempt = Attempt::to_verify(&keys, scope.person, behalf.request_id(), now);
    if let Err(throttled) = attempt.verdict(&behalf.write(attempt.reserve()?).await?) {
        seal::later(io, &keys);
        return Err(throttled);
    }
    let mail = to(&behalf, &keys, Kind::VerifyEmail, &row.email(&keys)?, row.wrapped.as_deref()).await?;
    let result = behalf.write(once.wrap(mail::store::enqueue(&mail).into(), "{}", now)).await;
    once.settle(io, result, Failure::from).await?;
    deliver::later(io, &keys);
    Answer::of(&Accepted {})
}

/// Sends a mail to the address that somebody wants to have; it counts once its token has come back. Whether the address
/// has an account already is not told here.
pub async fn ask(
    behalf: OnBehalf,
    State(keys): State<Arc<Keyring>>,
    key: IdempotencyKey,
    body: Body<ChangeEmail>,
) -> Result<Answer<Accepted, 202>, Failure> {
    let (io, scope, now) = (behalf.io(), behalf.scope(), behalf.io().now());
    let once = key.bind(&scope.owner(), &body.bytes, Some(&keys.pepper.key("idempotency fingerprint")));
    let row = behalf.read(store::read(scope)).await?.first::<store::AddressRow>(0)?;
    let row = row.ok_or_else(Refusal::unauthorized)?;
    if once.recorded(io).await?.is_some() {
        return Answer::of(&Accepted {});
    }
    let email = email_key(&body.value.email);
    let mut issues = Issues::default();
    issues.require(
        is_email(&email),
        "email",
        "malformed",
        "must be an e-mail address, such as name@example.com",
    );
    issues.done()?;
    let attempt = Attempt::to_verify(&keys, scope.person, behalf.request_id(), now);
    if let Err(throttled) = attempt.verdict(&behalf.write(attempt.reserve()?).await?) {
        seal::later(io, &keys);
        return Err(throttled);
    }
    let confirmed = reauth::confirm(&behalf, &keys, &body.value.password).await?;
    let entry = behalf.entry("email.change_requested", json!({ "device": behalf.device() }));
    let mail = to(&behalf, &keys, Kind::ChangeEmail, &email, row.wrapped.as_deref()).await?;
    let result = behalf.write(once.wrap(store::ask(&confirmed, &mail, &entry)?, "{}", now)).await;
    once.settle(io, result, |error| {
        if error.is_refusal("credentials_changed") { reauth::wrong_password() } else { error.into() }
    })
    .await?;
    deliver::later(io, &keys);
    seal::later(io, &keys);
    Answer::of(&Accepted {})
}

/// Takes the token of a mail that proves an address: the account's own, or the one that it is to have.
pub async fn verify(
    visitor: Visitor,
    State(keys): State<Arc<Keyring>>,
    key: IdempotencyKey,
    body: Body<VerifyEmail>,
) -> Result<NoContent, Failure> {
    let Visitor { io, request_id, client, .. } = &visitor;
    let owner = format!("{}/anonymous", TenantId::CONSUMERS);
    let once = key.bind(&owner, &body.bytes, Some(&keys.pepper.key("idempotency fingerprint")));
    if once.recorded(io).await?.is_some() {
        return again(io, &keys, request_id).await;
    }
    let attempt = Attempt::to_use_link(&keys, client, request_id, io.now());
    if let Err(throttled) = attempt.verdict(&io.db(attempt.reserve()?).await?) {
        seal::later(io, &keys);
        return Err(throttled);
    }
    let purposes = [Purpose::VerifyEmail, Purpose::ChangeEmail];
    let proof = match proofs::find(io, &keys, &body.value.token, &purposes).await {
        Ok(proof) => proof,
        // The same request, doubled: its twin has used the token since.
        Err(_) if once.recorded(io).await?.is_some() => return again(io, &keys, request_id).await,
        Err(failure) => return Err(failure),
    };
    let entry = entry_of(&proof, &visitor);
    let own = personal::ensure(io, &keys, proof.person_id, proof.wrapped.as_deref()).await?;
    let sealed = own.seal(io, Field::Email, &proof.email)?;
    let batch = store::apply(&keys, &proof, &sealed, io.new_id(), &entry).and(attempt.release()?);
    let result = io.db(once.wrap(batch, "{}", entry.at)).await;
    once.settle(io, result, explain).await?;
    notices::deliver(io, request_id).await?;
    deliver::later(io, &keys);
    seal::later(io, &keys);
    Ok(NoContent::default())
}

/// Acknowledges what was done before, once everybody has been told.
async fn again(io: &Io, keys: &Arc<Keyring>, request_id: &str) -> Result<NoContent, Failure> {
    notices::deliver(io, request_id).await?;
    deliver::later(io, keys);
    Ok(NoContent::default())
}

fn entry_of(proof: &Proof, visitor: &Visitor) -> Entry {
    let subject = format!("person:{}", proof.person_id);
    let action = if proof.purpose == Purpose::ChangeEmail { "email.changed" } else { "email.verified" };
    Entry {
        tenant: proof.tenant_id,
        at: visitor.io.now(),
        actor: subject.clone(),
        action,
        entity: subject,
        request_id: visitor.request_id.clone(),
        detail: json!({}),
    }
}

async fn to(
    behalf: &OnBehalf,
    keys: &Keyring,
    kind: Kind,
    address: &str,
    wrapped: Option<&str>,
) -> Result<NewMail, Failure> {
    let (io, scope) = (behalf.io(), behalf.scope());
    let own = personal::ensure(io, keys, scope.person, wrapped).await?;
    Ok(NewMail {
        id: io.new_id(),
        tenant: scope.tenant,
        person: Some(scope.person),
        kind,
        recipient: own.seal(io, Field::Email, address)?,
        index: blind::email(keys, address),
        at: io.now(),
    })
}

fn explain(error: DbError) -> Failure {
    match &error {
        DbError::Unique(columns) if columns.contains("people.email") => {
            Refusal::new(ErrorCode::Conflict, "There is an account with this e-mail address by now.").into()
        }
        error if error.is_refusal("address_taken") => {
            Refusal::new(ErrorCode::Conflict, "There is an account with this e-mail address by now.").into()
        }
        error if error.is_refusal("proof_used") => proofs::invalid_link(),
        _ => error.into(),
    }
}
