//! The queue does not take facts, takes them and does not say so, or takes them twice: each counts once, and no request
//! waits for it.

use super::{all_under, samples};
use e2e::actors::{Caller, Person};
use e2e::control::{cron, number, rows};
use e2e::faults::{Fault, Plan};
use e2e::fixtures::{new_session, text};
use e2e::fleet::Worker::{Admin, Tracker};
use e2e::wait::eventually;
use serde_json::json;

fn told(session: &str) -> i64 {
    number(Admin, "SELECT count(*) AS n FROM facts WHERE session_id = ?1", &[json!(session)])
}

#[test]
fn a_queue_that_fails_holds_nobody_up() {
    for kind in ["fail_before", "fail_after", "duplicate", "hang"] {
        let fine = all_under(&Plan::new().everywhere(1, &[Fault::new(kind, "FACTS")]));
        assert_eq!(fine.len(), samples().len(), "{kind}: {fine:?}");
    }
}

#[test]
fn what_a_queue_did_not_take_or_took_twice_is_told_once() {
    for kind in ["fail_before", "fail_after", "duplicate"] {
        let person = Person::new();
        let lot = person.buy(100);
        let plan = Plan::new().at(Tracker, &[Fault::new(kind, "FACTS")]);
        let got = plan.around(&person).post("/api/v1/sessions", &new_session(&lot, 10)).is(201);
        let session = text(&got.data(), "id");
        cron(Tracker);
        eventually("the fact", || (told(&session) > 0).then_some(()));
        assert_eq!(told(&session), 1, "{kind}");
        eventually("an outbox without it", || {
            let sql = "SELECT id FROM outbox WHERE body LIKE ?1";
            rows(Tracker, sql, &[json!(format!("%{session}%"))]).is_empty().then_some(())
        });
    }
}
