//! The pages, in one process with the real observer: who gets where, and that a page and the API tell the same.

mod pictures;
mod plans;

use crate::world::World;
use crate::world::browser::{Browser, HOST, field, header, to};
use serde_json::json;
use sesh_edge::native::Call;

#[test]
fn somebody_signs_up_adds_logs_and_sees_it_without_a_script() {
    let world = World::new(1);
    let ada = Browser::signed_up(&world, "ada@example.com");
    assert!(ada.open("/today").text.contains("Add your first jar"));
    let lot = [
        ("name", "Blue Dream"),
        ("form_of", "flower"),
        ("quantity", "3,5 g"),
        ("price", "35"),
        ("currency", "USD"),
    ];
    assert_eq!(to(&ada.post("/stash/new", "/stash/new", &lot)), "/stash?done=added");
    let lots = ada.api("/api/v1/stash");
    assert_eq!((&lots[0]["quantity_mg"], &lots[0]["price"]["minor"]), (&json!(3500), &json!(3500)));
    let id = lots[0]["id"].as_str().unwrap();
    let sesh = [
        ("lot", id),
        ("choice", "250"),
        ("amount", "half"),
        ("method", "vape"),
        ("effects", "calm, happy"),
        ("rating", "4"),
    ];
    let logged = ada.post("/log", "/log", &sesh);
    assert!(to(&logged).starts_with("/today?done=logged&id="), "{}", logged.text);
    let today = ada.open(to(&logged)).text;
    assert!(
        today.contains("Blue Dream") && today.contains("0.5\u{a0}g") && today.contains("3\u{a0}g"),
        "{today}"
    );
    let session = &ada.api("/api/v1/sessions")[0];
    assert_eq!(
        (&session["items"][0]["quantity_mg"], &session["effects"]),
        (&json!(500), &json!(["calm", "happy"]))
    );
    assert_eq!(ada.api("/api/v1/dashboard")["today"]["quantity_mg"], 500);
}

#[test]
fn where_the_address_is_proven_first_one_signs_up_by_mail_without_a_script() {
    let world = World::new(1);
    let ada = Browser::new(&world);
    ada.post("/age", "/age", &[("answer", "yes")]);
    let fields = [("display_name", "Ada"), ("email", "ada@example.com"), ("birth_date", "1990-04-20")];
    let at_once = [&fields[..], &[("password", "tangerine otter lamp")]].concat();
    // The form of old, opened before the tenant chose, leads to the other one and keeps what was typed.
    let html = ada.open("/sign-up").text;
    world.fleet.database("observer", |database| {
        database.connection().execute_batch("UPDATE tenants SET confirm_sign_up = 1").unwrap();
    });
    let (token, key) = (field(&html, "form"), field(&html, "key"));
    let old = [&[("form", token.as_str()), ("key", key.as_str())], &at_once[..]].concat();
    let got = ada.posted("/sign-up", &old, Some(&format!("https://{HOST}")));
    assert!(got.status == 422 && got.text.contains("confirmed first"), "{}", got.text);
    assert!(!got.text.contains("type=\"password\"") && got.text.contains("ada@example.com"), "{}", got.text);
    let first = [&[("confirm_first", "yes")], &fields[..]].concat();
    let got = ada.post("/sign-up", "/sign-up", &first);
    assert_eq!(to(&got), "/sign-up?done=sent", "{}", got.text);
    assert!(ada.open("/sign-up?done=sent").text.contains("Look into your mail"));
    let mail = world.fleet.mails().pop().unwrap();
    let (_, token) = mail.text.split_once("https://app.example/sign-up/confirm#token=").unwrap();
    let token = token.lines().next().unwrap();
    let confirm = |token: &str| {
        let typed = [("token", token), ("password", "tangerine otter lamp")];
        ada.post("/sign-up/confirm", "/sign-up/confirm", &typed)
    };
    let wrong = confirm("mt_a_b_c");
    assert!(wrong.status == 422 && wrong.text.contains("too old"), "{}", wrong.text);
    assert_eq!(to(&confirm(token)), "/today");
    assert!(ada.open("/today").text.contains("Add your first jar"));
    assert!(ada.api("/api/v1/me")["email_verified_at"].is_string());
    // Whoever has an account is told so by mail, and by nothing else.
    let got = ada.post("/sign-up", "/sign-up", &first);
    assert_eq!(to(&got), "/sign-up?done=sent");
    assert_eq!(world.fleet.mails().pop().unwrap().subject, "You have an account already");
}

