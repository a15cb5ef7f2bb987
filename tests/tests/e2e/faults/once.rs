//! Every mutation that takes a key, and everything that can become of its first try: exactly one effect, the same answer
//! again, and another body is refused.

use super::{shape, unavailable};
use crate::mutations::{
    self, Mutation, account_of, mailed, of_diary, of_person, of_program, of_staff, of_tenant,
};
use e2e::actors::{Admin, Caller, Person};
use e2e::control::rows;
use e2e::faults::{Fault, Plan};
use e2e::fixtures::text;
use e2e::fleet::{WORKERS, Worker};
use e2e::http::{Call, Reply};
use e2e::names;
use e2e::programs::Program;
use e2e::routes::documented;
use e2e::staff::Staffer;
use e2e::tenants::Tenant;
use e2e::wait::{at_once, each};
use serde_json::{Value, json};

/// A mutation under a key, ready to be sent again and again.
struct Keyed {
    route: &'static str,
    call: Call,
    /// The same key with another body, where there is one.
    other: Option<Call>,
    written: Box<dyn Fn() -> Value + Send + Sync>,
}

type Make = fn() -> Keyed;

fn keyed(mutation: Mutation, field: Option<(&str, Value)>) -> Keyed {
    let call = mutation.call.key(&names::key());
    let other = field.map(|(name, value)| {
        let mut body = mutation.good.clone();
        body[name] = value;
        call.clone().json(&body)
    });
    let call = if mutation.good == json!({}) { call } else { call.json(&mutation.good) };
    Keyed { route: mutation.route, call, other, written: mutation.written }
}

fn keep_factors() -> Keyed {
    let person = Person::new();
    let path = format!("/api/v1/users/{}/factors/reset", person.id);
    Admin::new().post(&path, &json!({ "reason": "wrote a letter" })).is(200);
    let call = Admin::new().call("DELETE", &path).key(&names::key());
    let written = Box::new(move || {
        let sql = "SELECT count(*) AS n FROM factor_resets WHERE person_id = ?1";
        rows(Worker::Observer, sql, &[json!(person.id)]).into()
    });
    Keyed { route: "DELETE /api/v1/users/{id}/factors/reset", call, other: None, written }
}

fn delete_session() -> Keyed {
    let person = Person::new();
    let lot = person.buy(100);
    let path = format!("/api/v1/sessions/{}", text(&person.log(&lot, 10), "id"));
    let call = person.call("DELETE", &path).key(&names::key());
    let written = Box::new(move || of_person(&person.id));
    Keyed { route: "DELETE /api/v1/sessions/{id}", call, other: None, written }
}

fn sign_out_device() -> Keyed {
    let person = Person::new();
    let path = format!("/api/v1/auth/devices/{}", person.log_in().device());
    let call = person.call("DELETE", &path).key(&names::key());
    let written = Box::new(move || account_of(&person.id));
    Keyed { route: "DELETE /api/v1/auth/devices/{id}", call, other: None, written }
}

fn sign_out_others() -> Keyed {
    let person = Person::new();
    person.log_in();
    let call = person.call("DELETE", "/api/v1/auth/devices").key(&names::key());
    let written = Box::new(move || account_of(&person.id));
    Keyed { route: "DELETE /api/v1/auth/devices", call, other: None, written }
}

fn remove_program() -> Keyed {
    let program = Program::new();
    let call = Admin::new().call("DELETE", &format!("/api/v1/clients/{}", program.id)).key(&names::key());
    Keyed { route: "DELETE /api/v1/clients/{id}", call, other: None, written: of_program(program.id) }
}

fn end_member() -> Keyed {
    let tenant = Tenant::new();
    let path = format!("/api/v1/tenant/members/{}", tenant.member("member").person.id);
    let call = tenant.owner.call("DELETE", &path).key(&names::key());
    Keyed { route: "DELETE /api/v1/tenant/members/{id}", call, other: None, written: of_tenant(tenant.id) }
}

fn take_back() -> Keyed {
    let tenant = Tenant::new();
    let invite = json!({ "email": names::email(), "role": "member" });
    let id = text(&tenant.owner.post("/api/v1/tenant/invitations", &invite).is(201).data(), "id");
    let path = format!("/api/v1/tenant/invitations/{id}");
    let call = tenant.owner.call("DELETE", &path).key(&names::key());
    Keyed {
        route: "DELETE /api/v1/tenant/invitations/{id}",
        call,
        other: None,
        written: of_tenant(tenant.id),
    }
}

