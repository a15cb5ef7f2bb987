//! Signing up with the account of a provider: the rules are those of every sign-up, age included.

use super::provider::{Providers, not_accepted};
use super::store;
use super::ticket::Proven;
use crate::audit::seal;
use crate::brands::door;
use crate::callers::Visitor;
use crate::keys::Keyring;
use crate::mail::deliver;
use crate::personal::{Field, PersonKey};
use crate::sign_up::routes::confirmation_required;
use crate::sign_up::store as waiting;
use crate::signin::entrance::Entrance;
use crate::signin::recipe::Recipe;
use crate::signin::routes::{again, bind, entry, first_grant, is_taken, new_user, seal_if_refused, taken};
use crate::signin::rules::{self, Applicant};
use crate::signin::store as accounts;
use crate::throttle::Attempt;
use axum::extract::State;
use serde_json::json;
use sesh_edge::http::{Answer, Body, Failure, Key, Refusal};
use sesh_edge::idempotency::{IdempotencyKey, Outcome};
use sesh_edge::io::{Batch, DbError};
use sesh_edge::outbox;
use sesh_edge::secret::base64url;
use sesh_edge::token::Scope;
use sesh_types::contract::auth::{SignedIn, User};
use sesh_types::contract::identities::{InBrowser, ProviderName, SignUp};
use sesh_types::envelope::ErrorCode;
use sesh_types::ids::TenantId;
use sesh_types::rules::Issues;
use std::sync::Arc;

const TENANT: TenantId = TenantId::CONSUMERS;

/// Signs somebody up who came back from a provider with a ticket.
///
/// 1. The ticket must be ours, of this browser, and not too old; then the rules; the birth date goes no further.
/// 2. A repeated request gets its answer again.
/// 3. Counts the try; when the address is taken, that stands. Where addresses are proven first, one that the provider does
///    not know to be theirs ends here, taken or not.
/// 4. Writes person, identity, device, audit entry, mail and fact, uses the ticket up, and takes the try back, in one
///    batch.
pub async fn register(
    visitor: Visitor,
    State(keys): State<Arc<Keyring>>,
    State(providers): State<Arc<Providers>>,
    key: IdempotencyKey,
    Key(name): Key<ProviderName>,
    body: Body<InBrowser<SignUp>>,
) -> Result<Answer<SignedIn, 201>, Failure> {
    let Visitor { io, request_id, client, .. } = &visitor;
    let now = io.now();
    providers.named(&name)?;
    let InBrowser { browser, given } = &body.value;
    let proven = Proven::read(&keys, &name, browser.as_ref(), &given.ticket, now).ok_or_else(not_accepted)?;
    let applicant = check(given, &proven, now.utc_day())?;
    let once = bind(&key, &body.bytes, &keys);
    if let Some(recipe) = once.recorded(io).await? {
        return Answer::of(&again(io, &keys, &recipe, applicant.email).await?);
    }
    let came_to = door::to_sign_up(&visitor).await?;
    let attempt = Attempt::to_sign_up(&keys, &applicant.email, client, request_id, now);
    let read = Batch::from(accounts::is_taken(&keys, TENANT, &applicant.email))
        .and(waiting::confirms_first(visitor.host.as_deref()));
    let rows = io.db(attempt.reserve()?.then(read)).await?;
    seal_if_refused(attempt.verdict(&rows), io, &keys)?;
    let confirms_first = rows.first::<accounts::Found>(attempt.statements() + 1)?.is_some();
    if confirms_first && !proven.email_verified {
        io.db(attempt.release()?).await?;
        return Err(confirmation_required());
    }
    if rows.first::<accounts::Found>(attempt.statements())?.is_some() {
        let recipe = once.recorded(io).await?.ok_or_else(taken)?;
        io.db(attempt.release()?).await?;
        return Answer::of(&again(io, &keys, &recipe, applicant.email).await?);
    }
    // Nobody knows it, so a password that somebody tries is wrong after the same work as ever.
    let phc = keys.pepper.hash(&base64url(&io.random::<32>()), &io.random())?;
    let verified_at = proven.email_verified.then_some(now);
    let user = User { email_verified_at: verified_at, ..new_user(io, applicant, now) };
    let grant = first_grant(io, &Entrance::home(), user, 0, now);
    let detail = json!({ "provider": proven.provider });
    let entry = entry(&visitor, now, "person.registered", grant.user.id.to_string(), detail);
    let scope = Scope { tenant: grant.tenant, person: grant.user.id };
    let own = PersonKey::new(grant.user.id, io);
    let kept = accounts::Personal::of(&keys, io, &own, client)?;
    let called = own.seal(io, Field::DisplayName, &grant.user.display_name)?;
    let batch = accounts::register(&grant, &phc, &kept, &called, &entry, (io.new_id(), io.new_id()))?
        .then(store::sign_up(scope, &proven, now));
    let batch = door::came_by(came_to, grant.user.id).into_iter().fold(batch, Batch::and);
    let batch = batch.and(attempt.release()?);
    let result = io.db(once.wrap(batch, &Recipe::of(&grant, called).text()?, now)).await;
    let signed_in = match once.settle(io, result, explain).await? {
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

fn check(given: &SignUp, proven: &Proven, today: Option<chrono::NaiveDate>) -> Result<Applicant, Failure> {
    let today = today.ok_or_else(|| Failure::internal("the clock is out of range"))?;
    let mut issues = Issues::default();
    let message = "comes from a provider that told no e-mail address";
    issues.require(proven.email.is_some(), "ticket", "without_email", message);
    rules::check_name(&given.display_name, &mut issues);
    rules::check_birth_date(given.birth_date, today, &mut issues);
    issues.done()?;
    rules::refuse_minors(given.birth_date, today)?;
    let email = proven.email.clone().unwrap_or_default();
    Ok(Applicant { email, display_name: given.display_name.trim().to_owned() })
}

/// An account of a provider that has somebody here already.
pub(super) fn linked_already() -> Failure {
    Refusal::new(ErrorCode::Conflict, "This account of the provider is linked already.").into()
}

fn explain(error: DbError) -> Failure {
    match &error {
        error if is_taken(error) => taken(),
        DbError::Unique(columns) if columns.contains("identities") => linked_already(),
        error if error.is_refusal("challenge_spent") => not_accepted().into(),
        _ => error.into(),
    }
}
