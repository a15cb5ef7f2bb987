//! Signing up and signing in.

use super::entrance::{self, Asked, Entrance};
use super::recipe::Recipe;
use super::{rules, store};
use crate::audit::{Entry, seal};
use crate::brands::door;
use crate::callers::Visitor;
use crate::factors::challenge;
use crate::grant::Grant;
use crate::keys::{Keyring, Verdict};
use crate::mail::deliver;
use crate::personal::{Field, PersonKey, Sealed, store as personal};
use crate::sign_up::routes::confirmation_required;
use crate::sign_up::store as waiting;
use crate::throttle::{self, Attempt};
use axum::extract::State;
use serde_json::json;
use sesh_edge::http::{Answer, Body, Failure, Refusal};
use sesh_edge::idempotency::{IdempotencyKey, Once, Outcome};
use sesh_edge::io::{Batch, DbError, Io};
use sesh_edge::outbox;
use sesh_edge::secret::base64url;
use sesh_types::contract::auth::{Login, Register, SignedIn, User};
use sesh_types::envelope::{Details, ErrorCode};
use sesh_types::ids::TenantId;
use sesh_types::time::Timestamp;
use std::sync::Arc;

const TENANT: TenantId = TenantId::CONSUMERS;

/// Signs somebody up.
///
/// 1. Checks the rules; the birth date goes no further.
/// 2. A repeated request gets its answer again.
/// 3. Counts the try; when the address is taken, that stands. Where addresses are proven first, this is no way in, for
///    whatever address.
/// 4. Hashes the password.
/// 5. Writes person, device, audit entry, mail and fact, and takes the try back, in one batch.
pub async fn register(
    visitor: Visitor,
    State(keys): State<Arc<Keyring>>,
    key: IdempotencyKey,
    body: Body<Register>,
) -> Result<Answer<SignedIn, 201>, Failure> {
    let Visitor { io, request_id, client, .. } = &visitor;
    let now = io.now();
    let today = now.utc_day().ok_or_else(|| Failure::internal("the clock is out of range"))?;
    let applicant = rules::check(&body.value, today)?;
    let once = bind(&key, &body.bytes, &keys);
    if let Some(recipe) = once.recorded(io).await? {
        return Answer::of(&again(io, &keys, &recipe, applicant.email).await?);
    }
    let came_to = door::to_sign_up(&visitor).await?;
    let attempt = Attempt::to_sign_up(&keys, &applicant.email, client, request_id, now);
    let read = Batch::from(store::is_taken(&keys, TENANT, &applicant.email))
        .and(waiting::confirms_first(visitor.host.as_deref()));
    let rows = io.db(attempt.reserve()?.then(read)).await?;
    seal_if_refused(attempt.verdict(&rows), io, &keys)?;
    if rows.first::<store::Found>(attempt.statements() + 1)?.is_some() {
        io.db(attempt.release()?).await?;
        return Err(confirmation_required());
    }
    if rows.first::<store::Found>(attempt.statements())?.is_some() {
        // By this very request, perhaps, which came twice and was done since we looked.
        let recipe = once.recorded(io).await?.ok_or_else(taken)?;
        io.db(attempt.release()?).await?;
        return Answer::of(&again(io, &keys, &recipe, applicant.email).await?);
    }
    let phc = keys.pepper.hash(&body.value.password.0, &io.random())?;
    let grant = first_grant(io, &Entrance::home(), new_user(io, applicant, now), 0, now);
    let entry = entry(&visitor, now, "person.registered", grant.user.id.to_string(), json!({}));
    let own = PersonKey::new(grant.user.id, io);
    let (kept, name) = (
        store::Personal::of(&keys, io, &own, client)?,
        own.seal(io, Field::DisplayName, &grant.user.display_name)?,
    );
    let batch = store::register(&grant, &phc, &kept, &name, &entry, (io.new_id(), io.new_id()))?;
    let batch = door::came_by(came_to, grant.user.id).into_iter().fold(batch, Batch::and);
    let batch = batch.and(attempt.release()?);
    let result = io.db(once.wrap(batch, &Recipe::of(&grant, name).text()?, now)).await;
    let signed_in =
        match once.settle(io, result, |error| if is_taken(&error) { taken() } else { error.into() }).await? {
            Outcome::Fresh(_) => {
                outbox::relay_later(io);
                deliver::later(io, &keys);
                seal::later(io, &keys);
                grant.cache_later(io);
                grant.signed_in(&keys)
            }
            Outcome::Replayed(recipe) => {
                io.db(attempt.release()?).await?;
                again(io, &keys, &recipe, grant.user.email).await?
            }
        };
    Answer::of(&signed_in)
}

