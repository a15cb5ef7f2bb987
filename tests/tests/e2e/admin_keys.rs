//! Who may administer: whoever holds the key, at a listed address.

use e2e::actors::{Admin, Anonymous, CLIENT_ADDRESS, Caller, Person};
use e2e::fleet::Worker;
use e2e::fleet::fleet;
use e2e::names;
use e2e::routes::{Route, documented};

/// The addresses that a client can claim in a header; none of them counts.
const CLAIMS: [&str; 9] = [
    "x-forwarded-for",
    "x-real-ip",
    "true-client-ip",
    "forwarded",
    "x-client-ip",
    "x-cluster-client-ip",
    "cf-connecting-ipv6",
    "cf-pseudo-ipv4",
    "x-sesh-client-address",
];

fn product() -> Vec<Route> {
    let guarded =
        |route: &Route| route.is_product() && !crate::openapi::FOR_ANYONE.contains(&route.path.as_str());
    let routes: Vec<Route> = documented(Worker::Admin).into_iter().filter(guarded).collect();
    assert!(routes.len() >= 9);
    routes
}

#[test]
fn the_right_key_from_a_listed_address_may() {
    for address in ["127.0.0.1", "::1", "::ffff:127.0.0.1"] {
        Admin::from(address).get("/api/v1/users?limit=1").is(200);
    }
    let without_edge =
        Anonymous::at(Worker::Admin).call("GET", "/api/v1/users?limit=1").without(CLIENT_ADDRESS);
    without_edge.bearer(&fleet().admin_key).send().is(200);
}

#[test]
fn a_wrong_key_is_401_on_every_route() {
    let key = &fleet().admin_key;
    let wrong = [
        String::new(),
        "x".into(),
        key[..key.len() - 1].to_owned(),
        format!("{key}x"),
        key.to_uppercase(),
        "sesh_admin_".into(),
        "a.b.c".into(),
    ];
    for route in product() {
        let call = Admin::new().call(&route.method, &route.path_of(&names::nobodys_id()));
        call.clone().without("authorization").send().refused(401, "unauthorized");
        for key in &wrong {
            call.clone().bearer(key).send().refused(401, "unauthorized");
        }
    }
    let call = Admin::new().call("GET", "/api/v1/users").without("authorization");
    call.clone().header("authorization", format!("Basic {key}")).send().is(401);
    call.clone().header("authorization", key).send().is(401);
    call.clone().header("cookie", format!("__Host-sesh_access={key}")).send().is(401);
    call.append(&format!("?key={key}")).send().is(401);
}

#[test]
fn the_right_key_from_an_unlisted_address_is_403_on_every_route() {
    for address in ["203.0.113.9", "127.0.0.2", "10.0.0.1", "2001:db8::1", "::2", "nonsense", ""] {
        for route in product() {
            let call = Admin::from(address).call(&route.method, &route.path_of(&names::nobodys_id()));
            call.send().refused(403, "forbidden");
        }
    }
}

#[test]
fn x_forwarded_for_and_its_like_change_nothing() {
    let elsewhere = Admin::from("203.0.113.9");
    for claim in CLAIMS {
        for address in ["127.0.0.1", "127.0.0.1, 203.0.113.9", "for=127.0.0.1"] {
            let call = elsewhere.call("GET", "/api/v1/users").header(claim, address);
            call.send().refused(403, "forbidden");
        }
        let listed = Admin::new().call("GET", "/api/v1/users?limit=1").header(claim, "203.0.113.9");
        listed.send().is(200);
    }
    let all = CLAIMS
        .into_iter()
        .fold(elsewhere.call("GET", "/api/v1/users"), |call, claim| call.header(claim, "127.0.0.1"));
    all.send().refused(403, "forbidden");
}

#[test]
fn without_an_address_the_right_key_is_403() {
    let straight = Anonymous::straight_at(Worker::Admin).call("GET", "/api/v1/users").without(CLIENT_ADDRESS);
    straight.clone().bearer(&fleet().admin_key).send().refused(403, "forbidden");
    straight
        .bearer(&fleet().admin_key)
        .header("x-forwarded-for", "127.0.0.1")
        .send()
        .refused(403, "forbidden");
}

#[test]
fn a_persons_token_is_403_on_every_route_wherever_they_are() {
    let person = Person::new();
    for address in ["127.0.0.1", "203.0.113.9"] {
        for route in product() {
            let call = Admin::from(address).call(&route.method, &route.path_of(&person.id));
            call.bearer(&person.access).send().refused(403, "forbidden");
        }
    }
}

#[test]
fn the_administrators_key_is_no_persons_token() {
    let key = &fleet().admin_key;
    Anonymous::new().call("GET", "/api/v1/me").bearer(key).send().refused(401, "unauthorized");
    Anonymous::new().call("GET", "/api/v1/users").bearer(key).send().refused(404, "not_found");
}
