//! A person with a browser: cookies that scripts do not see, and the `Origin` of the page that calls.

use crate::actors::{Anonymous, Caller, sign_up};
use crate::fleet::Worker;
use crate::http::{Call, Reply};
use crate::names;
use std::collections::BTreeMap;

/// A cookie as the server set it.
#[derive(Clone, Debug)]
pub struct Cookie {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// The rest, in lower case: `secure`, `path=/`, ….
    pub attributes: Vec<String>,
}

impl Cookie {
    /// The cookies that an answer sets.
    pub fn set_by(got: &Reply) -> Vec<Self> {
        let lines = got.headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap().to_owned());
        lines.map(|line| Self::read(&line)).collect()
    }

    fn read(line: &str) -> Self {
        let mut parts = line.split(';').map(str::trim);
        let (name, value) = parts.next().unwrap().split_once('=').unwrap();
        Self {
            name: name.to_owned(),
            value: value.to_owned(),
            attributes: parts.map(str::to_lowercase).collect(),
        }
    }

    /// Whether it has an attribute, such as `secure` or `max-age=0`.
    pub fn has(&self, attribute: &str) -> bool {
        self.attributes.iter().any(|known| known == attribute)
    }
}

/// A person in a browser.
#[derive(Clone, Debug)]
pub struct CookiePerson {
    /// E-mail address.
    pub email: String,
    caller: Anonymous,
    /// The cookies by name.
    pub cookies: BTreeMap<String, String>,
    /// Where the page that calls is from; nothing sends no `Origin`.
    pub origin: Option<String>,
}

impl CookiePerson {
    /// Somebody who has just signed up, and the answer to it.
    #[track_caller]
    pub fn register() -> (Self, Reply) {
        let (email, caller) = (names::email(), Anonymous::at(Worker::Tracker));
        let origin = Some(Worker::Tracker.url().to_owned());
        let got = caller.post("/api/v1/auth/register", &sign_up(&email)).is(201);
        let mut person = Self { email, caller, cookies: BTreeMap::new(), origin };
        person.keep(&got);
        (person, got)
    }

    /// Somebody who has just signed up.
    #[track_caller]
    pub fn new() -> Self {
        Self::register().0
    }

    /// The same browser, with a page of another origin that calls.
    #[must_use]
    pub fn lured_to(&self, origin: Option<&str>) -> Self {
        Self { origin: origin.map(str::to_owned), ..self.clone() }
    }

    /// Keeps and forgets cookies as the answer says.
    pub fn keep(&mut self, got: &Reply) {
        for cookie in Cookie::set_by(got) {
            if cookie.has("max-age=0") {
                self.cookies.remove(&cookie.name);
            } else {
                self.cookies.insert(cookie.name, cookie.value);
            }
        }
    }
}

impl Default for CookiePerson {
    fn default() -> Self {
        Self::new()
    }
}

impl Caller for CookiePerson {
    fn call(&self, method: &str, path: &str) -> Call {
        let pairs: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let call = self.caller.call(method, path).header("cookie", pairs.join("; "));
        match &self.origin {
            Some(origin) if !matches!(method, "GET" | "HEAD") => call.header("origin", origin),
            _ => call,
        }
    }
}
