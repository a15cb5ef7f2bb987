//! `/api/v1/staff` of admin: another table, another door, and a generator without which there is no token.

use e2e::actors::{Admin, Anonymous, Caller, PASSWORD, Person};
use e2e::fixtures::{int, text};
use e2e::fleet::Worker;
use e2e::names;
use e2e::staff::{self, Staffer, bring, challenge, enrolled, generator};
use e2e::tenants::new_tenant;
use e2e::wait::at_once;
use serde_json::{Value, json};

const NOBODY: &str = "01920000-0000-7000-8000-00000000dead";

fn with_key(verb: &str, staffer: &Staffer, rest: &str, body: &Value) -> Value {
    let path = format!("/api/v1/staff/{}{rest}", staffer.id);
    Admin::new().call(verb, &path).json(body).send().is(200).data()
}

#[test]
fn without_a_generator_there_is_a_challenge_and_no_token() {
    let (_, email) = enrolled("support");
    let got = staff::try_log_in(&email).is(200);
    assert_eq!(got.data()["methods"], json!(["enrol_totp"]));
    assert!(got.data().get("access_token").is_none(), "{got}");
    let challenge = text(&got.data(), "challenge");
    bring(&challenge, "000000").refused(401, "invalid_code");
    let generator = generator(&challenge);
    let signed_in = bring(&challenge, &generator.code(0)).is(200).data();
    assert!(signed_in["access_token"].is_string() && signed_in["staff"]["enrolled_at"].is_string());
    let got = staff::try_log_in(&email).is(200);
    assert_eq!(got.data()["methods"], json!(["totp"]));
    let again = json!({ "challenge": got.data()["challenge"] });
    Anonymous::at(Worker::Admin).post("/api/v1/staff/login/generator", &again).refused(409, "conflict");
}

/// Row 4.5.
#[test]
fn a_superadmin_fails_at_trackers_login_and_a_person_at_staffs() {
    let (superadmin, person) = (Staffer::new("superadmin"), Person::new());
    let body = |email: &str| json!({ "email": email, "password": PASSWORD });
    for (worker, path, other) in [
        (Worker::Tracker, "/api/v1/auth/login", &superadmin.email),
        (Worker::Admin, "/api/v1/staff/login", &person.email),
    ] {
        let theirs = Anonymous::at(worker).post(path, &body(other)).refused(401, "invalid_credentials");
        let unknown =
            Anonymous::at(worker).post(path, &body(&names::email())).refused(401, "invalid_credentials");
        assert_eq!(theirs.text(), unknown.text(), "{path}");
    }
    let at = |worker| Anonymous::at(worker);
    for path in ["/api/v1/me", "/api/v1/stash", "/api/v1/auth/devices"] {
        at(Worker::Tracker).call("GET", path).bearer(&superadmin.access).send().refused(401, "unauthorized");
    }
    at(Worker::Observer)
        .call("GET", "/api/v1/tenant")
        .bearer(&superadmin.access)
        .send()
        .refused(401, "unauthorized");
    for path in ["/api/v1/staff/me", "/api/v1/users", "/api/v1/tenants"] {
        at(Worker::Admin).call("GET", path).bearer(&person.access).send().refused(403, "forbidden");
    }
    let refresh = |worker, path, token: &str| at(worker).post(path, &json!({ "refresh_token": token }));
    refresh(Worker::Tracker, "/api/v1/auth/refresh", &superadmin.refresh).refused(401, "unauthorized");
    refresh(Worker::Admin, "/api/v1/staff/refresh", &person.refresh).refused(401, "unauthorized");
    at(Worker::Tracker).post("/api/v1/auth/recovery", &json!({ "email": superadmin.email })).is(202);
    assert!(superadmin.counts() && person.counts());
}

