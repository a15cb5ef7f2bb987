//! A second person gets 404 for every id of the first, on every route that takes one.

use crate::authorization::{id_in, with_things};
use crate::mutations::of_person;
use authorization::cast::Member;
use e2e::actors::{Caller, PASSWORD, Person};
use e2e::fixtures::{new_session, text};
use e2e::fleet::Worker;
use e2e::http::Reply;
use e2e::names;
use e2e::routes::documented;
use serde_json::{Value, json};

/// Somebody with one of everything.
struct Owner {
    person: Person,
    things: Member,
    lot: String,
    strain: String,
    strain_name: String,
    device: String,
}

impl Owner {
    fn new() -> Self {
        let person = Person::new();
        let (strain, strain_name) = person.add_strain();
        let lot = person.buy_of(&strain, 1000);
        let device = person.device();
        Self { things: with_things(&person), person, lot, strain, strain_name, device }
    }

    /// The id that goes into a route.
    fn id(&self, path: &str) -> &str {
        match path {
            "/api/v1/auth/devices/{id}" => &self.device,
            other => id_in(&self.things, other),
        }
    }

    /// A body that the owner could send.
    fn body(route: &str) -> Option<Value> {
        match route {
            "POST /api/v1/stash/{id}/entries" => Some(json!({ "kind": "gift", "quantity_mg": 1 })),
            "PATCH /api/v1/sessions/{id}" => Some(json!({ "notes": "mine now" })),
            "PUT /api/v1/presets/{id}" => Some(json!({ "name": "mine now", "method": "vape" })),
            "POST /api/v1/breaks/{id}/end"
            | "POST /api/v1/imports/{id}/preview"
            | "POST /api/v1/imports/{id}/confirm" => Some(json!({})),
            "POST /api/v1/me/keys/{id}/rotate" => Some(json!({ "password": PASSWORD })),
            other if other.starts_with("GET") || other.starts_with("DELETE") => None,
            other => panic!("{other} takes an id: give it a body here, so that it is tested"),
        }
    }
}

#[test]
fn a_second_person_gets_404_for_every_id_of_the_first_and_learns_nothing() {
    let (owner, other) = (Owner::new(), Person::new());
    let before = of_person(&owner.person.id);
    let mut tested = 0;
    for route in documented(Worker::Tracker).iter().filter(|route| route.path.contains("{id}")) {
        let ask = |id: &str| -> Reply {
            let call = other.call(&route.method, &route.path_of(id));
            match Owner::body(&route.name()) {
                Some(body) => call.json(&body).send(),
                None => call.send(),
            }
        };
        let got = ask(owner.id(&route.path)).refused(404, "not_found");
        assert_eq!(got.text(), ask(&names::nobodys_id()).text(), "{}: as if it did not exist", route.name());
        tested += 1;
    }
    assert!(tested >= 8, "only {tested} routes take an id");
    assert_eq!(of_person(&owner.person.id), before, "and nothing of the first person's changed");
    assert!(owner.person.counts());
}

#[test]
fn an_id_of_the_first_person_inside_a_body_is_404_as_well() {
    let (owner, other) = (Owner::new(), Person::new());
    let before = of_person(&owner.person.id);
    let purchase = json!({ "strain_id": owner.strain, "form": "flower", "quantity_mg": 5 });
    other.post("/api/v1/stash", &purchase).refused(404, "not_found");
    other.post("/api/v1/sessions", &new_session(&owner.lot, 5)).refused(404, "not_found");
    other.post("/api/v1/sessions", &new_session(&owner.lot, 10_000_000)).refused(404, "not_found");
    let own = other.buy(100);
    let session = text(&other.log(&own, 1), "id");
    let items = json!({ "items": [{ "lot_id": owner.lot, "quantity_mg": 5 }] });
    other.patch(&format!("/api/v1/sessions/{session}"), &items).refused(404, "not_found");
    let unknown = json!({ "method": "eat", "items": [{ "lot_id": owner.lot, "quantity_mg": null }] });
    other.post("/api/v1/sessions", &unknown).refused(404, "not_found");
    assert_eq!(of_person(&owner.person.id), before);
    assert_eq!(
        (other.balance(&own), other.sessions()),
        (99, 1),
        "and nothing was written for the second either"
    );
}

#[test]
fn no_list_of_the_second_person_shows_anything_of_the_first() {
    let (owner, other) = (Owner::new(), Person::new());
    for path in [
        "/api/v1/stash".to_owned(),
        "/api/v1/stash?as_of=2999-01-01T00:00:00Z".into(),
        "/api/v1/sessions".into(),
        format!("/api/v1/sessions?strain_id={}", owner.strain),
    ] {
        let got = other.get(&path).is(200);
        assert_eq!((got.rows().len(), got.meta()[2]), (0, 0), "{got}");
    }
    // A search finds what is spelt nearly so, but never that one.
    let search = format!("/api/v1/strains?limit=100&q={}", names::encoded(&owner.strain_name));
    assert!(owner.person.get(&search).is(200).text().contains(&owner.strain));
    assert!(!other.get(&search).is(200).text().contains(&owner.strain));
    let everything =
        ["/api/v1/me", "/api/v1/auth/devices", "/api/v1/dashboard", "/api/v1/strains?limit=100&sort=-name"];
    for path in everything {
        let text = other.get(path).is(200).text();
        for id in [
            &owner.person.id,
            &owner.lot,
            &owner.things.session,
            &owner.strain,
            &owner.device,
            &owner.person.email,
        ] {
            assert!(!text.contains(id.as_str()), "{id} in {path}");
        }
    }
}
