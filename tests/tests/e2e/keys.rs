//! API keys: made once shown once, good for what they say and from where they say, turned over, ended at once.

use e2e::actors::{Caller, PASSWORD, Person};
use e2e::control::rows;
use e2e::fixtures::{new_lot, new_session, text};
use e2e::fleet::Worker;
use e2e::keys::{Program, SCOPES, new_key, try_make};
use e2e::names;
use e2e::tenants::{Tenant, with_tracker};
use serde_json::{Value, json};

const KEYS: &str = "/api/v1/me/keys";

#[test]
fn a_program_does_what_its_key_is_for_and_nothing_else() {
    let person = Person::new();
    let program = Program::of(&person, &SCOPES, &json!({}));
    let lot = text(&program.post("/api/v1/stash", &new_lot(500)).is(201).data(), "id");
    program.post("/api/v1/sessions", &new_session(&lot, 100)).is(201);
    program.get("/api/v1/strains?limit=1").is(200);
    program.get("/api/v1/dashboard").is(200);
    assert_eq!(person.balance(&lot), 400, "in its owner's name");
    for (verb, path) in [
        ("GET", "/api/v1/me"),
        ("PATCH", "/api/v1/me"),
        ("GET", KEYS),
        ("POST", KEYS),
        ("GET", "/api/v1/me/factors"),
        ("POST", "/api/v1/me/password"),
        ("GET", "/api/v1/auth/devices"),
        ("DELETE", "/api/v1/auth/devices"),
        ("POST", "/api/v1/auth/tenant"),
    ] {
        let call = program.call(verb, path);
        let call = if verb == "POST" || verb == "PATCH" { call.json(&json!({})) } else { call };
        call.send().refused(401, "unauthorized");
    }
    let reader = Program::of(&person, &["sessions:read"], &json!({}));
    reader.get("/api/v1/sessions").is(200);
    reader.get("/api/v1/stash").refused(403, "forbidden");
    reader.get("/api/v1/dashboard").refused(403, "forbidden");
    reader.post("/api/v1/sessions", &new_session(&lot, 100)).refused(403, "forbidden");
    assert_eq!(person.sessions(), 1);
}

#[test]
fn a_key_is_shown_once_and_listed_without_itself() {
    let person = Person::new();
    let program = Program::of(&person, &["stash:read"], &json!({ "name": "backup", "expires_in_days": 7 }));
    program.get("/api/v1/stash").is(200);
    let got = person.get(KEYS).is(200);
    assert!(!got.text().contains(program.secret()), "{got}");
    let row = got.rows().remove(0);
    assert_eq!((text(&row, "id"), text(&row, "name")), (program.id.clone(), "backup".to_owned()));
    assert!(row["last_used_at"].is_string() && program.key.starts_with(&text(&row, "begins_with")));
    try_make(&person, &["stash:read"], &json!({ "password": "not the password" }))
        .refused(401, "invalid_credentials");
    try_make(&person, &["tenant:read"], &json!({})).is(422).names("scopes[0]");
    try_make(&person, &["stash:read"], &json!({ "addresses": ["10.0.0.0/33"] }))
        .is(422)
        .names("addresses[0]");
    try_make(&person, &["stash:burn"], &json!({})).is(400);
    assert_eq!(person.get(KEYS).is(200).meta()[2], 1);
}

#[test]
fn a_revoked_key_is_dead_on_the_next_call_and_others_are_nobodys_business() {
    let (person, stranger) = (Person::new(), Person::new());
    let program = Program::of(&person, &SCOPES, &json!({}));
    let path = format!("{KEYS}/{}", program.id);
    stranger.delete(&path).refused(404, "not_found");
    stranger.post(&format!("{path}/rotate"), &json!({ "password": PASSWORD })).refused(404, "not_found");
    program.get("/api/v1/stash").is(200);
    person.delete(&path).is(204);
    program.get("/api/v1/stash").refused(401, "unauthorized");
    program.post("/api/v1/stash", &new_lot(5)).refused(401, "unauthorized");
    person.delete(&path).is(204);
    assert!(person.get(KEYS).is(200).rows()[0]["revoked_at"].is_string());
}

#[test]
fn a_key_that_has_expired_is_dead() {
    let person = Person::new();
    let program = Program::of(&person, &["stash:read"], &json!({ "expires_in_days": 1 }));
    program.get("/api/v1/stash").is(200);
    let sql = "UPDATE api_keys SET expires_at = CAST(unixepoch('subsec') * 1000 AS INTEGER) WHERE id = ?1";
    rows(Worker::Observer, sql, &[json!(program.id)]);
    program.get("/api/v1/stash").refused(401, "unauthorized");
}

