//! Browsers: tokens in cookies, and other sites that try to use them.

use e2e::actors::{Anonymous, Caller, sign_up};
use e2e::browser::{Cookie, CookiePerson};
use e2e::fixtures::new_lot;
use e2e::fleet::Worker;
use e2e::names;

#[test]
fn tokens_come_in_host_cookies_that_scripts_cannot_read() {
    let (_, got) = CookiePerson::register();
    let cookies = Cookie::set_by(&got);
    assert_eq!(cookies.len(), 2, "{cookies:?}");
    for cookie in &cookies {
        assert!(cookie.name.starts_with("__Host-"), "{cookie:?}");
        for attribute in ["secure", "httponly", "path=/"] {
            assert!(cookie.has(attribute), "{attribute}: {cookie:?}");
        }
        assert!(cookie.has("samesite=lax") || cookie.has("samesite=strict"), "{cookie:?}");
        assert!(!cookie.attributes.iter().any(|attribute| attribute.starts_with("domain")), "{cookie:?}");
    }
    assert!(!got.text().contains("refresh_token"), "the refresh token is for the cookie alone: {got}");
}

#[test]
fn a_program_that_asks_for_tokens_gets_no_cookies() {
    let mut body = sign_up(&names::email());
    body["delivery"] = "token".into();
    let got = Anonymous::new().post("/api/v1/auth/register", &body).is(201);
    assert!(got.header("set-cookie").is_none(), "{got}");
}

#[test]
fn cookies_sign_in_and_refresh_and_sign_out() {
    let mut browser = CookiePerson::new();
    assert_eq!(browser.get("/api/v1/me").is(200).data()["email"], browser.email);
    browser.post("/api/v1/stash", &new_lot(100)).is(201);

    let before = browser.cookies.clone();
    let got = browser.call("POST", "/api/v1/auth/refresh").send().is(200);
    assert!(!got.text().contains("refresh_token"), "{got}");
    browser.keep(&got);
    assert_eq!(browser.cookies.len(), 2);
    assert_ne!(browser.cookies, before);
    browser.get("/api/v1/me").is(200);

    let signed_in = browser.clone();
    let got = browser.call("POST", "/api/v1/auth/logout").send().is(204);
    browser.keep(&got);
    assert!(browser.cookies.is_empty(), "{:?}", browser.cookies);
    signed_in.get("/api/v1/me").refused(401, "unauthorized");
    signed_in.call("POST", "/api/v1/auth/refresh").send().refused(401, "unauthorized");
}

#[test]
fn a_post_with_cookies_from_another_origin_is_403() {
    let browser = CookiePerson::new();
    let own = Worker::Tracker.url();
    let (scheme, host) = own.split_once("://").unwrap();
    let others = [
        Some("https://evil.example".to_owned()),
        Some("null".to_owned()),
        Some(format!("{own}.evil.example")),
        Some(format!("https://evil.example/{host}")),
        Some(format!("{scheme}://evil.example@{host}x")),
        Some(Worker::Observer.url().to_owned()),
        Some(String::new()),
        None,
    ];
    for origin in others {
        let lured = browser.lured_to(origin.as_deref());
        lured.post("/api/v1/stash", &new_lot(100)).refused(403, "forbidden");
        lured.patch("/api/v1/me", &serde_json::json!({ "display_name": "Owned" })).refused(403, "forbidden");
        lured.delete("/api/v1/auth/devices").refused(403, "forbidden");
        lured.call("POST", "/api/v1/auth/logout").send().refused(403, "forbidden");
        lured.call("POST", "/api/v1/auth/refresh").send().refused(403, "forbidden");
    }
    assert_eq!(browser.get("/api/v1/stash").is(200).meta()[2], 0, "nothing was written");
    assert_eq!(browser.get("/api/v1/me").is(200).data()["display_name"], "Tester");
}

#[test]
fn reading_with_cookies_is_not_held_up_by_an_origin() {
    let browser = CookiePerson::new();
    browser.call("GET", "/api/v1/me").header("origin", "https://evil.example").send().is(200);
    let got = browser.call("GET", "/api/v1/me").header("origin", "https://evil.example").send();
    assert!(got.header("access-control-allow-origin").is_none(), "but no other site may read the answer");
}
