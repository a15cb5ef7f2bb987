//! `/api/v1/strains`

use e2e::actors::{Caller, Person};
use e2e::fixtures::{int, text};
use e2e::names;
use serde_json::{Value, json};

const PATH: &str = "/api/v1/strains";

fn names_of(rows: &[Value]) -> Vec<String> {
    rows.iter().map(|row| text(row, "name")).collect()
}

#[test]
fn a_strain_is_found_in_spite_of_slips_of_the_finger() {
    let person = Person::new();
    for (typed, meant) in [
        ("blu drem", "Blue Dream"),
        ("blue dream", "Blue Dream"),
        ("BLUE  DREAM", "Blue Dream"),
        ("blue dr", "Blue Dream"),
        ("accapulco gold", "Acapulco Gold"),
    ] {
        let rows = person.get(&format!("{PATH}?q={}", typed.replace(' ', "%20"))).is(200).rows();
        assert_eq!(rows.first().map(|row| text(row, "name")).as_deref(), Some(meant), "{typed}");
    }
    assert!(person.get(&format!("{PATH}?q=zzqxjvk")).is(200).rows().is_empty());
}

#[test]
fn a_strain_has_every_field_and_null_where_nothing_is_known() {
    let person = Person::new();
    let id = person.strain("Blue Dream");
    let strain = person.get(&format!("{PATH}/{id}")).is(200).data();
    for field in [
        "id",
        "name",
        "slug",
        "type",
        "thc_percent",
        "cbd_percent",
        "effects",
        "ailments",
        "flavors",
        "terpenes",
        "breeder",
        "parents",
        "visibility",
    ] {
        assert!(strain.get(field).is_some(), "{field} is missing in {strain}");
    }
    assert_eq!((&strain["slug"], &strain["type"]), (&json!("blue-dream"), &json!("hybrid")));
    assert!(strain.get("owner_id").is_none() && strain.get("tenant_id").is_none(), "{strain}");
}

#[test]
fn filters_let_through_only_what_they_say() {
    let person = Person::new();
    let all = |query: &str| person.get(&format!("{PATH}?limit=100&{query}")).is(200);
    let indicas = all("type=indica");
    assert!(!indicas.rows().is_empty() && indicas.rows().iter().all(|row| row["type"] == "indica"));
    let strong = all("min_thc=1900&max_thc=2000").rows();
    assert!(!strong.is_empty() && strong.iter().all(|row| (1900..=2000).contains(&int(row, "thc_percent"))));
    let both = all("type=indica&min_thc=1900");
    assert!(both.meta()[2] <= indicas.meta()[2]);
    assert!(both.rows().iter().all(|row| row["type"] == "indica" && int(row, "thc_percent") >= 1900));
}

#[test]
fn effects_and_flavours_are_searched_whatever_their_case() {
    let person = Person::new();
    let (effect, flavor) = (names::unique("Calm"), names::unique("Pine"));
    let body = json!({ "name": names::unique("Tagged"), "effects": [effect, "Happy"], "flavors": [flavor] });
    let id = text(&person.post(PATH, &body).is(201).data(), "id");
    for query in [
        format!("effect={effect}"),
        format!("effect={}", effect.to_uppercase()),
        format!("flavor={flavor}"),
        format!("effect={effect}&flavor={flavor}"),
    ] {
        let got = person.get(&format!("{PATH}?{}", query.replace(' ', "%20"))).is(200);
        assert_eq!((got.rows().len(), text(&got.rows()[0], "id")), (1, id.clone()), "{query}");
    }
    assert!(person.get(&format!("{PATH}?effect=nothing-of-the-sort")).is(200).rows().is_empty());
}

#[test]
fn lists_are_sorted_as_asked() {
    let person = Person::new();
    let document = e2e::routes::document(e2e::fleet::Worker::Tracker);
    let rows = |sort: &str| person.get(&format!("{PATH}?limit=100&min_thc=1&sort={sort}")).is(200).rows();
    let thc = |rows: &[Value]| rows.iter().map(|row| int(row, "thc_percent")).collect::<Vec<_>>();
    let (up, down) = (thc(&rows("thc")), thc(&rows("-thc")));
    assert!(up.is_sorted() && down.iter().rev().is_sorted() && up.first() < down.first(), "{up:?} {down:?}");
    let (first, last) = (names_of(&rows("name")), names_of(&rows("-name")));
    let key = |name: &String| name.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(first.is_sorted_by_key(key) && last.iter().rev().is_sorted_by_key(key), "{first:?} {last:?}");
    assert!(document.to_string().contains("\"-thc\""), "the document tells of it");
}

#[test]
fn a_private_strain_is_its_owners_alone() {
    let (owner, other) = (Person::new(), Person::new());
    let body = json!({
        "name": names::unique("Balcony"), "type": "sativa", "thc_percent": 1850, "cbd_percent": 20,
        "effects": ["calm"], "ailments": ["pain"], "flavors": ["pine"], "terpenes": ["pinene"],
        "breeder": "Me", "parents": ["Blue Dream"], "description": "Grown by the window"
    });
    let strain = owner.post(PATH, &body).is(201).data();
    for (field, value) in body.as_object().unwrap() {
        assert_eq!(&strain[field], value, "{field}");
    }
    assert_eq!(strain["visibility"], "private");
    let id = text(&strain, "id");
    assert_eq!(owner.get(&format!("{PATH}/{id}")).is(200).data(), strain);
    let query = format!("{PATH}?q={}", text(&body, "name").replace(' ', "%20"));
    assert_eq!(owner.get(&query).is(200).rows()[0]["id"], strain["id"]);

    other.get(&format!("{PATH}/{id}")).refused(404, "not_found");
    assert!(other.get(&query).is(200).rows().is_empty());
    let (mine, theirs) = (owner.get(PATH).is(200).meta()[2], other.get(PATH).is(200).meta()[2]);
    assert_eq!(mine, theirs + 1, "nor is it counted");
}

#[test]
fn two_strains_of_ones_own_cannot_have_one_name() {
    let (person, other) = (Person::new(), Person::new());
    let (_, name) = person.add_strain();
    for again in [name.clone(), name.to_uppercase(), format!("  {name} ")] {
        person.post(PATH, &json!({ "name": again })).refused(409, "conflict");
    }
    other.post(PATH, &json!({ "name": name })).is(201);
}
