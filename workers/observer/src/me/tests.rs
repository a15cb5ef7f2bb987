//! Oneself, through the internal door.

use crate::testing::World;
use serde_json::{Value, json};
use sesh_edge::native::Call;
use sesh_types::contract::auth;
use sesh_types::contract::notice::Notice;

const EMAIL: &str = "ada@example.com";

fn patch(body: &Value) -> Call {
    Call::new("PATCH", auth::ME).json(body)
}

#[test]
fn one_reads_and_edits_oneself() {
    let world = World::new();
    let ada = world.seeded(EMAIL);
    let got = world.for_person(&ada, Call::new("GET", auth::ME));
    assert_eq!(
        (got.json()["data"]["email"].as_str(), &got.headers["etag"]),
        (Some(EMAIL), &"\"v1\"".parse().unwrap())
    );
    let edit = json!({ "display_name": " Countess ", "time_zone": "Europe/London" });
    let got = world.for_person(&ada, patch(&edit).header("if-match", "\"v1\""));
    let user = got.json()["data"].clone();
    assert_eq!((got.status, &got.headers["etag"]), (200, &"\"v2\"".parse().unwrap()));
    assert_eq!((&user["display_name"], &user["time_zone"]), (&json!("Countess"), &json!("Europe/London")));
    assert!(
        matches!(world.heard().as_slice(), [Notice::Profile { time_zone, version: 2, person_id, tenant_id }]
        if time_zone == "Europe/London" && *person_id == ada.subject.person && *tenant_id == ada.subject.tenant)
    );
    assert_eq!(world.for_person(&ada, Call::new("GET", auth::ME)).json()["data"], user);
    assert_eq!(world.audited(), ["person.edited"]);
}

#[test]
fn an_edit_of_another_version_is_refused() {
    let world = World::new();
    let ada = world.seeded(EMAIL);
    let edit = json!({ "display_name": "B" });
    for tag in ["\"v2\"", "\"abc\""] {
        assert_eq!(world.for_person(&ada, patch(&edit).header("if-match", tag)).status, 412, "{tag}");
    }
    assert_eq!(world.for_person(&ada, patch(&edit).header("if-match", "*")).status, 200);
}

#[test]
fn an_edit_that_changes_nothing_leaves_no_trace() {
    let world = World::new();
    let ada = world.seeded(EMAIL);
    for edit in [json!({}), json!({ "display_name": "Ada" }), json!({ "time_zone": "UTC" })] {
        let got = world.for_person(&ada, patch(&edit));
        assert_eq!((got.status, got.json()["data"]["version"].as_i64()), (200, Some(1)));
    }
    assert!(world.audited().is_empty() && world.heard().is_empty());
}

#[test]
fn rules_and_unknown_fields_are_told() {
    let world = World::new();
    let ada = world.seeded(EMAIL);
    for (edit, status) in [
        (json!({ "display_name": "" }), 422),
        (json!({ "time_zone": "here" }), 422),
        (json!({ "email": "b@example.com" }), 400),
        (json!({ "display_name": 5 }), 400),
    ] {
        assert_eq!(world.for_person(&ada, patch(&edit)).status, status, "{edit}");
    }
}

#[test]
fn a_repeated_edit_is_one_edit_with_one_answer() {
    let world = World::new();
    let ada = world.seeded(EMAIL);
    let keyed = |name: &str| {
        world.for_person(&ada, patch(&json!({ "display_name": name })).header("idempotency-key", "k"))
    };
    world.tracker_is_down(true);
    assert_eq!(keyed("One").status, 503, "done, but tracker does not know");
    world.tracker_is_down(false);
    let first = keyed("One");
    assert_eq!(world.for_person(&ada, patch(&json!({ "display_name": "Two" }))).status, 200);
    let again = keyed("One");
    assert_eq!((first.status, &first.text), (200, &again.text));
    assert_eq!(keyed("Three").status, 422);
    assert_eq!(world.number("SELECT version FROM people"), 3);
    let versions: Vec<i64> = world
        .heard()
        .iter()
        .map(|notice| match notice {
            Notice::Profile { version, .. } => *version,
            _ => 0,
        })
        .collect();
    assert_eq!(versions, [2, 3]);
}

#[test]
fn the_audit_log_tells_what_changed_and_no_name() {
    let world = World::new();
    let ada = world.seeded(EMAIL);
    for edit in [
        json!({ "display_name": "Countess", "time_zone": "Europe/London" }),
        json!({ "display_name": "Countess", "time_zone": "UTC" }),
        json!({ "display_name": "Lovelace", "time_zone": "UTC" }),
    ] {
        assert_eq!(world.for_person(&ada, patch(&edit)).status, 200);
    }
    let details: Vec<Value> = world
        .column("SELECT detail FROM audit ORDER BY seq")
        .iter()
        .map(|detail| serde_json::from_str(detail).unwrap())
        .collect();
    assert_eq!(
        details,
        [
            json!({ "fields": ["display_name", "time_zone"], "before": { "version": 1, "time_zone": "UTC" },
                    "after": { "version": 2, "time_zone": "Europe/London" } }),
            json!({ "fields": ["time_zone"], "before": { "version": 2, "time_zone": "Europe/London" },
                    "after": { "version": 3, "time_zone": "UTC" } }),
            json!({ "fields": ["display_name"], "before": { "version": 3 }, "after": { "version": 4 } }),
        ]
    );
}

#[test]
fn what_is_kept_of_an_edit_holds_no_address() {
    let world = World::new();
    let ada = world.seeded(EMAIL);
    let keyed =
        || world.for_person(&ada, patch(&json!({ "display_name": "One" })).header("idempotency-key", "k"));
    let first = keyed();
    assert!(first.text.contains(EMAIL));
    assert_eq!(world.number("SELECT COUNT(*) FROM idempotency"), 1);
    assert_eq!(world.number("SELECT COUNT(*) FROM idempotency WHERE instr(body, '@') > 0"), 0);
    assert_eq!((keyed().text, keyed().headers["etag"].clone()), (first.text, first.headers["etag"].clone()));
}

#[test]
fn the_token_must_count() {
    let world = World::new();
    let ada = world.seeded(EMAIL);
    let with = |change: fn(&mut auth::OnBehalf)| {
        let mut other = ada.clone();
        change(&mut other.subject);
        (world.counts(&other), world.for_person(&other, patch(&json!({ "display_name": "X" }))).status)
    };
    assert_eq!(with(|_| {}), (true, 200));
    assert_eq!(with(|subject| subject.epoch = 1), (false, 401));
    assert_eq!(with(|subject| subject.epoch = -1), (false, 401));
    world.execute("UPDATE people SET display_name = 'Ada'").unwrap();
    assert_eq!(with(|subject| subject.device = uuid::Uuid::nil().into()), (false, 401));
    assert_eq!(with(|subject| subject.person = uuid::Uuid::nil().into()), (false, 401));
    assert_eq!(with(|subject| subject.tenant = uuid::Uuid::nil().into()), (false, 401));
    assert_eq!(world.column("SELECT display_name FROM people"), ["Ada"]);
}