/// Row 4.8; each cell of it stands in the authorization matrix.
#[test]
fn a_role_is_good_for_what_the_table_says() {
    let person = Person::new();
    let user = format!("/api/v1/users/{}", person.id);
    let reason = json!({ "reason": "a test of roles" });
    for (role, statuses) in [
        ("superadmin", [200, 200, 200, 200]),
        ("support", [200, 200, 200, 403]),
        ("reseller", [403, 403, 403, 403]),
    ] {
        let staffer = Staffer::new(role);
        let got = [
            staffer.get(&user).status,
            staffer.post(&format!("{user}/suspend"), &reason).status,
            staffer.call("POST", &format!("{user}/reinstate")).send().status,
            staffer.get("/api/v1/staff").status,
        ];
        assert_eq!(got, statuses, "{role}");
        staffer.get("/api/v1/tenants?limit=1").is(200);
        let made = staffer.post("/api/v1/tenants", &new_tenant()).status;
        assert_eq!(made, if role == "support" { 403 } else { 201 }, "{role}");
    }
}

/// Row 1.9.
#[test]
fn a_revoked_role_takes_effect_on_the_next_call() {
    let staffer = Staffer::new("superadmin");
    staffer.get("/api/v1/staff").is(200);
    with_key("PATCH", &staffer, "", &json!({ "role": "support" }));
    staffer.get("/api/v1/staff").refused(401, "unauthorized");
    staffer.get("/api/v1/health").refused(401, "unauthorized");
    let now = staffer.refreshed();
    now.get("/api/v1/staff").refused(403, "forbidden");
    now.get("/api/v1/users?limit=1").is(200);
}

#[test]
fn who_is_disabled_is_out_at_once() {
    let staffer = Staffer::new("superadmin");
    let waiting = challenge(&staffer.email);
    with_key("POST", &staffer, "/disable", &json!({ "reason": "left us" }));
    for path in ["/api/v1/staff/me", "/api/v1/users", "/api/v1/health", "/api/v1/analytics/overview"] {
        staffer.get(path).refused(401, "unauthorized");
    }
    staffer
        .post("/api/v1/strains/import", &json!({ "source": "e2e", "rows": [] }))
        .refused(401, "unauthorized");
    staffer.try_refresh().refused(401, "unauthorized");
    bring(&waiting, &staffer.generator.code(1)).refused(401, "unauthorized");
    staff::try_log_in(&staffer.email).refused(401, "invalid_credentials");
    with_key("POST", &staffer, "/enable", &json!({}));
    assert!(!staffer.counts());
    bring(&challenge(&staffer.email), &staffer.generator.code(1)).is(200);
}

#[test]
fn a_reset_takes_all_that_they_signed_in_with() {
    let staffer = Staffer::new("support");
    let got = with_key("POST", &staffer, "/reset", &json!({}));
    assert!(!staffer.counts());
    staffer.try_refresh().refused(401, "unauthorized");
    staff::try_log_in(&staffer.email).refused(401, "invalid_credentials");
    let body = json!({ "token": got["token"], "password": PASSWORD });
    let anyone = Anonymous::at(Worker::Admin);
    anyone.post("/api/v1/staff/enrol", &body).is(204);
    anyone.post("/api/v1/staff/enrol", &body).refused(422, "invalid_link");
    assert_eq!(staff::try_log_in(&staffer.email).is(200).data()["methods"], json!(["enrol_totp"]));
}