#[test]
fn a_slip_of_the_finger_and_a_forged_key_are_refused() {
    let person = Person::new();
    let program = Program::of(&person, &["stash:read"], &json!({}));
    let mut slip = program.clone();
    let last = if slip.key.ends_with('0') { "1" } else { "0" };
    slip.key.replace_range(slip.key.len() - 1.., last);
    slip.get("/api/v1/stash").refused(401, "unauthorized");
    for key in
        ["sesh_key_", "sesh_key_x", &program.key[..program.key.len() - 1], &format!("{}0", program.key)]
    {
        let forged = Program { key: key.to_owned(), ..program.clone() };
        forged.get("/api/v1/stash").refused(401, "unauthorized");
    }
}

#[test]
fn a_key_counts_from_its_addresses_alone_and_the_rest_is_on_record() {
    let person = Person::new();
    let program =
        Program::of(&person, &["stash:read"], &json!({ "addresses": ["192.0.2.0/25", "2001:db8:7::/48"] }));
    for good in ["192.0.2.1", "192.0.2.127", "2001:db8:7::1"] {
        program.from(good).get("/api/v1/stash").is(200);
    }
    for bad in ["192.0.2.128", "2001:db8:8::1", "203.0.113.1"] {
        let elsewhere = program.from(bad);
        elsewhere.get("/api/v1/stash").refused(403, "forbidden");
        elsewhere
            .call("GET", "/api/v1/stash")
            .header("x-forwarded-for", "192.0.2.1")
            .send()
            .refused(403, "forbidden");
    }
    let sql = "SELECT action, detail FROM audit WHERE entity = 'api_key:' || ?1 ORDER BY seq";
    let entries = rows(Worker::Observer, sql, &[json!(program.id)]);
    let actions: Vec<_> = entries.iter().map(|entry| text(entry, "action")).collect();
    assert_eq!(actions, ["api_key.made", "api_key.refused"], "once a minute");
}

