//! `/api/v1/audit/packet` of admin, checked by the `sesh` that an auditor would run.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use e2e::actors::{Admin, Anonymous, Caller, Person};
use e2e::control::{d1, number, rows};
use e2e::fixtures::{int, text};
use e2e::fleet::Worker::Observer;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};

const PATH: &str = "/api/v1/audit/packet";

/// A file of its own, gone at the end.
struct File(PathBuf);

impl File {
    fn new(content: &str) -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let name =
            format!("sesh-packet-{}-{}.json", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, content).unwrap();
        Self(path)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Runs the operator's command line, which `cargo build -p sesh` leaves beside the tests: its exit code and its output.
fn sesh_verify(packets: &[&File], pinned: bool) -> (i32, String) {
    let tests = std::env::current_exe().unwrap();
    let program = tests.parent().and_then(|folder| folder.parent()).unwrap().join("sesh");
    assert!(program.exists(), "{} is missing: cargo build -p sesh", program.display());
    let jwks = File::new(&Anonymous::at(Observer).get("/.well-known/audit-jwks.json").is(200).text());
    let mut command = Command::new(program);
    command.arg("verify").args(packets.iter().map(|file| &file.0));
    if pinned {
        command.arg("--jwks").arg(&jwks.0);
    }
    let output = command.output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
}

fn export(query: &str) -> String {
    Admin::new().get(&format!("{PATH}?{query}")).is(200).text()
}

/// The period of one person's entries, as a query.
fn period_of(person: &Person) -> String {
    let path = format!("/api/v1/audit?entity=person:{}&limit=100", person.id);
    let entries = Admin::new().get(&path).is(200).rows();
    let (first, last) = (text(entries.last().unwrap(), "recorded_at"), text(&entries[0], "recorded_at"));
    let last: DateTime<Utc> = last.parse().unwrap();
    // The end is not in a period.
    let to = last + TimeDelta::milliseconds(1);
    format!("from={first}&to={}", to.to_rfc3339_opts(SecondsFormat::Millis, true))
}

fn busy_person() -> Person {
    let person = Person::new();
    person.patch("/api/v1/me", &json!({ "time_zone": "Europe/London" })).is(200);
    let admin = Admin::new();
    admin.suspend(&person);
    admin.reinstate(&person);
    person
}

#[test]
fn an_exported_packet_verifies_offline_and_names_what_was_done() {
    let person = busy_person();
    let answer = export(&period_of(&person));
    let packet: Value = serde_json::from_str::<Value>(&answer).unwrap()["data"].clone();
    let about: Vec<String> = packet["rows"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["entity"] == format!("person:{}", person.id))
        .map(|row| text(row, "action"))
        .collect();
    assert_eq!(about, ["person.registered", "person.edited", "person.suspended", "person.reinstated"]);
    assert!(!answer.contains(&person.email));
    let (code, out) = sesh_verify(&[&File::new(&answer)], true);
    assert!(code == 0 && out.contains("VERIFIED: nothing was changed"), "{out}");
    let alone = File::new(&format!("{packet:#}"));
    let (code, out) = sesh_verify(&[&alone], true);
    assert!(code == 0, "without its envelope and with blanks: {out}");
    let (code, out) = sesh_verify(&[&File::new(&answer.replace(",\"", ",\n  \""))], false);
    assert!(code == 0 && out.contains("who made it is not shown"), "{out}");
}

#[test]
fn whoever_tampers_with_an_exported_packet_is_found() {
    let person = busy_person();
    let answer = export(&period_of(&person));
    let packet: Value = serde_json::from_str::<Value>(&answer).unwrap()["data"].clone();
    let rows = packet["rows"].as_array().unwrap();
    let entity = format!("person:{}", person.id);
    let is_suspension = |row: &&Value| row["entity"] == entity && row["action"] == "person.suspended";
    let row = rows.iter().find(is_suspension).unwrap();
    let seq = int(row, "seq");
    // A row as it stands in the file, whose members are in the order of their names.
    let written = |row: &Value| serde_json::to_string(row).unwrap();
    let (this, next) = (written(row), written(rows.iter().find(|row| int(row, "seq") == seq + 1).unwrap()));
    assert!(answer.contains(&format!("{this},{next}")), "{answer}");
    let signature = text(&packet, "signature");
    let other = export("entries=1");
    let other = text(&serde_json::from_str::<Value>(&other).unwrap()["data"], "signature");
    for (tampered, found) in [
        (
            answer.replace(&this, &this.replace("a test of suspension", "a test of suspicion!")),
            format!("entry {seq} is not what was sealed"),
        ),
        (answer.replacen(&format!("{this},"), "", 1), format!("entry {seq} is missing")),
        (answer.replacen(&this, &format!("{this},{this}"), 1), format!("entry {seq} is there twice")),
        (
            answer.replacen(&format!("{this},{next}"), &format!("{next},{this}"), 1),
            format!("entry {seq} stands behind entry {}", seq + 1),
        ),
        (answer.replace(&signature, &other), "the signature is not that of this manifest".to_owned()),
        (answer.chars().take(answer.len() / 2).collect(), "it ends too early".to_owned()),
    ] {
        assert_ne!(tampered, answer);
        let (code, out) = sesh_verify(&[&File::new(&tampered)], true);
        assert!(code == 1 && out.contains(&found) && out.ends_with("NOT VERIFIED\n"), "{found}: {out}");
    }
}

#[test]
fn a_long_period_comes_in_parts_that_join_and_miss_none() {
    let person = busy_person();
    let period = period_of(&person);
    let (mut after, mut files) = (0, Vec::new());
    loop {
        let part = export(&format!("{period}&entries=2&after={after}"));
        let manifest = serde_json::from_str::<Value>(&part).unwrap()["data"]["manifest"].clone();
        assert!(int(&manifest, "entries") <= 2);
        files.push(File::new(&part));
        match manifest["next"].as_i64() {
            Some(next) => after = next,
            None => break,
        }
    }
    assert!(files.len() >= 2, "four entries in twos");
    let (code, out) = sesh_verify(&files.iter().collect::<Vec<_>>(), true);
    assert_eq!(code, 0, "{out}");
    if files.len() > 2 {
        let (code, out) = sesh_verify(&[&files[0], files.last().unwrap()], true);
        assert!(code == 1 && out.contains("between packets 1 and 2, are in none"), "{out}");
    }
}

#[test]
fn an_export_is_on_record() {
    let got = Admin::new().get(&format!("{PATH}?entries=3")).is(200);
    let id = got.header("x-request-id").unwrap().to_owned();
    let entries = Admin::new().get("/api/v1/audit?action=audit.exported&limit=100").is(200).rows();
    let entry =
        entries.iter().find(|entry| entry["request_id"] == id).unwrap_or_else(|| panic!("{entries:?}"));
    assert_eq!((text(entry, "actor"), text(entry, "entity")), ("key:dev".into(), "audit:1-3".into()));
    for (query, field) in
        [("entries=0", "entries"), ("entries=5001", "entries"), ("after=-1", "after"), ("from=x", "from")]
    {
        Admin::new().get(&format!("{PATH}?{query}")).refused(400, "bad_request").names(field);
    }
}

#[test]
fn the_keys_of_the_audit_log_are_published() {
    let anyone = Anonymous::at(Observer);
    let [audit, tokens] = ["/.well-known/audit-jwks.json", "/.well-known/jwks.json"]
        .map(|path| anyone.get(path).is(200).json());
    let all = audit["keys"].as_array().unwrap();
    assert!(tokens["keys"].as_array().unwrap().iter().all(|key| all.contains(key)), "{audit} {tokens}");
    assert!(!audit.to_string().contains("\"d\""));
}

#[test]
fn d1_lets_nobody_put_another_row_in_the_place_of_one() {
    export("entries=1");
    let content = || {
        rows(
            Observer,
            "SELECT seq, hash, kid, signature, signed_at FROM audit_checkpoints ORDER BY seq LIMIT 3",
            &[],
        )
    };
    let before = content();
    for sql in [
        "REPLACE INTO audit_checkpoints SELECT seq, hash, kid, 'forged', signed_at FROM audit_checkpoints",
        "INSERT OR REPLACE INTO audit_checkpoints SELECT seq, hash, 'forged', signature, signed_at FROM audit_checkpoints",
        "REPLACE INTO audit_checkpoints SELECT seq, 'forged', kid, signature, signed_at FROM audit_checkpoints",
        "REPLACE INTO audit SELECT * FROM audit",
        "UPDATE OR REPLACE audit_links SET seq = 1 WHERE seq = 2",
    ] {
        let error = d1(Observer, sql, &[]).expect_err(sql);
        assert!(error.contains("refused:"), "{sql}: {error}");
    }
    for sql in [
        "REPLACE INTO audit_checkpoints SELECT seq, hash, kid, signature, 1 FROM audit_checkpoints",
        "REPLACE INTO audit_links SELECT seq, hash FROM audit_links",
    ] {
        d1(Observer, sql, &[]).unwrap();
    }
    assert_eq!(content(), before);
}

#[test]
fn no_record_of_an_idempotency_key_holds_an_address() {
    let person = Person::new();
    let key = |call: e2e::http::Call| call.header("idempotency-key", &person.id);
    let name = json!({ "display_name": "Ada" });
    let edit = || key(person.call("PATCH", "/api/v1/me")).json(&name).send().is(200).text();
    let first = edit();
    assert!(first.contains(&person.email));
    assert_eq!(edit(), first);
    let path = format!("/api/v1/users/{}/suspend", person.id);
    let suspend =
        || key(Admin::new().call("POST", &path)).json(&json!({ "reason": "x" })).send().is(200).text();
    let first = suspend();
    assert!(first.contains(&person.email));
    assert_eq!(suspend(), first);
    let held = "SELECT count(*) AS n FROM idempotency WHERE instr(body, '@') > 0";
    assert_eq!(number(Observer, held, &[]), 0);
    assert!(number(Observer, "SELECT count(*) AS n FROM idempotency", &[]) >= 2);
}
