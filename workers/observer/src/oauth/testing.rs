//! A program, and somebody in front of a browser: what the tests of letting programs act stand on.

use crate::testing::{ISSUER, PASSWORD, World};
use serde_json::{Value, json};
use sesh_edge::http::{pairs, spelled};
use sesh_edge::native::{Call, Got};
use sesh_edge::secret::{base64, base64url, sha256};
use sesh_types::contract::clients::CLIENTS;

pub(super) const BACK: &str = "https://almanac.example/cb";
pub(super) const VERIFIER: &str = "a-verifier-that-is-long-enough-to-be-one-0123456789";
pub(super) const HOST: &str = "test.kush.observer";
pub(super) const EVERYTHING: &str =
    "openid profile email offline_access stash:read sessions:write strains:read";

/// A registered program.
#[derive(Clone, Debug)]
pub(super) struct Program {
    pub(super) id: String,
    pub(super) secret: Option<String>,
}

pub(super) fn registration(kind: &str) -> Value {
    json!({
        "name": "Almanac", "kind": kind, "redirect_uris": [BACK, "http://127.0.0.1/cb"],
        "grant_types": ["authorization_code", "refresh_token"],
        "scopes": EVERYTHING.split(' ').collect::<Vec<_>>()
    })
}

pub(super) fn register(world: &World, body: &Value) -> Program {
    let got = world.as_admin(Call::new("POST", CLIENTS).json(body));
    assert_eq!(got.status, 201, "{}", got.text);
    let data = &got.json()["data"];
    let secret = data["secret"].as_str().map(str::to_owned);
    Program { id: data["client"]["id"].as_str().unwrap().to_owned(), secret }
}

pub(super) fn public(world: &World) -> Program {
    register(world, &registration("public"))
}

/// One that keeps a secret and may act for itself.
pub(super) fn confidential(world: &World) -> Program {
    let mut body = registration("confidential");
    body["grant_types"] = json!(["authorization_code", "refresh_token", "client_credentials"]);
    register(world, &body)
}

fn form(path: &str, fields: &[(&str, &str)]) -> Call {
    Call::new("POST", path).header("content-type", "application/x-www-form-urlencoded").raw(spelled(fields))
}

impl Program {
    /// An authorization request as it should be, with some parameters otherwise; those that are empty are left out.
    pub(super) fn request(&self, other: &[(&str, &str)]) -> String {
        let challenge = base64url(&sha256(VERIFIER.as_bytes()));
        let usual = [
            ("response_type", "code"),
            ("client_id", self.id.as_str()),
            ("redirect_uri", BACK),
            ("scope", EVERYTHING),
            ("state", "s t&te"),
            ("nonce", "n-1"),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
        ];
        let mut all: Vec<(&str, &str)> =
            usual.into_iter().filter(|(name, _)| !other.iter().any(|(known, _)| known == name)).collect();
        all.extend(other.iter().filter(|(_, value)| !value.is_empty()));
        spelled(&all)
    }

    /// Calls an endpoint of programs, and says who it is.
    pub(super) fn post(&self, world: &World, path: &str, fields: &[(&str, &str)]) -> Got {
        world.fleet.call("observer", self.call(path, fields))
    }

    pub(super) fn call(&self, path: &str, fields: &[(&str, &str)]) -> Call {
        if let Some(secret) = &self.secret {
            let shown = base64(format!("{}:{secret}", self.id).as_bytes());
            return form(path, fields).header("authorization", &format!("Basic {shown}"));
        }
        let mut all = fields.to_vec();
        all.push(("client_id", &self.id));
        form(path, &all)
    }

    pub(super) fn redeem(&self, world: &World, code: &str) -> Got {
        self.post(world, "/oauth/token", &redemption(code))
    }

    /// Tokens, from a person who signs in and agrees.
    pub(super) fn tokens(&self, world: &World, browser: &mut Browser) -> Tokens {
        let code = browser.code(world, &self.request(&[]));
        Tokens::of(&self.redeem(world, &code))
    }

    pub(super) fn refresh(&self, world: &World, token: &str) -> Got {
        self.post(world, "/oauth/token", &[("grant_type", "refresh_token"), ("refresh_token", token)])
    }

    pub(super) fn revoke(&self, world: &World, token: &str) -> Got {
        self.post(world, "/oauth/revoke", &[("token", token)])
    }

    /// What introspection says of a token.
    pub(super) fn introspect(&self, world: &World, token: &str) -> Value {
        let got = self.post(world, "/oauth/introspect", &[("token", token)]);
        assert_eq!(got.status, 200, "{}", got.text);
        got.json()
    }
}

pub(super) fn redemption(code: &str) -> [(&str, &str); 4] {
    [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", BACK),
        ("code_verifier", VERIFIER),
    ]
}

/// What a program got.
#[derive(Clone, Debug)]
pub(super) struct Tokens {
    pub(super) access: String,
    pub(super) refresh: String,
    pub(super) body: Value,
}

