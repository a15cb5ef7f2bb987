//! Signing in straight to a tenant, through the internal door.

use crate::testing::{PASSWORD, SignedIn, World};
use serde_json::{Value, json};
use sesh_edge::native::{Call, Got};
use sesh_types::contract::auth::LOGIN;
use sesh_types::contract::tenants::TENANTS;
use sesh_types::ids::TenantId;

const EMAIL: &str = "ada@example.com";

/// A tenant at a host name of its own, and somebody who is a member of it.
fn member() -> (World, TenantId, SignedIn) {
    let world = World::new();
    let tenant = world.tenant("acre");
    let domains = json!({ "domains": ["shop.example.com"] });
    let edit = Call::new("PATCH", &format!("{TENANTS}/{tenant}")).json(&domains);
    assert_eq!(world.as_admin(edit).status, 200);
    let ada = world.register(EMAIL);
    join(&world, tenant, &ada);
    (world, tenant, ada)
}

fn join(world: &World, tenant: TenantId, person: &SignedIn) {
    let insert = format!(
        "INSERT INTO memberships (tenant_id, person_id, role, apps, joined_at)
         VALUES ('{tenant}', '{}', 'admin', '{{\"grow\":{{\"role\":\"staff\"}}}}', 0)",
        person.subject.person
    );
    world.execute(&insert).unwrap();
}

fn login(world: &World, email: &str, password: &str, tenant: Value, host: Option<&str>) -> Got {
    let mut body = json!({ "email": email, "password": password });
    if !tenant.is_null() {
        body["tenant"] = tenant;
    }
    let call = Call::new("POST", LOGIN).json(&body);
    world.internal(match host {
        Some(host) => call.header("x-sesh-host", host),
        None => call,
    })
}

fn code(got: &Got) -> (u16, String) {
    (got.status, got.json()["error"]["code"].as_str().unwrap_or_default().to_owned())
}

#[test]
fn one_is_let_in_where_one_asks_to_be_or_whose_address_one_calls_or_home() {
    let (world, acre, _) = member();
    let to =
        |tenant: Value, host| world.signed_in(&login(&world, EMAIL, PASSWORD, tenant, host)).subject.tenant;
    assert_eq!(to(json!("acre"), None), acre);
    assert_eq!(to(Value::Null, Some("shop.example.com")), acre);
    assert_eq!(to(Value::Null, Some("Shop.Example.Com")), acre);
    assert_eq!(to(Value::Null, Some("sesh-tracker.com")), TenantId::CONSUMERS);
    assert_eq!(to(Value::Null, None), TenantId::CONSUMERS);
    assert_eq!(to(json!("consumers"), Some("shop.example.com")), TenantId::CONSUMERS);
    let there = world.signed_in(&login(&world, EMAIL, PASSWORD, json!("acre"), None));
    assert!(world.counts(&there));
    assert_eq!(world.signed_in(&world.refresh(&there.refresh)).subject.tenant, acre);
    let logged = world.column("SELECT tenant_id FROM audit WHERE action = 'login.succeeded'");
    assert_eq!(logged.iter().filter(|tenant| **tenant == acre.to_string()).count(), 4);
}

#[test]
fn who_is_no_member_gets_the_answer_of_every_failure_after_the_same_work() {
    let (world, acre, _) = member();
    world.register("bob@example.com");
    let wrong = login(&world, "bob@example.com", "a wrong password", Value::Null, None);
    for (tenant, host) in
        [(json!("acre"), None), (json!("nowhere"), None), (Value::Null, Some("shop.example.com"))]
    {
        let got = login(&world, "bob@example.com", PASSWORD, tenant, host);
        assert_eq!((got.status, &got.text), (401, &wrong.text));
    }
    let path = format!("{TENANTS}/{acre}/deactivate");
    assert_eq!(world.as_admin(Call::new("POST", &path).json(&json!({ "reason": "rent" }))).status, 200);
    let got = login(&world, "bob@example.com", PASSWORD, json!("acre"), None);
    assert_eq!((got.status, &got.text), (401, &wrong.text), "nor is it told that the tenant is closed");
    assert_eq!(world.number("SELECT COUNT(*) FROM audit WHERE action = 'login.failed'"), 5);
}

#[test]
fn a_closed_tenant_is_403_for_its_members_after_the_right_password_alone() {
    let (world, acre, _) = member();
    let path = format!("{TENANTS}/{acre}/deactivate");
    assert_eq!(world.as_admin(Call::new("POST", &path).json(&json!({ "reason": "rent" }))).status, 200);
    let to = |password| code(&login(&world, EMAIL, password, json!("acre"), None));
    assert_eq!(to("a wrong password"), (401, "invalid_credentials".into()));
    for _ in 0..12 {
        assert_eq!(to(PASSWORD), (403, "tenant_inactive".into()), "it is held against nobody");
    }
    assert_eq!(login(&world, EMAIL, PASSWORD, Value::Null, None).status, 200, "home is open");
    assert_eq!(world.number("SELECT COUNT(*) FROM devices"), 2);
}

#[test]
fn who_is_a_member_no_more_is_let_in_no_more() {
    let (world, acre, ada) = member();
    world
        .execute(&format!("DELETE FROM memberships WHERE person_id = '{}'", ada.subject.person))
        .unwrap_or_else(|error| unreachable!("{error}"));
    assert_eq!(login(&world, EMAIL, PASSWORD, json!("acre"), None).status, 401);
    let device = format!(
        "INSERT INTO devices (id, tenant_id, person_id, nonce, rotated_at, created_at, last_seen_at, expires_at, user_agent)
         VALUES ('d', '{acre}', '{}', 'n', 0, 0, 0, 0, '')",
        ada.subject.person
    );
    assert!(world.execute(&device).unwrap_err().contains("credentials_changed"), "whatever a race comes to");
}
