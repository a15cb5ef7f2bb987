//! Erasing a person: what they wrote is gone from both databases, what others wrote is not, and nothing brings them back.

use crate::world::World;
use serde_json::{Value, json};
use sesh_edge::native::{Call, Database, Got, migrations_of};
use sesh_edge::service::Job;

const PASSWORD: &str = "tangerine-otter-lamp";
/// Stands in whatever somebody can type.
const CANARY: &str = "Kanarienvogel";

struct Person {
    id: String,
    token: String,
    email: String,
}

fn register(world: &World, email: &str) -> Person {
    register_once(world, email, email)
}

fn register_once(world: &World, email: &str, key: &str) -> Person {
    let body = json!({ "email": email, "password": PASSWORD, "display_name": format!("{CANARY} Ada"),
        "birth_date": "1990-01-01", "delivery": "token" });
    let call = Call::new("POST", "/api/v1/auth/register").header("cf-connecting-ip", "203.0.113.7");
    let call = call.header("user-agent", &format!("{CANARY}/1.0")).header("idempotency-key", key);
    let got = world.fleet.call("tracker", call.json(&body));
    assert_eq!(got.status, 201, "{}", got.text);
    let data = &got.json()["data"];
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    Person { id: text(&data["user"]["id"]), token: text(&data["access_token"]), email: email.to_owned() }
}

impl Person {
    fn call(&self, world: &World, call: Call) -> Got {
        world.fleet.call("tracker", call.bearer(&self.token).header("cf-connecting-ip", "203.0.113.7"))
    }

    fn post(&self, world: &World, path: &str, body: &Value) -> Value {
        let got = self.call(world, Call::new("POST", path).header("idempotency-key", path).json(body));
        assert!((200..300).contains(&got.status), "{path}: {}", got.text);
        got.json()["data"].clone()
    }

    fn erase(&self, world: &World, password: &str) -> Got {
        let call = Call::new("DELETE", "/api/v1/me").header("idempotency-key", "the end");
        self.call(world, call.json(&json!({ "password": password })))
    }

    /// Leaves the canary wherever it can.
    fn writes(&self, world: &World) {
        let strain = self.post(
            world,
            "/api/v1/strains",
            &json!({ "name": format!("{CANARY} Kush"),
            "description": CANARY, "effects": [CANARY] }),
        )["id"]
            .clone();
        let lot = json!({ "strain_id": strain, "name": format!("{CANARY} jar"), "form": "flower", "quantity_mg": 1000 });
        let lot = self.post(world, "/api/v1/stash", &lot)["id"].clone();
        let path = format!("/api/v1/stash/{}/entries", lot.as_str().unwrap());
        self.post(world, &path, &json!({ "kind": "gift", "quantity_mg": 5, "note": CANARY }));
        let session = json!({ "method": "vape", "items": [{ "lot_id": lot, "quantity_mg": 10 }], "notes": CANARY,
            "effects": [CANARY] });
        self.post(world, "/api/v1/sessions", &session);
        self.post(world, "/api/v1/presets", &json!({ "name": CANARY, "method": "vape" }));
        self.post(world, "/api/v1/goals", &json!({ "measure": "sessions", "per": "day", "target": 1 }));
        let rest = json!({ "planned_end_at": "2026-10-01T00:00:00Z" });
        self.post(world, "/api/v1/breaks", &rest);
        let file = format!("date,notes\n2026-01-01,{CANARY}\n");
        self.post(world, "/api/v1/imports", &json!({ "source": file }));
        let zone = Call::new("PATCH", "/api/v1/me").json(&json!({ "time_zone": "Europe/Berlin" }));
        assert_eq!(self.call(world, zone).status, 200);
    }
}

fn column(database: &Database, sql: &str) -> Vec<String> {
    let mut statement = database.connection().prepare(sql).unwrap();
    let rows = statement.raw_query().mapped(|row| row.get(0));
    rows.map(Result::unwrap).collect()
}

