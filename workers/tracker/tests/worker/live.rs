//! What a person's hub is told, and whom tracker hands over to it.

use crate::world::{START, Somebody, World};
use serde_json::{Value, json};
use sesh_edge::native::{Call, Got};
use sesh_types::contract::live;
use sesh_types::ids::TenantId;
use sesh_types::time::MINUTE_MS;

/// What hubs were told since the last look: hub, path and body.
fn told(world: &World) -> Vec<(String, String, Value)> {
    let read = |body: &Option<String>| serde_json::from_str(body.as_deref().unwrap_or_default()).unwrap();
    world.fleet.hubs().into_iter().map(|(hub, call)| (hub, call.path, read(&call.body))).collect()
}

fn hub(who: Somebody) -> String {
    live::hub_of(TenantId::CONSUMERS, who.person)
}

fn post(world: &World, who: Somebody, path: &str, body: &Value) -> Got {
    world.call(who, Call::new("POST", path).json(body))
}

fn id(got: &Got) -> String {
    got.json()["data"]["id"].as_str().unwrap_or_else(|| panic!("{}", got.text)).to_owned()
}

fn number(world: &World, who: Somebody) -> i64 {
    world.call(who, Call::new("GET", "/api/v1/live")).json()["data"]["seq"].as_i64().unwrap()
}

/// Somebody's page listens from now on, for as long as the token counts.
fn listen(world: &World, who: Somebody) {
    assert_eq!(world.call(who, upgrade("/api/v1/live")).status, 101);
}

#[test]
fn every_change_is_told_once_with_its_number() {
    let world = World::new(1);
    let who = World::somebody(1);
    assert_eq!(number(&world, who), 0);
    listen(&world, who);
    let expect = |seq: i64, kind: &str, id: &str| {
        let change = (hub(who), live::TOLD.to_owned(), json!({ "seq": seq, "kind": kind, "id": id }));
        assert_eq!((told(&world), number(&world, who)), (vec![change], seq));
    };
    let lot = id(&post(
        &world,
        who,
        "/api/v1/stash",
        &json!({"name": "jar", "form": "flower", "quantity_mg": 900}),
    ));
    expect(1, "stash.changed", &lot);
    let items = json!([{"lot_id": lot, "quantity_mg": 100}]);
    let session = id(&post(&world, who, "/api/v1/sessions", &json!({"method": "vape", "items": items})));
    expect(2, "session.logged", &session);
    let path = format!("/api/v1/sessions/{session}");
    let edited = world.call(who, Call::new("PATCH", &path).json(&json!({"notes": "better"})));
    assert_eq!(edited.status, 200, "{}", edited.text);
    expect(3, "session.edited", &session);
    let items = json!([{"lot_id": lot, "quantity_mg": 300}]);
    assert_eq!(world.call(who, Call::new("PATCH", &path).json(&json!({"items": items}))).status, 200);
    expect(4, "session.edited", &session);
    assert_eq!(world.call(who, Call::new("DELETE", &path)).status, 204);
    expect(5, "session.deleted", &session);
    let entries = format!("/api/v1/stash/{lot}/entries");
    assert_eq!(post(&world, who, &entries, &json!({"kind": "gift", "quantity_mg": 5})).status, 201);
    expect(6, "stash.changed", &lot);
}

#[test]
fn only_where_somebody_may_listen_is_anybody_told() {
    let world = World::new(1);
    let (who, other) = (World::somebody(1), World::somebody(2));
    let log = |who| post(&world, who, "/api/v1/sessions", &json!({"method": "vape", "items": []})).status;
    assert_eq!((log(who), told(&world), number(&world, who)), (201, vec![], 1), "nobody listens");
    listen(&world, who);
    assert_eq!((log(who), told(&world).len()), (201, 1), "they do");
    assert_eq!((log(other), told(&world).len()), (201, 0), "somebody else does not");
    world.fleet.pass_ms(15 * MINUTE_MS + 1);
    assert_eq!(
        (log(who), told(&world), number(&world, who)),
        (201, vec![], 3),
        "the token has expired, and the socket with it"
    );
}

