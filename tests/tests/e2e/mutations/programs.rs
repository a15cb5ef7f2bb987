//! Routes of programs that take a body.

use super::{Kind, Mutation};
use e2e::actors::{Admin, Caller};
use e2e::control::rows;
use e2e::fixtures::text;
use e2e::fleet::Worker;
use e2e::names;
use e2e::programs::{BACK, Program};
use serde_json::{Value, json};

/// All that observer has of a program.
pub(crate) fn of_program(id: String) -> Box<dyn Fn() -> Value + Send + Sync> {
    let sql = "SELECT name, redirect_uris, grant_types, scopes, version FROM oauth_clients WHERE id = ?1";
    Box::new(move || rows(Worker::Observer, sql, &[json!(id)]).into())
}

pub(crate) fn register_program() -> Mutation {
    let good = json!({
        "name": names::unique("Almanac"), "kind": "public", "redirect_uris": [BACK],
        "grant_types": ["authorization_code"], "scopes": ["openid"]
    });
    let name = text(&good, "name");
    let sql = "SELECT count(*) AS n FROM oauth_clients WHERE name = ?1";
    Mutation {
        route: "POST /api/v1/clients",
        call: Admin::new().call("POST", "/api/v1/clients"),
        good,
        optional: false,
        fields: vec![
            ("name", Kind::Text(1, 80), true),
            ("kind", Kind::Choice("public"), true),
            ("redirect_uris", Kind::Words, false),
            ("grant_types", Kind::Words, true),
            ("scopes", Kind::Words, true),
        ],
        written: Box::new(move || rows(Worker::Observer, sql, &[json!(name)]).into()),
    }
}

pub(crate) fn edit_program() -> Mutation {
    let id = Program::new().id;
    Mutation {
        route: "PATCH /api/v1/clients/{id}",
        call: Admin::new().call("PATCH", &format!("/api/v1/clients/{id}")),
        good: json!({ "name": names::unique("Edited"), "redirect_uris": [BACK] }),
        optional: false,
        fields: vec![("name", Kind::Text(1, 80), false), ("redirect_uris", Kind::Words, false)],
        written: of_program(id),
    }
}
