//! `/api/v1/live`: open browsers hear of changes as they happen, and of those they missed.

use crate::authorization::signing_seed;
use authorization::papers;
use e2e::actors::{Admin, Caller, PASSWORD, Person};
use e2e::browser::CookiePerson;
use e2e::fixtures::{new_lot, new_session, text};
use e2e::live::{Heard, Listener, last_change, plain};
use e2e::tenants::Tenant;
use e2e::wait::at_once;
use serde_json::json;
use std::time::Duration;

#[allow(clippy::disallowed_methods, reason = "a test measures by the machine's own clock")]
fn now() -> std::time::Instant {
    std::time::Instant::now()
}

fn change(kind: &str, seq: i64, id: &str) -> (String, i64, String) {
    (kind.to_owned(), seq, id.to_owned())
}

#[track_caller]
fn silent(listener: &mut Listener) {
    assert_eq!(listener.heard_within(600), Heard::Nothing);
}

#[track_caller]
fn closed(listener: &mut Listener, code: u16) {
    assert_eq!(listener.heard_within(5_000), Heard::Closed(code));
}

#[test]
fn a_second_browser_hears_of_a_new_sesh_within_a_second() {
    let phone = Person::new();
    let mut desktop = Listener::open(&phone.log_in());
    let mut own = Listener::open(&phone);
    let lot = phone.buy(500);
    assert_eq!(desktop.changes(1), [change("stash.changed", 1, &lot)]);
    let begun = now();
    let session = text(&phone.log(&lot, 20), "id");
    assert_eq!(desktop.changes(1), [change("session.logged", 2, &session)]);
    let took = begun.elapsed();
    eprintln!("from the request to the other browser: {took:?}");
    assert!(took < Duration::from_secs(1), "{took:?}");
    assert_eq!(own.changes(2).last(), Some(&change("session.logged", 2, &session)), "the one who logs, too");
    let path = format!("/api/v1/sessions/{session}");
    phone.patch(&path, &json!({ "notes": "calm" })).is(200);
    phone.delete(&path).is(204);
    phone.post(&format!("/api/v1/stash/{lot}/entries"), &json!({ "kind": "gift", "quantity_mg": 1 })).is(201);
    let rest = [
        change("session.edited", 3, &session),
        change("session.deleted", 4, &session),
        change("stash.changed", 5, &lot),
    ];
    assert_eq!(desktop.changes(3), rest);
    assert_eq!(last_change(&phone), 5);
}

#[test]
fn nobody_else_hears_of_it() {
    let person = Person::new();
    let mut stranger = Listener::open(&Person::new());
    let tenant = Tenant::new();
    let (inside, at_home) = (tenant.owner.person.clone(), tenant.owner.person.log_in());
    let (mut within, mut outside) = (Listener::open(&inside), Listener::open(&at_home));
    let mut colleague = Listener::open(&tenant.member("member").person);
    person.buy(5);
    let lot = inside.buy(5);
    assert_eq!(within.changes(1), [change("stash.changed", 1, &lot)]);
    let lot = at_home.buy(5);
    assert_eq!(outside.changes(1), [change("stash.changed", 1, &lot)], "the same person in another tenant");
    for listener in [&mut stranger, &mut within, &mut outside, &mut colleague] {
        silent(listener);
    }
}

#[test]
fn a_message_holds_no_amount_and_no_name() {
    let person = Person::new();
    let mut listener = Listener::open(&person);
    let mut body = new_lot(123_457);
    body["name"] = "Grandmother's jar".into();
    person.post("/api/v1/stash", &body).is(201);
    let Heard::Message(message) = listener.heard_within(5_000) else { panic!("nothing was told") };
    let members: Vec<&String> = message.as_object().unwrap().keys().collect();
    assert_eq!(members, ["id", "kind", "seq"], "{message}");
    let hello: Vec<&String> = listener.hello.as_object().unwrap().keys().collect();
    assert_eq!(hello, ["kind", "seq", "until"]);
}

#[test]
fn who_comes_back_hears_what_they_missed_in_order() {
    let person = Person::new();
    let mut listener = Listener::open(&person);
    let lot = person.buy(500);
    listener.changes(1);
    let after = listener.seq;
    listener.leave();
    let sessions: Vec<String> = (0..3).map(|_| text(&person.log(&lot, 1), "id")).collect();
    let mut back = Listener::back(&person, after);
    assert_eq!(back.hello["seq"], 4);
    let missed: Vec<_> = (2..).zip(&sessions).map(|(seq, id)| change("session.logged", seq, id)).collect();
    assert_eq!(back.changes(3), missed);
    let next = text(&person.log(&lot, 1), "id");
    assert_eq!(back.changes(1), [change("session.logged", 5, &next)], "and goes on");
    silent(&mut Listener::back(&person, 5));
}

