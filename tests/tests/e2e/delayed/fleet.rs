//! The races against the fleet.

use super::{
    DELAY_MS, as_many_as_fit, no_double_spend, nothing_survives, one_edit_wins, one_effect,
    one_live_successor, rounds,
};
use e2e::actors::{Admin, Caller, PASSWORD, Person};
use e2e::control::{cron, number, rows};
use e2e::faults::{Fault, Plan};
use e2e::fixtures::{new_session, text};
use e2e::fleet::Worker;
use e2e::http::Reply;
use e2e::names;
use e2e::tenants::{Tenant, counted_anew, new_tenant, stored};
use serde_json::json;

fn slow(seed: u64) -> Plan {
    Plan::new().everywhere(seed, &[Fault::delay("DB", DELAY_MS)])
}

/// Both tokens of an answer, as one text; nothing of a refusal.
fn tokens(got: &Reply) -> Option<String> {
    // 429: many sign-ins in vain from one address.
    assert!(matches!(got.status, 200 | 401 | 429), "{got}");
    (got.status == 200).then(|| {
        let data = got.data();
        format!("{} {}", text(&data, "access_token"), text(&data, "refresh_token"))
    })
}

fn refresh(plan: &Plan, person: &Person) -> Option<String> {
    let body = json!({ "refresh_token": person.refresh });
    tokens(&plan.around(&person.anonymous()).post("/api/v1/auth/refresh", &body))
}

fn log_in(plan: &Plan, person: &Person) -> Option<String> {
    let body = json!({ "email": person.email, "password": PASSWORD, "delivery": "token" });
    tokens(&plan.around(&person.anonymous()).post("/api/v1/auth/login", &body))
}

/// Whoever holds these tokens.
fn holder(person: &Person, tokens: &str) -> Person {
    let (access, refresh) = tokens.split_once(' ').unwrap();
    Person { access: access.to_owned(), refresh: refresh.to_owned(), ..person.clone() }
}

/// Whether either token still opens anything.
fn lives(person: &Person, tokens: &str) -> bool {
    let holder = holder(person, tokens);
    holder.counts() || holder.try_refresh().status == 200
}

#[test]
fn of_two_hundred_refreshes_one_live_successor_is_left() {
    let person = std::cell::RefCell::new(Person::new());
    rounds(|seed| {
        let (plan, now) = (slow(seed), person.borrow().clone());
        // The access token is of the moment, the refresh token of the generation.
        let successor = || refresh(&plan, &now).map(|both| both.split(' ').nth(1).unwrap().to_owned());
        let is_live = |token: &str| {
            let next = Person { refresh: token.to_owned(), ..now.clone() }.try_refresh();
            if next.status == 200 {
                *person.borrow_mut() = holder(&now, &tokens(&next).unwrap());
            }
            next.status == 200
        };
        one_live_successor(successor, is_live).unwrap_or_else(|error| panic!("round {seed}: {error}"));
    });
}

#[test]
fn nothing_survives_a_sign_out_that_refreshes_race_with() {
    rounds(|seed| {
        let (plan, person) = (slow(seed), Person::new());
        let end = || drop(plan.around(&person).call("POST", "/api/v1/auth/logout").send().is(204));
        let judged = nothing_survives(|| refresh(&plan, &person), end, |tokens| lives(&person, tokens));
        judged.unwrap_or_else(|error| panic!("round {seed}: {error}"));
        assert!(!person.counts());
    });
}

fn suspend(plan: &Plan, person: &Person) {
    let path = format!("/api/v1/users/{}/suspend", person.id);
    plan.around(&Admin::new()).post(&path, &json!({ "reason": "a test of a race" })).is(200);
}

#[test]
fn nothing_survives_a_suspension_that_refreshes_race_with() {
    rounds(|seed| {
        let (plan, person) = (slow(seed), Person::new());
        let end = || suspend(&plan, &person);
        let judged = nothing_survives(|| refresh(&plan, &person), end, |tokens| lives(&person, tokens));
        judged.unwrap_or_else(|error| panic!("round {seed}: {error}"));
        assert!(!person.counts());
    });
}

#[test]
fn nothing_survives_a_suspension_that_sign_ins_race_with() {
    rounds(|seed| {
        let (plan, person) = (slow(seed), Person::new());
        // Each sign-in hashes a password, which takes a core for a while: some are enough.
        let tried = std::sync::atomic::AtomicUsize::new(0);
        let sign_in = || {
            let number = tried.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            if number < 20 { log_in(&plan, &person) } else { refresh(&plan, &person) }
        };
        let end = || suspend(&plan, &person);
        let judged = nothing_survives(sign_in, end, |tokens| lives(&person, tokens));
        judged.unwrap_or_else(|error| panic!("round {seed}: {error}"));
    });
}

