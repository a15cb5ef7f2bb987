//! Tenants, from both doors.

use crate::testing::World;
use serde_json::{Value, json};
use sesh_edge::native::Call;
use sesh_types::contract::notice::Notice;
use sesh_types::contract::tenants::TENANTS;
use sesh_types::ids::TenantId;

fn path(tenant: TenantId, rest: &str) -> String {
    format!("{TENANTS}/{tenant}{rest}")
}

fn told(world: &World) -> Vec<(bool, Vec<String>, i64)> {
    let tenant = |notice| match notice {
        Notice::Tenant { is_active, domains, version, .. } => Some((is_active, domains, version)),
        _ => None,
    };
    world.heard().into_iter().filter_map(tenant).collect()
}

#[test]
fn a_tenant_is_made_edited_and_told_to_the_workers() {
    let world = World::new();
    let new = json!({ "slug": "acre", "name": "Acre", "domains": ["B.example.com", "a.example.com"],
                      "quotas": { "people": 3 } });
    let call = Call::new("POST", TENANTS).json(&new).header("idempotency-key", "k");
    let got = world.as_admin(call.clone());
    let made = got.json()["data"].clone();
    assert_eq!((got.status, &got.headers["etag"]), (201, &"\"v1\"".parse().unwrap()), "{}", got.text);
    assert_eq!(made["domains"], json!(["a.example.com", "b.example.com"]));
    assert_eq!((&made["people"], &made["quotas"]["people"]), (&json!(0), &json!(3)));
    assert_eq!(world.as_admin(call).text, got.text, "a repetition makes no second one");
    let id: TenantId = made["id"].as_str().unwrap().parse().unwrap();
    let edit = json!({ "name": "Big Acre", "domains": ["b.example.com"], "quotas": {} });
    let call = |tag: &str| Call::new("PATCH", &path(id, "")).json(&edit).header("if-match", tag);
    assert_eq!(world.as_admin(call("\"v2\"")).status, 412);
    let edited = world.as_admin(call("\"v1\"")).json()["data"].clone();
    assert_eq!((&edited["name"], &edited["version"]), (&json!("Big Acre"), &json!(2)));
    assert_eq!((&edited["domains"], &edited["quotas"]["people"]), (&json!(["b.example.com"]), &Value::Null));
    assert_eq!(world.as_admin(Call::new("GET", &path(id, ""))).json()["data"], edited);
    let b = "b.example.com".to_owned();
    assert_eq!(told(&world), [(true, vec!["a.example.com".into(), b.clone()], 1), (true, vec![b], 2)]);
    assert_eq!(world.audited(), ["tenant.created", "tenant.edited"]);
}

#[test]
fn slugs_and_domains_belong_to_one_tenant() {
    let world = World::new();
    let make = |slug: &str, domain: &str| {
        let new = json!({ "slug": slug, "name": "X", "domains": [domain] });
        world.as_admin(Call::new("POST", TENANTS).json(&new)).status
    };
    assert_eq!(make("one", "one.example.com"), 201);
    assert_eq!(make("one", "two.example.com"), 409);
    assert_eq!(make("two", "one.example.com"), 409);
    assert_eq!(make("admin", "three.example.com"), 422);
    assert_eq!(world.number("SELECT COUNT(*) FROM tenants"), 2, "and the consumers'");
    assert_eq!(world.number("SELECT COUNT(*) FROM tenant_domains"), 1, "what is refused leaves nothing");
}

#[test]
fn a_closed_tenant_is_403_at_once_and_goes_on_when_opened() {
    let world = World::new();
    let tenant = world.tenant("acre");
    let owner = world.member(tenant, 1, "owner");
    let at_home = world.somebody(2, "home@example.com");
    let read = |person| world.outside(person, Call::new("GET", "/api/v1/tenant")).status;
    assert_eq!(read(&owner), 200);
    let close = Call::new("POST", &path(tenant, "/deactivate")).json(&json!({ "reason": "unpaid" }));
    let closed = world.as_admin(close.clone());
    assert_eq!(closed.json()["data"]["status"], "inactive", "{}", closed.text);
    assert_eq!(read(&owner), 403);
    let refreshed = world.refresh(&owner.refresh);
    assert_eq!((refreshed.status, &refreshed.json()["error"]["code"]), (403, &json!("tenant_inactive")));
    assert_eq!(world.switch(&at_home, tenant).status, 404, "not a member");
    let here = world.switch(&owner, TenantId::CONSUMERS);
    assert_eq!(here.status, 403, "a token of a closed tenant opens nothing, not even the way home");
    assert_eq!(told(&world).last().map(|(active, ..)| *active), Some(false));
    assert_eq!(world.as_admin(close).json()["data"]["version"], 2, "closing twice is closing");
    assert_eq!(
        world.as_admin(Call::new("POST", &path(tenant, "/activate"))).json()["data"]["status"],
        "active"
    );
    assert_eq!((read(&owner), world.refresh(&owner.refresh).status), (200, 200));
    assert_eq!(told(&world).last().map(|(active, ..)| *active), Some(true));
    let actions = world.column("SELECT action FROM audit WHERE entity LIKE 'tenant:%' ORDER BY seq");
    assert_eq!(actions, ["tenant.created", "tenant.deactivated", "tenant.activated"]);
}

