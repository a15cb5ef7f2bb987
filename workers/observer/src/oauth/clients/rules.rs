//! What a program may be registered as: purely.

use sesh_types::access::ApiScope;
use sesh_types::contract::clients::{ClientKind, GrantType};
use sesh_types::rules::{Issue, Issues};

const MOST_URIS: usize = 20;
const MOST_URI_BYTES: usize = 1_000;

/// What is registered, new or as edited.
pub struct Registration<'a> {
    /// The name.
    pub name: &'a str,
    /// Whether it keeps a secret.
    pub kind: ClientKind,
    /// Where people are sent back to.
    pub redirect_uris: &'a [String],
    /// How it gets tokens.
    pub grant_types: &'a [GrantType],
    /// What it may ask for.
    pub scopes: &'a [ApiScope],
}

/// Checks a registration.
///
/// # Errors
/// Every field that breaks a rule.
pub fn check(new: &Registration<'_>) -> Result<(), Vec<Issue>> {
    let mut issues = Issues::default();
    issues.text(new.name, "name", 1, 80);
    issues.require(
        !new.name.chars().any(char::is_control),
        "name",
        "control_character",
        "must be on one line",
    );
    check_uris(new.redirect_uris, &mut issues);
    let has = |grant| new.grant_types.contains(&grant);
    let code = has(GrantType::AuthorizationCode);
    issues.require(!new.grant_types.is_empty(), "grant_types", "too_few", "must name at least one");
    let alone = !has(GrantType::RefreshToken) || code;
    issues.require(
        alone,
        "grant_types",
        "refresh_alone",
        "must hold authorization_code beside refresh_token",
    );
    let secret = !has(GrantType::ClientCredentials) || new.kind == ClientKind::Confidential;
    issues.require(secret, "grant_types", "needs_secret", "client_credentials is for confidential programs");
    let back = !code || !new.redirect_uris.is_empty();
    issues.require(back, "redirect_uris", "too_few", "must hold one for authorization_code");
    issues.require(!new.scopes.is_empty(), "scopes", "too_few", "must name at least one");
    let theirs = new.scopes.iter().all(|scope| scope.is_for_programs());
    issues.require(theirs, "scopes", "not_for_programs", "must not manage tenants: that is for keys");
    issues.done()
}

fn check_uris(uris: &[String], issues: &mut Issues) {
    let few = uris.len() <= MOST_URIS;
    issues.require(few, "redirect_uris", "too_many", format!("must be at most {MOST_URIS}"));
    for (place, uri) in uris.iter().enumerate().take(MOST_URIS) {
        let message =
            "must be https://…, or http://127.0.0.1/… or http://[::1]/…, without fragment, user or blank";
        issues.require(is_redirect_uri(uri), format!("redirect_uris[{place}]"), "malformed", message);
    }
}

/// A URI cut where it matters here.
struct Parts<'a> {
    scheme: &'a str,
    host: &'a str,
    port: &'a str,
    rest: &'a str,
}

/// Cuts a URI; nothing when it has not the form of one that people may be sent to.
fn cut(uri: &str) -> Option<Parts<'_>> {
    // No browser reads a backslash, a quote or a control character as it stands.
    let sound =
        |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'\\' | b'"' | b'<' | b'>' | b'#' | b'`');
    if uri.len() > MOST_URI_BYTES || !uri.bytes().all(sound) {
        return None;
    }
    let (scheme, after) = uri.split_once("://")?;
    let end = after.find(['/', '?']).unwrap_or(after.len());
    let (authority, rest) = after.split_at_checked(end)?;
    let bracket = authority.strip_prefix('[').and_then(|inner| inner.find(']')).map(|at| at + 2);
    let (host, port) = match bracket {
        Some(end) => authority.split_at_checked(end)?,
        None => authority.split_at_checked(authority.find(':').unwrap_or(authority.len()))?,
    };
    let port = match port.strip_prefix(':') {
        Some(digits) if (1..=5).contains(&digits.len()) => digits,
        None if port.is_empty() => "",
        _ => return None,
    };
    port.bytes().all(|byte| byte.is_ascii_digit()).then_some(Parts { scheme, host, port, rest })
}

fn is_loopback(parts: &Parts<'_>) -> bool {
    parts.scheme == "http" && matches!(parts.host, "127.0.0.1" | "[::1]")
}

/// Whether people may be sent back there: `https`, or a loopback address (RFC 8252, section 7.3).
pub fn is_redirect_uri(uri: &str) -> bool {
    let Some(parts) = cut(uri) else { return false };
    let label = |label: &str| {
        let inside =
            label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        inside && !label.is_empty() && !label.starts_with('-') && !label.ends_with('-')
    };
    let https = parts.scheme == "https" && parts.host.len() <= 253 && parts.host.split('.').all(label);
    https || is_loopback(&parts)
}

