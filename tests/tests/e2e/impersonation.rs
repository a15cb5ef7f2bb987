//! Staff who act as a person (row 1.19): to read, for a reason, for a while, and under both names.

use e2e::actors::{Admin, Anonymous, Caller, Person};
use e2e::control::mails;
use e2e::fixtures::text;
use e2e::fleet::Worker;
use e2e::names;
use e2e::routes::documented;
use e2e::staff::Staffer;
use e2e::wait::eventually;
use serde_json::{Value, json};

const REASON: &str = "ticket 4711: the sum is off";

fn claims(token: &str) -> Value {
    authorization::papers::claims(token)
}

#[test]
fn its_token_names_the_actor_and_the_end_restores_everything() {
    let (support, person) = (Staffer::new("support"), Person::new());
    person.buy(100);
    let acting = support.act_as(&person);
    let said = claims(&acting.person.access);
    assert_eq!((&said["sub"], &said["act"]["sub"]), (&json!(person.id), &json!(support.id)));
    let me = acting.person.get("/api/v1/me").is(200);
    let banner = &me.data()["impersonation"];
    assert_eq!((&banner["staff_id"], &banner["reason"]), (&json!(support.id), &json!(REASON)));
    assert_eq!(me.data()["id"], json!(person.id));
    let own = person.get("/api/v1/me").is(200);
    assert!(own.data().get("impersonation").is_none() && own.header("etag") != me.header("etag"));
    assert_eq!(acting.person.get("/api/v1/stash").is(200).text(), person.get("/api/v1/stash").is(200).text());
    support.try_act_as(&Person::new()).refused(409, "conflict");
    support.delete(&format!("/api/v1/impersonations/{}", acting.id)).is(204);
    for path in ["/api/v1/me", "/api/v1/stash", "/api/v1/sessions", "/api/v1/dashboard"] {
        acting.person.get(path).refused(401, "unauthorized");
    }
    assert!(person.counts() && support.counts());
    support.post(&format!("/api/v1/impersonations/{}/token", acting.id), &json!({})).refused(409, "conflict");
    support.act_as(&Person::new());
}

#[test]
fn nothing_is_changed_and_no_credential_is_seen() {
    let (support, person) = (Staffer::new("support"), Person::new());
    let lot = person.buy(100);
    let acting = support.act_as(&person);
    let mut tried = 0;
    for worker in [Worker::Tracker, Worker::Observer] {
        for route in documented(worker).iter().filter(|route| route.is_product() && route.is_mutation()) {
            let name = route.name();
            // For anyone, whoever they are; and what takes a refresh token, of which there is none.
            if crate::openapi::FOR_ANYONE.contains(&route.path.as_str())
                || name == "POST /api/v1/auth/refresh"
            {
                continue;
            }
            let call = Anonymous::at(worker).call(&route.method, &route.path_of(&lot));
            let call = if route.method == "DELETE" { call } else { call.json(&json!({})) };
            call.bearer(&acting.person.access).send().refused(403, "impersonated");
            tried += 1;
        }
    }
    assert!(tried > 20, "only {tried} routes change something");
    let diary = ["export", "export.csv", "report"].map(|rest| format!("/api/v1/diary/{rest}"));
    let credentials = ["/api/v1/auth/devices", "/api/v1/me/factors", "/api/v1/me/keys"].map(str::to_owned);
    for path in diary.iter().chain(&credentials) {
        person.get(path).is(200);
        acting.person.get(path).refused(403, "impersonated");
    }
    let observer = Anonymous::at(Worker::Observer).call("GET", "/api/v1/tenant");
    observer.bearer(&acting.person.access).send().refused(403, "impersonated");
    let admin = Anonymous::at(Worker::Admin).call("GET", "/api/v1/users");
    admin.bearer(&acting.person.access).send().refused(403, "forbidden");
    assert_eq!((person.balance(&lot), person.get("/api/v1/auth/devices").is(200).rows().len()), (100, 1));
}

