//! D1 fails before and after it commits, is overloaded, slow, or says nothing at all.

use super::{all_under, samples, unavailable};
use e2e::actors::{Admin, Caller, Person};
use e2e::control::number;
use e2e::faults::{Fault, Plan};
use e2e::fixtures::new_session;
use e2e::fleet::Worker::{Observer, Tracker};
use e2e::names;
use e2e::wait::each;

const OVERLOADED: &str = "D1_ERROR: D1 DB is overloaded. Too many requests queued.";

#[test]
fn a_database_that_fails_is_503_everywhere() {
    for kind in ["fail_before", "fail_after"] {
        for fault in [Fault::new(kind, "DB"), Fault::new(kind, "DB").with("message", OVERLOADED)] {
            let fine = all_under(&Plan::new().everywhere(1, &[fault]));
            assert!(fine.is_empty(), "{kind}: nothing needs no database, and yet {fine:?} succeeded");
        }
    }
}

#[test]
fn a_database_that_fails_now_and_then_is_503_now_and_then() {
    let faults = ["fail_before", "fail_after"].map(|kind| Fault::new(kind, "DB").with("probability", 0.2));
    for seed in 1..=4 {
        all_under(&Plan::new().everywhere(seed, &faults));
    }
}

#[test]
fn a_slow_database_changes_nothing() {
    let fine = all_under(&Plan::new().everywhere(1, &[Fault::delay("DB", 200)]));
    assert_eq!(fine.len(), samples().len(), "{fine:?}");
}

#[test]
fn a_database_that_says_nothing_is_503_in_bounded_time() {
    let plan = Plan::new().everywhere(1, &[Fault::new("hang", "DB")]);
    let samples = samples();
    let fine = e2e::wait::at_once(samples.len(), |number| samples[number].1.under(&plan));
    assert!(fine.iter().all(|fine| !fine));
}

/// An answer that is lost after the commit: the same request again is the same success, and there is one effect.
#[test]
fn what_was_committed_and_not_answered_is_there_once() {
    let person = Person::new();
    let lot = person.buy(100);
    let call = person.call("POST", "/api/v1/sessions").key(&names::key()).json(&new_session(&lot, 30));
    let plan = Plan::new().at(Tracker, &[Fault::new("fail_after", "DB").matching("INTO idempotency").once()]);
    unavailable(&plan.strikes(call.clone()).send());
    assert_eq!(plan.hits(Tracker), [1]);
    assert_eq!((person.balance(&lot), person.sessions()), (70, 1), "it was committed");
    let first = call.clone().send().is(201);
    assert_eq!(call.send().is(201).text(), first.text());
    assert_eq!((person.balance(&lot), person.sessions()), (70, 1));
}

/// Each statement of the path to a suspension fails in turn: until it is acknowledged nothing is said, and trying again
/// brings it about, with one entry in the audit log.
#[test]
fn a_suspension_is_finished_by_trying_again_wherever_it_broke() {
    let places = [
        ("fail_before", Observer, "UPDATE people SET status"),
        ("fail_after", Observer, "UPDATE people SET status"),
        ("fail_before", Observer, "FROM notices"),
        ("fail_before", Tracker, "INTO revocations"),
        ("fail_after", Tracker, "INTO revocations"),
        ("fail_before", Observer, "DELETE FROM notices"),
    ];
    each(&places, |(kind, worker, sql)| {
        let person = Person::new();
        let plan = Plan::new().at(*worker, &[Fault::new(kind, "DB").matching(sql).once()]);
        let path = format!("/api/v1/users/{}/suspend", person.id);
        let call = Admin::new().call("POST", &path).key(&names::key());
        let call = call.json(&serde_json::json!({ "reason": "a test" }));
        unavailable(&plan.strikes(call.clone()).send());
        assert_eq!(plan.hits(*worker), [1], "{kind} {sql}");
        call.clone().send().is(200);
        assert!(!person.counts() && person.try_refresh().status == 401, "{kind} {sql}");
        let entries = "SELECT count(*) AS n FROM audit WHERE entity = ?1 AND action = 'person.suspended'";
        assert_eq!(number(Observer, entries, &[format!("person:{}", person.id).into()]), 1, "{kind} {sql}");
    });
}