#[test]
fn who_missed_more_than_is_kept_is_told_to_look_at_everything() {
    let person = Person::new();
    person.buy(5);
    for after in [7, 9_007_199_254_740_991] {
        let mut ahead = Listener::back(&person, after);
        assert_eq!(ahead.changes(1), [change("resync", 1, "")], "numbers of another database");
    }
    let lot = person.buy(5_000);
    at_once(5, |_| (0..41).for_each(|_| drop(person.log(&lot, 1))));
    let last = last_change(&person);
    assert_eq!(last, 207, "no number is given twice, and none is left out");
    assert_eq!(Listener::back(&person, 3).changes(1), [change("resync", 207, "")]);
    // All of the last 200 are there; those told at the same moment may have come in any order.
    let mut numbers: Vec<i64> =
        Listener::back(&person, 7).changes(200).iter().map(|(_, seq, _)| *seq).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (8..=207).collect::<Vec<_>>());
}

#[test]
fn changes_of_many_at_once_all_arrive() {
    let person = Person::new();
    let lot = person.buy(5_000);
    let mut listener = Listener::open(&person);
    let mut sessions: Vec<String> = at_once(20, |_| text(&person.log(&lot, 1), "id"));
    let mut heard = Vec::new();
    while heard.len() < 20 {
        // What overtakes another shows as a gap first, and that other comes later all the same.
        heard.extend(
            listener.changes(1).into_iter().filter(|(kind, ..)| kind != "changed").map(|(.., id)| id),
        );
    }
    sessions.sort();
    heard.sort();
    assert_eq!(heard, sessions);
}

#[test]
fn signing_out_closes_the_sockets_of_that_device_and_no_other() {
    let person = Person::new();
    let (lost, other) = (person.log_in(), person.log_in());
    let (mut kept, mut gone) = (Listener::open(&person), Listener::open(&lost));
    person.delete(&format!("/api/v1/auth/devices/{}", lost.device())).is(204);
    closed(&mut gone, 4001);
    let mut leaving = Listener::open(&other);
    other.call("POST", "/api/v1/auth/logout").send().is(204);
    closed(&mut leaving, 4001);
    person.buy(5);
    assert_eq!(kept.changes(1).len(), 1);
    assert_eq!(Listener::try_as(&lost).err().unwrap().0, 401);
}

#[test]
fn signing_out_the_others_closes_theirs() {
    let person = Person::new();
    let mut others = [Listener::open(&person.log_in()), Listener::open(&person.log_in())];
    let mut own = Listener::open(&person);
    person.delete("/api/v1/auth/devices").is(204);
    for other in &mut others {
        closed(other, 4001);
    }
    silent(&mut own);
}

#[test]
fn a_suspension_closes_every_socket_and_a_new_sign_in_opens_new_ones() {
    let person = Person::new();
    let mut sockets = [Listener::open(&person), Listener::open(&person.log_in())];
    Admin::new().suspend(&person);
    for socket in &mut sockets {
        closed(socket, 4001);
    }
    Admin::new().reinstate(&person);
    let back = person.log_in();
    let mut listener = Listener::open(&back);
    back.buy(5);
    assert_eq!(listener.changes(1).len(), 1);
}

#[test]
fn closing_a_tenant_closes_its_sockets_within_a_second_and_no_others() {
    let (tenant, other) = (Tenant::new(), Tenant::new());
    let member = tenant.member("member").person;
    let mut inside = [Listener::open(&tenant.owner.person), Listener::open(&member)];
    let mut outside = [Listener::open(&member.log_in()), Listener::open(&other.owner.person)];
    tenant.deactivate();
    let begun = now();
    for socket in &mut inside {
        closed(socket, 4001);
    }
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    assert_eq!(Listener::try_as(&member).err().unwrap().0, 403);
    for socket in &mut outside {
        silent(socket);
    }
    tenant.activate();
    let mut back = Listener::open(&member);
    member.buy(5);
    assert_eq!(back.changes(1).len(), 1);
}

#[test]
fn erasing_somebody_closes_their_sockets_in_every_tenant_and_their_hubs_forget() {
    let Some(seed) = signing_seed() else { panic!("the fleet's secrets are not beside its file") };
    let tenant = Tenant::new();
    let inside = tenant.member("member").person;
    let at_home = inside.log_in();
    let mut sockets = [Listener::open(&inside), Listener::open(&at_home)];
    let lots = [inside.buy(5), at_home.buy(5)];
    for (socket, lot) in sockets.iter_mut().zip(&lots) {
        assert_eq!(socket.changes(1), [change("stash.changed", 1, lot)]);
    }
    let mut colleague = Listener::open(&tenant.owner.person);
    // A token that no revocation reaches, as nobody has one: what the hub would tell to whoever came back.
    let undying = |person: &Person| {
        let mut claims = papers::claims(&person.access);
        claims["ep"] = json!(1_i64 << 52);
        Person { access: papers::with_claims(&person.access, &claims, &seed), ..person.clone() }
    };
    for (person, lot) in [(&inside, &lots[0]), (&at_home, &lots[1])] {
        let mut back = Listener::back(&undying(person), 0);
        assert_eq!(back.changes(1), [change("stash.changed", 1, lot)], "the hub keeps what was told");
    }
    inside.call("DELETE", "/api/v1/me").json(&json!({ "password": PASSWORD })).send().is(204);
    let begun = now();
    for socket in &mut sockets {
        closed(socket, 4001);
    }
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    silent(&mut colleague);
    for person in [&inside, &at_home] {
        silent(&mut Listener::back(&undying(person), 0));
    }
}