#[test]
fn the_consumers_tenant_stays_open_and_shows_nobody() {
    let world = World::new();
    let ada = world.seeded("ada@example.com");
    let close = Call::new("POST", &path(TenantId::CONSUMERS, "/deactivate")).json(&json!({ "reason": "x" }));
    assert_eq!(world.as_admin(close).status, 409);
    for at in ["/api/v1/tenant", "/api/v1/tenant/members", "/api/v1/tenant/invitations"] {
        assert_eq!(world.outside(&ada, Call::new("GET", at)).status, 403, "{at}");
    }
    let invite = json!({ "email": "b@example.com", "role": "member" });
    let invite = Call::new("POST", &path(TenantId::CONSUMERS, "/invitations")).json(&invite);
    assert_eq!(world.as_admin(invite).status, 403);
}

#[test]
fn a_thousand_tenants_are_listed_and_found_quickly() {
    let world = World::new();
    let rows = (0..1_000)
        .map(|number| format!("('{}', 't{number:04}', 'Farm {number}', 0)", uuid::Uuid::from_u128(number)));
    let rows = rows.collect::<Vec<_>>().join(",");
    world.execute(&format!("INSERT INTO tenants (id, slug, name, created_at) VALUES {rows}")).unwrap();
    let list = |query: &str| world.as_admin(Call::new("GET", &format!("{TENANTS}{query}"))).json();
    let slugs = |page: &Value| -> Vec<String> {
        page["data"].as_array().unwrap().iter().map(|row| row["slug"].as_str().unwrap().to_owned()).collect()
    };
    let end = list("?limit=100&page=11");
    assert_eq!((end["meta"]["total"].as_u64(), slugs(&end)), (Some(1_001), vec!["t0999".to_owned()]));
    assert_eq!(slugs(&list("?q=FARM%2099&limit=3")), ["t0099", "t0990", "t0991"]);
    assert_eq!(list("?status=inactive")["meta"]["total"], 0);
}

#[test]
fn owners_edit_name_and_domains_but_not_quotas() {
    let world = World::new();
    let tenant = world.tenant("acre");
    let (owner, member) = (world.member(tenant, 1, "owner"), world.member(tenant, 2, "member"));
    let edit = |who, body: Value| world.outside(who, Call::new("PATCH", "/api/v1/tenant").json(&body));
    assert_eq!(edit(&owner, json!({ "name": "New" })).json()["data"]["name"], "New");
    assert_eq!(edit(&owner, json!({ "quotas": { "people": 99 } })).status, 422);
    assert_eq!(edit(&member, json!({ "name": "Mine" })).status, 403);
    assert_eq!(world.outside(&member, Call::new("GET", "/api/v1/tenant")).json()["data"]["name"], "New");
}

#[test]
fn how_much_is_used_is_told_with_what_tracker_counts() {
    let world = World::new();
    let tenant = world.tenant("acre");
    world.member(tenant, 1, "owner");
    world
        .execute(&format!("UPDATE tenants SET max_people = 5, max_storage_mb = 2 WHERE id = '{tenant}'"))
        .unwrap();
    let path = format!("{TENANTS}/{tenant}/usage");
    let usage = world.as_admin(Call::new("GET", &path)).json()["data"].clone();
    assert_eq!(usage["people"], json!({ "used": 1, "limit": 5 }));
    assert_eq!(usage["calls_a_day"], json!({ "used": 0, "limit": null }));
    assert_eq!(usage["storage_bytes"], json!({ "used": 7, "limit": 2_000_000 }), "as tracker says");
    let nobodys = format!("{TENANTS}/{}/usage", sesh_types::ids::TenantId(uuid::Uuid::nil()));
    assert_eq!(world.as_admin(Call::new("GET", &nobodys)).status, 404);
}

#[test]
fn the_limit_of_storage_is_told_with_the_tenant() {
    let world = World::new();
    let tenant = world.tenant("acre");
    let path = format!("{TENANTS}/{tenant}");
    for (quotas, told) in [(json!({ "storage_mb": 3 }), Some(3)), (json!({}), None)] {
        let got = world.as_admin(Call::new("PATCH", &path).json(&json!({ "quotas": quotas })));
        assert_eq!(got.status, 200, "{}", got.text);
        let heard = world.heard();
        let Some(Notice::Tenant { storage_mb, .. }) = heard.last() else { panic!("{heard:?}") };
        assert_eq!(*storage_mb, told);
    }
}
