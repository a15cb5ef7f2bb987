//! KV fails, hangs or is late: what it holds decides nothing.

use super::{all_under, samples};
use e2e::actors::{Admin, Caller, Person};
use e2e::control::{kv, put_kv};
use e2e::faults::{Fault, Plan};
use e2e::fleet::Worker::Tracker;
use e2e::wait::eventually;
use serde_json::json;

#[test]
fn a_cache_that_fails_or_is_slow_changes_nothing() {
    let kinds = ["fail_before", "fail_after", "duplicate"].map(|kind| Fault::new(kind, "SESSIONS"));
    for fault in kinds.into_iter().chain([Fault::delay("SESSIONS", 200)]) {
        let fine = all_under(&Plan::new().everywhere(1, &[fault]));
        assert_eq!(fine.len(), samples().len(), "{fine:?}");
    }
}

#[test]
fn a_cache_that_says_nothing_changes_nothing_in_bounded_time() {
    let plan = Plan::new().everywhere(1, &[Fault::new("hang", "SESSIONS")]);
    let samples = samples();
    let fine = e2e::wait::at_once(samples.len(), |number| samples[number].1.under(&plan));
    assert!(fine.iter().all(|fine| *fine));
}

/// A cache that still shows what it showed first, asked because observer does not answer.
fn stale() -> Plan {
    Plan::new().at(Tracker, &[Fault::new("stale", "SESSIONS"), Fault::new("fail_before", "OBSERVER")])
}

#[test]
fn a_late_cache_brings_no_revoked_token_to_life() {
    let endings: [fn(&Person); 3] = [
        |person| drop(person.call("POST", "/api/v1/auth/logout").send().is(204)),
        |person| drop(person.delete(&format!("/api/v1/auth/devices/{}", person.device())).is(204)),
        |person| drop(Admin::new().suspend(person)),
    ];
    for end in endings {
        let (person, plan) = (Person::new(), stale());
        let key = format!("device:{}", person.device());
        let cached = eventually("the session in KV", || kv(Tracker, "SESSIONS", &key));
        plan.around(&person).get("/api/v1/me").is(200);
        end(&person);
        put_kv(Tracker, "SESSIONS", &key, &cached);
        plan.around(&person).get("/api/v1/me").refused(401, "unauthorized");
        plan.around(&person).get("/api/v1/stash").refused(401, "unauthorized");
        assert!(plan.hits(Tracker)[0] >= 1);
    }
}

#[test]
fn a_late_cache_shows_no_profile_of_before_an_edit() {
    let (person, plan) = (Person::new(), stale());
    eventually("the session in KV", || kv(Tracker, "SESSIONS", &format!("device:{}", person.device())));
    plan.around(&person).get("/api/v1/me").is(200);
    person.patch("/api/v1/me", &json!({ "display_name": "After" })).is(200);
    plan.around(&person).get("/api/v1/me").refused(503, "service_unavailable");
    assert_eq!(plan.hits(Tracker), [2, 2]);
    assert_eq!(person.get("/api/v1/me").is(200).data()["display_name"], "After");
}
