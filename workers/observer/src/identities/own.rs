//! One's accounts at other providers: linking one and unlinking it, after showing once more who one is.

use super::provider::{Providers, not_accepted};
use super::sign_up::linked_already;
use super::store;
use super::ticket::Proven;
use crate::audit::seal;
use crate::callers::OnBehalf;
use crate::factors::present;
use crate::factors::routes::reauthenticated;
use crate::keys::Keyring;
use crate::mail::deliver;
use crate::reauth;
use axum::extract::State;
use serde_json::json;
use sesh_edge::http::{Answer, Body, Failure, Key, NoContent};
use sesh_edge::idempotency::{IdempotencyKey, Outcome, Prepared};
use sesh_edge::io::{Batch, DbError};
use sesh_types::contract::factors::Reauthenticate;
use sesh_types::contract::identities::{Identities, Identity, InBrowser, Link, ProviderName};
use std::sync::Arc;

/// By which ways the caller gets in.
pub async fn list(behalf: OnBehalf) -> Result<Answer<Identities>, Failure> {
    let rows = behalf.read(store::list(behalf.scope().person)).await?;
    let has_password = rows.one::<store::PasswordRow>(0)?.has_password != 0;
    let identities = rows.all::<store::IdentityRow>(1)?.into_iter().map(Identity::from).collect();
    Answer::of(&Identities { has_password, identities })
}

/// Links what a ticket proves to the caller.
pub async fn link(
    behalf: OnBehalf,
    State(keys): State<Arc<Keyring>>,
    State(providers): State<Arc<Providers>>,
    key: IdempotencyKey,
    Key(name): Key<ProviderName>,
    body: Body<InBrowser<Link>>,
) -> Result<Answer<Identity, 201>, Failure> {
    let (io, scope, now) = (behalf.io(), behalf.scope(), behalf.io().now());
    behalf.read(Batch::new()).await?;
    providers.named(&name)?;
    let once = behalf.once(&key, &body.bytes, &keys);
    let InBrowser { browser, given } = body.value;
    let Link { ticket, password, code, recovery_code } = given;
    let again = Reauthenticate { password, code, recovery_code };
    let prove = async {
        let proven = Proven::read(&keys, &name, browser.as_ref(), &ticket, now).ok_or_else(not_accepted)?;
        Ok((proven, reauthenticated(&behalf, &keys, &again).await?))
    };
    let (proven, (confirmed, good)) = match once.prepare(io, prove).await? {
        Prepared::Now(found) => found,
        Prepared::Before(text) => return Ok(Answer::data(&text)),
    };
    let identity = Identity { provider: name.to_string(), linked_at: now, last_used_at: None };
    let text = serde_json::to_string(&identity).map_err(Failure::internal)?;
    let entry = behalf.entry("identity.linked", json!({ "provider": name }));
    let spent = good.map(|good| good.spend(scope.person, now)).unwrap_or_default();
    let batch = Batch::from(confirmed.must_hold())
        .then(spent)
        .then(store::link(scope, &proven, io.new_id(), &entry))
        .and(confirmed.release()?);
    let result = behalf.write(once.wrap(batch, &text, now)).await;
    let text = match once.settle(io, result, explain).await? {
        Outcome::Fresh(_) => text,
        Outcome::Replayed(text) => text,
    };
    deliver::later(io, &keys);
    seal::later(io, &keys);
    Ok(Answer::data(&text))
}

/// Unlinks the caller's account at a provider. Whoever has no password sets one first, by the mail for a forgotten one:
/// so nobody is left without a way in.
pub async fn unlink(
    behalf: OnBehalf,
    State(keys): State<Arc<Keyring>>,
    State(providers): State<Arc<Providers>>,
    key: IdempotencyKey,
    Key(name): Key<ProviderName>,
    body: Body<Reauthenticate>,
) -> Result<NoContent, Failure> {
    let (io, scope, now) = (behalf.io(), behalf.scope(), behalf.io().now());
    behalf.read(Batch::new()).await?;
    let config = providers.named(&name)?;
    let once = behalf.once(&key, &body.bytes, &keys);
    let work = reauthenticated(&behalf, &keys, &body.value);
    let Prepared::Now((confirmed, good)) = once.prepare(io, work).await? else {
        return Ok(NoContent::default());
    };
    let entry = behalf.entry("identity.unlinked", json!({ "provider": name }));
    let spent = good.map(|good| good.spend(scope.person, now)).unwrap_or_default();
    let batch = Batch::from(confirmed.must_hold())
        .then(spent)
        .then(store::unlink(scope, &config.issuer, io.new_id(), &entry))
        .and(confirmed.release()?);
    let result = behalf.write(once.wrap(batch, "{}", now)).await;
    once.settle(io, result, explain).await?;
    deliver::later(io, &keys);
    seal::later(io, &keys);
    Ok(NoContent::default())
}

fn explain(error: DbError) -> Failure {
    match &error {
        DbError::Unique(columns) if columns.contains("identities") => linked_already(),
        error if error.is_refusal("challenge_spent") => not_accepted().into(),
        error if error.is_refusal("code_used") => present::wrong_code(),
        error if error.is_refusal("credentials_changed") => reauth::wrong_password(),
        error if error.is_refusal("not_found") => Failure::not_found("linked account of this provider"),
        _ => error.into(),
    }
}
