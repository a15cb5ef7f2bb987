//! What tracker makes of what it is told of tenants: a closed one is 403, and so is a sign-in at another tenant's address.

use crate::world::World;
use serde_json::{Value, json};
use sesh_edge::native::{Call, Got};
use sesh_types::ids::TenantId;

const ACRE: TenantId = TenantId(uuid::Uuid::from_u128(0xacce));
const OTHER: TenantId = TenantId(uuid::Uuid::from_u128(0x07e5));

fn tell(world: &World, tenant: TenantId, version: i64, is_active: bool, domains: &[&str]) {
    let notice = json!({ "notices": [{
        "kind": "tenant", "tenant_id": tenant, "slug": "s", "name": "N", "is_active": is_active, "domains": domains,
        "version": version }] });
    let got = world.fleet.call_internal("tracker", Call::new("POST", "/internal/v1/notices").json(&notice));
    assert_eq!(got.status, 204, "{}", got.text);
}

fn token(world: &World, tenant: TenantId) -> String {
    world.token_in(tenant, World::somebody(1))
}

fn read(world: &World, tenant: TenantId, host: &str) -> Got {
    let call = Call::new("GET", "/api/v1/stash").bearer(&token(world, tenant)).header("host", host);
    world.fleet.call("tracker", call)
}

fn write(world: &World, tenant: TenantId, host: &str) -> Got {
    let lot = json!({ "name": "jar", "form": "flower", "quantity_mg": 5 });
    let call = Call::new("POST", "/api/v1/stash").bearer(&token(world, tenant)).header("host", host);
    world.fleet.call("tracker", call.json(&lot))
}

fn code(got: &Got) -> (u16, Value) {
    (got.status, got.json()["error"]["code"].clone())
}

#[test]
fn a_closed_tenant_is_403_until_it_is_opened() {
    let world = World::new(1);
    let host = "sesh-tracker.com";
    assert_eq!((read(&world, ACRE, host).status, write(&world, ACRE, host).status), (200, 201));
    tell(&world, ACRE, 2, false, &[]);
    let refused = (403, json!("tenant_inactive"));
    assert_eq!(code(&read(&world, ACRE, host)), refused);
    assert_eq!(code(&write(&world, ACRE, host)), refused);
    assert_eq!(read(&world, TenantId::CONSUMERS, host).status, 200, "others go on");
    tell(&world, ACRE, 1, true, &[]);
    assert_eq!(read(&world, ACRE, host).status, 403, "an older notice changes nothing");
    tell(&world, ACRE, 3, true, &[]);
    let lots = read(&world, ACRE, host).json()["data"].as_array().unwrap().len();
    assert_eq!(lots, 1, "what was there is there, and what was refused is not");
}

#[test]
fn at_a_tenants_address_only_its_own_tokens_count() {
    let world = World::new(1);
    tell(&world, ACRE, 1, true, &["acre.example.com"]);
    for host in ["acre.example.com", "ACRE.example.com:8787"] {
        assert_eq!(read(&world, ACRE, host).status, 200);
        for tenant in [OTHER, TenantId::CONSUMERS] {
            assert_eq!(code(&read(&world, tenant, host)), (403, json!("forbidden")), "{host}");
            assert_eq!(code(&write(&world, tenant, host)), (403, json!("forbidden")), "{host}");
        }
    }
    assert_eq!(read(&world, OTHER, "other.example.com").status, 200, "an address of nobody's is everybody's");
}

#[test]
fn an_address_moves_with_its_tenant_in_whichever_order_it_is_told() {
    for told_in_order in [true, false] {
        let world = World::new(1);
        tell(&world, ACRE, 1, true, &["shop.example.com"]);
        if told_in_order {
            tell(&world, ACRE, 2, true, &[]);
            tell(&world, OTHER, 1, true, &["shop.example.com"]);
        } else {
            tell(&world, OTHER, 1, true, &["shop.example.com"]);
            tell(&world, ACRE, 2, true, &[]);
        }
        assert_eq!(read(&world, OTHER, "shop.example.com").status, 200);
        assert_eq!(read(&world, ACRE, "shop.example.com").status, 403);
    }
}

#[test]
fn what_is_tracked_in_one_tenant_is_not_seen_in_another() {
    let world = World::new(1);
    let lot = write(&world, ACRE, "").json()["data"]["id"].as_str().unwrap().to_owned();
    assert_eq!(read(&world, OTHER, "").json()["data"], json!([]));
    let call = Call::new("GET", &format!("/api/v1/stash/{lot}")).bearer(&token(&world, OTHER));
    assert_eq!(world.fleet.call("tracker", call).status, 404);
}