/// Every value of every table of a Worker.
fn everything(world: &World, worker: &str) -> String {
    world.fleet.database(worker, |database| {
        let tables = column(
            database,
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'strain_names%'",
        );
        let dump = |table: &String| {
            let columns = column(database, &format!("SELECT name FROM pragma_table_info('{table}')"));
            let columns: Vec<String> =
                columns.iter().map(|name| format!("coalesce(\"{name}\", '')")).collect();
            let rows = column(
                database,
                &format!("SELECT CAST({} AS TEXT) FROM \"{table}\"", columns.join(" || ' ' || ")),
            );
            format!("{table}: {}\n", rows.join("\n"))
        };
        tables.iter().map(dump).collect()
    })
}

fn number(world: &World, sql: &str) -> i64 {
    world
        .fleet
        .database("tracker", |database| database.connection().query_row(sql, [], |row| row.get(0)).unwrap())
}

fn execute(world: &World, sql: &str) -> Result<(), String> {
    world.fleet.database("tracker", |database| {
        database.connection().execute_batch(sql).map_err(|error| error.to_string())
    })
}

fn rows_of(world: &World, person: &str) -> i64 {
    number(
        world,
        &format!(
            "SELECT (SELECT COUNT(*) FROM lots WHERE person_id = '{person}')
               + (SELECT COUNT(*) FROM stash_entries WHERE person_id = '{person}')
               + (SELECT COUNT(*) FROM sessions WHERE person_id = '{person}')
               + (SELECT COUNT(*) FROM members WHERE person_id = '{person}')
               + (SELECT COUNT(*) FROM presets WHERE person_id = '{person}')
               + (SELECT COUNT(*) FROM goals WHERE person_id = '{person}')
               + (SELECT COUNT(*) FROM breaks WHERE person_id = '{person}')
               + (SELECT COUNT(*) FROM imports WHERE person_id = '{person}')
               + (SELECT COUNT(*) FROM import_pieces WHERE person_id = '{person}')
               + (SELECT COUNT(*) FROM strains WHERE owner_id = '{person}')"
        ),
    )
}

fn log_holds(world: &World) -> bool {
    let call = Call::new("GET", "/internal/v1/audit/verify").header("x-sesh-actor", "key:ops");
    world.fleet.call_internal("observer", call).json()["data"]["valid"] == true
}

#[test]
fn everything_of_a_person_goes_and_nothing_of_anybody_else() {
    let world = World::new(1);
    let (ada, bob) = (register(&world, "ada@example.com"), register(&world, "bob@example.com"));
    ada.writes(&world);
    bob.writes(&world);
    let (mine, others) = (rows_of(&world, &ada.id), rows_of(&world, &bob.id));
    assert!(mine >= 10 && mine == others, "{mine} {others}");
    let kept = number(&world, "SELECT COUNT(*) FROM idempotency");
    assert_eq!(ada.erase(&world, "not the password").status, 401);
    assert_eq!(rows_of(&world, &ada.id), mine, "nothing went");

    let got = ada.erase(&world, PASSWORD);
    assert_eq!((got.status, got.text.as_str()), (204, ""));
    for path in ["/api/v1/stash", "/api/v1/me", "/api/v1/dashboard"] {
        assert_eq!(ada.call(&world, Call::new("GET", path)).status, 401, "{path}: the token is dead");
    }
    assert_eq!(ada.erase(&world, PASSWORD).status, 204, "the same request has the same answer");
    assert_eq!((rows_of(&world, &ada.id), rows_of(&world, &bob.id)), (0, others));
    assert_eq!(number(&world, "SELECT COUNT(*) FROM idempotency"), kept / 2, "hers went, his stay");
    assert!(log_holds(&world));

    assert_eq!(bob.erase(&world, PASSWORD).status, 204);
    for worker in ["tracker", "observer"] {
        let everything = everything(&world, worker);
        for canary in [CANARY, &CANARY.to_lowercase(), &ada.email, "example.com"] {
            assert!(!everything.contains(canary), "{worker}: {canary}\n{everything}");
        }
        assert!(everything.contains(&ada.id), "{worker}: the look sees something: pseudonymous ids stay");
    }
    assert!(log_holds(&world), "the chain does not need what is gone");
    let again = register_once(&world, "ada@example.com", "another");
    assert_ne!(again.id, ada.id, "the address is free, and nobody is who was");
    assert_eq!(again.call(&world, Call::new("GET", "/api/v1/stash")).json()["meta"]["total"], 0);
}

