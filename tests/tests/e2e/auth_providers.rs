//! `/api/v1/auth/providers` and `/api/v1/me/identities`, with a real provider behind them.

use e2e::actors::{Anonymous, Caller, PASSWORD, Person};
use e2e::control::{mails, number, rows};
use e2e::factors::Protected;
use e2e::faults::{Fault, Plan};
use e2e::fleet::Worker;
use e2e::http::Reply;
use e2e::names;
use e2e::providers::{Account, NAME, Way, linking, path, provider, query_of, signed_up, ticket};
use e2e::wait::eventually;
use serde_json::{Value, json};

/// What a way back that is refused could have written.
fn written() -> impl Fn(&str) -> Value {
    |email| {
        let sql = "SELECT (SELECT count(*) FROM people WHERE email = ?1) AS people,
          (SELECT count(*) FROM identities JOIN people ON people.id = person_id WHERE email = ?1) AS identities,
          (SELECT count(*) FROM devices JOIN people ON people.id = person_id WHERE email = ?1) AS devices";
        rows(Worker::Observer, sql, &[json!(email)]).into()
    }
}

fn is_refused(got: Reply) {
    got.refused(401, "invalid_credentials");
}

fn identities(person: &Person) -> Value {
    person.get("/api/v1/me/identities").is(200).data()
}

#[test]
fn the_providers_are_listed() {
    let listed = Anonymous::new().get("/api/v1/auth/providers").is(200).data();
    let expected = if provider().is_some() { json!([NAME]) } else { json!([]) };
    assert_eq!(listed["providers"], expected);
    Anonymous::new().call("POST", "/api/v1/auth/providers/nobody/begin").send().refused(404, "not_found");
}

#[test]
fn who_signs_up_with_a_provider_is_the_same_person_when_they_come_again() {
    if provider().is_none() {
        return;
    }
    let account = Account::new();
    let person = signed_up(&account);
    assert_eq!(person.email, account.email);
    assert!(person.get("/api/v1/me").is(200).data()["email_verified_at"].is_string());
    let again = Way::new();
    let got = again.complete(&account).is(200);
    assert_eq!(got.data()["user"]["id"], json!(person.id));
    assert!(got.header("set-cookie").unwrap().starts_with("__Host-sesh_provider=;"), "{got}");
    let body = json!({ "code": "x", "state": "y" });
    is_refused(again.back(&body));
    assert_eq!(identities(&person)["identities"][0]["provider"], json!(NAME));
    assert_eq!(identities(&person)["has_password"], json!(false));
    // By cookie, as a browser has it.
    let way = Way::new();
    let mut answer = way.answer(&account);
    answer["delivery"] = "cookie".into();
    let got = way.back(&answer).is(200);
    assert_eq!(got.headers.get_all("set-cookie").iter().count(), 3, "{got}");
    assert!(got.data().get("refresh_token").is_none_or(Value::is_null));
}

#[test]
fn the_cookie_of_the_way_is_host_bound_and_out_of_reach_of_scripts() {
    if provider().is_none() {
        return;
    }
    let got = Anonymous::new().call("POST", &path("begin")).send().is(200);
    let cookie = got.header("set-cookie").unwrap();
    assert!(cookie.starts_with("__Host-sesh_provider=br_") && cookie.contains("; Path=/;"), "{cookie}");
    for attribute in ["Secure", "HttpOnly", "SameSite=Lax", "Max-Age=1200"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!cookie.contains("Domain"));
    let query = query_of(got.data()["url"].as_str().unwrap());
    assert!(
        query["redirect_uri"].ends_with("/auth/providers/local") && query["code_challenge_method"] == "S256"
    );
}

#[test]
fn minors_and_used_tickets_are_refused() {
    if provider().is_none() {
        return;
    }
    let (account, way) = (Account::new(), Way::new());
    let mut body = Way::sign_up(&ticket(&way.complete(&account).refused(409, "sign_up_required")));
    body["birth_date"] = "2015-01-01".into();
    way.call("register").json(&body).send().refused(422, "age_restricted");
    body["birth_date"] = "1990-01-01".into();
    is_refused(way.caller.call("POST", &path("register")).json(&body).send());
    let elsewhere = Way::new();
    is_refused(elsewhere.call("register").json(&body).send());
    way.call("register").json(&body).send().is(201);
    way.call("register").json(&body).send().refused(409, "conflict");
}

