//! The fleet, its people and their browsers.

use oauth2::http::{Request, Response};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::error::Error;
use std::sync::atomic::{AtomicU64, Ordering};
use ureq::Agent;

pub const ISSUER: &str = "https://dev.kush.observer";
pub const BACK: &str = "https://almanac.example/cb";
pub const SCOPES: [&str; 6] = ["openid", "profile", "email", "offline_access", "stash:read", "strains:read"];
const PASSWORD: &str = "tangerine otter lamp 47";

type Failed = Box<dyn Error>;

pub struct Fleet {
    agent: Agent,
    urls: Value,
}

/// A page's answer: status, where it sends, its text.
struct Seen {
    status: u16,
    location: String,
    text: String,
}

impl Fleet {
    pub fn read() -> Result<Self, Failed> {
        let urls = serde_json::from_str(&std::fs::read_to_string(std::env::var("SESH_FLEET_FILE")?)?)?;
        let config = Agent::config_builder().http_status_as_error(false).max_redirects(0);
        Ok(Self { agent: config.max_redirects_will_error(false).proxy(None).build().new_agent(), urls })
    }

    fn url(&self, worker: &str) -> &str {
        self.urls[worker].as_str().unwrap_or_default()
    }

    /// What the libraries send goes to the fleet's observer.
    pub fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, ureq::Error> {
        let (mut parts, body) = request.into_parts();
        let there = parts.uri.to_string().replace(ISSUER, self.url("observer"));
        parts.uri = there.parse().map_err(ureq::http::Error::from)?;
        let (parts, mut body) = self.agent.run(Request::from_parts(parts, body))?.into_parts();
        Ok(Response::from_parts(parts, body.read_to_vec()?))
    }

    fn ask(&self, worker: &str, path: &str, body: &Value, key: &str) -> Result<Value, Failed> {
        let mut request = self.agent.post(format!("{}{path}", self.url(worker))).header("cf-connecting-ip", "127.0.0.1");
        if !key.is_empty() {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        let mut answer = request.header("content-type", "application/json").send(body.to_string())?;
        let text = answer.body_mut().read_to_string()?;
        let body: Value = serde_json::from_str(&text)?;
        if body["success"] == true { Ok(body["data"].clone()) } else { Err(text.into()) }
    }

    /// Registers a program: its id and secret.
    pub fn register(&self, kind: &str) -> Result<(String, Option<String>), Failed> {
        let mut grants = vec!["authorization_code", "refresh_token"];
        if kind == "confidential" {
            grants.push("client_credentials");
        }
        let body = json!({ "name": "Almanac", "kind": kind, "redirect_uris": [BACK], "grant_types": grants, "scopes": SCOPES });
        let made = self.ask("admin", "/api/v1/clients", &body, self.url("admin_key"))?;
        let text = |value: &Value| value.as_str().map(str::to_owned);
        Ok((text(&made["client"]["id"]).ok_or("no id")?, text(&made["secret"])))
    }

    /// What tracker answers a program.
    pub fn api(&self, path: &str, token: &str) -> Result<u16, Failed> {
        let request = self.agent.get(format!("{}{path}", self.url("tracker")));
        Ok(request.header("authorization", format!("Bearer {token}")).call()?.status().as_u16())
    }

    /// A browser without scripts: somebody new signs in and agrees. What the program is told.
    pub fn agree(&self, url: &str) -> Result<BTreeMap<String, String>, Failed> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let email = format!("client-{}-{}@e2e.example.com", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let time = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_nanos();
        let email = format!("{time}-{email}");
        let body = json!({ "email": email, "password": PASSWORD, "display_name": "Ada", "birth_date": "1990-01-01" });
        self.ask("tracker", "/api/v1/auth/register", &body, "")?;
        let mut cookies = BTreeMap::new();
        let mut seen = self.page(url, None, &mut cookies)?;
        for _ in 0..3 {
            if seen.status == 303 {
                let query = seen.location.split_once('?').ok_or("no answer")?.1.to_owned();
                let parsed = oauth2::url::form_urlencoded::parse(query.as_bytes());
                return Ok(parsed.into_owned().collect());
            }
            let mut fields = vec![];
            for name in ["step", "query", "form"] {
                fields.push((name, hidden(&seen.text, name).ok_or_else(|| seen.text.clone())?));
            }
            if fields[0].1 == "sign_in" {
                fields.extend([("email", email.clone()), ("password", PASSWORD.to_owned())]);
            } else {
                fields.push(("answer", "allow".to_owned()));
            }
            let form = oauth2::url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
            seen = self.page(&format!("{ISSUER}/oauth/authorize"), Some(form), &mut cookies)?;
        }
        Err(format!("not sent back: {} {}", seen.status, seen.text).into())
    }

    fn page(&self, url: &str, form: Option<String>, cookies: &mut BTreeMap<String, String>) -> Result<Seen, Failed> {
        let shown: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = Request::builder().uri(url).header("cookie", shown.join("; "));
        if form.is_some() {
            request = request.method("POST").header("origin", self.url("observer"));
            request = request.header("content-type", "application/x-www-form-urlencoded");
        }
        let answer = self.send(request.body(form.unwrap_or_default().into_bytes())?)?;
        for line in answer.headers().get_all("set-cookie") {
            if let Some((name, value)) = line.to_str()?.split(';').next().and_then(|pair| pair.split_once('=')) {
                cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let location = answer.headers().get("location").and_then(|value| value.to_str().ok()).unwrap_or_default();
        Ok(Seen {
            status: answer.status().as_u16(),
            location: location.to_owned(),
            text: String::from_utf8_lossy(answer.body()).into_owned(),
        })
    }
}

fn hidden(page: &str, name: &str) -> Option<String> {
    let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\""))?;
    let value = rest.split('"').next()?;
    Some(value.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&"))
}