#[test]
fn a_form_that_is_sent_twice_counts_once() {
    let world = World::new(1);
    let ada = Browser::signed_up(&world, "ada@example.com");
    ada.post(
        "/stash/new",
        "/stash/new",
        &[("name", "Jar"), ("form_of", "flower"), ("quantity", "1"), ("currency", "USD")],
    );
    let html = ada.open("/log").text;
    let id = ada.api("/api/v1/stash")[0]["id"].as_str().unwrap().to_owned();
    let (token, key) = (field(&html, "form"), field(&html, "key"));
    let fields = [
        ("form", token.as_str()),
        ("key", key.as_str()),
        ("lot", id.as_str()),
        ("choice", "250"),
        ("method", "smoke"),
    ];
    let origin = format!("https://{HOST}");
    let first = ada.posted("/log", &fields, Some(&origin));
    let second = ada.posted("/log", &fields, Some(&origin));
    assert_eq!((first.status, to(&first)), (303, to(&second)));
    assert_eq!(ada.api("/api/v1/dashboard")["today"]["sessions"], 1);
}

#[test]
fn what_is_wrong_stands_beside_its_field_and_what_was_typed_stays() {
    let world = World::new(1);
    let ada = Browser::signed_up(&world, "ada@example.com");
    let got = ada.post(
        "/stash/new",
        "/stash/new",
        &[("name", "My <jar>"), ("form_of", "edible"), ("quantity", "lots"), ("currency", "EUR")],
    );
    assert_eq!(got.status, 422);
    assert!(
        got.text.contains("value=\"My &lt;jar&gt;\"") && got.text.contains("value=\"lots\""),
        "{}",
        got.text
    );
    assert!(got.text.contains("id=\"f-quantity-wrong\">Write an amount"), "{}", got.text);
    assert!(got.text.contains("value=\"edible\" checked"), "{}", got.text);
    ada.post(
        "/stash/new",
        "/stash/new",
        &[("name", "Jar"), ("form_of", "flower"), ("quantity", "1"), ("currency", "USD")],
    );
    let id = ada.api("/api/v1/stash")[0]["id"].as_str().unwrap().to_owned();
    let over = ada.post("/log", "/log", &[("lot", &id), ("amount", "2 g"), ("method", "smoke")]);
    assert!(over.status == 422 && over.text.contains("Only 1\u{a0}g are left there"), "{}", over.text);
    assert_eq!(ada.api("/api/v1/stash")[0]["balance_mg"], 1000);
}

#[test]
fn what_was_deleted_comes_back_once() {
    let world = World::new(1);
    let ada = Browser::signed_up(&world, "ada@example.com");
    ada.post(
        "/stash/new",
        "/stash/new",
        &[("name", "Jar"), ("form_of", "flower"), ("quantity", "1"), ("currency", "USD")],
    );
    let id = ada.api("/api/v1/stash")[0]["id"].as_str().unwrap().to_owned();
    ada.post(
        "/log",
        "/log",
        &[("lot", &id), ("amount", "0.4"), ("method", "smoke"), ("notes", "on the porch")],
    );
    let session = ada.api("/api/v1/sessions")[0]["id"].as_str().unwrap().to_owned();
    let page = format!("/history/{session}");
    assert_eq!(
        to(&ada.post(
            &page,
            &page,
            &[("amount-0", "600mg"), ("method", "vape"), ("when", ""), ("notes", "x")]
        )),
        ""
    );
    let delete = ada.post(&page, &format!("{page}/delete"), &[]);
    assert_eq!(ada.api("/api/v1/stash")[0]["balance_mg"], 1000);
    for _ in 0..2 {
        assert_eq!(to(&ada.post(to(&delete), &format!("{page}/restore"), &[])), "/history?done=restored");
    }
    let sessions = ada.api("/api/v1/sessions");
    assert_eq!((sessions.as_array().unwrap().len(), &sessions[0]["notes"]), (1, &json!("on the porch")));
    assert_eq!(ada.api("/api/v1/stash")[0]["balance_mg"], 600);
}

