//! Signing in with another provider, through the internal door.

use super::stand_in::{Login, NAME, PROVIDER, StandIn, Way, begin, query_of, world};
use crate::testing::{PASSWORD, SignedIn, World};
use serde_json::{Value, json};
use sesh_edge::native::{Call, Got};
use sesh_types::contract::auth::LOGIN;
use sesh_types::contract::identities::{IDENTITIES, PROVIDERS};
use sesh_types::time::MINUTE_MS;

fn code(got: &Got) -> (u16, String) {
    (got.status, got.json()["error"]["code"].as_str().unwrap_or_default().to_owned())
}

fn refused() -> (u16, String) {
    (401, "invalid_credentials".to_owned())
}

fn ticket(got: &Got) -> Value {
    got.json()["error"]["details"]["ticket"].clone()
}

/// Goes to the provider and comes back.
fn back(world: &World, provider: &StandIn, bend: impl FnOnce(&mut Login)) -> (Way, Got) {
    let way = begin(world);
    let code = provider.sign_in(&way.url, bend);
    let got = way.complete(world, &code);
    (way, got)
}

fn sign_up(world: &World, way: &Way, ticket: &Value, birth_date: &str) -> Got {
    let given = json!({ "ticket": ticket, "birth_date": birth_date, "display_name": "Ada" });
    let body = json!({ "browser": way.browser, "given": given });
    world.post(&format!("{PROVIDERS}/{NAME}/register"), &body)
}

fn signed_up(world: &World, provider: &StandIn) -> SignedIn {
    let (way, got) = back(world, provider, |_| {});
    assert_eq!(code(&got), (409, "sign_up_required".into()), "{}", got.text);
    world.signed_in(&sign_up(world, &way, &ticket(&got), "1990-01-01"))
}

fn link(world: &World, person: &SignedIn, way: &Way, ticket: &Value, password: &str) -> Got {
    let given = json!({ "ticket": ticket, "password": password });
    let call = Call::new("POST", &format!("{IDENTITIES}/{NAME}"));
    world.for_person(person, call.json(&json!({ "browser": way.browser, "given": given })))
}

fn unlink(world: &World, person: &SignedIn, password: &str) -> Got {
    let call = Call::new("POST", &format!("{IDENTITIES}/{NAME}/remove"));
    world.for_person(person, call.json(&json!({ "password": password })))
}

fn linked(world: &World) -> i64 {
    world.number("SELECT COUNT(*) FROM identities")
}

#[test]
fn the_way_there_holds_state_nonce_and_challenge_and_asking_writes_nothing() {
    let (world, provider) = world();
    let before = world.everything();
    let (one, two) = (begin(&world), begin(&world));
    assert_eq!(world.everything(), before);
    assert_eq!(provider.0.borrow().asked.len(), 1, "what a provider publishes is kept");
    let query = query_of(&one.url);
    assert!(one.url.starts_with("https://id.example/auth?"));
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", "sesh"),
        ("redirect_uri", "https://app.example/auth/providers/other"),
        ("scope", "openid email profile"),
        ("code_challenge_method", "S256"),
    ] {
        assert_eq!(query[name], value);
    }
    for name in ["state", "nonce", "code_challenge"] {
        assert_eq!(query[name].len(), 43);
        assert_ne!(query[name], query_of(&two.url)[name]);
        assert!(!one.browser.contains(&query[name]));
    }
    assert!(!one.url.contains("hush"));
    let missing = world.internal(Call::new("POST", &format!("{PROVIDERS}/nobody/begin")));
    assert_eq!(missing.status, 404);
}

