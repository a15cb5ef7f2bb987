use crate::testing::{KEY, Stage, issues, refusal, strain_row};
use serde_json::{Value, json};
use sesh_edge::native::Call;

fn import(body: &Value) -> Call {
    Call::new("POST", "/api/v1/strains/import").bearer(KEY).json(body)
}

#[test]
fn a_chunk_is_handed_on_and_what_it_changed_comes_back() {
    let stage = Stage::new();
    let answer = json!({"success": true, "data": {"inserted": 1, "updated": 2, "unchanged": 197}});
    stage.tracker.answers("POST /internal/v1/strains/import", 200, &answer);
    let chunk = json!({"source": "kushy", "rows": vec![strain_row(); 200]});
    let got = stage.call(import(&chunk).header("idempotency-key", "chunk-1"));
    assert_eq!((got.status, got.json()), (200, answer), "{}", got.text);
    let seen = stage.tracker.seen().remove(0);
    assert_eq!(seen.call, "POST /internal/v1/strains/import");
    assert_eq!(seen.body, chunk);
    assert_eq!(
        (seen.headers["idempotency-key"].as_str(), seen.headers["x-sesh-actor"].as_str()),
        ("chunk-1", "key:ops")
    );
}

#[test]
fn bounds_and_unknown_fields_are_named_before_tracker_is_asked() {
    let stage = Stage::new();
    let got = stage.call(import(&json!({"source": "k".repeat(41), "rows": vec![strain_row(); 201]})));
    assert_eq!(got.status, 422);
    assert_eq!(issues(&got), [("source".into(), "too_long".into()), ("rows".into(), "too_many".into())]);
    let mut row = strain_row();
    row["colour"] = "green".into();
    let got = stage.call(import(&json!({"source": "k", "rows": [row]})));
    assert_eq!((got.status, issues(&got)), (400, vec![("rows[0].colour".into(), "unknown_field".into())]));
    assert_eq!(stage.call(import(&json!({"source": "k".repeat(300_000), "rows": []}))).status, 413);
    assert_eq!(stage.call(import(&json!({})).raw("{\"source\":")).status, 400);
    assert!(stage.tracker.seen().is_empty());
}

#[test]
fn trackers_refusal_is_handed_on() {
    let stage = Stage::new();
    stage.tracker.answers("POST /internal/v1/strains/import", 422, &refusal("unprocessable"));
    let got = stage.call(import(&json!({"source": "k", "rows": [strain_row()]})));
    assert_eq!((got.status, got.json()), (422, refusal("unprocessable")));
    stage.tracker.answers_text("POST /internal/v1/strains/import", 599, "");
    assert_eq!(stage.call(import(&json!({"source": "k", "rows": [strain_row()]}))).status, 503);
}
