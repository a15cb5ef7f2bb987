//! Live updates fail, and nothing else does.

use e2e::actors::{Caller, Person};
use e2e::faults::{Fault, Plan};
use e2e::fixtures::{new_session, text};
use e2e::fleet::Worker::Tracker;
use e2e::live::{Heard, Listener};
use e2e::wait::eventually;
use std::time::Duration;

#[allow(clippy::disallowed_methods, reason = "a test measures by the machine's own clock")]
fn now() -> std::time::Instant {
    std::time::Instant::now()
}

fn told(kind: &str) -> Plan {
    Plan::new().at(Tracker, &[Fault::new(kind, "HUBS").matching("POST /told")])
}

/// Logs a sesh while the hub cannot be told in this way; its id.
#[track_caller]
fn logged_under(person: &Person, lot: &str, plan: &Plan) -> String {
    let begun = now();
    let got = plan.around(person).post("/api/v1/sessions", &new_session(lot, 1)).is(201);
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
    eventually("the hub to be told", || (plan.hits(Tracker) == [1]).then_some(()));
    text(&got.data(), "id")
}

#[test]
fn a_change_that_no_hub_heard_of_shows_as_a_gap() {
    for kind in ["fail_before", "hang", "status", "garbage"] {
        let person = Person::new();
        let lot = person.buy(100);
        let mut listener = Listener::open(&person);
        logged_under(&person, &lot, &told(kind));
        assert_eq!(listener.heard_within(600), Heard::Nothing, "{kind}");
        let mut back = Listener::back(&person, 1);
        assert_eq!(
            back.changes(1),
            [("changed".to_owned(), 2, String::new())],
            "{kind}: who comes back hears of it"
        );
        let next = text(&person.log(&lot, 1), "id");
        let both = [("changed".to_owned(), 2, String::new()), ("session.logged".to_owned(), 3, next)];
        assert_eq!(listener.changes(2), both, "{kind}: who stayed hears of it with the next change");
    }
}

#[test]
fn a_change_whose_telling_was_told_of_twice_or_as_failed_is_heard_once() {
    for kind in ["fail_after", "duplicate"] {
        let person = Person::new();
        let lot = person.buy(100);
        let mut listener = Listener::open(&person);
        let id = logged_under(&person, &lot, &told(kind));
        assert_eq!(listener.changes(1), [("session.logged".to_owned(), 2, id)], "{kind}");
        assert_eq!(listener.heard_within(600), Heard::Nothing, "{kind}");
    }
}

#[test]
fn without_hubs_nobody_listens_and_everything_else_works() {
    let person = Person::new();
    for kind in ["fail_before", "fail_after"] {
        let plan = Plan::new().at(Tracker, &[Fault::new(kind, "HUBS")]);
        let (status, body) = Listener::try_under(&person, &plan).err().unwrap();
        assert_eq!(status, 503, "{kind}: {body}");
        assert!(body.contains("service_unavailable"), "{kind}: {body}");
        let struck = plan.around(&person);
        struck.get("/api/v1/live").is(200);
        struck.delete("/api/v1/auth/devices").is(204);
    }
    Listener::open(&person);
}
