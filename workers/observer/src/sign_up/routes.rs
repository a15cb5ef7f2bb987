//! Beginning to sign up, and finishing it with the token of a mail.

use super::store;
use crate::address::store as addresses;
use crate::audit::{Entry, seal};
use crate::brands::door;
use crate::callers::Visitor;
use crate::keys::Keyring;
use crate::mail::{Kind, NewMail, deliver};
use crate::personal::{Field, Nobody, PersonKey, blind};
use crate::proofs::invalid_link;
use crate::signin::entrance::Entrance;
use crate::signin::recipe::Recipe;
use crate::signin::routes::{again, bind, entry, first_grant, is_taken, new_user, seal_if_refused, taken};
use crate::signin::rules::{self, Applicant};
use crate::signin::store as accounts;
use crate::throttle::{self, Attempt};
use axum::extract::State;
use serde_json::json;
use sesh_edge::http::{Answer, Body, Failure, Refusal};
use sesh_edge::idempotency::{IdempotencyKey, Outcome};
use sesh_edge::io::{Batch, DbError, Io};
use sesh_edge::outbox;
use sesh_edge::token::Scope;
use sesh_types::contract::auth::{SignedIn, User};
use sesh_types::contract::recovery::Accepted;
use sesh_types::contract::sign_up::{Begin, Confirm, Manner};
use sesh_types::envelope::ErrorCode;
use sesh_types::ids::TenantId;
use sesh_types::rules::Issues;
use std::sync::Arc;

const TENANT: TenantId = TenantId::CONSUMERS;

/// How one signs up at the address that was called.
pub async fn manner(visitor: Visitor) -> Result<Answer<Manner>, Failure> {
    let rows = visitor.io.db(store::confirms_first(visitor.host.as_deref())).await?;
    Answer::of(&Manner { confirm_first: rows.first::<accounts::Found>(0)?.is_some() })
}

/// What whoever does not prove the address first is told, whatever address they bring.
pub(crate) fn confirmation_required() -> Failure {
    let message = "Whoever signs up here proves the e-mail address first. Begin with that.";
    Refusal::new(ErrorCode::ConfirmationRequired, message).into()
}

/// Begins a sign-up. Every answer is the same and takes the same work: whether the address has an account is looked at
/// after the answer, and told in the mail that goes there in any case.
pub async fn begin(
    visitor: Visitor,
    State(keys): State<Arc<Keyring>>,
    key: IdempotencyKey,
    body: Body<Begin>,
) -> Result<Answer<Accepted, 202>, Failure> {
    let Visitor { io, request_id, client, .. } = &visitor;
    let now = io.now();
    let today = now.utc_day().ok_or_else(|| Failure::internal("the clock is out of range"))?;
    let Applicant { email, display_name } = rules::check_begun(&body.value, today)?;
    let once = bind(&key, &body.bytes, &keys);
    if once.recorded(io).await?.is_none() {
        door::to_sign_up(&visitor).await?;
        let attempt = Attempt::to_begin_sign_up(&keys, &email, client, request_id, now);
        let bucket = throttle::sign_up_mails(&keys, &email);
        let rows = io.db(attempt.reserve()?.and(throttle::count_mail(&bucket, now))).await?;
        seal_if_refused(attempt.verdict(&rows), io, &keys)?;
        let may_go = throttle::may_mail(&rows, attempt.statements())?;
        let entry = Entry {
            tenant: TENANT,
            at: now,
            actor: "anonymous".to_owned(),
            action: "registration.begun",
            entity: throttle::tried(&keys, &email),
            request_id: request_id.clone(),
            detail: json!({}),
        };
        let id = io.new_id();
        let mail = NewMail {
            id,
            tenant: TENANT,
            person: None,
            kind: Kind::SignUp,
            recipient: Nobody::Mail(id).seal(&keys, io, &email)?,
            index: blind::email(&keys, &email),
            at: now,
        };
        let name = Nobody::SignUpName(id).seal(&keys, io, &display_name)?;
        let address = Nobody::SignUp(id).seal(&keys, io, &email)?;
        let batch = store::begin(&mail, &name, &address, may_go, &entry);
        once.settle(io, io.db(once.wrap(batch, "{}", now)).await, Failure::from).await?;
        deliver::later(io, &keys);
        seal::later(io, &keys);
    }
    Answer::of(&Accepted {})
}