/// Signs somebody in.
pub async fn login(
    visitor: Visitor,
    State(keys): State<Arc<Keyring>>,
    key: IdempotencyKey,
    body: Body<Login>,
) -> Result<Answer<SignedIn>, Failure> {
    Answer::of(&by_password(visitor, keys, key, body).await?)
}

/// Signs somebody in. Every way to fail looks the same from outside, and takes the same work.
///
/// 1. A repeated request gets its answer again.
/// 2. Counts the try and reads the account, in one batch; beyond a limit nothing is hashed.
/// 3. Checks the password, against nobody's where there is no account.
/// 4. Writes device and audit entry and takes the try back, in one batch that a suspension or a new password
///    meanwhile refuses.
pub(crate) async fn by_password(
    visitor: Visitor,
    keys: Arc<Keyring>,
    key: IdempotencyKey,
    body: Body<Login>,
) -> Result<SignedIn, Failure> {
    let Visitor { io, request_id, client, .. } = &visitor;
    let (now, email) = (io.now(), rules::email_key(&body.value.email));
    let once = bind(&key, &body.bytes, &keys);
    if let Some(recipe) = once.recorded(io).await? {
        return again(io, &keys, &recipe, email).await;
    }
    let attempt = Attempt::to_sign_in(&keys, &email, client, request_id, now);
    let asked = Asked::of(&visitor, body.value.tenant.as_deref());
    let read = Batch::from(store::account_of(&keys, TENANT, &email))
        .and(entrance::of_address(&keys, asked, TENANT, &email));
    let rows = io.db(attempt.reserve()?.then(read)).await?;
    seal_if_refused(attempt.verdict(&rows), io, &keys)?;
    let account = rows.first::<store::AccountRow>(attempt.statements())?;
    let stored = account.as_ref().map(|account| account.password_phc.as_str());
    let verdict = keys.pepper.check(&body.value.password.0, stored)?;
    let (account, entrance) = match (account, entrance::read(&rows, attempt.statements() + 1)?) {
        (Some(account), Some(entrance)) if verdict != Verdict::Wrong && account.status == "active" => {
            (account, entrance)
        }
        (other, _) => return Err(refuse(&visitor, &keys, &email, other.as_ref()).await),
    };
    entrance.must_be_open(io, &attempt).await?;
    let new_phc = match verdict {
        Verdict::RightButOld => Some(keys.pepper.hash(&body.value.password.0, &io.random())?),
        _ => None,
    };
    if account.totp_id.is_some() {
        let also = attempt.release()?.into();
        return Err(ask_for_factor(&visitor, &keys, &account, new_phc.as_deref(), also).await);
    }
    let own = personal::ensure(io, &keys, account.id, account.wrapped.as_deref()).await?;
    let kept = store::Personal::of(&keys, io, &own, client)?;
    let grant = first_grant(io, &entrance, user_of(&keys, &account, email.clone())?, account.epoch, now);
    let detail = json!({ "device": grant.device });
    let entry = entry(&visitor, now, "login.succeeded", grant.user.id.to_string(), detail);
    let entry = Entry { tenant: grant.tenant, ..entry };
    let batch = entrance
        .guard()
        .then(store::sign_in(&grant, &account.password_phc, None, new_phc.as_deref(), &kept, &entry))
        .and(attempt.release()?);
    let recipe = Recipe::of(&grant, kept_name(&account));
    let result = io.db(once.wrap(batch, &recipe.text()?, now)).await;
    if result.as_ref().is_err_and(|error| error.is_refusal("credentials_changed")) {
        return Err(refuse(&visitor, &keys, &email, Some(&account)).await);
    }
    match once.settle(io, result, Failure::from).await? {
        Outcome::Fresh(_) => {
            seal::later(io, &keys);
            grant.cache_later(io);
            Ok(grant.signed_in(&keys))
        }
        Outcome::Replayed(recipe) => {
            io.db(attempt.release()?).await?;
            again(io, &keys, &recipe, email).await
        }
    }
}

/// The password was right, or what another provider said, and signing in goes on with a second factor: gives what says
/// so, once `also` has happened with it.
pub(crate) async fn ask_for_factor(
    visitor: &Visitor,
    keys: &Arc<Keyring>,
    account: &store::AccountRow,
    new_phc: Option<&str>,
    also: Batch,
) -> Failure {
    let (io, now) = (&visitor.io, visitor.io.now());
    let phc = new_phc.unwrap_or(&account.password_phc);
    let standing = challenge::Standing { person: account.id, epoch: account.epoch, phc };
    let Some(challenge) = challenge::make(keys, &standing, now) else {
        return Failure::internal("there is no key for challenges");
    };
    let entry = entry(visitor, now, "login.challenged", account.id.to_string(), json!({}));
    let still = store::still(account.id, TENANT, account.epoch, &account.password_phc, account.totp_id);
    let batch = store::challenged(still, account.id, new_phc, &entry).then(also);
    match io.db(batch).await.map_err(Failure::from) {
        Ok(_) => {
            seal::later(io, keys);
            let message = "That was right. Now bring a code of your second factor.";
            let refusal = Refusal::new(ErrorCode::SecondFactorRequired, message);
            refusal.with(Details::Factor(challenge)).into()
        }
        Err(failure) => failure,
    }
}

