//! What the Workers ask each other is unreachable from outside, whatever headers are forged.

use authorization::routes::ROUTES;
use e2e::actors::{Anonymous, Caller, Person, sign_up};
use e2e::fleet::WORKERS;
use e2e::names;
use serde_json::json;

/// Verb and path of everything behind the internal doors that the public ones have not.
fn internal() -> Vec<(&'static str, &'static str)> {
    let table = ROUTES.iter().filter(|route| route.path.starts_with("/internal"));
    table.map(|route| (route.verb, route.path)).chain([("GET", "/internal")]).collect()
}

#[test]
fn internal_paths_are_404_on_every_public_port_also_with_forged_headers() {
    let person = Person::new();
    let device = person.device();
    let tenant = "01920000-0000-7000-8000-000000000001";
    for worker in WORKERS {
        for caller in [Anonymous::at(worker), Anonymous::straight_at(worker)] {
            for (verb, path) in internal() {
                let call = caller
                    .call(verb, &path.replace("{id}", &person.id))
                    .header("x-sesh-on-behalf", format!("{tenant}/{}/{device}/0", person.id))
                    .header("x-sesh-actor", "key:dev")
                    .header("x-sesh-client-address", "127.0.0.1")
                    .header("x-sesh-door", "internal")
                    .header("x-request-id", "forged")
                    .header("host", "fleet.internal");
                call.clone().send().refused(404, "not_found");
                if verb != "GET" && verb != "DELETE" {
                    call.json(&json!({ "reason": "forged", "notices": [] })).send().refused(404, "not_found");
                }
            }
        }
    }
    assert!(internal().len() > 16 && person.counts());
}

#[test]
fn other_spellings_of_an_internal_path_do_not_reach_it() {
    for worker in WORKERS {
        let anyone = Anonymous::at(worker);
        for path in [
            "/Internal/v1/me",
            "/%69nternal/v1/people",
            "//internal/v1/people",
            "/api/../internal/v1/people",
            "/api/%2e%2e/internal/v1/people",
            "/internal%2fv1%2fpeople",
            "/internal/v1/people/",
            "/internal/v1/people;x",
        ] {
            let call = anyone.call("GET", path).header("x-sesh-actor", "key:dev");
            call.send().refused(404, "not_found");
        }
    }
}

#[test]
fn a_forged_subject_does_not_make_a_person_on_public_routes() {
    let person = Person::new();
    let subject = format!("01920000-0000-7000-8000-000000000001/{}/{}/0", person.id, person.device());
    for (verb, path) in [("GET", "/api/v1/me"), ("GET", "/api/v1/stash"), ("DELETE", "/api/v1/auth/devices")]
    {
        let call = person.anonymous().call(verb, path).header("x-sesh-on-behalf", &subject);
        call.send().refused(401, "unauthorized");
    }
    let stranger = Person::new();
    let me = stranger.call("GET", "/api/v1/me").header("x-sesh-on-behalf", &subject).send().is(200).data();
    assert_eq!(me["id"], stranger.id.as_str());
}

#[test]
fn observer_works_for_tracker_without_being_reachable_for_that() {
    let email = names::email();
    Anonymous::new().post("/api/v1/auth/register", &sign_up(&email)).is(201);
    let observer = Anonymous::at(e2e::fleet::Worker::Observer);
    observer.post("/api/v1/auth/register", &sign_up(&names::email())).refused(404, "not_found");
}
