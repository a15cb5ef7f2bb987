//! The routes by which API keys are made and turned over, as [`crate::mutations`] has the others.

use crate::mutations::{Kind, Mutation};
use e2e::actors::{Caller, PASSWORD, Person};
use e2e::control::rows;
use e2e::fleet::Worker;
use e2e::http::Call;
use e2e::keys::{Program, new_key};
use e2e::tenants::Tenant;
use serde_json::{Value, json};

/// What is written, looked at.
pub(crate) type Look = Box<dyn Fn() -> Value + Send + Sync>;

/// The keys of a person or of a tenant's own.
pub(crate) fn keys_of(owner: String) -> Look {
    let sql =
        "SELECT COUNT(*) AS n, COUNT(revoked_at) AS revoked, COUNT(replaced_by) AS replaced FROM api_keys
      WHERE person_id = ?1 OR (person_id IS NULL AND tenant_id = ?1)";
    Box::new(move || rows(Worker::Observer, sql, &[json!(owner)]).into())
}

fn make(route: &'static str, call: Call, scope: &'static str, owner: String) -> Mutation {
    Mutation {
        route,
        call,
        good: new_key(
            &[scope],
            &json!({ "expires_in_days": 30, "calls_a_minute": 10, "addresses": ["192.0.2.0/24"] }),
        ),
        optional: false,
        fields: vec![
            ("name", Kind::Text(1, 80), true),
            ("scopes", Kind::Objects, true),
            ("expires_in_days", Kind::Whole(1, 1826), false),
            ("calls_a_minute", Kind::Whole(1, 6000), false),
            ("addresses", Kind::Words, false),
            ("password", Kind::Secret, true),
        ],
        written: keys_of(owner),
    }
}

fn rotate(route: &'static str, call: Call, owner: String) -> Mutation {
    Mutation {
        route,
        call,
        good: json!({ "password": PASSWORD, "overlap_minutes": 5 }),
        optional: false,
        fields: vec![("password", Kind::Secret, true), ("overlap_minutes", Kind::Whole(0, 43_200), false)],
        written: keys_of(owner),
    }
}

pub(crate) fn make_key() -> Mutation {
    let person = Person::new();
    make("POST /api/v1/me/keys", person.call("POST", "/api/v1/me/keys"), "stash:read", person.id)
}

pub(crate) fn rotate_key() -> Mutation {
    let person = Person::new();
    let path = format!("/api/v1/me/keys/{}/rotate", Program::of(&person, &["stash:read"], &json!({})).id);
    rotate("POST /api/v1/me/keys/{id}/rotate", person.call("POST", &path), person.id)
}

pub(crate) fn make_tenant_key() -> Mutation {
    let tenant = Tenant::new();
    let call = tenant.owner.call("POST", "/api/v1/tenant/keys");
    make("POST /api/v1/tenant/keys", call, "tenant:read", tenant.id)
}

pub(crate) fn rotate_tenant_key() -> Mutation {
    let tenant = Tenant::new();
    let program = Program::of_tenant(&tenant.owner, &["tenant:read"], &json!({}));
    let path = format!("/api/v1/tenant/keys/{}/rotate", program.id);
    rotate("POST /api/v1/tenant/keys/{id}/rotate", tenant.owner.call("POST", &path), tenant.id)
}

/// Ending a key of one's own, and of a tenant's: route, call, what it writes.
pub(crate) fn revocations() -> [(&'static str, Call, Look); 2] {
    let (person, tenant) = (Person::new(), Tenant::new());
    let own = format!("/api/v1/me/keys/{}", Program::of(&person, &["stash:read"], &json!({})).id);
    let program = Program::of_tenant(&tenant.owner, &["tenant:read"], &json!({}));
    let tenants = format!("/api/v1/tenant/keys/{}", program.id);
    [
        ("DELETE /api/v1/me/keys/{id}", person.call("DELETE", &own), keys_of(person.id)),
        ("DELETE /api/v1/tenant/keys/{id}", tenant.owner.call("DELETE", &tenants), keys_of(tenant.id)),
    ]
}
