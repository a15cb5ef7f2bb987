//! The matrix, natively: every route, every kind of caller, on the real Workers in one process.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot be set up has failed")]

mod programs;
mod stage;

use authorization::cells::{Answer, Cell, Outcome, Stage, Whose, cells, check, tells_nothing};
use authorization::documents::{WORKERS, document, names, operation, root, security, stated};
use authorization::page::page;
use authorization::requests::Request;
use authorization::routes::{ROUTES, Route, Who};
use authorization::{callers, cast::Cast};
use sesh_edge::openapi::About;
use sesh_types::access::{is_closed_to_keys, key_needs};
use stage::Twin;
use std::collections::BTreeSet;

fn lines(worker: &str, internal: bool) -> Vec<&'static Route> {
    ROUTES.iter().filter(|route| route.worker == worker && route.is_internal() == internal).collect()
}

fn named(routes: &[&Route]) -> BTreeSet<String> {
    let names: BTreeSet<String> = routes.iter().map(|route| route.name()).collect();
    assert_eq!(names.len(), routes.len(), "a route has two lines");
    names
}

#[test]
fn every_route_has_a_line() {
    for worker in WORKERS {
        let mut documented: BTreeSet<String> = names(&document(worker)).into_iter().collect();
        if worker == "tracker" {
            let pages = tracker::router::public();
            documented.extend(pages.pages().iter().map(|(verb, path)| format!("{verb} {path}")));
        }
        let hint = format!("{worker}: say in tests/authorization/src/routes/table.rs whom each route is for");
        assert_eq!(documented, named(&lines(worker, false)), "{hint}");
    }
}

#[test]
fn every_internal_route_has_a_line() {
    const ABOUT: About = About { title: "", description: "", callers: &[] };
    let documents = [
        ("tracker", tracker::router::internal().into_document(&ABOUT)),
        ("observer", observer::router::internal().into_document(&ABOUT)),
        ("admin", admin::router::internal().into_document(&ABOUT)),
    ];
    for (worker, document) in documents {
        let routes: BTreeSet<String> = names(&document).into_iter().collect();
        assert_eq!(routes, named(&lines(worker, true)), "{worker}: tests/authorization/src/routes/table.rs");
    }
}

#[test]
fn every_worker_is_in_the_matrix() {
    let folders = std::fs::read_dir(root().join("workers")).unwrap().map(|entry| entry.unwrap().path());
    let workers: BTreeSet<String> = folders
        .filter(|folder| folder.join("openapi.json").exists())
        .map(|folder| folder.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    assert_eq!(workers, WORKERS.map(str::to_owned).into(), "add it to WORKERS and to the stage");
}

#[test]
fn the_documents_say_the_same_of_whom_a_route_is_for() {
    for route in ROUTES.iter().filter(|route| !route.is_internal() && !route.is_page()) {
        let document = document(route.worker);
        let operation = operation(&document, route);
        assert_eq!(stated(operation), security(route.who), "{} {}", route.worker, route.name());
    }
}

/// Keys open what the table says, and a new route that nobody decided about fails here.
#[test]
fn every_route_is_open_or_closed_to_keys() {
    for route in ROUTES.iter().filter(|route| !route.is_internal()) {
        let open = key_needs(route.worker, route.verb, route.path).is_some();
        let closed = is_closed_to_keys(route.worker, route.path);
        let hint = "say in shared/types/src/access/keys.rs whether keys open it";
        assert!(open != closed, "{} {}: {hint}", route.worker, route.name());
        let takes_keys = matches!(route.who, Who::User | Who::UserAlone | Who::Steward);
        assert_eq!(open, takes_keys, "{} {}: its caller is another", route.worker, route.name());
    }
}

#[test]
fn the_page_is_what_the_table_says() {
    let path = root().join("docs/authorization.md");
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(&path, page()).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == page(),
        "run UPDATE_SNAPSHOTS=1 cargo test -p authorization and commit docs/authorization.md"
    );
}

