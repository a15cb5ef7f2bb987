//! Staff who enrol and sign in. Every way to fail looks the same from outside and takes the same work, as with people, whom
//! nothing here knows.

use super::grant::{Grant, Recipe};
use super::signin_store::{self as store, AccountRow, NewDevice, Step};
use super::store::{Body as StaffBody, one};
use super::{enrolment, routes};
use crate::audit::{Entry, seal};
use crate::callers::Visitor;
use crate::factors::challenge::{self, Presented, Standing};
use crate::factors::store::PENDING_MS;
use crate::factors::{present, totp};
use crate::keys::{Keyring, Verdict};
use crate::signin::routes::{invalid_credentials, seal_if_refused};
use crate::signin::rules::{check_password, email_key};
use crate::throttle::{self, Attempt};
use axum::extract::State;
use serde_json::json;
use sesh_edge::http::{Answer, Body, Failure, NoContent, Refusal};
use sesh_edge::idempotency::{IdempotencyKey, Once, Outcome};
use sesh_edge::io::{DbError, Io};
use sesh_edge::secret::base64url;
use sesh_types::contract::Token;
use sesh_types::contract::factors::{Challenge, TotpSecret};
use sesh_types::contract::staff::{Enrol, EnrolGenerator, StaffFactor, StaffLogin, StaffSignedIn};
use sesh_types::envelope::ErrorCode;
use sesh_types::ids::{StaffId, TenantId};
use sesh_types::rules::Issues;
use sesh_types::time::SECOND_MS;
use std::sync::Arc;

/// Who issues the codes, as generators show it.
const ISSUER: &str = "sesh staff";

/// Sets a first password with the token that adding or resetting answered, once.
pub async fn enrol(
    visitor: Visitor,
    State(keys): State<Arc<Keyring>>,
    key: IdempotencyKey,
    body: Body<Enrol>,
) -> Result<NoContent, Failure> {
    let Visitor { io, request_id, client, .. } = &visitor;
    let now = io.now();
    let once = bind(&key, &body.bytes, &keys);
    if once.recorded(io).await?.is_some() {
        return Ok(NoContent::default());
    }
    let attempt = Attempt::to_use_link(&keys, client, request_id, now);
    let claimed = enrolment::claimed(&body.value.token).unwrap_or_else(|| StaffId(uuid::Uuid::nil()));
    let rows = io.db(attempt.reserve()?.and(store::account(claimed))).await?;
    seal_if_refused(attempt.verdict(&rows), io, &keys)?;
    let account = rows.first::<AccountRow>(attempt.statements())?;
    let found = account.and_then(|account| {
        let enrolment = account.enrolment(now)?;
        enrolment::made(&keys, &body.value.token, account.id, enrolment).then_some((account, enrolment))
    });
    let Some((account, enrolment)) = found else {
        // By this very request, perhaps, which came twice and was done since we looked.
        once.recorded(io).await?.ok_or_else(invalid_token)?;
        io.db(attempt.release()?).await?;
        return Ok(NoContent::default());
    };
    let mut issues = Issues::default();
    check_password("password", &body.value.password.0, &account.email, &mut issues);
    if let Err(issues) = issues.done() {
        // The token was right.
        io.db(attempt.release()?).await?;
        return Err(issues.into());
    }
    let phc = keys.pepper.hash(&body.value.password.0, &io.random())?;
    let entry = entry(&visitor, "staff.enrolled", account.id, json!({}));
    let batch = store::enrol(account.id, enrolment, &phc, &entry).and(attempt.release()?);
    let explain =
        |error: DbError| if error.is_refusal("proof_used") { invalid_token().into() } else { error.into() };
    let result = io.db(once.wrap(batch, "{}", now)).await;
    if let Outcome::Replayed(_) = once.settle(io, result, explain).await? {
        io.db(attempt.release()?).await?;
    }
    seal::later(io, &keys);
    Ok(NoContent::default())
}

