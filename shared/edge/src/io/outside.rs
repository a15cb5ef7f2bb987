//! Hosts outside the fleet: which of them a Worker may call, and a call to one.

use http::Uri;
use serde::{Deserialize, Serialize};

/// The origins outside the fleet that a Worker may call, from its configuration. There is no other way to a
/// [`FetchCall`], so nothing that somebody sends decides where a request goes.
#[derive(Clone, Debug, Default)]
pub struct Outside(Vec<String>);

/// A call to an origin that is allowed.
#[derive(Clone, Debug, Serialize)]
pub struct FetchCall {
    method: &'static str,
    /// Where it goes; whoever performs the call compares it with what they read in `url`.
    origin: String,
    url: String,
    headers: Vec<(&'static str, String)>,
    body: Option<String>,
}

/// What somebody outside answered; never a redirection, which is not followed.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Fetched {
    /// The HTTP status.
    pub status: u16,
    /// The body as text, 256 KiB at most.
    pub body: String,
}

/// The origin of an address that may be called at all: https, or http on this machine where that is `local`.
pub fn origin_of(url: &str, local: bool) -> Option<String> {
    let uri: Uri = url.parse().ok()?;
    let authority = uri.authority()?;
    let plain = !authority.as_str().contains('@') && !url.contains(['#', '\\']);
    let here = local && matches!(authority.host(), "127.0.0.1" | "localhost" | "[::1]");
    let scheme = uri.scheme_str()?;
    (plain && (scheme == "https" || (scheme == "http" && here)))
        .then(|| format!("{scheme}://{}", authority.as_str().to_ascii_lowercase()))
}

impl Outside {
    /// These origins, and no other.
    pub fn new(origins: Vec<String>) -> Self {
        Self(origins)
    }

    /// Whether an address is of one of them.
    pub fn allows(&self, url: &str) -> bool {
        self.origin(url).is_some()
    }

    /// A `GET`; nothing when the address is none that may be called.
    pub fn get(&self, url: &str, headers: Vec<(&'static str, String)>) -> Option<FetchCall> {
        let origin = self.origin(url)?;
        Some(FetchCall { method: "GET", origin, url: url.to_owned(), headers, body: None })
    }

    /// A `POST` of a form; nothing when the address is none that may be called.
    pub fn post_form(
        &self,
        url: &str,
        mut headers: Vec<(&'static str, String)>,
        form: String,
    ) -> Option<FetchCall> {
        headers.push(("content-type", "application/x-www-form-urlencoded".to_owned()));
        let origin = self.origin(url)?;
        Some(FetchCall { method: "POST", origin, url: url.to_owned(), headers, body: Some(form) })
    }

    fn origin(&self, url: &str) -> Option<String> {
        origin_of(url, true).filter(|origin| self.0.contains(origin))
    }
}

impl FetchCall {
    /// The verb.
    pub const fn method(&self) -> &'static str {
        self.method
    }

    /// The whole address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// The form that is posted.
    pub fn body(&self) -> Option<&str> {
        self.body.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_https_or_this_machine_while_developing() {
        assert_eq!(origin_of("https://ID.example/a?b", false).as_deref(), Some("https://id.example"));
        assert_eq!(origin_of("http://127.0.0.1:9/x", true).as_deref(), Some("http://127.0.0.1:9"));
        for bad in [
            "http://127.0.0.1:9/x",
            "http://id.example",
            "ftp://id.example",
            "//id.example",
            "/a",
            "",
            "https://u@id.example",
            "https://id.example#x",
            "https://id.example\\@evil.example",
            "javascript:alert(1)",
        ] {
            assert_eq!(origin_of(bad, false), None, "{bad}");
        }
        assert_eq!(origin_of("http://10.0.0.1", true), None, "a neighbour is not this machine");
    }

    #[test]
    fn only_origins_that_are_listed_are_called() {
        let outside = Outside::new(vec!["https://id.example".into(), "https://id.example:8443".into()]);
        assert!(outside.get("https://id.example/token", Vec::new()).is_some());
        assert!(outside.post_form("https://id.example:8443/token", Vec::new(), String::new()).is_some());
        for bad in [
            "https://evil.example",
            "https://id.example.evil.example",
            "http://id.example",
            "https://id.example:444",
        ] {
            assert!(outside.get(bad, Vec::new()).is_none(), "{bad}");
        }
    }
}
