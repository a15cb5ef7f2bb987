//! From a code to what the provider says (`OpenID` Connect Core 1.0, sections 3.1.3 and 5.3).

use super::browser::Browser;
use super::config::Config;
use super::id_token::{self, Profile};
use super::provider::{Metadata, Providers, down};
use crate::keys::Keyring;
use serde::Deserialize;
use sesh_edge::http::Failure;
use sesh_edge::io::{FetchCall, Io};
use sesh_edge::secret::{Secret, base64};
use sesh_types::contract::identities::Complete;

/// Whom the provider says it is.
#[derive(Debug)]
pub struct Said {
    /// As the provider names them.
    pub subject: String,
    /// What else it says of them.
    pub profile: Profile,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
    #[serde(default)]
    access_token: Option<Secret>,
}

#[derive(Deserialize)]
struct UserInfo {
    sub: String,
    #[serde(flatten)]
    profile: Profile,
}

/// Percent-encodes for a form or a query.
pub fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push_str(&sesh_edge::secret::hex(&[byte]).to_uppercase());
        }
    }
    out
}

/// Name and value pairs as a form or a query has them.
pub fn form(pairs: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    pairs.join("&")
}

/// Asks the provider what a code stands for. The inner error is a word for the audit log: what it says does not count.
///
/// # Errors
/// 503 when it cannot be asked.
pub async fn ask(
    (providers, config): (&Providers, &Config),
    keys: &Keyring,
    io: &Io,
    browser: &Browser,
    given: &Complete,
) -> Result<Result<Said, &'static str>, Failure> {
    let metadata = providers.metadata(config, io).await?;
    match &given.iss {
        Some(issuer) if *issuer != config.issuer => return Ok(Err("issuer")),
        None if metadata.names_issuer => return Ok(Err("issuer")),
        _ => {}
    }
    let gone = || Failure::internal("the key of a browser is gone");
    let verifier = browser.verifier(keys).ok_or_else(gone)?;
    let call = token_call(config, &metadata, &given.code.0, &verifier)
        .ok_or_else(|| down(config, "its token endpoint is not listed"))?;
    let fetched = io.fetch(call).await.map_err(|cause| down(config, &cause))?;
    let tokens: Tokens = match fetched.status {
        200 => match serde_json::from_str(&fetched.body) {
            Ok(tokens) => tokens,
            Err(_) => return Ok(Err("token")),
        },
        // The code is unknown, was used, or is of another client, browser or page (RFC 6749, section 5.2).
        400 => return Ok(Err("code")),
        status => return Err(down(config, &format!("its token endpoint answers {status}"))),
    };
    let Some(presented) = id_token::read(&tokens.id_token) else { return Ok(Err("token")) };
    let Some((algorithm, key)) = providers.key(config, &presented.head, io).await? else {
        return Ok(Err("key"));
    };
    let Some(signed) = presented.signed(algorithm, &key) else { return Ok(Err("key")) };
    if !io.verify(signed).await.map_err(Failure::unavailable)? {
        return Ok(Err("signature"));
    }
    let Some(claims) = presented.claims() else { return Ok(Err("token")) };
    let nonce = browser.nonce(keys).ok_or_else(gone)?;
    if let Err(word) = claims.check(config, &nonce, io.now()) {
        return Ok(Err(word));
    }
    let (subject, mut profile) = (claims.sub, claims.profile);
    if profile.email.is_none() {
        let info = match user_info(config, &metadata, tokens.access_token.as_ref(), io).await? {
            Ok(info) => info,
            Err(word) => return Ok(Err(word)),
        };
        if let Some(info) = info {
            if info.sub != subject {
                return Ok(Err("userinfo"));
            }
            let name = profile.name.take();
            profile = info.profile;
            profile.name = profile.name.or(name);
        }
    }
    Ok(Ok(Said { subject, profile }))
}

/// RFC 6749, sections 2.3.1 and 4.1.3; RFC 7636, section 4.5.
fn token_call(config: &Config, metadata: &Metadata, code: &str, verifier: &str) -> Option<FetchCall> {
    let mut pairs = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", config.redirect_uri.as_str()),
        ("code_verifier", verifier),
    ];
    let mut headers = vec![("accept", "application/json".to_owned())];
    let methods = metadata.token_endpoint_auth_methods_supported.as_deref();
    let basic = methods.is_none_or(|methods| methods.iter().any(|method| method == "client_secret_basic"));
    match &config.client_secret {
        Some(secret) if basic => {
            let both = format!("{}:{}", encoded(&config.client_id), encoded(secret.expose()));
            headers.push(("authorization", format!("Basic {}", base64(both.as_bytes()))));
        }
        Some(secret) => {
            pairs.extend([("client_id", config.client_id.as_str()), ("client_secret", secret.expose())]);
        }
        None => pairs.push(("client_id", &config.client_id)),
    }
    config.outside.post_form(&metadata.token_endpoint, headers, form(&pairs))
}

async fn user_info(
    config: &Config,
    metadata: &Metadata,
    access_token: Option<&Secret>,
    io: &Io,
) -> Result<Result<Option<UserInfo>, &'static str>, Failure> {
    let (Some(url), Some(token)) = (&metadata.userinfo_endpoint, access_token) else { return Ok(Ok(None)) };
    let headers = vec![
        ("accept", "application/json".to_owned()),
        ("authorization", format!("Bearer {}", token.expose())),
    ];
    let call = config
        .outside
        .get(url, headers)
        .ok_or_else(|| down(config, "its userinfo endpoint is not listed"))?;
    let fetched = io.fetch(call).await.map_err(|cause| down(config, &cause))?;
    // It has ended the token meanwhile, as when somebody brings the code a second time.
    if fetched.status == 401 {
        return Ok(Err("userinfo"));
    }
    if fetched.status != 200 {
        return Err(down(config, &format!("its userinfo endpoint answers {}", fetched.status)));
    }
    serde_json::from_str(&fetched.body)
        .map(|info| Ok(Some(info)))
        .map_err(|error| down(config, &format!("userinfo: {error}")))
}
