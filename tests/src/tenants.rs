//! Tenants and the people who work in them.

use crate::actors::{Admin, CLIENT_ADDRESS, Caller, Person};
use crate::control::number;
use crate::fixtures::text;
use crate::fleet::Worker;
use crate::http::{Call, Reply};
use crate::names;
use serde_json::{Value, json};

/// A tenant with its owner.
pub struct Tenant {
    /// Its id.
    pub id: String,
    /// As it stands in addresses.
    pub slug: String,
    /// Its owner, signed in to it.
    pub owner: Insider,
}

/// Somebody whose tokens are for a tenant; calls observer's public door.
#[derive(Clone, Debug)]
pub struct Insider {
    /// The person, with the tenant's tokens.
    pub person: Person,
}

impl Caller for Insider {
    fn call(&self, method: &str, path: &str) -> Call {
        Call::new(method, format!("{}{path}", Worker::Observer.url()))
            .header(CLIENT_ADDRESS, &self.person.address)
            .bearer(&self.person.access)
    }
}

/// The apps of somebody who may use Sesh-Tracker.
pub fn with_tracker() -> Value {
    json!({ "tracker": { "role": "user" } })
}

/// How many bytes a tenant's people keep, as tracker has counted.
pub fn stored(tenant: &Tenant) -> i64 {
    number(Worker::Tracker, "SELECT storage_bytes AS n FROM tenants WHERE id = ?1", &[json!(tenant.id)])
}

/// The same, counted anew.
pub fn counted_anew(tenant: &Tenant) -> i64 {
    let sql = "SELECT bytes AS n FROM storage_of_tenants WHERE tenant_id = ?1";
    number(Worker::Tracker, sql, &[json!(tenant.id)])
}

/// A new tenant's body, with a slug of its own.
pub fn new_tenant() -> Value {
    json!({ "slug": names::slug(), "name": names::unique("Tenant") })
}

impl Tenant {
    /// A new one.
    #[track_caller]
    pub fn new() -> Self {
        Self::with(&new_tenant())
    }

    /// One made of this body.
    #[track_caller]
    pub fn with(body: &Value) -> Self {
        let made = Admin::new().post("/api/v1/tenants", body).is(201).data();
        let id = text(&made, "id");
        let owner = Insider::invited(&id, "owner", |invite| {
            Admin::new().post(&format!("/api/v1/tenants/{id}/invitations"), invite)
        });
        Self { slug: text(&made, "slug"), id, owner }
    }

    /// Somebody whom the owner invited.
    #[track_caller]
    pub fn member(&self, role: &str) -> Insider {
        Insider::invited(&self.id, role, |invite| self.owner.post("/api/v1/tenant/invitations", invite))
    }

    /// One with a host name at which whoever signs up proves the address first, as its owner chose; and that name.
    #[track_caller]
    pub fn that_confirms() -> (Self, String) {
        let mut body = new_tenant();
        let host = format!("{}.localhost", text(&body, "slug"));
        body["domains"] = json!([host]);
        let tenant = Self::with(&body);
        let got =
            tenant.owner.call("PATCH", "/api/v1/tenant").json(&json!({ "confirm_sign_up": true })).send();
        assert_eq!(got.is(200).data()["confirm_sign_up"], true);
        (tenant, host)
    }

    /// Closes it.
    #[track_caller]
    pub fn deactivate(&self) -> Reply {
        let path = format!("/api/v1/tenants/{}/deactivate", self.id);
        Admin::new().post(&path, &json!({ "reason": "a test of closing" })).is(200)
    }

    /// Opens it again.
    #[track_caller]
    pub fn activate(&self) -> Reply {
        Admin::new().call("POST", &format!("/api/v1/tenants/{}/activate", self.id)).send().is(200)
    }
}

impl Default for Tenant {
    fn default() -> Self {
        Self::new()
    }
}

impl Insider {
    #[track_caller]
    fn invited(tenant: &str, role: &str, invite: impl FnOnce(&Value) -> Reply) -> Self {
        let person = Person::new();
        let made =
            invite(&json!({ "email": person.email, "role": role, "apps": with_tracker() })).is(201).data();
        Self { person: person.clone() }
            .post("/api/v1/invitations/accept", &json!({ "token": made["token"] }))
            .is(200);
        Self { person: person.switched(tenant) }
    }

    /// The same with new tokens.
    #[track_caller]
    pub fn refreshed(&self) -> Self {
        Self { person: self.person.refreshed() }
    }
}