#[test]
fn an_address_that_has_an_account_is_linked_by_its_owner_and_unlinked() {
    if provider().is_none() {
        return;
    }
    let person = Person::new();
    let account = Account::of(&person.email, true);
    let way = Way::new();
    let got = way.complete(&account).refused(409, "link_required");
    let link = |password: &str| {
        let body = json!({ "ticket": ticket(&got), "password": password });
        let call = person.call("POST", &format!("/api/v1/me/identities/{NAME}"));
        call.header("cookie", &way.cookie).json(&body).send()
    };
    is_refused(link("not the password at all"));
    assert_eq!(identities(&person)["identities"], json!([]));
    link(PASSWORD).is(201);
    link(PASSWORD).refused(401, "invalid_credentials");
    let signed_in = Way::new().complete(&account).is(200);
    assert_eq!(signed_in.data()["user"]["id"], json!(person.id));
    eventually("a mail that tells of it", || {
        mails(&person.email)
            .iter()
            .any(|mail| mail["subject"] == "Another way to sign in was added")
            .then_some(())
    });
    let remove = |password: &str| {
        person.post(&format!("/api/v1/me/identities/{NAME}/remove"), &json!({ "password": password }))
    };
    is_refused(remove("not the password at all"));
    remove(PASSWORD).is(204);
    remove(PASSWORD).refused(404, "not_found");
    Way::new().complete(&account).refused(409, "link_required");
}

#[test]
fn an_account_there_that_is_linked_is_nobody_elses_to_link() {
    if provider().is_none() {
        return;
    }
    let (account, person) = (Account::new(), Person::new());
    let (cookie, body) = linking(&account);
    signed_up(&account);
    let call = person.call("POST", &format!("/api/v1/me/identities/{NAME}")).header("cookie", &cookie);
    call.json(&body).send().refused(409, "conflict");
    assert_eq!(identities(&person)["identities"], json!([]));
}

#[test]
fn the_second_factor_of_the_account_is_asked_for() {
    if provider().is_none() {
        return;
    }
    let Protected { person, codes, .. } = Protected::new();
    let account = Account::new();
    let (cookie, mut body) = linking(&account);
    let call = person.call("POST", &format!("/api/v1/me/identities/{NAME}")).header("cookie", &cookie);
    call.clone().json(&body).send().is(422).names("code");
    body["recovery_code"] = codes[0].clone().into();
    call.json(&body).send().is(201);
    let got = Way::new().complete(&account).refused(401, "second_factor_required");
    let challenge = got.error()["details"]["challenge"].clone();
    let body = json!({ "challenge": challenge, "recovery_code": codes[1], "delivery": "token" });
    person.anonymous().post("/api/v1/auth/login/factor", &body).is(200);
}

#[test]
fn another_state_browser_nonce_client_or_a_used_code_is_refused_and_writes_nothing() {
    if provider().is_none() {
        return;
    }
    let account = Account::new();
    signed_up(&account);
    let before = written()(&account.email);
    let (one, two) = (Way::new(), Way::new());
    let answer = one.answer(&account);
    let mut other_state = answer.clone();
    other_state["state"] = two.answer(&account)["state"].clone();
    is_refused(one.back(&other_state));
    is_refused(two.back(&answer));
    is_refused(one.caller.post(&path("complete"), &answer));
    let mut other_issuer = answer.clone();
    other_issuer["iss"] = "https://evil.example".into();
    is_refused(one.back(&other_issuer));
    let mut no_issuer = answer.clone();
    no_issuer.as_object_mut().unwrap().remove("iss");
    is_refused(one.back(&no_issuer));
    // The provider signs another nonce than this browser's.
    let nonced = Way::new();
    let nonce = query_of(&nonced.url)["nonce"].clone();
    is_refused(Way { url: nonced.url.replace(&nonce, "another-nonce"), ..nonced }.complete(&account));
    // The code was given out to another client, or for another browser's PKCE challenge.
    let client = Way::new();
    is_refused(Way { url: client.url.replace("sesh-local", "somebody-else"), ..client }.complete(&account));
    let (mine, theirs) = (Way::new(), Way::new());
    let mut swapped = mine.answer(&account);
    swapped["code"] = theirs.answer(&account)["code"].clone();
    is_refused(mine.back(&swapped));
    assert_eq!(written()(&account.email), before);
    let way = Way::new();
    let answer = way.answer(&account);
    way.back(&answer).is(200);
    is_refused(way.back(&answer));
}

