//! Which server, and the key to it: flags, else the environment, else the local fleet that is running.

use serde::Deserialize;
use std::fmt::{self, Debug, Formatter};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use thiserror::Error;
use ureq::http::Uri;

/// The address, when no flag gives it.
pub const URL_VARIABLE: &str = "SESH_ADMIN_URL";
/// The key, when no flag gives it.
pub const KEY_VARIABLE: &str = "SESH_ADMIN_KEY";
const FLEET_FILE: &str = ".dev/fleet.json";

/// Why there is no server to talk to. All are for the operator to mend.
#[derive(Debug, Error)]
pub enum TargetError {
    /// Nothing says where.
    #[error("no server: pass --url, set {URL_VARIABLE}, or start the fleet with scripts/dev")]
    NoUrl,
    /// Nothing says with which key.
    #[error("no key for {0}: set {KEY_VARIABLE} or pass --key @FILE")]
    NoKey(String),
    /// The address is none.
    #[error("{0:?} is no address such as https://admin.example.org")]
    BadUrl(String),
    /// The key would travel in the open.
    #[error("{0} is not encrypted: the key is sent over http to this machine only; use https")]
    Insecure(String),
    /// The key holds what no header can.
    #[error("the key is empty or holds characters that no key has")]
    BadKey,
    /// The file that should hold the key, or the fleet's, cannot be read.
    #[error("cannot read {path}: {cause}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        cause: String,
    },
}

/// The admin key. It never shows itself.
#[derive(Clone, PartialEq, Eq)]
pub struct AdminKey(String);

impl AdminKey {
    /// A key as typed or read; surrounding blanks go.
    ///
    /// # Errors
    /// [`TargetError::BadKey`].
    pub fn new(text: &str) -> Result<Self, TargetError> {
        let key = text.trim();
        let legal = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_graphic());
        legal.then(|| Self(key.to_owned())).ok_or(TargetError::BadKey)
    }

    /// The value of the `Authorization` header.
    pub fn bearer(&self) -> String {
        format!("Bearer {}", self.0)
    }
}

impl Debug for AdminKey {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("AdminKey(…)")
    }
}

/// A server and the key to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Without a slash at the end.
    pub url: String,
    /// The key.
    pub key: AdminKey,
}

/// Where the answers may come from, so that tests decide them.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// `--url`.
    pub url_flag: Option<String>,
    /// `--key`.
    pub key_flag: Option<String>,
    /// [`URL_VARIABLE`].
    pub url_variable: Option<String>,
    /// [`KEY_VARIABLE`].
    pub key_variable: Option<String>,
    /// Where to begin looking for the local fleet, upwards.
    pub directory: PathBuf,
}

#[derive(Deserialize)]
struct Fleet {
    admin: String,
    admin_key: String,
}

/// The server that the flags name, else the environment, else the local fleet that is running.
///
/// # Errors
/// See [`TargetError`].
pub fn of(url_flag: Option<String>, key_flag: Option<String>) -> Result<Target, TargetError> {
    let literal = key_flag.as_ref().is_some_and(|key| !key.starts_with('@'));
    if literal {
        // Advice only; a closed stderr is no reason to stop.
        let _ = writeln!(
            std::io::stderr(),
            "sesh: other users can see this key; prefer {KEY_VARIABLE} or --key @FILE"
        );
    }
    resolve(&Sources {
        url_flag,
        key_flag,
        url_variable: std::env::var(URL_VARIABLE).ok(),
        key_variable: std::env::var(KEY_VARIABLE).ok(),
        directory: std::env::current_dir().unwrap_or_default(),
    })
}

/// Decides the server. The local fleet's key is used for the local fleet only.
///
/// # Errors
/// See [`TargetError`].
pub fn resolve(sources: &Sources) -> Result<Target, TargetError> {
    let given = sources.url_flag.clone().or_else(|| filled(sources.url_variable.as_ref()));
    let key = match (&sources.key_flag, filled(sources.key_variable.as_ref())) {
        (Some(flag), _) => Some(key_of_flag(flag)?),
        (None, Some(variable)) => Some(AdminKey::new(&variable)?),
        (None, None) => None,
    };
    if let (Some(url), Some(key)) = (&given, &key) {
        return Ok(Target { url: checked(url)?, key: key.clone() });
    }
    let fleet = fleet(&sources.directory)?;
    let url = given.or_else(|| fleet.as_ref().map(|fleet| fleet.admin.clone())).ok_or(TargetError::NoUrl)?;
    let url = checked(&url)?;
    let own = fleet.filter(|fleet| fleet.admin.trim_end_matches('/') == url);
    let key = match (key, own) {
        (Some(key), _) => key,
        (None, Some(own)) => AdminKey::new(&own.admin_key)?,
        (None, None) => return Err(TargetError::NoKey(url)),
    };
    Ok(Target { url, key })
}

fn filled(variable: Option<&String>) -> Option<String> {
    variable.filter(|value| !value.trim().is_empty()).cloned()
}

fn key_of_flag(flag: &str) -> Result<AdminKey, TargetError> {
    match flag.strip_prefix('@') {
        Some(path) => AdminKey::new(&read(Path::new(path))?),
        None => AdminKey::new(flag),
    }
}

fn fleet(from: &Path) -> Result<Option<Fleet>, TargetError> {
    let Some(path) = from.ancestors().map(|folder| folder.join(FLEET_FILE)).find(|path| path.is_file())
    else {
        return Ok(None);
    };
    let text = read(&path)?;
    // The parser's own message could quote the key.
    let cause = |error: serde_json::Error| format!("not a fleet file (line {})", error.line());
    let fleet =
        serde_json::from_str(&text).map_err(|error| TargetError::Unreadable { path, cause: cause(error) })?;
    Ok(Some(fleet))
}

fn read(path: &Path) -> Result<String, TargetError> {
    fs::read_to_string(path)
        .map_err(|error| TargetError::Unreadable { path: path.to_owned(), cause: error.to_string() })
}

/// The address without its last slash, when the key may travel to it.
fn checked(url: &str) -> Result<String, TargetError> {
    let url = url.trim().trim_end_matches('/');
    let bad = || TargetError::BadUrl(url.to_owned());
    let parsed: Uri = url.parse().map_err(|_| bad())?;
    let authority = parsed.authority().ok_or_else(bad)?;
    if authority.as_str().contains('@') || parsed.query().is_some() {
        return Err(TargetError::BadUrl("(not shown)".to_owned()));
    }
    match parsed.scheme_str() {
        Some("https") => Ok(url.to_owned()),
        Some("http") if is_this_machine(authority.host()) => Ok(url.to_owned()),
        Some("http") => Err(TargetError::Insecure(url.to_owned())),
        _ => Err(bad()),
    }
}

fn is_this_machine(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests;