/// Row 1.18.
#[test]
fn a_reseller_sees_and_manages_their_own_tenants_alone() {
    let (own, other) = (Staffer::new("reseller"), Staffer::new("reseller"));
    let tenant = own.post("/api/v1/tenants", &new_tenant()).is(201).data();
    assert_eq!(tenant["reseller_id"], json!(own.id));
    let (id, slug) = (text(&tenant, "id"), text(&tenant, "slug"));
    let path = format!("/api/v1/tenants/{id}");
    assert_eq!(own.get(&format!("/api/v1/tenants?q={slug}")).is(200).meta()[2], 1);
    assert_eq!(other.get("/api/v1/tenants").is(200).meta()[2], 0);
    assert_eq!(own.get("/api/v1/tenants").is(200).meta()[2], 1);
    let calls = |who: &Staffer, path: &str| {
        let invite = json!({ "email": names::email(), "role": "owner" });
        [
            who.get(path),
            who.patch(path, &json!({ "name": "Theirs" })),
            who.post(&format!("{path}/invitations"), &invite),
            who.post(&format!("{path}/deactivate"), &json!({ "reason": "a test" })),
            who.call("POST", &format!("{path}/activate")).send(),
        ]
    };
    let nobodys = format!("/api/v1/tenants/{NOBODY}");
    for (theirs, missing) in calls(&other, &path).into_iter().zip(calls(&other, &nobodys)) {
        assert_eq!(theirs.refused(404, "not_found").text(), missing.text());
    }
    assert_eq!(int(&own.get(&path).is(200).data(), "version"), 1, "nothing changed");
    for got in calls(&own, &path) {
        assert!(got.status < 300, "{got}");
    }
    let given = json!({ "reseller_id": other.id });
    own.patch(&path, &given).refused(403, "forbidden");
    Admin::new().patch(&path, &given).is(200);
    own.get(&path).refused(404, "not_found");
    other.get(&path).is(200);
    Admin::new()
        .patch(&path, &json!({ "reseller_id": NOBODY }))
        .refused(422, "unprocessable")
        .names("reseller_id");
}

#[test]
fn a_token_counts_from_the_networks_that_they_are_given() {
    let staffer = Staffer::new("superadmin");
    let elsewhere = Staffer { address: names::address(), ..staffer.clone() };
    assert!(elsewhere.counts());
    with_key("PATCH", &staffer, "", &json!({ "networks": [staffer.address] }));
    assert!(!staffer.counts(), "tokens of before are dead");
    let now = staffer.refreshed();
    let home = Staffer { address: staffer.address.clone(), ..now.clone() };
    assert!(home.counts());
    now.get("/api/v1/staff/me").refused(403, "forbidden");
    let bad = json!({ "networks": ["nowhere"] });
    home.patch(&format!("/api/v1/staff/{}", staffer.id), &bad)
        .refused(422, "unprocessable")
        .names("networks[0]");
}

#[test]
fn of_many_refreshes_at_once_one_live_successor_is_left() {
    let staffer = Staffer::new("support");
    let answers = at_once(50, |_| staffer.try_refresh());
    let successors: std::collections::BTreeSet<String> =
        answers.into_iter().map(|got| text(&got.is(200).data(), "refresh_token")).collect();
    assert_eq!(successors.len(), 1);
    let next = Staffer { refresh: successors.into_iter().next().unwrap(), ..staffer.clone() };
    let after = next.refreshed();
    staffer.try_refresh().refused(401, "unauthorized");
    assert!(!after.counts(), "a token used twice ends its device");
}

#[test]
fn of_many_who_bring_one_code_one_signs_in() {
    let staffer = Staffer::new("support");
    let (waiting, code) = (challenge(&staffer.email), staffer.generator.code(1));
    let answers = at_once(8, |_| bring(&waiting, &code));
    let won = answers.iter().filter(|got| got.status == 200).count();
    assert_eq!(won, 1, "{:?}", answers.iter().map(|got| got.status).collect::<Vec<_>>());
}

#[test]
fn a_device_that_is_signed_out_is_dead_on_the_next_call() {
    let staffer = Staffer::new("support");
    let second = bring(&challenge(&staffer.email), &staffer.generator.code(1)).is(200).data();
    let second = Staffer { access: text(&second, "access_token"), ..staffer.clone() };
    let path = format!("/api/v1/staff/devices/{}", second.device());
    assert_eq!(staffer.get("/api/v1/staff/devices").is(200).rows().len(), 2);
    Staffer::new("superadmin").delete(&path).refused(404, "not_found");
    staffer.delete(&path).is(204);
    assert!(!second.counts() && staffer.counts());
    staffer.call("POST", "/api/v1/staff/logout").send().is(204);
    assert!(!staffer.counts());
    staffer.try_refresh().refused(401, "unauthorized");
}
