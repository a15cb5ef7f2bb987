//! The routes by which an account is secured, as [`crate::mutations`] has the others.

use crate::mutations::{Kind, Mutation, account_of, of_person};
use e2e::actors::{Admin, Anonymous, Caller, PASSWORD, Person};
use e2e::control::{mailed_token, rows};
use e2e::factors::Protected;
use e2e::fleet::Worker;
use e2e::names;
use e2e::passkeys::{Authenticator, creation_options, request_options};
use e2e::providers::{self, Account, NAME, Way};
use serde_json::{Value, json};

/// The mails of a kind that were asked for: those that wait, and those that went and left a proof of the same id.
pub(crate) fn mailed(person: &str, kind: &str) -> Value {
    let sql = "SELECT id FROM mails
        WHERE recipient_index = (SELECT email_index FROM people WHERE people.id = ?1) AND kind = ?2
      UNION SELECT id FROM proofs WHERE person_id = ?1 AND purpose = ?2 ORDER BY 1";
    rows(Worker::Observer, sql, &[json!(person), json!(kind)]).into()
}

pub(crate) fn recover() -> Mutation {
    let person = Person::new();
    let id = person.id.clone();
    Mutation {
        route: "POST /api/v1/auth/recovery",
        call: person.anonymous().call("POST", "/api/v1/auth/recovery"),
        good: json!({ "email": person.email }),
        optional: false,
        fields: vec![("email", Kind::Secret, true)],
        written: Box::new(move || mailed(&id, "reset_password")),
    }
}

/// A sign-up that was begun: its address, and the token of its mail.
fn begun() -> (String, String) {
    let email = names::email();
    Anonymous::new().post("/api/v1/auth/register/begin", &e2e::actors::beginning(&email)).is(202);
    let token = mailed_token(&email, "Finish signing up");
    (email, token)
}

pub(crate) fn begin_sign_up() -> Mutation {
    let (email, token) = begun();
    // One that waits already tells by which index further ones of its address are found.
    let id = token.split('_').nth(2).unwrap().to_owned();
    let sql = "SELECT id FROM sign_ups
        WHERE email_index = (SELECT email_index FROM sign_ups WHERE replace(id, '-', '') = ?1) ORDER BY 1";
    Mutation {
        route: "POST /api/v1/auth/register/begin",
        call: Anonymous::new().call("POST", "/api/v1/auth/register/begin"),
        good: e2e::actors::beginning(&email),
        optional: false,
        fields: vec![
            ("email", Kind::Text(3, 254), true),
            ("display_name", Kind::Text(1, 80), true),
            ("birth_date", Kind::Date, true),
        ],
        written: Box::new(move || rows(Worker::Observer, sql, &[json!(id)]).into()),
    }
}

pub(crate) fn confirm_sign_up() -> Mutation {
    let (email, token) = begun();
    Mutation {
        route: "POST /api/v1/auth/register/confirm",
        call: Anonymous::new().call("POST", "/api/v1/auth/register/confirm"),
        good: json!({ "token": token, "password": PASSWORD, "delivery": "token" }),
        optional: false,
        fields: vec![
            ("token", Kind::Secret, true),
            ("password", Kind::Text(8, 256), true),
            ("delivery", Kind::Choice("token"), false),
        ],
        written: Box::new(move || {
            let got = Admin::new().get(&format!("/api/v1/users?q={}", names::encoded(&email))).is(200);
            got.rows().iter().map(|row| row["id"].clone()).collect::<Vec<_>>().into()
        }),
    }
}

pub(crate) fn complete_recovery() -> Mutation {
    let person = Person::new();
    person.anonymous().post("/api/v1/auth/recovery", &json!({ "email": person.email })).is(202);
    let token = mailed_token(&person.email, "Set a new password");
    Mutation {
        route: "POST /api/v1/auth/recovery/complete",
        call: person.anonymous().call("POST", "/api/v1/auth/recovery/complete"),
        good: json!({ "token": token, "new_password": "snowplough and 17 geese" }),
        optional: false,
        fields: vec![("token", Kind::Secret, true), ("new_password", Kind::Text(8, 256), true)],
        written: Box::new(move || account_of(&person.id)),
    }
}

pub(crate) fn verify_email() -> Mutation {
    let person = Person::new();
    let token = mailed_token(&person.email, "Is this your e-mail address?");
    Mutation {
        route: "POST /api/v1/auth/email/verify",
        call: person.anonymous().call("POST", "/api/v1/auth/email/verify"),
        good: json!({ "token": token }),
        optional: false,
        fields: vec![("token", Kind::Secret, true)],
        written: Box::new(move || account_of(&person.id)),
    }
}

pub(crate) fn change_password() -> Mutation {
    let person = Person::new();
    Mutation {
        route: "POST /api/v1/me/password",
        call: person.call("POST", "/api/v1/me/password"),
        good: json!({ "current_password": PASSWORD, "new_password": "snowplough and 17 geese" }),
        optional: false,
        fields: vec![("current_password", Kind::Secret, true), ("new_password", Kind::Text(8, 256), true)],
        written: Box::new(move || account_of(&person.id)),
    }
}

