//! Who may call what: every route has a line here. A route without one fails this test, and so does a line that the
//! router does not keep.

use crate::world::World;
use serde_json::json;
use sesh_edge::native::{Call, captured_logs};
use sesh_edge::openapi::{About, routes_of};
use sesh_types::ids::TenantId;
use std::collections::BTreeSet;

/// Who may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    Anyone,
    /// Anyone who brings a refresh token, or an access token.
    Bearer,
    Person,
}
use Who::{Anyone, Bearer, Person};

const EXPECTED: &[(&str, &str, Who)] = &[
    ("get", "/api/health", Anyone),
    ("get", "/api/openapi.json", Anyone),
    ("get", "/docs", Anyone),
    ("post", "/api/v1/auth/register", Anyone),
    ("post", "/api/v1/auth/register/begin", Anyone),
    ("post", "/api/v1/auth/register/confirm", Anyone),
    ("post", "/api/v1/auth/login", Anyone),
    ("post", "/api/v1/auth/refresh", Bearer),
    ("post", "/api/v1/auth/logout", Bearer),
    ("get", "/api/v1/auth/devices", Person),
    ("delete", "/api/v1/auth/devices", Person),
    ("delete", "/api/v1/auth/devices/{id}", Person),
    ("post", "/api/v1/auth/tenant", Person),
    ("post", "/api/v1/auth/recovery", Anyone),
    ("post", "/api/v1/auth/recovery/complete", Anyone),
    ("post", "/api/v1/auth/email/verify", Anyone),
    // A challenge stands for the password.
    ("post", "/api/v1/auth/login/factor", Bearer),
    ("post", "/api/v1/auth/passkey/options", Anyone),
    // The authenticator's signature stands for a token.
    ("post", "/api/v1/auth/passkey", Bearer),
    ("get", "/api/v1/auth/providers", Anyone),
    ("post", "/api/v1/auth/providers/{provider}/begin", Anyone),
    ("post", "/api/v1/auth/providers/{provider}/complete", Anyone),
    ("post", "/api/v1/auth/providers/{provider}/register", Anyone),
    ("get", "/api/v1/me/identities", Person),
    ("post", "/api/v1/me/identities/{provider}", Person),
    ("post", "/api/v1/me/identities/{provider}/remove", Person),
    ("post", "/api/v1/me/passkeys/options", Person),
    ("post", "/api/v1/me/passkeys", Person),
    ("post", "/api/v1/me/passkeys/remove", Person),
    ("get", "/api/v1/me/factors", Person),
    ("post", "/api/v1/me/factors/totp", Person),
    ("post", "/api/v1/me/factors/totp/confirm", Person),
    ("post", "/api/v1/me/factors/totp/remove", Person),
    ("post", "/api/v1/me/factors/recovery-codes", Person),
    ("post", "/api/v1/me/password", Person),
    ("post", "/api/v1/me/email", Person),
    ("post", "/api/v1/me/email/verification", Person),
    ("get", "/api/v1/me/keys", Person),
    ("post", "/api/v1/me/keys", Person),
    ("post", "/api/v1/me/keys/{id}/rotate", Person),
    ("delete", "/api/v1/me/keys/{id}", Person),
    ("get", "/api/v1/me", Person),
    ("get", "/api/v1/me/tenants", Person),
    ("get", "/api/v1/me/impersonations", Person),
    ("patch", "/api/v1/me", Person),
    ("delete", "/api/v1/me", Person),
    ("post", "/api/v1/me/export", Person),
    ("get", "/api/v1/strains", Person),
    ("post", "/api/v1/strains", Person),
    ("get", "/api/v1/strains/{id}", Person),
    ("get", "/api/v1/stash", Person),
    ("post", "/api/v1/stash", Person),
    ("get", "/api/v1/stash/{id}", Person),
    ("get", "/api/v1/stash/{id}/entries", Person),
    ("post", "/api/v1/stash/{id}/entries", Person),
    ("get", "/api/v1/sessions", Person),
    ("post", "/api/v1/sessions", Person),
    ("get", "/api/v1/sessions/{id}", Person),
    ("patch", "/api/v1/sessions/{id}", Person),
    ("delete", "/api/v1/sessions/{id}", Person),
    ("get", "/api/v1/presets", Person),
    ("post", "/api/v1/presets", Person),
    ("get", "/api/v1/presets/{id}", Person),
    ("put", "/api/v1/presets/{id}", Person),
    ("delete", "/api/v1/presets/{id}", Person),
    ("get", "/api/v1/goals", Person),
    ("post", "/api/v1/goals", Person),
    ("get", "/api/v1/goals/{id}", Person),
    ("delete", "/api/v1/goals/{id}", Person),
    ("get", "/api/v1/breaks", Person),
    ("post", "/api/v1/breaks", Person),
    ("get", "/api/v1/breaks/{id}", Person),
    ("post", "/api/v1/breaks/{id}/end", Person),
    ("delete", "/api/v1/breaks/{id}", Person),
    ("get", "/api/v1/insights", Person),
    ("get", "/api/v1/diary/export", Person),
    ("get", "/api/v1/diary/export.csv", Person),
    ("get", "/api/v1/diary/report", Person),
    ("get", "/api/v1/imports", Person),
    ("post", "/api/v1/imports", Person),
    ("get", "/api/v1/imports/{id}", Person),
    ("post", "/api/v1/imports/{id}/preview", Person),
    ("post", "/api/v1/imports/{id}/confirm", Person),
    ("delete", "/api/v1/imports/{id}", Person),
    ("get", "/api/v1/dashboard", Person),
    ("get", "/api/v1/live", Person),
];

