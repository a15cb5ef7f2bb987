//! The second step of signing in, where there is a second factor.

use super::entrance::{self, Asked};
use super::recipe::Recipe;
use super::routes::{again, bind, entry, first_grant, kept_name, seal_if_refused, user_of};
use super::store;
use crate::audit::{Entry, seal};
use crate::callers::Visitor;
use crate::factors::challenge::{Presented, Standing};
use crate::factors::present::{self, Good, Typed};
use crate::factors::store as factors;
use crate::keys::Keyring;
use crate::lost;
use crate::mail::store::enqueue_to_owner;
use crate::mail::{Kind, deliver};
use crate::personal::{Field, PersonKey, Sealed, store as personal};
use crate::throttle::Attempt;
use axum::extract::State;
use serde::Deserialize;
use serde_json::json;
use sesh_edge::http::{Answer, Body, Failure, Refusal};
use sesh_edge::idempotency::{IdempotencyKey, Outcome};
use sesh_edge::io::{Batch, DbError};
use sesh_types::contract::auth::SignedIn;
use sesh_types::contract::factors::LoginFactor;
use std::sync::Arc;

#[derive(Deserialize)]
struct WaitingRow {
    email: Sealed,
    #[serde(flatten)]
    account: store::AccountRow,
}

/// The second step of signing in.
pub async fn login(
    visitor: Visitor,
    State(keys): State<Arc<Keyring>>,
    key: IdempotencyKey,
    body: Body<LoginFactor>,
) -> Result<Answer<SignedIn>, Failure> {
    Answer::of(&by_factor(visitor, keys, key, body).await?)
}

/// Signs somebody in whose password was right a moment ago, with a code of their second factor.
///
/// 1. Reads the account that the challenge claims to be of; a challenge that is not of its present standing ends here.
/// 2. A repeated request gets its answer again.
/// 3. Counts the try; beyond ten wrong codes no code is looked at.
/// 4. Looks which code it is.
/// 5. Uses the code up and writes device and audit entry in one batch, which a suspension, a new password or the same
///    code meanwhile refuses.
pub(crate) async fn by_factor(
    visitor: Visitor,
    keys: Arc<Keyring>,
    key: IdempotencyKey,
    body: Body<LoginFactor>,
) -> Result<SignedIn, Failure> {
    let Visitor { io, request_id, client, .. } = &visitor;
    let now = io.now();
    let typed = Typed::required(body.value.code.as_ref(), body.value.recovery_code.as_ref())?;
    let presented = Presented::read(&body.value.challenge).ok_or_else(expired)?;
    let rows = io.db(store::account_with(presented.person)).await?;
    let WaitingRow { email, account } = rows.first(0)?.ok_or_else(expired)?;
    let email =
        PersonKey::unwrap(&keys, account.id, account.wrapped.as_deref())?.open(Field::Email, &email)?;
    let once = bind(&key, &body.bytes, &keys);
    if let Some(recipe) = once.recorded(io).await? {
        return again(io, &keys, &recipe, email).await;
    }
    let standing = Standing { person: account.id, epoch: account.epoch, phc: &account.password_phc };
    if !presented.counts(&keys, &standing, now) || account.status != "active" {
        return Err(expired().into());
    }
    let attempt = Attempt::to_bring_factor(&keys, account.id, request_id, now);
    let asked = Asked::of(&visitor, body.value.tenant.as_deref());
    let read = Batch::from(factors::read(account.id)).and(entrance::of_person(asked, account.id));
    let rows = io.db(attempt.reserve()?.then(read)).await?;
    seal_if_refused(attempt.verdict(&rows), io, &keys)?;
    let entrance = entrance::read(&rows, attempt.statements() + 1)?.ok_or_else(expired)?;
    entrance.must_be_open(io, &attempt).await?;
    let row = rows.one::<factors::FactorRow>(attempt.statements())?;
    let Some(good) = present::check(&keys, &row, typed, now)? else {
        // This very request, sent twice at once, may have used the code up a moment ago.
        let Some(recipe) = once.recorded(io).await? else {
            return Err(refuse(&visitor, &keys, &account).await);
        };
        io.db(attempt.release()?).await?;
        return again(io, &keys, &recipe, email).await;
    };
    let own = personal::ensure(io, &keys, account.id, account.wrapped.as_deref()).await?;
    let kept = store::Personal::of(&keys, io, &own, client)?;
    let grant = first_grant(io, &entrance, user_of(&keys, &account, email.clone())?, account.epoch, now);
    let detail = json!({ "device": grant.device, "factor": good.name() });
    let entry = entry(&visitor, now, "login.succeeded", account.id.to_string(), detail);
    let entry = Entry { tenant: grant.tenant, ..entry };
    let signed_in = store::sign_in(&grant, &account.password_phc, account.totp_id, None, &kept, &entry);
    let mut batch =
        entrance.guard().then(good.spend(account.id, now)).then(signed_in).and(attempt.release()?);
    // Whoever has a factor has not lost them all.
    batch.add(lost::store::end(account.id));
    if let Good::Recovery { .. } = good {
        batch.add(enqueue_to_owner(io.new_id(), account.id, Kind::RecoveryCodeUsed, now));
    }
    let result = io.db(once.wrap(batch, &Recipe::of(&grant, kept_name(&account)).text()?, now)).await;
    if result.as_ref().is_err_and(|error| error.is_refusal("code_used")) {
        return Err(refuse(&visitor, &keys, &account).await);
    }
    match once.settle(io, result, explain).await? {
        Outcome::Fresh(_) => {
            seal::later(io, &keys);
            deliver::later(io, &keys);
            grant.cache_later(io);
            Ok(grant.signed_in(&keys))
        }
        Outcome::Replayed(recipe) => {
            io.db(attempt.release()?).await?;
            again(io, &keys, &recipe, email).await
        }
    }
}

/// Records the failure, and makes the answer to a code that does not count.
async fn refuse(visitor: &Visitor, keys: &Arc<Keyring>, account: &store::AccountRow) -> Failure {
    let now = visitor.io.now();
    let subject = entry(visitor, now, "login.failed", account.id.to_string(), json!({ "factor": true }));
    let entry = Entry { actor: "anonymous".to_owned(), ..subject };
    if let Err(error) = visitor.io.db(store::failed(&entry)).await {
        return error.into();
    }
    seal::later(&visitor.io, keys);
    present::wrong_code()
}

fn explain(error: DbError) -> Failure {
    if error.is_refusal("credentials_changed") { expired().into() } else { error.into() }
}

fn expired() -> Refusal {
    let mut refusal = Refusal::unauthorized();
    "Sign in anew: the challenge is unknown, too old, or the account changed since."
        .clone_into(&mut refusal.message);
    refusal
}
