//! Coming back without any factor, through the internal door.

use crate::testing::{PASSWORD, SignedIn, World};
use serde_json::{Value, json};
use sesh_edge::native::{Call, Got};
use sesh_edge::service::Job;
use sesh_types::contract::{admin, auth, recovery};
use sesh_types::time::{HOUR_MS, MINUTE_MS};

const EMAIL: &str = "ada@example.com";

/// Somebody with one of everything that lets them in.
fn guarded(world: &World) -> SignedIn {
    let ada = world.register(EMAIL);
    let (person, tenant) = (ada.subject.person, ada.subject.tenant);
    world
        .execute(&format!(
            "INSERT INTO totp (person_id, tenant_id, id, key_id, created_at, confirmed_at)
             VALUES ('{person}', '{tenant}', '00000000-0000-7000-8000-000000000001', 'factor1', 0, 1);
             INSERT INTO recovery_sets (person_id, tenant_id, id, key_id, created_at)
             VALUES ('{person}', '{tenant}', 's', 'factor1', 0);
             INSERT INTO recovery_uses (set_id, number, used_at) VALUES ('s', 1, 0);
             INSERT INTO passkeys (id, tenant_id, person_id, algorithm, public_key, name, sign_count, is_backed_up,
               created_at) VALUES ('p', '{tenant}', '{person}', 'ES256', 'k', 'n', 0, 0, 0);
             INSERT INTO identities (id, tenant_id, person_id, issuer, provider, linked_at)
             VALUES ('i', '{tenant}', '{person}', 'https://id.example', 'other', 0)"
        ))
        .unwrap();
    ada
}

fn ask(world: &World, person: &SignedIn, body: &Value) -> Got {
    let path = format!("{}/{}/factors/reset", admin::PEOPLE, person.subject.person);
    world.as_admin(Call::new("POST", &path).json(body))
}

fn factors(world: &World) -> i64 {
    world.number(
        "SELECT (SELECT COUNT(*) FROM totp) + (SELECT COUNT(*) FROM recovery_sets) + (SELECT COUNT(*) FROM passkeys)
           + (SELECT COUNT(*) FROM recovery_uses) + (SELECT COUNT(*) FROM identities)",
    )
}

fn login(world: &World, password: &str) -> u16 {
    world.post(auth::LOGIN, &json!({ "email": EMAIL, "password": password })).status
}

fn subjects(world: &World) -> Vec<String> {
    world.fleet.mails().into_iter().map(|mail| mail.subject).collect()
}

#[test]
fn whoever_was_seen_gets_back_in_at_once_by_mail_alone() {
    let world = World::new();
    let ada = guarded(&world);
    let got = ask(&world, &ada, &json!({ "reason": "passport shown", "identity_confirmed": true }));
    assert_eq!((got.status, got.json()["data"]["done"].clone()), (200, json!(true)), "{}", got.text);
    assert!(!world.counts(&ada), "no token of theirs counts");
    assert_eq!(
        (factors(&world), world.number("SELECT COUNT(*) FROM devices WHERE revoked_at IS NULL")),
        (0, 0)
    );
    assert_eq!(login(&world, PASSWORD), 401, "nor does the password");
    assert_eq!(world.refresh(&ada.refresh).status, 401);
    assert_eq!(world.post(recovery::RECOVER, &json!({ "email": EMAIL })).status, 202);
    let set = json!({ "token": world.mail_token(), "new_password": "snowplough 17 geese" });
    assert_eq!(world.post(recovery::COMPLETE, &set).status, 204);
    assert_eq!(login(&world, "snowplough 17 geese"), 200);
    assert!(subjects(&world).contains(&"Your second factors were taken away".to_owned()));
    let detail = world.column("SELECT detail FROM audit WHERE action = 'factors.reset'");
    assert!(detail[0].contains("passport shown") && !detail[0].contains('@'), "{detail:?}");
}

#[test]
fn whoever_was_not_seen_waits_a_day_in_which_the_owner_is_told() {
    let world = World::new();
    let ada = guarded(&world);
    let first = ask(&world, &ada, &json!({ "reason": "wrote a letter" }));
    assert_eq!(first.json()["data"]["done"], false, "{}", first.text);
    world.fleet.pass_ms(HOUR_MS);
    let again = ask(&world, &ada, &json!({ "reason": "wrote another" }));
    assert_eq!(
        again.json()["data"]["due_at"],
        first.json()["data"]["due_at"],
        "asking again does not put it off"
    );
    let told =
        || subjects(&world).iter().filter(|text| *text == "Your second factors are to be taken away").count();
    assert_eq!(told(), 1);
    world.fleet.pass_ms(23 * HOUR_MS - MINUTE_MS);
    assert!(world.fleet.job("observer", Job::Tick));
    assert!(world.counts(&ada) && factors(&world) == 5, "not yet");
    world.fleet.pass_ms(MINUTE_MS);
    assert!(world.fleet.job("observer", Job::Tick));
    assert!(!world.counts(&ada) && factors(&world) == 0);
    assert!(!world.heard().is_empty(), "tracker was told");
    assert_eq!(world.number("SELECT COUNT(*) FROM factor_resets"), 0);
    let actors = world.column("SELECT actor FROM audit WHERE action = 'factors.reset'");
    assert_eq!(actors, ["key:ops"]);
    assert!(world.fleet.job("observer", Job::Tick));
    assert_eq!(world.number("SELECT COUNT(*) FROM audit WHERE action = 'factors.reset'"), 1, "once");
}

#[test]
fn an_administrator_takes_it_back_while_it_waits() {
    let world = World::new();
    let ada = guarded(&world);
    assert_eq!(ask(&world, &ada, &json!({ "reason": "wrote a letter" })).status, 200);
    let path = format!("{}/{}/factors/reset", admin::PEOPLE, ada.subject.person);
    assert_eq!(world.as_admin(Call::new("DELETE", &path)).status, 204);
    assert_eq!(world.as_admin(Call::new("DELETE", &path)).status, 404);
    world.fleet.pass_ms(25 * HOUR_MS);
    assert!(world.fleet.job("observer", Job::Tick));
    assert!(world.counts(&ada) && factors(&world) == 5);
}

#[test]
fn it_asks_for_a_reason_and_a_person() {
    let world = World::new();
    let ada = guarded(&world);
    assert_eq!(ask(&world, &ada, &json!({ "reason": " " })).status, 422);
    assert_eq!(ask(&world, &ada, &json!({})).status, 400);
    let nobody = format!("{}/00000000-0000-4000-8000-000000000000/factors/reset", admin::PEOPLE);
    for confirmed in [true, false] {
        let body = json!({ "reason": "x", "identity_confirmed": confirmed });
        assert_eq!(world.as_admin(Call::new("POST", &nobody).json(&body)).status, 404);
    }
    assert_eq!(factors(&world), 5);
}

#[test]
fn the_same_key_takes_away_once() {
    let world = World::new();
    let ada = guarded(&world);
    let path = format!("{}/{}/factors/reset", admin::PEOPLE, ada.subject.person);
    let body = json!({ "reason": "passport shown", "identity_confirmed": true });
    let send = || world.as_admin(Call::new("POST", &path).header("idempotency-key", "k").json(&body));
    let first = send();
    world.fleet.pass_ms(MINUTE_MS);
    assert_eq!((first.status, first.text), (200, send().text));
    assert_eq!(world.number("SELECT epoch FROM people"), 1);
}
