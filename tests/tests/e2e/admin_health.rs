//! `/api/v1/health` of admin: every Worker's health on one page.

use e2e::actors::{Admin, Caller};
use e2e::fixtures::int;
use e2e::fleet::WORKERS;

#[test]
fn every_worker_is_on_the_page_with_its_age() {
    let got = Admin::new().get("/api/v1/health").is(200);
    let board = got.json();
    assert_eq!(board["status"], "healthy", "{got}");
    assert!(board["version"].is_string() && board["uptime"].is_i64(), "{got}");
    for worker in WORKERS {
        let line = &board["checks"][worker.name()];
        assert_eq!(line["status"], "healthy", "{}: {got}", worker.name());
        assert!(line["checked_at"].is_string() && (0..=5).contains(&int(line, "age_seconds")), "{line}");
        assert_eq!(line["checks"]["database"]["status"], "healthy", "{line}");
    }
}