/// Ending a key: one's own, or a tenant's.
fn revoke(which: usize) -> Keyed {
    let (route, call, written) = crate::key_mutations::revocations().into_iter().nth(which).unwrap();
    Keyed { route, call: call.key(&names::key()), other: None, written }
}

fn resend_verification() -> Keyed {
    let person = Person::new();
    let call = person.call("POST", "/api/v1/me/email/verification").key(&names::key());
    let written = Box::new(move || mailed(&person.id, "verify_email"));
    Keyed { route: "POST /api/v1/me/email/verification", call, other: None, written }
}

fn delete_preset() -> Keyed {
    let person = Person::new();
    let made = person.post("/api/v1/presets", &json!({ "name": "p", "method": "eat" })).is(201).data();
    let call = person.call("DELETE", &format!("/api/v1/presets/{}", text(&made, "id"))).key(&names::key());
    let written = Box::new(move || of_diary(&person.id));
    Keyed { route: "DELETE /api/v1/presets/{id}", call, other: None, written }
}

fn end_goal() -> Keyed {
    let person = Person::new();
    let goal = json!({ "measure": "sessions", "per": "day", "target": 1 });
    let made = person.post("/api/v1/goals", &goal).is(201).data();
    let call = person.call("DELETE", &format!("/api/v1/goals/{}", text(&made, "id"))).key(&names::key());
    let written = Box::new(move || of_diary(&person.id));
    Keyed { route: "DELETE /api/v1/goals/{id}", call, other: None, written }
}

fn delete_break() -> Keyed {
    let person = Person::new();
    let call = person.call("DELETE", &mutations::running_break(&person)).key(&names::key());
    let written = Box::new(move || of_diary(&person.id));
    Keyed { route: "DELETE /api/v1/breaks/{id}", call, other: None, written }
}

fn undo_import() -> Keyed {
    let person = Person::new();
    let path = mutations::looked_at(&person);
    person.post(&format!("{path}/confirm"), &json!({})).is(200);
    let call = person.call("DELETE", &path).key(&names::key());
    let written = Box::new(move || of_diary(&person.id));
    Keyed { route: "DELETE /api/v1/imports/{id}", call, other: None, written }
}

fn change_staff(route: &'static str) -> Keyed {
    let id = text(&e2e::staff::added("support"), "id");
    let admin = Admin::new();
    admin.post(&format!("/api/v1/staff/{id}/disable"), &json!({ "reason": "a test" })).is(200);
    let path = route.trim_start_matches("POST ").replace("{id}", &id);
    let call = admin.call("POST", &path).key(&names::key());
    Keyed { route, call, other: None, written: of_staff(id) }
}

fn sign_out_staff() -> Keyed {
    let staffer = Staffer::new("support");
    let (waiting, code) = (e2e::staff::challenge(&staffer.email), staffer.generator.code(1));
    let other = e2e::staff::bring(&waiting, &code).is(200).data();
    let other = Staffer { access: text(&other, "access_token"), ..staffer.clone() };
    let path = format!("/api/v1/staff/devices/{}", other.device());
    let call = staffer.call("DELETE", &path).key(&names::key());
    Keyed { route: "DELETE /api/v1/staff/devices/{id}", call, other: None, written: of_staff(staffer.id) }
}

fn end_impersonation() -> Keyed {
    let staffer = Staffer::new("support");
    let acting = staffer.act_as(&Person::new());
    let call = staffer.call("DELETE", &format!("/api/v1/impersonations/{}", acting.id)).key(&names::key());
    Keyed { route: "DELETE /api/v1/impersonations/{id}", call, other: None, written: of_staff(staffer.id) }
}

