//! The SQL, the migrations and the `OpenAPI` document hold together.

use sesh_edge::native::{Database, prepare_known_sql};
use sesh_edge::openapi::{API_KEY, About, Kept, PERSON, keep};
use std::path::Path;

#[test]
fn every_statement_prepares_against_the_real_migrations() {
    // Links the Worker, so that its statements are known.
    let _ = tracker::router::public();
    let modules =
        ["tracker", "sesh_edge::idempotency", "sesh_edge::outbox", "sesh_edge::health", "sesh_edge::token"];
    let (count, failed) = prepare_known_sql("tracker", &modules);
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert!(count > 30, "only {count} statements are known: are they still made by sql!?");
}

#[test]
fn the_document_is_what_the_code_makes() {
    let about = About {
        title: "sesh-tracker.com",
        description: "Strains, stash and sessions of the people who use them.",
        callers: &[
            (PERSON, "An access token, or the cookie that signing in sets."),
            (API_KEY, "An API key of a person's, `sesh_key_…`."),
        ],
    };
    let document = tracker::router::public().into_document(&about);
    let kept = keep(Path::new(env!("CARGO_MANIFEST_DIR")), &document).unwrap();
    assert_ne!(
        kept,
        Kept::Stale,
        "run this test with UPDATE_SNAPSHOTS=1 and commit openapi.json and openapi.html"
    );
}

fn refused(sql: &str) -> String {
    let database = Database::migrated("tracker");
    let setup = "
        INSERT INTO lots (tenant_id, person_id, id, name, form, quantity_mg, acquired_at, recorded_at, last_recorded_at)
          VALUES ('t', 'p', 'l', 'n', 'flower', 100, 1, 1, 1);
        INSERT INTO stash_entries (tenant_id, person_id, lot_id, recorded_at, seq, kind, delta_mg, balance_after_mg,
          occurred_at) VALUES ('t', 'p', 'l', 1, 1, 'purchase', 100, 100, 1);";
    database.connection().execute_batch(setup).unwrap();
    database
        .connection()
        .execute_batch(sql)
        .map_or_else(|error| error.to_string(), |()| "accepted".to_owned())
}

#[test]
fn the_ledger_cannot_be_changed_or_overdrawn_behind_the_workers_back() {
    let entry = |seq: i64, delta: i64, after: i64, at: i64| {
        format!(
            "INSERT INTO stash_entries (tenant_id, person_id, lot_id, recorded_at, seq, kind, delta_mg,
               balance_after_mg, occurred_at) VALUES ('t', 'p', 'l', {at}, {seq}, 'gift', {delta}, {after}, 1)"
        )
    };
    for (sql, reason) in [
        ("UPDATE stash_entries SET delta_mg = 1".to_owned(), "refused:append_only"),
        ("DELETE FROM stash_entries".to_owned(), "refused:append_only"),
        ("DELETE FROM lots".to_owned(), "refused:append_only"),
        ("UPDATE lots SET balance_mg = 1000".to_owned(), "refused:balance_not_from_ledger"),
        ("UPDATE lots SET last_seq = 0".to_owned(), "refused:balance_not_from_ledger"),
        (entry(2, -101, -1, 2), "refused:insufficient_stock"),
        (entry(2, -10, 95, 2), "refused:ledger_out_of_step"),
        (entry(3, -10, 90, 2), "refused:ledger_out_of_step"),
        (entry(2, -10, 90, 0), "refused:ledger_out_of_step"),
        (entry(2, -10, 90, 2), "accepted"),
    ] {
        assert!(refused(&sql).contains(reason), "{sql}: {}", refused(&sql));
    }
}
