//! The Worker's own routes: health and its document, and nothing else behind either door.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use sesh_edge::native::{Call, Fleet, Vars};
use sesh_edge::openapi::{About, Kept, keep, routes_of};
use sesh_types::contract::live as hubs;
use sesh_types::time::Timestamp;
use std::path::Path;

fn fleet() -> Fleet {
    let texts = [("ENVIRONMENT".to_owned(), "dev".to_owned())].into();
    let mut fleet = Fleet::new(Timestamp(1_776_702_000_000), 1);
    fleet.add(::live::service(&Vars { texts, bindings: [hubs::HUBS.to_owned()].into() }), &[]);
    fleet
}

#[test]
fn the_document_is_what_the_code_makes() {
    let about = About {
        title: "live",
        description: "The hubs of open browsers. Clients connect to tracker, which hands them over.",
        callers: &[],
    };
    let document = ::live::router::public().into_document(&about);
    let kept = keep(Path::new(env!("CARGO_MANIFEST_DIR")), &document).unwrap();
    assert_ne!(kept, Kept::Stale, "run with UPDATE_SNAPSHOTS=1 and commit openapi.json and openapi.html");
    let paths: Vec<String> = routes_of(&document).into_keys().collect();
    assert_eq!(paths, ["/api/health", "/api/openapi.json", "/docs"]);
}

#[test]
fn the_hubs_paths_are_behind_neither_door() {
    let fleet = fleet();
    for path in [hubs::SOCKET, hubs::TOLD, hubs::REVOKED, hubs::WELL] {
        for verb in ["GET", "POST"] {
            let call = || Call::new(verb, path).header("upgrade", "websocket");
            assert_eq!(fleet.call("live", call()).status, 404, "{verb} {path}");
            assert_eq!(fleet.call_internal("live", call()).status, 404, "{verb} {path}");
        }
    }
}

#[test]
fn health_asks_a_hub() {
    let fleet = fleet();
    let health = fleet.call("live", Call::new("GET", "/api/health")).json();
    assert_eq!(health["checks"]["database"]["status"], "healthy");
    let asked = fleet.hubs();
    assert_eq!(asked.len(), 1);
    assert_eq!((asked[0].0.as_str(), asked[0].1.path.as_str()), (hubs::NOBODYS, hubs::WELL));
}