#[test]
fn somebody_new_signs_up_and_is_the_same_person_when_they_come_again() {
    let (world, provider) = world();
    let ada = signed_up(&world, &provider);
    assert_eq!(ada.user["email"], "ada@example.com");
    assert!(ada.user["email_verified_at"].is_string(), "the provider knows the address to be hers");
    let (_, again) = back(&world, &provider, |_| {});
    let again = world.signed_in(&again);
    assert_eq!(again.subject.person, ada.subject.person);
    assert_ne!(again.subject.device, ada.subject.device);
    assert_eq!(world.audited(), ["identity.proven", "person.registered", "login.succeeded"]);
    let (_, other) = back(&world, &provider, |login| login.claims["sub"] = json!("subject-2"));
    assert_eq!(
        code(&other),
        (409, "link_required".into()),
        "another subject with the address is somebody else"
    );
    let everything = world.everything();
    assert!(
        !everything.contains("subject-1") && !everything.contains("hush"),
        "no table names anybody there"
    );
}

#[test]
fn where_addresses_are_proven_first_a_provider_that_knows_one_is_a_way_in_and_no_other_tells_who_has_an_account()
 {
    let (world, provider) = world();
    let taken = world.register("bob@example.com").user["email"].clone();
    world.execute("UPDATE tenants SET confirm_sign_up = 1").unwrap();
    let unproven = |subject: &str, email: &Value| {
        let (way, got) = back(&world, &provider, |login| {
            login.claims["sub"] = json!(subject);
            login.claims["email"] = email.clone();
            login.claims["email_verified"] = json!(false);
        });
        let got = sign_up(&world, &way, &ticket(&got), "1990-01-01");
        assert_eq!(code(&got), (409, "confirmation_required".into()), "{}", got.text);
        got.text
    };
    assert_eq!(unproven("subject-8", &taken), unproven("subject-9", &json!("eve@example.com")));
    assert!(signed_up(&world, &provider).user["email_verified_at"].is_string());
}

#[test]
fn one_signs_up_from_21_years_of_age_and_with_an_address() {
    let (world, provider) = world();
    let (way, got) = back(&world, &provider, |_| {});
    assert_eq!(code(&sign_up(&world, &way, &ticket(&got), "2010-01-01")), (422, "age_restricted".into()));
    assert_eq!(code(&sign_up(&world, &way, &ticket(&got), "1890-01-01")), (422, "unprocessable".into()));
    let (bare, unnamed) = back(&world, &provider, |login| {
        login.claims["sub"] = json!("subject-3");
        login.claims["email"] = Value::Null;
        login.user_info = json!({ "sub": "subject-3" });
    });
    let got_bare = sign_up(&world, &bare, &ticket(&unnamed), "1990-01-01");
    assert_eq!(got_bare.json()["error"]["details"][0]["field"], "ticket", "{}", got_bare.text);
    assert_eq!(world.number("SELECT COUNT(*) FROM people"), 0);
    assert_eq!(sign_up(&world, &way, &ticket(&got), "1990-01-01").status, 201);
    assert_eq!(code(&sign_up(&world, &way, &ticket(&got), "1990-01-01")).0, 409, "a ticket counts once");
    assert_eq!(world.number("SELECT COUNT(*) FROM people"), 1);
}

#[test]
fn a_repeated_sign_up_gets_the_identical_answer_and_one_person() {
    let (world, provider) = world();
    let (way, got) = back(&world, &provider, |_| {});
    let given = json!({ "ticket": ticket(&got), "birth_date": "1990-01-01", "display_name": "Ada" });
    let body = json!({ "browser": way.browser, "given": given });
    let path = format!("{PROVIDERS}/{NAME}/register");
    let send = || world.internal(Call::new("POST", &path).header("idempotency-key", "k").json(&body));
    let (first, second) = (send(), send());
    assert_eq!((first.status, &first.text), (201, &second.text));
    assert_eq!(world.number("SELECT COUNT(*) FROM devices"), 1);
    let kept = world.column("SELECT body FROM idempotency").join(" ");
    assert!(!kept.contains("ada@example.com") && !kept.contains("pt."), "{kept}");
}