#[test]
fn beyond_its_calls_a_minute_a_key_waits_and_is_told_how_long() {
    let person = Person::new();
    let program = Program::of(&person, &["stash:read"], &json!({ "calls_a_minute": 2 }));
    let got = program.get("/api/v1/stash").is(200);
    assert_eq!(got.header("ratelimit-policy"), Some(r#""key";q=2;w=60"#));
    assert!(got.header("ratelimit").unwrap().starts_with(r#""key";r=1;t="#), "{got}");
    program.get("/api/v1/stash").is(200);
    let over = program.get("/api/v1/stash");
    let wait: i64 = over.header("retry-after").unwrap().parse().unwrap();
    assert!(
        (1..=60).contains(&wait) && over.header("ratelimit").unwrap().starts_with(r#""key";r=0;t="#),
        "{over}"
    );
    over.refused(429, "too_many_requests");
    assert_eq!(person.get("/api/v1/stash").is(200).header("ratelimit"), None, "people are not counted");
}

#[test]
fn a_key_that_is_turned_over_counts_on_beside_its_successor() {
    let person = Person::new();
    let old = Program::of(&person, &["stash:read"], &json!({ "calls_a_minute": 77 }));
    let path = format!("{KEYS}/{}/rotate", old.id);
    let turn = |minutes: i64| json!({ "password": PASSWORD, "overlap_minutes": minutes });
    person.post(&path, &json!({ "password": "not the password" })).refused(401, "invalid_credentials");
    person.post(&path, &turn(43_201)).is(422).names("overlap_minutes");
    let got = person.post(&path, &turn(60)).is(201);
    assert_eq!(got.data()["calls_a_minute"], 77);
    let new = Program::made(&got, &person.address, Worker::Tracker);
    old.get("/api/v1/stash").is(200);
    new.get("/api/v1/stash").is(200);
    person.post(&path, &turn(60)).refused(409, "conflict");
    let got = person.post(&format!("{KEYS}/{}/rotate", new.id), &turn(0)).is(201);
    new.get("/api/v1/stash").refused(401, "unauthorized");
    Program::made(&got, &person.address, Worker::Tracker).get("/api/v1/stash").is(200);
}

#[test]
fn a_persons_key_falls_with_their_membership_and_their_app() {
    let tenant = Tenant::new();
    let member = tenant.member("member");
    let program = Program::of(&member.person, &SCOPES, &json!({}));
    program.get("/api/v1/stash").is(200);
    let path = format!("/api/v1/tenant/members/{}", member.person.id);
    tenant.owner.patch(&path, &json!({ "apps": {} })).is(200);
    program.get("/api/v1/stash").refused(403, "not_entitled");
    tenant.owner.patch(&path, &json!({ "apps": with_tracker() })).is(200);
    program.get("/api/v1/stash").is(200);
    tenant.deactivate();
    program.get("/api/v1/stash").refused(403, "tenant_inactive");
    tenant.activate();
    program.get("/api/v1/stash").is(200);
    tenant.owner.delete(&path).is(204);
    program.get("/api/v1/stash").refused(401, "unauthorized");
}

#[test]
fn a_suspended_persons_key_is_dead() {
    let person = Person::new();
    let program = Program::of(&person, &SCOPES, &json!({}));
    program.get("/api/v1/stash").is(200);
    e2e::actors::Admin::new().suspend(&person);
    program.get("/api/v1/stash").refused(401, "unauthorized");
}

/// Row 4.2: a key of A shows nothing of B.
#[test]
fn a_key_of_one_tenant_opens_nothing_of_another() {
    let domain = format!("{}.example.com", names::slug());
    let mut new = e2e::tenants::new_tenant();
    new["domains"] = json!([domain]);
    let (a, b) = (Tenant::new(), Tenant::with(&new));
    let (_, b_member) = (a.member("member"), b.member("member"));
    let lot = b_member.person.buy(10);

    let of_a = Program::of_tenant(&a.owner, &["tenant:read", "tenant:manage"], &json!({}));
    assert_eq!(of_a.get("/api/v1/tenant").is(200).data()["id"], json!(a.id));
    let path = format!("/api/v1/tenant/members/{}", b_member.person.id);
    of_a.patch(&path, &json!({ "apps": {} })).refused(404, "not_found");
    of_a.delete(&path).refused(404, "not_found");
    of_a.at(Worker::Tracker).get("/api/v1/stash").refused(403, "forbidden");
    of_a.get("/api/v1/tenant/keys").refused(401, "unauthorized");

    let persons = Program::of(&a.owner.person, &SCOPES, &json!({}));
    persons.get(&format!("/api/v1/stash/{lot}")).refused(404, "not_found");
    persons.call("GET", "/api/v1/stash").header("host", &domain).send().refused(403, "forbidden");
    persons.at(Worker::Observer).get("/api/v1/tenant").refused(403, "forbidden");
    let of_b = Program::of(&b_member.person, &SCOPES, &json!({}));
    of_b.call("GET", &format!("/api/v1/stash/{lot}")).header("host", &domain).send().is(200);
}

#[test]
fn a_tenants_key_outlives_its_maker_and_leaves_its_name() {
    let tenant = Tenant::new();
    let admin = tenant.member("admin");
    let program = Program::of_tenant(&admin, &["tenant:read", "tenant:manage"], &json!({}));
    tenant.owner.delete(&format!("/api/v1/tenant/members/{}", admin.person.id)).is(204);
    let invite = json!({ "email": names::email(), "role": "member" });
    let made = program.post("/api/v1/tenant/invitations", &invite).is(201).data();
    let sql = "SELECT actor FROM audit WHERE entity = 'invitation:' || ?1";
    let entries = rows(Worker::Observer, sql, &[made["id"].clone()]);
    assert_eq!(entries[0]["actor"], json!(format!("api_key:{}", program.id)));
    let admin_too = json!({ "email": names::email(), "role": "admin" });
    program.post("/api/v1/tenant/invitations", &admin_too).refused(403, "forbidden");
    let path = format!("/api/v1/tenant/keys/{}", program.id);
    assert_eq!(tenant.owner.get("/api/v1/tenant/keys").is(200).rows()[0]["id"], json!(program.id));
    tenant.owner.delete(&path).is(204);
    program.get("/api/v1/tenant").refused(401, "unauthorized");
    let member = tenant.member("member");
    member.post("/api/v1/tenant/keys", &new_key(&["tenant:read"], &json!({}))).refused(403, "forbidden");
}

#[test]
fn keys_stand_in_no_table() {
    let person = Person::new();
    let key = names::key();
    let call =
        || person.call("POST", KEYS).key(&key).json(&new_key(&["stash:read"], &json!({}))).send().is(201);
    let first = call();
    let program = Program::made(&first, &person.address, Worker::Tracker);
    assert_eq!(call().text(), first.text(), "the identical key, made again");
    program.get("/api/v1/stash").is(200);
    for worker in [Worker::Tracker, Worker::Observer] {
        let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'
          AND name NOT LIKE '\\_cf%' ESCAPE '\\' AND name NOT LIKE 'sqlite%'";
        for table in rows(worker, tables, &[]) {
            let table = text(&table, "name");
            let columns = rows(worker, "SELECT name FROM pragma_table_info(?1)", &[json!(table)]);
            let texts: Vec<String> =
                columns.iter().map(|column| format!("coalesce(\"{}\", '')", text(column, "name"))).collect();
            let sql = format!(
                "SELECT count(*) AS n FROM \"{table}\" WHERE instr({}, ?1) > 0",
                texts.join(" || ' ' || ")
            );
            let found = rows(worker, &sql, &[json!(&program.secret()[..40])]);
            assert_eq!(found[0]["n"], Value::from(0), "{} {table}", worker.name());
        }
    }
}
