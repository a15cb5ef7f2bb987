use super::*;
use crate::testing::{KEY, Stage};
use sesh_edge::native::{Call, prepare_known_sql};
use sesh_edge::openapi::{Kept, keep, routes_of};
use sesh_types::access::PlatformRole;
use std::path::Path;

const OPEN: [&str; 3] = ["/api/health", "/api/openapi.json", "/docs"];
/// By which staff come to show who they are.
const SIGNING_IN: [&str; 5] = [
    "/api/v1/staff/enrol",
    "/api/v1/staff/login",
    "/api/v1/staff/login/generator",
    "/api/v1/staff/login/factor",
    "/api/v1/staff/refresh",
];

#[test]
fn the_document_is_what_the_code_makes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let kept = keep(folder, &public().into_document(&ABOUT)).unwrap();
    assert_ne!(kept, Kept::Stale, "run with UPDATE_SNAPSHOTS=1 and commit openapi.json and openapi.html");
}

#[test]
fn every_route_but_the_standard_ones_takes_a_key_from_a_listed_address_or_staff() {
    let stage = Stage::new();
    let mut guarded = 0;
    for (path, verbs) in routes_of(&public().into_document(&ABOUT)) {
        if SIGNING_IN.contains(&path.as_str()) {
            continue;
        }
        let address = path.replace("{id}", crate::testing::PERSON);
        for verb in verbs {
            let call = || Call::new(&verb.to_uppercase(), &format!("{address}?unknown=1")).raw("{");
            let statuses = [
                stage.call(call()).status,
                stage.call(call().bearer("sesh_admin_wrong")).status,
                stage.call(call().bearer(KEY).header("cf-connecting-ip", "198.51.100.1")).status,
            ];
            if OPEN.contains(&path.as_str()) {
                assert_eq!(statuses, [200, 200, 200], "{verb} {path}");
            } else {
                assert_eq!(statuses, [401, 401, 403], "{verb} {path}");
                guarded += 1;
            }
        }
    }
    assert_eq!(guarded, 42);
    let asked = stage.observer.seen();
    assert!(asked.is_empty() && stage.tracker.seen().is_empty(), "nobody was asked: {asked:?}");
}

#[test]
fn unknown_parameters_are_refused_by_name_on_every_guarded_route() {
    let stage = Stage::new();
    for (path, verbs) in routes_of(&public().into_document(&ABOUT)) {
        if OPEN.contains(&path.as_str()) {
            continue;
        }
        for verb in verbs {
            let address = format!("{}?colour=red", path.replace("{id}", crate::testing::PERSON));
            let got = stage.ask_as(PlatformRole::Superadmin, Call::new(&verb.to_uppercase(), &address));
            assert_eq!(got.status, 400, "{verb} {path}");
            assert_eq!(
                crate::testing::issues(&got),
                [("colour".into(), "unknown_parameter".into())],
                "{verb} {path}"
            );
        }
    }
}

#[test]
fn the_internal_door_has_health_alone_and_the_public_one_nothing_internal() {
    let stage = Stage::new();
    assert_eq!(stage.fleet.call_internal("admin", Call::new("GET", "/api/health")).status, 200);
    assert_eq!(stage.fleet.call_internal("admin", Call::new("GET", "/api/v1/users").bearer(KEY)).status, 404);
    for path in ["/internal/v1/people", "/internal/v1/strains/import"] {
        assert_eq!(stage.ask("GET", path).status, 404, "{path}");
    }
    assert_eq!(stage.ask("DELETE", "/api/v1/users").status, 405);
}

#[test]
fn every_statement_is_understood_by_the_real_database() {
    let (count, failed) =
        prepare_known_sql("admin", &["admin", "sesh_edge::idempotency", "sesh_edge::health"]);
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert!(count >= 12, "only {count} statements are known");
}

#[test]
fn without_its_configuration_it_says_what_is_missing_and_does_nothing_else() {
    let mut vars = crate::testing::environment();
    vars.texts.remove("ADMIN_KEYS");
    let mut fleet = sesh_edge::native::Fleet::new(crate::testing::NOON, 1);
    fleet.add(crate::service(&vars), &[]);
    let health = fleet.call("admin", Call::new("GET", "/api/health"));
    assert_eq!(health.status, 503);
    assert!(health.text.contains("ADMIN_KEYS is not set"), "{}", health.text);
    assert_eq!(fleet.call("admin", Call::new("GET", "/api/v1/users").bearer(KEY)).status, 503);
}
