//! One's second factors. Whatever changes one asks for the password, and for a code where there is one already.

use super::present::{self, Good, Typed};
use super::store::{self, NewSet};
use super::{codes, totp};
use crate::audit::seal;
use crate::callers::OnBehalf;
use crate::keys::Keyring;
use crate::mail::deliver;
use crate::passkeys;
use crate::personal::{PersonKey, store as personal};
use crate::reauth::{self, Confirmed};
use crate::throttle::Attempt;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sesh_edge::http::{Answer, Body, Failure, NoContent, Refusal};
use sesh_edge::idempotency::{IdempotencyKey, Once, Outcome, Prepared};
use sesh_edge::io::{Batch, DbError, Rows};
use sesh_types::contract::Token;
use sesh_types::contract::factors::{
    ConfirmTotp, EnrolTotp, Factors, Reauthenticate, RecoveryCodes, Totp, TotpSecret,
};
use sesh_types::envelope::ErrorCode;
use sesh_types::ids::FactorId;
use sesh_types::time::SECOND_MS;
use std::sync::Arc;

/// Who issues the codes, as generators show it.
const ISSUER: &str = "sesh tracker";

/// What an idempotency record keeps of a secret: not the secret, only what it is derived from.
#[derive(Debug, Serialize, Deserialize)]
struct Recipe {
    id: FactorId,
    key_id: String,
}

/// What there is.
pub async fn list(behalf: OnBehalf, State(keys): State<Arc<Keyring>>) -> Result<Answer<Factors>, Failure> {
    behalf.must_be_oneself()?;
    let person = behalf.scope().person;
    let read =
        Batch::from(store::read(person)).and(passkeys::store::list(person)).and(personal::key_of(person));
    let rows = behalf.read(read).await?;
    let own = rows.one::<personal::KeyRow>(2)?.wrapped;
    let own = PersonKey::unwrap(&keys, person, own.as_deref())?;
    Answer::of(&of_rows(&rows, (0, 1), &own)?)
}

/// What the rows of [`store::read`] and of somebody's passkeys, at these places, say.
///
/// # Errors
/// A defect, when a passkey's name cannot be read.
pub fn of_rows(rows: &Rows, (row, passkeys): (usize, usize), own: &PersonKey) -> Result<Factors, Failure> {
    let row = rows.one::<store::FactorRow>(row)?;
    let totp = row.confirmed_at().map(|confirmed_at| Totp { confirmed_at });
    let passkeys = rows.all::<passkeys::store::PasskeyRow>(passkeys)?.into_iter().map(|row| row.opened(own));
    let passkeys = passkeys.collect::<Result<_, _>>()?;
    Ok(Factors { totp, recovery_codes_left: row.codes_left(), passkeys })
}

/// Makes a generator's secret. It protects nothing until [`confirm`].
pub async fn enrol(
    behalf: OnBehalf,
    State(keys): State<Arc<Keyring>>,
    key: IdempotencyKey,
    body: Body<EnrolTotp>,
) -> Result<Answer<TotpSecret, 201>, Failure> {
    let (io, scope) = (behalf.io(), behalf.scope());
    let email = email(&behalf, &keys).await?;
    let once = behalf.once(&key, &body.bytes, &keys);
    if let Some(recipe) = once.recorded(io).await? {
        return secret(&keys, &recipe, &email);
    }
    let confirmed = reauth::confirm(&behalf, &keys, &body.value.password).await?;
    let recipe = Recipe { id: io.new_id(), key_id: keys.factors.key_id().to_owned() };
    let text = serde_json::to_string(&recipe).map_err(Failure::internal)?;
    let batch = store::enrol(scope, &confirmed, recipe.id, &recipe.key_id, io.now())?;
    let result = behalf.write(once.wrap(batch, &text, io.now())).await;
    let text = match once.settle(io, result, explain).await? {
        Outcome::Fresh(_) => text,
        Outcome::Replayed(text) => text,
    };
    secret(&keys, &text, &email)
}

