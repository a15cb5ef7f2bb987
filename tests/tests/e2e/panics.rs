//! A panic in one request does not fail others: shown by `canary`, a test Worker on the same bridge as the fleet's.

use e2e::fleet::fleet;
use e2e::http::{Call, Reply};
use std::thread;
use std::time::Duration;
use uuid::Uuid;

fn canary(method: &str, path: &str) -> Reply {
    let base = fleet().canary.as_ref();
    let base =
        base.expect("start the fleet with `--with tests/workers/canary/wrangler.toml`, as scripts/test does");
    Call::new(method, format!("{base}{path}")).send()
}

/// A number that no earlier run held.
fn fresh_id() -> u32 {
    Uuid::new_v4().as_fields().0 / 2
}

#[test]
fn a_panic_in_one_request_does_not_fail_others() {
    let first = fresh_id();
    let held: Vec<_> = (first..first + 3)
        .map(|id| (id, thread::spawn(move || canary("GET", &format!("/hold/{id}")))))
        .collect();
    // Each is in flight once it has looked for its release; three looks of ten milliseconds are enough.
    thread::sleep(Duration::from_millis(100));
    for path in ["/panic", "/panic-later", "/panic", "/panic-later"] {
        let broken = canary("GET", path).refused(500, "internal_error");
        let id = broken.error()["request_id"].as_str().unwrap().to_owned();
        assert_eq!(broken.header("x-request-id"), Some(id.as_str()));
        assert!(
            !broken.text().contains("on purpose"),
            "the cause must not reach the caller: {}",
            broken.text()
        );
        canary("GET", "/api/health").is(200);
    }
    for (id, thread) in held {
        assert!(!thread.is_finished(), "request {id} ended before it was let go");
        canary("POST", &format!("/release/{id}")).is(204);
        let looks = thread.join().unwrap().is(200).data().as_u64().unwrap();
        assert!(looks > 3, "request {id} was not in flight while others panicked");
    }
    // Nor do many of them wear the Worker out, now that nothing is in flight.
    for _ in 0..100 {
        canary("GET", "/panic").is(500);
    }
    canary("GET", "/api/health").is(200);
}
