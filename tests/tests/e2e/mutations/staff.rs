//! Routes of staff that take a body.

use super::{Kind, Mutation};
use e2e::actors::{Admin, Anonymous, Caller, PASSWORD, Person};
use e2e::control::rows;
use e2e::fixtures::text;
use e2e::fleet::Worker;
use e2e::names;
use e2e::staff::{Staffer, added, challenge, enrolled, generator, new_staff};
use serde_json::{Value, json};

/// All that observer has of a member of staff.
pub(crate) fn of_staff(id: String) -> Box<dyn Fn() -> Value + Send + Sync> {
    let sql =
        "SELECT name, role, status, networks, version, epoch, password_phc IS NULL AS bare, enrolment_id,
      totp_id, totp_confirmed_at,
      (SELECT count(*) FROM staff_devices WHERE staff_id = ?1) AS devices,
      (SELECT count(*) FROM staff_devices WHERE staff_id = ?1 AND revoked_at IS NOT NULL) AS revoked,
      (SELECT total(generation) FROM staff_devices WHERE staff_id = ?1) AS generations,
      (SELECT count(*) FROM impersonations WHERE staff_id = ?1) AS impersonations,
      (SELECT count(*) FROM impersonations WHERE staff_id = ?1 AND ended_at IS NOT NULL) AS ended
      FROM staff WHERE id = ?1";
    Box::new(move || rows(Worker::Observer, sql, &[json!(id)]).into())
}

fn anyone(path: &str) -> e2e::http::Call {
    Anonymous::at(Worker::Admin).call("POST", path)
}

pub(crate) fn staff_enrol() -> Mutation {
    let made = added("support");
    Mutation {
        route: "POST /api/v1/staff/enrol",
        call: anyone("/api/v1/staff/enrol"),
        good: json!({ "token": made["token"], "password": PASSWORD }),
        optional: false,
        fields: vec![("token", Kind::Secret, true), ("password", Kind::Text(8, 256), true)],
        written: of_staff(text(&made, "id")),
    }
}

pub(crate) fn staff_login() -> Mutation {
    let (id, email) = enrolled("support");
    Mutation {
        route: "POST /api/v1/staff/login",
        call: anyone("/api/v1/staff/login"),
        good: json!({ "email": email, "password": PASSWORD }),
        optional: false,
        fields: vec![("email", Kind::Secret, true), ("password", Kind::Secret, true)],
        written: of_staff(id),
    }
}

pub(crate) fn staff_generator() -> Mutation {
    let (id, email) = enrolled("support");
    Mutation {
        route: "POST /api/v1/staff/login/generator",
        call: anyone("/api/v1/staff/login/generator"),
        good: json!({ "challenge": challenge(&email) }),
        optional: false,
        fields: vec![("challenge", Kind::Secret, true)],
        written: of_staff(id),
    }
}

pub(crate) fn staff_factor() -> Mutation {
    let (id, email) = enrolled("support");
    let challenge = challenge(&email);
    let generator = generator(&challenge);
    Mutation {
        route: "POST /api/v1/staff/login/factor",
        call: anyone("/api/v1/staff/login/factor"),
        // Of the next step, so that it still counts when the test comes to send it.
        good: json!({ "challenge": challenge, "code": generator.code(1) }),
        optional: false,
        fields: vec![("challenge", Kind::Secret, true), ("code", Kind::Secret, true)],
        written: of_staff(id),
    }
}

pub(crate) fn staff_refresh() -> Mutation {
    let staffer = Staffer::new("support");
    Mutation {
        route: "POST /api/v1/staff/refresh",
        call: anyone("/api/v1/staff/refresh"),
        good: json!({ "refresh_token": staffer.refresh }),
        optional: false,
        fields: vec![("refresh_token", Kind::Secret, true)],
        written: of_staff(staffer.id),
    }
}

pub(crate) fn add_staff() -> Mutation {
    let mut good = new_staff("support");
    let name = names::unique("Staff");
    good["name"] = json!(name);
    good["networks"] = json!(["192.0.2.0/24"]);
    let sql = "SELECT count(*) AS n FROM staff WHERE name = ?1";
    Mutation {
        route: "POST /api/v1/staff",
        call: Admin::new().call("POST", "/api/v1/staff"),
        good,
        optional: false,
        fields: vec![
            ("email", Kind::Text(3, 254), true),
            ("name", Kind::Text(1, 80), true),
            ("role", Kind::Choice("support"), true),
            ("networks", Kind::Words, false),
        ],
        written: Box::new(move || rows(Worker::Observer, sql, &[json!(name)]).into()),
    }
}

pub(crate) fn edit_staff() -> Mutation {
    let id = text(&added("support"), "id");
    Mutation {
        route: "PATCH /api/v1/staff/{id}",
        call: Admin::new().call("PATCH", &format!("/api/v1/staff/{id}")),
        good: json!({ "name": "Joan", "role": "reseller", "networks": ["192.0.2.1"] }),
        optional: false,
        fields: vec![
            ("name", Kind::Text(1, 80), false),
            ("role", Kind::Choice("reseller"), false),
            ("networks", Kind::Words, false),
        ],
        written: of_staff(id),
    }
}

pub(crate) fn disable_staff() -> Mutation {
    let id = text(&added("support"), "id");
    Mutation {
        route: "POST /api/v1/staff/{id}/disable",
        call: Admin::new().call("POST", &format!("/api/v1/staff/{id}/disable")),
        good: json!({ "reason": "a test" }),
        optional: false,
        fields: vec![("reason", Kind::Text(1, 500), true)],
        written: of_staff(id),
    }
}

pub(crate) fn impersonate() -> Mutation {
    let (staffer, person) = (Staffer::new("support"), Person::new());
    Mutation {
        route: "POST /api/v1/users/{id}/impersonation",
        call: staffer.call("POST", &format!("/api/v1/users/{}/impersonation", person.id)),
        good: json!({ "reason": "ticket 4711: the sum is off", "minutes": 5 }),
        optional: false,
        fields: vec![("reason", Kind::Text(10, 500), true), ("minutes", Kind::Whole(1, 30), false)],
        written: of_staff(staffer.id),
    }
}