pub(crate) fn change_email() -> Mutation {
    let person = Person::new();
    Mutation {
        route: "POST /api/v1/me/email",
        call: person.call("POST", "/api/v1/me/email"),
        good: json!({ "password": PASSWORD, "email": names::email() }),
        optional: false,
        fields: vec![("password", Kind::Secret, true), ("email", Kind::Text(3, 254), true)],
        written: Box::new(move || account_of(&person.id)),
    }
}

pub(crate) fn login_factor() -> Mutation {
    let Protected { person, codes, .. } = Protected::new();
    let id = person.id.clone();
    Mutation {
        route: "POST /api/v1/auth/login/factor",
        call: person.anonymous().call("POST", "/api/v1/auth/login/factor"),
        good: json!({ "challenge": person.challenge(), "recovery_code": codes[0], "delivery": "token" }),
        optional: false,
        fields: vec![
            ("challenge", Kind::Secret, true),
            ("recovery_code", Kind::Secret, false),
            ("delivery", Kind::Choice("token"), false),
        ],
        written: Box::new(move || account_of(&id)),
    }
}

pub(crate) fn enrol_totp() -> Mutation {
    let person = Person::new();
    Mutation {
        route: "POST /api/v1/me/factors/totp",
        call: person.call("POST", "/api/v1/me/factors/totp"),
        good: json!({ "password": PASSWORD }),
        optional: false,
        fields: vec![("password", Kind::Secret, true)],
        written: Box::new(move || account_of(&person.id)),
    }
}

pub(crate) fn confirm_totp() -> Mutation {
    let person = Person::new();
    let generator = person.enrol();
    Mutation {
        route: "POST /api/v1/me/factors/totp/confirm",
        call: person.call("POST", "/api/v1/me/factors/totp/confirm"),
        // Of the next step, so that it still counts when the test comes to send it.
        good: json!({ "code": generator.code(1) }),
        optional: false,
        fields: vec![("code", Kind::Secret, true)],
        written: Box::new(move || account_of(&person.id)),
    }
}

pub(crate) fn remove_totp() -> Mutation {
    with_both("POST /api/v1/me/factors/totp/remove")
}

pub(crate) fn renew_codes() -> Mutation {
    with_both("POST /api/v1/me/factors/recovery-codes")
}

fn with_both(route: &'static str) -> Mutation {
    let Protected { person, codes, .. } = Protected::new();
    let id = person.id.clone();
    Mutation {
        route,
        call: person.call("POST", route.trim_start_matches("POST ")),
        good: json!({ "password": PASSWORD, "recovery_code": codes[0] }),
        optional: false,
        fields: vec![("password", Kind::Secret, true), ("recovery_code", Kind::Secret, false)],
        written: Box::new(move || account_of(&id)),
    }
}

pub(crate) fn passkey_options() -> Mutation {
    let person = Person::new();
    Mutation {
        route: "POST /api/v1/me/passkeys/options",
        call: person.call("POST", "/api/v1/me/passkeys/options"),
        good: json!({ "password": PASSWORD }),
        optional: false,
        fields: vec![("password", Kind::Secret, true)],
        written: Box::new(move || account_of(&person.id)),
    }
}

pub(crate) fn add_passkey() -> Mutation {
    let person = Person::new();
    let (_, good) = Authenticator::create(&creation_options(&person));
    Mutation {
        route: "POST /api/v1/me/passkeys",
        call: person.call("POST", "/api/v1/me/passkeys"),
        good,
        optional: false,
        fields: vec![
            ("name", Kind::Text(1, 80), true),
            ("response", Kind::Object, true),
            ("response.clientDataJSON", Kind::Secret, true),
            ("response.attestationObject", Kind::Secret, true),
        ],
        written: Box::new(move || account_of(&person.id)),
    }
}

pub(crate) fn remove_passkey() -> Mutation {
    let (person, authenticator) = with_passkey();
    Mutation {
        route: "POST /api/v1/me/passkeys/remove",
        call: person.call("POST", "/api/v1/me/passkeys/remove"),
        good: json!({ "id": authenticator.id(), "password": PASSWORD }),
        optional: false,
        fields: vec![("id", Kind::Secret, true), ("password", Kind::Secret, true)],
        written: Box::new(move || account_of(&person.id)),
    }
}

pub(crate) fn login_passkey() -> Mutation {
    let (person, authenticator) = with_passkey();
    Mutation {
        route: "POST /api/v1/auth/passkey",
        call: person.anonymous().call("POST", "/api/v1/auth/passkey"),
        good: authenticator.get(&request_options()),
        optional: false,
        fields: vec![
            ("id", Kind::Secret, true),
            ("response", Kind::Object, true),
            ("response.clientDataJSON", Kind::Secret, true),
            ("response.authenticatorData", Kind::Secret, true),
            ("response.signature", Kind::Secret, true),
            ("response.userHandle", Kind::Secret, true),
            ("delivery", Kind::Choice("token"), false),
        ],
        written: Box::new(move || account_of(&person.id)),
    }
}