#[test]
fn an_address_that_has_an_account_is_signed_in_to_by_its_owner_before_it_is_linked() {
    let (world, provider) = world();
    let ada = world.register("ada@example.com");
    let (way, got) = back(&world, &provider, |_| {});
    assert_eq!(code(&got), (409, "link_required".into()));
    assert_eq!(world.number("SELECT COUNT(*) FROM devices"), 1, "nobody is signed in silently");
    assert_eq!(code(&sign_up(&world, &way, &ticket(&got), "1990-01-01")), (409, "conflict".into()));
    assert_eq!(code(&link(&world, &ada, &way, &ticket(&got), "a wrong password")), refused());
    assert_eq!(linked(&world), 0);
    let made = link(&world, &ada, &way, &ticket(&got), PASSWORD);
    assert_eq!((made.status, made.json()["data"]["provider"].as_str()), (201, Some(NAME)), "{}", made.text);
    let (_, in_again) = back(&world, &provider, |_| {});
    assert_eq!(world.signed_in(&in_again).subject.person, ada.subject.person);
    let list = world.for_person(&ada, Call::new("GET", IDENTITIES)).json();
    assert_eq!(list["data"]["has_password"], true);
    assert!(list["data"]["identities"][0]["last_used_at"].is_string(), "{list}");
    assert_eq!(code(&unlink(&world, &ada, "a wrong password")), refused());
    assert_eq!(unlink(&world, &ada, PASSWORD).status, 204);
    assert_eq!(code(&unlink(&world, &ada, PASSWORD)), (404, "not_found".into()));
    let (_, got) = back(&world, &provider, |_| {});
    assert_eq!(code(&got), (409, "link_required".into()));
    let audited = world.audited();
    for action in ["identity.proven", "identity.linked", "identity.unlinked", "reauthentication.failed"] {
        assert!(audited.iter().any(|found| found == action), "{action}: {audited:?}");
    }
    let subjects: Vec<_> = world.fleet.mails().into_iter().map(|mail| mail.subject).collect();
    assert!(subjects.iter().any(|subject| subject == "Another way to sign in was added"), "{subjects:?}");
    assert!(subjects.iter().any(|subject| subject == "A way to sign in was taken away"), "{subjects:?}");
}

#[test]
fn one_account_there_is_one_person_here() {
    let (world, provider) = world();
    let ada = signed_up(&world, &provider);
    let bob = world.register("bob@example.com");
    // Bob links an account of his own, and no second one of that provider.
    for (subject, status) in [("subject-b", 201), ("subject-c", 409)] {
        let (way, got) = back(&world, &provider, |login| {
            login.claims["sub"] = json!(subject);
            login.claims["email"] = json!("bob@elsewhere.example");
        });
        assert_eq!(link(&world, &bob, &way, &ticket(&got), PASSWORD).status, status, "{subject}");
    }
    // A ticket from before ada signed up would not take her account there over.
    let before = back(&world, &provider, |login| login.claims["sub"] = json!("subject-d"));
    world.execute("UPDATE identities SET person_id = person_id").unwrap();
    let moved = world.execute("UPDATE identities SET person_id = 'x'");
    assert!(moved.unwrap_err().contains("identity_moves"));
    assert_eq!(before.1.status, 409);
    let person = |subject: &str| {
        let (_, got) = back(&world, &provider, |login| login.claims["sub"] = json!(subject));
        world.signed_in(&got).subject.person
    };
    assert_eq!((person("subject-1"), person("subject-b")), (ada.subject.person, bob.subject.person));
}