const ALL: &[Make] = &[
    || keyed(mutations::look(), Some(("source", "date\n2026-01-01\n".into()))),
    || keyed(mutations::confirm_import(), Some(("time_zone", "UTC".into()))),
    undo_import,
    || keyed(mutations::set_goal(), Some(("target", 1.into()))),
    || keyed(mutations::begin_break(), Some(("planned_end_at", "2026-03-01T00:00:00Z".into()))),
    || keyed(mutations::end_break(), Some(("ended_at", Value::Null))),
    end_goal,
    delete_break,
    || keyed(mutations::add_preset(), Some(("name", "Another".into()))),
    || keyed(mutations::replace_preset(), Some(("name", "Another".into()))),
    delete_preset,
    || keyed(mutations::register(), Some(("display_name", "Another".into()))),
    || keyed(mutations::begin_sign_up(), Some(("display_name", "Another".into()))),
    || keyed(mutations::confirm_sign_up(), Some(("password", "another 18 geese fly".into()))),
    || keyed(mutations::login(), Some(("password", "another password".into()))),
    || keyed(mutations::recover(), Some(("email", names::email().into()))),
    || keyed(mutations::complete_recovery(), Some(("new_password", "another 18 geese fly".into()))),
    || keyed(mutations::verify_email(), Some(("token", "mt_another".into()))),
    || keyed(mutations::change_password(), Some(("new_password", "another 18 geese fly".into()))),
    || keyed(mutations::change_email(), Some(("email", names::email().into()))),
    || keyed(mutations::login_factor(), Some(("recovery_code", "aaaaa-aaaaa".into()))),
    || keyed(mutations::enrol_totp(), Some(("password", "another password of theirs".into()))),
    || keyed(mutations::confirm_totp(), Some(("code", "111111".into()))),
    || keyed(mutations::remove_totp(), Some(("recovery_code", "aaaaa-aaaaa".into()))),
    || keyed(mutations::renew_codes(), Some(("recovery_code", "aaaaa-aaaaa".into()))),
    || keyed(mutations::add_passkey(), Some(("name", "Another".into()))),
    || keyed(mutations::remove_passkey(), Some(("id", "AAAA".into()))),
    || keyed(mutations::login_passkey(), Some(("delivery", "cookie".into()))),
    || keyed(mutations::register_with_provider(), Some(("display_name", "Another".into()))),
    || keyed(mutations::link_identity(), Some(("ticket", "pt.another".into()))),
    || keyed(mutations::unlink_identity(), Some(("password", "another password of theirs".into()))),
    || keyed(mutations::edit_me(), Some(("display_name", "Grace".into()))),
    || keyed(mutations::add_strain(), Some(("name", names::unique("Another").into()))),
    || keyed(mutations::buy(), Some(("quantity_mg", 101.into()))),
    || keyed(mutations::enter(), Some(("quantity_mg", 6.into()))),
    || keyed(mutations::log_session(), Some(("notes", "another".into()))),
    || keyed(mutations::edit_session(), Some(("notes", "another".into()))),
    || keyed(mutations::suspend(), Some(("reason", "another".into()))),
    || keyed(mutations::reinstate(), None),
    || keyed(mutations::reset_factors(), Some(("reason", "another".into()))),
    keep_factors,
    || keyed(mutations::erase_me(), Some(("password", "another password".into()))),
    || keyed(mutations::erase_user(), Some(("reason", "another".into()))),
    || keyed(mutations::import(), Some(("source", "e2e-another".into()))),
    || keyed(mutations::create_tenant(), Some(("name", "Another".into()))),
    || keyed(mutations::edit_tenant(), Some(("name", "Another".into()))),
    || keyed(mutations::deactivate_tenant(), Some(("reason", "another".into()))),
    || keyed(mutations::activate_tenant(), None),
    || keyed(mutations::invite_first(), Some(("email", names::email().into()))),
    || keyed(mutations::edit_own_tenant(), Some(("name", "Another".into()))),
    || keyed(mutations::edit_brand(), Some(("accent_hue", 60.into()))),
    || keyed(mutations::edit_own_brand(), Some(("accent_hue", 60.into()))),
    || keyed(mutations::edit_member(), Some(("role", "member".into()))),
    || keyed(mutations::invite(), Some(("email", names::email().into()))),
    || keyed(mutations::accept(), Some(("token", "another".into()))),
    || keyed(mutations::staff_enrol(), Some(("password", "another 18 geese fly".into()))),
    || keyed(mutations::staff_factor(), Some(("code", "111111".into()))),
    || keyed(mutations::add_staff(), Some(("name", "Another".into()))),
    || keyed(mutations::edit_staff(), Some(("name", "Another".into()))),
    || keyed(mutations::disable_staff(), Some(("reason", "another".into()))),
    || keyed(mutations::impersonate(), Some(("reason", "another good reason".into()))),
    || change_staff("POST /api/v1/staff/{id}/enable"),
    || change_staff("POST /api/v1/staff/{id}/reset"),
    sign_out_staff,
    end_impersonation,
    || keyed(mutations::register_program(), Some(("name", "Another".into()))),
    || keyed(mutations::edit_program(), Some(("name", "Another".into()))),
    remove_program,
    || keyed(mutations::make_key(), Some(("name", "Another".into()))),
    || keyed(mutations::rotate_key(), Some(("overlap_minutes", 6.into()))),
    || keyed(mutations::make_tenant_key(), Some(("name", "Another".into()))),
    || keyed(mutations::rotate_tenant_key(), Some(("overlap_minutes", 6.into()))),
    || revoke(0),
    || revoke(1),
    delete_session,
    sign_out_device,
    sign_out_others,
    end_member,
    take_back,
    resend_verification,
];

