//! The client against a small server of our own.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests")]

mod server;

use server::{Answer, Server};
use sesh::client::{Client, ClientError, Patience, Totals};
use sesh::import::{ImportError, send};
use sesh::strains::chunks::{Chunk, MAX_BODY_BYTES, cut};
use sesh::strains::strain::Strain;
use sesh::target::{AdminKey, Target};
use std::time::{Duration, Instant};

fn chunks(rows: usize) -> Vec<Chunk> {
    let strain =
        |n: usize| Strain { source_id: n.to_string(), name: format!("Strain {n}"), ..Strain::default() };
    let strains: Vec<Strain> = (1..=rows).map(strain).collect();
    cut("kushy", strains.iter(), 200, MAX_BODY_BYTES).unwrap()
}

fn client(server: &Server) -> Client {
    let patience = Patience {
        attempts: 3,
        first_pause: Duration::from_millis(5),
        longest_pause: Duration::from_millis(40),
    };
    Client::new(Target { url: server.url(), key: AdminKey::new("test-key").unwrap() }, patience)
}

#[test]
fn requests_are_those_of_the_contract() {
    let server = Server::start(|_, request| Answer::taken(request));
    let totals = send(&client(&server), &chunks(450)).unwrap();
    assert_eq!(totals, Totals { inserted: 450, updated: 0, unchanged: 0 });
    let requests = server.requests();
    assert_eq!(requests.iter().map(|request| request.rows().len()).collect::<Vec<_>>(), [200, 200, 50]);
    for request in &requests {
        assert_eq!(request.line, "POST /api/v1/strains/import HTTP/1.1");
        assert_eq!(request.header("authorization"), Some("Bearer test-key"));
        assert_eq!(request.header("content-type"), Some("application/json"));
        assert!(request.body.len() <= MAX_BODY_BYTES);
    }
}

#[test]
#[allow(clippy::disallowed_methods, reason = "measures a real pause of a native program")]
fn a_busy_server_is_asked_again_after_its_pause() {
    let server = Server::start(|nth, request| match nth {
        0 => Answer::of(503, "{}").header("retry-after: 60"),
        1 => Answer::of(429, "{}"),
        _ => Answer::taken(request),
    });
    let start = Instant::now();
    assert_eq!(send(&client(&server), &chunks(3)).unwrap().inserted, 3);
    // A minute was asked for, but no more than the longest pause is given.
    assert!((Duration::from_millis(40)..Duration::from_secs(20)).contains(&start.elapsed()));
    let requests = server.requests();
    assert_eq!(requests.len(), 3);
    assert_eq!(requests[0].body, requests[2].body);
}

#[test]
fn a_dropped_connection_is_tried_again() {
    let server = Server::start(|nth, request| if nth == 0 { Answer::Drop } else { Answer::taken(request) });
    assert_eq!(send(&client(&server), &chunks(3)).unwrap().inserted, 3);
}

#[test]
fn an_import_that_broke_off_resumes() {
    let server = Server::start(|nth, request| match nth {
        1..=3 => Answer::of(503, "{}"),
        4 => Answer::of(200, r#"{"success":true,"data":{"inserted":0,"updated":0,"unchanged":200}}"#),
        _ => Answer::taken(request),
    });
    let chunks = chunks(401);
    let error = send(&client(&server), &chunks).unwrap_err();
    assert_eq!(error.exit_code(), 4);
    let text = error.to_string();
    assert!(text.starts_with("rows 201 to 400: gave up after 3 attempts: 503"), "{text}");
    assert!(text.ends_with("200 of 401 rows are in; run again to resume"), "{text}");
    let totals = send(&client(&server), &chunks).unwrap();
    assert_eq!(totals, Totals { inserted: 201, updated: 0, unchanged: 200 });
}

#[test]
fn a_refusal_is_shown_and_not_repeated() {
    let body = r#"{"success":false,"error":{"code":"bad_request","message":"The body is wrong.",
        "details":[{"field":"rows[0].slug","code":"too_long"}]}}"#;
    let server = Server::start(move |_, _| Answer::of(400, body).header("x-request-id: r-42"));
    let error = send(&client(&server), &chunks(3)).unwrap_err();
    assert_eq!(server.requests().len(), 1);
    assert!(matches!(&error, ImportError::Client { cause: ClientError::Refused(_), done: 0, .. }));
    let text = error.to_string();
    for part in ["400 bad_request: The body is wrong.", "rows[0].slug", "request id: r-42"] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    assert!(!text.contains("test-key"));
}

#[test]
fn a_redirect_does_not_take_the_key_along() {
    let other = Server::start(|_, request| Answer::taken(request));
    let location = format!("location: {}/api/v1/strains/import", other.url());
    let server = Server::start(move |_, _| Answer::of(307, "").header(&location));
    let error = send(&client(&server), &chunks(1)).unwrap_err();
    assert!(error.to_string().contains("307"));
    assert!(other.requests().is_empty());
}

#[test]
fn an_answer_that_does_not_account_for_every_row_is_an_error() {
    let short = r#"{"success":true,"data":{"inserted":1,"updated":0,"unchanged":0}}"#;
    let server = Server::start(move |_, _| Answer::of(200, short));
    assert!(send(&client(&server), &chunks(2)).unwrap_err().to_string().contains("not the platform's"));
}