#[test]
fn whoever_has_no_password_cannot_unlink_until_a_mail_sets_one() {
    let (world, provider) = world();
    let ada = signed_up(&world, &provider);
    let has = || world.for_person(&ada, Call::new("GET", IDENTITIES)).json()["data"]["has_password"].clone();
    assert_eq!(has(), false);
    for guess in ["", PASSWORD] {
        assert_eq!(code(&unlink(&world, &ada, guess)), refused());
        assert_eq!(
            code(&world.post(LOGIN, &json!({ "email": "ada@example.com", "password": guess }))),
            refused()
        );
    }
    assert_eq!(linked(&world), 1);
    let ask = json!({ "email": "ada@example.com" });
    assert_eq!(world.post(sesh_types::contract::recovery::RECOVER, &ask).status, 202);
    let set = json!({ "token": world.mail_token(), "new_password": PASSWORD });
    assert_eq!(world.post(sesh_types::contract::recovery::COMPLETE, &set).status, 204);
    let ada = world.login("ada@example.com");
    assert_eq!(unlink(&world, &ada, PASSWORD).status, 204);
    assert_eq!(linked(&world), 0);
}

#[test]
fn the_second_factor_of_an_account_is_asked_for() {
    let (world, provider) = world();
    let ada = signed_up(&world, &provider);
    world
        .execute(&format!(
            "INSERT INTO totp (person_id, tenant_id, id, key_id, created_at, confirmed_at)
             VALUES ('{}', '{}', '00000000-0000-7000-8000-000000000001', 'factor1', 0, 1)",
            ada.subject.person, ada.subject.tenant
        ))
        .unwrap();
    let (_, got) = back(&world, &provider, |_| {});
    assert_eq!(code(&got), (401, "second_factor_required".into()));
    assert!(got.json()["error"]["details"]["challenge"].as_str().unwrap().starts_with("ch_"));
    assert_eq!(world.number("SELECT COUNT(*) FROM devices"), 1);
}

#[test]
fn whoever_is_suspended_is_not_let_in() {
    let (world, provider) = world();
    let ada = signed_up(&world, &provider);
    assert_eq!(world.suspend(&ada).status, 200);
    assert_eq!(code(&back(&world, &provider, |_| {}).1), refused());
}

#[test]
fn a_way_counts_in_its_browser_with_its_state_once_and_ten_minutes() {
    let (world, provider) = world();
    let ada = signed_up(&world, &provider);
    let (one, two) = (begin(&world), begin(&world));
    let code_of = |way: &Way| provider.sign_in(&way.url, |_| {});
    let given = |code: &str, state: &str| json!({ "code": code, "state": state, "iss": PROVIDER });
    let asked = || provider.0.borrow().asked.iter().filter(|call| call.contains("/token")).count();
    let before = asked();
    assert_eq!(
        code(&one.complete_with(&world, &given(&code_of(&one), &two.state))),
        refused(),
        "another state"
    );
    assert_eq!(code(&one.complete_with(&world, &given(&code_of(&one), ""))), refused(), "no state");
    let stranger = Way { browser: two.browser.clone(), ..begin(&world) };
    assert_eq!(code(&stranger.complete(&world, "code0")), refused(), "another browser");
    let bare = json!({ "browser": null, "given": given("code0", &one.state) });
    assert_eq!(code(&world.post(&format!("{PROVIDERS}/{NAME}/complete"), &bare)), refused(), "no cookie");
    assert_eq!(asked(), before, "the provider was not even asked");
    assert_eq!(code(&one.complete(&world, &code_of(&two))), refused(), "another browser's code: PKCE");
    let right = code_of(&one);
    assert_eq!(world.signed_in(&one.complete(&world, &right)).subject.person, ada.subject.person);
    let before = asked();
    assert_eq!(code(&one.complete(&world, &right)), refused(), "the same again");
    assert_eq!(code(&one.complete(&world, &code_of(&one))), refused(), "another code on the same way");
    assert_eq!(asked(), before, "a way that has ended is not gone again");
    let late = code_of(&two);
    world.fleet.pass_ms(10 * MINUTE_MS);
    assert_eq!(code(&two.complete(&world, &late)), refused(), "too late");
}

