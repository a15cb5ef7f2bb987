//! Going from one tenant to another, through the internal door.

use crate::testing::World;
use serde_json::json;
use sesh_edge::native::Call;
use sesh_types::contract::auth;
use sesh_types::contract::tenants::OWN_TENANTS;
use sesh_types::ids::TenantId;
use sesh_types::time::SECOND_MS;

#[test]
fn one_goes_where_one_is_a_member_and_home_again() {
    let world = World::new();
    let (one, two) = (world.tenant("one"), world.tenant("two"));
    let ada = world.member(one, 1, "admin");
    assert_eq!(ada.subject.tenant, one);
    let list = world.for_person(&ada, Call::new("GET", OWN_TENANTS)).json();
    let found: Vec<_> = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["slug"].clone(), row["role"].clone(), row["current"].clone()))
        .collect();
    let row = |slug: &str, role: &str, current: bool| (json!(slug), json!(role), json!(current));
    assert_eq!(found, [row("consumers", "member", false), row("one", "admin", true)]);
    assert_eq!(list["data"][0]["apps"], json!({ "tracker": { "role": "user" } }));
    assert_eq!(world.switch(&ada, two).status, 404);
    let home = world.signed_in(&world.switch(&ada, TenantId::CONSUMERS));
    assert_eq!(home.subject.tenant, TenantId::CONSUMERS);
    assert_eq!(world.for_person(&home, Call::new("GET", auth::ME)).status, 200);
    assert_eq!(
        world.for_person(&ada, Call::new("GET", auth::ME)).status,
        200,
        "oneself is the same everywhere"
    );
}

#[test]
fn after_switching_the_device_refreshes_in_the_new_tenant() {
    let world = World::new();
    let tenant = world.tenant("acre");
    let before = world.somebody(1, "ada@example.com");
    world
        .execute(&format!(
            "INSERT INTO memberships (tenant_id, person_id, role, apps, joined_at)
             VALUES ('{tenant}', '{}', 'member', '{{}}', 0)",
            before.subject.person
        ))
        .unwrap();
    let there = world.signed_in(&world.switch(&before, tenant));
    let again = world.signed_in(&world.switch(&before, tenant));
    assert_eq!(
        (there.subject.tenant, again.subject.tenant),
        (tenant, tenant),
        "a lost answer is asked for again"
    );
    let refreshed = world.signed_in(&world.refresh(&again.refresh));
    assert_eq!(refreshed.subject.tenant, tenant);
    world.fleet.pass_ms(11 * SECOND_MS);
    assert_eq!(world.refresh(&before.refresh).status, 401, "the token of before was superseded");
    assert!(!world.counts(&refreshed), "and whoever presents it still has a copy: the device ends");
}

#[test]
fn a_profile_edited_in_one_tenant_is_told_for_all() {
    let world = World::new();
    let tenant = world.tenant("acre");
    let ada = world.member(tenant, 1, "member");
    let edit = Call::new("PATCH", auth::ME).json(&json!({ "time_zone": "Europe/London" }));
    assert_eq!(world.for_person(&ada, edit).status, 200);
    let told: Vec<_> = world
        .heard()
        .into_iter()
        .filter_map(|notice| match notice {
            sesh_types::contract::notice::Notice::Profile { tenant_id, version: 2, .. } => Some(tenant_id),
            _ => None,
        })
        .collect();
    assert!(told.contains(&tenant) && told.contains(&TenantId::CONSUMERS) && told.len() == 2, "{told:?}");
}