/// Whether an asked-for URI is the registered one: letter by letter, but for the port of a loopback address, which
/// programs do not know beforehand.
pub fn fits(registered: &str, asked: &str) -> bool {
    if registered == asked {
        return true;
    }
    match (cut(registered), cut(asked)) {
        (Some(known), Some(asked)) => {
            is_loopback(&known) && is_loopback(&asked) && known.host == asked.host && known.rest == asked.rest
        }
        _ => false,
    }
}

/// Whether nobody but the program gets what is sent there: a loopback address is whoever listens (RFC 8252, section 8.6).
pub fn is_certain(uri: &str) -> bool {
    cut(uri).is_some_and(|parts| parts.scheme == "https")
}

/// The origin of a redirect URI, as a content security policy names it.
pub fn origin(uri: &str) -> String {
    let colon = |port: &str| if port.is_empty() { String::new() } else { format!(":{port}") };
    cut(uri).map_or_else(String::new, |Parts { scheme, host, port, .. }| {
        format!("{scheme}://{host}{}", colon(port))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_people_may_be_sent() {
        for good in [
            "https://app.example/cb",
            "https://app.example",
            "https://app.example:8443/cb?x=1",
            "http://127.0.0.1/cb",
            "http://127.0.0.1:8080/cb",
            "http://[::1]/cb",
        ] {
            assert!(is_redirect_uri(good), "{good}");
        }
        for bad in [
            "",
            "app.example/cb",
            "http://app.example/cb",
            "http://localhost/cb",
            "https://",
            "https:///cb",
            "https://app.example/cb#x",
            "https://ada@app.example/cb",
            "https://ada:x@app.example/cb",
            "https://*.example/cb",
            "https://App.example/cb",
            "https://app.example\\@evil.example/cb",
            "https://app.example:/cb",
            "https://app.example:99999999/cb",
            "https://app.example/c b",
            "https://app.example/\u{e4}",
            "https://-app.example/cb",
            "https://app..example/cb",
            "javascript://app.example/%0aalert(1)",
            "com.example.app:/cb",
            "http://127.0.0.1.evil.example/cb",
            "http://127.0.0.1@evil.example/cb",
            "http://[::1/cb",
        ] {
            assert!(!is_redirect_uri(bad), "{bad}");
        }
        assert!(!is_redirect_uri(&format!("https://app.example/{}", "a".repeat(1_000))));
    }

    #[test]
    fn a_redirect_uri_fits_letter_by_letter_but_for_a_loopback_port() {
        let registered = "https://app.example/cb";
        for other in [
            "https://app.example/cb/",
            "https://app.example/cb?x",
            "https://app.example/CB",
            "https://app.example:443/cb",
            "https://app.example/%63b",
            "https://app.example/cb/../evil",
            "https://app.example.evil.example/cb",
            "https://evil.example/cb",
            "http://app.example/cb",
        ] {
            assert!(!fits(registered, other), "{other}");
        }
        assert!(fits(registered, registered));
        let native = "http://127.0.0.1/cb";
        assert!(
            fits(native, "http://127.0.0.1:49152/cb")
                && fits("http://127.0.0.1:1/cb", "http://127.0.0.1:2/cb")
        );
        for other in [
            "http://127.0.0.1:49152/other",
            "http://[::1]:49152/cb",
            "http://localhost:49152/cb",
            "https://127.0.0.1:49152/cb",
            "http://127.0.0.1:49152@evil.example/cb",
            "http://127.0.0.1:x/cb",
        ] {
            assert!(!fits(native, other), "{other}");
        }
        assert!(is_certain(registered) && !is_certain(native));
        assert_eq!(origin("https://app.example:8443/cb?x"), "https://app.example:8443");
        assert_eq!(origin("http://[::1]:5/cb"), "http://[::1]:5");
    }

    #[test]
    fn every_broken_rule_is_named() {
        let uris = vec!["http://app.example/cb".to_owned()];
        let wrong = Registration {
            name: "",
            kind: ClientKind::Public,
            redirect_uris: &uris,
            grant_types: &[GrantType::ClientCredentials, GrantType::RefreshToken],
            scopes: &[ApiScope::TenantManage],
        };
        let issues = check(&wrong).unwrap_err();
        let fields: Vec<&str> = issues.iter().map(|issue| issue.field.as_str()).collect();
        assert_eq!(fields, ["name", "redirect_uris[0]", "grant_types", "grant_types", "scopes"]);
        let bare = Registration {
            name: "A",
            kind: ClientKind::Confidential,
            redirect_uris: &[],
            grant_types: &[GrantType::AuthorizationCode],
            scopes: &[],
        };
        let fields: Vec<String> = check(&bare).unwrap_err().into_iter().map(|issue| issue.field).collect();
        assert_eq!(fields, ["redirect_uris", "scopes"]);
    }
}
