//! Signing up and signing in, through the internal door.

use crate::testing::{ADDRESS, NOW, PASSWORD, World, interleave, perform, registration, tail, vars};
use argon2::password_hash::{PasswordHasher, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};
use sesh_edge::drive::{Step, Task};
use sesh_edge::http::Door;
use sesh_edge::io::{Io, Op};
use sesh_edge::native::{Call, Got, Seeded, captured_logs};
use sesh_edge::secret::from_base64url;
use sesh_edge::service::Job;
use sesh_types::contract::auth;
use sesh_types::time::{DAY_MS, MINUTE_MS};
use std::sync::Arc;

const EMAIL: &str = "ada@example.com";

fn credentials(email: &str, password: &str) -> Value {
    json!({ "email": email, "password": password })
}

fn keyed(world: &World, path: &str, key: &str, body: &Value) -> Got {
    world.internal(Call::new("POST", path).header("idempotency-key", key).json(body))
}

#[test]
fn signing_up_writes_everything_once_and_tells_of_it() {
    let world = World::new();
    let got = world.post(auth::REGISTER, &registration(" ADA@example.com "));
    let ada = world.signed_in(&got);
    assert_eq!((got.status, ada.user["email"].as_str()), (201, Some(EMAIL)));
    assert_eq!((ada.user["time_zone"].as_str(), ada.user["version"].as_i64()), (Some("UTC"), Some(1)));
    assert_eq!(got.json()["data"]["expires_in"], 900);
    assert!(world.counts(&ada));
    assert_eq!(world.audited(), ["person.registered"]);
    let facts = world.fleet.queued();
    assert!(
        matches!(facts.as_slice(), [fact] if fact.contains("person_registered") && !fact.contains("example.com"))
    );
    assert_eq!(world.number("SELECT COUNT(*) FROM outbox"), 0);
    assert_eq!(world.number("SELECT SUM(tries) FROM throttle"), 0, "a success is not held against anybody");
    let birth = world.column("SELECT sql FROM sqlite_master WHERE sql LIKE '%birth_date%'");
    assert!(birth.is_empty(), "no column keeps the birth date: {birth:?}");
}

#[test]
fn rules_are_told_by_field() {
    let world = World::new();
    let with = |field: &str, value: Value| {
        let mut body = registration(EMAIL);
        body[field] = value;
        let got = world.post(auth::REGISTER, &body);
        (got.status, got.json()["error"]["code"].clone(), got.json()["error"]["details"][0]["field"].clone())
    };
    assert_eq!(with("email", json!("nowhere")), (422, json!("unprocessable"), json!("email")));
    assert_eq!(with("password", json!("password1")), (422, json!("unprocessable"), json!("password")));
    assert_eq!(with("birth_date", json!("2010-01-01")), (422, json!("age_restricted"), json!("birth_date")));
    assert_eq!(with("birth_date", json!("2099-01-01")), (422, json!("unprocessable"), json!("birth_date")));
    assert_eq!(with("birth_date", json!("2001-02-30")), (400, json!("bad_request"), json!("birth_date")));
    assert_eq!(with("colour", json!("red")), (400, json!("bad_request"), json!("colour")));
    assert_eq!(world.number("SELECT COUNT(*) FROM people"), 0);
}

#[test]
fn a_repeated_sign_up_gets_the_identical_answer_and_one_person() {
    let world = World::new();
    let first = keyed(&world, auth::REGISTER, "k1", &registration(EMAIL));
    let ada = world.signed_in(&first);
    world.fleet.pass_ms(MINUTE_MS);
    assert_eq!(world.refresh(&ada.refresh).status, 200);
    let edit = Call::new("PATCH", auth::ME).json(&json!({ "display_name": "Countess" }));
    assert_eq!(world.for_person(&ada, edit).status, 200);
    let again = keyed(&world, auth::REGISTER, "k1", &registration(EMAIL));
    assert_eq!((again.status, &again.text), (201, &first.text));
    assert_eq!(world.number("SELECT COUNT(*) FROM people"), 1);
    assert_eq!(world.number("SELECT COUNT(*) FROM devices"), 1);
    let mut other = registration(EMAIL);
    other["password"] = json!("another good password");
    let reused = keyed(&world, auth::REGISTER, "k1", &other);
    assert_eq!((reused.status, &reused.json()["error"]["code"]), (422, &json!("idempotency_key_reused")));
    let records = world.column("SELECT body FROM idempotency").join("\n");
    assert!(
        !records.contains(EMAIL) && !records.contains("rt_") && !records.contains(&ada.access),
        "{records}"
    );
    world.fleet.pass_ms(DAY_MS);
    assert!(world.fleet.job("observer", Job::Tick));
    assert_eq!(world.number("SELECT COUNT(*) FROM idempotency"), 0);
}

