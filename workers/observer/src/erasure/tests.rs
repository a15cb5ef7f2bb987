//! Erasing people, as far as it is observer's; what tracker does stands in its `tests/worker/erasure.rs`.

use crate::testing::{PASSWORD, SignedIn, World, race, registration, request};
use serde_json::{Value, json};
use sesh_edge::native::{Call, Got};
use sesh_edge::service::Job;
use sesh_types::contract::notice::Notice;
use sesh_types::contract::{admin, auth, factors, privacy, recovery, tenants};

const EMAIL: &str = "ada@example.com";

fn erase(world: &World, person: &SignedIn, body: &Value, key: &str) -> Got {
    let call = Call::new("POST", privacy::ERASE).header("idempotency-key", key);
    world.for_person(person, call.json(body))
}

fn with_password() -> Value {
    json!({ "password": PASSWORD })
}

fn told_erased(world: &World) -> usize {
    world.heard().iter().filter(|notice| matches!(notice, Notice::Erased { .. })).count()
}

fn valid(world: &World) -> bool {
    world.as_admin(Call::new("GET", admin::AUDIT_VERIFY)).json()["data"]["valid"] == true
}

#[test]
fn a_person_leaves_ids_behind_and_a_chain_that_holds() {
    let world = World::new();
    world.fleet.mail_is_down(true);
    let ada = world.register(EMAIL);
    let other = world.login(EMAIL);
    assert_eq!(world.post(recovery::RECOVER, &json!({ "email": EMAIL })).status, 202);
    let tenant = world.tenant("farm");
    let invite = json!({ "email": EMAIL, "role": "member" });
    let path = format!("{}/{tenant}/invitations", tenants::TENANTS);
    assert_eq!(world.as_admin(Call::new("POST", &path).json(&invite)).status, 201);
    let kept = world.number("SELECT COUNT(*) FROM audit");
    assert_eq!(erase(&world, &ada, &with_password(), "k").status, 204);
    assert!(!world.counts(&ada) && !world.counts(&other));
    assert_eq!(world.refresh(&other.refresh).status, 401);
    assert_eq!(world.post(auth::LOGIN, &json!({ "email": EMAIL, "password": PASSWORD })).status, 401);
    for table in ["people", "person_keys", "devices", "mails", "proofs", "invitations", "memberships"] {
        assert_eq!(world.number(&format!("SELECT COUNT(*) FROM {table}")), 0, "{table}");
    }
    assert_eq!(world.audited().iter().filter(|action| *action == "person.erased").count(), 1);
    assert!(world.number("SELECT COUNT(*) FROM audit") > kept && valid(&world));
    let subject = format!("person:{}", ada.subject.person);
    let revoked =
        |notice: &Notice| matches!(notice, Notice::Revoked { subject: told, .. } if *told == subject);
    assert!(world.heard().iter().any(revoked) && told_erased(&world) == 1);
    assert_eq!(world.post(auth::REGISTER, &registration(EMAIL)).status, 201, "the address is free");
    assert!(valid(&world));
}

#[test]
fn it_is_acknowledged_when_tracker_knows_and_trying_again_finishes_it() {
    let world = World::new();
    let ada = world.register(EMAIL);
    world.tracker_is_down(true);
    assert_eq!(erase(&world, &ada, &with_password(), "k").status, 503);
    assert!(!world.counts(&ada), "here it holds already");
    assert_eq!(erase(&world, &ada, &with_password(), "k").status, 503);
    assert_eq!(erase(&world, &ada, &with_password(), "other").status, 503, "without the key, too");
    world.tracker_is_down(false);
    assert_eq!(erase(&world, &ada, &with_password(), "k").status, 204);
    assert_eq!((told_erased(&world), world.number("SELECT COUNT(*) FROM notices")), (1, 0));
    assert_eq!(erase(&world, &ada, &with_password(), "k").status, 204);
    assert_eq!(erase(&world, &ada, &with_password(), "other").status, 401, "there is nobody");
    assert_eq!(told_erased(&world), 1);
    let reused = erase(&world, &ada, &json!({ "password": "another" }), "k");
    assert_eq!(reused.status, 422, "{}", reused.text);
}