const ABOUT: About = About { title: "", description: "", callers: &[] };
const SOME_ID: &str = "019dabb1-0b80-7505-8b10-1d169256c15c";

/// A body that passes, so that only the caller can be what is wrong.
fn body(verb: &str, path: &str) -> serde_json::Value {
    match (verb, path) {
        ("post", "/api/v1/auth/tenant") => json!({"tenant_id": SOME_ID}),
        ("post", "/api/v1/strains") => json!({"name": "mine"}),
        ("post", "/api/v1/auth/login/factor") => json!({"challenge": "ch", "code": "123456"}),
        ("post", "/api/v1/auth/passkey") => json!({"id": "a", "response": {
            "clientDataJSON": "", "authenticatorData": "", "signature": "", "userHandle": ""}}),
        ("post", "/api/v1/me/passkeys") => {
            json!({"name": "a", "response": {"clientDataJSON": "", "attestationObject": ""}})
        }
        ("post", "/api/v1/me/passkeys/remove") => json!({"id": "a", "password": "a"}),
        (
            "post",
            "/api/v1/me/passkeys/options"
            | "/api/v1/me/factors/totp"
            | "/api/v1/me/export"
            | "/api/v1/me/identities/{provider}/remove"
            | "/api/v1/me/keys/{id}/rotate",
        )
        | ("delete", "/api/v1/me") => {
            json!({"password": "a"})
        }
        ("post", "/api/v1/me/factors/totp/confirm") => json!({"code": "123456"}),
        ("post", "/api/v1/me/factors/totp/remove" | "/api/v1/me/factors/recovery-codes") => {
            json!({"password": "a", "code": "123456"})
        }
        ("post", "/api/v1/auth/providers/{provider}/complete") => json!({"code": "c", "state": "s"}),
        ("post", "/api/v1/auth/providers/{provider}/register") => {
            json!({"ticket": "t", "birth_date": "1990-01-01", "display_name": "Ada"})
        }
        ("post", "/api/v1/me/identities/{provider}") => json!({"ticket": "t", "password": "a"}),
        ("post", "/api/v1/me/password") => json!({"current_password": "a", "new_password": "b"}),
        ("post", "/api/v1/me/keys") => json!({"name": "a", "scopes": ["stash:read"], "password": "a"}),
        ("post", "/api/v1/me/email") => json!({"password": "a", "email": "b"}),
        ("post", "/api/v1/stash") => json!({"name": "jar", "form": "flower", "quantity_mg": 1}),
        ("post", "/api/v1/stash/{id}/entries") => json!({"kind": "gift", "quantity_mg": 1}),
        ("post", "/api/v1/sessions") => json!({"method": "vape", "items": []}),
        ("post", "/api/v1/imports") => json!({"source": "date,amount\n2026-01-01,1 g\n"}),
        ("post", "/api/v1/goals") => json!({"measure": "sessions", "per": "day", "target": 1}),
        ("post", "/api/v1/breaks") => {
            json!({"started_at": "2020-01-01T00:00:00Z", "planned_end_at": "2020-01-02T00:00:00Z"})
        }
        ("post" | "put", path) if path.starts_with("/api/v1/presets") => {
            json!({"name": "one", "method": "vape"})
        }
        _ => json!({}),
    }
}