impl Tokens {
    pub(super) fn of(got: &Got) -> Self {
        assert_eq!(got.status, 200, "{}", got.text);
        assert_eq!(got.headers["cache-control"], "no-store");
        let body = got.json();
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        Self { access: text("access_token"), refresh: text("refresh_token"), body: body.clone() }
    }
}

/// A browser, which keeps its cookies.
#[derive(Clone, Debug, Default)]
pub(super) struct Browser {
    pub(super) cookies: Vec<(String, String)>,
    pub(super) email: String,
}

impl Browser {
    /// Of somebody who has signed up.
    pub(super) fn of(world: &World, email: &str) -> Self {
        world.register(email);
        Self { cookies: Vec::new(), email: email.to_owned() }
    }

    fn send(&mut self, world: &World, call: Call) -> Got {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let got =
            world.fleet.call("observer", call.header("cookie", &cookies.join("; ")).header("host", HOST));
        for line in got.headers.get_all("set-cookie") {
            let (name, rest) = line.to_str().unwrap().split_once('=').unwrap();
            assert!(
                rest.ends_with("Path=/; Secure; HttpOnly; SameSite=Lax")
                    || rest.contains("SameSite=Lax; Max-Age")
            );
            self.cookies.retain(|(known, _)| known != name);
            self.cookies.push((name.to_owned(), rest.split(';').next().unwrap().to_owned()));
        }
        got
    }

    /// Opens an authorization request.
    pub(super) fn open(&mut self, world: &World, query: &str) -> Got {
        self.send(world, Call::new("GET", &format!("/oauth/authorize?{query}")))
    }

    /// Sends the form of a page, with these fields.
    pub(super) fn submit(&mut self, world: &World, page: &Got, step: &str, fields: &[(&str, &str)]) -> Got {
        let call = Self::filled(page, step, fields).header("origin", &format!("https://{HOST}"));
        self.send(world, call)
    }

    pub(super) fn filled(page: &Got, step: &str, fields: &[(&str, &str)]) -> Call {
        let mut all: Vec<(String, String)> = vec![("step".to_owned(), step.to_owned())];
        for name in ["query", "form", "challenge"] {
            all.extend(hidden(page, name).map(|value| (name.to_owned(), value)));
        }
        all.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let all: Vec<(&str, &str)> =
            all.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        form("/oauth/authorize", &all)
    }

    pub(super) fn sign_in(&mut self, world: &World, page: &Got) -> Got {
        let email = self.email.clone();
        self.submit(world, page, "sign_in", &[("email", &email), ("password", PASSWORD)])
    }

    /// Opens a request and does what is asked, until there is a way back to the program.
    pub(super) fn complete(&mut self, world: &World, query: &str) -> Got {
        let mut got = self.open(world, query);
        if got.status == 200 && got.text.contains("name=\"password\"") {
            got = self.sign_in(world, &got);
        }
        if got.status == 200 && got.text.contains("value=\"allow\"") {
            got = self.submit(world, &got, "consent", &[("answer", "allow")]);
        }
        got
    }

    /// The code that comes of a request.
    pub(super) fn code(&mut self, world: &World, query: &str) -> String {
        let got = self.complete(world, query);
        let back = sent_back(&got);
        back.into_iter().find(|(name, _)| name == "code").unwrap_or_else(|| unreachable!("{}", got.text)).1
    }
}

/// The value of a hidden field.
pub(super) fn hidden(page: &Got, name: &str) -> Option<String> {
    let (_, rest) = page.text.split_once(&format!("name=\"{name}\" value=\""))?;
    let value = rest.split('"').next()?;
    Some(
        value
            .replace("&amp;", "&")
            .replace("&quot;", "\"")
            .replace("&#39;", "'")
            .replace("&lt;", "<")
            .replace("&gt;", ">"),
    )
}

/// What an answer tells the program, by redirecting.
pub(super) fn sent_back(got: &Got) -> Vec<(String, String)> {
    assert_eq!(got.status, 303, "{}", got.text);
    let location = got.headers["location"].to_str().unwrap();
    let (uri, query) = location.split_once('?').unwrap();
    assert!(uri == BACK || uri.starts_with("http://127.0.0.1"), "{location}");
    let pairs = pairs(query.as_bytes()).unwrap();
    assert!(pairs.contains(&("iss".to_owned(), ISSUER.to_owned())), "{location}");
    pairs
}

/// The error that a program is told, by redirecting; its state comes back with it.
pub(super) fn told(got: &Got) -> String {
    let back = sent_back(got);
    assert!(back.contains(&("state".to_owned(), "s t&te".to_owned())), "{back:?}");
    back.into_iter().find(|(name, _)| name == "error").unwrap().1
}

/// The error of an endpoint, with its status.
pub(super) fn wrong(got: &Got) -> (u16, String) {
    assert_eq!(got.headers["cache-control"], "no-store", "{}", got.text);
    (got.status, got.json()["error"].as_str().unwrap_or_default().to_owned())
}

/// The claims of a JWT.
pub(super) fn claims(token: &str) -> Value {
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&sesh_edge::secret::from_base64url(part).unwrap()).unwrap()
}