#[test]
fn it_ends_at_once_when_its_member_of_staff_signs_out_or_is_disabled_or_the_person_is_suspended() {
    type End = fn(&Staffer, &Person);
    let ends: [End; 3] = [
        |staffer, _| drop(staffer.call("POST", "/api/v1/staff/logout").send().is(204)),
        |staffer, _| {
            let path = format!("/api/v1/staff/{}/disable", staffer.id);
            Admin::new().post(&path, &json!({ "reason": "left us" })).is(200);
        },
        |_, person| drop(Admin::new().suspend(person)),
    ];
    for end in ends {
        let (support, person) = (Staffer::new("support"), Person::new());
        let acting = support.act_as(&person);
        acting.person.get("/api/v1/stash").is(200);
        end(&support, &person);
        acting.person.get("/api/v1/stash").refused(401, "unauthorized");
        acting.person.get("/api/v1/me").refused(401, "unauthorized");
    }
}

#[test]
fn it_takes_somebody_with_the_right_a_reason_and_a_person() {
    let person = Person::new();
    let path = format!("/api/v1/users/{}/impersonation", person.id);
    let reason = json!({ "reason": REASON });
    Admin::new().post(&path, &reason).refused(403, "forbidden");
    Staffer::new("reseller").post(&path, &reason).refused(403, "forbidden");
    let superadmin = Staffer::new("superadmin");
    superadmin.post(&path, &json!({})).refused(400, "bad_request").names("reason");
    superadmin.post(&path, &json!({ "reason": " " })).refused(422, "unprocessable").names("reason");
    let long = json!({ "reason": REASON, "minutes": 31 });
    superadmin.post(&path, &long).refused(422, "unprocessable").names("minutes");
    let staff = format!("/api/v1/users/{}/impersonation", superadmin.id);
    superadmin.post(&staff, &reason).refused(404, "not_found");
    let short = superadmin.post(&path, &json!({ "reason": REASON, "minutes": 1 })).is(201).data();
    let said = claims(&text(&short, "access_token"));
    assert_eq!(said["exp"].as_i64().unwrap() - said["iat"].as_i64().unwrap(), 60);
    assert!(short.get("refresh_token").is_none());
    let token = format!("/api/v1/impersonations/{}/token", text(&short, "id"));
    superadmin.post(&token, &json!({})).is(200);
    Staffer::new("superadmin").post(&token, &json!({})).refused(404, "not_found");
    superadmin.post(&format!("/api/v1/impersonations/{}/token", names::nobodys_id()), &json!({})).is(404);
}

#[test]
fn the_person_is_told_and_both_ids_stand_on_every_row() {
    let (support, person) = (Staffer::new("support"), Person::new());
    let acting = support.act_as(&person);
    eventually("the mail", || {
        mails(&person.email).into_iter().find(|mail| mail["subject"] == "Our staff looks at your account")
    });
    support.post(&format!("/api/v1/impersonations/{}/token", acting.id), &json!({})).is(200);
    support.delete(&format!("/api/v1/impersonations/{}", acting.id)).is(204);
    let seen = person.get("/api/v1/me/impersonations").is(200);
    let row = seen.rows().remove(0);
    assert_eq!((seen.meta()[2], &row["reason"], &row["staff_name"]), (1, &json!(REASON), &json!("Grace")));
    assert!(row["ended_at"].is_string());
    assert_eq!(Person::new().get("/api/v1/me/impersonations").is(200).meta()[2], 0);
    let query = format!("/api/v1/audit?entity=person:{}&actor=staff:{}", person.id, support.id);
    let rows = Admin::new().get(&query).is(200).rows();
    let actions: Vec<String> = rows.iter().rev().map(|row| text(row, "action")).collect();
    assert_eq!(actions, ["impersonation.started", "impersonation.token_issued", "impersonation.ended"]);
    assert!(rows.iter().all(|row| text(row, "detail").contains(&support.id)), "{rows:?}");
}
