//! With whom one may sign in: the secret `IDENTITY_PROVIDERS`, a JSON array; nobody when it is not set.

use sesh_edge::config::Environment;
use sesh_edge::io::{Outside, origin_of};
use sesh_edge::secret::Secret;
use sesh_types::contract::identities::ProviderName;

const VARIABLE: &str = "IDENTITY_PROVIDERS";

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: ProviderName,
    issuer: String,
    client_id: String,
    #[serde(default)]
    client_secret: Option<Secret>,
    /// Further origins that its endpoints may be at; its issuer's own goes without saying.
    #[serde(default)]
    origins: Vec<String>,
}

/// A provider as it is configured.
#[derive(Clone, Debug)]
pub struct Config {
    /// What it is called here.
    pub name: ProviderName,
    /// Its issuer identifier, compared as it stands.
    pub issuer: String,
    /// What we are called there.
    pub client_id: String,
    /// By which it knows us; nothing for a client that keeps no secret.
    pub client_secret: Option<Secret>,
    /// Where it leads back to. Each provider has its own, so that one cannot answer in another's place.
    pub redirect_uri: String,
    /// Where its endpoints may be.
    pub outside: Outside,
}

/// Reads the configuration.
///
/// # Errors
/// What is wrong with it, without its values.
pub fn read(environment: &dyn Environment) -> Result<Vec<Config>, String> {
    let text = environment.text(VARIABLE).unwrap_or_default();
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    let local = environment.text("ENVIRONMENT").is_some_and(|name| name == "dev");
    let app_url = environment.text("APP_URL").unwrap_or_default();
    let app_url = app_url.trim_end_matches('/');
    let malformed = |what: &str| format!("{VARIABLE} is malformed: {what}");
    let entries: Vec<Entry> = serde_json::from_str(&text).map_err(|error| {
        // serde's own words could quote a secret.
        malformed(&format!("expected a JSON array of providers, but see line {}", error.line()))
    })?;
    let mut found: Vec<Config> = Vec::new();
    for (place, Entry { name, issuer, client_id, client_secret, origins }) in entries.into_iter().enumerate()
    {
        let of = |what: &str| malformed(&format!("provider {} {what}", place + 1));
        let own = origin_of(&issuer, local).ok_or_else(|| of("has an issuer that is no https address"))?;
        if issuer.contains('?') || client_id.is_empty() {
            return Err(of("needs a client_id, and an issuer without a query"));
        }
        if found.iter().any(|other| other.name == name || other.issuer == issuer) {
            return Err(of("has the name or the issuer of another"));
        }
        let mut allowed = vec![own];
        for origin in origins {
            allowed.push(origin_of(&origin, local).ok_or_else(|| of("has an origin that is not https"))?);
        }
        let redirect_uri = format!("{app_url}/auth/providers/{name}");
        let outside = Outside::new(allowed);
        found.push(Config { name, issuer, client_id, client_secret, redirect_uri, outside });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sesh_edge::native::Vars;

    fn read(environment: &str, text: &str) -> Result<Vec<Config>, String> {
        let texts = [("ENVIRONMENT", environment), (VARIABLE, text), ("APP_URL", "https://app.example/")];
        let texts = texts.map(|(name, text)| (name.to_owned(), text.to_owned()));
        super::read(&Vars { texts: texts.into_iter().collect(), ..Vars::default() })
    }

    #[test]
    fn none_is_configured_unless_told() {
        assert!(read("production", "").unwrap().is_empty() && read("production", "[]").unwrap().is_empty());
    }

    #[test]
    fn a_provider_may_be_called_at_its_issuers_origin_and_those_that_are_named() {
        let text = r#"[{"name":"a","issuer":"https://id.example/x","client_id":"c","client_secret":"hush",
                        "origins":["https://keys.example"]}]"#;
        let [config] = &read("production", text).unwrap()[..] else { panic!("one") };
        assert_eq!(config.redirect_uri, "https://app.example/auth/providers/a");
        assert!(
            config.outside.allows("https://id.example/token")
                && config.outside.allows("https://keys.example/")
        );
        assert!(!config.outside.allows("https://other.example/"));
        assert!(!format!("{config:?}").contains("hush"));
    }

    #[test]
    fn what_is_malformed_is_named_without_its_values() {
        let local = r#"[{"name":"a","issuer":"http://127.0.0.1:9","client_id":"c"}]"#;
        assert!(
            read("dev", local).is_ok() && read("production", local).is_err(),
            "http on this machine alone"
        );
        for bad in [
            "hush",
            r#"[{"name":"A hush","issuer":"https://x.example","client_id":"c"}]"#,
            r#"[{"name":"a","issuer":"hush","client_id":"c"}]"#,
            r#"[{"name":"a","issuer":"https://x.example?hush","client_id":"c"}]"#,
            r#"[{"name":"a","issuer":"https://x.example","client_id":""}]"#,
            r#"[{"name":"a","issuer":"https://x.example","client_id":"c","hush":1}]"#,
            r#"[{"name":"a","issuer":"https://x.example","client_id":"c","origins":["http://hush"]}]"#,
            r#"[{"name":"a","issuer":"https://x.example","client_id":"c"},{"name":"a","issuer":"https://y.example","client_id":"c"}]"#,
        ] {
            let fault = read("dev", bad).unwrap_err();
            assert!(
                fault.starts_with("IDENTITY_PROVIDERS is malformed") && !fault.contains("hush"),
                "{fault}"
            );
        }
    }
}
