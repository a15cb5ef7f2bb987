//! `POST /api/v1/strains/import` of admin

use crate::mutations::strain_row;
use e2e::actors::{Admin, Caller, Person};
use e2e::fixtures::{int, text};
use serde_json::{Value, json};

const PATH: &str = "/api/v1/strains/import";

fn import(source: &str, rows: &[Value]) -> [i64; 3] {
    let data = Admin::new().post(PATH, &json!({ "source": source, "rows": rows })).is(200).data();
    ["inserted", "updated", "unchanged"].map(|name| int(&data, name))
}

fn found(person: &Person, name: &str) -> Value {
    let rows = person.get(&format!("/api/v1/strains?q={}", name.replace(' ', "%20"))).is(200).rows();
    rows.into_iter().find(|row| row["name"] == name).unwrap_or(Value::Null)
}

#[test]
fn a_chunk_that_comes_twice_changes_nothing_the_second_time() {
    let rows: Vec<Value> = (0..20).map(|_| strain_row()).collect();
    assert_eq!(import("e2e", &rows), [20, 0, 0]);
    assert_eq!(import("e2e", &rows), [0, 0, 20]);
    let mut changed = rows.clone();
    changed[3]["thc_percent"] = 2345.into();
    assert_eq!(import("e2e", &changed), [0, 1, 19]);
    assert_eq!(import("e2e", &changed), [0, 0, 20]);
}

#[test]
fn what_is_imported_is_found_by_everybody_at_once() {
    let (person, row) = (Person::new(), strain_row());
    let name = text(&row, "name");
    let before = person.get("/api/v1/strains?limit=1").is(200).meta()[2];
    import("e2e", std::slice::from_ref(&row));
    let strain = found(&person, &name);
    for field in ["slug", "type", "thc_percent", "effects", "flavors", "parents", "cbd_percent"] {
        assert_eq!(strain[field], row[field], "{field}: {strain}");
    }
    assert_eq!(strain["visibility"], "public");
    assert!(person.get("/api/v1/strains?limit=1").is(200).meta()[2] > before);
    let lot = person.buy_of(&text(&strain, "id"), 10);
    assert_eq!(person.balance(&lot), 10);
}

#[test]
fn rows_with_one_name_are_one_strain_with_one_id() {
    let (person, row) = (Person::new(), strain_row());
    let name = text(&row, "name");
    let mut twin = row.clone();
    twin["name"] = format!("  {} ", name.to_uppercase().replace(' ', "   ")).into();
    assert_eq!(import("e2e", &[row.clone(), twin]).iter().sum::<i64>(), 2);
    let ids = || -> Vec<String> {
        let rows =
            person.get(&format!("/api/v1/strains?limit=100&q={}", name.replace(' ', "%20"))).is(200).rows();
        let plain = |name: &str| name.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
        let same = |row: &&Value| plain(&text(row, "name")) == plain(&name);
        rows.iter().filter(same).map(|row| text(row, "id")).collect()
    };
    let first = ids();
    assert_eq!(first.len(), 1);
    import("e2e-other", &[row]);
    assert_eq!(ids(), first);
}

#[test]
fn what_a_later_source_does_not_know_is_not_forgotten() {
    let (person, row) = (Person::new(), strain_row());
    import("e2e", std::slice::from_ref(&row));
    let mut poorer = row.clone();
    for field in ["type", "description", "thc_percent", "effects", "flavors"] {
        poorer[field] = Value::Null;
    }
    poorer["breeder"] = "Somebody".into();
    import("e2e-later", &[poorer]);
    let strain = found(&person, &text(&row, "name"));
    for field in ["type", "thc_percent", "effects", "flavors"] {
        assert_eq!(strain[field], row[field], "{field}");
    }
    assert_eq!(strain["breeder"], "Somebody");
}

#[test]
fn one_bad_row_refuses_the_chunk_and_is_named() {
    let (person, good) = (Person::new(), strain_row());
    let mut bad = strain_row();
    bad["thc_percent"] = 10_001.into();
    let body = json!({ "source": "e2e", "rows": [good, bad] });
    let got = Admin::new().post(PATH, &body);
    assert!(matches!(got.status, 400 | 422), "{got}");
    got.names("rows[1].thc_percent");
    assert_eq!(found(&person, &text(&good, "name")), Value::Null, "nothing was written");
}

#[test]
fn a_chunk_has_at_most_200_rows() {
    let rows: Vec<Value> = (0..200).map(|_| strain_row()).collect();
    let more: Vec<Value> = rows.iter().cloned().chain([strain_row()]).collect();
    let got = Admin::new().post(PATH, &json!({ "source": "e2e", "rows": more }));
    assert!(matches!(got.status, 400 | 422), "{got}");
    got.names("rows");
    assert_eq!(import("e2e", &rows), [200, 0, 0]);
    assert_eq!(import("e2e", &[]), [0, 0, 0]);
}

#[test]
fn the_same_chunk_many_times_at_once_is_imported_once() {
    let rows: Vec<Value> = (0..10).map(|_| strain_row()).collect();
    let answers = e2e::wait::at_once(8, |_| import("e2e", &rows));
    assert_eq!(answers.iter().map(|[inserted, ..]| inserted).sum::<i64>(), 10, "{answers:?}");
    assert!(answers.iter().all(|counts| counts.iter().sum::<i64>() == 10), "{answers:?}");
    assert_eq!(import("e2e", &rows), [0, 0, 10]);
}

#[test]
fn a_name_imported_for_everybody_does_not_touch_somebodys_own() {
    let person = Person::new();
    let (own, name) = person.add_strain();
    let mut row = strain_row();
    row["name"] = name.as_str().into();
    assert_eq!(import("e2e", &[row]), [1, 0, 0]);
    let mine = person.get(&format!("/api/v1/strains/{own}")).is(200).data();
    assert_eq!((&mine["visibility"], &mine["effects"]), (&json!("private"), &Value::Null));
}
