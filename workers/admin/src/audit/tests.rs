use crate::testing::{Stage, issues};
use serde_json::json;

#[test]
fn the_log_is_asked_for_by_all_its_filters() {
    let stage = Stage::new();
    let entry = json!({
        "seq": 7, "recorded_at": "2026-11-21T10:00:00.000Z", "tenant_id": "01920000-0000-7000-8000-000000000001",
        "actor": "key:ops", "action": "person.suspended", "entity": "person:1", "request_id": "r", "detail": "{}",
        "hash": null
    });
    let answer = json!({"success": true, "data": [entry], "meta": {"page": 1, "limit": 20, "total": 1}});
    stage.observer.answers("GET /internal/v1/audit", 200, &answer);
    let got = stage.ask(
        "GET",
        "/api/v1/audit?actor=key:ops&action=person.suspended&entity=person:1&from=2026-11-21T01:00:00%2B01:00&to=2026-11-22T00:00:00Z",
    );
    assert_eq!((got.status, got.json()), (200, answer));
    assert_eq!(
        stage.observer.seen()[0].call,
        "GET /internal/v1/audit?actor=key%3Aops&action=person.suspended&entity=person%3A1\
         &from=2026-11-21T00%3A00%3A00.000Z&to=2026-11-22T00%3A00%3A00.000Z"
    );
    let got = stage.ask("GET", "/api/v1/audit?from=yesterday&limit=many");
    assert_eq!((got.status, issues(&got).len()), (400, 2), "{}", got.text);
}

#[test]
fn whether_the_chain_verifies_is_handed_on_either_way() {
    let stage = Stage::new();
    for valid in [true, false] {
        let problems = if valid { json!([]) } else { json!(["entry 3: the hash differs"]) };
        let data = json!({
            "valid": valid, "entries": 9, "sealed": 8, "checkpoints": 1, "through": 9, "more": false, "head": "ab",
            "problems": problems
        });
        let answer = json!({"success": true, "data": data});
        stage.observer.answers("GET /internal/v1/audit/verify", 200, &answer);
        let got = stage.ask("GET", "/api/v1/audit/verify?after=4");
        assert_eq!((got.status, got.json()), (200, answer));
    }
    let seen = stage.observer.seen();
    assert!(seen.iter().all(|seen| seen.call == "GET /internal/v1/audit/verify?after=4"));
    assert_eq!(stage.ask("GET", "/api/v1/audit/verify?after=x").status, 400);
}

#[test]
fn a_packet_is_asked_for_by_period_and_handed_on_as_it_is() {
    let stage = Stage::new();
    // Members in another order, and a number as no writer of ours would write it: nothing may touch them.
    let answer = r#"{"success":true,"data":{"signature":"x","manifest":{"next":1e0},"checkpoints":[]}}"#;
    stage.observer.answers_text("GET /internal/v1/audit/packet", 200, answer);
    let tenant = "01920000-0000-7000-8000-000000000001";
    let got = stage.ask(
        "GET",
        &format!("/api/v1/audit/packet?from=2026-11-21T00:00:00Z&to=2026-11-22T00:00:00Z&tenant={tenant}&after=4&entries=9"),
    );
    assert_eq!((got.status, got.text.as_str()), (200, answer));
    assert_eq!(
        stage.observer.seen()[0].call,
        format!(
            "GET /internal/v1/audit/packet?from=2026-11-21T00%3A00%3A00.000Z&to=2026-11-22T00%3A00%3A00.000Z\
             &tenant={tenant}&after=4&entries=9"
        )
    );
    let got = stage.ask("GET", "/api/v1/audit/packet?from=yesterday&tenant=x&entries=-1");
    assert_eq!((got.status, issues(&got).len()), (400, 3), "{}", got.text);
}
