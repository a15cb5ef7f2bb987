//! The diary to take along: everything is in it, once, and a spreadsheet runs nothing of it.

use crate::world::{START, World, get, post};
use serde_json::{Value, json};
use sesh_edge::native::Call;
use sesh_types::time::MINUTE_MS;

fn csv(world: &World, query: &str) -> Vec<String> {
    let got = world.call(World::somebody(1), Call::new("GET", &format!("/api/v1/diary/export.csv?{query}")));
    assert_eq!(
        (got.status, got.headers["content-type"].to_str().unwrap()),
        (200, "text/csv; charset=utf-8"),
        "{}",
        got.text
    );
    got.text.split_terminator("\r\n").map(str::to_owned).collect()
}

fn lived(world: &World) -> Value {
    let strain =
        post(world, "/api/v1/strains", &json!({"name": "=HYPERLINK(\"x\")", "effects": ["calm", "+1"]}));
    let lot = post(
        world,
        "/api/v1/stash",
        &json!({"strain_id": strain["id"], "form": "flower", "quantity_mg": 1000}),
    );
    let session = json!({"method": "smoke", "occurred_at": "2026-03-29T01:30:00Z", "notes": "-1, \"so\"\nto speak",
        "items": [{"lot_id": lot["id"], "quantity_mg": 250}], "rating": 5});
    post(world, "/api/v1/sessions", &session);
    post(
        world,
        "/api/v1/sessions",
        &json!({"method": "eat", "occurred_at": "2026-03-29T00:30:00Z", "items": []}),
    );
    lot
}

#[test]
fn the_diary_holds_everything_and_nothing_of_others() {
    let world = World::new(1);
    let lot = lived(&world);
    let diary = get(&world, "/api/v1/diary/export");
    let counts: Vec<usize> = ["sessions", "stash", "entries", "strains"]
        .map(|table| diary[table].as_array().unwrap().len())
        .to_vec();
    assert_eq!(counts, [2, 1, 2, 1]);
    assert_eq!((&diary["format"], &diary["stash"][0]["lot_id"]), (&json!(1), &lot["id"]));
    assert_eq!(diary["sessions"][1]["items"][0]["quantity_mg"], 250);
    let other = world.call(World::somebody(2), Call::new("GET", "/api/v1/diary/export")).json();
    assert_eq!(other["data"]["sessions"], json!([]));
    assert_eq!(other["data"]["strains"], json!([]));
}

#[test]
fn tables_are_csv_with_stable_columns_and_no_formulas() {
    let world = World::new(1);
    lived(&world);
    let sessions = csv(&world, "table=sessions");
    assert_eq!(
        sessions[0],
        "session_id,occurred_at,occurred_local,time_zone,method,item,lot_id,strain_id,name,quantity_mg,thc_ug,rating,\
         mood_before,mood_after,effects,notes,version,recorded_at,source"
    );
    assert_eq!(sessions.len(), 3);
    assert!(
        sessions[1].contains(",2026-03-29T00:30:00.000Z,2026-03-29T00:30:00.000+00:00,UTC,eat,,"),
        "{}",
        sessions[1]
    );
    assert!(sessions[2].contains(",\"'=HYPERLINK(\"\"x\"\")\",250,,5,"), "{}", sessions[2]);
    assert!(sessions[2].contains(",\"'-1, \"\"so\"\"\nto speak\",1,"), "{}", sessions[2]);
    let entries = csv(&world, "table=entries");
    assert!(entries[2].contains(",2,session,-250,750,"), "a number is a number: {}", entries[2]);
    assert!(csv(&world, "table=strains")[1].contains("calm; +1"));
    assert!(csv(&world, "table=stash&bom=true")[0].starts_with("\u{feff}lot_id,strain_id,"));
    for query in ["table=people", "table=stash&bom=maybe"] {
        let got =
            world.call(World::somebody(1), Call::new("GET", &format!("/api/v1/diary/export.csv?{query}")));
        assert_eq!(got.status, 400, "{query}");
    }
}

#[test]
fn a_long_diary_comes_whole_and_in_order() {
    let world = World::new(1);
    let somebody = World::somebody(1).person;
    world.fleet.database("tracker", |database| {
        // Three of a kind at each moment: the pages must not lose or repeat any of them.
        let sql = format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
             INSERT INTO sessions (tenant_id, person_id, id, occurred_at, recorded_at, method, items)
             SELECT '{}', '{somebody}', printf('bulk%05d', i), {} + i / 3 * {MINUTE_MS}, 0, 'vape', '[]' FROM n",
            sesh_types::ids::TenantId::CONSUMERS,
            START.0 - 100_000 * MINUTE_MS
        );
        database.connection().execute_batch(&sql).unwrap();
    });
    let diary = get(&world, "/api/v1/diary/export");
    let ids: Vec<&str> =
        diary["sessions"].as_array().unwrap().iter().map(|row| row["session_id"].as_str().unwrap()).collect();
    let wanted: Vec<String> = (1..=2500).map(|number| format!("bulk{number:05}")).collect();
    assert_eq!(ids, wanted);
    assert_eq!(csv(&world, "table=sessions").len(), 2501);
}

#[test]
fn a_report_says_what_it_is_and_agrees_with_insights() {
    let world = World::new(1);
    lived(&world);
    let report = get(&world, "/api/v1/diary/report?from=2026-03-01&to=2026-03-31");
    let insights = get(&world, "/api/v1/insights?from=2026-03-01&to=2026-03-31");
    assert_eq!(report["total"], insights["total"]);
    assert_eq!(
        (&report["days"], &report["days_with_sessions"], &report["longest_without"]),
        (&json!(31), &json!(1), &json!(28))
    );
    assert!(report["about"].as_str().unwrap().contains("no advice"));
}
