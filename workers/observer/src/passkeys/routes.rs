//! One's passkeys: making one and taking one away, after showing once more who one is.

use super::ceremony::{self, Ceremony};
use super::{challenge, store};
use crate::audit::seal;
use crate::callers::OnBehalf;
use crate::factors::routes::reauthenticated;
use crate::grant::UserRow;
use crate::keys::Keyring;
use crate::mail::deliver;
use crate::personal::{Field, PersonKey, Sealed, store as personal};
use crate::{me, reauth};
use axum::extract::State;
use serde_json::json;
use sesh_edge::http::{Answer, Body, Failure, NoContent, Refusal};
use sesh_edge::idempotency::{IdempotencyKey, Outcome, Prepared};
use sesh_edge::io::{Batch, DbError};
use sesh_edge::secret::{base64url, from_base64url};
use sesh_types::contract::auth::User;
use sesh_types::contract::factors::Reauthenticate;
use sesh_types::contract::passkeys::{
    CreationOptions, Descriptor, NewPasskey, Parameter, Passkey, RelyingParty, RemovePasskey, Selection,
    UserEntity,
};
use sesh_types::envelope::ErrorCode;
use sesh_types::rules::{Issue, Issues};
use std::sync::Arc;

const REQUIRED: &str = "required";
const PUBLIC_KEY: &str = "public-key";

/// What the page needs to have a passkey made. The challenge says that its owner has just shown who they are.
pub async fn options(
    behalf: OnBehalf,
    State(keys): State<Arc<Keyring>>,
    key: IdempotencyKey,
    body: Body<Reauthenticate>,
) -> Result<Answer<CreationOptions>, Failure> {
    let (io, scope) = (behalf.io(), behalf.scope());
    let rows = behalf.read(Batch::from(me::store::read(scope.person)).and(store::list(scope.person))).await?;
    let once = behalf.once(&key, &body.bytes, &keys);
    let user = rows.first::<me::store::Body>(0)?.ok_or_else(Refusal::unauthorized)?.body;
    let user = serde_json::from_str::<UserRow>(&user).map_err(Failure::internal)?;
    let own = PersonKey::unwrap(&keys, scope.person, user.wrapped.as_deref())?;
    let user = user.user(&keys)?;
    let known = rows.all::<store::PasskeyRow>(1)?.into_iter().map(|row| row.opened(&own));
    let known = known.collect::<Result<Vec<_>, _>>()?;
    let (confirmed, good) = match once.prepare(io, reauthenticated(&behalf, &keys, &body.value)).await? {
        Prepared::Now(found) => found,
        // The record keeps the challenge alone: the address is read anew.
        Prepared::Before(challenge) => {
            return Answer::of(&creation_options(&keys, challenge, user, known));
        }
    };
    let challenge = challenge::make(&keys, Ceremony::Create, Some(scope.person), io.new_id(), io.now());
    let challenge = challenge.ok_or_else(|| Failure::internal("there is no key for challenges"))?;
    let spent = good.map(|good| good.spend(scope.person, io.now())).unwrap_or_default();
    let batch = Batch::from(confirmed.must_hold()).then(spent).and(confirmed.release()?);
    let result = behalf.write(once.wrap(batch, &challenge, io.now())).await;
    let challenge = match once.settle(io, result, explain).await? {
        Outcome::Fresh(_) => challenge,
        Outcome::Replayed(challenge) => challenge,
    };
    Answer::of(&creation_options(&keys, challenge, user, known))
}

/// Adds the passkey that an authenticator made.
pub async fn add(
    behalf: OnBehalf,
    State(keys): State<Arc<Keyring>>,
    key: IdempotencyKey,
    body: Body<NewPasskey>,
) -> Result<Answer<Passkey, 201>, Failure> {
    let (io, scope, now) = (behalf.io(), behalf.scope(), behalf.io().now());
    let own = behalf.read(personal::key_of(scope.person)).await?.one::<personal::KeyRow>(0)?;
    let once = behalf.once(&key, &body.bytes, &keys);
    if let Some(text) = once.recorded(io).await? {
        return recorded(&PersonKey::unwrap(&keys, scope.person, own.wrapped.as_deref())?, &text);
    }
    let own = personal::ensure(io, &keys, scope.person, own.wrapped.as_deref()).await?;
    let name = name(&body.value.name)?;
    let response = &body.value.response;
    let client_data = from_base64url(&response.client_data_json).ok_or_else(not_understood)?;
    let object = from_base64url(&response.attestation_object).ok_or_else(not_understood)?;
    let answered = ceremony::challenge(&client_data, Ceremony::Create, &keys.party)
        .and_then(|bytes| challenge::read(&keys, Ceremony::Create, Some(scope.person), &bytes, now))
        .ok_or_else(not_understood)?;
    let said = ceremony::attested_data(&object).and_then(|data| ceremony::said(data, &keys.party));
    let said = said.ok_or_else(not_understood)?;
    let new = ceremony::new_key(&said).ok_or_else(not_understood)?;
    let passkey = Passkey {
        id: base64url(&new.id),
        name,
        is_backed_up: said.is_backed_up,
        created_at: now,
        last_used_at: None,
    };
    let name = own.seal(io, Field::PasskeyName, &passkey.name)?;
    // What the record keeps has the name encrypted.
    let kept = Passkey { name: name.0.clone(), ..passkey.clone() };
    let text = serde_json::to_string(&kept).map_err(Failure::internal)?;
    let entry = behalf.entry("factor.added", json!({ "factor": "passkey", "backed_up": said.is_backed_up }));
    let batch = store::add(scope, answered, &new, (&passkey, &name), said.sign_count, io.new_id(), &entry);
    let result = behalf.write(once.wrap(batch, &text, now)).await;
    let text = match once.settle(io, result, explain).await? {
        Outcome::Fresh(_) => text,
        Outcome::Replayed(text) => text,
    };
    deliver::later(io, &keys);
    seal::later(io, &keys);
    recorded(&own, &text)
}

