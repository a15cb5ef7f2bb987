//! Insights over HTTP: sums that agree with the dashboard, and reads that do not grow with what lies elsewhere.

use crate::world::{START, World, get, post};
use serde_json::{Value, json};
use sesh_edge::native::Call;
use sesh_types::time::{DAY_MS, HOUR_MS};

fn refused(world: &World, query: &str) -> Value {
    let got = world.call(World::somebody(1), Call::new("GET", &format!("/api/v1/insights?{query}")));
    assert_eq!(got.status, 400, "{query}: {}", got.text);
    got.json()["error"]["details"][0]["field"].clone()
}

#[test]
fn insights_agree_with_the_dashboard() {
    let world = World::new(1);
    let lot = post(
        &world,
        "/api/v1/stash",
        &json!({"name": "jar", "form": "flower", "quantity_mg": 3500, "thc_mg": 700,
        "price": {"minor": 3500, "currency": "USD"}}),
    );
    for (hours, mg) in
        [(1, json!(100)), (30, json!(250)), (31, Value::Null), (24 * 10, json!(50)), (24 * 45, json!(1))]
    {
        let session = json!({"method": "vape", "occurred_at": START.plus_ms(-hours * HOUR_MS).to_string(),
            "items": [{"lot_id": lot["id"], "quantity_mg": mg}], "mood_before": 2, "mood_after": 4, "effects": ["calm"]});
        post(&world, "/api/v1/sessions", &session);
    }
    let dashboard = get(&world, "/api/v1/dashboard");
    let month = get(&world, "/api/v1/insights?from=2026-04-01&to=2026-04-20");
    for field in ["sessions", "quantity_mg", "unknown_items"] {
        assert_eq!(month["total"][field], dashboard["month"][field], "{field}");
    }
    assert_eq!(month["series"].as_array().unwrap().len(), 20);
    assert_eq!(month["total"]["thc_ug"], 400 * 200);
    assert_eq!(
        month["spend"]["used"],
        json!([{"currency": "USD", "minor": 400, "items": 3, "sessions": 3,
        "per_session_minor": 133}])
    );
    assert_eq!((&month["spend"]["unpriced_items"], &month["moods"]["sessions"]), (&json!(1), &json!(4)));
    assert_eq!(month["supply"]["balance_mg"], dashboard["stash"]["balance_mg"]);
    let year = get(&world, "/api/v1/insights?from=2025-04-21&to=2026-04-20&by=month");
    assert_eq!((year["series"].as_array().unwrap().len(), &year["total"]["sessions"]), (13, &json!(5)));
}

#[test]
fn a_time_that_is_no_time_is_named() {
    let world = World::new(1);
    assert_eq!(refused(&world, "from=2026-04-20&to=2026-04-19"), "to");
    assert_eq!(refused(&world, "from=2025-01-01&to=2026-04-19"), "from");
    assert_eq!(refused(&world, "from=yesterday"), "from");
    assert_eq!(refused(&world, "by=year"), "by");
    assert_eq!(refused(&world, "to=0001-01-01"), "from");
    assert_eq!(refused(&world, "from=%2B262142-12-31&to=%2B262142-12-31"), "from");
}

/// What a statement's plan says of the tables that it searches.
fn plans(world: &World, sql: &str) -> Vec<String> {
    world.fleet.database("tracker", |database| {
        let mut plan = database.connection().prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let mut rows = plan.raw_query();
        let mut lines = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            lines.push(row.get::<_, String>(3).unwrap());
        }
        lines
    })
}

#[test]
fn what_lies_outside_of_the_time_is_not_read() {
    let world = World::new(1);
    let known: Vec<&str> = sesh_edge::io::KNOWN_SQL
        .iter()
        .filter(|known| {
            ["tracker::taken", "tracker::insights", "tracker::goals", "tracker::breaks"]
                .iter()
                .any(|module| known.module.starts_with(module))
        })
        .map(|known| known.sql)
        .filter(|sql| sql.starts_with("SELECT"))
        .collect();
    assert!(known.len() >= 8, "{known:?}");
    for sql in known {
        for line in plans(&world, sql) {
            let searched =
                line.starts_with("SEARCH") || line.contains("VIRTUAL TABLE") || !line.starts_with("SCAN");
            let bounded = !line.contains("lots") && !line.contains("sessions")
                || line.contains("acquired_at>")
                || line.contains("occurred_at>")
                || line.contains("lots_holding")
                || line.contains("id=?)");
            assert!(searched && bounded, "{line}\n{sql}");
        }
    }
}

#[test]
fn more_sessions_than_are_looked_at_are_refused() {
    let world = World::new(1);
    let somebody = World::somebody(1).person;
    world.fleet.database("tracker", |database| {
        let sql = format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10001)
             INSERT INTO sessions (tenant_id, person_id, id, occurred_at, recorded_at, method, items)
             SELECT '{}', '{somebody}', 'bulk' || i, {} + i, 0, 'vape', '[]' FROM n",
            sesh_types::ids::TenantId::CONSUMERS,
            START.0 - DAY_MS
        );
        database.connection().execute_batch(&sql).unwrap();
    });
    let got = world.call(World::somebody(1), Call::new("GET", "/api/v1/insights"));
    assert_eq!(got.status, 422, "{}", got.text);
}
