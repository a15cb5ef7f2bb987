//! Going to a provider, and coming back.

use super::browser::Browser;
use super::config::Config;
use super::exchange::{self, Said, form};
use super::provider::{Providers, not_accepted};
use super::store::{self, LinkedRow};
use super::ticket::{self, Proven};
use crate::audit::{Entry, seal};
use crate::callers::Visitor;
use crate::keys::Keyring;
use crate::passkeys::challenge::Answered;
use crate::personal::{Field, store as personal};
use crate::signin::entrance::{self, Asked};
use crate::signin::routes::{ask_for_factor, entry, first_grant, seal_if_refused, user_of};
use crate::signin::rules::{email_key, is_email};
use crate::signin::store as accounts;
use crate::throttle::Attempt;
use axum::extract::State;
use serde_json::json;
use sesh_edge::http::{Answer, Body, Failure, Key, Refusal};
use sesh_edge::io::{Batch, DbError};
use sesh_edge::secret::same;
use sesh_types::contract::auth::SignedIn;
use sesh_types::contract::identities::{self as contract, Beginning, Complete, InBrowser, ProviderName};
use sesh_types::contract::{Token, identities};
use sesh_types::envelope::{Details, ErrorCode};
use sesh_types::ids::TenantId;
use std::sync::Arc;

const TENANT: TenantId = TenantId::CONSUMERS;

/// With whom one may sign in.
pub async fn list(
    _: Visitor,
    State(providers): State<Arc<Providers>>,
) -> Result<Answer<contract::Providers>, Failure> {
    Answer::of(&contract::Providers { providers: providers.names() })
}

/// Where to go (`OpenID` Connect Core 1.0, section 3.1.2.1). Nothing is written.
pub async fn begin(
    visitor: Visitor,
    State(keys): State<Arc<Keyring>>,
    State(providers): State<Arc<Providers>>,
    Key(name): Key<ProviderName>,
) -> Result<Answer<Beginning>, Failure> {
    let io = &visitor.io;
    let config = providers.named(&name)?;
    let metadata = providers.metadata(config, io).await?;
    let browser = Browser::new(&keys, io.new_id(), io.now());
    let parts =
        (browser.state(&keys), browser.nonce(&keys), browser.challenge(&keys), browser.text(&keys, &name));
    let (Some(state), Some(nonce), Some(challenge), Some(kept)) = parts else {
        return Err(Failure::internal("there is no key for browsers"));
    };
    let query = form(&[
        ("response_type", "code"),
        ("client_id", &config.client_id),
        ("redirect_uri", &config.redirect_uri),
        ("scope", "openid email profile"),
        ("state", &state),
        ("nonce", &nonce),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ]);
    let endpoint = &metadata.authorization_endpoint;
    let url = format!("{endpoint}{}{query}", if endpoint.contains('?') { '&' } else { '?' });
    Answer::of(&Beginning { url, browser: kept })
}

/// Signs in whoever comes back from a provider. It takes no idempotency key: a code counts once, at the provider and here,
/// and whoever did not hear the answer begins anew.
///
/// 1. What came back must belong to what this browser set out with.
/// 2. Counts the try; a way that has ended already is not gone again.
/// 3. Has the provider say whom the code stands for. When it cannot be asked, nothing is written.
/// 4. Whom nobody is linked to gets a ticket; who has a second factor, its challenge.
/// 5. Ends the way and writes device and audit entry, in one batch that a suspension or the same code meanwhile refuses.
pub async fn complete(
    visitor: Visitor,
    State(keys): State<Arc<Keyring>>,
    State(providers): State<Arc<Providers>>,
    Key(name): Key<ProviderName>,
    body: Body<InBrowser<Complete>>,
) -> Result<Answer<SignedIn>, Failure> {
    let Visitor { io, request_id, client, .. } = &visitor;
    let config = providers.named(&name)?;
    let InBrowser { browser: kept, given } = &body.value;
    let (kept, browser) = came_back(&keys, &name, kept.as_ref(), &given.state, &visitor)?;
    let attempt = Attempt::to_use_provider(&keys, client, request_id, io.now());
    let rows = io.db(attempt.reserve()?.and(store::is_spent(browser.id))).await?;
    seal_if_refused(attempt.verdict(&rows), io, &keys)?;
    if rows.first::<accounts::Found>(attempt.statements())?.is_some() {
        return Err(refuse(&visitor, &keys, config, None, "spent").await);
    }
    let said = match exchange::ask((&providers, config), &keys, io, &browser, given).await {
        Ok(Ok(said)) => said,
        Ok(Err(word)) => return Err(refuse(&visitor, &keys, config, None, word).await),
        Err(failure) => {
            io.db(attempt.release()?).await?;
            return Err(failure);
        }
    };
    let now = io.now();
    let way = Answered { id: browser.id, expires_at: browser.expires_at };
    let identity = keys.pepper.name("identity", &[config.issuer.as_bytes(), said.subject.as_bytes()]);
    let asked = Asked::of(&visitor, given.tenant.as_deref());
    let read = Batch::from(store::linked(&identity)).and(entrance::of_identity(asked, &identity));
    let rows = io.db(read).await?;
    let Some(LinkedRow { email: sealed, account }) = rows.first(0)? else {
        return Err(unlinked(&visitor, &keys, config, (kept, way), (identity, said), &attempt).await);
    };
    let Some(entrance) = entrance::read(&rows, 1)?.filter(|_| account.status == "active") else {
        return Err(refuse(&visitor, &keys, config, Some(&account), "standing").await);
    };
    entrance.must_be_open(io, &attempt).await?;
    let used = store::used(&identity, account.id, now).then(crate::passkeys::store::spend_once(way));
    if account.totp_id.is_some() {
        let also = used.and(attempt.release()?);
        return Err(ask_for_factor(&visitor, &keys, &account, None, also).await);
    }
    let own = personal::ensure(io, &keys, account.id, account.wrapped.as_deref()).await?;
    let kept = accounts::Personal::of(&keys, io, &own, client)?;
    let email = own.open(Field::Email, &sealed)?;
    let grant = first_grant(io, &entrance, user_of(&keys, &account, email)?, account.epoch, now);
    let detail = json!({ "device": grant.device, "provider": config.name });
    let entry = entry(&visitor, now, "login.succeeded", account.id.to_string(), detail);
    let entry = Entry { tenant: grant.tenant, ..entry };
    let batch = entrance
        .guard()
        .then(used)
        .then(accounts::sign_in(&grant, &account.password_phc, None, None, &kept, &entry))
        .and(attempt.release()?);
    io.db(batch).await.map_err(explain)?;
    seal::later(io, &keys);
    grant.cache_later(io);
    Answer::of(&grant.signed_in(&keys))
}

