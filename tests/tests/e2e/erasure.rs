//! `DELETE /api/v1/me` and `POST /api/v1/users/{id}/erase`: what is left of somebody are ids.

use crate::canaries::{columns, found_in};
use e2e::actors::{Admin, Anonymous, Caller, PASSWORD, Person, sign_up};
use e2e::control::{cron, keys, kv, rows};
use e2e::faults::{Fault, Plan};
use e2e::fixtures::new_lot;
use e2e::fleet::{WITH_DATABASES, Worker};
use e2e::http::Reply;
use e2e::names;
use e2e::tenants::Tenant;
use e2e::wait::eventually;
use serde_json::{Value, json};

const PATH: &str = "/api/v1/me";

fn password() -> Value {
    json!({ "password": PASSWORD })
}

/// Somebody who left a canary wherever one can be left; the canaries, and their device's key in KV.
fn somebody() -> (String, String, Vec<String>, String) {
    let canary = |what: &str| names::unique(what);
    let (email, name, agent, notes) = (names::email(), canary("Name"), canary("Agent"), canary("Notes"));
    let anyone = Anonymous::new();
    let mut body = sign_up(&email);
    (body["display_name"], body["delivery"]) = (name.as_str().into(), "token".into());
    let call = anyone.call("POST", "/api/v1/auth/register").key(&names::key()).header("user-agent", &agent);
    let data = call.json(&body).send().is(201).data();
    let (token, id) =
        (data["access_token"].as_str().unwrap().to_owned(), data["user"]["id"].as_str().unwrap().to_owned());
    let post = |path: &str, body: &Value| {
        let got = anyone.call("POST", path).bearer(&token).key(&names::key()).json(body).send().is(201);
        got.data()["id"].as_str().unwrap().to_owned()
    };
    let strain = post("/api/v1/strains", &json!({ "name": notes, "description": notes }));
    let mut lot = new_lot(100);
    (lot["name"], lot["strain_id"]) = (notes.as_str().into(), strain.into());
    let lot = post("/api/v1/stash", &lot);
    let entry = json!({ "kind": "gift", "quantity_mg": 5, "note": notes });
    anyone.call("POST", &format!("/api/v1/stash/{lot}/entries")).bearer(&token).json(&entry).send().is(201);
    let session =
        json!({ "method": "vape", "items": [{ "lot_id": lot, "quantity_mg": 10 }], "notes": notes });
    post("/api/v1/sessions", &session);
    let edit = json!({ "time_zone": "Europe/Berlin" });
    anyone.call("PATCH", PATH).bearer(&token).key(&names::key()).json(&edit).send().is(200);
    let device = authorization::papers::claims(&token)["did"].as_str().unwrap().to_owned();
    (token, id, vec![email, name, agent, notes], format!("device:{device}"))
}

fn places(needles: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for worker in WITH_DATABASES {
        let tables = columns(worker);
        for needle in needles {
            found.extend(
                found_in(worker, &tables, needle)
                    .into_iter()
                    .map(|table| format!("{}: {table}: {needle}", worker.name())),
            );
        }
    }
    found
}

fn chain_holds() {
    let (admin, mut after) = (Admin::new(), 0);
    loop {
        let got = admin.get(&format!("/api/v1/audit/verify?after={after}")).is(200);
        let data = got.data();
        assert_eq!(data["valid"], true, "{got}");
        if data["more"] != true {
            return;
        }
        after = data["through"].as_i64().unwrap();
    }
}

#[test]
fn register_use_erase_and_sign_up_anew_with_the_same_address() {
    let (token, id, canaries, cached) = somebody();
    eventually("the sign-up in KV", || kv(Worker::Tracker, "SESSIONS", &cached));
    let before = places(&canaries);
    assert!(
        before.iter().all(|place| place.starts_with("tracker: ")),
        "observer has nothing in plain: {before:?}"
    );
    assert!(before.len() >= 4, "looked in vain: {before:?}");
    let anyone = Anonymous::new();
    let erase = |body: &Value| anyone.call("DELETE", PATH).bearer(&token).json(body).send();
    erase(&json!({ "password": "not the password" })).refused(401, "invalid_credentials");
    assert_eq!(places(&canaries).len(), before.len(), "nothing went");

    let got = erase(&password()).is(204);
    for path in [PATH, "/api/v1/stash", "/api/v1/sessions", "/api/v1/dashboard"] {
        anyone.call("GET", path).bearer(&token).send().is(401);
    }
    let left = places(&canaries);
    assert!(left.is_empty(), "{left:?}");
    assert_eq!(kv(Worker::Tracker, "SESSIONS", &cached), None);
    assert!(
        keys(Worker::Tracker, "SESSIONS")
            .iter()
            .all(|key| !canaries.iter().any(|canary| key.contains(canary)))
    );
    assert!(
        places(std::slice::from_ref(&id)).iter().any(|place| place.contains("audit")),
        "pseudonymous ids stay in the log"
    );
    chain_holds();
    not_in_the_log(&got, &canaries);

    let mut body = sign_up(&canaries[0]);
    body["delivery"] = "token".into();
    let again = anyone.post("/api/v1/auth/register", &body).is(201).data();
    assert_ne!(again["user"]["id"], json!(id), "nobody is who was");
    chain_holds();
}