fn with_passkey() -> (Person, Authenticator) {
    let person = Person::new();
    let (authenticator, body) = Authenticator::create(&creation_options(&person));
    person.post("/api/v1/me/passkeys", &body).is(201);
    (person, authenticator)
}

pub(crate) fn complete_provider() -> Mutation {
    let account = Account::new();
    let person = providers::signed_up(&account);
    let way = Way::new();
    Mutation {
        route: "POST /api/v1/auth/providers/{provider}/complete",
        call: way.call("complete"),
        good: way.answer(&account),
        optional: false,
        fields: vec![
            ("code", Kind::Secret, true),
            ("state", Kind::Secret, true),
            ("iss", Kind::Secret, false),
            ("delivery", Kind::Choice("token"), false),
        ],
        written: Box::new(move || account_of(&person.id)),
    }
}

pub(crate) fn register_with_provider() -> Mutation {
    let (account, way) = (Account::new(), Way::new());
    let ticket = providers::ticket(&way.complete(&account).is(409));
    let email = account.email;
    let written = move || {
        let got = Admin::new().get(&format!("/api/v1/users?q={}", names::encoded(&email))).is(200);
        let id = got.rows().first().map(|row| row["id"].clone());
        let sql = "SELECT count(*) AS n FROM identities WHERE person_id = ?1";
        json!([id, rows(Worker::Observer, sql, &[json!(id)])])
    };
    Mutation {
        route: "POST /api/v1/auth/providers/{provider}/register",
        call: way.call("register"),
        good: Way::sign_up(&ticket),
        optional: false,
        fields: vec![
            ("ticket", Kind::Secret, true),
            ("birth_date", Kind::Date, true),
            ("display_name", Kind::Text(1, 80), true),
            ("delivery", Kind::Choice("token"), false),
        ],
        written: Box::new(written),
    }
}

pub(crate) fn link_identity() -> Mutation {
    let person = Person::new();
    let (cookie, good) = providers::linking(&Account::new());
    Mutation {
        route: "POST /api/v1/me/identities/{provider}",
        call: person.call("POST", &format!("/api/v1/me/identities/{NAME}")).header("cookie", cookie),
        good,
        optional: false,
        fields: vec![("ticket", Kind::Secret, true), ("password", Kind::Secret, true)],
        written: Box::new(move || account_of(&person.id)),
    }
}

pub(crate) fn unlink_identity() -> Mutation {
    let person = Person::new();
    let (cookie, link) = providers::linking(&Account::new());
    let path = format!("/api/v1/me/identities/{NAME}");
    person.call("POST", &path).header("cookie", cookie).json(&link).send().is(201);
    Mutation {
        route: "POST /api/v1/me/identities/{provider}/remove",
        call: person.call("POST", &format!("{path}/remove")),
        good: json!({ "password": PASSWORD }),
        optional: false,
        fields: vec![("password", Kind::Secret, true)],
        written: Box::new(move || account_of(&person.id)),
    }
}

/// All that is left of somebody anywhere, but for the audit log.
fn left_of(id: &str) -> Value {
    let noted = rows(
        Worker::Observer,
        "SELECT count(*) AS n FROM audit WHERE action = 'person.erased' AND entity = ?1",
        &[json!(format!("person:{id}"))],
    );
    json!([account_of(id), of_person(id), noted])
}

/// Somebody with something to lose.
fn somebody() -> (Person, String) {
    let person = Person::new();
    let lot = person.buy(100);
    person.log(&lot, 10);
    let id = person.id.clone();
    (person, id)
}

pub(crate) fn erase_me() -> Mutation {
    let (person, id) = somebody();
    Mutation {
        route: "DELETE /api/v1/me",
        call: person.call("DELETE", "/api/v1/me"),
        good: json!({ "password": PASSWORD }),
        optional: false,
        fields: vec![("password", Kind::Secret, true)],
        written: Box::new(move || left_of(&id)),
    }
}

pub(crate) fn erase_user() -> Mutation {
    let (_, id) = somebody();
    Mutation {
        route: "POST /api/v1/users/{id}/erase",
        call: Admin::new().call("POST", &format!("/api/v1/users/{id}/erase")),
        good: json!({ "reason": "asked for by letter" }),
        optional: false,
        fields: vec![("reason", Kind::Text(1, 500), true)],
        written: Box::new(move || left_of(&id)),
    }
}

pub(crate) fn export_me() -> Mutation {
    let (person, id) = somebody();
    Mutation {
        route: "POST /api/v1/me/export",
        call: person.call("POST", "/api/v1/me/export"),
        good: json!({ "password": PASSWORD }),
        optional: false,
        fields: vec![("password", Kind::Secret, true)],
        written: Box::new(move || left_of(&id)),
    }
}
