//! `/api/health` of every Worker.

use e2e::actors::{Anonymous, Caller};
use e2e::fleet::WORKERS;
use std::collections::BTreeSet;

#[test]
fn health_has_its_schema_on_every_worker() {
    for worker in WORKERS {
        let got = Anonymous::at(worker).get("/api/health").is(200);
        let health = got.json();
        let keys: BTreeSet<&str> = health.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, ["status", "version", "uptime", "checks"].into(), "{got}");
        assert_eq!(health["status"], "healthy", "{got}");
        let version = health["version"].as_str().unwrap();
        assert!(
            version.split('.').count() == 3 && version.starts_with(|first: char| first.is_ascii_digit()),
            "{got}"
        );
        assert!(health["uptime"].as_i64().is_some_and(|seconds| seconds >= 0), "{got}");
        let checks = health["checks"].as_object().unwrap();
        assert!(checks.contains_key("database") && checks.contains_key("configuration"), "{got}");
        assert!(checks.values().all(|check| check["status"] == "healthy"), "{got}");
    }
}

#[test]
fn health_is_never_kept_and_tells_no_secret() {
    for worker in WORKERS {
        let got = Anonymous::at(worker).get("/api/health").is(200);
        assert_eq!(got.header("cache-control"), Some("no-store"));
        let text = got.text().to_lowercase();
        for secret in ["sesh_admin", "pepper", "key", "token", "127.0.0.1"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
}

#[test]
fn a_worker_without_the_local_edge_in_front_is_healthy_too() {
    for worker in WORKERS {
        Anonymous::straight_at(worker).call("GET", "/api/health").without("cf-connecting-ip").send().is(200);
    }
}