#[test]
fn an_administrator_erases_and_the_log_tells_why() {
    let world = World::new(2);
    let ada = register(&world, "ada@example.com");
    ada.writes(&world);
    let erase = |key: &str| {
        let path = format!("/internal/v1/people/{}/erase", ada.id);
        let call = Call::new("POST", &path).header("x-sesh-actor", "key:ops").header("idempotency-key", key);
        world.fleet.call_internal("observer", call.json(&json!({ "reason": "asked for by letter" }))).status
    };
    assert_eq!((erase("1"), erase("1"), erase("2")), (204, 204, 404));
    assert_eq!(rows_of(&world, &ada.id), 0);
    assert!(log_holds(&world));
    let told = everything(&world, "observer");
    assert_eq!(told.matches("person.erased").count(), 1);
    assert!(told.contains("asked for by letter"));
}

#[test]
fn somebody_with_very_many_rows_goes_in_slices_and_the_cron_trigger_ends_it() {
    let world = World::new(3);
    let ada = register(&world, "ada@example.com");
    ada.writes(&world);
    execute(
        &world,
        &format!(
            "INSERT INTO sessions (tenant_id, person_id, id, occurred_at, recorded_at, method, items)
             WITH RECURSIVE many (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < 45000)
             SELECT '{}', '{}', 'many' || n, n, n, 'vape', '[]' FROM many",
            sesh_types::ids::TenantId::CONSUMERS,
            ada.id
        ),
    )
    .unwrap();
    assert_eq!(ada.erase(&world, PASSWORD).status, 204);
    let left = rows_of(&world, &ada.id);
    assert!((1..10_000).contains(&left), "{left}: what is left is nobody's to read");
    assert_eq!(ada.call(&world, Call::new("GET", "/api/v1/sessions")).status, 401);
    assert_eq!(number(&world, "SELECT COUNT(*) FROM erasures WHERE done_at IS NULL"), 1);
    assert!(world.fleet.job("tracker", Job::Tick));
    assert_eq!(rows_of(&world, &ada.id), 0);
    assert_eq!(number(&world, "SELECT COUNT(*) FROM erasures WHERE done_at IS NULL"), 0);
}

fn notices(world: &World, notices: &Value) -> u16 {
    let call = Call::new("POST", "/internal/v1/notices").json(&json!({ "notices": notices }));
    world.fleet.call_internal("tracker", call).status
}

#[test]
fn a_notice_that_comes_late_or_again_brings_nobody_back() {
    let world = World::new(4);
    let ada = register(&world, "ada@example.com");
    ada.writes(&world);
    let home = sesh_types::ids::TenantId::CONSUMERS;
    let profile = json!({ "kind": "profile", "tenant_id": home, "person_id": ada.id, "time_zone": "UTC", "version": 99 });
    let erased = json!({ "kind": "erased", "person_id": ada.id, "tenant_ids": [home], "erased_at": "2026-04-20T00:00:00Z" });
    assert_eq!(notices(&world, &json!([erased, profile, erased])), 204);
    assert_eq!(rows_of(&world, &ada.id), 0);
    assert_eq!(notices(&world, &json!([profile])), 204);
    assert_eq!(notices(&world, &json!([erased])), 204);
    assert_eq!(rows_of(&world, &ada.id), 0);
    // Her token is not revoked here: the database refuses what she writes all the same.
    for (path, body) in [
        ("/api/v1/stash", json!({ "name": "jar", "form": "flower", "quantity_mg": 1 })),
        ("/api/v1/sessions", json!({ "method": "vape", "items": [] })),
        ("/api/v1/strains", json!({ "name": "mine" })),
    ] {
        assert_eq!(ada.call(&world, Call::new("POST", path).json(&body)).status, 401, "{path}");
    }
    assert_eq!(rows_of(&world, &ada.id), 0);
}