#[test]
fn what_changed_nothing_tells_nothing() {
    let world = World::new(1);
    let who = World::somebody(1);
    listen(&world, who);
    let lot = json!({"name": "jar", "form": "flower", "quantity_mg": 10});
    let buy =
        || world.call(who, Call::new("POST", "/api/v1/stash").json(&lot).header("idempotency-key", "k"));
    let first = id(&buy());
    assert_eq!(told(&world).len(), 1);
    assert_eq!(id(&buy()), first, "a repetition");
    let much = json!({"method": "vape", "items": [{"lot_id": first, "quantity_mg": 11}]});
    assert_eq!(post(&world, who, "/api/v1/sessions", &much).status, 409);
    assert_eq!(post(&world, who, "/api/v1/sessions", &json!({})).status, 400);
    let path = format!("/api/v1/sessions/{first}");
    assert_eq!(world.call(who, Call::new("DELETE", &path)).status, 404);
    assert_eq!((told(&world), number(&world, who)), (vec![], 1));
}

#[test]
fn numbers_are_a_persons_own() {
    let world = World::new(1);
    let (one, other) = (World::somebody(1), World::somebody(2));
    listen(&world, one);
    listen(&world, other);
    let session = json!({"method": "vape", "items": []});
    for _ in 0..3 {
        post(&world, one, "/api/v1/sessions", &session);
    }
    post(&world, other, "/api/v1/sessions", &session);
    assert_eq!((number(&world, one), number(&world, other)), (3, 1));
    let hubs: Vec<String> = told(&world).into_iter().map(|(hub, ..)| hub).collect();
    assert_eq!(hubs, [hub(one), hub(one), hub(one), hub(other)]);
}

fn upgrade(path: &str) -> Call {
    Call::new("GET", path).header("upgrade", "websocket").header("host", "app.example")
}

#[test]
fn who_asks_for_a_socket_is_handed_to_their_own_hub() {
    let world = World::new(1);
    let who = World::somebody(7);
    post(&world, who, "/api/v1/sessions", &json!({"method": "vape", "items": []}));
    let got = world.call(who, upgrade("/api/v1/live?after=0"));
    let until_ms = START.0 + 900_000;
    let path = format!("/socket?seq=1&after=0&device={}&epoch=0&until_ms={until_ms}", who.device);
    assert_eq!(got.status, 101, "{}", got.text);
    assert_eq!(got.json(), json!({ "binding": "HUBS", "name": hub(who), "path": path }));
    for path in ["/api/v1/live?after=-1", "/api/v1/live?after=x", "/api/v1/live?device=1"] {
        assert_eq!(world.call(who, upgrade(path)).status, 400, "{path}");
    }
    assert_eq!(world.fleet.call("tracker", upgrade("/api/v1/live")).status, 401);
    assert_eq!(world.call(who, Call::new("POST", "/api/v1/live").json(&json!({}))).status, 405);
}

#[test]
fn cookies_open_sockets_for_pages_of_this_site_alone() {
    let world = World::new(1);
    let cookie = format!("__Host-sesh_access={}", world.token(World::somebody(1)));
    let ask = |origin: Option<&str>| {
        let call = upgrade("/api/v1/live").header("cookie", &cookie);
        let call = origin.into_iter().fold(call, |call, origin| call.header("origin", origin));
        world.fleet.call("tracker", call).status
    };
    assert_eq!(ask(Some("https://app.example")), 101);
    for origin in
        ["https://evil.example", "https://app.example.evil.example", "null", "https://app.example:444", ""]
    {
        assert_eq!(ask(Some(origin)), 403, "{origin}");
    }
    assert_eq!(ask(None), 403, "browsers always say it");
}