#[test]
fn trying_out_which_addresses_are_taken_is_slowed_down() {
    let world = World::new();
    world.register(EMAIL);
    for _ in 0..20 {
        let got = world.post(auth::REGISTER, &registration(EMAIL));
        assert_eq!((got.status, &got.json()["error"]["code"]), (409, &json!("conflict")));
    }
    for _ in 0..3 {
        let got = world.post(auth::REGISTER, &registration(EMAIL));
        assert_eq!((got.status, got.headers["retry-after"].to_str().unwrap()), (429, "900"));
    }
    assert_eq!(world.audited(), ["person.registered", "registration.throttled"]);
}

#[test]
fn every_way_to_fail_looks_the_same() {
    let world = World::new();
    let ada = world.register(EMAIL);
    world.register("bob@example.com");
    world.suspend(&ada);
    let tries = [
        credentials(EMAIL, PASSWORD),
        credentials("bob@example.com", "not the password"),
        credentials("nobody@example.com", PASSWORD),
        credentials("no address at all", PASSWORD),
        credentials("bob@example.com", ""),
    ];
    let shown = |got: Got| {
        let mut headers: Vec<_> = got.headers.iter().filter(|(name, _)| *name != "x-request-id").collect();
        headers.sort_by_key(|(name, _)| name.as_str());
        (got.status, got.text, format!("{headers:?}"))
    };
    let answers: Vec<_> = tries.iter().map(|body| shown(world.post(auth::LOGIN, body))).collect();
    assert_eq!(answers[0].0, 401);
    assert!(answers[0].1.contains("invalid_credentials"));
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
    let entities = world.column("SELECT entity FROM audit WHERE action = 'login.failed' ORDER BY seq");
    assert_eq!(entities[0], format!("person:{}", ada.subject.person));
    assert!(entities[2].starts_with("address:") && entities[2].len() == 40 && entities[2] != entities[3]);
}

#[test]
fn ten_failures_are_enough_even_for_who_knows_the_password() {
    let world = World::new();
    world.register(EMAIL);
    for _ in 0..10 {
        assert_eq!(world.post(auth::LOGIN, &credentials(EMAIL, "wrong")).status, 401);
    }
    let got = world.post(auth::LOGIN, &credentials(EMAIL, PASSWORD));
    assert_eq!((got.status, &got.json()["error"]["code"]), (429, &json!("too_many_requests")));
    assert_eq!(got.headers["retry-after"], "900");
    let elsewhere = Call::new("POST", auth::LOGIN).json(&credentials(EMAIL, PASSWORD));
    let elsewhere = elsewhere.header("x-sesh-client-address", "198.51.100.1");
    assert_eq!(world.fleet.call_internal("observer", elsewhere).status, 200, "the owner is not locked out");
    world.fleet.pass_ms(15 * MINUTE_MS);
    world.login(EMAIL);
    assert_eq!(world.audited().iter().filter(|action| *action == "login.throttled").count(), 1);
}

