//! Quotas of tenants: calls by API key a day.

use e2e::actors::{Admin, Caller};
use e2e::control::{number, rows};
use e2e::fixtures::int;
use e2e::fleet::Worker;
use e2e::keys::Program;
use e2e::tenants::{Tenant, new_tenant};
use e2e::wait::at_once;
use serde_json::json;

fn tenant_with(calls_a_day: i64) -> Tenant {
    let mut new = new_tenant();
    new["quotas"] = json!({ "calls_a_day": calls_a_day });
    Tenant::with(&new)
}

fn calls(tenant: &Tenant) -> i64 {
    let sql = "SELECT coalesce(SUM(calls), 0) AS n FROM calls_of_day WHERE tenant_id = ?1";
    number(Worker::Observer, sql, &[json!(tenant.id)])
}

#[test]
fn the_call_beyond_the_quota_is_429_and_says_which_and_until_when() {
    let tenant = tenant_with(3);
    let of_tenant = Program::of_tenant(&tenant.owner, &["tenant:read"], &json!({}));
    let of_person = Program::of(&tenant.owner.person, &["stash:read"], &json!({}));
    of_tenant.get("/api/v1/tenant").is(200);
    of_person.get("/api/v1/stash").is(200);
    of_tenant.get("/api/v1/tenant").is(200);
    for over in [of_tenant.get("/api/v1/tenant"), of_person.get("/api/v1/stash")] {
        let error = over.error();
        assert_eq!(
            (&error["details"]["quota"], int(&error["details"], "limit")),
            (&json!("calls_a_day"), 3),
            "{over}"
        );
        let resets_at = error["details"]["resets_at"].as_str().unwrap();
        assert!(resets_at.ends_with("T00:00:00.000Z"), "{over}");
        let wait: i64 = over.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=86_400).contains(&wait), "{over}");
        over.refused(429, "quota_exceeded");
    }
    assert_eq!(calls(&tenant), 3, "what is refused is not counted");
    tenant.owner.get("/api/v1/tenant").is(200);
    tenant.owner.person.get("/api/v1/stash").is(200);

    let path = format!("/api/v1/tenants/{}", tenant.id);
    Admin::new().patch(&path, &json!({ "quotas": { "calls_a_day": 4 } })).is(200);
    of_tenant.get("/api/v1/tenant").is(200);
    of_tenant.get("/api/v1/tenant").refused(429, "quota_exceeded");
    // Yesterday's calls are yesterday's.
    rows(Worker::Observer, "UPDATE calls_of_day SET day = day - 1 WHERE tenant_id = ?1", &[json!(tenant.id)]);
    of_tenant.get("/api/v1/tenant").is(200);
}

#[test]
fn of_fifty_at_once_on_the_last_calls_the_right_number_gets_through() {
    let tenant = tenant_with(7);
    let one = Program::of_tenant(&tenant.owner, &["tenant:read"], &json!({}));
    let other = Program::of(&tenant.owner.person, &["stash:read"], &json!({}));
    let answers =
        at_once(
            50,
            |place| {
                if place % 2 == 0 { one.get("/api/v1/tenant") } else { other.get("/api/v1/stash") }
            },
        );
    let through = answers.iter().filter(|got| got.status == 200).count();
    for got in answers.iter().filter(|got| got.status != 200) {
        got.clone().refused(429, "quota_exceeded");
    }
    assert_eq!((through, calls(&tenant)), (7, 7));
}
