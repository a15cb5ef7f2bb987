//! What a provider publishes (`OpenID` Connect Discovery 1.0, RFC 7517): fetched when it is needed and kept by the isolate.

use super::config::{self, Config};
use super::id_token::{Algorithm, Head, Jwk, Jwks};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sesh_edge::config::{ConfigError, Environment};
use sesh_edge::http::{Failure, Refusal};
use sesh_edge::io::Io;
use sesh_types::contract::identities::ProviderName;
use sesh_types::envelope::ErrorCode;
use sesh_types::time::{MINUTE_MS, SECOND_MS, Timestamp};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How long what was fetched is used before it is fetched again.
const FRESH_MS: i64 = 10 * MINUTE_MS;
/// The least time between two fetches of keys that an unknown key id may cause.
const RETRY_MS: i64 = 10 * SECOND_MS;

/// What a provider says of itself, as far as it is needed.
#[derive(Clone, Debug, Deserialize)]
pub struct Metadata {
    issuer: String,
    /// Where browsers are sent.
    pub authorization_endpoint: String,
    /// Where codes become tokens.
    pub token_endpoint: String,
    jwks_uri: String,
    /// Where the e-mail address is, when the ID token does not hold it.
    #[serde(default)]
    pub userinfo_endpoint: Option<String>,
    /// How we may show who we are; `client_secret_basic` when it does not say.
    #[serde(default)]
    pub token_endpoint_auth_methods_supported: Option<Vec<String>>,
    /// Whether answers name their issuer (RFC 9207).
    #[serde(default, rename = "authorization_response_iss_parameter_supported")]
    pub names_issuer: bool,
}

type Kept<T> = Mutex<HashMap<ProviderName, (Arc<T>, Timestamp)>>;

/// The providers, and what the isolate knows of them.
#[derive(Default)]
pub struct Providers {
    configured: Vec<Config>,
    metadata: Kept<Metadata>,
    keys: Kept<Jwks>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Providers {
    /// Those of the environment.
    ///
    /// # Errors
    /// What is malformed, without its value.
    pub fn read(environment: &dyn Environment) -> Result<Self, ConfigError> {
        let configured = config::read(environment).map_err(|fault| ConfigError(vec![fault]))?;
        Ok(Self { configured, ..Self::default() })
    }

    /// Their names.
    pub fn names(&self) -> Vec<ProviderName> {
        self.configured.iter().map(|config| config.name.clone()).collect()
    }

    /// One of them.
    ///
    /// # Errors
    /// 404.
    pub fn named(&self, name: &ProviderName) -> Result<&Config, Failure> {
        let found = self.configured.iter().find(|config| config.name == *name);
        found.ok_or_else(|| Failure::not_found("provider"))
    }

    /// What a provider says of itself.
    ///
    /// # Errors
    /// 503 when it does not say, or what it says is not of this issuer or leads elsewhere.
    pub async fn metadata(&self, config: &Config, io: &Io) -> Result<Arc<Metadata>, Failure> {
        if let Some(known) = recent(&self.metadata, config, io.now(), FRESH_MS) {
            return Ok(known);
        }
        let url = format!("{}/.well-known/openid-configuration", config.issuer.trim_end_matches('/'));
        let metadata: Metadata = fetch(config, io, &url).await?;
        let endpoints = [&metadata.authorization_endpoint, &metadata.token_endpoint, &metadata.jwks_uri];
        let all_allowed =
            endpoints.into_iter().chain(&metadata.userinfo_endpoint).all(|url| config.outside.allows(url));
        if metadata.issuer != config.issuer || !all_allowed {
            return Err(down(
                config,
                "its metadata is of another issuer, or leads to an origin that is not listed",
            ));
        }
        Ok(keep(&self.metadata, config, metadata, io.now()))
    }

    /// The one key that a token's head means; fetched anew when it is not among those that are known.
    ///
    /// # Errors
    /// 503 when the keys cannot be had.
    pub async fn key(
        &self,
        config: &Config,
        head: &Head,
        io: &Io,
    ) -> Result<Option<(Algorithm, Jwk)>, Failure> {
        if let Some(known) = recent(&self.keys, config, io.now(), FRESH_MS) {
            let found = known.key_of(head);
            if found.is_some() || recent(&self.keys, config, io.now(), RETRY_MS).is_some() {
                return Ok(found);
            }
        }
        let metadata = self.metadata(config, io).await?;
        let keys: Jwks = fetch(config, io, &metadata.jwks_uri).await?;
        Ok(keep(&self.keys, config, keys, io.now()).key_of(head))
    }
}

fn recent<T>(kept: &Kept<T>, config: &Config, now: Timestamp, within_ms: i64) -> Option<Arc<T>> {
    let kept = lock(kept);
    let (known, fetched) = kept.get(&config.name)?;
    (now.0 - fetched.0 < within_ms).then(|| known.clone())
}

fn keep<T>(kept: &Kept<T>, config: &Config, found: T, now: Timestamp) -> Arc<T> {
    let found = Arc::new(found);
    lock(kept).insert(config.name.clone(), (found.clone(), now));
    found
}

async fn fetch<T: DeserializeOwned>(config: &Config, io: &Io, url: &str) -> Result<T, Failure> {
    let call = config.outside.get(url, vec![("accept", "application/json".to_owned())]);
    let call = call.ok_or_else(|| down(config, "an address is not at an origin that is listed"))?;
    let fetched = io.fetch(call).await.map_err(|cause| down(config, &cause))?;
    if fetched.status != 200 {
        return Err(down(config, &format!("{url} answers {}", fetched.status)));
    }
    serde_json::from_str(&fetched.body).map_err(|error| down(config, &format!("{url}: {error}")))
}

/// A provider that cannot be asked: 503, and the cause in the log.
pub fn down(config: &Config, cause: &str) -> Failure {
    Failure::unavailable(format!("provider {}: {cause}", config.name))
}

/// The one answer to whatever a provider's answer lacks.
pub fn not_accepted() -> Refusal {
    let message = "The provider's answer is not accepted. Begin anew, in the same browser.";
    Refusal::new(ErrorCode::InvalidCredentials, message)
}
