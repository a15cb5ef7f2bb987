//! `POST /api/v1/auth/refresh`

use e2e::actors::{Caller, Person};
use e2e::control::{number, rows};
use e2e::fleet::Worker::Observer;
use e2e::wait::at_once;
use serde_json::json;
use std::collections::BTreeSet;

const PATH: &str = "/api/v1/auth/refresh";

/// As if the device had got its tokens longer ago than two tabs or a lost answer explain.
fn time_passes(device: &str) {
    rows(Observer, "UPDATE devices SET rotated_at = rotated_at - 11000 WHERE id = ?1", &[json!(device)]);
}

fn generation(device: &str) -> i64 {
    number(Observer, "SELECT generation AS n FROM devices WHERE id = ?1", &[json!(device)])
}

#[test]
fn a_refresh_token_gives_new_tokens_of_the_same_device() {
    let person = Person::new();
    let next = person.refreshed();
    assert_ne!(next.refresh, person.refresh);
    assert_eq!((next.id.as_str(), next.device()), (person.id.as_str(), person.device()));
    assert!(next.refreshed().counts(), "and so on");
}

#[test]
fn the_same_token_again_within_ten_seconds_gives_the_same_successor() {
    let person = Person::new();
    let device = person.device();
    assert_eq!(person.refreshed().refresh, person.refreshed().refresh);
    assert_eq!(generation(&device), 1);
}

#[test]
fn of_sixty_parallel_refreshes_one_live_successor_is_left() {
    let person = Person::new();
    let device = person.device();
    let got = at_once(60, |_| person.try_refresh());
    let successors: BTreeSet<String> =
        got.iter().map(|got| got.data()["refresh_token"].as_str().unwrap().to_owned()).collect();
    assert!(got.iter().all(|got| got.status == 200));
    assert_eq!(successors.len(), 1, "{successors:?}");
    assert_eq!(generation(&device), 1);
    let successor = Person { refresh: successors.into_iter().next().unwrap(), ..person };
    assert!(successor.refreshed().counts());
}

#[test]
fn an_old_token_that_turns_up_later_kills_the_family() {
    let thief = Person::new();
    let device = thief.device();
    let owner = thief.refreshed();
    time_passes(&device);
    thief.try_refresh().refused(401, "unauthorized");
    assert!(!owner.counts() && !thief.counts(), "no access token of the device counts");
    owner.try_refresh().refused(401, "unauthorized");
    thief.try_refresh().refused(401, "unauthorized");
    thief.log_in();
}

#[test]
fn once_the_successor_was_used_the_old_token_kills_the_family_at_once() {
    let thief = Person::new();
    let owner = thief.refreshed().refreshed();
    thief.try_refresh().refused(401, "unauthorized");
    owner.try_refresh().refused(401, "unauthorized");
    assert!(!owner.counts());
}

#[test]
fn a_replay_kills_its_own_device_alone() {
    let person = Person::new();
    let (elsewhere, device) = (person.log_in(), person.device());
    person.refreshed();
    time_passes(&device);
    person.try_refresh().is(401);
    assert!(elsewhere.counts());
    elsewhere.refreshed();
}

#[test]
fn forged_and_malformed_tokens_are_401_and_harm_nobody() {
    let person = Person::new();
    let next = person.refreshed();
    let (mut flipped, last) = (next.refresh.clone(), next.refresh.chars().last().unwrap());
    flipped.pop();
    flipped.push(if last == 'A' { 'B' } else { 'A' });
    let guesses = ["", "x", "rt_", &flipped, &next.access, &"x".repeat(5000), "rt_a_b_c_d", "\u{0}", "☃"];
    for guess in guesses {
        let got = next.anonymous().post(PATH, &json!({ "refresh_token": guess }));
        assert!(matches!(got.status, 400 | 401), "{guess}: {got}");
    }
    next.anonymous().call("POST", PATH).send().refused(401, "unauthorized");
    assert!(next.counts());
    next.refreshed();
}

#[test]
fn a_refresh_token_is_no_access_token() {
    let person = Person::new();
    person.call("GET", "/api/v1/me").bearer(&person.refresh).send().refused(401, "unauthorized");
}
