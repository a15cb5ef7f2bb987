//! How much a tenant's people keep: counted by the database itself, given back, and refused beyond the limit.

use crate::world::{START, World};
use serde_json::{Value, json};
use sesh_edge::native::{Call, Database, Got};
use sesh_types::ids::TenantId;

const ACRE: TenantId = TenantId(uuid::Uuid::from_u128(0xacce));

fn tell(world: &World, tenant: TenantId, version: i64, storage_mb: Option<i64>) {
    let notice = json!({ "notices": [{ "kind": "tenant", "tenant_id": tenant, "slug": "s", "name": "N",
        "is_active": true, "domains": [], "storage_mb": storage_mb, "version": version }] });
    let got = world.fleet.call_internal("tracker", Call::new("POST", "/internal/v1/notices").json(&notice));
    assert_eq!(got.status, 204, "{}", got.text);
}

fn ask(world: &World, verb: &str, path: &str, body: &Value) -> Got {
    let call = Call::new(verb, path).bearer(&world.token_in(ACRE, World::somebody(1)));
    world.fleet.call("tracker", if body.is_null() { call } else { call.json(body) })
}

#[track_caller]
fn done(world: &World, verb: &str, path: &str, body: &Value) -> Value {
    let got = ask(world, verb, path, body);
    assert!((200..300).contains(&got.status), "{verb} {path}: {}", got.text);
    if got.text.is_empty() { Value::Null } else { got.json()["data"].clone() }
}

fn number(world: &World, sql: &str) -> Option<i64> {
    world
        .fleet
        .database("tracker", |database| database.connection().query_row(sql, [], |row| row.get(0)).unwrap())
}

fn execute(world: &World, sql: &str) {
    world.fleet.database("tracker", |database| database.connection().execute_batch(sql).unwrap());
}

/// What is counted, which is what there is.
#[track_caller]
fn stored(world: &World) -> i64 {
    let kept = number(world, &format!("SELECT storage_bytes FROM tenants WHERE id = '{ACRE}'")).unwrap();
    let anew = number(world, &format!("SELECT bytes FROM storage_of_tenants WHERE tenant_id = '{ACRE}'"));
    assert_eq!(Some(kept), anew, "the count is what there is");
    kept
}

fn limit(world: &World, bytes: i64) {
    execute(world, &format!("UPDATE tenants SET max_storage_bytes = {bytes} WHERE id = '{ACRE}'"));
}

/// A file that was looked at.
fn look(world: &World, source: &str) -> String {
    id(&done(world, "POST", "/api/v1/imports", &json!({ "source": source }))["import"])
}

fn id(made: &Value) -> String {
    made["id"].as_str().unwrap().to_owned()
}