#[test]
fn nobody_is_sent_to_sign_in_and_comes_back() {
    let world = World::new(1);
    let nobody = Browser::new(&world);
    for path in [
        "/today",
        "/log",
        "/history",
        "/stash",
        "/stash/new",
        "/strains",
        "/insights",
        "/presets",
        "/goals",
        "/breaks/new",
        "/strains/new",
        "/account",
        "/account/devices",
    ] {
        let got = nobody.open(path);
        assert_eq!((got.status, to(&got)), (303, format!("/sign-in?next={path}").as_str()), "{}", got.text);
    }
    drop(Browser::signed_up(&world, "ada@example.com"));
    let form = [("next", "/stash/new"), ("email", "ada@example.com"), ("password", "tangerine otter lamp")];
    assert_eq!(to(&nobody.post("/sign-in?next=/stash/new", "/sign-in", &form)), "/stash/new");
    let wrong = Browser::new(&world).post(
        "/sign-in",
        "/sign-in",
        &[("email", "ada@example.com"), ("password", "no")],
    );
    assert!(
        wrong.status == 422
            && wrong.text.contains("do not fit")
            && wrong.text.contains("value=\"ada@example.com\""),
        "{}",
        wrong.text
    );
}

#[test]
fn one_is_sent_to_a_page_of_ours_and_to_no_other_host() {
    let world = World::new(1);
    let ada = Browser::signed_up(&world, "ada@example.com");
    let elsewhere = [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "/\u{1}/evil.example",
    ];
    for path in elsewhere {
        assert_eq!(
            to(&ada.post("/account", "/settings", &[("back", path), ("lang", "en")])),
            "/account",
            "{path:?}"
        );
        let form = [("next", path), ("email", "ada@example.com"), ("password", "tangerine otter lamp")];
        assert_eq!(to(&Browser::new(&world).post("/sign-in", "/sign-in", &form)), "/today", "{path:?}");
    }
    assert_eq!(to(&ada.post("/account", "/settings", &[("back", "/stash"), ("lang", "en")])), "/stash");
}

#[test]
fn every_page_of_somebody_leads_to_signing_out() {
    let world = World::new(1);
    let ada = Browser::signed_up(&world, "ada@example.com");
    for path in [
        "/today",
        "/log",
        "/history",
        "/stash",
        "/stash/new",
        "/strains",
        "/insights",
        "/account/profile",
        "/account/devices",
        "/account/security",
    ] {
        let head = ada.open(path).text;
        let (head, _) = head.split_once("</header>").unwrap();
        assert!(head.contains("href=\"/account\""), "{path}");
    }
    assert!(ada.open("/account").text.contains("action=\"/sign-out\""));
}

#[test]
fn passwords_are_masked_and_may_be_pasted_and_filled_in() {
    let world = World::new(1);
    let nobody = Browser::new(&world);
    nobody.post("/age", "/age", &[("answer", "yes")]);
    let ada = Browser::signed_up(&world, "ada@example.com");
    let pages = [
        nobody.open("/sign-in"),
        nobody.open("/sign-up"),
        nobody.open("/recover"),
        ada.open("/account/security"),
    ];
    let mut seen = 0;
    for page in pages {
        for field in page.text.split("<input").skip(1).map(|rest| rest.split('>').next().unwrap()) {
            if field.contains("password\"") && !field.contains("hidden") {
                seen += 1;
                assert!(field.contains("type=\"password\""), "{field}");
                assert!(field.contains("-password\""), "a manager of passwords knows what it is: {field}");
                assert!(!field.contains("onpaste") && !field.contains("autocomplete=\"off\""), "{field}");
            }
        }
    }
    assert!(seen >= 4, "{seen} fields");
}

#[test]
fn a_login_outlives_its_access_token_and_not_its_device() {
    let world = World::new(1);
    let ada = Browser::signed_up(&world, "ada@example.com");
    let before = ada.cookies.borrow()["__Host-sesh_access"].clone();
    world.fleet.pass_ms(20 * 60 * 1000);
    assert_eq!(ada.open("/today").status, 200, "renewed on the way");
    assert_ne!(ada.cookies.borrow()["__Host-sesh_access"], before);
    assert_eq!(ada.open("/today").status, 200);
    let kept = ada.cookies.borrow().clone();
    assert_eq!(to(&ada.post("/account", "/sign-out", &[])), "/");
    *ada.cookies.borrow_mut() = kept;
    assert_eq!(to(&ada.open("/today")), "/sign-in?next=/today");
}

