//! The crates `oauth2` and `openidconnect` against the running fleet. `SESH_FLEET_FILE` names its file.

mod fleet;

use fleet::{BACK, Fleet, ISSUER, SCOPES};
use oauth2::basic::BasicClient;
use oauth2::{
    AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, IntrospectionUrl, PkceCodeChallenge, RedirectUrl,
    RevocationUrl, Scope, StandardRevocableToken, TokenIntrospectionResponse, TokenResponse, TokenUrl,
};
use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreProviderMetadata, CoreUserInfoClaims};
use openidconnect::{IssuerUrl, Nonce};
use std::error::Error;

type Done = Result<(), Box<dyn Error>>;

fn check(holds: bool, what: &str) -> Done {
    if !holds {
        return Err(format!("does not hold: {what}").into());
    }
    println!("  ✓ {what}");
    Ok(())
}

fn at(path: &str) -> String {
    format!("{ISSUER}{path}")
}

fn with_oauth2(fleet: &Fleet, kind: &str) -> Done {
    let http = |request: oauth2::HttpRequest| fleet.send(request);
    let (id, secret) = fleet.register(kind)?;
    let mut client = BasicClient::new(ClientId::new(id))
        .set_auth_uri(AuthUrl::new(at("/oauth/authorize"))?)
        .set_token_uri(TokenUrl::new(at("/oauth/token"))?)
        .set_introspection_url(IntrospectionUrl::new(at("/oauth/introspect"))?)
        .set_revocation_url(RevocationUrl::new(at("/oauth/revoke"))?)
        .set_redirect_uri(RedirectUrl::new(BACK.to_owned())?);
    let keeps_secret = secret.is_some();
    if let Some(secret) = secret {
        client = client.set_client_secret(ClientSecret::new(secret));
    }
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let wishes = SCOPES.map(|scope| Scope::new(scope.to_owned()));
    let (url, state) =
        client.authorize_url(CsrfToken::new_random).add_scopes(wishes).set_pkce_challenge(challenge).url();
    let back = fleet.agree(url.as_str())?;
    check(back.get("state") == Some(state.secret()), &format!("oauth2, {kind}: the state comes back"))?;
    check(back.get("iss").map(String::as_str) == Some(ISSUER), &format!("oauth2, {kind}: and who says so"))?;
    let code = AuthorizationCode::new(back["code"].clone());
    let tokens = client.exchange_code(code).set_pkce_verifier(verifier).request(&http)?;
    let refresh = tokens.refresh_token().ok_or("no refresh token")?;
    check(true, &format!("oauth2, {kind}: code with PKCE"))?;
    let fresh = client.exchange_refresh_token(refresh).request(&http)?;
    let access = fresh.access_token();
    check(fleet.api("/api/v1/stash", access.secret())? == 200, &format!("oauth2, {kind}: refreshed, and the API"))?;
    if keeps_secret {
        let told = client.introspect(access).request(&http)?;
        check(told.active(), &format!("oauth2, {kind}: introspection says active"))?;
    }
    client.revoke_token(StandardRevocableToken::AccessToken(access.clone()))?.request(&http)?;
    check(fleet.api("/api/v1/stash", access.secret())? == 401, &format!("oauth2, {kind}: revoked, and dead at once"))?;
    if keeps_secret {
        let told = client.introspect(access).request(&http)?;
        check(!told.active(), &format!("oauth2, {kind}: introspection says inactive"))?;
        let own = client.exchange_client_credentials().add_scope(Scope::new("strains:read".to_owned())).request(&http)?;
        let status = fleet.api("/api/v1/strains?limit=1", own.access_token().secret())?;
        check(status == 200, "oauth2: client credentials open the catalogue")?;
    }
    Ok(())
}

fn with_openidconnect(fleet: &Fleet, kind: &str) -> Done {
    let http = |request: openidconnect::HttpRequest| fleet.send(request);
    let (id, secret) = fleet.register(kind)?;
    let metadata = CoreProviderMetadata::discover(&IssuerUrl::new(ISSUER.to_owned())?, &http)?;
    let client = CoreClient::from_provider_metadata(metadata, ClientId::new(id), secret.map(ClientSecret::new))
        .set_redirect_uri(RedirectUrl::new(BACK.to_owned())?);
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let wishes = SCOPES.iter().filter(|scope| **scope != "openid").map(|scope| Scope::new((*scope).to_owned()));
    let (url, state, nonce) = client
        .authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random)
        .add_scopes(wishes)
        .set_pkce_challenge(challenge)
        .url();
    let back = fleet.agree(url.as_str())?;
    check(back.get("state") == Some(state.secret()), &format!("openidconnect, {kind}: discovery, and the state"))?;
    let code = AuthorizationCode::new(back["code"].clone());
    let tokens = client.exchange_code(code)?.set_pkce_verifier(verifier).request(&http)?;
    let id_token = tokens.extra_fields().id_token().ok_or("no ID token")?;
    let claims = id_token.claims(&client.id_token_verifier(), &nonce)?;
    let subject = claims.subject().clone();
    check(subject.len() == 36, &format!("openidconnect, {kind}: code with PKCE, ID token verified"))?;
    let info: CoreUserInfoClaims =
        client.user_info(tokens.access_token().clone(), Some(subject))?.request(&http)?;
    check(info.email_verified() == Some(false), &format!("openidconnect, {kind}: userinfo"))?;
    let refresh = tokens.refresh_token().ok_or("no refresh token")?;
    let fresh = client.exchange_refresh_token(refresh)?.request(&http)?;
    let status = fleet.api("/api/v1/stash", fresh.access_token().secret())?;
    check(status == 200, &format!("openidconnect, {kind}: refreshed, and the API"))
}

fn main() -> Done {
    let fleet = Fleet::read()?;
    for kind in ["confidential", "public"] {
        with_oauth2(&fleet, kind)?;
        with_openidconnect(&fleet, kind)?;
    }
    Ok(())
}
