//! Imports over HTTP: looked at, taken in as a whole and once, undone as a whole.

use crate::world::{World, get, send};
use serde_json::{Value, json};
use sesh_edge::native::{Call, Got};
use sesh_types::time::DAY_MS;
use std::fmt::Write;
use std::path::{Path, PathBuf};

fn call(world: &World, verb: &str, path: &str, body: &Value) -> Got {
    world.call(World::somebody(1), Call::new(verb, path).json(body))
}

fn total(world: &World) -> Value {
    world.call(World::somebody(1), Call::new("GET", "/api/v1/sessions?limit=1")).json()["meta"]["total"]
        .clone()
}

fn look(world: &World, source: &str) -> (Value, String) {
    let shown = send(world, "POST", "/api/v1/imports", &json!({ "source": source }), 201);
    let path = format!("/api/v1/imports/{}", shown["import"]["id"].as_str().unwrap());
    (shown, path)
}

const DIARY: &str = "Date,Time,Strain,Amount,How,Notes\n\
    2026-03-29,02:30,Private One,0.4,joint,a gap\n\
    2026-03-30,16:20,Nobody's,400 mg,vape,\n\
    yesterday,16:20,Nobody's,1,vape,\n\
    2026-03-31,16:20,,?,,\n";

#[test]
fn a_file_is_looked_at_taken_in_and_undone_as_a_whole() {
    let world = World::new(1);
    let strain = send(&world, "POST", "/api/v1/strains", &json!({"name": "private  ONE"}), 201);
    let (shown, path) = look(&world, DIARY);
    assert_eq!((&shown["sessions"], &shown["bad_rows"]), (&json!(3), &json!(1)));
    assert_eq!(
        shown["bad"][0],
        json!({ "line": 4, "field": "date", "code": "no_time", "value": null, "reason": "has no time that is understood" })
    );
    assert_eq!((&shown["mapping"]["amount"], &shown["amounts"]), (&json!("Amount"), &json!("g")));
    assert_eq!(
        (&shown["first"][0]["strain_id"], &shown["first"][1]["strain_id"]),
        (&strain["id"], &Value::Null)
    );
    assert_eq!(total(&world), 0, "nothing was taken in");

    let berlin = json!({"time_zone": "Europe/Berlin"});
    let again = send(&world, "POST", &format!("{path}/preview"), &berlin, 200);
    assert_eq!(
        (&again["first"][0]["time_is_sure"], &again["unsure_times"]),
        (&json!("never_shown"), &json!(1))
    );
    let done = send(&world, "POST", &format!("{path}/confirm"), &berlin, 200);
    assert_eq!(
        (&done["import"]["state"], &done["import"]["sessions"], &done["bad_rows"]),
        (&json!("confirmed"), &json!(3), &json!(1))
    );
    send(&world, "POST", &format!("{path}/confirm"), &berlin, 409);

    let sessions = get(&world, "/api/v1/sessions");
    let first = &sessions[2];
    assert_eq!(
        (&first["occurred_at"], &first["source"], &first["method"]),
        (&json!("2026-03-29T01:30:00.000Z"), &json!("csv"), &json!("smoke"))
    );
    assert_eq!(first["items"][0]["strain_id"], strain["id"]);
    assert_eq!(
        (&first["items"][0]["quantity_mg"], &first["items"][0]["lot_id"]),
        (&json!(400), &Value::Null)
    );
    assert_eq!(sessions[0]["items"], json!([]), "nothing is known of it");
    assert_eq!(
        (total(&world), get(&world, "/api/v1/dashboard")["time_zone"].clone()),
        (json!(3), json!("UTC"))
    );
    assert_eq!(look(&world, DIARY).0["same_as"], done["import"]["id"], "it was brought before");

    assert_eq!(call(&world, "DELETE", &path, &Value::Null).status, 204);
    assert_eq!((total(&world), &get(&world, &path)["state"]), (json!(0), &json!("undone")));
    assert_eq!(call(&world, "DELETE", &path, &Value::Null).status, 404);
    send(&world, "POST", &format!("{path}/confirm"), &berlin, 409);
}

