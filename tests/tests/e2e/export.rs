//! `/api/v1/me/export`

use e2e::actors::{Caller, PASSWORD, Person};
use e2e::control::rows;
use e2e::factors::Protected;
use e2e::fleet::Worker;
use serde_json::{Value, json};

const PATH: &str = "/api/v1/me/export";

fn password() -> Value {
    json!({ "password": PASSWORD })
}

#[test]
fn everything_about_oneself_and_nothing_of_anybody_else() {
    let (person, other) = (Person::new(), Person::new());
    for each in [&person, &other] {
        let lot = each.buy(100);
        each.log(&lot, 10);
        each.add_strain();
    }
    let got = person.post(PATH, &password()).is(200);
    let all = got.data();
    let count = |list: &str| all[list].as_array().unwrap().len();
    // Buying names a strain of one's own as well.
    assert!(
        count("strains") >= 1 && count("lots") == 1 && count("entries") == 2 && count("sessions") == 1,
        "{got}"
    );
    assert_eq!((&all["identity"]["profile"]["email"], &all["next"]), (&json!(person.email), &Value::Null));
    assert_eq!(all["identity"]["devices"][0]["id"], person.device());
    let actions: Vec<_> =
        all["identity"]["audit"].as_array().unwrap().iter().map(|entry| &entry["action"]).collect();
    assert_eq!(actions, ["person.registered", "person.exported"]);
    for secret in [other.id.as_str(), &other.email, "argon2", "password", "nonce", "wrapped", "\\u0001"] {
        assert!(!got.text().contains(secret), "{secret}: {got}");
    }
    assert_eq!(got.header("cache-control"), Some("no-store"));
}

#[test]
fn a_token_alone_exports_nothing() {
    let person = Person::new();
    person.post(PATH, &json!({ "password": "not the password" })).refused(401, "invalid_credentials");
    let Protected { person, codes, .. } = Protected::new();
    person.post(PATH, &password()).is(422);
    let body = json!({ "password": PASSWORD, "recovery_code": codes[0] });
    person.post(PATH, &body).is(200);
    person.post(PATH, &body).refused(401, "invalid_code");
}

#[test]
fn ten_thousand_sessions_come_in_one_document() {
    let person = Person::new();
    let sql =
        "INSERT INTO sessions (tenant_id, person_id, id, occurred_at, recorded_at, method, items, notes)
      WITH RECURSIVE many (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < 10000)
      SELECT '01920000-0000-7000-8000-000000000001', ?1, printf('%08d', n), n, n, 'vape', '[]',
        printf('%.300c', 'n') FROM many";
    rows(Worker::Tracker, sql, &[json!(person.id)]);
    let got = person.post(PATH, &password()).is(200);
    let all = got.data();
    assert_eq!((all["sessions"].as_array().map(Vec::len), &all["next"]), (Some(10_000), &Value::Null));
    assert_eq!(all["sessions"][9_999]["id"], "00010000");
}
