//! Routes of tenants that take a body.

use super::{Kind, Mutation};
use e2e::actors::{Admin, Caller, Person};
use e2e::control::rows;
use e2e::fixtures::text;
use e2e::fleet::Worker;
use e2e::names;
use e2e::tenants::{Insider, Tenant, new_tenant};
use serde_json::{Value, json};

const EMAIL: Kind = Kind::Text(3, 254);

/// All that observer has of a tenant.
pub(crate) fn of_tenant(id: String) -> Box<dyn Fn() -> Value + Send + Sync> {
    let sql = "SELECT name, status, version, people, max_people,
      (SELECT json_group_array(domain) FROM tenant_domains WHERE tenant_id = ?1) AS domains,
      (SELECT count(*) FROM invitations WHERE tenant_id = ?1) AS invitations,
      (SELECT count(*) FROM invitations WHERE tenant_id = ?1 AND ended_at IS NOT NULL) AS ended,
      (SELECT json_group_array(json_array(person_id, role, apps, version)) FROM memberships WHERE tenant_id = ?1)
        AS members FROM tenants WHERE id = ?1";
    Box::new(move || rows(Worker::Observer, sql, &[json!(id)]).into())
}

pub(crate) fn create_tenant() -> Mutation {
    let good = new_tenant();
    let name = text(&good, "name");
    let written = move || {
        rows(Worker::Observer, "SELECT count(*) AS n FROM tenants WHERE name = ?1", &[json!(name)]).into()
    };
    Mutation {
        route: "POST /api/v1/tenants",
        call: Admin::new().call("POST", "/api/v1/tenants"),
        good,
        optional: false,
        fields: vec![
            ("slug", Kind::Text(2, 40), true),
            ("name", Kind::Text(1, 120), true),
            ("domains", Kind::Words, false),
            ("quotas", Kind::Settings, false),
        ],
        written: Box::new(written),
    }
}

pub(crate) fn edit_tenant() -> Mutation {
    let id = Tenant::new().id;
    Mutation {
        route: "PATCH /api/v1/tenants/{id}",
        call: Admin::new().call("PATCH", &format!("/api/v1/tenants/{id}")),
        good: json!({ "name": names::unique("Edited"), "quotas": { "people": 9 } }),
        optional: false,
        fields: vec![
            ("name", Kind::Text(1, 120), false),
            ("quotas", Kind::Settings, false),
            ("quotas.people", Kind::Whole(1, 1_000_000_000), false),
        ],
        written: of_tenant(id),
    }
}

pub(crate) fn deactivate_tenant() -> Mutation {
    let id = Tenant::new().id;
    Mutation {
        route: "POST /api/v1/tenants/{id}/deactivate",
        call: Admin::new().call("POST", &format!("/api/v1/tenants/{id}/deactivate")),
        good: json!({ "reason": "malformed tests" }),
        optional: false,
        fields: vec![("reason", Kind::Text(1, 500), true)],
        written: of_tenant(id),
    }
}

pub(crate) fn activate_tenant() -> Mutation {
    let tenant = Tenant::new();
    tenant.deactivate();
    let id = tenant.id;
    Mutation {
        route: "POST /api/v1/tenants/{id}/activate",
        call: Admin::new().call("POST", &format!("/api/v1/tenants/{id}/activate")),
        good: json!({}),
        optional: true,
        fields: vec![],
        written: of_tenant(id),
    }
}

pub(crate) fn invite_first() -> Mutation {
    let id = Tenant::new().id;
    Mutation {
        route: "POST /api/v1/tenants/{id}/invitations",
        call: Admin::new().call("POST", &format!("/api/v1/tenants/{id}/invitations")),
        good: json!({ "email": names::email(), "role": "owner" }),
        optional: false,
        fields: vec![("email", EMAIL, true), ("role", Kind::Choice("owner"), true)],
        written: of_tenant(id),
    }
}

