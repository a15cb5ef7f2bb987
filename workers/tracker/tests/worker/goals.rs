//! Goals and breaks over HTTP, in the person's own days.

use crate::world::{START, World, get, send};
use serde_json::{Value, json};
use sesh_edge::native::Call;
use sesh_types::time::{DAY_MS, HOUR_MS, Timestamp};

fn later(ms: i64) -> String {
    START.plus_ms(ms).to_string()
}

fn log(world: &World, at: &str) {
    send(world, "POST", "/api/v1/sessions", &json!({"method": "vape", "items": [], "occurred_at": at}), 201);
}

/// START is Monday, 2026-04-20 16:20 UTC.
#[test]
fn a_goal_says_how_it_goes_and_how_it_went() {
    let world = World::new(1);
    let goal = send(
        &world,
        "POST",
        "/api/v1/goals",
        &json!({"measure": "sessions", "per": "day", "target": 1}),
        201,
    );
    let path = format!("/api/v1/goals/{}", goal["id"].as_str().unwrap());
    log(&world, &later(0));
    assert_eq!(
        get(&world, &path)["progress"]["now"],
        json!({"from": "2026-04-20", "to": "2026-04-20", "value": 1,
        "unknown": 0, "state": "running"})
    );
    log(&world, &later(1));
    assert_eq!(get(&world, &path)["progress"]["now"]["state"], "not_met");
    world.fleet.pass_ms(2 * DAY_MS);
    let listed = &get(&world, "/api/v1/goals")[0]["progress"];
    let states: Vec<&str> =
        listed["history"].as_array().unwrap().iter().map(|it| it["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["met", "not_met"], "none before it was set");
    assert_eq!(listed["streak"], 1);
    assert_eq!(world.call(World::somebody(1), Call::new("DELETE", &path)).status, 204);
    world.fleet.pass_ms(5 * DAY_MS);
    let ended = get(&world, &path);
    assert_eq!(ended["progress"]["now"]["to"], "2026-04-22", "it is looked at as of its end");
    assert_eq!(get(&world, "/api/v1/goals")[0]["progress"], Value::Null);
    assert_eq!(world.call(World::somebody(1), Call::new("DELETE", &path)).status, 404);
}

#[test]
fn a_budget_counts_what_was_bought() {
    let world = World::new(1);
    let budget = json!({"measure": "spend_minor", "per": "month", "target": 5000, "currency": "USD"});
    send(&world, "POST", "/api/v1/goals", &budget, 201);
    for price in
        [json!({"minor": 4000, "currency": "USD"}), json!({"minor": 1, "currency": "EUR"}), Value::Null]
    {
        let lot = json!({"name": "jar", "form": "flower", "quantity_mg": 1, "price": price});
        send(&world, "POST", "/api/v1/stash", &lot, 201);
    }
    let now = &get(&world, "/api/v1/goals")[0]["progress"]["now"];
    assert_eq!((&now["value"], &now["unknown"], &now["state"]), (&json!(4000), &json!(2), &json!("running")));
}

#[test]
fn nothing_is_forbidden_during_a_break_and_the_break_says_so() {
    let world = World::new(1);
    let plan = json!({"planned_end_at": later(21 * DAY_MS)});
    let taken = send(&world, "POST", "/api/v1/breaks", &plan, 201);
    send(&world, "POST", "/api/v1/breaks", &plan, 409);
    let path = format!("/api/v1/breaks/{}", taken["id"].as_str().unwrap());
    world.fleet.pass_ms(3 * DAY_MS);
    log(&world, &later(2 * DAY_MS));
    log(&world, &later(-HOUR_MS));
    let now = get(&world, &path);
    assert_eq!((&now["state"], &now["days"], &now["sessions"]), (&json!("running"), &json!(3), &json!(1)));
    assert_eq!((&now["days_without"], &now["first_session_at"]), (&json!(1), &json!(later(2 * DAY_MS))));
    let ended = send(&world, "POST", &format!("{path}/end"), &json!({}), 200);
    assert_eq!(ended["ended_at"], later(3 * DAY_MS));
    send(&world, "POST", &format!("{path}/end"), &json!({}), 409);
    send(&world, "POST", "/api/v1/breaks", &json!({"planned_end_at": later(10 * DAY_MS)}), 201);
    let states: Vec<Value> =
        get(&world, "/api/v1/breaks").as_array().unwrap().iter().map(|it| it["state"].clone()).collect();
    assert_eq!(states, ["running", "ended_early"]);
    assert_eq!(world.call(World::somebody(1), Call::new("DELETE", &path)).status, 204);
    assert_eq!(get(&world, "/api/v1/breaks").as_array().unwrap().len(), 1);
}

#[test]
fn days_off_follow_the_persons_zone() {
    let world = World::new(1);
    let notice = json!({"notices": [{"kind": "profile", "tenant_id": sesh_types::ids::TenantId::CONSUMERS,
        "person_id": World::somebody(1).person, "time_zone": "Asia/Tokyo", "version": 1}]});
    let told = world.fleet.call_internal("tracker", Call::new("POST", "/internal/v1/notices").json(&notice));
    assert_eq!(told.status, 204, "{}", told.text);
    send(&world, "POST", "/api/v1/goals", &json!({"measure": "sessions", "per": "day", "target": 0}), 201);
    let progress = &get(&world, "/api/v1/goals")[0]["progress"];
    assert_eq!(progress["time_zone"], "Asia/Tokyo");
    assert_eq!(progress["now"]["from"], "2026-04-21", "01:20 of the next day there");
    assert!(Timestamp::parse("2026-04-20T16:20:00Z").unwrap() == START);
}
