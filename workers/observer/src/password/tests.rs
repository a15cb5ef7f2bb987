//! Passwords, through the internal door.

use crate::testing::{PASSWORD, SignedIn, World, tail};
use serde_json::{Value, json};
use sesh_edge::native::{Call, Got};
use sesh_types::contract::notice::{ALL_EPOCHS, Notice};
use sesh_types::contract::{auth, recovery};
use sesh_types::time::{MINUTE_MS, SECOND_MS};

const EMAIL: &str = "ada@example.com";
const NEW: &str = "snowplough 17 geese";

fn body(current: &str, new: &str) -> Value {
    json!({ "current_password": current, "new_password": new })
}

fn change(world: &World, person: &SignedIn, key: &str, body: &Value) -> Got {
    let call = Call::new("POST", recovery::PASSWORD).header("idempotency-key", key).json(body);
    world.for_person(person, call)
}

fn sign_in(world: &World, password: &str) -> u16 {
    world.post(auth::LOGIN, &json!({ "email": EMAIL, "password": password })).status
}

fn ask(world: &World, email: &str) -> Got {
    world.post(recovery::RECOVER, &json!({ "email": email }))
}

fn complete(world: &World, token: &str, password: &str) -> Got {
    world.post(recovery::COMPLETE, &json!({ "token": token, "new_password": password }))
}

fn subjects(world: &World) -> Vec<String> {
    world.fleet.mails().into_iter().map(|mail| mail.subject).collect()
}