/// The first step: the password. There is always a second one, so this gives a challenge and no token.
///
/// 1. Counts the try and reads the account, in one batch; beyond a limit nothing is hashed.
/// 2. Checks the password, against nobody's where there is no account.
/// 3. Notes that it was right, and takes the try back.
pub async fn login(
    visitor: Visitor,
    State(keys): State<Arc<Keyring>>,
    body: Body<StaffLogin>,
) -> Result<Answer<Challenge>, Failure> {
    let Visitor { io, request_id, client, .. } = &visitor;
    let (now, email) = (io.now(), email_key(&body.value.email));
    let attempt = Attempt::to_sign_in_as_staff(&keys, &email, client, request_id, now);
    let rows = io.db(attempt.reserve()?.and(store::account_of(&email))).await?;
    seal_if_refused(attempt.verdict(&rows), io, &keys)?;
    let account = rows.first::<AccountRow>(attempt.statements())?;
    let stored = account.as_ref().and_then(|account| account.password_phc.as_deref());
    let verdict = keys.pepper.check(&body.value.password.0, stored)?;
    let account = match account {
        Some(account) if verdict != Verdict::Wrong && account.status == "active" => account,
        other => return Err(refuse(&visitor, &keys, &email, other.as_ref()).await),
    };
    let new_phc = match verdict {
        Verdict::RightButOld => Some(keys.pepper.hash(&body.value.password.0, &io.random())?),
        _ => None,
    };
    let phc = new_phc.as_deref().or(account.password_phc.as_deref()).unwrap_or_default();
    let standing = Standing { person: account.id, epoch: account.epoch, phc };
    let made = challenge::make(&keys, &standing, now);
    let made = made.ok_or_else(|| Failure::internal("there is no key for challenges"))?;
    let entry = entry(&visitor, "staff.login_challenged", account.id, json!({}));
    let batch = store::challenged(&account, new_phc.as_deref(), &entry).and(attempt.release()?);
    match io.db(batch).await {
        Err(error) if error.is_refusal("credentials_changed") => {
            return Err(refuse(&visitor, &keys, &email, Some(&account)).await);
        }
        noted => noted?,
    };
    seal::later(io, &keys);
    let method = if account.is_protected() { "totp" } else { "enrol_totp" };
    Answer::of(&Challenge { methods: vec![method.to_owned()], ..made })
}

/// Gives the secret of a generator to who has none; its first code, at the second step, has it protect.
pub async fn generator(
    visitor: Visitor,
    State(keys): State<Arc<Keyring>>,
    body: Body<EnrolGenerator>,
) -> Result<Answer<TotpSecret, 201>, Failure> {
    let (io, now) = (&visitor.io, visitor.io.now());
    let account = challenged(&visitor, &keys, &body.value.challenge).await?;
    if account.is_protected() {
        let message = "There is a generator already. A superadmin takes a lost one away.";
        return Err(Refusal::new(ErrorCode::Conflict, message).into());
    }
    let batch = store::begin_generator(&account, io.new_id(), keys.factors.key_id(), now);
    let rows = io.db(batch).await.map_err(explain)?;
    let account = rows.one::<AccountRow>(store::BEGIN_STATEMENTS - 1)?;
    let (id, key_id) = account.generator(now).ok_or_else(expired)?;
    let secret = present::secret(&keys, key_id, id)?;
    Answer::of(&TotpSecret {
        secret: Token(totp::base32(&secret)),
        otpauth_uri: Token(totp::otpauth_uri(&secret, ISSUER, &account.email)),
        expires_in: PENDING_MS / SECOND_MS,
    })
}

/// The second step: a code.
///
/// 1. Reads the account that the challenge claims to be of; a challenge that is not of its present standing ends here.
/// 2. A repeated request gets its answer again.
/// 3. Counts the try; beyond ten wrong codes no code is looked at.
/// 4. Uses the code up and writes device and audit entry in one batch, which a disabling, a reset or the same code
///    meanwhile refuses.
pub async fn factor(
    visitor: Visitor,
    State(keys): State<Arc<Keyring>>,
    key: IdempotencyKey,
    body: Body<StaffFactor>,
) -> Result<Answer<StaffSignedIn>, Failure> {
    let Visitor { io, request_id, client, .. } = &visitor;
    let now = io.now();
    let once = bind(&key, &body.bytes, &keys);
    let recorded = once.recorded(io).await?;
    let account = challenged(&visitor, &keys, &body.value.challenge).await?;
    if let Some(recipe) = recorded {
        return again(io, &keys, &recipe, account.email).await;
    }
    let attempt = Attempt::to_bring_staff_factor(&keys, account.id, request_id, now);
    let rows = io.db(attempt.reserve()?.and(one(account.id))).await?;
    seal_if_refused(attempt.verdict(&rows), io, &keys)?;
    let Some(step) = good_step(&keys, &account, &body.value.code, now)? else {
        // This very request, sent twice at once, may have used the code up a moment ago.
        let Some(recipe) = once.recorded(io).await? else {
            return Err(wrong_code(&visitor, &keys, &account).await);
        };
        io.db(attempt.release()?).await?;
        return again(io, &keys, &recipe, account.email).await;
    };
    let (device, nonce) = (io.new_id(), base64url(&io.random::<16>()));
    let row = routes::row(&rows.one::<StaffBody>(attempt.statements())?.body)?;
    let mut staff: sesh_types::contract::staff::Staff = row.into();
    staff.enrolled_at = staff.enrolled_at.or(Some(now));
    let grant = Grant { staff, epoch: account.epoch, device, nonce, generation: 0, issued_at: now };
    let detail = json!({ "device": device, "new_generator": !account.is_protected() });
    let entry = entry(&visitor, "staff.login_succeeded", account.id, detail);
    let new = NewDevice { id: device, nonce: &grant.nonce, client };
    let batch = store::sign_in(&account, step, new, &entry).and(attempt.release()?);
    let result = io.db(once.wrap(batch, &Recipe::text(&grant)?, now)).await;
    if result.as_ref().is_err_and(|error| error.is_refusal("code_used")) {
        return Err(wrong_code(&visitor, &keys, &account).await);
    }
    match once.settle(io, result, explain).await? {
        Outcome::Fresh(_) => {
            seal::later(io, &keys);
            Answer::of(&grant.signed_in(&keys))
        }
        Outcome::Replayed(recipe) => {
            io.db(attempt.release()?).await?;
            again(io, &keys, &recipe, account.email).await
        }
    }
}