/// What has no key, because a refresh gives the same successor again, signing out twice is signing out, asking for a
/// passkey's challenge or for the way to a provider writes nothing, a provider's code counts once, and an export
/// reads.
const BY_NATURE: &[&str] = &[
    "POST /api/v1/me/export",
    "POST /api/v1/imports/{id}/preview",
    "POST /api/v1/auth/providers/{provider}/begin",
    "POST /api/v1/auth/providers/{provider}/complete",
    "POST /oauth/authorize",
    "POST /oauth/token",
    "POST /oauth/revoke",
    "POST /oauth/introspect",
    "POST /oauth/userinfo",
    "POST /api/v1/auth/refresh",
    "POST /api/v1/auth/logout",
    "POST /api/v1/auth/tenant",
    "POST /api/v1/auth/passkey/options",
    "POST /api/v1/me/passkeys/options",
    "POST /api/v1/staff/login",
    "POST /api/v1/staff/login/generator",
    "POST /api/v1/staff/refresh",
    "POST /api/v1/staff/logout",
    "POST /api/v1/impersonations/{id}/token",
];

/// Mutations of which nothing is said here.
fn left_out(known: &[&str]) -> Vec<String> {
    let mutations = WORKERS.into_iter().flat_map(documented).filter(e2e::routes::Route::is_mutation);
    let names = mutations.map(|route| route.name());
    names.filter(|name| !known.contains(&name.as_str()) && !BY_NATURE.contains(&name.as_str())).collect()
}

/// What one success of this mutation writes.
fn one_effect(make: Make) -> Value {
    let twin = make();
    let got = twin.call.clone().send();
    assert!((200..300).contains(&got.status), "{got}");
    shape(&(twin.written)())
}

/// From now on the request succeeds, always with the same answer, and one effect is there.
fn settles(mutation: &Keyed, effect: &Value, first: Option<&Reply>) {
    let answer = mutation.call.clone().send();
    assert!((200..300).contains(&answer.status), "{answer}");
    if let Some(first) = first {
        assert_eq!(answer.text(), first.text(), "{answer}");
    }
    let again = mutation.call.clone().send();
    assert_eq!((again.status, again.text()), (answer.status, answer.text()), "{again}");
    assert_eq!(again.header("etag"), answer.header("etag"), "{again}");
    assert_eq!(&shape(&(mutation.written)()), effect, "{}", mutation.route);
    if let Some(other) = &mutation.other {
        other.clone().send().refused(422, "idempotency_key_reused");
        assert_eq!(&shape(&(mutation.written)()), effect, "{}", mutation.route);
    }
}

/// A fault in the batch that holds the change and its record.
fn in_the_batch(kind: &str) -> Plan {
    Plan::new().everywhere(1, &[Fault::new(kind, "DB").matching("INTO idempotency").once()])
}

fn hits(plan: &Plan) -> u64 {
    WORKERS.into_iter().flat_map(|worker| plan.hits(worker)).sum()
}

/// It fails before its commit: nothing is there, and a retry does it.
fn fails_before(mutation: &Keyed, effect: &Value) {
    let (plan, before) = (in_the_batch("fail_before"), (mutation.written)());
    unavailable(&plan.strikes(mutation.call.clone()).send());
    assert_eq!(hits(&plan), 1, "{}", mutation.route);
    assert_eq!((mutation.written)(), before, "{}", mutation.route);
    settles(mutation, effect, None);
}