fn code(got: &Got) -> String {
    got.json()["error"]["code"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_change_ends_every_other_device_before_it_is_acknowledged() {
    let world = World::new();
    let (kept, other) = (world.register(EMAIL), world.login(EMAIL));
    world.tracker_is_down(true);
    assert_eq!(change(&world, &kept, "k", &body(PASSWORD, NEW)).status, 503, "tracker does not know");
    world.tracker_is_down(false);
    assert_eq!(change(&world, &kept, "k", &body(PASSWORD, NEW)).status, 204, "repeated, it is acknowledged");
    assert!(world.counts(&kept) && !world.counts(&other));
    assert_eq!(world.refresh(&other.refresh).status, 401);
    assert_eq!(world.refresh(&kept.refresh).status, 200);
    assert!(matches!(world.heard().as_slice(), [Notice::Revoked { subject, min_epoch: ALL_EPOCHS, .. }]
        if *subject == format!("device:{}", other.subject.device)));
    assert_eq!((sign_in(&world, PASSWORD), sign_in(&world, NEW)), (401, 200));
    assert_eq!(subjects(&world), ["Is this your e-mail address?", "Your password was changed"]);
    let expected = ["person.registered", "login.succeeded", "password.changed", "devices.others_signed_out"];
    assert_eq!(world.audited()[..4], expected);
}

#[test]
fn the_current_password_must_be_right_and_the_new_one_good() {
    let world = World::new();
    let ada = world.register(EMAIL);
    for (current, new, status, word) in [
        ("wrong guess", NEW, 401, "invalid_credentials"),
        (PASSWORD, "short", 422, "unprocessable"),
        (PASSWORD, PASSWORD, 422, "unprocessable"),
        (PASSWORD, EMAIL, 422, "unprocessable"),
    ] {
        let got = change(&world, &ada, "k", &body(current, new));
        assert_eq!((got.status, code(&got)), (status, word.to_owned()), "{new}");
    }
    assert_eq!(change(&world, &ada, "k", &json!({ "new_password": NEW })).status, 400);
    assert_eq!((sign_in(&world, PASSWORD), sign_in(&world, NEW)), (200, 401));
}

#[test]
fn ten_wrong_guesses_are_enough_also_for_who_is_signed_in() {
    let world = World::new();
    let ada = world.register(EMAIL);
    for guess in 0..10 {
        assert_eq!(change(&world, &ada, "k", &body(&format!("guess {guess}"), NEW)).status, 401);
    }
    let got = change(&world, &ada, "k", &body(PASSWORD, NEW));
    assert_eq!((got.status, got.headers["retry-after"].to_str().unwrap()), (429, "900"));
    assert_eq!(sign_in(&world, PASSWORD), 200, "signing in is counted by itself");
    assert_eq!(world.audited().iter().filter(|action| *action == "reauthentication.throttled").count(), 1);
}

#[test]
fn a_key_is_bound_to_its_body_and_a_dead_token_changes_nothing() {
    let world = World::new();
    let ada = world.register(EMAIL);
    assert_eq!(change(&world, &ada, "k", &body(PASSWORD, NEW)).status, 204);
    let got = change(&world, &ada, "k", &body(PASSWORD, "another 18 geese fly"));
    assert_eq!((got.status, code(&got)), (422, "idempotency_key_reused".into()));
    world.suspend(&ada);
    assert_eq!(change(&world, &ada, "k", &body(PASSWORD, NEW)).status, 401, "not even a repeated request");
    let everything = world.everything();
    assert!(!everything.contains(PASSWORD) && !everything.contains(NEW));
}

#[test]
fn a_forgotten_password_is_set_anew_by_mail_and_every_device_ends() {
    let world = World::new();
    let devices = [world.register(EMAIL), world.login(EMAIL)];
    assert_eq!(ask(&world, " ADA@example.com").status, 202);
    let token = world.mail_token();
    assert!(world.fleet.mails().last().unwrap().text.contains("https://app.example/recover#token="));
    let everything = world.everything();
    assert!(!everything.contains(tail(&token)), "the token stands nowhere");
    world.tracker_is_down(true);
    let keyed = |key: &str| {
        let body = json!({ "token": token, "new_password": NEW });
        world.internal(Call::new("POST", recovery::COMPLETE).header("idempotency-key", key).json(&body))
    };
    assert_eq!(keyed("k").status, 503, "tracker does not know");
    world.tracker_is_down(false);
    assert_eq!(keyed("k").status, 204, "repeated, it is acknowledged");
    for device in &devices {
        assert!(!world.counts(device));
        assert_eq!(world.refresh(&device.refresh).status, 401);
    }
    assert!(matches!(world.heard().as_slice(), [Notice::Revoked { subject, min_epoch: 1, .. }]
        if *subject == format!("person:{}", devices[0].subject.person)));
    assert_eq!((sign_in(&world, PASSWORD), sign_in(&world, NEW)), (401, 200));
    let got = keyed("another key");
    assert_eq!((got.status, code(&got)), (422, "invalid_link".into()), "it counts once");
    assert_eq!(subjects(&world).last().unwrap(), "A new password was set");
    assert_eq!(world.number("SELECT COUNT(*) FROM audit WHERE action = 'password.reset'"), 1);
}

#[test]
fn asking_tells_nobody_who_has_an_account() {
    let world = World::new();
    let ada = world.register(EMAIL);
    let bob = world.register("bob@example.com");
    world.suspend(&bob);
    let before = world.fleet.mails().len();
    // What the database is asked to do before the answer, and the answer.
    let trace = |email: &str| {
        let (got, batches) = world.batches_until_answered(recovery::RECOVER, &json!({ "email": email }));
        (got.status, got.text, batches)
    };
    let known = trace(EMAIL);
    assert_eq!(known.0, 202);
    for email in ["bob@example.com", "nobody@example.com", "no address at all", ""] {
        assert_eq!(trace(email), known, "{email}");
    }
    world.fleet.pass_ms(SECOND_MS);
    assert!(world.fleet.job("observer", sesh_edge::service::Job::Tick));
    assert_eq!(
        world.fleet.mails()[before..].iter().map(|mail| mail.to.as_str()).collect::<Vec<_>>(),
        [EMAIL]
    );
    assert!(world.counts(&ada), "asking ends nothing");
}

#[test]
fn a_token_counts_for_thirty_minutes_and_only_for_who_may_sign_in() {
    let world = World::new();
    let ada = world.register(EMAIL);
    ask(&world, EMAIL);
    let token = world.mail_token();
    world.fleet.pass_ms(30 * MINUTE_MS);
    assert_eq!(complete(&world, &token, NEW).status, 422, "too late");
    ask(&world, EMAIL);
    let token = world.mail_token();
    assert_eq!(complete(&world, &token, "password1").status, 422, "a bad password uses nothing up");
    world.suspend(&ada);
    let got = complete(&world, &token, NEW);
    assert_eq!((got.status, code(&got)), (422, "invalid_link".into()), "suspended meanwhile");
    assert_eq!(world.number("SELECT epoch FROM people"), 1);
}

#[test]
fn setting_a_password_ends_every_other_way_that_somebody_had_begun() {
    let world = World::new();
    let ada = world.register(EMAIL);
    ask(&world, EMAIL);
    let (first, mail) = (world.mail_token(), json!({ "email": "thief@example.com", "password": PASSWORD }));
    ask(&world, EMAIL);
    let second = world.mail_token();
    world.for_person(&ada, Call::new("POST", recovery::EMAIL).json(&mail));
    let theft = world.mail_token();
    world.fleet.mail_is_down(true);
    ask(&world, EMAIL);
    world.fleet.mail_is_down(false);
    assert_eq!(complete(&world, &second, NEW).status, 204);
    assert_eq!(complete(&world, &first, "yet another 19 geese").status, 422);
    let taken = world.post(recovery::VERIFY_EMAIL, &json!({ "token": theft }));
    assert_eq!(
        (taken.status, code(&taken)),
        (422, "invalid_link".into()),
        "a thief's address does not come to count"
    );
    let before = world.fleet.mails().len();
    world.fleet.pass_ms(MINUTE_MS);
    assert!(world.fleet.job("observer", sesh_edge::service::Job::Tick));
    assert_eq!(world.fleet.mails().len(), before, "the mail that waited is not sent any more");
}

#[test]
fn asking_too_often_is_slowed_down_by_place_and_quietly_by_account() {
    let world = World::new();
    world.register(EMAIL);
    let before = world.fleet.mails().len();
    let statuses: Vec<u16> = (0..31).map(|_| ask(&world, EMAIL).status).collect();
    assert!(statuses[..30].iter().all(|status| *status == 202) && statuses[30] == 429, "{statuses:?}");
    assert_eq!(world.fleet.mails().len(), before + 5, "five mails are enough");
    assert_eq!(
        complete(&world, &world.mail_token(), NEW).status,
        204,
        "and their links count: nobody is locked out"
    );
}

#[test]
fn a_password_that_breaks_a_rule_is_no_guess() {
    let world = World::new();
    let ada = world.register(EMAIL);
    ask(&world, EMAIL);
    let token = world.mail_token();
    for _ in 0..40 {
        assert_eq!(complete(&world, &token, "short").status, 422);
        assert_eq!(change(&world, &ada, "k", &body(PASSWORD, "short")).status, 422);
    }
    assert_eq!(change(&world, &ada, "k", &body(PASSWORD, NEW)).status, 204);
}

#[test]
fn guessing_tokens_is_slowed_down() {
    let world = World::new();
    for _ in 0..30 {
        assert_eq!(complete(&world, "mt_factor1_0_0", NEW).status, 422);
    }
    assert_eq!(complete(&world, "mt_factor1_0_0", NEW).status, 429);
    assert_eq!(world.audited(), ["link.throttled"]);
}
