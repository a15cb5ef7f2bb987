//! Another provider to sign in with (`scripts/fleet/provider.mjs`), and a browser that goes there and comes back.

use crate::actors::{Anonymous, Caller, PASSWORD, Person};
use crate::fleet::fleet;
use crate::http::{Call, Reply};
use crate::names;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What the provider is called here.
pub const NAME: &str = "local";
/// Redirections that a way there and back may take.
const MOST_STEPS: usize = 12;

/// The provider's address; nothing, and said so, when the fleet was started without one.
pub fn provider() -> Option<&'static str> {
    let found = fleet().provider.as_deref();
    if found.is_none() {
        eprintln!("skipped: the fleet was started without --provider");
    }
    found
}

/// Base64url without padding, as tokens have it.
pub fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A path below the provider's routes.
pub fn path(what: &str) -> String {
    format!("/api/v1/auth/providers/{NAME}/{what}")
}

/// Somebody's account at the provider: what it tells of them.
#[derive(Clone, Debug)]
pub struct Account {
    /// As they sign in there.
    pub login: String,
    /// Their e-mail address.
    pub email: String,
}

impl Account {
    /// Of somebody new.
    pub fn new() -> Self {
        Self::of(&names::email(), true)
    }

    /// With this address, which the provider knows to be theirs, or does not.
    pub fn of(email: &str, verified: bool) -> Self {
        let login = format!("{}|{email}|{verified}", names::key());
        Self { login, email: email.to_owned() }
    }
}

impl Default for Account {
    fn default() -> Self {
        Self::new()
    }
}

/// A browser that has set out: what it keeps for us, and where it goes.
#[derive(Clone, Debug)]
pub struct Way {
    /// Calls tracker.
    pub caller: Anonymous,
    /// `name=value` of the cookie.
    pub cookie: String,
    /// The provider's page.
    pub url: String,
}

impl Way {
    /// Sets out.
    #[track_caller]
    pub fn new() -> Self {
        Self::of(Anonymous::new())
    }

    /// Sets out from somewhere.
    #[track_caller]
    pub fn of(caller: Anonymous) -> Self {
        let got = caller.call("POST", &path("begin")).send().is(200);
        let cookie = got.header("set-cookie").unwrap_or_else(|| panic!("no cookie: {got}")).to_owned();
        let url = got.data()["url"].as_str().unwrap().to_owned();
        Self { caller, cookie: cookie.split(';').next().unwrap().to_owned(), url }
    }

    /// Signs in at the provider and agrees; the parameters of the page that it leads back to.
    #[track_caller]
    pub fn there(&self, account: &Account) -> BTreeMap<String, String> {
        let mut jar: BTreeMap<String, String> = BTreeMap::new();
        let mut url = self.url.clone();
        for _ in 0..MOST_STEPS {
            if !url.starts_with(fleet().provider.as_deref().unwrap()) {
                return query_of(&url);
            }
            let mut got = with(Call::new("GET", &url), &jar).send();
            keep(&mut jar, &got);
            if got.status == 200 {
                got = with(Call::new("POST", &url), &jar)
                    .bytes(answer_of(&got.text(), account))
                    .header("content-type", "application/x-www-form-urlencoded")
                    .send();
                keep(&mut jar, &got);
            }
            let to = got.header("location").unwrap_or_else(|| panic!("leads nowhere: {got}"));
            url = if to.starts_with('/') {
                format!("{}{to}", fleet().provider.as_deref().unwrap())
            } else {
                to.into()
            };
        }
        panic!("the provider leads nowhere: {url}")
    }

    /// What the page posts that the provider led back to.
    #[track_caller]
    pub fn answer(&self, account: &Account) -> Value {
        let query = self.there(account);
        json!({ "code": query["code"], "state": query["state"], "iss": query["iss"], "delivery": "token" })
    }

    /// A call of this browser.
    pub fn call(&self, what: &str) -> Call {
        self.caller.call("POST", &path(what)).header("cookie", &self.cookie)
    }

    /// Comes back with an answer.
    #[track_caller]
    pub fn back(&self, answer: &Value) -> Reply {
        self.call("complete").json(answer).send()
    }

    /// Goes there and comes back.
    #[track_caller]
    pub fn complete(&self, account: &Account) -> Reply {
        self.back(&self.answer(account))
    }

    /// What signs somebody up.
    pub fn sign_up(ticket: &Value) -> Value {
        json!({ "ticket": ticket, "birth_date": "1990-01-01", "display_name": "Tester", "delivery": "token" })
    }
}

impl Default for Way {
    fn default() -> Self {
        Self::new()
    }
}

/// The ticket of an answer that asks to sign up or to link.
#[track_caller]
pub fn ticket(got: &Reply) -> Value {
    let ticket = got.error()["details"]["ticket"].clone();
    assert!(ticket.is_string(), "{got}");
    ticket
}

/// Somebody who signed up with an account of the provider.
#[track_caller]
pub fn signed_up(account: &Account) -> Person {
    let way = Way::new();
    let got = way.complete(account).refused(409, "sign_up_required");
    let got = way.call("register").json(&Way::sign_up(&ticket(&got))).send().is(201);
    Person::of(&got, &account.email, &way.caller.address)
}

/// Links an account to somebody; with the browser's cookie, what is posted.
#[track_caller]
pub fn linking(account: &Account) -> (String, Value) {
    let way = Way::new();
    let ticket = ticket(&way.complete(account).is(409));
    (way.cookie, json!({ "ticket": ticket, "password": PASSWORD }))
}

fn with(call: Call, jar: &BTreeMap<String, String>) -> Call {
    let cookies: Vec<String> = jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
    if cookies.is_empty() { call } else { call.header("cookie", cookies.join("; ")) }
}

fn keep(jar: &mut BTreeMap<String, String>, got: &Reply) {
    for line in got.headers.get_all("set-cookie") {
        let pair = line.to_str().unwrap().split(';').next().unwrap_or_default();
        let (name, value) = pair.split_once('=').unwrap_or_default();
        if value.is_empty() {
            jar.remove(name)
        } else {
            jar.insert(name.to_owned(), value.to_owned())
        };
    }
}

/// The form that the provider shows, filled in: who signs in, or that they agree.
fn answer_of(page: &str, account: &Account) -> String {
    if page.contains("name=\"login\"") {
        return format!("prompt=login&password=any&login={}", names::encoded(&account.login));
    }
    assert!(page.contains("value=\"consent\""), "an unknown page: {page}");
    "prompt=consent".to_owned()
}

/// The parameters of an address.
pub fn query_of(url: &str) -> BTreeMap<String, String> {
    let (_, query) = url.split_once('?').unwrap_or_else(|| panic!("{url} has no query"));
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), decoded(value))).collect()
}

fn decoded(text: &str) -> String {
    let mut bytes = text.bytes();
    let mut out = Vec::new();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
            out.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
        } else {
            out.push(byte);
        }
    }
    String::from_utf8(out).unwrap()
}