#[test]
fn whatever_is_written_changed_and_deleted_is_counted_in_the_same_batch() {
    let world = World::new(1);
    tell(&world, ACRE, 1, Some(100));
    assert_eq!(stored(&world), 0);
    let mut before = 0;
    let mut changed = |by: i64| {
        let now = stored(&world);
        assert_eq!(now - before, by);
        before = now;
    };
    let strain = id(&done(&world, "POST", "/api/v1/strains", &json!({ "name": "Äpfel", "flavors": ["x"] })));
    changed(500 + 6 + 5);
    let lot = json!({ "name": "jar", "form": "flower", "quantity_mg": 500, "strain_id": strain });
    let lot = id(&done(&world, "POST", "/api/v1/stash", &lot));
    changed(500 + 3);
    let entries = format!("/api/v1/stash/{lot}/entries");
    done(&world, "POST", &entries, &json!({ "kind": "gift", "quantity_mg": 5, "note": "12345" }));
    changed(300 + 5);
    let session = json!({ "method": "vape", "items": [{ "lot_id": lot, "quantity_mg": 10 }] });
    let session = id(&done(&world, "POST", "/api/v1/sessions", &session));
    let items = number(&world, "SELECT length(items) + length(effects) FROM sessions").unwrap();
    changed(1_000 + items);
    let path = format!("/api/v1/sessions/{session}");
    done(&world, "PATCH", &path, &json!({ "notes": "0123456789" }));
    changed(10);
    done(&world, "PATCH", &path, &json!({ "notes": "01", "items": [] }));
    changed(-8 - items + 4);
    done(&world, "DELETE", &path, &Value::Null);
    changed(-1_000 - 4 - 2); // what is left of the lists, and of the notes
    let preset = id(&done(&world, "POST", "/api/v1/presets", &json!({ "name": "pen", "method": "vape" })));
    changed(303);
    done(&world, "PUT", &format!("/api/v1/presets/{preset}"), &json!({ "name": "pencil", "method": "vape" }));
    changed(3);
    done(&world, "DELETE", &format!("/api/v1/presets/{preset}"), &Value::Null);
    changed(-306);
    done(&world, "POST", "/api/v1/goals", &json!({ "measure": "sessions", "per": "day", "target": 1 }));
    changed(300);
    let rest = json!({ "planned_end_at": "2026-10-01T00:00:00Z" });
    let rest = id(&done(&world, "POST", "/api/v1/breaks", &rest));
    changed(300);
    done(&world, "DELETE", &format!("/api/v1/breaks/{rest}"), &Value::Null);
    changed(-300);
    let file = "date,notes\n2026-01-01,calm\n2026-01-02,loud\n";
    let length = i64::try_from(file.len()).unwrap();
    let import = look(&world, file);
    changed(300 + 300 + length);
    done(&world, "POST", &format!("/api/v1/imports/{import}/confirm"), &json!({}));
    changed(2 * (1_000 + 4 + 4) - 300 - length);
    done(&world, "DELETE", &format!("/api/v1/imports/{import}"), &Value::Null);
    changed(-2 * (1_000 + 4 + 4));
    // Erasing gives all of it back.
    let erased = json!({ "notices": [{ "kind": "erased", "person_id": World::somebody(1).person,
        "tenant_ids": [ACRE], "erased_at": START }] });
    let got = world.fleet.call_internal("tracker", Call::new("POST", "/internal/v1/notices").json(&erased));
    assert_eq!((got.status, stored(&world)), (204, 0));
}

#[test]
fn at_the_limit_what_makes_it_more_is_refused_whole_and_what_makes_it_less_is_not() {
    let world = World::new(1);
    tell(&world, ACRE, 1, Some(100));
    let lot = id(&done(
        &world,
        "POST",
        "/api/v1/stash",
        &json!({ "name": "jar", "form": "flower", "quantity_mg": 500 }),
    ));
    let session = |notes: &str| json!({ "method": "vape", "items": [{ "lot_id": lot, "quantity_mg": 10 }], "notes": notes });
    let first =
        format!("/api/v1/sessions/{}", id(&done(&world, "POST", "/api/v1/sessions", &session("0123"))));
    let full = stored(&world);
    limit(&world, full);
    let file = json!({ "source": "date,notes\n2026-01-01,calm\n" });
    for (verb, path, body) in [
        ("POST", "/api/v1/sessions", session("")),
        ("PATCH", first.as_str(), json!({ "notes": "01234" })),
        ("POST", "/api/v1/stash", json!({ "name": "jar", "form": "flower", "quantity_mg": 5 })),
        ("POST", &format!("/api/v1/stash/{lot}/entries"), json!({ "kind": "gift", "quantity_mg": 5 })),
        ("POST", "/api/v1/strains", json!({ "name": "Mine" })),
        ("POST", "/api/v1/presets", json!({ "name": "pen", "method": "vape" })),
        ("POST", "/api/v1/goals", json!({ "measure": "sessions", "per": "day", "target": 1 })),
        ("POST", "/api/v1/breaks", json!({ "planned_end_at": "2026-10-01T00:00:00Z" })),
        ("POST", "/api/v1/imports", file),
    ] {
        let got = ask(&world, verb, path, &body);
        let error = &got.json()["error"];
        assert_eq!(
            (got.status, &error["code"]),
            (429, &json!("quota_exceeded")),
            "{verb} {path}: {}",
            got.text
        );
        let details = json!({ "quota": "storage", "limit": full, "used": full });
        assert_eq!(error["details"], details, "{verb} {path}");
        assert_eq!(stored(&world), full, "{verb} {path}");
    }
    assert_eq!(number(&world, "SELECT balance_mg FROM lots"), Some(490), "what was refused took nothing");
    done(&world, "PATCH", &first, &json!({ "notes": "abcd", "rating": 5 }));
    done(&world, "PATCH", &first, &json!({ "notes": "a" }));
    limit(&world, 0);
    done(&world, "PATCH", &first, &json!({ "notes": null }));
    done(&world, "DELETE", &first, &Value::Null);
    assert_eq!(ask(&world, "GET", "/api/v1/dashboard", &Value::Null).status, 200);
}