#[test]
fn a_socket_ends_with_its_token() {
    let Some(seed) = signing_seed() else { panic!("the fleet's secrets are not beside its file") };
    let person = Person::new();
    let brief = Person { access: papers::lasting(&person.access, &seed, 4), ..person.clone() };
    let mut listener = Listener::open(&brief);
    let mut other = Listener::open(&person);
    assert_eq!(listener.heard_within(9_000), Heard::Closed(4002));
    assert_eq!(Listener::try_as(&brief).err().unwrap().0, 401);
    silent(&mut other);
}

#[test]
fn without_a_valid_token_nobody_listens() {
    let refused = |headers: &[(&str, &str)]| Listener::try_open("/api/v1/live", headers).err().unwrap();
    for headers in
        [&[][..], &[("authorization", "Bearer not.a.token")], &[("cookie", "__Host-sesh_access=nonsense")]]
    {
        let origin = ("origin", e2e::fleet::Worker::Tracker.url());
        let headers: Vec<_> = headers.iter().copied().chain([origin]).collect();
        let (status, body) = refused(&headers);
        assert_eq!(status, 401, "{body}");
        assert!(body.contains("unauthorized"), "{body}");
    }
}

#[test]
fn a_page_of_another_site_cannot_listen_with_this_sites_cookies() {
    let (person, _) = CookiePerson::register();
    let access = format!("__Host-sesh_access={}", person.cookies["__Host-sesh_access"]);
    let own = e2e::fleet::Worker::Tracker.url();
    let ask = |origin: Option<&str>| {
        let mut headers = vec![("cookie", access.as_str())];
        headers.extend(origin.map(|origin| ("origin", origin)));
        Listener::try_open("/api/v1/live", &headers)
    };
    for origin in [Some("https://evil.example"), Some("null"), Some("http://127.0.0.1.evil.example"), None] {
        let (status, body) = ask(origin).err().unwrap();
        assert_eq!(status, 403, "{origin:?}: {body}");
    }
    drop(ask(Some(own)).unwrap_or_else(|refused| panic!("{refused:?}")));
}

#[test]
fn clients_have_nothing_to_say_but_ping() {
    let person = Person::new();
    let mut listener = Listener::open(&person);
    for _ in 0..3 {
        listener.say("ping");
        assert_eq!(listener.heard_within(5_000), Heard::Text("pong".to_owned()));
    }
    let mut other = Listener::open(&person);
    for text in [r#"{"seq":1,"kind":"session.logged","id":"x"}"#, "", &"x".repeat(300_000)] {
        let mut rude = Listener::open(&person);
        rude.say(text);
        closed(&mut rude, 1008);
    }
    silent(&mut other);
    silent(&mut listener);
}

#[test]
fn a_person_has_so_many_sockets_and_no_more() {
    let person = Person::new();
    let mut open: Vec<Listener> = Vec::new();
    let mut refused = 0;
    for _ in 0..130 {
        match Listener::try_as(&person) {
            Ok(listener) => open.push(listener),
            Err((status, body)) => {
                assert_eq!(status, 429, "{body}");
                assert!(body.contains("too_many_requests"), "{body}");
                refused += 1;
            }
        }
    }
    assert!((10..=70).contains(&refused), "{refused} were refused: 60 a minute come in");
    let displaced = open.len() - 20;
    open.drain(..displaced).for_each(|mut listener| closed(&mut listener, 4003));
    person.buy(5);
    for listener in &mut open {
        assert_eq!(listener.changes(1).len(), 1);
    }
}

#[test]
fn without_an_upgrade_it_is_the_number_of_the_last_change() {
    let person = Person::new();
    assert_eq!(last_change(&person), 0);
    let lot = person.buy(5);
    let got = plain(&person).send().is(200);
    assert_eq!(got.json(), json!({ "success": true, "data": { "seq": 1 } }));
    let again = plain(&person).header("if-none-match", got.header("etag").unwrap()).send();
    assert_eq!(again.status, 304);
    person.post("/api/v1/sessions", &new_session(&lot, 1)).is(201);
    let now = plain(&person).header("if-none-match", got.header("etag").unwrap()).send().is(200);
    assert_eq!(now.data()["seq"], 2);
    plain(&person).verb("HEAD").send().is(200);
    let opened = plain(&person).verb("HEAD").header("upgrade", "websocket").send().status;
    assert!(matches!(opened, 200 | 400), "HEAD opens nothing: {opened}");
}