/// Binds a key to visitors, and to the body by a keyed hash: the record is no way to guess the password in it.
pub(crate) fn bind(key: &IdempotencyKey, body: &[u8], keys: &Keyring) -> Once {
    key.bind(&format!("{TENANT}/anonymous"), body, Some(&keys.pepper.key("idempotency fingerprint")))
}

/// Makes the answer again that a recipe tells of.
pub(crate) async fn again(io: &Io, keys: &Keyring, recipe: &str, email: String) -> Result<SignedIn, Failure> {
    let recipe = Recipe::read(recipe)?;
    let found = io.db(store::again(recipe.person, recipe.device)).await?.first::<store::AgainRow>(0)?;
    let found = found.ok_or_else(invalid_credentials)?;
    Ok(recipe.grant(keys, email, &found)?.signed_in(keys))
}

/// Records the failure, and makes the one answer that every failure gets.
pub(crate) async fn refuse(
    visitor: &Visitor,
    keys: &Arc<Keyring>,
    email: &str,
    account: Option<&store::AccountRow>,
) -> Failure {
    let Visitor { io, request_id, .. } = visitor;
    let entity =
        account.map_or_else(|| throttle::tried(keys, email), |account| format!("person:{}", account.id));
    let entry = Entry {
        tenant: TENANT,
        at: io.now(),
        actor: "anonymous".to_owned(),
        action: "login.failed",
        entity,
        request_id: request_id.clone(),
        detail: json!({}),
    };
    if let Err(error) = io.db(store::failed(&entry)).await {
        return error.into();
    }
    seal::later(io, keys);
    invalid_credentials().into()
}

/// A try beyond a limit may have left an audit entry.
pub(crate) fn seal_if_refused(
    verdict: Result<(), Failure>,
    io: &Io,
    keys: &Arc<Keyring>,
) -> Result<(), Failure> {
    if verdict.is_err() {
        seal::later(io, keys);
    }
    verdict
}

pub(crate) fn invalid_credentials() -> Refusal {
    Refusal::new(ErrorCode::InvalidCredentials, "The e-mail address or the password is wrong.")
}

pub(crate) fn taken() -> Failure {
    Refusal::new(ErrorCode::Conflict, "There is an account with this e-mail address. Sign in instead.").into()
}

pub(crate) fn is_taken(error: &DbError) -> bool {
    matches!(error, DbError::Unique(columns) if columns.contains("people.email"))
        || error.is_refusal("address_taken")
}

pub(crate) fn entry(
    visitor: &Visitor,
    at: Timestamp,
    action: &'static str,
    person: String,
    detail: serde_json::Value,
) -> Entry {
    let subject = format!("person:{person}");
    let request_id = visitor.request_id.clone();
    Entry { tenant: TENANT, at, actor: subject.clone(), action, entity: subject, request_id, detail }
}

pub(crate) fn first_grant(
    io: &Io,
    entrance: &Entrance,
    user: User,
    epoch: i64,
    issued_at: Timestamp,
) -> Grant {
    let nonce = base64url(&io.random::<16>());
    let Entrance { tenant, role, apps, .. } = entrance.clone();
    Grant { tenant, role, apps, user, epoch, device: io.new_id(), nonce, generation: 0, issued_at }
}

pub(crate) fn new_user(io: &Io, applicant: rules::Applicant, now: Timestamp) -> User {
    let rules::Applicant { email, display_name } = applicant;
    let time_zone = "UTC".to_owned();
    User {
        id: io.new_id(),
        email,
        email_verified_at: None,
        display_name,
        time_zone,
        created_at: now,
        version: 1,
    }
}

/// The name as a record keeps it: encrypted. One in plain from before is not kept; today's is taken then.
pub(crate) fn kept_name(account: &store::AccountRow) -> Sealed {
    let name = &account.display_name;
    if name.is_plain() { Sealed(String::new()) } else { name.clone() }
}

pub(crate) fn user_of(keys: &Keyring, account: &store::AccountRow, email: String) -> Result<User, Failure> {
    Ok(User {
        id: account.id,
        email,
        email_verified_at: account.email_verified_at,
        display_name: account.name(keys)?,
        time_zone: account.time_zone.clone(),
        created_at: account.created_at,
        version: account.version,
    })
}
