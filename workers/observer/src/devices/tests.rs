//! Devices and signing them out, through the internal door.

use crate::testing::World;
use serde_json::json;
use sesh_edge::native::Call;
use sesh_edge::service::Job;
use sesh_types::contract::auth;
use sesh_types::contract::notice::Notice;
use sesh_types::time::{DAY_MS, MINUTE_MS};

const EMAIL: &str = "ada@example.com";

fn logout(world: &World, person: &crate::testing::SignedIn) -> u16 {
    world.for_person(person, Call::new("POST", auth::LOGOUT).json(&json!({}))).status
}

fn subjects(world: &World) -> Vec<String> {
    let subject = |notice| match notice {
        Notice::Revoked { subject, .. } => subject,
        other => unreachable!("{other:?}"),
    };
    world.heard().into_iter().map(subject).collect()
}

#[test]
fn ones_devices_are_listed_and_nobody_elses() {
    let world = World::new();
    let first = world.register(EMAIL);
    world.register("bob@example.com");
    world.fleet.pass_ms(MINUTE_MS);
    let second = world.signed_in(
        &world.internal(
            Call::new("POST", auth::LOGIN)
                .header("user-agent", "a telephone")
                .json(&json!({ "email": EMAIL, "password": crate::testing::PASSWORD })),
        ),
    );
    let got = world.for_person(&second, Call::new("GET", auth::DEVICES)).json();
    let rows: Vec<_> =
        got["data"].as_array().unwrap().iter().map(|row| (&row["id"], &row["current"])).collect();
    assert_eq!(
        rows,
        [(&json!(second.subject.device), &json!(true)), (&json!(first.subject.device), &json!(false))]
    );
    assert_eq!((&got["data"][0]["user_agent"], &got["meta"]["total"]), (&json!("a telephone"), &json!(2)));
    let paged =
        world.for_person(&second, Call::new("GET", &format!("{}?page=2&limit=1", auth::DEVICES))).json();
    assert_eq!(paged["data"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        world.for_person(&second, Call::new("GET", &format!("{}?limit=0", auth::DEVICES))).status,
        400
    );
}

#[test]
fn a_logout_is_acknowledged_when_tracker_knows() {
    let world = World::new();
    let ada = world.register(EMAIL);
    world.tracker_is_down(true);
    assert_eq!(logout(&world, &ada), 503);
    assert!(!world.counts(&ada), "here it holds already");
    assert_eq!(logout(&world, &ada), 503);
    world.tracker_is_down(false);
    assert_eq!(logout(&world, &ada), 204, "repeated, it succeeds");
    assert_eq!(subjects(&world), [format!("device:{}", ada.subject.device)]);
    assert_eq!(logout(&world, &ada), 204);
    assert_eq!(world.refresh(&ada.refresh).status, 401);
    assert_eq!(world.audited(), ["person.registered", "device.signed_out"]);
}

#[test]
fn what_could_not_be_delivered_is_delivered_by_the_cron_trigger() {
    let world = World::new();
    let ada = world.register(EMAIL);
    world.tracker_is_down(true);
    assert_eq!(logout(&world, &ada), 503);
    assert!(!world.fleet.job("observer", Job::Tick));
    world.tracker_is_down(false);
    assert!(world.fleet.job("observer", Job::Tick));
    assert_eq!(world.heard().len(), 1);
    assert!(world.fleet.job("observer", Job::Tick));
    assert_eq!(world.heard().len(), 1, "delivered once");
}

#[test]
fn a_refresh_token_signs_out_when_the_access_token_is_gone() {
    let world = World::new();
    let ada = world.register(EMAIL);
    let out = |token: &str| world.post(auth::LOGOUT, &json!({ "refresh_token": token })).status;
    assert_eq!(out(&ada.refresh.replace("_0_", "_1_")), 401, "forged");
    assert_eq!(world.post(auth::LOGOUT, &json!({})).status, 401);
    assert!(world.counts(&ada));
    assert_eq!(out(&ada.refresh), 204);
    assert!(!world.counts(&ada));
    assert_eq!(out(&ada.refresh), 204);
}

#[test]
fn one_device_is_signed_out_by_another_of_the_same_person() {
    let world = World::new();
    let (first, second) = (world.register(EMAIL), world.login(EMAIL));
    let bob = world.register("bob@example.com");
    let remove =
        |by, id: String| world.for_person(by, Call::new("DELETE", &format!("{}/{id}", auth::DEVICES)));
    assert_eq!(remove(&bob, first.subject.device.to_string()).status, 404, "somebody else's");
    assert_eq!(remove(&first, "42".into()).status, 404);
    assert_eq!(remove(&first, second.subject.device.to_string()).status, 204);
    assert_eq!(remove(&first, second.subject.device.to_string()).status, 204, "again");
    assert!(world.counts(&first) && world.counts(&bob) && !world.counts(&second));
    assert_eq!(world.refresh(&second.refresh).status, 401);
    assert_eq!(remove(&second, first.subject.device.to_string()).status, 401, "the dead sign nobody out");
    assert_eq!(subjects(&world), [format!("device:{}", second.subject.device)]);
    assert_eq!(remove(&first, first.subject.device.to_string()).status, 204, "oneself");
    assert!(!world.counts(&first));
}

#[test]
fn all_others_are_signed_out_and_a_repeated_request_spares_who_came_since() {
    let world = World::new();
    let others = [world.register(EMAIL), world.login(EMAIL)];
    let kept = world.login(EMAIL);
    let remove = |key: &str| {
        world.for_person(&kept, Call::new("DELETE", auth::DEVICES).header("idempotency-key", key))
    };
    world.tracker_is_down(true);
    assert_eq!(remove("k").status, 503);
    world.tracker_is_down(false);
    let newcomer = world.login(EMAIL);
    assert_eq!(remove("k").status, 204);
    assert!(others.iter().all(|other| !world.counts(other)));
    assert!(world.counts(&kept) && world.counts(&newcomer));
    let mut told = subjects(&world);
    told.sort();
    let mut expected: Vec<_> =
        others.iter().map(|other| format!("device:{}", other.subject.device)).collect();
    expected.sort();
    assert_eq!(told, expected);
    assert_eq!(remove("k2").status, 204);
    assert!(!world.counts(&newcomer));
    assert_eq!(remove("k3").status, 204);
    let count = world.audited().iter().filter(|action| *action == "devices.others_signed_out").count();
    assert_eq!(count, 2, "where there is nobody to sign out nothing is written");
}

#[test]
fn ended_devices_are_forgotten_in_the_end() {
    let world = World::new();
    let ada = world.register(EMAIL);
    assert_eq!(logout(&world, &ada), 204);
    world.fleet.pass_ms(31 * DAY_MS);
    world.fleet.pass_ms(-(world.fleet.now().0 % DAY_MS));
    assert!(world.fleet.job("observer", Job::Tick));
    assert_eq!(world.number("SELECT COUNT(*) FROM devices"), 0);
    assert_eq!(logout(&world, &ada), 204);
    assert_eq!(world.refresh(&ada.refresh).status, 401);
}