pub(crate) fn edit_own_tenant() -> Mutation {
    let tenant = Tenant::new();
    Mutation {
        route: "PATCH /api/v1/tenant",
        call: tenant.owner.call("PATCH", "/api/v1/tenant"),
        good: json!({ "name": names::unique("Edited") }),
        optional: false,
        fields: vec![("name", Kind::Text(1, 120), false), ("domains", Kind::Words, false)],
        written: of_tenant(tenant.id),
    }
}

/// All that observer has of a tenant's brand.
fn of_brand(id: String) -> Box<dyn Fn() -> Value + Send + Sync> {
    let sql = "SELECT display_name, short_name, accent_hue, paper_hue, logo, support_email, language, features_off, version
      FROM brands WHERE tenant_id = ?1";
    Box::new(move || rows(Worker::Observer, sql, &[json!(id)]).into())
}

fn brand(route: &'static str, call: e2e::http::Call, id: String) -> Mutation {
    Mutation {
        route,
        call,
        good: json!({ "display_name": "Green Door", "accent_hue": 30, "features_off": ["insights"] }),
        optional: false,
        fields: vec![
            ("display_name", Kind::Text(1, 40), false),
            ("short_name", Kind::Text(1, 12), false),
            ("accent_hue", Kind::Whole(0, 359), false),
            ("paper_hue", Kind::Whole(0, 359), false),
            ("features_off", Kind::Words, false),
        ],
        written: of_brand(id),
    }
}

pub(crate) fn edit_brand() -> Mutation {
    let id = Tenant::new().id;
    let call = Admin::new().call("PATCH", &format!("/api/v1/tenants/{id}/brand"));
    brand("PATCH /api/v1/tenants/{id}/brand", call, id)
}

pub(crate) fn edit_own_brand() -> Mutation {
    let tenant = Tenant::new();
    let call = tenant.owner.call("PATCH", "/api/v1/tenant/brand");
    brand("PATCH /api/v1/tenant/brand", call, tenant.id)
}

pub(crate) fn edit_member() -> Mutation {
    let tenant = Tenant::new();
    let member = tenant.member("member");
    Mutation {
        route: "PATCH /api/v1/tenant/members/{id}",
        call: tenant.owner.call("PATCH", &format!("/api/v1/tenant/members/{}", member.person.id)),
        good: json!({ "role": "admin", "apps": { "depot": { "role": "staff", "departments": ["ops"] } } }),
        optional: false,
        fields: vec![("role", Kind::Choice("admin"), false), ("apps", Kind::Settings, false)],
        written: of_tenant(tenant.id),
    }
}

pub(crate) fn invite() -> Mutation {
    let tenant = Tenant::new();
    Mutation {
        route: "POST /api/v1/tenant/invitations",
        call: tenant.owner.call("POST", "/api/v1/tenant/invitations"),
        good: json!({ "email": names::email(), "role": "member" }),
        optional: false,
        fields: vec![("email", EMAIL, true), ("role", Kind::Choice("member"), true)],
        written: of_tenant(tenant.id),
    }
}

pub(crate) fn accept() -> Mutation {
    let (tenant, guest) = (Tenant::new(), Person::new());
    let invite = json!({ "email": guest.email, "role": "member" });
    let made = tenant.owner.post("/api/v1/tenant/invitations", &invite).is(201).data();
    Mutation {
        route: "POST /api/v1/invitations/accept",
        call: Insider { person: guest }.call("POST", "/api/v1/invitations/accept"),
        good: json!({ "token": made["token"] }),
        optional: false,
        fields: vec![("token", Kind::Secret, true)],
        written: of_tenant(tenant.id),
    }
}

pub(crate) fn switch() -> Mutation {
    let tenant = Tenant::new();
    let person = tenant.owner.person.log_in();
    let (call, id) = (person.call("POST", "/api/v1/auth/tenant"), person.id);
    Mutation {
        route: "POST /api/v1/auth/tenant",
        call,
        good: json!({ "tenant_id": tenant.id, "delivery": "token" }),
        optional: false,
        fields: vec![("tenant_id", Kind::Id, true), ("delivery", Kind::Choice("token"), false)],
        written: Box::new(move || super::account_of(&id)),
    }
}