/// Has a generator protect the account, by its first code; gives the recovery codes.
pub async fn confirm(
    behalf: OnBehalf,
    State(keys): State<Arc<Keyring>>,
    key: IdempotencyKey,
    body: Body<ConfirmTotp>,
) -> Result<Answer<RecoveryCodes>, Failure> {
    let (io, scope, now) = (behalf.io(), behalf.scope(), behalf.io().now());
    behalf.read(Batch::new()).await?;
    let once = behalf.once(&key, &body.bytes, &keys);
    if let Some(recipe) = once.recorded(io).await? {
        return shown(&keys, &recipe);
    }
    let attempt = Attempt::to_reauthenticate(&keys, scope.person, behalf.request_id(), now);
    let rows = behalf.write(attempt.reserve()?.and(store::pending(scope.person, now))).await?;
    if let Err(throttled) = attempt.verdict(&rows) {
        seal::later(io, &keys);
        return Err(throttled);
    }
    let Some(pending) = rows.first::<store::PendingRow>(attempt.statements())? else {
        // This very request, sent twice at once, may have confirmed it a moment ago.
        let Some(recipe) = once.recorded(io).await? else {
            return Err(Failure::not_found("generator that waits for its first code"));
        };
        behalf.write(attempt.release()?).await?;
        return shown(&keys, &recipe);
    };
    let secret = present::secret(&keys, &pending.key_id, pending.id)?;
    let step = totp::matching_step(&secret, &body.value.code.0, 0, now).ok_or_else(present::wrong_code)?;
    let (recipe, set) = new_set(&behalf, &keys)?;
    let entry = behalf.entry("factor.added", json!({ "factor": "totp" }));
    let batch = store::confirm(scope, pending.id, step, &set, io.new_id(), &entry).and(attempt.release()?);
    let result = behalf.write(once.wrap(batch, &recipe, now)).await;
    finish(&behalf, &keys, &once, result, recipe).await
}

/// Takes the generator away, and the recovery codes with it.
pub async fn remove(
    behalf: OnBehalf,
    State(keys): State<Arc<Keyring>>,
    key: IdempotencyKey,
    body: Body<Reauthenticate>,
) -> Result<NoContent, Failure> {
    let io = behalf.io();
    behalf.read(Batch::new()).await?;
    let once = behalf.once(&key, &body.bytes, &keys);
    let Prepared::Now((confirmed, good)) = once.prepare(io, both(&behalf, &keys, &body.value)).await? else {
        return Ok(NoContent::default());
    };
    let entry = behalf.entry("factor.removed", json!({ "factor": "totp", "by": good.name() }));
    let spent = good.spend(behalf.scope().person, io.now());
    let batch = store::remove(behalf.scope(), &confirmed, spent, io.new_id(), &entry)?;
    let result = behalf.write(once.wrap(batch, "{}", io.now())).await;
    once.settle(io, result, explain).await?;
    deliver::later(io, &keys);
    seal::later(io, &keys);
    Ok(NoContent::default())
}

/// Makes new recovery codes; those of before no longer count.
pub async fn renew(
    behalf: OnBehalf,
    State(keys): State<Arc<Keyring>>,
    key: IdempotencyKey,
    body: Body<Reauthenticate>,
) -> Result<Answer<RecoveryCodes>, Failure> {
    let io = behalf.io();
    behalf.read(Batch::new()).await?;
    let once = behalf.once(&key, &body.bytes, &keys);
    let (confirmed, good) = match once.prepare(io, both(&behalf, &keys, &body.value)).await? {
        Prepared::Now(found) => found,
        Prepared::Before(recipe) => return shown(&keys, &recipe),
    };
    let (recipe, set) = new_set(&behalf, &keys)?;
    let entry = behalf.entry("recovery_codes.renewed", json!({ "by": good.name() }));
    let spent = good.spend(behalf.scope().person, io.now());
    let batch = store::renew(behalf.scope(), &confirmed, spent, &set, io.new_id(), &entry)?;
    let result = behalf.write(once.wrap(batch, &recipe, io.now())).await;
    finish(&behalf, &keys, &once, result, recipe).await
}

