//! Another Worker throws, hangs, answers 500 or what is no answer of the fleet's.

use super::{all_under, samples, unavailable};
use e2e::actors::{Admin, Caller, Person};
use e2e::faults::{Fault, Plan};
use e2e::fleet::Worker;
use e2e::fleet::Worker::{Admin as AdminWorker, Observer, Tracker};
use e2e::wait::at_once;

const PEERS: [(Worker, &str); 4] =
    [(Tracker, "OBSERVER"), (Observer, "TRACKER"), (AdminWorker, "OBSERVER"), (AdminWorker, "TRACKER")];

/// What needs no other Worker once the keys are known.
const ALONE: [&str; 8] = ["me", "stash", "lot", "sessions", "session", "strains", "dashboard", "devices"];

fn everywhere(fault: impl Fn(&str) -> Fault) -> Plan {
    let mut plan = Plan::new();
    for worker in [Tracker, Observer, AdminWorker] {
        let of = PEERS.iter().filter(|(whose, _)| *whose == worker);
        let faults: Vec<Fault> = of.map(|(_, binding)| fault(binding)).collect();
        plan = plan.at(worker, &faults);
    }
    plan
}

#[track_caller]
fn only_what_stands_alone_succeeds(plan: &Plan) {
    // So that the keys of tokens are known.
    Person::new().get("/api/v1/me").is(200);
    let fine = all_under(plan);
    let alone = |name: &&str| ALONE.contains(name) || matches!(*name, "buy" | "log" | "delete");
    assert!(fine.iter().all(alone), "{fine:?}");
    assert!(fine.contains(&"stash") && fine.contains(&"log"), "{fine:?}");
    // Of all that needs another Worker, these were asked for and gave no success.
    assert!(!fine.contains(&"devices"), "{fine:?}");
}

#[test]
fn a_peer_that_throws_is_503() {
    only_what_stands_alone_succeeds(&everywhere(|peer| Fault::new("fail_before", peer)));
}

#[test]
fn a_peer_whose_answer_is_lost_is_503() {
    only_what_stands_alone_succeeds(&everywhere(|peer| Fault::new("fail_after", peer)));
}

#[test]
fn a_peer_that_answers_500_is_503() {
    only_what_stands_alone_succeeds(&everywhere(|peer| Fault::new("status", peer)));
}

#[test]
fn a_peer_that_answers_what_is_not_the_fleets_is_503() {
    let strange = [
        (200, "<html>Bad gateway</html>"),
        (200, r#"{"success":true,"data":null}"#),
        (201, r#"{"success":false,"error":{"code":"conflict","message":"No."}}"#),
        (302, ""),
        (404, "<html>Not found</html>"),
        (500, r#"{"success":false,"error":{"code":"not_found","message":"No."}}"#),
    ];
    for (status, body) in strange {
        let fault = |peer: &str| Fault::new("garbage", peer).with("status", status).with("body", body);
        only_what_stands_alone_succeeds(&everywhere(fault));
    }
}

#[test]
fn a_peer_that_is_asked_twice_does_it_once() {
    let fine = all_under(&everywhere(|peer| Fault::new("duplicate", peer)));
    assert_eq!(fine.len(), samples().len(), "{fine:?}");
}

/// The peer itself hangs, behind a real service binding, and the caller gives up.
#[test]
fn a_peer_that_hangs_is_503_in_bounded_time() {
    let plan = Plan::new().at(Observer, &[Fault::new("hang", "ANSWER")]);
    let person = Person::new();
    let calls = [
        person.call("GET", "/api/v1/auth/devices"),
        person.call("POST", "/api/v1/auth/logout"),
        Admin::new().call("GET", &format!("/api/v1/users/{}", person.id)),
    ];
    at_once(calls.len(), |number| unavailable(&plan.strikes(calls[number].clone()).send()));
    assert_eq!(plan.hits(Observer), [3]);
    assert!(person.counts(), "nothing was said to be done, and nothing was");
}

/// Suspending needs tracker, which is silent: no acknowledgement, and trying again finishes it.
#[test]
fn a_suspension_that_tracker_does_not_hear_of_is_not_acknowledged() {
    for kind in ["fail_before", "fail_after", "hang", "status", "garbage"] {
        let person = Person::new();
        let plan = Plan::new().at(Observer, &[Fault::new(kind, "TRACKER").once()]);
        let path = format!("/api/v1/users/{}/suspend", person.id);
        let call = Admin::new().call("POST", &path).key(&e2e::names::key());
        let call = call.json(&serde_json::json!({ "reason": "a test" }));
        unavailable(&plan.strikes(call.clone()).send());
        call.send().is(200);
        assert!(!person.counts() && person.try_refresh().status == 401, "{kind}");
    }
}