/// It fails after its commit: it is there, and a retry says so.
fn fails_after(mutation: &Keyed, effect: &Value) {
    let plan = in_the_batch("fail_after");
    unavailable(&plan.strikes(mutation.call.clone()).send());
    assert_eq!(hits(&plan), 1, "{}", mutation.route);
    assert_eq!(&shape(&(mutation.written)()), effect, "{} was not committed", mutation.route);
    settles(mutation, effect, None);
}

/// All of it was done, and the answer is lost on its way to the client: a retry gets it.
fn answer_is_lost(mutation: &Keyed, effect: &Value) {
    let route: Vec<&str> = mutation.route.split(['{', ' ']).collect();
    let fault = Fault::new("fail_after", "ANSWER").matching(route[1]).once();
    let plan = Plan::new().everywhere(1, &[fault]);
    let lost = plan.strikes(mutation.call.clone()).try_send();
    assert!(lost.is_err() || lost.is_ok_and(|got| got.status >= 500), "{}", mutation.route);
    assert!(hits(&plan) >= 1, "{}", mutation.route);
    settles(mutation, effect, None);
}

/// It is tried several times at once: one effect, one answer.
fn tried_at_once(mutation: &Keyed, effect: &Value) {
    let plan = Plan::new().everywhere(1, &[Fault::delay("DB", 20)]);
    let answers = at_once(5, |_| plan.strikes(mutation.call.clone()).send());
    for got in &answers {
        assert!((200..300).contains(&got.status), "{got}");
        assert_eq!(got.text(), answers[0].text(), "{got}");
    }
    settles(mutation, effect, answers.first());
}

/// The same while one of them fails after its commit.
fn tried_at_once_and_one_fails(mutation: &Keyed, effect: &Value) {
    let failing = Fault::new("fail_after", "DB").matching("INTO idempotency").once();
    let plan = Plan::new().everywhere(1, &[Fault::delay("DB", 20), failing]);
    let answers = at_once(4, |_| plan.strikes(mutation.call.clone()).send());
    let fine: Vec<&Reply> = answers.iter().filter(|got| got.status < 300).collect();
    for got in answers.iter().filter(|got| got.status >= 300) {
        unavailable(got);
    }
    settles(mutation, effect, fine.first().copied());
}

#[test]
fn every_mutation_happens_once_whatever_becomes_of_its_first_try() {
    let known = each(ALL, |make| {
        let effect = one_effect(*make);
        let tries = [fails_before, fails_after, answer_is_lost, tried_at_once, tried_at_once_and_one_fails];
        let routes = tries.map(|first_try| {
            let mutation = make();
            first_try(&mutation, &effect);
            mutation.route
        });
        routes[0]
    });
    assert_eq!(left_out(&known), [""; 0]);
}

#[test]
fn a_refresh_that_was_committed_and_not_answered_gives_the_same_successor_again() {
    let person = Person::new();
    let fault = Fault::new("fail_after", "DB").matching("UPDATE devices SET generation").once();
    let plan = Plan::new().everywhere(1, &[fault]);
    let body = json!({ "refresh_token": person.refresh });
    unavailable(&plan.around(&person.anonymous()).post("/api/v1/auth/refresh", &body));
    assert_eq!(hits(&plan), 1);
    let (first, again) = (person.refreshed(), person.refreshed());
    assert_eq!(first.refresh, again.refresh);
    assert!(first.refreshed().counts());
}

#[test]
fn a_sign_out_that_was_committed_and_not_answered_is_finished_by_the_next() {
    for kind in ["fail_before", "fail_after"] {
        let person = Person::new();
        let fault = Fault::new(kind, "DB").matching("UPDATE devices SET revoked_at").once();
        let plan = Plan::new().everywhere(1, &[fault]);
        unavailable(&plan.around(&person).call("POST", "/api/v1/auth/logout").send());
        assert_eq!(hits(&plan), 1);
        let got = person.call("POST", "/api/v1/auth/logout").send();
        assert!(matches!(got.status, 204 | 401), "{got}");
        assert!(!person.counts() && person.try_refresh().status == 401, "{kind}");
    }
}