/// What is wrong with an answer of the provider's, and how it is bent that way.
type Bend<'a> = (&'static str, &'a dyn Fn(&mut Login));

#[test]
fn what_a_provider_says_must_be_its_own_signed_for_us_for_this_sign_in_and_of_now() {
    let (world, provider) = world();
    signed_up(&world, &provider);
    let now = world.fleet.now().seconds();
    let bends: [Bend<'_>; 19] = [
        ("another issuer", &|login| login.claims["iss"] = json!("https://evil.example")),
        ("another audience", &|login| login.claims["aud"] = json!("somebody")),
        ("one more audience", &|login| login.claims["aud"] = json!(["sesh", "somebody"])),
        ("another party", &|login| login.claims["azp"] = json!("somebody")),
        ("another nonce", &|login| login.claims["nonce"] = json!("x")),
        ("no nonce", &|login| login.claims["nonce"] = Value::Null),
        ("expired", &|login| login.claims["exp"] = json!(now - 61)),
        ("not yet", &|login| login.claims["nbf"] = json!(now + 61)),
        ("of tomorrow", &|login| login.claims["iat"] = json!(now + 61)),
        ("of yesterday", &|login| login.claims["iat"] = json!(now - 86_400)),
        ("nobody", &|login| login.claims["sub"] = json!("")),
        ("forged", &|login| login.forged = true),
        ("unsigned", &|login| login.unsigned = true),
        ("none", &|login| login.header = json!({ "alg": "none" })),
        ("an HMAC", &|login| login.header = json!({ "alg": "HS256", "kid": "hmac" })),
        ("another kind of key", &|login| login.header = json!({ "alg": "EdDSA", "kid": "es" })),
        ("an unknown key", &|login| login.header = json!({ "alg": "ES256", "kid": "nobody's" })),
        ("an extension", &|login| login.header = json!({ "alg": "ES256", "kid": "es", "crit": ["exp"] })),
        ("a key of its own", &|login| {
            login.forged = true;
            login.header = json!({ "alg": "EdDSA", "jwk": { "kty": "OKP", "crv": "Ed25519", "x": "AAAA" } });
        }),
    ];
    for (what, bend) in bends {
        assert_eq!(code(&back(&world, &provider, bend).1), refused(), "{what}");
    }
    assert_eq!(world.number("SELECT COUNT(*) FROM devices"), 1);
    let details =
        world.column("SELECT DISTINCT detail ->> 'why' FROM audit WHERE action = 'login.failed' ORDER BY 1");
    let words = [
        "audience",
        "expired",
        "issued_at",
        "issuer",
        "key",
        "nonce",
        "not_before",
        "signature",
        "subject",
        "token",
    ];
    assert_eq!(details, words, "each is on record with what was wrong");
    for header in
        [json!({ "alg": "EdDSA", "kid": "ed" }), json!({ "alg": "EdDSA" }), json!({ "alg": "ES256" })]
    {
        let (_, got) = back(&world, &provider, |login| login.header = header.clone());
        assert_eq!(got.status, 200, "{header}: {}", got.text);
    }
    let (_, got) = back(&world, &provider, |login| login.claims["aud"] = json!(["sesh"]));
    assert_eq!(got.status, 200, "a list of nobody but us");
}

#[test]
fn an_answer_that_does_not_name_its_issuer_or_another_is_refused() {
    let (world, provider) = world();
    signed_up(&world, &provider);
    for iss in [json!("https://evil.example"), Value::Null] {
        let way = begin(&world);
        let given = json!({ "code": provider.sign_in(&way.url, |_| {}), "state": way.state, "iss": iss });
        assert_eq!(code(&way.complete_with(&world, &given)), refused(), "{iss}");
    }
}