#[test]
fn an_expired_an_unsigned_and_a_foreign_token_are_refused() {
    if provider().is_none() {
        return;
    }
    let account = Account::new();
    signed_up(&account);
    let before = written()(&account.email);
    // Three minutes and a bit: the token counts for two, clocks may be off by one, the way takes ten.
    let late = Plan::new().clock(Worker::Observer, 200_000);
    let way = Way::new();
    is_refused(late.strikes(way.call("complete").json(&way.answer(&account))).send());
    let part = |value: &Value| e2e::providers::base64url(value.to_string().as_bytes());
    let claims = json!({ "iss": provider().unwrap(), "aud": "sesh-local", "sub": account.login });
    for (head, signature) in [
        (json!({ "alg": "none" }), ""),
        (json!({ "alg": "HS256", "kid": "local" }), "AAAA"),
        (json!({ "alg": "RS256", "kid": "local" }), "AAAA"),
        (json!({ "alg": "RS256", "kid": "another" }), "AAAA"),
    ] {
        let token = format!("{}.{}.{signature}", part(&head), part(&claims));
        let body = json!({ "id_token": token, "access_token": "x", "token_type": "Bearer" }).to_string();
        let fault = Fault::new("garbage", "OUTSIDE").matching("/token").with("body", body);
        let (plan, way) = (Plan::new().at(Worker::Observer, &[fault]), Way::new());
        is_refused(plan.strikes(way.call("complete").json(&way.answer(&account))).send());
        assert_eq!(plan.hits(Worker::Observer), [1], "{head}");
    }
    assert_eq!(written()(&account.email), before);
}

#[test]
fn a_provider_that_is_down_or_answers_nonsense_is_503_in_bounded_time_and_writes_nothing() {
    if provider().is_none() {
        return;
    }
    let account = Account::new();
    signed_up(&account);
    let before = written()(&account.email);
    for fault in [
        Fault::new("fail_before", "OUTSIDE"),
        Fault::new("hang", "OUTSIDE"),
        Fault::new("status", "OUTSIDE").with("status", 500),
        Fault::new("status", "OUTSIDE").with("status", 302),
        Fault::new("garbage", "OUTSIDE").matching("/me"),
        Fault::new("garbage", "OUTSIDE").matching("/me").with("body", "x".repeat(300 * 1024)),
    ] {
        let way = Way::new();
        let plan = Plan::new().at(Worker::Observer, &[fault]);
        let got = plan.strikes(way.call("complete").json(&way.answer(&account))).send();
        let got = got.refused(503, "service_unavailable");
        assert!(got.header("retry-after").is_some() && plan.hits(Worker::Observer)[0] >= 1, "{got}");
    }
    assert_eq!(written()(&account.email), before);
    // What one failure cost is made good by going again.
    Way::new().complete(&account).is(200);
}

/// A provider may end what it had given out when a code comes twice (RFC 6749, section 4.1.2), and this one does.
#[test]
fn of_many_who_come_back_with_one_answer_one_at_most_is_signed_in() {
    if provider().is_none() {
        return;
    }
    let account = Account::new();
    let person = signed_up(&account);
    let devices = || {
        let sql = "SELECT count(*) AS n FROM devices WHERE person_id = ?1";
        number(Worker::Observer, sql, &[json!(person.id)])
    };
    let (before, way) = (devices(), Way::new());
    let answer = way.answer(&account);
    let got = e2e::wait::at_once(8, |_| way.back(&answer).status);
    let signed_in = got.iter().filter(|status| **status == 200).count();
    assert!(signed_in <= 1 && got.iter().all(|status| matches!(status, 200 | 401)), "{got:?}");
    assert_eq!(devices(), before + i64::try_from(signed_in).unwrap());
}

#[test]
fn no_table_names_the_account_there_and_each_event_is_on_record() {
    if provider().is_none() {
        return;
    }
    let person = Person::new();
    let account = Account::of(&names::email(), true);
    let (cookie, body) = linking(&account);
    let call = person.call("POST", &format!("/api/v1/me/identities/{NAME}")).header("cookie", &cookie);
    call.json(&body).send().is(201);
    let kept = rows(Worker::Observer, "SELECT * FROM identities WHERE person_id = ?1", &[json!(person.id)]);
    assert!(kept.len() == 1 && !json!(kept).to_string().contains(&account.login), "{kept:?}");
    let actions = "SELECT action, detail FROM audit WHERE actor = ?1 ORDER BY seq";
    let log = rows(Worker::Observer, actions, &[json!(format!("person:{}", person.id))]);
    assert!(log.iter().any(|row| row["action"] == "identity.linked"), "{log:?}");
    assert!(!json!(log).to_string().contains(&account.email));
}