#[test]
fn a_form_of_another_site_does_nothing() {
    let world = World::new(1);
    let ada = Browser::signed_up(&world, "ada@example.com");
    let html = ada.open("/stash/new").text;
    let token = field(&html, "form");
    let fields = [
        ("form", token.as_str()),
        ("name", "x"),
        ("form_of", "flower"),
        ("quantity", "1"),
        ("currency", "USD"),
    ];
    for origin in [Some("https://evil.example"), Some("null"), None] {
        assert_eq!(ada.posted("/stash/new", &fields, origin).status, 403, "{origin:?}");
    }
    let own = format!("https://{HOST}");
    for token in ["", "x", &"y".repeat(43)] {
        let fields =
            [("form", token), ("name", "x"), ("form_of", "flower"), ("quantity", "1"), ("currency", "USD")];
        let got = ada.posted("/stash/new", &fields, Some(&own));
        assert!(got.status == 403 && got.text.contains("data-code=\"forbidden\""), "{}", got.text);
    }
    assert_eq!(ada.api("/api/v1/stash"), json!([]));
}

#[test]
fn pages_are_strict_and_kept_by_nobody_and_files_for_ever() {
    let world = World::new(1);
    let ada = Browser::signed_up(&world, "ada@example.com");
    for path in
        ["/", "/age", "/sign-in", "/recover", "/verify", "/offline", "/today", "/log", "/no-such-page"]
    {
        let got = ada.open(path);
        let policy = header(&got, "content-security-policy");
        assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(header(&got, "cache-control"), "private, no-store", "{path}");
        for inline in ["<style", " style=", "javascript:", " onclick"] {
            assert!(!got.text.contains(inline), "{path} has {inline}");
        }
        assert!(!got.text.contains("http://") && !got.text.contains("https://"), "{path} leads elsewhere");
    }
    let html = ada.open("/today").text;
    let files: Vec<&str> = html.split('"').filter(|part| part.starts_with("/assets/")).collect();
    assert!(files.len() >= 3, "{files:?}");
    let mut sum = html.len();
    for file in files {
        let got = ada.open(file);
        assert_eq!(
            (got.status, header(&got, "cache-control")),
            (200, "public, max-age=31536000, immutable"),
            "{file}"
        );
        sum += got.text.len();
    }
    assert!(sum <= 60 * 1024, "the first view is {sum} bytes before compression");
    assert_eq!(header(&ada.open("/assets/app-000000000000.css"), "cache-control"), "no-cache");
    assert_eq!(ada.open("/assets/other.css").status, 404);
    let legacy = Browser::new(&world).open("/legacy");
    assert_eq!((legacy.status, header(&legacy, "cache-control")), (200, "public, max-age=3600"));
    assert_eq!(header(&legacy, "set-cookie"), "", "what is kept for all sets no cookie");
}

#[test]
fn search_engines_may_show_the_front_page_and_no_other() {
    let world = World::new(1);
    let nobody = Browser::new(&world);
    let front = nobody.open("/").text;
    assert!(
        front.contains("name=\"description\" content=\"A quiet notebook") && !front.contains("noindex"),
        "{front}"
    );
    for path in ["/age", "/sign-in", "/recover", "/offline", "/lost"] {
        assert!(nobody.open(path).text.contains("noindex"), "{path}");
    }
    let ada = Browser::signed_up(&world, "ada@example.com");
    for path in ["/today", "/history", "/account"] {
        assert!(ada.open(path).text.contains("noindex"), "{path}");
    }
}

#[test]
fn pages_speak_the_language_that_is_asked_for() {
    let world = World::new(1);
    let spanish = Browser { language: "es-MX,es;q=0.9", ..Browser::new(&world) };
    assert!(spanish.open("/").text.contains("lang=\"es\"") && spanish.open("/").text.contains("cuaderno"));
    assert!(spanish.open("/?lang=en").text.contains("quiet notebook"));
    assert!(spanish.open("/sign-in").text.contains("Password"), "the choice is kept");
    let lost = Browser::new(&world).open("/no-such-page");
    assert!(lost.status == 404 && lost.text.contains("There is no such page"), "{}", lost.text);
    let program = world.fleet.call("tracker", Call::new("GET", "/no-such-page"));
    assert_eq!((program.status, &program.json()["error"]["code"]), (404, &json!("not_found")));
}
