//! `POST /oauth/token`: tokens for a code, for a refresh token, or for the program itself.

use super::authenticate::Program;
use super::clients::store::ClientRow;
use super::grant::{self, Granted};
use super::wire::{Fault, Params, Plain, Wrong};
use super::{code, store};
use crate::audit::{Entry, seal};
use crate::devices;
use crate::keys::{Keyring, Presented, Use};
use crate::notices;
use crate::refresh::rules::{Verdict, judge};
use crate::refresh::store::{StandingRow, end_family, rotate};
use axum::extract::State;
use serde_json::json;
use sesh_edge::http::Form;
use sesh_edge::io::Io;
use sesh_edge::secret::base64url;
use sesh_types::access::{ApiScope, Scopes};
use sesh_types::contract::Token;
use sesh_types::contract::clients::GrantType;
use sesh_types::ids::CodeId;
use std::sync::Arc;

/// Gives tokens. The program shows who it is first, whatever it asks for.
pub async fn exchange(
    program: Program,
    State(keys): State<Arc<Keyring>>,
    Form(pairs): Form,
) -> Result<Plain, Fault> {
    let params = Params::of(pairs);
    let client = program.is(&keys, &params).await?;
    let grant = match params.get("grant_type") {
        Some("authorization_code") => GrantType::AuthorizationCode,
        Some("refresh_token") => GrantType::RefreshToken,
        Some("client_credentials") => GrantType::ClientCredentials,
        None => return Err(Wrong::new("invalid_request", "grant_type is missing").into()),
        Some(_) => {
            let known = "grant_type must be authorization_code, refresh_token or client_credentials";
            return Err(Wrong::new("unsupported_grant_type", known).into());
        }
    };
    if !client.may(grant) {
        return Err(
            Wrong::new("unauthorized_client", "the program is not registered for this grant_type").into()
        );
    }
    match grant {
        GrantType::AuthorizationCode => for_code(&program, &keys, &client, &params).await,
        GrantType::RefreshToken => for_refresh_token(&program, &keys, &client, &params).await,
        GrantType::ClientCredentials => for_itself(&program, &keys, &client, &params).await,
    }
}

/// 1. Reads the code; another program's, another redirect URI's or another verifier's is none.
/// 2. One that was used ends what it was exchanged for, and the Workers that trust our tokens know before the answer.
/// 3. Uses it up and makes the grant in one batch, which one of many at once gets through.
async fn for_code(
    program: &Program,
    keys: &Arc<Keyring>,
    client: &ClientRow,
    params: &Params,
) -> Result<Plain, Fault> {
    let io = &program.io;
    let need = |name: &'static str| {
        params.get(name).ok_or_else(|| Wrong::new("invalid_request", format!("{name} is missing")))
    };
    let (shown, verifier, redirect_uri) = (need("code")?, need("code_verifier")?, need("redirect_uri")?);
    let id = code::read(keys, shown).ok_or_else(Wrong::grant)?;
    let row = found(io, id).await?.filter(|row| row.client_id == client.id).ok_or_else(Wrong::grant)?;
    if row.is_used() {
        return Err(replayed(program, keys, client, &row).await);
    }
    if row.redirect_uri != redirect_uri || !code::verifies(verifier, &row.challenge) || row.is_over(io.now())
    {
        return Err(Wrong::grant().into());
    }
    // What the program may no longer ask for is not given, though somebody agreed to it a moment ago.
    let row = row.within(client.scopes);
    let scopes = row.scopes;
    let refreshes = scopes.has(ApiScope::OfflineAccess) && client.may(GrantType::RefreshToken);
    let nonce = base64url(&io.random::<16>());
    let detail = json!({ "person": row.person_id, "scopes": scopes });
    let entity = format!("device:{}", row.device_id);
    let entry = program.entry(client, row.tenant_id, "grant.made", entity, detail);
    let new = store::NewGrant { nonce: &nonce, name: &client.name, refreshes };
    if let Err(error) = io.db(store::redeem(&row, &new, &entry)).await {
        if !error.is_refusal("code_spent") && !error.is_refusal("credentials_changed") {
            return Err(error.into());
        }
        return Err(match found(io, id).await? {
            Some(row) if row.is_used() => replayed(program, keys, client, &row).await,
            _ => Wrong::grant().into(),
        });
    }
    seal::later(io, keys);
    let (role, apps) = row.entitlements()?;
    let granted = Granted {
        client,
        tenant: row.tenant_id,
        person: row.person_id,
        role,
        apps,
        epoch: row.epoch,
        device: row.device_id,
        authenticated_at: row.authenticated_at,
        scopes,
    };
    Ok(Plain::json(&granted.tokens(io, keys, row.nonce.as_deref(), refreshes.then_some((0, &nonce)))))
}

async fn found(io: &Io, id: CodeId) -> Result<Option<store::CodeRow>, Fault> {
    Ok(io.db(store::code(id)).await?.first(0).map_err(sesh_edge::http::Failure::from)?)
}