/// Signs somebody up with the token of a mail: whoever brings it reads the mail of the address, so it is proven.
///
/// 1. A repeated request gets its answer again.
/// 2. Counts the try, and takes it back when the token is good.
/// 3. Hashes the password.
/// 4. Uses the token up and writes person, device, audit entry and fact, in one batch.
pub async fn confirm(
    visitor: Visitor,
    State(keys): State<Arc<Keyring>>,
    key: IdempotencyKey,
    body: Body<Confirm>,
) -> Result<Answer<SignedIn, 201>, Failure> {
    let Visitor { io, request_id, client, .. } = &visitor;
    let Confirm { token, password, .. } = &body.value;
    let once = bind(&key, &body.bytes, &keys);
    if let Some(recipe) = once.recorded(io).await? {
        return Answer::of(&again_as_now(io, &keys, &recipe).await?);
    }
    let attempt = Attempt::to_use_link(&keys, client, request_id, io.now());
    seal_if_refused(attempt.verdict(&io.db(attempt.reserve()?).await?), io, &keys)?;
    let (id, applicant) = match store::find(io, &keys, token).await {
        Ok(found) => found,
        // The same request, doubled: its twin has used the token up since.
        Err(failure) => {
            let recipe = once.recorded(io).await?.ok_or(failure)?;
            io.db(attempt.release()?).await?;
            return Answer::of(&again_as_now(io, &keys, &recipe).await?);
        }
    };
    // The token is good, so this was no guess, whatever the password is.
    io.db(attempt.release()?).await?;
    let mut issues = Issues::default();
    rules::check_password("password", &password.0, &applicant.email, &mut issues);
    issues.done()?;
    let phc = keys.pepper.hash(&password.0, &io.random())?;
    let now = io.now();
    let user = User { email_verified_at: Some(now), ..new_user(io, applicant, now) };
    let grant = first_grant(io, &Entrance::home(), user, 0, now);
    let detail = json!({ "confirmed_first": true });
    let entry = entry(&visitor, now, "person.registered", grant.user.id.to_string(), detail);
    let own = PersonKey::new(grant.user.id, io);
    let kept = accounts::Personal::of(&keys, io, &own, client)?;
    let name = own.seal(io, Field::DisplayName, &grant.user.display_name)?;
    let batch = Batch::from(store::must_wait(id, now))
        .then(accounts::register(&grant, &phc, &kept, &name, &entry, (io.new_id(), io.new_id()))?)
        .and(store::spend(id));
    let result = io.db(once.wrap(batch, &Recipe::of(&grant, name).text()?, now)).await;
    Answer::of(&match once.settle(io, result, explain).await? {
        Outcome::Fresh(_) => {
            outbox::relay_later(io);
            seal::later(io, &keys);
            grant.cache_later(io);
            grant.signed_in(&keys)
        }
        Outcome::Replayed(recipe) => again_as_now(io, &keys, &recipe).await?,
    })
}

/// The answer again that a recipe tells of, with the address as it is now: the request does not name it.
async fn again_as_now(io: &Io, keys: &Keyring, recipe: &str) -> Result<SignedIn, Failure> {
    let scope = Scope { tenant: TENANT, person: Recipe::read(recipe)?.person };
    let row = io.db(addresses::read(scope)).await?.first::<addresses::AddressRow>(0)?;
    again(io, keys, recipe, row.ok_or_else(Refusal::unauthorized)?.email(keys)?).await
}

fn explain(error: DbError) -> Failure {
    match error {
        error if error.is_refusal("proof_used") => invalid_link(),
        error if is_taken(&error) => taken(),
        error => error.into(),
    }
}