#[test]
fn what_is_revoked_has_its_sockets_closed_in_every_tenant() {
    let world = World::new(1);
    let who = World::somebody(1);
    let tenant: TenantId = uuid::Uuid::from_u128(0xfeed).into();
    world.fleet.database("tracker", |database| {
        let sql = format!(
            "INSERT INTO tenants (id, slug, name, is_active, domains, version) VALUES ('{tenant}', 'grow', 'Grow', 1, '[]', 1);
             INSERT INTO members (tenant_id, person_id) VALUES ('{tenant}', '{}')",
            who.person
        );
        database.connection().execute_batch(&sql).unwrap();
    });
    let device = format!("device:{}", who.device);
    let notice = |subject: &str, person: Option<Value>| {
        let mut revoked = json!({"kind": "revoked", "subject": subject, "min_epoch": 4, "expires_at": "2030-01-01T00:00:00Z"});
        if let Some(person) = person {
            revoked["person_id"] = person;
        }
        let call = Call::new("POST", "/internal/v1/notices").json(&json!({ "notices": [revoked] }));
        assert_eq!(world.fleet.call_internal("tracker", call).status, 204);
        told(&world)
    };
    let closed = |subject: &str| {
        let body = json!({ "subject": subject, "min_epoch": 4 });
        [hub(who), live::hub_of(tenant, who.person)]
            .map(|hub| (hub, live::REVOKED.to_owned(), body.clone()))
            .to_vec()
    };
    assert_eq!(notice(&device, Some(json!(who.person))), closed(&device));
    let person = format!("person:{}", who.person);
    assert_eq!(notice(&person, None), closed(&person));
    assert_eq!(
        notice(&device, None),
        [],
        "of a Worker that does not say whose it is yet: closed when the token expires"
    );
}

fn notices(world: &World, notice: &Value) {
    let call = Call::new("POST", "/internal/v1/notices").json(&json!({ "notices": [notice] }));
    let got = world.fleet.call_internal("tracker", call);
    assert_eq!(got.status, 204, "{}", got.text);
}

#[test]
fn the_sockets_of_a_closed_tenant_are_closed_and_of_nobody_else() {
    let world = World::new(1);
    let acre = TenantId(uuid::Uuid::from_u128(0xacce));
    let opens = |who: Somebody| {
        let call = upgrade("/api/v1/live").bearer(&world.token_in(acre, who));
        assert_eq!(world.fleet.call("tracker", call).status, 101);
    };
    let (one, other, absent) = (World::somebody(1), World::somebody(2), World::somebody(3));
    opens(one);
    opens(other);
    let lot = json!({"name": "jar", "form": "flower", "quantity_mg": 10});
    let call = Call::new("POST", "/api/v1/stash").bearer(&world.token_in(acre, absent));
    assert_eq!(world.fleet.call("tracker", call.json(&lot)).status, 201);
    told(&world);
    let tenant = |is_active: bool, version: i64| {
        json!({ "kind": "tenant", "tenant_id": acre, "slug": "s", "name": "N", "is_active": is_active, "domains": [],
            "version": version })
    };
    notices(&world, &tenant(true, 1));
    assert_eq!(told(&world), vec![], "an open tenant closes nothing");
    notices(&world, &tenant(false, 2));
    let revoked = json!({ "subject": format!("tenant:{acre}"), "min_epoch": 1_i64 << 52 });
    let mut closed = told(&world);
    closed.sort_by_key(|(hub, ..)| hub.clone());
    let expected =
        [one, other].map(|who| (live::hub_of(acre, who.person), live::REVOKED.to_owned(), revoked.clone()));
    assert_eq!(closed, expected, "those who may listen there");
    world.fleet.pass_ms(20 * 60_000);
    notices(&world, &tenant(false, 3));
    assert_eq!(told(&world), vec![], "their tokens have expired, and their sockets with them");
}

#[test]
fn every_hub_of_somebody_erased_forgets() {
    let world = World::new(1);
    let (acre, who) = (TenantId(uuid::Uuid::from_u128(0xacce)), World::somebody(1));
    let left = TenantId(uuid::Uuid::from_u128(0x1ef7));
    let call = upgrade("/api/v1/live").bearer(&world.token_in(left, who));
    assert_eq!(world.fleet.call("tracker", call).status, 101);
    notices(
        &world,
        &json!({ "kind": "erased", "person_id": who.person, "tenant_ids": [acre], "erased_at": START }),
    );
    let mut hubs: Vec<String> =
        told(&world).into_iter().filter(|(_, path, _)| path == live::FORGET).map(|(hub, ..)| hub).collect();
    hubs.sort();
    let mut expected = [acre, left, TenantId::CONSUMERS].map(|tenant| live::hub_of(tenant, who.person));
    expected.sort();
    assert_eq!(hubs, expected, "where they are, where they were, and at home");
}