#[test]
fn an_address_may_come_from_the_userinfo_endpoint_of_the_same_subject() {
    let (world, provider) = world();
    let told = |login: &mut Login, subject: &str| {
        login.claims["email"] = Value::Null;
        login.user_info = json!({ "sub": subject, "email": "Ada@Example.com", "email_verified": "true" });
    };
    assert_eq!(code(&back(&world, &provider, |login| told(login, "another")).1), refused());
    let (way, got) = back(&world, &provider, |login| told(login, "subject-1"));
    assert_eq!(got.json()["error"]["details"]["email"], "ada@example.com");
    let ada = world.signed_in(&sign_up(&world, &way, &ticket(&got), "1990-01-01"));
    assert!(ada.user["email_verified_at"].is_string());
}

#[test]
fn an_address_that_the_provider_does_not_know_proves_nothing() {
    let (world, provider) = world();
    world.register("ada@example.com");
    let (way, got) = back(&world, &provider, |login| login.claims["email_verified"] = json!(false));
    assert_eq!(code(&got), (409, "sign_up_required".into()), "it does not tell that there is an account");
    assert_eq!(code(&sign_up(&world, &way, &ticket(&got), "1990-01-01")), (409, "conflict".into()));
    let (way, got) = back(&world, &provider, |login| {
        login.claims["email"] = json!("eve@example.com");
        login.claims["email_verified"] = json!(false);
    });
    let eve = world.signed_in(&sign_up(&world, &way, &ticket(&got), "1990-01-01"));
    assert!(eve.user["email_verified_at"].is_null());
    assert_eq!(world.fleet.mails().last().unwrap().subject, "Is this your e-mail address?");
}

#[test]
fn a_provider_that_is_down_is_503_and_nothing_is_written() {
    let (world, provider) = world();
    signed_up(&world, &provider);
    let way = begin(&world);
    let given = provider.sign_in(&way.url, |_| {});
    let tables = || {
        world.column(
            "SELECT (SELECT COUNT(*) FROM people) || (SELECT COUNT(*) FROM devices) || (SELECT COUNT(*) FROM audit)
               || (SELECT COUNT(*) FROM spent_challenges) || (SELECT SUM(tries) FROM throttle)",
        )
    };
    let before = tables();
    provider.0.borrow_mut().down = true;
    let got = way.complete(&world, &given);
    assert_eq!(code(&got), (503, "service_unavailable".into()));
    assert!(got.headers.contains_key("retry-after") && !got.text.contains("2400"), "{}", got.text);
    assert_eq!(tables(), before);
    world.fleet.pass_ms(10 * MINUTE_MS);
    let begun = world.internal(Call::new("POST", &format!("{PROVIDERS}/{NAME}/begin")));
    assert_eq!(begun.status, 503, "what it publishes is too old by now");
}

#[test]
fn metadata_that_leads_elsewhere_is_not_followed() {
    let (world, provider) = world();
    for (field, value) in [
        ("issuer", "https://evil.example"),
        ("token_endpoint", "https://evil.example/token"),
        ("jwks_uri", "http://id.example/jwks"),
        ("userinfo_endpoint", "https://id.example@evil.example/"),
        ("authorization_endpoint", "javascript:alert(1)"),
    ] {
        let before = provider.0.borrow().metadata.clone();
        provider.0.borrow_mut().metadata[field] = json!(value);
        let got = world.internal(Call::new("POST", &format!("{PROVIDERS}/{NAME}/begin")));
        assert_eq!(got.status, 503, "{field}: {value}");
        provider.0.borrow_mut().metadata = before;
    }
    let asked = provider.0.borrow().asked.clone();
    assert!(asked.iter().all(|call| call.starts_with("GET https://id.example/.well-known/")), "{asked:?}");
}

#[test]
fn trying_codes_is_slowed_down() {
    let (world, provider) = world();
    let got = (0..101).map(|_| begin(&world).complete(&world, "guess").status).collect::<Vec<_>>();
    assert_eq!((got[0], got[99], got[100]), (401, 401, 429));
    drop(provider);
}
