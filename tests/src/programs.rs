//! Programs that people let act for them, and the browsers in which they do.

use crate::actors::{Admin, CLIENT_ADDRESS, Caller, PASSWORD, Person};
use crate::fixtures::text;
use crate::fleet::Worker;
use crate::http::{Call, Reply};
use crate::names;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Where programs have people sent back to.
pub const BACK: &str = "https://almanac.example/cb";
/// What they prove that a code is theirs by.
pub const VERIFIER: &str = "a-verifier-that-is-long-enough-to-be-one-0123456789";
/// What they ask for.
pub const SCOPE: &str = "openid email offline_access strains:read stash:read";

/// A registered program.
#[derive(Clone, Debug)]
pub struct Program {
    /// Its id.
    pub id: String,
    /// Its secret.
    pub secret: String,
}

/// Names and values as a form spells them.
pub fn form(fields: &[(&str, &str)]) -> String {
    let spelled = |text: &str| {
        let byte = |byte: u8| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        };
        text.bytes().map(byte).collect::<String>()
    };
    fields.iter().map(|(name, value)| format!("{name}={}", spelled(value))).collect::<Vec<_>>().join("&")
}

/// A call of observer's with a form.
pub fn post(path: &str, fields: &[(&str, &str)]) -> Call {
    Call::new("POST", format!("{}{path}", Worker::Observer.url()))
        .header(CLIENT_ADDRESS, names::address())
        .bytes(form(fields))
        .header("content-type", "application/x-www-form-urlencoded")
}

impl Program {
    /// One that keeps a secret.
    #[track_caller]
    pub fn new() -> Self {
        let body = json!({
            "name": "Almanac", "kind": "confidential", "redirect_uris": [BACK],
            "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
            "scopes": SCOPE.split(' ').collect::<Vec<_>>()
        });
        let made = Admin::new().post("/api/v1/clients", &body).is(201).data();
        Self { id: text(&made["client"], "id"), secret: text(&made, "secret") }
    }

    /// A call of an endpoint of programs, that says who it is.
    pub fn call(&self, path: &str, fields: &[(&str, &str)]) -> Call {
        let shown = STANDARD.encode(format!("{}:{}", self.id, self.secret));
        post(path, fields).header("authorization", format!("Basic {shown}"))
    }

    /// An authorization request.
    pub fn request(&self) -> String {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
        form(&[
            ("response_type", "code"),
            ("client_id", &self.id),
            ("redirect_uri", BACK),
            ("scope", SCOPE),
            ("state", "s1"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ])
    }

    /// A call that exchanges a code.
    pub fn exchange(&self, code: &str) -> Call {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", BACK),
            ("code_verifier", VERIFIER),
        ];
        self.call("/oauth/token", &fields)
    }

    /// A call that refreshes.
    pub fn refresh(&self, token: &str) -> Call {
        self.call("/oauth/token", &[("grant_type", "refresh_token"), ("refresh_token", token)])
    }

    /// Tokens, from somebody who signs in and agrees.
    #[track_caller]
    pub fn tokens(&self, browser: &mut Browser) -> Value {
        self.exchange(&browser.code(self)).send().is(200).json()
    }
}

impl Default for Program {
    fn default() -> Self {
        Self::new()
    }
}

/// A browser of somebody, which keeps its cookies.
#[derive(Clone, Debug)]
pub struct Browser {
    email: String,
    address: String,
    /// Names and values.
    pub cookies: Vec<(String, String)>,
}

impl Browser {
    /// A new one.
    pub fn of(person: &Person) -> Self {
        Self { email: person.email.clone(), address: person.address.clone(), cookies: Vec::new() }
    }

    fn send(&mut self, call: Call) -> Reply {
        let shown: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let got = call.header("cookie", shown.join("; ")).header(CLIENT_ADDRESS, &self.address).send();
        for line in got.headers.get_all("set-cookie") {
            let (name, value) = line.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.retain(|(known, _)| known != name);
            self.cookies.push((name.to_owned(), value.to_owned()));
        }
        got
    }

    /// Opens an authorization request.
    pub fn open(&mut self, query: &str) -> Reply {
        self.send(Call::new("GET", format!("{}/oauth/authorize?{query}", Worker::Observer.url())))
    }

    /// Fills the form of a page and sends it.
    pub fn submit(&mut self, page: &Reply, fields: &[(&str, &str)]) -> Reply {
        let hidden: Vec<(&str, String)> =
            ["step", "query", "form"].into_iter().map(|name| (name, hidden(page, name))).collect();
        let mut all: Vec<(&str, &str)> = hidden.iter().map(|(name, value)| (*name, value.as_str())).collect();
        all.extend(fields);
        self.send(post("/oauth/authorize", &all).header("origin", Worker::Observer.url()))
    }

    /// Signs in and agrees, as far as that is asked for. Where the browser is sent.
    #[track_caller]
    pub fn sent_back(&mut self, program: &Program) -> String {
        let mut got = self.open(&program.request());
        if got.status == 200 && hidden(&got, "step") == "sign_in" {
            let email = self.email.clone();
            got = self.submit(&got, &[("email", &email), ("password", PASSWORD)]);
        }
        if got.status == 200 {
            got = self.submit(&got, &[("answer", "allow")]);
        }
        got.is(303).header("location").unwrap_or_default().to_owned()
    }

    /// The code that comes of it.
    #[track_caller]
    pub fn code(&mut self, program: &Program) -> String {
        let location = self.sent_back(program);
        let (_, rest) = location.split_once("code=").unwrap_or_else(|| panic!("{location}"));
        rest.split('&').next().unwrap_or_default().to_owned()
    }
}

/// The value of a page's hidden field.
#[track_caller]
pub fn hidden(page: &Reply, name: &str) -> String {
    let text = page.text();
    let rest = text.split_once(&format!("name=\"{name}\" value=\"")).unwrap_or_else(|| panic!("{page}")).1;
    let value = rest.split('"').next().unwrap_or_default();
    value
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}