/// The account of a challenge that counts.
async fn challenged(visitor: &Visitor, keys: &Keyring, token: &Token) -> Result<AccountRow, Failure> {
    let presented = Presented::<StaffId>::read(token).ok_or_else(expired)?;
    let rows = visitor.io.db(store::account(presented.person)).await?;
    let account = rows.first::<AccountRow>(0)?.ok_or_else(expired)?;
    let phc = account.password_phc.as_deref().unwrap_or_default();
    let standing = Standing { person: account.id, epoch: account.epoch, phc };
    let counts = presented.counts(keys, &standing, visitor.io.now())
        && account.status == "active"
        && account.password_phc.is_some();
    if counts { Ok(account) } else { Err(expired().into()) }
}

fn good_step(
    keys: &Keyring,
    account: &AccountRow,
    code: &Token,
    now: sesh_types::time::Timestamp,
) -> Result<Option<Step>, Failure> {
    let Some((generator, key_id)) = account.generator(now) else { return Ok(None) };
    let secret = present::secret(keys, key_id, generator)?;
    let step = totp::matching_step(&secret, &code.0, account.totp_last_step, now);
    Ok(step.map(|step| Step { generator, step }))
}

/// Makes the answer again that a recipe tells of.
async fn again(
    io: &Io,
    keys: &Keyring,
    recipe: &str,
    email: String,
) -> Result<Answer<StaffSignedIn>, Failure> {
    let recipe: Recipe = serde_json::from_str(recipe).map_err(Failure::internal)?;
    let found = io.db(store::device(recipe.device)).await?.first::<store::DeviceRow>(0)?;
    let nonce = found.ok_or_else(expired)?.nonce;
    Answer::of(&recipe.grant(email, nonce).signed_in(keys))
}

fn bind(key: &IdempotencyKey, body: &[u8], keys: &Keyring) -> Once {
    key.bind("staff/anonymous", body, Some(&keys.pepper.key("idempotency fingerprint")))
}

/// Records the failure, and makes the one answer that every failure at the first step gets.
async fn refuse(
    visitor: &Visitor,
    keys: &Arc<Keyring>,
    email: &str,
    account: Option<&AccountRow>,
) -> Failure {
    let entity =
        account.map_or_else(|| throttle::tried(keys, email), |account| format!("staff:{}", account.id));
    note_failure(visitor, keys, entity, json!({})).await.unwrap_or_else(|| invalid_credentials().into())
}

/// Records the failure, and makes the answer to a code that does not count.
async fn wrong_code(visitor: &Visitor, keys: &Arc<Keyring>, account: &AccountRow) -> Failure {
    let entity = format!("staff:{}", account.id);
    note_failure(visitor, keys, entity, json!({ "factor": true })).await.unwrap_or_else(present::wrong_code)
}

async fn note_failure(
    visitor: &Visitor,
    keys: &Arc<Keyring>,
    entity: String,
    detail: serde_json::Value,
) -> Option<Failure> {
    let entry = Entry {
        tenant: TenantId::CONSUMERS,
        at: visitor.io.now(),
        actor: "anonymous".to_owned(),
        action: "staff.login_failed",
        entity,
        request_id: visitor.request_id.clone(),
        detail,
    };
    match visitor.io.db(store::noted(&entry)).await {
        Ok(_) => {
            seal::later(&visitor.io, keys);
            None
        }
        Err(error) => Some(error.into()),
    }
}

fn entry(visitor: &Visitor, action: &'static str, staff: StaffId, detail: serde_json::Value) -> Entry {
    let (subject, request_id) = (format!("staff:{staff}"), visitor.request_id.clone());
    let (tenant, at) = (TenantId::CONSUMERS, visitor.io.now());
    Entry { tenant, at, actor: subject.clone(), action, entity: subject, request_id, detail }
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

fn invalid_token() -> Refusal {
    Refusal::new(ErrorCode::InvalidLink, "The token is unknown, was used, or is too old. Ask for another.")
}
