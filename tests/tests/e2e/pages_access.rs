//! Who gets in, through the pages: keys, programs, organisations, invitations, and staff who see an account.

use e2e::actors::{Caller, PASSWORD, Person};
use e2e::chromium::Chromium;
use e2e::names;
use e2e::passkeys::origin;
use e2e::reader::enter;
use e2e::staff::Staffer;
use e2e::tenants::{Tenant, with_tracker};
use e2e::wait::eventually;
use serde_json::json;

fn browser() -> Option<Chromium> {
    let browser = Chromium::start()?;
    browser.shows(360, 740, "light");
    browser.calls_from(&names::address());
    Some(browser)
}

fn open(browser: &Chromium, path: &str) {
    browser.open(&format!("{}{path}", origin()));
}

#[test]
fn an_invitation_is_accepted_by_its_link_and_left_again_without_scripts() {
    let Some(browser) = browser() else { return };
    let (tenant, person) = (Tenant::new(), Person::new());
    let invite = json!({ "email": person.email, "role": "member", "apps": with_tracker() });
    let made = tenant.owner.post("/api/v1/tenant/invitations", &invite).is(201).data();
    let link = format!("/invitation#token={}", made["token"].as_str().unwrap());
    // Not signed in yet: the link leads to signing in, and on.
    open(&browser, &link);
    browser.tap("form.card button");
    browser.comes_to("/sign-in");
    browser.fill("#f-email", &person.email);
    browser.fill("#f-password", PASSWORD);
    browser.tap("form.card button");
    eventually("the invitation is shown", || browser.has("form[action='/account/invitation']").then_some(()));
    browser.runs_scripts(false);
    browser.tap("form[action='/account/invitation'] button");
    browser.comes_to("/account/tenants?done=joined");
    let here = || person.get("/api/v1/me/tenants").is(200).rows().len();
    assert_eq!(here(), 2);
    browser.tap("form[action^='/account/tenants/'] button.plain");
    browser.comes_to("/account/tenants?done=switched");
    open(&browser, "/today");
    browser.comes_to("/today");
    open(&browser, "/account/tenants");
    browser.tap("details summary");
    browser.tap("form[action$='/leave'] button");
    browser.comes_to("/account/tenants?done=left");
    assert!(!browser.has("form[action$='/leave']"), "{}", browser.text("main"));
    // The link counts no more.
    browser.runs_scripts(true);
    open(&browser, &link);
    browser.tap("form.card button");
    eventually("the invitation is shown", || browser.has("form[action='/account/invitation']").then_some(()));
    browser.tap("form[action='/account/invitation'] button");
    eventually("it is over", || browser.says().contains("over").then_some(()));
}

#[test]
fn a_key_is_made_shown_once_turned_over_and_ended() {
    let Some(browser) = browser() else { return };
    let person = Person::new();
    enter(&browser, &person.email);
    open(&browser, "/account/keys");
    browser.fill("#f-name", "Backup");
    browser.tap("input[value='stash:read']");
    browser.fill("#f-password", PASSWORD);
    browser.tap("form.card button");
    eventually("the key is shown", || browser.has("code.secret").then_some(()));
    let key = browser.text("code.secret");
    let with =
        |key: &str| e2e::actors::Anonymous::new().call("GET", "/api/v1/stash").bearer(key).send().status;
    assert_eq!(with(&key), 200);
    open(&browser, "/account/keys");
    assert!(!browser.text("main").contains(&key), "it is shown once");
    browser.tap(".rows a");
    browser.comes_to("/account/keys/");
    browser.fill("#f-password", PASSWORD);
    browser.tap("form[action^='/account/keys/']:not(.actions) .actions button");
    eventually("a new key is shown", || browser.has("code.secret").then_some(()));
    let next = browser.text("code.secret");
    assert_eq!((with(&key), with(&next)), (401, 200));
    open(&browser, "/account/keys");
    browser.tap(".rows a");
    browser.comes_to("/account/keys/");
    browser.tap("form[action$='/end'] button");
    browser.comes_to("/account/keys?done=ended");
    assert_eq!(with(&next), 401);
}

#[test]
fn staff_who_see_an_account_have_a_banner_on_every_page_and_change_nothing() {
    let Some(browser) = browser() else { return };
    let (support, person) = (Staffer::new("support"), Person::new());
    let lot = person.buy(100);
    let acting = support.act_as(&person);
    open(&browser, &format!("/acting#token={}", person.access));
    browser.tap("form.card button");
    eventually("a token of somebody's own is none", || browser.has("#f-token-wrong").then_some(()));
    open(&browser, "/age");
    open(&browser, &format!("/acting#token={}", acting.person.access));
    browser.tap("form.card button");
    browser.comes_to("/today");
    for path in [
        "/today",
        "/log",
        "/stash",
        "/history",
        "/insights",
        "/account",
        "/account/profile",
        "/account/export",
        "/account/report",
        "/account/import",
        "/account/devices",
    ] {
        open(&browser, path);
        assert!(browser.text("aside.acting").contains("of our staff"), "{path}: {}", browser.text("body"));
    }
    open(&browser, &format!("/stash/{lot}"));
    browser.run("document.querySelector('main form details')?.setAttribute('open', '')", &json!([]));
    open(&browser, "/account/profile");
    browser.fill("#f-display_name", "Somebody else");
    browser.tap("form.card button");
    eventually("it is refused", || browser.has("[data-code=impersonated]").then_some(()));
    open(&browser, "/acting");
    // Without scripts a tap has ended when the next page is there.
    browser.runs_scripts(false);
    browser.tap("form[action='/acting/end'] button");
    open(&browser, "/today");
    browser.comes_to("/sign-in");
    // The owner reads who it was.
    enter(&browser, &person.email);
    open(&browser, "/account/seen");
    assert!(browser.text("main").contains("ticket 4711"), "{}", browser.text("main"));
    assert!(!browser.has("aside.acting"));
}