#[test]
fn the_ledger_lets_go_of_nobody_who_is_not_erased() {
    let world = World::new(5);
    let (ada, bob) = (register(&world, "ada@example.com"), register(&world, "bob@example.com"));
    ada.writes(&world);
    bob.writes(&world);
    let delete = |table: &str, person: &Person| {
        execute(&world, &format!("DELETE FROM {table} WHERE person_id = '{}'", person.id))
    };
    for table in ["stash_entries", "lots", "sessions"] {
        assert!(delete(table, &ada).unwrap_err().contains("append_only"), "{table}");
    }
    execute(
        &world,
        &format!("INSERT INTO erasures (person_id, erased_at, tenant_ids) VALUES ('{}', 1, '[]')", ada.id),
    )
    .unwrap();
    for table in ["stash_entries", "lots", "sessions"] {
        assert!(delete(table, &bob).unwrap_err().contains("append_only"), "{table}: somebody else's");
        let all = execute(&world, &format!("DELETE FROM {table}")).unwrap_err();
        assert!(all.contains("append_only"), "{table}");
        let edit = execute(
            &world,
            &format!("UPDATE {table} SET person_id = '{}' WHERE person_id = '{}'", ada.id, bob.id),
        );
        assert!(table == "sessions" || table == "lots" || edit.is_err(), "{table}");
        delete(table, &ada).unwrap();
    }
    for sql in
        ["DELETE FROM erasures", "UPDATE erasures SET person_id = 'x'", "UPDATE erasures SET erased_at = 2"]
    {
        assert!(execute(&world, sql).unwrap_err().contains("append_only"), "{sql}");
    }
}

/// The tables that say whose their rows are.
fn tables_of_people(worker: &str) -> Vec<String> {
    column(
        &Database::migrated(worker),
        "SELECT DISTINCT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
         WHERE m.type = 'table' AND c.name IN ('person_id', 'owner_id')",
    )
}

/// A table that says whose its rows are is one that erasing must know.
#[test]
fn every_table_of_peoples_rows_is_erased() {
    let known = std::fs::read_to_string("src/erasure/store.rs").unwrap();
    assert!(!migrations_of("tracker").is_empty());
    let tables = tables_of_people("tracker");
    assert!(tables.len() >= 5, "{tables:?}");
    for table in tables {
        let deleted = known.contains(&format!("DELETE FROM {table} "))
            || known.contains(&format!("slice_of!(\"{table}\""));
        assert!(
            deleted || table == "erasures",
            "{table}: workers/tracker/src/erasure/store.rs must delete its rows"
        );
    }
}

fn export(person: &Person, world: &World, after: Option<&Value>) -> Value {
    let body = json!({ "password": PASSWORD, "after": after });
    let got = person.call(world, Call::new("POST", "/api/v1/me/export").json(&body));
    assert_eq!(got.status, 200, "{}", got.text);
    got.json()["data"].clone()
}

