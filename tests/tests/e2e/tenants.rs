//! Tenants: made by administrators, run by their own people, closed at once.

use e2e::actors::{Admin, Caller, Person};
use e2e::control::{mailed_token, mails, rows};
use e2e::fixtures::{int, text};
use e2e::fleet::Worker;
use e2e::names;
use e2e::tenants::{Insider, Tenant, new_tenant};
use e2e::wait::eventually;
use serde_json::{Value, json};

const CONSUMERS: &str = "01920000-0000-7000-8000-000000000001";

#[test]
fn a_tenant_is_made_found_and_edited() {
    let admin = Admin::new();
    let mut new = new_tenant();
    let domain = format!("{}.example.com", names::slug());
    new["domains"] = json!([domain]);
    let made = admin.post("/api/v1/tenants", &new).is(201).data();
    let path = format!("/api/v1/tenants/{}", text(&made, "id"));
    assert_eq!(admin.get(&path).is(200).data(), made);
    let found = admin.get(&format!("/api/v1/tenants?q={}", text(&made, "slug"))).is(200);
    assert_eq!((found.rows(), found.meta()[2]), (vec![made.clone()], 1));
    let edit =
        || admin.call("PATCH", &path).header("if-match", "\"v1\"").json(&json!({ "name": "Renamed" })).send();
    assert_eq!(int(&edit().is(200).data(), "version"), 2);
    edit().refused(412, "precondition_failed");
    admin.post("/api/v1/tenants", &new).refused(409, "conflict");
    let mut other = new_tenant();
    other["domains"] = json!([domain]);
    admin.post("/api/v1/tenants", &other).refused(409, "conflict");
}

#[test]
#[allow(clippy::disallowed_methods, reason = "how long it takes is what is tested")]
fn a_thousand_tenants_are_listed_within_a_second() {
    let sql = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
      INSERT OR IGNORE INTO tenants (id, slug, name, created_at)
      SELECT format('00000000-0000-4000-8000-%012d', i), format('many-%04d', i), format('Of many %d', i), 0 FROM n";
    rows(Worker::Observer, sql, &[]);
    let admin = Admin::new();
    for query in ["?limit=100&page=10", "?q=of%20many%20999", "?q=many-0&limit=100"] {
        let start = std::time::Instant::now();
        let got = admin.get(&format!("/api/v1/tenants{query}")).is(200);
        let took = start.elapsed();
        assert!(!got.rows().is_empty() && took.as_millis() < 1000, "{query} took {took:?}");
    }
    assert_eq!(admin.get("/api/v1/tenants?q=of%20many%20999").rows()[0]["slug"], "many-0999");
}

#[test]
fn a_closed_tenants_people_are_403_everywhere_at_once_and_go_on_when_it_opens() {
    let tenant = Tenant::new();
    let (owner, member) = (&tenant.owner, tenant.member("member"));
    let lot = member.person.buy(500);
    tenant.deactivate();
    for insider in [owner, &member] {
        insider.person.get("/api/v1/stash").refused(403, "tenant_inactive");
        insider.person.post("/api/v1/stash", &e2e::fixtures::new_lot(5)).refused(403, "tenant_inactive");
        insider.person.get("/api/v1/me").refused(403, "tenant_inactive");
        insider.get("/api/v1/tenant").refused(403, "tenant_inactive");
        insider.person.try_refresh().refused(403, "tenant_inactive");
    }
    let consumer = member.person.log_in();
    assert!(consumer.counts(), "at home they go on");
    consumer.try_switch(&tenant.id).refused(403, "tenant_inactive");
    tenant.activate();
    assert_eq!(member.person.balance(&lot), 500);
    assert_eq!(member.refreshed().person.balance(&lot), 500);
}

#[test]
fn what_is_tracked_in_a_tenant_stays_there() {
    let tenant = Tenant::new();
    let member = tenant.member("member");
    let lot = member.person.buy(500);
    let home = member.person.switched(CONSUMERS);
    home.get(&format!("/api/v1/stash/{lot}")).refused(404, "not_found");
    assert_eq!(home.get("/api/v1/stash").is(200).meta()[2], 0);
    assert_eq!(home.switched(&tenant.id).balance(&lot), 500);
}

#[test]
fn ones_tenants_are_listed_with_role_and_apps() {
    let tenant = Tenant::new();
    let list = tenant.owner.person.get("/api/v1/me/tenants").is(200).rows();
    let of = |row: &Value| (text(row, "slug"), text(row, "role"), row["current"] == true);
    let found: Vec<_> = list.iter().map(of).collect();
    let asked =
        [("consumers".to_owned(), "member".to_owned(), false), (tenant.slug, "owner".to_owned(), true)];
    assert_eq!(found, asked);
    Person::new().try_switch(&tenant.id).refused(404, "not_found");
}