#[track_caller]
fn holds(outcome: &Outcome, least: usize) {
    let Outcome { tried, skipped, problems } = outcome;
    assert!(problems.is_empty(), "{} of {tried} cells:\n{}", problems.len(), problems.join("\n"));
    assert!(*tried >= least && *skipped == 0, "{tried} cells were tried, {skipped} skipped");
}

#[test]
fn every_cell_at_the_public_doors() {
    holds(&check(&cells(|route| !route.is_internal()), Twin::for_cell), 1900);
}

#[test]
fn every_cell_at_the_internal_doors() {
    holds(&check(&cells(Route::is_internal), Twin::for_cell), 900);
}

#[test]
fn what_is_others_looks_like_what_does_not_exist() {
    let hidden = cells(|route| route.of.is_some());
    let problems = tells_nothing(&hidden, &Twin::new());
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn no_internal_route_exists_behind_a_public_door() {
    let twin = Twin::new();
    let before = twin.stored();
    let mut tried = 0;
    // Those that both doors have are in the matrix of the public doors.
    for route in ROUTES.iter().filter(|route| route.path.starts_with("/internal")) {
        for kind in callers::KINDS.iter().chain(callers::WITHIN) {
            let cell = Cell { route, kind, whose: Whose::Own };
            for worker in WORKERS {
                let request = cell.request(twin.cast()).unwrap();
                let got = twin.send(&Request { internal: false, worker, ..request });
                assert_eq!(got.status, 404, "{worker}: {cell}: {}", got.text);
                tried += 1;
            }
        }
    }
    assert!(tried > 500 && twin.stored() == before, "{tried}");
}

/// A fleet with a hole in it.
struct Holed<F: Fn(&Twin, &Request) -> Option<Answer>>(Twin, F);

impl<F: Fn(&Twin, &Request) -> Option<Answer>> Stage for Holed<F> {
    fn cast(&self) -> &Cast {
        self.0.cast()
    }
    fn send(&self, request: &Request) -> Answer {
        self.1(&self.0, request).unwrap_or_else(|| self.0.send(request))
    }
    fn stored(&self) -> String {
        self.0.stored()
    }
}

fn is(request: &Request, verb: &str, beginning: &str) -> bool {
    request.verb == verb && request.path.starts_with(beginning)
}

/// The stash lets everybody read what they can name.
fn another_persons_lot(twin: &Twin, request: &Request) -> Option<Answer> {
    let mut owners = [Some(&twin.cast().other), twin.cast().foreigner.as_ref()].into_iter().flatten();
    let owner = owners.find(|owner| is(request, "GET", &format!("/api/v1/stash/{}", owner.lot)))?;
    let owner = ("authorization", format!("Bearer {}", owner.access));
    Some(twin.send(&Request { headers: vec![owner], ..request.clone() }))
}

/// Refuses, but only after it has written.
#[allow(clippy::unnecessary_wraps, reason = "holes have one shape")]
fn writes_before_it_refuses(twin: &Twin, request: &Request) -> Option<Answer> {
    let refused = twin.send(request);
    if is(request, "PATCH", "/api/v1/me") && refused.status >= 400 {
        twin.execute("observer", "UPDATE people SET version = version + 1");
    }
    Some(refused)
}

#[test]
fn holes_are_seen() {
    let of =
        |path: &'static str| cells(move |route| route.path.starts_with(path) && route.worker == "tracker");
    let stash = of("/api/v1/stash/{id}");
    let holed = check(&stash, |_| Holed(Twin::new(), another_persons_lot));
    assert!(holed.problems.iter().any(|problem| problem.contains("Others")), "{:?}", holed.problems);
    assert!(holed.problems.iter().any(|problem| problem.contains("Foreign")), "{:?}", holed.problems);
    assert!(!tells_nothing(&stash, &Holed(Twin::new(), another_persons_lot)).is_empty());
    let holed = check(&of("/api/v1/me"), |_| Holed(Twin::new(), writes_before_it_refuses));
    assert!(holed.problems.iter().any(|problem| problem.ends_with("something was written")));
}