fn call(verb: &str, path: &str) -> Call {
    let route = path.split_once('?').map_or(path, |(route, _)| route);
    Call::new(&verb.to_uppercase(), &path.replace("{id}", SOME_ID).replace("{provider}", "nobody"))
        .json(&body(verb, route))
}

#[test]
fn every_route_has_a_line() {
    let document = tracker::router::public().into_document(&ABOUT);
    let routes: BTreeSet<(String, String)> = routes_of(&document)
        .into_iter()
        .flat_map(|(path, verbs)| verbs.into_iter().map(move |verb| (verb, path.clone())))
        .collect();
    let lines: BTreeSet<(String, String)> =
        EXPECTED.iter().map(|(verb, path, _)| ((*verb).to_owned(), (*path).to_owned())).collect();
    assert_eq!(routes, lines, "add the new route to EXPECTED, and say who may call it");
}

#[test]
fn who_is_refused_is_on_record_with_the_reason_and_who_is_not_is_not() {
    let world = World::new(1);
    let (me, nobodys) = (World::somebody(1), "019dabb1-0b80-7505-8b10-1d169256c15c");
    let line = |call: Call| {
        captured_logs();
        world.fleet.call("tracker", call);
        let lines: Vec<serde_json::Value> =
            captured_logs().iter().map(|line| serde_json::from_str(line).unwrap()).collect();
        let of_tracker: Vec<_> = lines
            .into_iter()
            .filter(|line| line["worker"] == "tracker" && line["event"] == "request")
            .collect();
        assert_eq!(of_tracker.len(), 1, "{of_tracker:?}");
        of_tracker[0].clone()
    };
    let mine = |verb, path: &str| Call::new(verb, path).bearer(&world.token(me));
    for (call, refused, who) in [
        (Call::new("GET", "/api/v1/stash"), json!("unauthorized"), None),
        (Call::new("GET", "/api/v1/stash").bearer("not.a.token"), json!("unauthorized"), None),
        (mine("GET", &format!("/api/v1/stash/{nobodys}")), json!("not_found"), Some(me.person)),
        (mine("GET", "/api/v1/stash?colour=red"), json!("bad_request"), Some(me.person)),
        (
            mine("POST", "/api/v1/stash").json(&json!({ "form": "flower", "quantity_mg": 0 })),
            json!("unprocessable"),
            Some(me.person),
        ),
        (mine("GET", "/api/v1/stash"), json!(null), None),
    ] {
        let line = line(call);
        assert_eq!((&line["refused"], &line["person"]), (&refused, &json!(who)), "{line}");
    }
}

#[test]
fn nobody_else_gets_in() {
    let world = World::new(1);
    let good = world.token(World::somebody(1));
    let (head, signature) = good.rsplit_once('.').unwrap();
    let forged = format!("{head}.{}", signature.chars().rev().collect::<String>());
    for (verb, path, who) in EXPECTED {
        let without = world.fleet.call("tracker", call(verb, path)).status;
        let with_forged = world.fleet.call("tracker", call(verb, path).bearer(&forged)).status;
        match who {
            Anyone => assert_ne!(without, 401, "{verb} {path}"),
            Bearer | Person => assert_eq!((without, with_forged), (401, 401), "{verb} {path}"),
        }
    }
}

#[test]
fn a_revoked_token_gets_in_nowhere() {
    let world = World::new(1);
    let somebody = World::somebody(1);
    for (verb, path, _) in EXPECTED.iter().filter(|(.., who)| *who == Person) {
        let got = world.call(somebody, call(verb, path));
        // Signing in is observer's to judge, which never heard of this device.
        let judged_there = path.contains("/auth/") || path.starts_with("/api/v1/me");
        assert!(judged_there || got.status != 401, "{verb} {path}: {}", got.text);
    }
    for subject in [
        format!("device:{}", somebody.device),
        format!("person:{}", somebody.person),
        format!("tenant:{}", TenantId::CONSUMERS),
    ] {
        let world = World::new(1);
        let notice = json!({"notices": [
            {"kind": "revoked", "subject": subject, "min_epoch": 1, "expires_at": "2030-01-01T00:00:00Z"}]});
        let told =
            world.fleet.call_internal("tracker", Call::new("POST", "/internal/v1/notices").json(&notice));
        assert_eq!(told.status, 204, "{}", told.text);
        for (verb, path, _) in EXPECTED.iter().filter(|(.., who)| *who == Person) {
            assert_eq!(world.call(somebody, call(verb, path)).status, 401, "{subject}: {verb} {path}");
        }
        let mut later = somebody;
        later.epoch = 1;
        let alive = world.call(later, call("get", "/api/v1/stash")).status;
        assert_eq!(alive, 200, "{subject}: a token of the next epoch is alive");
    }
}