#[test]
fn what_could_not_be_delivered_is_delivered_by_the_cron_trigger() {
    let world = World::new();
    let ada = world.register(EMAIL);
    world.tracker_is_down(true);
    assert_eq!(erase(&world, &ada, &with_password(), "k").status, 503);
    world.tracker_is_down(false);
    assert!(world.fleet.job("observer", Job::Tick));
    assert_eq!(told_erased(&world), 1);
}

#[test]
fn password_and_code_are_asked_for() {
    let world = World::new();
    let (ada, _, codes) = crate::factors::tests::protected(&world);
    let code = |got: &Got| got.json()["error"]["code"].as_str().unwrap_or_default().to_owned();
    let got = erase(&world, &ada, &json!({ "password": "not the password", "code": "000000" }), "1");
    assert_eq!((got.status, code(&got)), (401, "invalid_credentials".into()));
    let got = erase(&world, &ada, &with_password(), "2");
    assert_eq!(got.status, 422, "{}", got.text);
    let got = erase(&world, &ada, &json!({ "password": PASSWORD, "code": "000000" }), "3");
    assert_eq!((got.status, code(&got)), (401, "invalid_code".into()));
    let got = erase(&world, &ada, &json!({ "password": PASSWORD, "recovery_code": codes[0] }), "4");
    assert_eq!(got.status, 204, "{}", got.text);
    for table in ["totp", "recovery_sets", "recovery_uses"] {
        assert_eq!(world.number(&format!("SELECT COUNT(*) FROM {table}")), 0, "{table}");
    }
}

#[test]
fn a_last_owner_hands_over_first() {
    let world = World::new();
    let tenant = world.tenant("farm");
    let owner = world.member(tenant, 1, "owner");
    let path = format!("{}/{}/erase", admin::PEOPLE, owner.subject.person);
    let erase = || world.as_admin(Call::new("POST", &path).json(&json!({ "reason": "a letter" })));
    let got = erase();
    assert_eq!((got.status, &got.json()["error"]["code"]), (409, &json!("conflict")));
    assert!(world.counts(&owner), "nothing happened");
    world.member(tenant, 2, "owner");
    assert_eq!(erase().status, 204);
    assert_eq!(world.number("SELECT people FROM tenants WHERE slug = 'farm'"), 1);
}

#[test]
fn whatever_races_with_an_erasure_leaves_nothing_behind() {
    for seed in 0..12 {
        let world = World::new();
        let ada = world.register(EMAIL);
        let login = json!({ "email": EMAIL, "password": PASSWORD });
        let requests = vec![
            request(privacy::ERASE, &with_password(), Some(&ada)),
            request(privacy::ERASE, &with_password(), Some(&ada)),
            request(auth::LOGIN, &login, None),
            request(auth::REFRESH, &json!({ "refresh_token": ada.refresh }), None),
            request(recovery::RESEND, &json!({}), Some(&ada)),
            request(factors::TOTP, &with_password(), Some(&ada)),
        ];
        let answers = race(&world, requests, seed);
        let done = answers.iter().take(2).filter(|(status, _)| *status == 204).count();
        assert!((1..=2).contains(&done), "seed {seed}: {answers:?}");
        assert!(answers.iter().all(|(status, _)| *status < 500), "seed {seed}: {answers:?}");
        for table in ["people", "person_keys", "devices", "proofs", "totp"] {
            assert_eq!(world.number(&format!("SELECT COUNT(*) FROM {table}")), 0, "seed {seed}: {table}");
        }
        assert_eq!(
            world.audited().iter().filter(|action| *action == "person.erased").count(),
            1,
            "seed {seed}"
        );
        assert!(valid(&world), "seed {seed}");
    }
}

/// A table that says whose its rows are is one that erasing must know.
#[test]
fn every_table_of_peoples_rows_is_erased() {
    let known = include_str!("store.rs");
    let world = World::new();
    let tables = world.column(
        "SELECT DISTINCT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
         WHERE m.type = 'table' AND c.name IN ('person_id', 'owner_id', 'accepted_by')",
    );
    assert!(tables.len() >= 9, "{tables:?}");
    for table in tables {
        let deleted = known.contains(&format!("DELETE FROM {table} "));
        assert!(
            deleted || table == "erasures",
            "{table}: workers/observer/src/erasure/store.rs must delete its rows"
        );
    }
}
