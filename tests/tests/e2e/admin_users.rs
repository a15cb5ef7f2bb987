//! `/api/v1/users` of admin

use e2e::actors::{Admin, Caller, PASSWORD, Person};
use e2e::control::{mailed_token, mails};
use e2e::factors::Protected;
use e2e::fixtures::{int, text};
use e2e::names;
use e2e::wait::eventually;
use serde_json::{Value, json};

const PATH: &str = "/api/v1/users";

fn reason(reason: &str) -> Value {
    json!({ "reason": reason })
}

#[test]
fn a_person_is_found_by_address_id_and_name_and_shown_without_secrets() {
    let (admin, person) = (Admin::new(), Person::new());
    let name = names::unique("Wanted");
    person.patch("/api/v1/me", &json!({ "display_name": name })).is(200);
    let (start, unlike) = (&name[..name.len() - 20], &person.email[..20]);
    assert_eq!(
        admin.get(&format!("{PATH}?q={unlike}")).is(200).meta()[2],
        0,
        "part of an address finds nobody"
    );
    for q in [&person.email, &person.email.to_uppercase(), &person.id, start, &name, &name.to_lowercase()] {
        let got = admin.get(&format!("{PATH}?q={}", q.replace(' ', "%20"))).is(200);
        assert_eq!((got.rows().len(), got.meta()[2]), (1, 1), "{got}");
        assert_eq!(got.rows()[0]["id"], person.id.as_str());
    }
    let got = admin.get(&format!("{PATH}/{}", person.id)).is(200);
    let account = got.data();
    assert_eq!((&account["email"], &account["display_name"]), (&json!(person.email), &json!(name)));
    assert_eq!((&account["status"], int(&account, "devices")), (&json!("active"), 1));
    for secret in ["password", "phc", "argon2", "nonce", "refresh", "birth", "epoch"] {
        assert!(!got.text().contains(secret), "{secret}: {got}");
    }
}

#[test]
fn wildcards_of_sql_are_plain_letters() {
    let (admin, person) = (Admin::new(), Person::new());
    let total = |q: &str| admin.get(&format!("{PATH}?limit=1&q={q}")).is(200).meta()[2];
    let (start, end) = (&person.email[..10], &person.email[11..30]);
    assert_eq!(total(&person.email), 1);
    assert_eq!((total(&format!("{start}_{end}")), total(&format!("{start}%25{end}"))), (0, 0));
}

#[test]
fn nobody_is_404() {
    let admin = Admin::new();
    for id in [names::nobodys_id(), "1".into(), "%00".into()] {
        admin.get(&format!("{PATH}/{id}")).refused(404, "not_found");
        admin.post(&format!("{PATH}/{id}/suspend"), &reason("x")).refused(404, "not_found");
        admin.call("POST", &format!("{PATH}/{id}/reinstate")).send().refused(404, "not_found");
    }
}

#[test]
fn a_suspended_persons_next_call_is_401_and_a_reinstated_one_may_sign_in() {
    let (admin, person) = (Admin::new(), Person::new());
    let path = format!("{PATH}/{}", person.id);
    let account = admin.post(&format!("{path}/suspend"), &reason("spam, twice")).is(200).data();
    assert_eq!(
        (&account["status"], &account["suspended_reason"]),
        (&json!("suspended"), &json!("spam, twice"))
    );
    assert!(account["suspended_at"].is_string() && int(&account, "devices") == 0, "{account}");
    person.get("/api/v1/me").refused(401, "unauthorized");
    person.try_refresh().refused(401, "unauthorized");
    person.try_log_in().refused(401, "invalid_credentials");

    let account = admin.call("POST", &format!("{path}/reinstate")).send().is(200).data();
    assert_eq!((&account["status"], &account["suspended_reason"]), (&json!("active"), &Value::Null));
    person.get("/api/v1/me").refused(401, "unauthorized");
    assert!(person.log_in().counts());
    assert_eq!(int(&admin.get(&path).is(200).data(), "devices"), 1);
}

#[test]
fn people_are_filtered_by_standing() {
    let (admin, person) = (Admin::new(), Person::new());
    let count =
        |status: &str| admin.get(&format!("{PATH}?q={}&status={status}", person.email)).is(200).meta()[2];
    assert_eq!((count("active"), count("suspended")), (1, 0));
    admin.suspend(&person);
    assert_eq!((count("active"), count("suspended")), (0, 1));
    admin.get(&format!("{PATH}?status=gone")).refused(400, "bad_request").names("status");
}

#[test]
fn suspending_twice_keeps_the_first_reason() {
    let (admin, person) = (Admin::new(), Person::new());
    let path = format!("{PATH}/{}/suspend", person.id);
    let first = admin.post(&path, &reason("first")).is(200).data();
    let again = admin.post(&path, &reason("second")).is(200).data();
    assert_eq!(text(&again, "suspended_reason"), "first");
    assert_eq!(again["suspended_at"], first["suspended_at"]);
}

#[test]
fn what_others_have_is_not_touched_by_a_suspension() {
    let (person, other) = (Person::new(), Person::new());
    let lot = other.buy(100);
    Admin::new().suspend(&person);
    assert!(other.counts() && other.balance(&lot) == 100);
}

#[test]
fn lost_factors_are_taken_away_and_whoever_shows_one_ends_it() {
    let Protected { person, codes, .. } = Protected::new();
    let path = format!("/api/v1/users/{}/factors/reset", person.id);
    let admin = Admin::new();
    admin.post(&path, &json!({ "reason": "" })).refused(422, "unprocessable").names("reason");
    let asked = admin.post(&path, &json!({ "reason": "wrote a letter" })).is(200).data();
    assert_eq!(asked["done"], json!(false));
    mailed(&person, "Your second factors are to be taken away");
    // It is not lost: a sign-in with it ends the wait.
    let factor = json!({ "challenge": person.challenge(), "recovery_code": codes[0], "delivery": "token" });
    person.anonymous().post("/api/v1/auth/login/factor", &factor).is(200);
    admin.call("DELETE", &path).send().refused(404, "not_found");

    admin.post(&path, &json!({ "reason": "wrote again" })).is(200);
    admin.call("DELETE", &path).send().is(204);
    let done =
        admin.post(&path, &json!({ "reason": "passport shown", "identity_confirmed": true })).is(200).data();
    assert_eq!(done["done"], json!(true));
    assert!(!person.counts(), "the next call is 401");
    person.try_log_in().refused(401, "invalid_credentials");
    mailed(&person, "Your second factors were taken away");
    person.anonymous().post("/api/v1/auth/recovery", &json!({ "email": person.email })).is(202);
    let token = mailed_token(&person.email, "Set a new password");
    let set = json!({ "token": token, "new_password": PASSWORD });
    person.anonymous().post("/api/v1/auth/recovery/complete", &set).is(204);
    let back = person.log_in();
    assert_eq!(back.get("/api/v1/me/factors").is(200).data()["totp"], json!(null));
    let log = admin.get(&format!("/api/v1/audit?entity=person%3A{}&limit=100", person.id)).is(200).rows();
    for action in ["factors.reset_asked", "factors.reset_taken_back", "factors.reset"] {
        assert!(log.iter().any(|entry| entry["action"] == action), "{action}");
    }
}

fn mailed(person: &Person, subject: &str) {
    let sent = || mails(&person.email).iter().any(|mail| mail["subject"] == subject).then_some(());
    eventually(subject, sent);
}
