//! Tokens of programs, at every public route: what their scopes open, and nothing else.

use crate::stage::Twin;
use authorization::callers::KINDS;
use authorization::cells::{Answer, Cell, Stage, Whose};
use authorization::documents::{document, operation, success};
use authorization::requests::Request;
use authorization::routes::{ROUTES, Route, Who};
use serde_json::Value;
use sesh_types::access::{ApiScope, Scopes};

/// The request of a person, with a program's token in place of their own.
fn request(twin: &Twin, route: &'static Route, token: &str) -> Request {
    let kind = KINDS.iter().find(|kind| kind.name == "person").unwrap();
    let mut request = Cell { route, kind, whose: Whose::Own }.request(twin.cast()).unwrap();
    request.headers.retain(|(name, _)| *name != "authorization");
    request.headers.push(("authorization", format!("Bearer {token}")));
    request
}

fn code(answer: &Answer) -> String {
    let body: Value = serde_json::from_str(&answer.text).unwrap_or_default();
    body["error"]["code"].as_str().unwrap_or_default().to_owned()
}

fn needed(route: &Route) -> Option<Scopes> {
    let line = |(verb, path, _): &&(&str, &str, Scopes)| *verb == route.verb && *path == route.path;
    tracker::scopes::OPENED
        .iter()
        .find(line)
        .filter(|_| route.worker == "tracker")
        .map(|(_, _, scopes)| *scopes)
}

#[test]
fn a_programs_token_opens_what_its_scopes_say_and_nothing_else() {
    let all: Scopes = ApiScope::ALL.iter().copied().collect();
    let mut opened = 0;
    for route in ROUTES.iter().filter(|route| !route.is_internal()) {
        let twin = Twin::new();
        let before = twin.stored();
        let got = twin.send(&request(&twin, route, &twin.programs(all)));
        let refused = (got.status, code(&got)) == (403, "insufficient_scope".to_owned());
        let name = format!("{} {}", route.worker, route.name());
        match route.who {
            Who::Anyone | Who::Holder | Who::Leaver => assert!(!refused, "{name}: {}", got.text),
            // What cookies open and tokens do not is the matrix's.
            Who::Page | Who::PageOfPerson => {}
            Who::Informed => assert_eq!(got.status, 200, "{name}: {}", got.text),
            // A token is no key, whoever's it is.
            Who::Operator(_) | Who::Staffer(_) | Who::StaffLeaver => {
                assert!(matches!(got.status, 401 | 403), "{name}: {}", got.text);
            }
            _ if needed(route).is_some() => {
                opened += 1;
                let success = success(operation(&document(route.worker), route));
                assert_eq!(got.status, success, "{name}: {}", got.text);
            }
            _ => {
                assert!(refused, "{name} is for who signs in: {} {}", got.status, got.text);
                assert_eq!(twin.stored(), before, "{name}: something was written");
            }
        }
    }
    assert_eq!(opened, tracker::scopes::OPENED.len());
}

#[test]
fn every_scope_that_a_route_takes_is_needed() {
    let twin = Twin::new();
    let before = twin.stored();
    for route in ROUTES.iter().filter(|route| !route.is_internal()) {
        let Some(needed) = needed(route) else { continue };
        for missing in needed.iter() {
            let rest: Scopes = ApiScope::ALL.iter().copied().filter(|scope| *scope != missing).collect();
            let got = twin.send(&request(&twin, route, &twin.programs(rest)));
            assert_eq!((got.status, code(&got)), (403, "insufficient_scope".to_owned()), "{}", route.name());
        }
        let mut by_cookie = request(&twin, route, "");
        by_cookie.headers.retain(|(name, _)| *name != "authorization");
        by_cookie.headers.push(("cookie", format!("__Host-sesh_access={}", twin.programs(needed))));
        by_cookie.headers.push(("origin", format!("https://{}", twin.cast().host)));
        assert_eq!(twin.send(&by_cookie).status, 401, "{}: a browser's cookie is a sign-in's", route.name());
    }
    assert_eq!(twin.stored(), before, "something was written");
}

#[test]
fn scopes_and_audience_belong_together() {
    let twin = Twin::new();
    let claims = authorization::papers::claims(&twin.programs(Scopes::of(&[ApiScope::StashRead])));
    let seed = twin.cast().signing_seed.unwrap();
    let resigned = |change: &dyn Fn(&mut Value)| {
        let mut claims = claims.clone();
        change(&mut claims);
        authorization::papers::with_claims(&twin.cast().person.access, &claims, &seed)
    };
    let stash = ROUTES.iter().find(|route| route.name() == "GET /api/v1/stash").unwrap();
    let status = |token: &str| twin.send(&request(&twin, stash, token)).status;
    assert_eq!(status(&resigned(&|_| ())), 200);
    assert_eq!(status(&resigned(&|claims| claims["aud"] = "sesh".into())), 401, "a sign-in has no scopes");
    let bare = resigned(&|claims| drop(claims.as_object_mut().unwrap().remove("scope")));
    assert_eq!(status(&bare), 401, "a program's token has scopes");
    assert_eq!(
        status(&resigned(&|claims| claims["scope"] = "root".into())),
        401,
        "what is not known is nothing"
    );
}
