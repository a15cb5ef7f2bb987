//! What programs find out by themselves: RFC 8414, and `OpenID` Connect Discovery.

use crate::keys::Keyring;
use axum::extract::State;
use serde_json::{Value, json};
use sesh_edge::http::{Anonymous, Failure, Raw};
use sesh_edge::io::Io;
use sesh_types::access::ApiScope;
use std::sync::Arc;

/// The metadata, at both of its addresses.
pub async fn show(_: Anonymous, State(keys): State<Arc<Keyring>>, _: Io) -> Result<Raw, Failure> {
    let body = serde_json::to_vec(&metadata(&keys.issuer)).map_err(Failure::internal)?.into();
    Ok(Raw { status: 200, content_type: "application/json", cache_control: "public, max-age=300", body })
}

fn metadata(issuer: &str) -> Value {
    let at = |path: &str| format!("{issuer}{path}");
    let scopes: Vec<&str> =
        ApiScope::ALL.iter().filter(|scope| scope.is_for_programs()).map(|scope| scope.as_str()).collect();
    json!({
        "issuer": issuer,
        "authorization_endpoint": at("/oauth/authorize"),
        "token_endpoint": at("/oauth/token"),
        "revocation_endpoint": at("/oauth/revoke"),
        "introspection_endpoint": at("/oauth/introspect"),
        "userinfo_endpoint": at("/oauth/userinfo"),
        "jwks_uri": at("/oauth/jwks"),
        "scopes_supported": scopes,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "revocation_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "introspection_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "authorization_response_iss_parameter_supported": true,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA"],
        "claims_supported": ["sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "name", "zoneinfo", "email", "email_verified"],
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "claims_parameter_supported": false,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
    })
}