#[test]
fn a_changed_role_takes_effect_on_the_next_call() {
    let tenant = Tenant::new();
    let admin = tenant.member("admin");
    admin.get("/api/v1/tenant/invitations").is(200);
    let path = format!("/api/v1/tenant/members/{}", admin.person.id);
    tenant.owner.patch(&path, &json!({ "role": "member" })).is(200);
    admin.get("/api/v1/tenant/invitations").refused(401, "unauthorized");
    admin.person.get("/api/v1/stash").refused(401, "unauthorized");
    let now = admin.refreshed();
    now.get("/api/v1/tenant/invitations").refused(403, "forbidden");
    now.person.get("/api/v1/stash").is(200);
    tenant.owner.delete(&path).is(204);
    now.get("/api/v1/tenant").refused(401, "unauthorized");
    let home = now.refreshed();
    home.get("/api/v1/tenant").refused(403, "forbidden");
    home.person.try_switch(&tenant.id).refused(404, "not_found");
}

#[test]
fn who_loses_the_app_is_refused_on_the_next_call_and_can_still_go_home() {
    let tenant = Tenant::new();
    let member = tenant.member("member");
    let lot = member.person.buy(500);
    let path = format!("/api/v1/tenant/members/{}", member.person.id);
    tenant.owner.patch(&path, &json!({ "apps": {} })).is(200);
    member.person.get("/api/v1/stash").refused(401, "unauthorized");
    let now = member.refreshed();
    for read in ["/api/v1/stash", "/api/v1/sessions", "/api/v1/strains", "/api/v1/dashboard"] {
        now.person.get(read).refused(403, "not_entitled");
    }
    now.person.post("/api/v1/stash", &e2e::fixtures::new_lot(5)).refused(403, "not_entitled");
    now.person.get("/api/v1/me").is(200);
    let home = now.person.switched(CONSUMERS);
    assert_eq!(home.get("/api/v1/stash").is(200).meta()[2], 0, "at home everybody has it");
    let back = home.switched(&tenant.id);
    back.get("/api/v1/stash").refused(403, "not_entitled");
    tenant.owner.patch(&path, &json!({ "apps": e2e::tenants::with_tracker() })).is(200);
    assert_eq!(back.refreshed().balance(&lot), 500, "given back, what was there is there");
}

#[test]
fn ids_of_another_tenant_are_404_whatever_is_tried() {
    let (one, other) = (Tenant::new(), Tenant::new());
    let invite = json!({ "email": names::email(), "role": "member" });
    let invitation = text(&other.owner.post("/api/v1/tenant/invitations", &invite).is(201).data(), "id");
    let member = format!("/api/v1/tenant/members/{}", other.owner.person.id);
    one.owner.patch(&member, &json!({ "role": "member" })).refused(404, "not_found");
    one.owner.delete(&member).refused(404, "not_found");
    one.owner.delete(&format!("/api/v1/tenant/invitations/{invitation}")).refused(404, "not_found");
    assert_eq!(other.owner.get("/api/v1/tenant/invitations").is(200).rows().len(), 1);
    assert_eq!(one.owner.get("/api/v1/tenant/members").is(200).rows().len(), 1);
}

#[test]
fn of_many_who_accept_the_last_places_of_a_quota_the_right_number_joins() {
    let mut new = new_tenant();
    new["quotas"] = json!({ "people": 4 });
    let tenant = Tenant::with(&new);
    let guests: Vec<(Person, Value)> = (0..8)
        .map(|_| {
            let guest = Person::new();
            let invite = json!({ "email": guest.email, "role": "member" });
            let made = tenant.owner.post("/api/v1/tenant/invitations", &invite).is(201).data();
            (guest, made["token"].clone())
        })
        .collect();
    let answers = e2e::wait::each(&guests, |(guest, token)| {
        let insider = e2e::tenants::Insider { person: guest.clone() };
        insider.post("/api/v1/invitations/accept", &json!({ "token": token }))
    });
    let joined = answers.iter().filter(|got| got.status == 200).count();
    let refused: Vec<_> = answers.iter().filter(|got| got.status != 200).collect();
    assert_eq!((joined, refused.len()), (3, 5), "one place was the owner's");
    assert!(refused.iter().all(|got| got.status == 429 && got.code() == "quota_exceeded"), "{refused:?}");
    assert_eq!(tenant.owner.get("/api/v1/tenant/members").is(200).meta()[2], 4);
}

#[test]
fn an_invitation_is_mailed_and_its_token_accepts_it() {
    let tenant = Tenant::new();
    let person = Person::new();
    let invite = json!({ "email": person.email, "role": "member" });
    let told = tenant.owner.post("/api/v1/tenant/invitations", &invite).is(201).data()["token"].clone();
    let token = mailed_token(&person.email, "You are invited");
    assert_eq!(told, json!(token));
    let insider = Insider { person: person.clone() };
    insider.post("/api/v1/invitations/accept", &json!({ "token": token })).is(200);
    insider.post("/api/v1/invitations/accept", &json!({ "token": token })).refused(404, "not_found");
    let joined = || {
        mails(&person.email)
            .iter()
            .any(|mail| mail["subject"] == "You have joined an organisation")
            .then_some(())
    };
    eventually("a mail that one has joined", joined);
}
