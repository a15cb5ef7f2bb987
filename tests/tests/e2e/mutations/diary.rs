//! Presets, goals, breaks, imports.

use super::{Kind, Mutation};
use e2e::actors::{Caller, Person};
use e2e::control::rows;
use e2e::fixtures::{days_from_now, text};
use e2e::fleet::Worker;
use serde_json::{Value, json};

/// All of a diary besides stash and sessions.
pub(crate) fn of_diary(id: &str) -> Value {
    let sql = "SELECT (SELECT json_group_array(json_array(id, name, quantity_mg, recorded_at)) FROM presets
      WHERE person_id = ?1) AS presets,
      (SELECT json_group_array(json_array(id, format, state, sessions)) FROM imports WHERE person_id = ?1) AS imports,
      (SELECT count(*) FROM import_pieces WHERE person_id = ?1) AS pieces,
      (SELECT json_group_array(json_array(id, version, deleted_at)) FROM sessions WHERE person_id = ?1) AS sessions,
      (SELECT json_group_array(json_array(id, target, ended_at)) FROM goals WHERE person_id = ?1) AS goals,
      (SELECT json_group_array(json_array(id, started_at, ended_at)) FROM breaks WHERE person_id = ?1) AS breaks";
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

pub(crate) fn set_goal() -> Mutation {
    let person = Person::new();
    Mutation {
        route: "POST /api/v1/goals",
        call: person.call("POST", "/api/v1/goals"),
        good: json!({ "measure": "spend_minor", "per": "month", "target": 8000, "currency": "USD" }),
        optional: false,
        fields: vec![
            ("measure", Kind::Choice("spend_minor"), true),
            ("per", Kind::Choice("month"), true),
            ("target", Kind::Whole(0, 1_000_000_000), true),
            ("currency", Kind::Text(3, 3), true),
        ],
        written: Box::new(move || of_diary(&person.id)),
    }
}

pub(crate) fn begin_break() -> Mutation {
    let person = Person::new();
    Mutation {
        route: "POST /api/v1/breaks",
        call: person.call("POST", "/api/v1/breaks"),
        good: json!({ "started_at": "2026-01-01T00:00:00Z", "planned_end_at": "2026-02-01T00:00:00Z" }),
        optional: false,
        fields: vec![("started_at", Kind::Time, false), ("planned_end_at", Kind::Time, true)],
        written: Box::new(move || of_diary(&person.id)),
    }
}

/// Begins a break yesterday that is to last nine days more; its path.
pub(crate) fn running_break(person: &Person) -> String {
    let plan = json!({ "started_at": days_from_now(-1), "planned_end_at": days_from_now(9) });
    format!("/api/v1/breaks/{}", text(&person.post("/api/v1/breaks", &plan).is(201).data(), "id"))
}

pub(crate) fn end_break() -> Mutation {
    let person = Person::new();
    let path = running_break(&person);
    Mutation {
        route: "POST /api/v1/breaks/{id}/end",
        call: person.call("POST", &format!("{path}/end")),
        good: json!({ "ended_at": days_from_now(0) }),
        optional: false,
        fields: vec![("ended_at", Kind::Time, false)],
        written: Box::new(move || of_diary(&person.id)),
    }
}

const SOURCE: &str =
    "when,strain,amount\n2026-01-01 16:20,Haze,0.4\n2026-01-02 16:20,Haze,1/2\nnever,Haze,1\n";

pub(crate) fn look() -> Mutation {
    let person = Person::new();
    Mutation {
        route: "POST /api/v1/imports",
        call: person.call("POST", "/api/v1/imports"),
        good: json!({ "source": SOURCE, "format": "csv" }),
        optional: false,
        fields: vec![("source", Kind::Secret, true), ("format", Kind::Choice("csv"), false)],
        written: Box::new(move || of_diary(&person.id)),
    }
}

/// Has a file looked at; the import's path.
pub(crate) fn looked_at(person: &Person) -> String {
    let shown = person.post("/api/v1/imports", &json!({ "source": SOURCE })).is(201).data();
    format!("/api/v1/imports/{}", text(&shown["import"], "id"))
}

fn options() -> (Value, Vec<super::Field>) {
    let good = json!({
        "mapping": { "date": "when", "name": "strain", "amount": "amount" }, "time_zone": "Europe/Berlin",
        "day_first": true, "amounts": "g", "unit_mg": 3, "method": "vape", "only": ["one", "two"]
    });
    let fields = vec![
        ("mapping", Kind::Settings, false),
        ("time_zone", Kind::Text(1, 64), false),
        ("amounts", Kind::Choice("g"), false),
        ("unit_mg", Kind::Amount, false),
        ("method", Kind::Choice("vape"), false),
        ("only", Kind::Words, false),
    ];
    (good, fields)
}

pub(crate) fn look_again() -> Mutation {
    let person = Person::new();
    let path = looked_at(&person);
    let (good, fields) = options();
    Mutation {
        route: "POST /api/v1/imports/{id}/preview",
        call: person.call("POST", &format!("{path}/preview")),
        good,
        optional: false,
        fields,
        written: Box::new(move || of_diary(&person.id)),
    }
}

pub(crate) fn confirm_import() -> Mutation {
    let person = Person::new();
    let path = looked_at(&person);
    let (good, fields) = options();
    Mutation {
        route: "POST /api/v1/imports/{id}/confirm",
        call: person.call("POST", &format!("{path}/confirm")),
        good,
        optional: false,
        fields,
        written: Box::new(move || of_diary(&person.id)),
    }
}