/// Somebody has a copy of a code: ends what it was exchanged for.
async fn replayed(program: &Program, keys: &Arc<Keyring>, client: &ClientRow, row: &store::CodeRow) -> Fault {
    let detail = json!({ "person": row.person_id });
    let entity = format!("device:{}", row.device_id);
    let entry = program.entry(client, row.tenant_id, "code.replayed", entity, detail);
    match end(program, keys, row.person_id, row.device_id, &entry).await {
        Ok(()) => Wrong::grant().into(),
        Err(fault) => fault,
    }
}

/// Ends a grant, everywhere, before the answer.
pub(super) async fn end(
    program: &Program,
    keys: &Arc<Keyring>,
    person: sesh_types::ids::PersonId,
    device: sesh_types::ids::DeviceId,
    entry: &Entry,
) -> Result<(), Fault> {
    program.io.db(devices::store::sign_out(person, device, entry)?).await?;
    notices::deliver(&program.io, &program.request_id).await?;
    seal::later(&program.io, keys);
    Ok(())
}

/// As people's refresh tokens: one generation after the other, a copy ends the grant. The scopes may be fewer this time,
/// never more.
async fn for_refresh_token(
    program: &Program,
    keys: &Arc<Keyring>,
    client: &ClientRow,
    params: &Params,
) -> Result<Plain, Fault> {
    let (io, now) = (&program.io, program.io.now());
    let shown = params
        .get("refresh_token")
        .ok_or_else(|| Wrong::new("invalid_request", "refresh_token is missing"))?;
    let presented = Presented::read_for(Use::Grant, &Token(shown.to_owned())).ok_or_else(Wrong::grant)?;
    let row = io.db(store::grant(presented.device, now)).await?.first::<store::GrantRow>(0)?;
    let row = row.filter(|row| keys.refresh.made(&presented, &row.nonce) && row.client_id == client.id);
    let row = row.ok_or_else(Wrong::grant)?;
    let scopes = narrowed(params, row.scopes)?.and(client.scopes);
    let rows = io.db(rotate(presented.device, presented.generation, now)).await?;
    let rotated = rows.first::<serde_json::Value>(0)?.is_some();
    let standing = rows.first::<StandingRow>(1)?;
    if standing.as_ref().is_some_and(StandingRow::is_shut_out) {
        return Err(Wrong::grant().into());
    }
    let verdict = judge(presented.generation, rotated, standing.as_ref().map(StandingRow::standing), now);
    match (verdict, standing) {
        (Verdict::Current, Some(standing)) => {
            let (role, apps) = standing.entitlements()?;
            let granted = Granted {
                client,
                tenant: standing.tenant_id,
                person: row.person_id,
                role,
                apps,
                epoch: standing.epoch,
                device: presented.device,
                authenticated_at: row.authenticated_at,
                scopes,
            };
            let refresh = (standing.generation(), row.nonce.as_str());
            Ok(Plain::json(&granted.tokens(io, keys, None, Some(refresh))))
        }
        (Verdict::Replayed, _) => {
            let detail = json!({ "person": row.person_id, "generation": presented.generation });
            let entity = format!("device:{}", presented.device);
            let entry = program.entry(client, row.tenant_id, "refresh.replayed", entity, detail);
            io.db(end_family(presented.device, presented.generation, &entry)?).await?;
            notices::deliver(io, &program.request_id).await?;
            seal::later(io, keys);
            Err(Wrong::grant().into())
        }
        _ => {
            // It may be dead since a moment ago, with a notice that did not get through.
            notices::deliver(io, &program.request_id).await?;
            Err(Wrong::grant().into())
        }
    }
}

/// The scopes that are asked for: all there are, unless fewer are named.
fn narrowed(params: &Params, most: Scopes) -> Result<Scopes, Wrong> {
    let Some(text) = params.get("scope") else { return Ok(most) };
    let asked = text.parse::<Scopes>().ok().filter(|asked| !asked.is_empty() && most.cover(*asked));
    asked.ok_or_else(|| Wrong::new("invalid_scope", "scope names what was not granted, or is not known here"))
}

async fn for_itself(
    program: &Program,
    keys: &Arc<Keyring>,
    client: &ClientRow,
    params: &Params,
) -> Result<Plain, Fault> {
    let most: Scopes = client.scopes.iter().filter(|scope| scope.is_for_machines()).collect();
    if most.is_empty() {
        let why = "the program is registered for no scope that means anything without a person";
        return Err(Wrong::new("invalid_scope", why).into());
    }
    let scopes = narrowed(params, most)?;
    let (id, tokens) = grant::machine(&program.io, keys, client, scopes);
    let detail = json!({ "token": id, "scopes": scopes });
    let entity = format!("client:{}", client.id);
    let entry = program.entry(client, client.tenant(), "client.token_issued", entity, detail);
    if let Err(error) = program.io.db(store::machine(client.id, client.version, &entry)).await {
        return Err(if error.is_refusal("client_gone") { Wrong::client().into() } else { error.into() });
    }
    seal::later(&program.io, keys);
    Ok(Plain::json(&tokens))
}
