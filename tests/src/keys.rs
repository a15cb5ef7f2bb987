//! API keys, and the programs that call with them.

use crate::actors::{CLIENT_ADDRESS, Caller, PASSWORD, Person};
use crate::fixtures::text;
use crate::fleet::Worker;
use crate::http::{Call, Reply};
use crate::tenants::Insider;
use serde_json::{Value, json};

/// Every scope of a person's keys.
pub const SCOPES: [&str; 6] =
    ["strains:read", "strains:write", "stash:read", "stash:write", "sessions:read", "sessions:write"];

/// A program that calls with a key.
#[derive(Clone, Debug)]
pub struct Program {
    /// The key's id.
    pub id: String,
    /// The key.
    pub key: String,
    /// From where it calls.
    pub address: String,
    /// Which Worker it calls.
    pub worker: Worker,
}

impl Program {
    /// With a key of somebody's own.
    #[track_caller]
    pub fn of(person: &Person, scopes: &[&str], more: &Value) -> Self {
        Self::made(&try_make(person, scopes, more).is(201), &person.address, Worker::Tracker)
    }

    /// With a key of a tenant's own.
    #[track_caller]
    pub fn of_tenant(insider: &Insider, scopes: &[&str], more: &Value) -> Self {
        let got = insider.post("/api/v1/tenant/keys", &new_key(scopes, more)).is(201);
        Self::made(&got, &insider.person.address, Worker::Observer)
    }

    /// With the key of an answer.
    #[track_caller]
    pub fn made(got: &Reply, address: &str, worker: Worker) -> Self {
        let data = got.data();
        Self { id: text(&data, "id"), key: text(&data, "key"), address: address.to_owned(), worker }
    }

    /// The same from another address.
    pub fn from(&self, address: &str) -> Self {
        Self { address: address.to_owned(), ..self.clone() }
    }

    /// The same at another Worker.
    pub fn at(&self, worker: Worker) -> Self {
        Self { worker, ..self.clone() }
    }

    /// The part of the key that nobody could guess.
    pub fn secret(&self) -> &str {
        self.key.rsplit('_').next().unwrap_or_default()
    }
}

impl Caller for Program {
    fn call(&self, method: &str, path: &str) -> Call {
        Call::new(method, format!("{}{path}", self.worker.url()))
            .header(CLIENT_ADDRESS, &self.address)
            .bearer(&self.key)
    }
}

/// A new key's body.
pub fn new_key(scopes: &[&str], more: &Value) -> Value {
    let mut body = json!({ "name": "a program", "scopes": scopes, "password": PASSWORD });
    for (name, value) in more.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    body
}

/// An attempt to make a key of one's own.
pub fn try_make(person: &Person, scopes: &[&str], more: &Value) -> Reply {
    person.post("/api/v1/me/keys", &new_key(scopes, more))
}
