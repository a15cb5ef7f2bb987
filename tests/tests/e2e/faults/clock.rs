//! Clocks that are wrong: what has expired stays dead, and what happens once happens once.

use e2e::actors::{Caller, Person};
use e2e::control::cron;
use e2e::faults::Plan;
use e2e::fixtures::{int, new_lot, new_session, text};
use e2e::fleet::Worker::{Observer, Tracker};
use e2e::names;
use serde_json::json;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

#[test]
fn an_access_token_is_dead_after_a_quarter_of_an_hour_also_where_it_was_seen_before() {
    let person = Person::new();
    person.get("/api/v1/stash").is(200);
    let later = Plan::new().clock(Tracker, 16 * MINUTE_MS);
    later.around(&person).get("/api/v1/stash").refused(401, "unauthorized");
    later.around(&person).get("/api/v1/me").refused(401, "unauthorized");
    later.around(&person).post("/api/v1/stash", &new_lot(5)).refused(401, "unauthorized");
    person.get("/api/v1/stash").is(200);
    let sooner = Plan::new().clock(Tracker, 14 * MINUTE_MS);
    sooner.around(&person).get("/api/v1/stash").is(200);
}

#[test]
fn tokens_that_a_clock_far_behind_issued_are_dead_and_those_of_one_ahead_live() {
    let person = Person::new();
    let body = json!({ "refresh_token": person.refresh });
    let behind = Plan::new().clock(Observer, -16 * MINUTE_MS);
    let got = behind.around(&person.anonymous()).post("/api/v1/auth/refresh", &body);
    if got.status == 200 {
        let access = text(&got.data(), "access_token");
        Person { access, ..person.clone() }.get("/api/v1/stash").refused(401, "unauthorized");
    }
    let (ahead, other) = (Plan::new().clock(Observer, 10 * MINUTE_MS), Person::new());
    let body = json!({ "refresh_token": other.refresh });
    let got = ahead.around(&other.anonymous()).post("/api/v1/auth/refresh", &body).is(200);
    let access = text(&got.data(), "access_token");
    Person { access, ..other }.get("/api/v1/stash").is(200);
}

#[test]
fn a_refresh_token_is_dead_after_thirty_days_and_the_clock_going_back_revives_nothing_revoked() {
    let person = Person::new();
    let later = Plan::new().clock(Observer, 31 * DAY_MS);
    let body = json!({ "refresh_token": person.refresh });
    later.around(&person.anonymous()).post("/api/v1/auth/refresh", &body).refused(401, "unauthorized");
    person.call("POST", "/api/v1/auth/logout").send().is(204);
    for shift in [-DAY_MS, -HOUR_MS, -MINUTE_MS, MINUTE_MS, HOUR_MS, DAY_MS] {
        let plan = Plan::new().clock(Observer, shift).clock(Tracker, shift);
        plan.around(&person.anonymous()).post("/api/v1/auth/refresh", &body).refused(401, "unauthorized");
        plan.around(&person).get("/api/v1/stash").refused(401, "unauthorized");
    }
}

#[test]
fn a_cron_trigger_whose_clock_is_ahead_forgets_no_revocation_of_tokens_that_live_by_others() {
    let person = Person::new();
    person.call("POST", "/api/v1/auth/logout").send().is(204);
    let ahead = Plan::of_crons().clock(Tracker, 30 * MINUTE_MS);
    assert_eq!(cron(Tracker), ["ok"]);
    person.get("/api/v1/stash").refused(401, "unauthorized");
    drop(ahead);
}

#[test]
fn a_key_means_the_same_whatever_the_clock_says() {
    let shifts = [0, HOUR_MS, -HOUR_MS, 23 * HOUR_MS, -23 * HOUR_MS];
    for first in shifts {
        let person = Person::new();
        let call = person.call("POST", "/api/v1/stash").key(&names::key()).json(&new_lot(500));
        // Beyond their life tokens are dead: they are what is told apart first.
        let soon = |shift: i64| shift.clamp(-HOUR_MS, 14 * MINUTE_MS);
        let at = |shift| Plan::new().clock(Tracker, soon(shift));
        let begun = at(first).strikes(call.clone()).send().is(201);
        for again in shifts {
            assert_eq!(at(again).strikes(call.clone()).send().is(201).text(), begun.text());
        }
        assert_eq!(person.get("/api/v1/stash").is(200).meta()[2], 1);
        let other = call.json(&new_lot(501));
        at(-first).strikes(other).send().refused(422, "idempotency_key_reused");
    }
}

#[test]
fn the_ledger_goes_forward_when_the_clock_goes_back() {
    let person = Person::new();
    let ahead = Plan::new().clock(Tracker, 10 * MINUTE_MS);
    let behind = Plan::new().clock(Tracker, -10 * MINUTE_MS);
    let got = ahead.around(&person).post("/api/v1/stash", &new_lot(100)).is(201);
    let lot = text(&got.data(), "id");
    let session = new_session(&lot, 10);
    for plan in [&behind, &ahead, &behind] {
        plan.around(&person).post("/api/v1/sessions", &session).is(201);
    }
    let entries = person.entries(&lot);
    assert_eq!(
        entries.iter().map(|entry| int(entry, "balance_after_mg")).collect::<Vec<_>>(),
        [100, 90, 80, 70]
    );
    let times: Vec<String> = entries.iter().map(|entry| text(entry, "recorded_at")).collect();
    assert!(times.is_sorted(), "{times:?}");
    assert_eq!(person.balance(&lot), 70);
}
