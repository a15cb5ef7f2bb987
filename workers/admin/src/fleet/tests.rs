use crate::testing::{Stage, environment};
use serde_json::{Value, json};
use sesh_edge::native::{Call, Fleet, captured_logs};

#[test]
fn every_worker_is_on_the_page_with_its_age() {
    let stage = Stage::new();
    let got = stage.ask("GET", "/api/v1/health");
    assert_eq!(got.status, 200, "{}", got.text);
    let board = got.json();
    assert_eq!(board["status"], "healthy");
    for worker in ["admin", "observer", "tracker", "live"] {
        let health = &board["checks"][worker];
        assert_eq!((&health["status"], &health["age_seconds"]), (&json!("healthy"), &json!(0)), "{worker}");
        assert_eq!(health["checked_at"], "2026-11-21T12:00:00.000Z", "{worker}");
        assert_eq!(health["version"], env!("CARGO_PKG_VERSION"), "{worker}");
    }
    assert_eq!(board["checks"]["admin"]["checks"]["database"]["status"], "healthy");
    assert_eq!(got.headers["cache-control"], "no-store");
    assert_eq!(stage.observer.seen()[0].call, "GET /api/health");
}

#[test]
fn one_unhealthy_worker_makes_the_page_503_and_is_named() {
    let stage = Stage::new();
    let sick = json!({"status": "unhealthy", "version": "0.1.0", "uptime": 1,
        "checks": {"database": {"status": "unhealthy", "message": "the database does not answer"}}});
    stage.tracker.answers("GET /api/health", 503, &sick);
    let got = stage.ask("GET", "/api/v1/health");
    assert_eq!((got.status, &got.json()["status"]), (503, &json!("unhealthy")));
    let board = got.json();
    assert_eq!(board["checks"]["tracker"]["checks"]["database"]["message"], "the database does not answer");
    assert_eq!(board["checks"]["observer"]["status"], "healthy");

    stage.tracker.answers_text("GET /api/health", 200, "<html>");
    assert_eq!(
        message(&stage.ask("GET", "/api/v1/health").json(), "tracker"),
        "answers, but not with its health"
    );
}

#[test]
fn a_degraded_worker_is_no_outage() {
    let stage = Stage::new();
    let tired = json!({"status": "degraded", "version": "0.1.0", "uptime": 1, "checks": {}});
    stage.observer.answers("GET /api/health", 200, &tired);
    let got = stage.ask("GET", "/api/v1/health");
    assert_eq!((got.status, &got.json()["status"]), (200, &json!("degraded")));
}

#[test]
fn a_worker_that_does_not_answer_is_unhealthy_and_the_log_says_why() {
    let mut fleet = Fleet::new(crate::testing::NOON, 1);
    fleet.add(crate::service(&environment()), &[]);
    captured_logs();
    let got = fleet.call("admin", Call::new("GET", "/api/v1/health").bearer(crate::testing::KEY));
    assert_eq!(got.status, 503);
    let board = got.json();
    assert_eq!(board["checks"]["admin"]["status"], "healthy");
    for worker in ["observer", "tracker", "live"] {
        assert_eq!(message(&board, worker), "does not answer");
    }
    assert!(!got.text.contains("is not bound"), "causes stay in the log");
    assert_eq!(captured_logs().iter().filter(|line| line.contains("peer_silent")).count(), 3);
}

#[test]
fn without_live_the_fleet_is_degraded() {
    let stage = Stage::new();
    stage.live_is_sick();
    let got = stage.ask("GET", "/api/v1/health");
    let board = got.json();
    assert_eq!((got.status, &board["status"]), (200, &json!("degraded")));
    assert_eq!(board["checks"]["live"]["status"], "unhealthy");
}

fn message<'b>(board: &'b Value, worker: &str) -> &'b str {
    board["checks"][worker]["message"].as_str().unwrap_or_default()
}