/// What the fleet wrote until the answer to this request holds none of it.
fn not_in_the_log(got: &Reply, canaries: &[String]) {
    let Ok(path) = std::env::var("SESH_FLEET_LOG") else {
        eprintln!("skipped: SESH_FLEET_LOG does not name the file that the fleet's output goes to");
        return;
    };
    let id = got.header("x-request-id").unwrap();
    let log = eventually("the request in the fleet's log", || {
        let log = String::from_utf8_lossy(&std::fs::read(&path).ok()?).into_owned();
        log.contains(id).then_some(log)
    });
    for canary in canaries {
        let line = log.lines().find(|line| line.contains(canary.as_str()));
        assert!(line.is_none(), "{line:?}");
    }
}

#[test]
fn an_administrator_erases_and_the_log_says_why() {
    let (person, admin) = (Person::new(), Admin::new());
    person.buy(100);
    let path = format!("/api/v1/users/{}/erase", person.id);
    admin.post(&path, &json!({ "reason": "" })).is(422);
    admin.post(&path, &json!({ "reason": "asked for by letter" })).is(204);
    assert!(!person.counts());
    admin.get(&format!("/api/v1/users/{}", person.id)).refused(404, "not_found");
    assert_eq!(admin.get(&format!("/api/v1/users?q={}", person.email)).is(200).meta()[2], 0);
    admin.post(&path, &json!({ "reason": "again" })).refused(404, "not_found");
    let told = admin.get(&format!("/api/v1/audit?entity=person:{}&action=person.erased", person.id)).is(200);
    assert_eq!(told.rows().len(), 1, "{told}");
    assert!(told.text().contains("asked for by letter"));
}

#[test]
fn the_last_owner_of_a_tenant_hands_it_over_first() {
    let tenant = Tenant::new();
    let path = format!("/api/v1/users/{}/erase", tenant.owner.person.id);
    Admin::new().post(&path, &json!({ "reason": "asked for" })).refused(409, "conflict");
    assert!(tenant.owner.person.counts(), "nothing happened");
    tenant.member("owner");
    Admin::new().post(&path, &json!({ "reason": "asked for" })).is(204);
}

#[test]
fn an_erasure_that_tracker_does_not_hear_of_is_not_acknowledged_and_is_finished_all_the_same() {
    for (kind, again) in
        [("fail_before", true), ("fail_after", true), ("status", true), ("fail_before", false)]
    {
        let person = Person::new();
        let lot = person.buy(100);
        person.log(&lot, 10);
        let call = person.call("DELETE", PATH).key(&names::key()).json(&password());
        let plan = Plan::new().at(Worker::Observer, &[Fault::new(kind, "TRACKER").once()]);
        assert_eq!(plan.strikes(call.clone()).send().status, 503);
        if again {
            call.clone().send().is(204);
        } else {
            cron(Worker::Observer);
        }
        let left = "SELECT (SELECT count(*) FROM lots WHERE person_id = ?1) + (SELECT count(*) FROM stash_entries WHERE person_id = ?1)
          + (SELECT count(*) FROM sessions WHERE person_id = ?1) + (SELECT count(*) FROM members WHERE person_id = ?1) AS n";
        assert_eq!(rows(Worker::Tracker, left, &[json!(person.id)])[0]["n"], 0, "{kind}, again: {again}");
        assert!(!person.counts());
        call.send().is(204);
        let sql = "SELECT count(*) AS n FROM audit WHERE action = 'person.erased' AND entity = ?1";
        assert_eq!(rows(Worker::Observer, sql, &[json!(format!("person:{}", person.id))])[0]["n"], 1);
    }
}

#[test]
fn an_erasure_that_breaks_in_the_middle_of_deleting_is_finished_by_trying_again() {
    for (kind, matching) in [
        ("fail_before", "DELETE FROM stash_entries"),
        ("fail_after", "DELETE FROM stash_entries"),
        ("fail_before", "INSERT INTO erasures"),
        ("fail_after", "INSERT INTO erasures"),
    ] {
        let person = Person::new();
        let lot = person.buy(100);
        person.log(&lot, 10);
        let call = person.call("DELETE", PATH).key(&names::key()).json(&password());
        let plan = Plan::new().at(Worker::Tracker, &[Fault::new(kind, "DB").matching(matching).once()]);
        assert_eq!(plan.strikes(call.clone()).send().status, 503, "{kind} {matching}");
        call.send().is(204);
        let left = "SELECT count(*) AS n FROM stash_entries WHERE person_id = ?1";
        assert_eq!(rows(Worker::Tracker, left, &[json!(person.id)])[0]["n"], 0, "{kind} {matching}");
    }
}
