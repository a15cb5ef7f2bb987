//! What a program gets: tokens of a grant, or of itself.

use super::clients::store::ClientRow;
use crate::keys::{Keyring, Use};
use serde::Serialize;
use sesh_edge::io::Io;
use sesh_edge::token::{ACCESS_TOKEN_SECONDS, API_AUDIENCE, AccessClaims};
use sesh_types::access::{ApiScope, Apps, Scopes, TenantRole};
use sesh_types::contract::Token;
use sesh_types::ids::{ClientId, DeviceId, PersonId, TenantId};
use sesh_types::time::Timestamp;

/// A grant, as its tokens are made of it.
pub struct Granted<'a> {
    /// The program.
    pub client: &'a ClientRow,
    /// The tenant.
    pub tenant: TenantId,
    /// The person.
    pub person: PersonId,
    /// What they are in the tenant.
    pub role: TenantRole,
    /// The apps that they may use in it.
    pub apps: Apps,
    /// Their epoch.
    pub epoch: i64,
    /// The device that the grant is.
    pub device: DeviceId,
    /// When they had signed in.
    pub authenticated_at: Timestamp,
    /// What the tokens are for.
    pub scopes: Scopes,
}

/// What the token endpoint answers (RFC 6749, section 5.1).
#[derive(Serialize)]
pub struct Tokens {
    access_token: Token,
    token_type: &'static str,
    expires_in: i64,
    scope: Scopes,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<Token>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<Token>,
}

/// An ID token (`OpenID` Connect Core, section 2).
#[derive(Serialize)]
struct IdClaims<'a> {
    iss: &'a str,
    sub: PersonId,
    aud: ClientId,
    iat: i64,
    exp: i64,
    auth_time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
}

impl Granted<'_> {
    /// The tokens, with one to refresh by if there is a generation for it.
    pub fn tokens(
        &self,
        io: &Io,
        keys: &Keyring,
        nonce: Option<&str>,
        refresh: Option<(i64, &str)>,
    ) -> Tokens {
        let now = io.now();
        let claims = AccessClaims {
            iss: keys.issuer.clone(),
            aud: API_AUDIENCE.to_owned(),
            sub: self.person,
            tid: self.tenant,
            did: self.device,
            ep: self.epoch,
            role: self.role,
            apps: self.apps.clone(),
            act: None,
            scope: Some(self.scopes),
            client_id: Some(self.client.id),
            jti: Some(io.new_id()),
            auth_time: Some(self.authenticated_at.seconds()),
        };
        let id_token = self.scopes.has(ApiScope::OpenId).then(|| {
            keys.signing.id_token(&IdClaims {
                iss: &keys.issuer,
                sub: self.person,
                aud: self.client.id,
                iat: now.seconds(),
                exp: now.seconds() + ACCESS_TOKEN_SECONDS,
                auth_time: self.authenticated_at.seconds(),
                nonce,
            })
        });
        Tokens {
            access_token: keys.signing.access_token(&claims, now),
            token_type: "Bearer",
            expires_in: ACCESS_TOKEN_SECONDS,
            scope: self.scopes,
            refresh_token: refresh.map(|(generation, nonce)| {
                keys.refresh.token_for(Use::Grant, self.device, generation, nonce)
            }),
            id_token,
        }
    }
}

/// The token of a program that acts for nobody. It names the program where others name a person, and itself where others
/// name a device: so both can be revoked as those are.
pub fn machine(io: &Io, keys: &Keyring, client: &ClientRow, scopes: Scopes) -> (DeviceId, Tokens) {
    let id: DeviceId = io.new_id();
    let claims = AccessClaims {
        iss: keys.issuer.clone(),
        aud: API_AUDIENCE.to_owned(),
        sub: PersonId(client.id.0),
        tid: client.tenant(),
        did: id,
        ep: 0,
        role: TenantRole::Member,
        apps: Apps::consumer(),
        act: None,
        scope: Some(scopes),
        client_id: Some(client.id),
        jti: Some(id.0),
        auth_time: None,
    };
    let tokens = Tokens {
        access_token: keys.signing.access_token(&claims, io.now()),
        token_type: "Bearer",
        expires_in: ACCESS_TOKEN_SECONDS,
        scope: scopes,
        refresh_token: None,
        id_token: None,
    };
    (id, tokens)
}

/// Whether a token is of a program that acts for nobody.
pub fn is_machine(claims: &AccessClaims) -> bool {
    claims.client_id.is_some_and(|client| client.0 == claims.sub.0)
}
