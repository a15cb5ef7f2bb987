//! The same races against Workers that read, decide and then write (`tests/workers/naive`): each is found out each time.

use super::{
    DELAY_MS, as_many_as_fit, no_double_spend, nothing_survives, one_edit_wins, one_effect,
    one_live_successor, rounds,
};
use e2e::faults::{Fault, Plan};
use e2e::fixtures::{int, text};
use e2e::fleet::fleet;
use e2e::http::{Call, Reply};
use e2e::names;
use serde_json::{Value, json};

fn slow(seed: u64) -> Plan {
    Plan::new().set("naive", seed, 0, &[Fault::delay("DB", DELAY_MS)])
}

fn act(plan: &Plan, what: &str, body: &Value) -> Reply {
    let url = fleet().naive.as_ref();
    let url =
        url.expect("start the fleet with `--with tests/workers/naive/wrangler.toml`, as scripts/test does");
    plan.strikes(Call::new("POST", format!("{url}/{what}")).json(body)).send()
}

fn refresh(plan: &Plan, token: &str) -> Option<String> {
    let got = act(plan, "refresh", &json!({ "token": token }));
    (got.status == 200).then(|| text(&got.json(), "token"))
}

fn is_live(plan: &Plan, token: &str) -> bool {
    act(plan, "is-live", &json!({ "token": token })).json()["live"] == true
}

#[test]
fn a_naive_refresh_is_found_out() {
    rounds(|seed| {
        let plan = slow(seed);
        let token = text(&act(&plan, "sign-in", &json!({})).json(), "token");
        let judged = one_live_successor(|| refresh(&plan, &token), |token| is_live(&plan, token));
        judged.expect_err("a naive refresh went unnoticed");
    });
}

#[test]
fn a_naive_sign_out_is_found_out() {
    rounds(|seed| {
        let plan = slow(seed);
        let token = text(&act(&plan, "sign-in", &json!({})).json(), "token");
        let sign_out = || drop(act(&plan, "sign-out", &json!({ "token": token })).is(200));
        let judged = nothing_survives(|| refresh(&plan, &token), sign_out, |token| is_live(&plan, token));
        judged.expect_err("a naive sign-out went unnoticed");
    });
}

#[test]
fn a_naive_quota_is_found_out() {
    rounds(|seed| {
        let plan = slow(seed);
        let room = text(&act(&plan, "buy", &json!({ "mg": 100 })).json(), "id");
        let write = || act(&plan, "take", &json!({ "id": room, "mg": 30 })).status == 200;
        as_many_as_fit(3, write).expect_err("a naive quota went unnoticed");
    });
}

#[test]
fn a_naive_debit_is_found_out() {
    rounds(|seed| {
        let plan = slow(seed);
        let lot = text(&act(&plan, "buy", &json!({ "mg": 100 })).json(), "id");
        let take = || act(&plan, "take", &json!({ "id": lot, "mg": 30 })).status == 200;
        let left = || int(&act(&plan, "balance", &json!({ "id": lot })).json(), "balance_mg");
        no_double_spend(take, left).expect_err("a naive debit went unnoticed");
    });
}

#[test]
fn a_naive_edit_is_found_out() {
    rounds(|seed| {
        let plan = slow(seed);
        let note = text(&act(&plan, "note", &json!({})).json(), "id");
        let edit = |number| {
            let body = json!({ "id": note, "version": 1, "text": format!("{number}") });
            act(&plan, "edit", &body).status == 200
        };
        one_edit_wins(edit).expect_err("a naive edit went unnoticed");
    });
}

#[test]
fn a_naive_idempotency_key_is_found_out() {
    rounds(|seed| {
        let (plan, key, owner) = (slow(seed), names::key(), names::key());
        let order = || act(&plan, "order", &json!({ "key": key, "owner": owner })).is(200).text();
        let orders = || int(&act(&plan, "orders", &json!({ "owner": owner })).json(), "n");
        one_effect(order, orders).expect_err("a naive key went unnoticed");
    });
}