/// What the browser kept, if what came back belongs to it.
fn came_back<'a>(
    keys: &Keyring,
    provider: &ProviderName,
    kept: Option<&'a Token>,
    state: &Token,
    visitor: &Visitor,
) -> Result<(&'a Token, Browser), Failure> {
    let kept = kept.ok_or_else(not_accepted)?;
    let browser = Browser::read(keys, provider, kept, visitor.io.now()).ok_or_else(not_accepted)?;
    let ours = browser.state(keys).is_some_and(|ours| same(&ours, &state.0));
    if ours { Ok((kept, browser)) } else { Err(not_accepted().into()) }
}

/// Records why somebody who came back was not let in, and makes the one answer.
async fn refuse(
    visitor: &Visitor,
    keys: &Arc<Keyring>,
    config: &Config,
    account: Option<&accounts::AccountRow>,
    why: &str,
) -> Failure {
    let of = account
        .map_or_else(|| format!("provider:{}", config.name), |account| format!("person:{}", account.id));
    let entry = about(visitor, "login.failed", of, json!({ "provider": config.name, "why": why }));
    if let Err(error) = visitor.io.db(accounts::failed(&entry)).await {
        return error.into();
    }
    seal::later(&visitor.io, keys);
    not_accepted().into()
}

/// Whom nobody is linked to: gives a ticket. That there is an account with the address is told to nobody but whom the
/// provider knows to own it; and that it is theirs, they show here, by signing in to it.
async fn unlinked(
    visitor: &Visitor,
    keys: &Arc<Keyring>,
    config: &Config,
    (kept, way): (&Token, Answered),
    (identity, said): (String, Said),
    attempt: &Attempt,
) -> Failure {
    let io = &visitor.io;
    let entity = format!("identity:{}", identity.get(..32).unwrap_or_default());
    let entry = about(visitor, "identity.proven", entity, json!({ "provider": config.name }));
    let email = said.profile.email.as_deref().map(email_key).filter(|email| is_email(email));
    let proven = Proven {
        id: io.new_id(),
        expires_at_s: entry.at.seconds() + ticket::SECONDS,
        provider: config.name.clone(),
        issuer: config.issuer.clone(),
        identity,
        email_verified: email.is_some() && said.profile.is_verified(),
        email,
        name: said.profile.name.map(|name| name.chars().filter(|c| !c.is_control()).take(80).collect()),
    };
    let Some(ticket) = proven.ticket(keys, kept) else {
        return Failure::internal("there is no key for tickets");
    };
    let noted = async {
        let address = proven.email.as_deref().filter(|_| proven.email_verified).unwrap_or_default();
        let batch = Batch::from(accounts::is_taken(keys, TENANT, address)).then(store::proven(way, &entry));
        let rows = io.db(batch.and(attempt.release()?)).await.map_err(explain)?;
        Ok::<_, Failure>(rows.first::<accounts::Found>(0)?.is_some())
    };
    let is_taken = match noted.await {
        Ok(is_taken) => is_taken,
        Err(failure) => return failure,
    };
    seal::later(io, keys);
    let refusal = if is_taken {
        let message = "There is an account with this e-mail address. Sign in to it, then link the provider.";
        Refusal::new(ErrorCode::LinkRequired, message)
    } else {
        let message =
            "Nobody here is linked to this account of the provider. Sign up with it, or sign in and link it.";
        Refusal::new(ErrorCode::SignUpRequired, message)
    };
    let Proven { email, name: display_name, .. } = proven;
    let proven = identities::Proven { ticket, expires_in: ticket::SECONDS, email, display_name };
    refusal.with(Details::Proven(Box::new(proven))).into()
}

fn about(visitor: &Visitor, action: &'static str, entity: String, detail: serde_json::Value) -> Entry {
    Entry {
        tenant: TENANT,
        at: visitor.io.now(),
        actor: "anonymous".to_owned(),
        action,
        entity,
        request_id: visitor.request_id.clone(),
        detail,
    }
}

fn explain(error: DbError) -> Failure {
    let meanwhile = ["credentials_changed", "challenge_spent"].iter().any(|word| error.is_refusal(word));
    if meanwhile { not_accepted().into() } else { error.into() }
}
