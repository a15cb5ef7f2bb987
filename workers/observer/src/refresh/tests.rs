//! New tokens for old, through the internal door.

use crate::testing::World;
use serde_json::json;
use sesh_edge::native::Call;
use sesh_types::contract::auth;
use sesh_types::contract::notice::{ALL_EPOCHS, Notice};
use sesh_types::time::{DAY_MS, MINUTE_MS, SECOND_MS};

const EMAIL: &str = "ada@example.com";

#[test]
fn a_token_gets_its_successor_and_within_ten_seconds_the_same_again() {
    let world = World::new();
    let ada = world.register(EMAIL);
    world.fleet.pass_ms(MINUTE_MS);
    let second = world.signed_in(&world.refresh(&ada.refresh));
    assert_ne!((&second.refresh, &second.access), (&ada.refresh, &ada.access));
    world.fleet.pass_ms(10 * SECOND_MS);
    let again = world.signed_in(&world.refresh(&ada.refresh));
    assert_eq!(again.refresh, second.refresh);
    let third = world.signed_in(&world.refresh(&second.refresh));
    assert!(world.counts(&third));
    assert_eq!(world.number("SELECT generation FROM devices"), 2);
    assert_eq!(world.heard(), []);
}

#[test]
fn a_used_token_that_turns_up_later_ends_the_device_everywhere() {
    let world = World::new();
    let ada = world.register(EMAIL);
    let second = world.signed_in(&world.refresh(&ada.refresh));
    world.fleet.pass_ms(10 * SECOND_MS + 1);
    assert_eq!(world.refresh(&ada.refresh).status, 401);
    assert!(matches!(world.heard().as_slice(), [Notice::Revoked { subject, min_epoch, expires_at, .. }]
        if *subject == format!("device:{}", ada.subject.device) && *min_epoch == ALL_EPOCHS
           && expires_at.0 - world.fleet.now().0 == 75 * MINUTE_MS));
    assert_eq!(world.refresh(&second.refresh).status, 401, "the successor is dead too");
    assert!(!world.counts(&second));
    assert_eq!(world.refresh(&ada.refresh).status, 401);
    assert_eq!(world.audited(), ["person.registered", "refresh.replayed"], "told once");
}

#[test]
fn a_successor_that_was_used_leaves_no_time_of_grace() {
    let world = World::new();
    let ada = world.register(EMAIL);
    let second = world.signed_in(&world.refresh(&ada.refresh));
    let third = world.signed_in(&world.refresh(&second.refresh));
    assert_eq!(world.refresh(&ada.refresh).status, 401);
    assert_eq!(world.refresh(&third.refresh).status, 401);
    assert_eq!(world.audited(), ["person.registered", "refresh.replayed"]);
}

#[test]
fn forged_and_malformed_tokens_change_nothing() {
    let world = World::new();
    let ada = world.register(EMAIL);
    let second = world.signed_in(&world.refresh(&ada.refresh));
    world.fleet.pass_ms(MINUTE_MS);
    let forged = format!("{}A", &ada.refresh[..ada.refresh.len() - 1]);
    let future = second.refresh.replace("_1_", "_2_");
    let other_key = ada.refresh.replace("fresh1", "fresh2");
    for token in ["", "rt_", "rt_fresh1_x_0_y", &forged, &future, &other_key, &ada.access] {
        assert_eq!(world.refresh(token).status, 401, "{token}");
    }
    assert_eq!(world.internal(Call::new("POST", auth::REFRESH)).status, 401, "no body at all");
    assert_eq!(world.post(auth::REFRESH, &json!({ "token": 1 })).status, 400);
    assert!(world.counts(&second));
    assert_eq!(world.refresh(&second.refresh).status, 200);
    assert_eq!(world.audited(), ["person.registered"]);
}

#[test]
fn devices_that_stay_away_or_stay_long_must_sign_in_again() {
    let world = World::new();
    let away = world.register(EMAIL);
    world.fleet.pass_ms(30 * DAY_MS);
    assert_eq!(world.refresh(&away.refresh).status, 401);
    assert_eq!(world.audited(), ["person.registered"], "nobody copied anything");
    let mut device = world.login(EMAIL);
    for _ in 0..3 {
        world.fleet.pass_ms(29 * DAY_MS);
        device = world.signed_in(&world.refresh(&device.refresh));
    }
    world.fleet.pass_ms(3 * DAY_MS - 1);
    device = world.signed_in(&world.refresh(&device.refresh));
    world.fleet.pass_ms(1);
    assert_eq!(world.refresh(&device.refresh).status, 401, "90 days are over");
}

#[test]
fn a_replay_is_answered_only_when_tracker_knows() {
    let world = World::new();
    let ada = world.register(EMAIL);
    world.refresh(&ada.refresh);
    world.fleet.pass_ms(MINUTE_MS);
    world.tracker_is_down(true);
    assert_eq!(world.refresh(&ada.refresh).status, 503);
    assert_eq!(world.refresh(&ada.refresh).status, 503, "dead, and tracker still does not know");
    world.tracker_is_down(false);
    assert_eq!(world.refresh(&ada.refresh).status, 401);
    assert_eq!(world.heard().len(), 1);
    assert_eq!(world.number("SELECT COUNT(*) FROM notices"), 0);
}