/// Checks the password of whoever calls, and a code where there is a generator; the try stands until what follows takes
/// it back.
///
/// # Errors
/// As [`reauth::confirm`]; 422 when the code is missing, `invalid_code` when it does not count.
pub async fn reauthenticated(
    behalf: &OnBehalf,
    keys: &Arc<Keyring>,
    body: &Reauthenticate,
) -> Result<(Confirmed, Option<Good>), Failure> {
    let row = behalf.read(store::read(behalf.scope().person)).await?.one::<store::FactorRow>(0)?;
    let (code, recovery) = (body.code.as_ref(), body.recovery_code.as_ref());
    if row.totp().is_none() {
        return Ok((reauth::confirm(behalf, keys, &body.password).await?, None));
    }
    let typed = Typed::required(code, recovery)?;
    let confirmed = reauth::confirm(behalf, keys, &body.password).await?;
    let good = present::check(keys, &row, typed, behalf.io().now())?;
    if good.is_none() {
        behalf.write(reauth::failed(behalf)).await?;
        seal::later(behalf.io(), keys);
        return Err(present::wrong_code());
    }
    Ok((confirmed, good))
}

/// The same, where there must be a generator.
async fn both(
    behalf: &OnBehalf,
    keys: &Arc<Keyring>,
    body: &Reauthenticate,
) -> Result<(Confirmed, Good), Failure> {
    let (confirmed, good) = reauthenticated(behalf, keys, body).await?;
    Ok((confirmed, good.ok_or_else(|| Failure::not_found("second factor"))?))
}

async fn finish(
    behalf: &OnBehalf,
    keys: &Arc<Keyring>,
    once: &Once,
    result: Result<sesh_edge::io::Rows, DbError>,
    recipe: String,
) -> Result<Answer<RecoveryCodes>, Failure> {
    let io = behalf.io();
    let recipe = match once.settle(io, result, explain).await? {
        Outcome::Fresh(_) => recipe,
        Outcome::Replayed(recipe) => recipe,
    };
    deliver::later(io, keys);
    seal::later(io, keys);
    shown(keys, &recipe)
}

fn new_set(behalf: &OnBehalf, keys: &Keyring) -> Result<(String, NewSet), Failure> {
    let set = NewSet { id: behalf.io().new_id(), key_id: keys.factors.key_id().to_owned() };
    let recipe = Recipe { id: set.id, key_id: set.key_id.clone() };
    Ok((serde_json::to_string(&recipe).map_err(Failure::internal)?, set))
}

fn shown(keys: &Keyring, recipe: &str) -> Result<Answer<RecoveryCodes>, Failure> {
    let Recipe { id, key_id } = serde_json::from_str(recipe).map_err(Failure::internal)?;
    let codes = codes::codes(&present::set_key(keys, &key_id, id)?);
    Answer::of(&RecoveryCodes { recovery_codes: codes.into_iter().map(Token).collect() })
}

fn secret(keys: &Keyring, recipe: &str, email: &str) -> Result<Answer<TotpSecret, 201>, Failure> {
    let Recipe { id, key_id } = serde_json::from_str(recipe).map_err(Failure::internal)?;
    let secret = present::secret(keys, &key_id, id)?;
    Answer::of(&TotpSecret {
        secret: Token(totp::base32(&secret)),
        otpauth_uri: Token(totp::otpauth_uri(&secret, ISSUER, email)),
        expires_in: store::PENDING_MS / SECOND_MS,
    })
}

async fn email(behalf: &OnBehalf, keys: &Keyring) -> Result<String, Failure> {
    let rows = behalf.read(crate::address::store::read(behalf.scope())).await?;
    let row = rows.first::<crate::address::store::AddressRow>(0)?;
    row.ok_or_else(Refusal::unauthorized)?.email(keys)
}

fn explain(error: DbError) -> Failure {
    if error.is_refusal("code_used") {
        return present::wrong_code();
    }
    if error.is_refusal("credentials_changed") {
        return reauth::wrong_password();
    }
    if error.is_refusal("factor_exists") {
        let message = "There is a generator already. Take it away first.";
        return Refusal::new(ErrorCode::Conflict, message).into();
    }
    error.into()
}