#[test]
fn an_export_holds_everything_that_somebody_wrote() {
    let world = World::new(6);
    let (ada, bob) = (register(&world, "ada@example.com"), register(&world, "bob@example.com"));
    ada.writes(&world);
    bob.writes(&world);
    let sessions = ada.call(&world, Call::new("GET", "/api/v1/sessions")).json()["data"].clone();
    let path = format!("/api/v1/sessions/{}", sessions[0]["id"].as_str().unwrap());
    assert_eq!(ada.call(&world, Call::new("DELETE", &path)).status, 204);
    let all = export(&ada, &world, None);
    let count = |list: &str| all[list].as_array().unwrap().len();
    assert_eq!([count("strains"), count("lots"), count("entries"), count("sessions")], [1, 1, 4, 1], "{all}");
    assert_eq!((&all["format"], &all["next"]), (&json!("sesh-export-v1"), &Value::Null));
    assert_eq!(all["identity"]["profile"]["email"], "ada@example.com");
    assert_eq!(
        (&all["sessions"][0]["notes"], &all["sessions"][0]["effects"][0]),
        (&json!(CANARY), &json!(CANARY))
    );
    assert!(all["sessions"][0]["deleted_at"].is_string(), "a deleted one as well");
    assert_eq!((&all["entries"][1]["note"], &all["lots"][0]["balance_mg"]), (&json!(CANARY), &json!(995)));
    let text = all.to_string();
    assert!(!text.contains("bob@") && !text.contains(&bob.id));
    // What the tables have is there: whoever adds a column adds it to the export, or here.
    let ours = [
        "tenant_id",
        "person_id",
        "number",
        "owner_id",
        "name_key",
        "slug",
        "source",
        "source_id",
        "content_hash",
        "last_seq",
        "last_recorded_at",
        // Follows from the balance.
        "holding",
    ];
    let lists = [
        ("strains", "strains"),
        ("lots", "lots"),
        ("stash_entries", "entries"),
        ("sessions", "sessions"),
        ("presets", "presets"),
        ("goals", "goals"),
        ("breaks", "breaks"),
        ("imports", "imports"),
        ("import_pieces", "import_pieces"),
    ];
    // `members` counts, and has the time zone, which is the profile's.
    let known: Vec<_> = lists.iter().map(|(table, _)| *table).chain(["erasures", "members"]).collect();
    for table in tables_of_people("tracker") {
        assert!(known.contains(&table.as_str()), "{table} is not exported");
    }
    for (table, list) in lists {
        let columns = world.fleet.database("tracker", |database| {
            column(database, &format!("SELECT name FROM pragma_table_info('{table}')"))
        });
        for name in columns.iter().filter(|name| !ours.contains(&name.as_str())) {
            assert!(all[list][0].get(name).is_some(), "{table}.{name} is not exported");
        }
    }
    let malformed = json!({ "password": PASSWORD, "after": "[1]" });
    assert_eq!(ada.call(&world, Call::new("POST", "/api/v1/me/export").json(&malformed)).status, 422);
}

#[test]
fn an_export_of_very_many_rows_comes_in_documents_that_join() {
    let world = World::new(7);
    let ada = register(&world, "ada@example.com");
    ada.writes(&world);
    execute(
        &world,
        &format!(
            "INSERT INTO sessions (tenant_id, person_id, id, occurred_at, recorded_at, method, items)
             WITH RECURSIVE many (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < 60000)
             SELECT '{}', '{}', printf('%08d', n), n, n, 'vape', '[]' FROM many",
            sesh_types::ids::TenantId::CONSUMERS,
            ada.id
        ),
    )
    .unwrap();
    let first = export(&ada, &world, None);
    assert!(first["next"].is_string());
    let second = export(&ada, &world, Some(&first["next"]));
    assert_eq!(second["next"], Value::Null);
    let ids = [&first, &second].map(|part| {
        part["sessions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    });
    assert!(ids[0].len() >= 49_000 && ids[1].len() > 9_000);
    let all: std::collections::BTreeSet<&String> = ids.iter().flatten().collect();
    assert_eq!(
        (all.len(), ids[0].len() + ids[1].len()),
        (60_001, 60_001),
        "none is missing, none comes twice"
    );
    assert!(second["lots"].as_array().unwrap().is_empty(), "what came before is not told again");
}