#[test]
fn an_import_that_would_not_fit_makes_no_session_and_stays_to_be_taken_in() {
    let world = World::new(1);
    tell(&world, ACRE, 1, Some(100));
    let rows: Vec<String> = (1..=28).map(|day| format!("2026-01-{day:02},calm")).collect();
    let import = look(&world, &format!("date,notes\n{}\n", rows.join("\n")));
    let confirm = format!("/api/v1/imports/{import}/confirm");
    let before = stored(&world);
    limit(&world, before + 20_000);
    assert_eq!(ask(&world, "POST", &confirm, &json!({})).status, 429);
    assert_eq!((number(&world, "SELECT COUNT(*) FROM sessions"), stored(&world)), (Some(0), before));
    limit(&world, before + 40_000);
    assert_eq!(done(&world, "POST", &confirm, &json!({}))["import"]["sessions"], 28);
}

#[test]
fn nothing_is_counted_without_a_limit_and_one_that_comes_counts_what_is_there() {
    let world = World::new(1);
    let lot = json!({ "name": "jar", "form": "flower", "quantity_mg": 5 });
    done(&world, "POST", "/api/v1/stash", &lot);
    let bytes = format!("SELECT storage_bytes FROM tenants WHERE id = '{ACRE}'");
    tell(&world, ACRE, 1, Some(0));
    assert_eq!(stored(&world), 503, "told of a limit first");
    tell(&world, ACRE, 2, None);
    assert_eq!(number(&world, &bytes), None);
    done(&world, "POST", "/api/v1/stash", &lot);
    tell(&world, ACRE, 3, Some(0));
    assert_eq!(stored(&world), 1_006);
    assert_eq!(ask(&world, "POST", "/api/v1/stash", &lot).status, 429);
    tell(&world, ACRE, 4, Some(1));
    assert_eq!(done(&world, "POST", "/api/v1/stash", &lot)["name"], "jar");
    // The consumers' tenant has no limit, whatever is said of it.
    tell(&world, TenantId::CONSUMERS, 2, Some(0));
    let call = Call::new("POST", "/api/v1/stash").bearer(&world.token(World::somebody(2))).json(&lot);
    assert_eq!(world.fleet.call("tracker", call).status, 201);
    let consumers = TenantId::CONSUMERS;
    assert_eq!(number(&world, &format!("SELECT storage_bytes FROM tenants WHERE id = '{consumers}'")), None);
    let asked = |tenant: TenantId| {
        let call = Call::new("GET", &format!("/internal/v1/tenants/{tenant}/storage"));
        world.fleet.call_internal("tracker", call).json()["data"]["bytes"].clone()
    };
    assert_eq!((asked(ACRE), asked(consumers)), (json!(stored(&world)), Value::Null));
}

#[test]
fn every_table_of_peoples_rows_is_counted() {
    // Counts and a time zone, which nobody writes.
    const NOT_KEPT: [&str; 2] = ["members", "erasures"];
    let database = Database::migrated("tracker");
    let list = |sql: &str| -> Vec<String> {
        let mut statement = database.connection().prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    };
    let tables = list(
        "SELECT t.name FROM sqlite_master t WHERE t.type = 'table' AND EXISTS (
           SELECT 1 FROM pragma_table_info(t.name) c WHERE c.name IN ('person_id', 'owner_id'))",
    );
    let view = list("SELECT sql FROM sqlite_master WHERE name = 'storage_of_tenants'").remove(0);
    assert!(tables.len() > 9, "{tables:?}");
    for table in tables.iter().filter(|table| !NOT_KEPT.contains(&table.as_str())) {
        assert!(view.contains(&format!("FROM {table} ")), "{table} is not in the view that counts anew");
        for trigger in ["stored", "gone"] {
            let sql = format!(
                "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name = '{table}_{trigger}'"
            );
            assert_eq!(list(&sql).len(), 1, "{table} has no trigger {table}_{trigger}");
        }
    }
}