#[test]
fn a_second_person_finds_nothing_of_the_first() {
    let world = World::new(1);
    let (first, second) = (World::somebody(1), World::somebody(2));
    let post = |path: &str, body| {
        world.call(first, Call::new("POST", path).json(&body)).json()["data"]["id"].clone()
    };
    let lot = post("/api/v1/stash", json!({"name": "jar", "form": "flower", "quantity_mg": 100}));
    let session =
        post("/api/v1/sessions", json!({"method": "vape", "items": [{"lot_id": lot, "quantity_mg": 1}]}));
    let strain = post("/api/v1/strains", json!({"name": "mine"}));
    let goal = post("/api/v1/goals", json!({"measure": "sessions", "per": "day", "target": 1}));
    let pause = post("/api/v1/breaks", json!({"planned_end_at": "2026-12-01T00:00:00Z"}));
    let source = json!({"source": "date,amount\n2026-01-01,1 g\n"});
    let looked_at = world.call(first, Call::new("POST", "/api/v1/imports").json(&source)).json();
    let import = looked_at["data"]["import"]["id"].clone();
    let preset = post("/api/v1/presets", json!({"name": "one", "method": "vape", "lot_id": lot}));
    for (verb, path, _) in EXPECTED
        .iter()
        .filter(|(_, path, _)| path.contains("{id}") && !path.contains("/auth/") && !path.contains("/me/"))
    {
        let id = match *path {
            path if path.contains("/stash") => &lot,
            path if path.contains("/sessions") => &session,
            path if path.contains("/presets") => &preset,
            path if path.contains("/goals") => &goal,
            path if path.contains("/imports") => &import,
            path if path.contains("/breaks") => &pause,
            _ => &strain,
        };
        let path_of = path.replace("{id}", id.as_str().unwrap());
        let call = || Call::new(&verb.to_uppercase(), &path_of).json(&body(verb, path));
        assert_eq!(world.call(second, call()).status, 404, "{verb} {path}");
    }
    let foreign = json!({"method": "vape", "items": [{"lot_id": lot, "quantity_mg": 1}]});
    assert_eq!(world.call(second, Call::new("POST", "/api/v1/sessions").json(&foreign)).status, 404);
    let foreign = json!({"strain_id": strain, "form": "flower", "quantity_mg": 1});
    assert_eq!(world.call(second, Call::new("POST", "/api/v1/stash").json(&foreign)).status, 404);
    for path in ["/api/v1/stash", "/api/v1/sessions", "/api/v1/strains?q=mine"] {
        assert_eq!(world.call(second, Call::new("GET", path)).json()["meta"]["total"], 0, "{path}");
        assert_eq!(world.call(first, Call::new("GET", path)).json()["meta"]["total"], 1, "{path}");
    }
}

#[test]
fn the_internal_door_is_not_the_public_one() {
    let world = World::new(1);
    for path in ["/internal/v1/notices", "/internal/v1/strains/import"] {
        let call = || Call::new("POST", path).json(&json!({})).header("x-sesh-on-behalf", "a/b/c/0");
        assert_eq!(world.fleet.call("tracker", call()).status, 404, "{path}");
        assert_eq!(world.fleet.call_internal("tracker", call()).status, 400, "{path}");
    }
}

#[test]
fn an_unknown_query_parameter_is_named_everywhere() {
    let world = World::new(1);
    let operations = ["/api/health", "/api/openapi.json", "/docs"];
    for (verb, path, _) in EXPECTED.iter().filter(|(_, path, _)| !operations.contains(path)) {
        let got = world.call(World::somebody(1), call(verb, &format!("{path}?colour=red")));
        let named = got.json()["error"]["details"][0]["field"] == "colour";
        assert!(got.status == 400 && named, "{verb} {path}: {} {}", got.status, got.text);
    }
}