/// The passkey that a record keeps, with its name.
fn recorded(own: &PersonKey, text: &str) -> Result<Answer<Passkey, 201>, Failure> {
    let kept: Passkey = serde_json::from_str(text).map_err(Failure::internal)?;
    Answer::of(&Passkey { name: own.open(Field::PasskeyName, &Sealed(kept.name))?, ..kept })
}

/// Takes a passkey away.
pub async fn remove(
    behalf: OnBehalf,
    State(keys): State<Arc<Keyring>>,
    key: IdempotencyKey,
    body: Body<RemovePasskey>,
) -> Result<NoContent, Failure> {
    let (io, scope) = (behalf.io(), behalf.scope());
    behalf.read(Batch::new()).await?;
    let once = behalf.once(&key, &body.bytes, &keys);
    let RemovePasskey { id, password, code, recovery_code } = body.value;
    let again = Reauthenticate { password, code, recovery_code };
    let Prepared::Now((confirmed, good)) = once.prepare(io, reauthenticated(&behalf, &keys, &again)).await?
    else {
        return Ok(NoContent::default());
    };
    let entry = behalf.entry("factor.removed", json!({ "factor": "passkey" }));
    let spent = good.map(|good| good.spend(scope.person, io.now())).unwrap_or_default();
    let batch = Batch::from(confirmed.must_hold())
        .then(spent)
        .then(store::remove(scope, &id, io.new_id(), &entry))
        .and(confirmed.release()?);
    let result = behalf.write(once.wrap(batch, "{}", io.now())).await;
    once.settle(io, result, explain).await?;
    deliver::later(io, &keys);
    seal::later(io, &keys);
    Ok(NoContent::default())
}

fn creation_options(keys: &Keyring, challenge: String, user: User, known: Vec<Passkey>) -> CreationOptions {
    let parameter = |alg| Parameter { kind: PUBLIC_KEY.to_owned(), alg };
    CreationOptions {
        challenge,
        rp: RelyingParty { id: keys.party.id.clone(), name: "sesh tracker".to_owned() },
        user: UserEntity {
            id: base64url(user.id.0.as_bytes()),
            name: user.email,
            display_name: user.display_name,
        },
        pub_key_cred_params: vec![parameter(-7), parameter(-8)],
        timeout: u32::try_from(challenge::LIFE_MS).unwrap_or(u32::MAX),
        exclude_credentials: known
            .into_iter()
            .map(|passkey| Descriptor { kind: PUBLIC_KEY.to_owned(), id: passkey.id })
            .collect(),
        authenticator_selection: Selection {
            resident_key: REQUIRED.to_owned(),
            user_verification: REQUIRED.to_owned(),
        },
        attestation: "none".to_owned(),
    }
}

fn name(name: &str) -> Result<String, Vec<Issue>> {
    let trimmed = name.trim();
    let mut issues = Issues::default();
    let chars = trimmed.chars().count();
    issues.require((1..=80).contains(&chars), "name", "length", "must have 1 to 80 characters");
    issues.require(
        !name.chars().any(char::is_control),
        "name",
        "control_character",
        "must stand on one line",
    );
    issues.done()?;
    Ok(trimmed.to_owned())
}

fn not_understood() -> Failure {
    Failure::rules(vec![Issue {
        field: "response".to_owned(),
        code: "not_accepted".to_owned(),
        message: "is not a passkey that was asked for here a moment ago".to_owned(),
    }])
}

fn explain(error: DbError) -> Failure {
    match &error {
        DbError::Unique(columns) if columns.contains("passkeys.id") => {
            Refusal::new(ErrorCode::Conflict, "This passkey is known already.").into()
        }
        error if error.is_refusal("factor_exists") => {
            Refusal::new(ErrorCode::Conflict, "There are twenty passkeys. Take one away first.").into()
        }
        error if error.is_refusal("challenge_spent") => not_understood(),
        error if error.is_refusal("code_used") => crate::factors::present::wrong_code(),
        error if error.is_refusal("credentials_changed") => reauth::wrong_password(),
        error if error.is_refusal("not_found") => Failure::not_found("passkey"),
        _ => error.into(),
    }
}
