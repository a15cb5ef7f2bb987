//! Quotas of tenants: calls by API key a day, and storage.

use e2e::actors::{Admin, Caller};
use e2e::control::{number, rows};
use e2e::fixtures::{int, new_session, text};
use e2e::fleet::Worker;
use e2e::keys::Program;
use e2e::tenants::{Insider, Tenant, counted_anew, new_tenant, stored};
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

const MEGABYTE: i64 = 1_000_000;

fn keeping(storage_mb: i64) -> Tenant {
    let mut new = new_tenant();
    new["quotas"] = json!({ "storage_mb": storage_mb });
    Tenant::with(&new)
}

/// Leaves room for so many bytes.
fn fill_up_to(tenant: &Tenant, room: i64) {
    let limit = stored(tenant) + room;
    rows(
        Worker::Tracker,
        "UPDATE tenants SET max_storage_bytes = ?2 WHERE id = ?1",
        &[json!(tenant.id), json!(limit)],
    );
}

#[test]
fn what_is_beyond_the_quota_of_storage_is_429_and_says_which_and_how_full_it_is() {
    let tenant = keeping(1);
    let person = &tenant.owner.person;
    let lot = person.buy(1_000);
    let session = text(&person.post("/api/v1/sessions", &new_session(&lot, 1)).is(201).data(), "id");
    fill_up_to(&tenant, 1_400);
    let noted = |length: usize| {
        let mut session = new_session(&lot, 1);
        session["notes"] = json!("n".repeat(length));
        session
    };
    let over = person.post("/api/v1/sessions", &noted(1_200));
    let details = over.error()["details"].clone();
    assert_eq!((&details["quota"], int(&details, "used")), (&json!("storage"), stored(&tenant)), "{over}");
    assert_eq!(int(&details, "limit"), stored(&tenant) + 1_400, "{over}");
    over.refused(429, "quota_exceeded");
    assert_eq!(person.entries(&lot).len(), 2, "what is refused took nothing");
    // What is read, and what makes it less, goes on; an edit that makes it more does not.
    person.get("/api/v1/sessions").is(200);
    let path = format!("/api/v1/sessions/{session}");
    person.patch(&path, &json!({ "notes": "n".repeat(1_600) })).refused(429, "quota_exceeded");
    person.patch(&path, &json!({ "rating": 5 })).is(200);
    let file = format!("date,notes\n2026-01-01,{}\n", "n".repeat(1_500));
    person.post("/api/v1/imports", &json!({ "source": file })).refused(429, "quota_exceeded");
    assert_eq!(person.get("/api/v1/imports").is(200).rows().len(), 0, "an import is refused as a whole");
    // Deleting gives back.
    person.delete(&path).is(204);
    person.post("/api/v1/sessions", &noted(1_200)).is(201);
    assert_eq!(stored(&tenant), counted_anew(&tenant));
    // At home there is no limit.
    person.log_in().buy(5);
}

#[test]
fn owners_and_administrators_see_how_much_of_each_quota_is_used() {
    let tenant = keeping(2);
    let person = &tenant.owner.person;
    person.buy(1_000);
    let member = tenant.member("member").person;
    Insider { person: member.log_in() }.get("/api/v1/tenant/usage").refused(403, "forbidden");
    let key = Program::of_tenant(&tenant.owner, &["tenant:read"], &json!({}));
    let own = key.get("/api/v1/tenant/usage").is(200).data();
    let path = format!("/api/v1/tenants/{}", tenant.id);
    for usage in [
        own,
        tenant.owner.get("/api/v1/tenant/usage").is(200).data(),
        Admin::new().get(&format!("{path}/usage")).is(200).data(),
    ] {
        assert_eq!(usage["people"], json!({ "used": 2, "limit": null }));
        assert_eq!(usage["calls_a_day"], json!({ "used": 1, "limit": null }));
        assert_eq!(usage["storage_bytes"], json!({ "used": stored(&tenant), "limit": 2 * MEGABYTE }));
    }
    // Without a limit nothing is counted, and one that comes has all counted that is there.
    let counted = stored(&tenant);
    Admin::new().patch(&path, &json!({ "quotas": {} })).is(200);
    let usage = tenant.owner.get("/api/v1/tenant/usage").is(200).data();
    assert_eq!(usage["storage_bytes"], json!({ "used": null, "limit": null }));
    person.buy(1_000);
    Admin::new().patch(&path, &json!({ "quotas": { "storage_mb": 0 } })).is(200);
    assert!(stored(&tenant) > counted && stored(&tenant) == counted_anew(&tenant));
    person.post("/api/v1/stash", &e2e::fixtures::new_lot(5)).refused(429, "quota_exceeded");
}
