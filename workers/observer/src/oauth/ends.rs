//! Giving tokens back (RFC 7009), and asking whether they count (RFC 7662).

use super::authenticate::Program;
use super::clients::store::ClientRow;
use super::grant::is_machine;
use super::wire::{Fault, Params, Plain, Wrong};
use super::{store, token};
use crate::audit::seal;
use crate::keys::{Keyring, Presented, Use};
use crate::notices;
use axum::extract::State;
use serde::Serialize;
use serde_json::json;
use sesh_edge::http::Form;
use sesh_edge::token::{ACCESS_TOKEN_SECONDS, API_AUDIENCE, AccessClaims};
use sesh_types::access::Scopes;
use sesh_types::contract::Token;
use sesh_types::contract::clients::ClientKind;
use sesh_types::ids::{ClientId, DeviceId, PersonId};
use sesh_types::time::Timestamp;
use std::sync::Arc;
use uuid::Uuid;

/// A token that is the program's own.
enum Own {
    /// To refresh by.
    Refresh { device: DeviceId, generation: i64, row: store::GrantRow },
    /// Of a grant; nothing when the grant is forgotten.
    Access { claims: Box<AccessClaims>, expires_at: Timestamp, row: Option<store::GrantRow> },
    /// Of the program itself.
    Machine { claims: Box<AccessClaims>, expires_at: Timestamp, ended: bool },
}

/// Finds out which token this is. What is not ours, or has expired, is none.
async fn own(
    program: &Program,
    keys: &Keyring,
    client: &ClientRow,
    text: &str,
) -> Result<Option<Own>, Fault> {
    let (io, now) = (&program.io, program.io.now());
    let others = || Wrong::new("unauthorized_client", "the token was issued to another program");
    if let Some(presented) = Presented::read_for(Use::Grant, &Token(text.to_owned())) {
        let row = io.db(store::grant(presented.device, now)).await?.first::<store::GrantRow>(0)?;
        let Some(row) = row.filter(|row| keys.refresh.made(&presented, &row.nonce)) else { return Ok(None) };
        if row.client_id != client.id {
            return Err(others().into());
        }
        let (device, generation) = (presented.device, presented.generation);
        return Ok(Some(Own::Refresh { device, generation, row }));
    }
    let Ok((claims, expires_at)) = keys.verifying.verify_any::<AccessClaims>(text, &keys.issuer, now) else {
        return Ok(None);
    };
    match claims.client_id {
        Some(id) if id == client.id => {}
        // The token of a person's own sign-in is no business of any program.
        _ => return Err(others().into()),
    }
    let claims = Box::new(claims);
    if is_machine(&claims) {
        let ended = io.db(store::ended(claims.did)).await?.first::<store::Ended>(0)?.is_some();
        return Ok(Some(Own::Machine { claims, expires_at, ended }));
    }
    let row = io.db(store::grant(claims.did, now)).await?.first::<store::GrantRow>(0)?;
    Ok(Some(Own::Access { claims, expires_at, row }))
}

/// Ends what a token is of: with either of its tokens the whole grant. Whatever is none of the platform's has nothing to
/// end; repeated, it succeeds again.
pub async fn revoke(
    program: Program,
    State(keys): State<Arc<Keyring>>,
    Form(pairs): Form,
) -> Result<Plain, Fault> {
    let params = Params::of(pairs);
    let client = program.is(&keys, &params).await?;
    let text = params.get("token").ok_or_else(|| Wrong::new("invalid_request", "token is missing"))?;
    let (device, row) = match own(&program, &keys, &client, text).await? {
        Some(Own::Refresh { device, row, .. }) => (device, row),
        Some(Own::Access { claims, row: Some(row), .. }) => (claims.did, row),
        Some(Own::Machine { claims, .. }) => {
            let detail = json!({ "token": claims.did });
            let entity = format!("client:{}", client.id);
            let entry = program.entry(&client, claims.tid, "client.token_revoked", entity, detail);
            program.io.db(store::end_machine(claims.did, client.id, &entry)?).await?;
            notices::deliver(&program.io, &program.request_id).await?;
            seal::later(&program.io, &keys);
            return Ok(Plain::empty(200));
        }
        Some(Own::Access { row: None, .. }) | None => return Ok(Plain::empty(200)),
    };
    let detail = json!({ "person": row.person_id, "by": "program" });
    let entry = program.entry(&client, row.tenant_id, "grant.ended", format!("device:{device}"), detail);
    token::end(&program, &keys, row.person_id, device, &entry).await?;
    Ok(Plain::empty(200))
}

/// What introspection answers (RFC 7662, section 2.2).
#[derive(Default, Serialize)]
struct Introspection<'a> {
    active: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<Scopes>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<ClientId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iat: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<PersonId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jti: Option<Uuid>,
}

/// Whether a token of the program's own counts. Programs that keep no secret may not ask.
pub async fn introspect(
    program: Program,
    State(keys): State<Arc<Keyring>>,
    Form(pairs): Form,
) -> Result<Plain, Fault> {
    let params = Params::of(pairs);
    let client = program.is(&keys, &params).await?;
    if client.kind == ClientKind::Public {
        return Err(Wrong::client().into());
    }
    let text = params.get("token").ok_or_else(|| Wrong::new("invalid_request", "token is missing"))?;
    let found = match own(&program, &keys, &client, text).await {
        // Of others' tokens nothing is told, not even that they are (RFC 7662, section 2.2).
        Err(Fault::Wrong(_)) => None,
        found => found?,
    };
    let answer = match &found {
        Some(Own::Refresh { generation, row, .. }) if row.is_live() && row.generation == *generation => {
            Introspection {
                active: true,
                scope: Some(row.scopes),
                client_id: Some(client.id),
                exp: Some(row.expires_at.seconds()),
                sub: Some(row.person_id),
                iss: Some(&keys.issuer),
                ..Introspection::default()
            }
        }
        Some(Own::Access { claims, expires_at, row: Some(row) })
            if row.is_live() && row.epoch == claims.ep =>
        {
            of_access(&keys, claims, *expires_at)
        }
        Some(Own::Machine { claims, expires_at, ended: false }) => of_access(&keys, claims, *expires_at),
        _ => Introspection::default(),
    };
    Ok(Plain::json(&answer))
}

fn of_access<'a>(keys: &'a Keyring, claims: &AccessClaims, expires_at: Timestamp) -> Introspection<'a> {
    Introspection {
        active: true,
        scope: claims.scope,
        client_id: claims.client_id,
        token_type: Some("Bearer"),
        exp: Some(expires_at.seconds()),
        iat: Some(expires_at.seconds() - ACCESS_TOKEN_SECONDS),
        sub: Some(claims.sub),
        aud: Some(API_AUDIENCE),
        iss: Some(&keys.issuer),
        jti: claims.jti,
    }
}