#[test]
fn an_old_hash_is_renewed_by_signing_in() {
    let world = World::new();
    world.register(EMAIL);
    let pepper = from_base64url(&vars().texts["PASSWORD_PEPPER"]).unwrap();
    let weak = Argon2::new_with_secret(
        &pepper,
        Algorithm::Argon2id,
        Version::V0x13,
        Params::new(8, 1, 1, None).unwrap(),
    );
    let salt = SaltString::encode_b64(b"0123456789abcdef").unwrap();
    let phc = weak.unwrap().hash_password(PASSWORD.as_bytes(), &salt).unwrap().to_string();
    world.execute(&format!("UPDATE people SET password_phc = '{phc}'")).unwrap();
    world.login(EMAIL);
    let renewed = world.column("SELECT password_phc FROM people");
    assert!(renewed[0].starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{renewed:?}");
    world.login(EMAIL);
}

#[test]
fn a_repeated_login_is_one_device() {
    let world = World::new();
    world.register(EMAIL);
    let first = keyed(&world, auth::LOGIN, "k2", &credentials(EMAIL, PASSWORD));
    world.fleet.pass_ms(MINUTE_MS);
    let again = keyed(&world, auth::LOGIN, "k2", &credentials(EMAIL, PASSWORD));
    assert_eq!((first.status, again.status, &first.text), (200, 200, &again.text));
    assert_eq!(world.number("SELECT COUNT(*) FROM devices"), 2, "one of the sign-up, one of the login");
    assert_eq!(keyed(&world, auth::LOGIN, "k2", &credentials(EMAIL, "guess")).status, 422);
}

fn task(path: &str, key: Option<&str>, body: &Value, seed: u64) -> Task<Response<Bytes>> {
    let io = Io::new(NOW, Arc::new(Seeded::new(seed)));
    let mut request = Request::builder().method("POST").uri(path).header("x-sesh-client-address", ADDRESS);
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    let request = request.body(body.to_string().into()).unwrap();
    let service = crate::service_with_worthless_hashes_for_simulation(&vars());
    Task::new(io.clone(), service.handle(Door::Internal, request, false, io))
}

fn login_task(key: Option<&str>, seed: u64) -> Task<Response<Bytes>> {
    task(auth::LOGIN, key, &credentials(EMAIL, PASSWORD), seed)
}

/// Found by the simulation: the second looked for the record before the first was done, and for the address after.
#[test]
fn the_same_sign_up_twice_at_once_is_one_person_and_one_answer() {
    for seed in 0..40 {
        let world = World::new();
        let once = |seed| task(auth::REGISTER, Some("k"), &registration(EMAIL), seed);
        let tasks = vec![once(seed), once(1000 + seed)];
        let answers = world.fleet.database("observer", |database| interleave(database, tasks, seed));
        let statuses = (answers[0].status().as_u16(), answers[1].status().as_u16());
        assert_eq!(statuses, (201, 201), "seed {seed}");
        assert_eq!(answers[0].body(), answers[1].body(), "seed {seed}");
        assert_eq!(world.number("SELECT COUNT(*) FROM people"), 1);
        assert_eq!(
            world.number("SELECT SUM(tries) FROM throttle"),
            0,
            "a success is not held against anybody"
        );
    }
}

#[test]
fn the_same_login_twice_at_once_is_one_device_and_one_answer() {
    let world = World::new();
    world.register(EMAIL);
    for seed in 0..4 {
        let key = format!("race-{seed}");
        let tasks = vec![login_task(Some(&key), seed), login_task(Some(&key), 1000 + seed)];
        let answers = world.fleet.database("observer", |database| interleave(database, tasks, seed));
        assert_eq!((answers[0].status(), answers[1].status()), (http::StatusCode::OK, http::StatusCode::OK));
        assert_eq!(answers[0].body(), answers[1].body());
    }
    assert_eq!(world.number("SELECT COUNT(*) FROM devices"), 5);
    assert_eq!(world.number("SELECT SUM(tries) FROM throttle"), 0);
}

/// Runs a login up to the batch that lets somebody in, does something, then lets it go on.
fn login_interrupted(world: &World, interruption: &str) -> Response<Bytes> {
    let mut task = login_task(None, 99);
    loop {
        match task.step() {
            Step::Perform(ops) => {
                for (id, op) in ops {
                    let lets_in = matches!(&op, Op::Db { batch } if batch.iter().any(|s| s.sql.contains("INTO devices")));
                    if lets_in {
                        world.execute(interruption).unwrap();
                    }
                    let reply = world.fleet.database("observer", |database| perform(database, op));
                    task.deliver(id, reply);
                }
            }
            Step::Ready { output, .. } => return output,
            Step::Finished | Step::Stuck => unreachable!("a login answers"),
        }
    }
}

#[test]
fn what_happens_after_the_password_check_still_counts() {
    let world = World::new();
    world.register(EMAIL);
    let suspension =
        "UPDATE people SET status = 'suspended', epoch = epoch + 1, suspended_at = 1, suspended_reason = 'x'";
    assert_eq!(login_interrupted(&world, "SELECT 1").status(), 200);
    assert_eq!(login_interrupted(&world, suspension).status(), 401);
    world
        .execute("UPDATE people SET status = 'active', suspended_at = NULL, suspended_reason = NULL")
        .unwrap();
    assert_eq!(login_interrupted(&world, "UPDATE people SET epoch = epoch + 1").status(), 401);
    assert_eq!(login_interrupted(&world, "UPDATE people SET password_phc = 'new'").status(), 401);
    assert_eq!(world.number("SELECT COUNT(*) FROM devices"), 2);
    assert_eq!(
        world.audited(),
        ["person.registered", "login.succeeded", "login.failed", "login.failed", "login.failed"]
    );
}

#[test]
fn a_login_is_cached_behind_the_answer() {
    let world = World::new();
    let ada = world.register(EMAIL);
    let mut task = login_task(None, 5);
    let (mut answered, mut cached) = (false, Vec::new());
    loop {
        match task.step() {
            Step::Perform(ops) => {
                for (id, op) in ops {
                    if let Op::KvPut { key, value, ttl_seconds } = &op {
                        assert!(answered && *ttl_seconds == 3_600);
                        cached.push((key.clone(), serde_json::from_str::<auth::CachedLogin>(value).unwrap()));
                    }
                    let reply = world.fleet.database("observer", |database| perform(database, op));
                    task.deliver(id, reply);
                }
            }
            Step::Ready { more, .. } => {
                assert!(more);
                answered = true;
            }
            Step::Finished => break,
            Step::Stuck => unreachable!("a login answers"),
        }
    }
    let device =
        world.column(&format!("SELECT id FROM devices WHERE id <> '{}'", ada.subject.device)).remove(0);
    let [(key, login)] = cached.as_slice() else { unreachable!("one entry: {cached:?}") };
    assert_eq!(*key, format!("device:{device}"));
    assert_eq!(serde_json::to_value(&login.user).unwrap(), ada.user);
}

#[test]
fn the_database_itself_gives_nobody_suspended_a_device() {
    let world = World::new();
    let ada = world.register(EMAIL);
    world.suspend(&ada);
    let insert = format!(
        "INSERT INTO devices (id, tenant_id, person_id, nonce, rotated_at, created_at, last_seen_at, expires_at, user_agent)
         SELECT 'd', tenant_id, '{}', 'n', 1, 1, 1, 1, '' FROM people",
        ada.subject.person
    );
    assert!(world.execute(&insert).unwrap_err().contains("refused:credentials_changed"));
    assert!(
        world.execute("UPDATE devices SET revoked_at = NULL").unwrap_err().contains("refused:device_revoked")
    );
    assert!(world.execute("UPDATE people SET epoch = 0").unwrap_err().contains("refused:epoch_falls"));
}

#[test]
fn secrets_stay_where_they_belong() {
    captured_logs();
    let world = World::new();
    let ada = world.register("canary-ada@example.com");
    let secret = "canary-of-a-password";
    let wrong = [
        world.post(auth::LOGIN, &credentials("canary-ada@example.com", secret)),
        world.post(auth::LOGIN, &credentials("canary-nobody@example.com", secret)),
        world.post(auth::REGISTER, &registration("canary-ada@example.com")),
        world.refresh(&format!("{}x", ada.refresh)),
        world.internal(
            Call::new("POST", auth::LOGIN).raw(format!("{{\"email\":\"canary-ada@example.com\",{secret}")),
        ),
    ];
    let renewed = world.signed_in(&world.refresh(&ada.refresh));
    world.tracker_is_down(true);
    assert_eq!(world.suspend(&renewed).status, 503);
    world.tracker_is_down(false);
    assert!(world.fleet.job("observer", Job::Tick));
    let macs = [&ada.refresh, &renewed.refresh].map(|token| tail(token));
    let secrets =
        [secret, PASSWORD, &ada.access, &ada.refresh, &renewed.access, &renewed.refresh, macs[0], macs[1]];
    let logs = captured_logs().join("\n");
    let answers: Vec<String> = wrong.iter().map(|got| format!("{:?}{}", got.headers, got.text)).collect();
    let tables = world.column("SELECT name FROM sqlite_master WHERE type = 'table'");
    assert!(logs.contains("not available") || logs.contains("answered 503"), "the fault is logged: {logs}");
    for secret in secrets {
        assert!(!logs.contains(secret) && !answers.join("\n").contains(secret));
        assert!(tables.iter().all(|table| !dump(&world, table).contains(secret)), "in the database");
    }
    for address in ["canary-ada", "canary-nobody"] {
        assert!(!logs.contains(address) && !answers.join("\n").contains(address));
        let holding: Vec<_> = tables.iter().filter(|table| dump(&world, table).contains(address)).collect();
        assert!(holding.iter().all(|table| *table == "people"), "{address} in {holding:?}");
    }
}

fn dump(world: &World, table: &str) -> String {
    world.fleet.database("observer", |database| {
        let mut statement = database.connection().prepare(&format!("SELECT * FROM {table}")).unwrap();
        let columns = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        let mut text = String::new();
        while let Some(row) = rows.next().unwrap() {
            for column in 0..columns {
                text.push_str(row.get_ref(column).unwrap().as_str().unwrap_or_default());
                text.push('|');
            }
        }
        text
    })
}