#[test]
fn what_edits_took_from_the_stash_comes_back_when_an_import_is_undone() {
    let world = World::new(1);
    let lot = send(
        &world,
        "POST",
        "/api/v1/stash",
        &json!({"name": "jar", "form": "flower", "quantity_mg": 1000}),
        201,
    );
    let (_, path) = look(&world, DIARY);
    send(&world, "POST", &format!("{path}/confirm"), &json!({}), 200);
    for session in get(&world, "/api/v1/sessions").as_array().unwrap().iter().take(2) {
        let session = format!("/api/v1/sessions/{}", session["id"].as_str().unwrap());
        send(&world, "PATCH", &session, &json!({"items": [{"lot_id": lot["id"], "quantity_mg": 300}]}), 200);
    }
    let balance =
        || get(&world, &format!("/api/v1/stash/{}", lot["id"].as_str().unwrap()))["balance_mg"].clone();
    assert_eq!(balance(), 400);
    assert_eq!(call(&world, "DELETE", &path, &Value::Null).status, 204);
    assert_eq!((balance(), total(&world)), (json!(1000), json!(0)));
}

#[test]
fn a_confirmation_that_is_repeated_under_its_key_is_one() {
    let world = World::new(1);
    let (_, path) = look(&world, DIARY);
    let confirm = || {
        let call =
            Call::new("POST", &format!("{path}/confirm")).json(&json!({})).header("idempotency-key", "k");
        world.call(World::somebody(1), call)
    };
    let (first, again) = (confirm(), confirm());
    assert_eq!((first.status, &first.text), (200, &again.text));
    assert_eq!(total(&world), 3);
}

#[test]
fn a_file_that_waits_for_a_day_is_forgotten() {
    let world = World::new(1);
    let (_, path) = look(&world, DIARY);
    world.fleet.pass_ms(DAY_MS + 1);
    send(&world, "POST", &format!("{path}/confirm"), &json!({}), 409);
    assert!(world.fleet.job("tracker", sesh_edge::service::Job::Tick));
    let left = world.fleet.database("tracker", |database| {
        let sql = "SELECT count(*) FROM import_pieces";
        database.connection().query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap()
    });
    assert_eq!(left, 0);
}

#[test]
fn how_a_file_is_read_is_refused_by_name() {
    let world = World::new(1);
    let (_, path) = look(&world, DIARY);
    let field = |body: Value| {
        let got = call(&world, "POST", &format!("{path}/confirm"), &body);
        assert_eq!(got.status, 422, "{}", got.text);
        got.json()["error"]["details"][0]["field"].clone()
    };
    assert_eq!(field(json!({"mapping": {"date": "Datum"}})), "mapping.date");
    assert_eq!(field(json!({"mapping": {"amount": "Amount"}})), "mapping.date");
    assert_eq!(field(json!({"time_zone": "Mars/Olympus"})), "time_zone");
    assert_eq!(field(json!({"mapping": {"date": "Notes"}})), "only");
    assert_eq!(call(&world, "POST", "/api/v1/imports", &json!({"source": "a,b"})).status, 422);
    assert_eq!(total(&world), 0);
}

#[test]
fn ten_imports_that_wait_are_enough() {
    let world = World::new(1);
    for _ in 0..10 {
        look(&world, DIARY);
    }
    send(&world, "POST", "/api/v1/imports", &json!({ "source": DIARY }), 409);
}

