//! `/api/v1/me/factors` and `/api/v1/auth/login/factor`

use e2e::actors::{Admin, Caller, PASSWORD, Person};
use e2e::control::mails;
use e2e::factors::Protected;
use e2e::wait::{at_once, eventually};
use serde_json::json;

#[test]
fn a_generator_and_recovery_codes_protect_signing_in_and_no_code_counts_twice() {
    let Protected { person, generator, codes } = Protected::new();
    let challenge = person.challenge();
    person.bring(&challenge, "code", "000000").refused(401, "invalid_code");
    let typed = generator.code(1);
    let signed_in = person.bring(&challenge, "code", &typed).is(200).data();
    let device = Person { access: signed_in["access_token"].as_str().unwrap().to_owned(), ..person.clone() };
    assert!(device.counts());
    person.bring(&challenge, "code", &typed).refused(401, "invalid_code");
    person.bring(&challenge, "recovery_code", &codes[0]).is(200);
    person.bring(&challenge, "recovery_code", &codes[0]).refused(401, "invalid_code");
    let left = person.get("/api/v1/me/factors").is(200).data();
    assert!(left["recovery_codes_left"] == 9 && left["totp"]["confirmed_at"].is_string(), "{left}");
    for subject in ["Signing in asks for a code now", "A recovery code was used"] {
        eventually(subject, || {
            mails(&person.email).iter().any(|mail| mail["subject"] == subject).then_some(())
        });
    }
}

#[test]
fn of_ten_who_bring_one_code_at_once_one_is_signed_in() {
    for field in ["code", "recovery_code"] {
        let Protected { person, generator, codes } = Protected::new();
        let typed = if field == "code" { generator.code(1) } else { codes[5].clone() };
        let challenge = person.challenge();
        let answers = at_once(10, |_| person.bring(&challenge, field, &typed));
        let won = answers.iter().filter(|got| got.status == 200).count();
        assert_eq!(won, 1, "{field}: {:?}", answers.iter().map(|got| got.status).collect::<Vec<_>>());
        assert!(answers.iter().all(|got| got.status == 200 || got.code() == "invalid_code"), "{field}");
    }
}

#[test]
fn a_challenge_ends_with_a_suspension() {
    let Protected { person, codes, .. } = Protected::new();
    let challenge = person.challenge();
    Admin::new().suspend(&person);
    person.bring(&challenge, "recovery_code", &codes[0]).refused(401, "unauthorized");
    Admin::new().reinstate(&person);
    person.bring(&challenge, "recovery_code", &codes[0]).refused(401, "unauthorized");
    person.bring(&person.challenge(), "recovery_code", &codes[0]).is(200);
}

#[test]
fn taking_it_away_asks_for_password_and_code() {
    let Protected { person, codes, .. } = Protected::new();
    let path = "/api/v1/me/factors/totp/remove";
    person.post(path, &json!({ "password": PASSWORD })).refused(422, "unprocessable").names("code");
    person
        .post(path, &json!({ "password": "a wrong guess", "recovery_code": codes[0] }))
        .refused(401, "invalid_credentials");
    person
        .post(path, &json!({ "password": PASSWORD, "recovery_code": "aaaaa-aaaaa" }))
        .refused(401, "invalid_code");
    person.post(path, &json!({ "password": PASSWORD, "recovery_code": codes[0] })).is(204);
    person.log_in();
    person.post(path, &json!({ "password": PASSWORD, "recovery_code": codes[1] })).refused(404, "not_found");
}

#[test]
fn a_new_password_by_mail_does_not_get_past_it() {
    let Protected { person, codes, .. } = Protected::new();
    person.anonymous().post("/api/v1/auth/recovery", &json!({ "email": person.email })).is(202);
    let token = e2e::control::mailed_token(&person.email, "Set a new password");
    // The same password, so that the helpers know it.
    let body = json!({ "token": token, "new_password": PASSWORD });
    person.anonymous().post("/api/v1/auth/recovery/complete", &body).is(204);
    person.bring(&person.challenge(), "recovery_code", &codes[0]).is(200);
}
