use crate::testing::{KEY, NOON, PERSON, Stage, issues, person_token, staff_token};
use serde_json::{Value, json};
use sesh_edge::native::Call;
use sesh_types::access::PlatformRole::{Reseller, Superadmin, Support};

fn staff() -> Value {
    json!({
        "id": PERSON, "email": "ada@example.com", "name": "Ada", "role": "superadmin", "status": "active",
        "networks": [], "enrolled_at": null, "created_at": "2026-11-01T00:00:00.000Z", "version": 1
    })
}

fn said(data: &Value) -> Value {
    json!({ "success": true, "data": data })
}

#[test]
fn a_role_is_good_for_what_the_table_says() {
    let stage = Stage::new();
    let status = |role, verb: &str, path: &str| stage.ask_as(role, Call::new(verb, path)).status;
    let one = format!("/api/v1/tenants/{PERSON}");
    for (role, verb, path, may) in [
        (Superadmin, "GET", "/api/v1/staff".to_owned(), true),
        (Support, "GET", "/api/v1/staff".to_owned(), false),
        (Support, "GET", "/api/v1/users".to_owned(), true),
        (Support, "GET", one.clone(), true),
        (Support, "PATCH", one.clone(), false),
        (Support, "POST", format!("{one}/activate"), false),
        (Support, "POST", "/api/v1/tenants".to_owned(), false),
        (Reseller, "GET", one.clone(), true),
        (Reseller, "POST", format!("{one}/activate"), true),
        (Reseller, "GET", "/api/v1/users".to_owned(), false),
        (Reseller, "GET", "/api/v1/audit".to_owned(), false),
        (Reseller, "DELETE", format!("/api/v1/impersonations/{PERSON}"), false),
    ] {
        let got = status(role, verb, &path);
        assert_eq!(got != 403, may, "{role:?} {verb} {path}: {got}");
        assert_eq!(!stage.observer.seen().iter().all(|seen| seen.call.contains("jwks")), may, "{path}");
    }
}

#[test]
fn observer_is_told_whose_token_it_is_and_decides_whether_it_counts() {
    let stage = Stage::new();
    stage.observer.answers("GET /internal/v1/staff/me", 200, &said(&staff()));
    let got = stage.ask_as(Superadmin, Call::new("GET", "/api/v1/staff/me"));
    assert_eq!((got.status, &got.headers["etag"]), (200, &"\"v1\"".parse().unwrap()), "{}", got.text);
    let seen = stage.observer.seen();
    let actor = &seen.last().unwrap().headers["x-sesh-actor"];
    assert_eq!(actor, &format!("staff:{PERSON}/{PERSON}/3/superadmin"));
}

#[test]
fn what_observer_has_no_part_in_is_confirmed_by_it_first() {
    let stage = Stage::new();
    let dead = json!({ "success": false, "error": { "code": "unauthorized", "message": "No." } });
    let import = || Call::new("POST", "/api/v1/strains/import").json(&json!({ "source": "s", "rows": [] }));
    let calls =
        || [Call::new("GET", "/api/v1/health"), Call::new("GET", "/api/v1/analytics/overview"), import()];
    stage.observer.answers("GET /internal/v1/staff/me", 401, &dead);
    for call in calls() {
        assert_eq!(stage.ask_as(Superadmin, call).status, 401);
    }
    assert!(stage.tracker.seen().is_empty(), "nothing was done");
    stage.observer.answers("GET /internal/v1/staff/me", 200, &said(&staff()));
    let imported = said(&json!({ "inserted": 0, "updated": 0, "unchanged": 0 }));
    stage.tracker.answers("POST /internal/v1/strains/import", 200, &imported);
    for call in calls() {
        let got = stage.ask_as(Superadmin, call);
        assert_eq!(got.status, 200, "{}", got.text);
    }
}

#[test]
fn a_token_counts_from_the_networks_that_it_names() {
    let stage = Stage::new();
    stage.observer.answers("GET /internal/v1/staff/me", 200, &said(&staff()));
    let token = staff_token(Superadmin, &["198.51.100.0/24", "2001:db8::1"]);
    let from = |address: &str| {
        let call = Call::new("GET", "/api/v1/staff/me").bearer(&token);
        stage.call(call.header("cf-connecting-ip", address)).status
    };
    assert_eq!((from("198.51.100.77"), from("2001:db8::1")), (200, 200));
    assert_eq!((from("203.0.113.7"), from("2001:db8::2"), from("")), (403, 403, 403));
    let odd = staff_token(Superadmin, &["nonsense"]);
    let got = stage.call(Call::new("GET", "/api/v1/staff/me").bearer(&odd));
    assert_eq!(got.status, 403, "a list that cannot be read lists nobody");
}

#[test]
fn a_key_is_nobody_where_there_must_be_somebody_and_a_person_is_nobody_here() {
    let stage = Stage::new();
    let start = format!("/api/v1/users/{PERSON}/impersonation");
    let reason = json!({ "reason": "the sum is off" });
    for call in [Call::new("GET", "/api/v1/staff/me"), Call::new("POST", &start).json(&reason)] {
        assert_eq!(stage.call(call.bearer(KEY)).status, 403);
    }
    let person = person_token(NOON, 900);
    for path in ["/api/v1/staff/me", "/api/v1/staff", "/api/v1/users"] {
        assert_eq!(stage.call(Call::new("GET", path).bearer(&person)).status, 403, "{path}");
    }
}

#[test]
fn networks_that_are_none_are_refused_by_name() {
    let stage = Stage::new();
    let networks = json!(["192.0.2.1", "here", "10.0.0.0/8,::/0", "2001:db8::/129"]);
    let new = json!({ "email": "a@example.com", "name": "A", "role": "support", "networks": networks });
    let got = stage.call(Call::new("POST", "/api/v1/staff").bearer(KEY).json(&new));
    let named: Vec<String> = issues(&got).into_iter().map(|(field, _)| field).collect();
    assert_eq!(
        (got.status, named),
        (422, vec!["networks[1]".into(), "networks[2]".into(), "networks[3]".into()])
    );
    assert!(stage.observer.seen().is_empty());
}

#[test]
fn signing_in_is_handed_on_with_address_and_key() {
    let stage = Stage::new();
    let challenge = json!({ "challenge": "sc_a", "methods": ["totp"], "expires_in": 300 });
    stage.observer.answers("POST /internal/v1/staff/login", 200, &said(&challenge));
    let body = json!({ "email": "a@example.com", "password": "secret" });
    let got = stage.call(Call::new("POST", "/api/v1/staff/login").json(&body).header("user-agent", "tests"));
    assert_eq!((got.status, &got.json()["data"]), (200, &challenge), "{}", got.text);
    let seen = stage.observer.seen().remove(0);
    assert_eq!(
        (seen.headers["x-sesh-client-address"].as_str(), seen.headers["user-agent"].as_str()),
        ("203.0.113.7", "tests")
    );
    assert_eq!(seen.body, body);
    assert!(!seen.headers.contains_key("x-sesh-actor"));
}