#[test]
fn ten_thousand_rows_of_two_megabytes_are_taken_in_at_once() {
    let world = World::new(1);
    let mut source = String::from("date,time,amount,notes\n");
    for row in 0..10_000 {
        writeln!(
            source,
            "2025-{:02}-{:02},{:02}:{:02},{} mg,{}",
            row % 12 + 1,
            row % 28 + 1,
            row % 24,
            row % 60,
            row + 1,
            "é".repeat(75)
        )
        .unwrap();
    }
    assert!(source.len() > 1_700_000, "{}", source.len());
    let (shown, path) = look(&world, &source);
    assert_eq!(shown["sessions"], 10_000);
    send(&world, "POST", &format!("{path}/confirm"), &json!({"time_zone": "Europe/Berlin"}), 200);
    assert_eq!(total(&world), 10_000);
    assert_eq!(call(&world, "DELETE", &path, &Value::Null).status, 204);
    assert_eq!(total(&world), 0);
    let too_long = json!({ "source": "x".repeat(2 * 1024 * 1024) });
    assert_eq!(call(&world, "POST", "/api/v1/imports", &too_long).status, 413);
    let elsewhere = json!({ "name": "x".repeat(300 * 1024), "form": "flower", "quantity_mg": 1 });
    assert_eq!(call(&world, "POST", "/api/v1/stash", &elsewhere).status, 413, "no other route takes as much");
}

#[test]
fn ones_own_export_can_be_brought_back() {
    let world = World::new(1);
    let lot = send(
        &world,
        "POST",
        "/api/v1/stash",
        &json!({"name": "=jar", "form": "flower", "quantity_mg": 1000}),
        201,
    );
    let session = json!({"method": "dab", "occurred_at": "2026-03-29T01:30:00Z", "notes": "-1, \"so\"", "effects": ["calm", "dry"],
        "items": [{"lot_id": lot["id"], "quantity_mg": 250}], "rating": 5, "mood_before": 1, "mood_after": 2});
    send(&world, "POST", "/api/v1/sessions", &session, 201);
    let export = world.call(World::somebody(1), Call::new("GET", "/api/v1/diary/export.csv?bom=true")).text;
    let (_, path) = look(&world, &export);
    send(&world, "POST", &format!("{path}/confirm"), &json!({"time_zone": "Asia/Tokyo"}), 200);
    let sessions = get(&world, "/api/v1/sessions");
    for field in ["occurred_at", "method", "rating", "mood_before", "mood_after", "effects", "notes"] {
        assert_eq!(sessions[0][field], sessions[1][field], "{field}");
    }
    for field in ["name", "quantity_mg"] {
        assert_eq!(sessions[0]["items"][0][field], sessions[1]["items"][0][field], "{field}");
    }
}

/// Real files of others' apps, where somebody has them beside the project.
fn of_others(path: &str) -> Option<String> {
    let folder: PathBuf = std::env::var_os("SESH_LOGS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/logs"),
        PathBuf::from,
    );
    let text = std::fs::read_to_string(folder.join(path)).ok();
    if text.is_none() {
        eprintln!("skipped: there is no {path} here");
    }
    text
}

#[test]
fn files_of_other_apps_are_known_and_keep_their_history() {
    for (file, format, only, sessions) in [
        ("daylio/daylio-parser-test_data.csv", "daylio", "nap", 4),
        ("loop-habit/csv_export/Checkmarks.csv", "loop_habit", "Wake up early", 6),
        ("loop-habit/habitbull2.csv", "habit_bull", "H3", 0),
        ("psychonautwiki-journal/LegalSample.json", "journal", "Caffeine", 0),
    ] {
        let Some(source) = of_others(file) else { continue };
        let world = World::new(1);
        let (shown, path) = look(&world, &source);
        assert_eq!(shown["import"]["format"], format, "{file}");
        assert_eq!(
            (&shown["sessions"], &shown["bad_rows"]),
            (&json!(0), &json!(0)),
            "{file}: none of it is one by its name"
        );
        let options = json!({"only": [only], "time_zone": "America/New_York"});
        let again = send(&world, "POST", &format!("{path}/preview"), &options, 200);
        assert_eq!(again["bad_rows"], 0, "{file}");
        assert!(sessions == 0 || again["sessions"] == sessions, "{file}: {}", again["sessions"]);
        let done = send(&world, "POST", &format!("{path}/confirm"), &options, 200);
        assert!(done["import"]["sessions"].as_u64().unwrap() > 0, "{file}");
        assert_eq!(total(&world), done["import"]["sessions"], "{file}");
    }
}
