//! Presets, goals, breaks, imports.

use super::{Kind, Mutation};
use e2e::actors::{Caller, Person};
use e2e::control::rows;
use e2e::fixtures::text;
use e2e::fleet::Worker;
use serde_json::{Value, json};

/// All of a diary besides stash and sessions.
pub(crate) fn of_diary(id: &str) -> Value {
    let sql = "SELECT (SELECT json_group_array(json_array(id, name, quantity_mg, recorded_at)) FROM presets
      WHERE person_id = ?1) AS presets";
    rows(Worker::Tracker, sql, &[json!(id)]).into()
}

fn preset(person: &Person) -> (Value, Vec<super::Field>) {
    let strain = person.add_strain().0;
    let lot = person.buy_of(&strain, 100);
    let good = json!({
        "name": "1 puff of my pen", "method": "vape", "lot_id": lot, "strain_id": strain, "form": "vape",
        "quantity_mg": 3, "unit": "puff"
    });
    let fields = vec![
        ("name", Kind::Text(1, 80), true),
        ("method", Kind::Choice("vape"), true),
        ("lot_id", Kind::Id, false),
        ("strain_id", Kind::Id, false),
        ("form", Kind::Choice("vape"), false),
        ("quantity_mg", Kind::Amount, false),
        ("unit", Kind::Choice("puff"), false),
    ];
    (good, fields)
}

pub(crate) fn add_preset() -> Mutation {
    let person = Person::new();
    let (good, fields) = preset(&person);
    Mutation {
        route: "POST /api/v1/presets",
        call: person.call("POST", "/api/v1/presets"),
        good,
        optional: false,
        fields,
        written: Box::new(move || of_diary(&person.id)),
    }
}

pub(crate) fn replace_preset() -> Mutation {
    let person = Person::new();
    let (good, fields) = preset(&person);
    let made = person.post("/api/v1/presets", &json!({ "name": "before", "method": "eat" })).is(201).data();
    Mutation {
        route: "PUT /api/v1/presets/{id}",
        call: person.call("PUT", &format!("/api/v1/presets/{}", text(&made, "id"))),
        good,
        optional: false,
        fields,
        written: Box::new(move || of_diary(&person.id)),
    }
}
