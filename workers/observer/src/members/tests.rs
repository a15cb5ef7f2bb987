//! Memberships, from outside.

use crate::testing::{SignedIn, World};
use serde_json::{Value, json};
use sesh_edge::native::{Call, Got};
use sesh_types::access::TenantRole;
use sesh_types::contract::notice::Notice;
use sesh_types::ids::TenantId;

fn of(person: &SignedIn) -> String {
    format!("/api/v1/tenant/members/{}", person.subject.person)
}

fn edit(world: &World, who: &SignedIn, whom: &SignedIn, body: &Value) -> Got {
    world.outside(who, Call::new("PATCH", &of(whom)).json(body))
}

fn end(world: &World, who: &SignedIn, whom: &SignedIn) -> u16 {
    world.outside(who, Call::new("DELETE", &of(whom))).status
}

fn refreshed(world: &World, person: &SignedIn) -> SignedIn {
    world.signed_in(&world.refresh(&person.refresh))
}

#[test]
fn the_people_of_a_tenant_see_one_another_and_nobody_else_does() {
    let world = World::new();
    let (one, two) = (world.tenant("one"), world.tenant("two"));
    let (owner, member) = (world.member(one, 1, "owner"), world.member(one, 2, "member"));
    let stranger = world.member(two, 3, "owner");
    let list = |who| world.outside(who, Call::new("GET", "/api/v1/tenant/members")).json();
    let ids = |page: &Value| -> Vec<String> {
        page["data"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
    };
    let both = [owner.subject.person.to_string(), member.subject.person.to_string()];
    assert_eq!(ids(&list(&member)), both);
    assert_eq!(list(&member)["meta"]["total"], 2);
    assert_eq!(ids(&list(&stranger)), [stranger.subject.person.to_string()]);
    let role = json!({ "role": "member" });
    assert_eq!(edit(&world, &stranger, &member, &role).status, 404, "ids of another tenant are nobody's");
    assert_eq!(end(&world, &stranger, &member), 404);
}

#[test]
fn a_changed_role_takes_effect_on_the_next_call() {
    let world = World::new();
    let tenant = world.tenant("acre");
    let (owner, admin) = (world.member(tenant, 1, "owner"), world.member(tenant, 2, "admin"));
    let invitations = |who| world.outside(who, Call::new("GET", "/api/v1/tenant/invitations")).status;
    assert_eq!(invitations(&admin), 200);
    world.tracker_is_down(true);
    let demote =
        json!({ "role": "member", "apps": { "depot": { "role": "viewer", "departments": ["finance"] } } });
    assert_eq!(edit(&world, &owner, &admin, &demote).status, 503, "not acknowledged before tracker knows");
    assert_eq!(invitations(&admin), 401, "but the old rights are gone already");
    world.tracker_is_down(false);
    let got = edit(&world, &owner, &admin, &demote);
    assert_eq!((got.status, &got.json()["data"]["role"]), (200, &json!("member")), "{}", got.text);
    let subject = format!("person:{}", admin.subject.person);
    assert!(
        world
            .heard()
            .iter()
            .any(|notice| matches!(notice, Notice::Revoked { subject: of, .. } if *of == subject))
    );
    let admin = refreshed(&world, &admin);
    assert_eq!(invitations(&admin), 403, "the new rights");
    let verified = world.keys.verifying.verify(&admin.access, crate::testing::ISSUER, world.fleet.now());
    let (claims, _): (sesh_edge::token::AccessClaims, _) = verified.unwrap();
    assert_eq!((claims.role, claims.tid, claims.apps.names()), (TenantRole::Member, tenant, vec!["depot"]));
}

#[test]
fn nobody_lifts_themselves_or_others_above_themselves() {
    let world = World::new();
    let tenant = world.tenant("acre");
    let owner = world.member(tenant, 1, "owner");
    let (admin, member) = (world.member(tenant, 2, "admin"), world.member(tenant, 3, "member"));
    for (who, whom, role, status) in [
        (&admin, &admin, "owner", 403),
        (&admin, &member, "admin", 403),
        (&admin, &owner, "member", 403),
        (&member, &member, "admin", 403),
        (&owner, &owner, "member", 409),
    ] {
        assert_eq!(edit(&world, who, whom, &json!({ "role": role })).status, status, "{role}");
    }
    assert_eq!(end(&world, &admin, &owner), 403);
    assert_eq!(end(&world, &owner, &owner), 409, "the last owner stays");
    assert_eq!(edit(&world, &owner, &admin, &json!({ "role": "owner" })).status, 200);
    let roles = world.column("SELECT role FROM memberships ORDER BY person_id");
    assert_eq!(roles, ["owner", "owner", "member"]);
}

#[test]
fn whoever_leaves_is_at_home_again() {
    let world = World::new();
    let tenant = world.tenant("acre");
    let (owner, member) = (world.member(tenant, 1, "owner"), world.member(tenant, 2, "member"));
    let with_key = Call::new("DELETE", &of(&member)).header("idempotency-key", "k");
    assert_eq!(world.outside(&owner, with_key.clone()).status, 204);
    assert_eq!(world.outside(&owner, with_key).status, 204, "repeated, it is done");
    assert_eq!(end(&world, &owner, &member), 404);
    assert_eq!(world.outside(&member, Call::new("GET", "/api/v1/tenant")).status, 401);
    let home = refreshed(&world, &member);
    assert_eq!(home.subject.tenant, TenantId::CONSUMERS);
    assert_eq!(world.switch(&home, tenant).status, 404);
    assert_eq!(world.number("SELECT people FROM tenants WHERE slug = 'acre'"), 1);
}

#[test]
fn of_two_edits_of_one_version_one_wins() {
    let world = World::new();
    let tenant = world.tenant("acre");
    let (owner, member) = (world.member(tenant, 1, "owner"), world.member(tenant, 2, "member"));
    let call = |role: &str| {
        let call = Call::new("PATCH", &of(&member)).json(&json!({ "role": role }));
        world.outside(&owner, call.header("if-match", "\"v1\"")).status
    };
    assert_eq!((call("admin"), call("owner")), (200, 412));
}