#[test]
fn no_double_spend_of_a_lot() {
    let person = Person::new();
    rounds(|seed| {
        let (plan, lot) = (slow(seed), person.buy(100));
        let take = || {
            let got = plan.around(&person).post("/api/v1/sessions", &new_session(&lot, 30));
            if got.status != 201 {
                got.clone().refused(409, "insufficient_stock");
            }
            got.status == 201
        };
        let judged = no_double_spend(take, || person.balance(&lot));
        judged.unwrap_or_else(|error| panic!("round {seed}: {error}"));
        assert_eq!(person.entries(&lot).len(), 4);
    });
}

#[test]
fn nobody_keeps_more_than_the_quota_of_storage() {
    let mut new = new_tenant();
    new["quotas"] = json!({ "storage_mb": 1 });
    let tenant = Tenant::with(&new);
    let person = &tenant.owner.person;
    let (lot, note) = (person.buy(100_000), "n".repeat(400));
    let body = |lot: &str| {
        let mut session = new_session(lot, 1);
        session["notes"] = json!(note);
        session
    };
    let before = stored(&tenant);
    person.post("/api/v1/sessions", &body(&lot)).is(201);
    let one = stored(&tenant) - before;
    rounds(|seed| {
        let plan = slow(seed);
        // Room for seven, and for half of one.
        let limit = stored(&tenant) + 7 * one + one / 2;
        rows(
            Worker::Tracker,
            "UPDATE tenants SET max_storage_bytes = ?2 WHERE id = ?1",
            &[json!(tenant.id), json!(limit)],
        );
        let write = || {
            let got = plan.around(person).post("/api/v1/sessions", &body(&lot));
            if got.status != 201 {
                let details = &got.error()["details"];
                assert_eq!(
                    (&details["quota"], &details["limit"]),
                    (&json!("storage"), &json!(limit)),
                    "{got}"
                );
                got.refused(429, "quota_exceeded");
                return false;
            }
            true
        };
        as_many_as_fit(7, write).unwrap_or_else(|error| panic!("round {seed}: {error}"));
        let room = limit - stored(&tenant);
        assert!((0..one).contains(&room), "round {seed}: {room} bytes are left");
        assert_eq!(stored(&tenant), counted_anew(&tenant), "round {seed}");
    });
}

#[test]
fn of_many_edits_with_one_tag_one_takes_effect() {
    let person = Person::new();
    let lot = person.buy(100);
    let path = format!("/api/v1/sessions/{}", text(&person.log(&lot, 10), "id"));
    rounds(|seed| {
        let plan = slow(seed);
        let tag = person.get(&path).is(200).header("etag").unwrap().to_owned();
        let edit = |number: usize| {
            let call = plan.around(&person).call("PATCH", &path).header("if-match", &tag);
            let got = call.json(&json!({ "notes": format!("{seed} {number}") })).send();
            if got.status != 200 {
                got.clone().refused(412, "precondition_failed");
            }
            got.status == 200
        };
        one_edit_wins(edit).unwrap_or_else(|error| panic!("round {seed}: {error}"));
    });
}

#[test]
fn many_requests_with_one_key_have_one_effect_and_one_answer() {
    let person = Person::new();
    rounds(|seed| {
        let (plan, lot) = (slow(seed), person.buy(100));
        let call = plan.around(&person).call("POST", "/api/v1/sessions").key(&names::key());
        let call = call.json(&new_session(&lot, 10));
        let effects = || i64::try_from(person.entries(&lot).len()).unwrap() - 1;
        let judged = one_effect(|| call.clone().send().is(201).text(), effects);
        judged.unwrap_or_else(|error| panic!("round {seed}: {error}"));
        assert_eq!(person.balance(&lot), 90);
    });
}

#[test]
fn facts_of_a_race_count_once_whoever_relays_them() {
    let person = Person::new();
    let lot = person.buy(10_000);
    let told = || {
        let sql = "SELECT count(*) AS n FROM facts WHERE person_id = ?1 AND kind = 'session_logged'";
        number(Worker::Admin, sql, &[json!(person.id)])
    };
    rounds(|seed| {
        let plan = slow(seed);
        let before = told();
        e2e::wait::at_once(20, |_| {
            plan.around(&person).post("/api/v1/sessions", &new_session(&lot, 1)).is(201);
        });
        cron(Worker::Tracker);
        e2e::wait::eventually("20 facts", || (told() - before >= 20).then_some(()));
        assert_eq!(told() - before, 20, "round {seed}");
    });
}
