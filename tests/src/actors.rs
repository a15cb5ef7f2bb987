//! Who calls: a type for each kind of caller.

use crate::fleet::{Worker, fleet};
use crate::http::{Call, Reply};
use crate::names;
use serde_json::{Value, json};

/// Where the local edge learns the client's address, as Cloudflare's states it.
pub const CLIENT_ADDRESS: &str = "cf-connecting-ip";

/// Somebody who calls.
pub trait Caller {
    /// A call as they make it.
    fn call(&self, method: &str, path: &str) -> Call;

    /// Reads.
    #[track_caller]
    fn get(&self, path: &str) -> Reply {
        self.call("GET", path).send()
    }

    /// Posts JSON.
    #[track_caller]
    fn post(&self, path: &str, body: &Value) -> Reply {
        self.call("POST", path).json(body).send()
    }

    /// Edits.
    #[track_caller]
    fn patch(&self, path: &str, body: &Value) -> Reply {
        self.call("PATCH", path).json(body).send()
    }

    /// Deletes.
    #[track_caller]
    fn delete(&self, path: &str) -> Reply {
        self.call("DELETE", path).send()
    }
}

/// Anyone at all, at a Worker's public address.
#[derive(Clone, Debug)]
pub struct Anonymous {
    url: &'static str,
    /// Where they call from.
    pub address: String,
}

impl Anonymous {
    /// Somebody new who calls tracker.
    pub fn new() -> Self {
        Self::at(Worker::Tracker)
    }

    /// Somebody new who calls this Worker.
    pub fn at(worker: Worker) -> Self {
        Self { url: worker.url(), address: names::address() }
    }

    /// Somebody who calls this Worker without the local edge in between.
    pub fn straight_at(worker: Worker) -> Self {
        Self { url: worker.direct_url(), address: names::address() }
    }
}

impl Default for Anonymous {
    fn default() -> Self {
        Self::new()
    }
}

impl Caller for Anonymous {
    fn call(&self, method: &str, path: &str) -> Call {
        Call::new(method, format!("{}{path}", self.url)).header(CLIENT_ADDRESS, &self.address)
    }
}

/// The password of every person that tests register.
pub const PASSWORD: &str = "tangerine otter lamp 47";
const BIRTH_DATE: &str = "1990-01-01";

/// A sign-up that holds every rule.
pub fn sign_up(email: &str) -> Value {
    json!({ "email": email, "password": PASSWORD, "display_name": "Tester", "birth_date": BIRTH_DATE })
}

/// A sign-up that begins with proving the address.
pub fn beginning(email: &str) -> Value {
    json!({ "email": email, "display_name": "Tester", "birth_date": BIRTH_DATE })
}

/// A person with a device that is a program: the tokens came in the body.
#[derive(Clone, Debug)]
pub struct Person {
    /// Their id.
    pub id: String,
    /// E-mail address.
    pub email: String,
    /// Where they call from.
    pub address: String,
    /// For `Authorization: Bearer`.
    pub access: String,
    /// For more tokens.
    pub refresh: String,
}

impl Person {
    /// Somebody who has just signed up.
    #[track_caller]
    pub fn new() -> Self {
        let (email, address) = (names::email(), names::address());
        let mut body = sign_up(&email);
        body["delivery"] = "token".into();
        let path = "/api/v1/auth/register";
        let got =
            Anonymous { url: Worker::Tracker.url(), address: address.clone() }.post(path, &body).is(201);
        Self::of(&got, &email, &address)
    }

    /// Whoever an answer signs in, at this e-mail and network address.
    #[track_caller]
    pub fn of(got: &Reply, email: &str, address: &str) -> Self {
        let data = got.data();
        let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("{got}")).to_owned();
        Self {
            id: text(&data["user"]["id"]),
            email: email.to_owned(),
            address: address.to_owned(),
            access: text(&data["access_token"]),
            refresh: text(&data["refresh_token"]),
        }
    }

    /// Themselves, signed out.
    pub fn anonymous(&self) -> Anonymous {
        Anonymous { url: Worker::Tracker.url(), address: self.address.clone() }
    }

    /// An attempt to sign in.
    pub fn try_log_in(&self) -> Reply {
        let body = json!({ "email": self.email, "password": PASSWORD, "delivery": "token" });
        self.anonymous().post("/api/v1/auth/login", &body)
    }

    /// The same person on another device.
    #[track_caller]
    pub fn log_in(&self) -> Self {
        Self::of(&self.try_log_in().is(200), &self.email, &self.address)
    }

    /// An attempt to get new tokens.
    pub fn try_refresh(&self) -> Reply {
        self.anonymous().post("/api/v1/auth/refresh", &json!({ "refresh_token": self.refresh }))
    }

    /// The same device with new tokens.
    #[track_caller]
    pub fn refreshed(&self) -> Self {
        Self::of(&self.try_refresh().is(200), &self.email, &self.address)
    }

    /// An attempt to go over to a tenant.
    pub fn try_switch(&self, tenant: &str) -> Reply {
        self.post("/api/v1/auth/tenant", &json!({ "tenant_id": tenant, "delivery": "token" }))
    }

    /// The same device, signed in to a tenant.
    #[track_caller]
    pub fn switched(&self, tenant: &str) -> Self {
        Self::of(&self.try_switch(tenant).is(200), &self.email, &self.address)
    }

    /// The id of this device.
    #[track_caller]
    pub fn device(&self) -> String {
        let devices = self.get("/api/v1/auth/devices").is(200).rows();
        let own = devices.iter().find(|device| device["current"] == true).unwrap();
        own["id"].as_str().unwrap().to_owned()
    }

    /// Whether the access token counts.
    pub fn counts(&self) -> bool {
        let got = self.get("/api/v1/me");
        assert!(matches!(got.status, 200 | 401), "{got}");
        got.status == 200
    }
}

impl Default for Person {
    fn default() -> Self {
        Self::new()
    }
}

impl Caller for Person {
    fn call(&self, method: &str, path: &str) -> Call {
        self.anonymous().call(method, path).bearer(&self.access)
    }
}

/// Whoever holds the administrator's key.
#[derive(Clone, Debug)]
pub struct Admin {
    key: String,
    /// Where they call from.
    pub address: String,
}

impl Admin {
    /// At a listed address.
    pub fn new() -> Self {
        Self::from("127.0.0.1")
    }

    /// At this address.
    pub fn from(address: &str) -> Self {
        Self { key: fleet().admin_key.clone(), address: address.to_owned() }
    }

    /// Suspends a person.
    #[track_caller]
    pub fn suspend(&self, person: &Person) -> Reply {
        let path = format!("/api/v1/users/{}/suspend", person.id);
        self.post(&path, &json!({ "reason": "a test of suspension" })).is(200)
    }

    /// Lets a person sign in again.
    #[track_caller]
    pub fn reinstate(&self, person: &Person) -> Reply {
        self.call("POST", &format!("/api/v1/users/{}/reinstate", person.id)).send().is(200)
    }
}

impl Default for Admin {
    fn default() -> Self {
        Self::new()
    }
}

impl Caller for Admin {
    fn call(&self, method: &str, path: &str) -> Call {
        Call::new(method, format!("{}{path}", Worker::Admin.url()))
            .header(CLIENT_ADDRESS, &self.address)
            .bearer(&self.key)
    }
}
