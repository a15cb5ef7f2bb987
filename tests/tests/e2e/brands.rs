//! White label: two domains that show the same pages and do not look alike.

use e2e::actors::{Anonymous, Caller, PASSWORD, sign_up};
use e2e::chromium::Chromium;
use e2e::fixtures::text;
use e2e::fleet::Worker;
use e2e::http::{Call, Reply};
use e2e::names;
use e2e::tenants::{Tenant, new_tenant};
use e2e::wait::eventually;
use serde_json::{Value, json};

/// A picture of 64 × 64 pixels, all of one colour.
const LOGO: &str = "iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAIAAAAlC+aJAAAAT0lEQVR42u3PQQkAAAgEsEtmMLvY1Qi+hcEKLF3zWgQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQELgsiWlE8YlvDGAAAAABJRU5ErkJggg==";

/// A tenant at a domain that browsers find on this machine, too.
fn tenant() -> (Tenant, String) {
    let domain = format!("{}.localhost", names::slug());
    let mut new = new_tenant();
    new["domains"] = json!([domain]);
    (Tenant::with(&new), domain)
}

fn at(domain: &str, path: &str) -> Reply {
    let call = Anonymous::at(Worker::Tracker).call("GET", path);
    call.header("host", domain).header("accept", "text/html").send()
}

fn edit(tenant: &Tenant, brand: &Value) -> Value {
    tenant.owner.patch("/api/v1/tenant/brand", brand).is(200).data()
}

#[test]
fn two_domains_render_differently_as_soon_as_an_edit_is_acknowledged() {
    let ((one, here), (_, there)) = (tenant(), tenant());
    assert!(!at(&here, "/").is(200).text().contains("Green Door"));
    let brand = edit(
        &one,
        &json!({ "display_name": "Green Door", "accent_hue": 300, "logo": LOGO, "features_off": ["insights"] }),
    );
    let shown = eventually("the new name is seen", || {
        let shown = at(&here, "/").is(200).text();
        shown.contains("Green Door").then_some(shown)
    });
    assert!(shown.contains("/assets/theme-300-90.css"), "{shown}");
    let other = at(&there, "/").is(200).text();
    assert!(!other.contains("Green Door") && !other.contains("/assets/theme-"), "{other}");
    let path = format!("/assets/logo-{}.png", text(&brand["logo"], "hash"));
    assert!(shown.contains(&path), "{shown}");
    let logo = at(&here, &path).is(200);
    assert_eq!(logo.header("content-type"), Some("image/png"));
    assert_eq!(logo.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(logo.header("cache-control"), Some("public, max-age=31536000, immutable"));
    assert!(
        logo.header("content-security-policy").is_some_and(|policy| policy.contains("sandbox")),
        "{logo}"
    );
    assert!(logo.body.starts_with(b"\x89PNG"));
    assert_eq!(at(&here, "/manifest.webmanifest").is(200).json()["name"], "Green Door");
    at(&here, "/assets/logo-00000000000000000000000000000000.png").is(404);
    let person = &one.owner.person;
    person.get("/api/v1/insights").refused(404, "not_found");
    person.switched("01920000-0000-7000-8000-000000000001").get("/api/v1/insights").is(200);
}

#[test]
fn a_closed_tenants_domain_is_403_on_pages_and_nobody_signs_up_there() {
    let (tenant, domain) = tenant();
    at(&domain, "/sign-in").is(200);
    tenant.deactivate();
    let closed = |path: &str| {
        eventually("the domain is closed", || {
            let got = at(&domain, path);
            (got.status == 403).then_some(got)
        })
    };
    for path in ["/", "/sign-in", "/today"] {
        assert!(closed(path).text().contains("tenant_inactive"), "{path}");
    }
    let register = |domain: &str| -> Call {
        let body = sign_up(&names::email());
        Anonymous::at(Worker::Tracker)
            .call("POST", "/api/v1/auth/register")
            .json(&body)
            .header("host", domain)
    };
    register(&domain).send().refused(403, "tenant_inactive");
    tenant.activate();
    eventually("the domain is open", || (at(&domain, "/").status == 200).then_some(()));
    edit(&tenant, &json!({ "features_off": ["sign_up"] }));
    register(&domain).send().refused(404, "not_found");
    eventually("the page is gone", || (at(&domain, "/sign-up").status == 404).then_some(()));
    edit(&tenant, &json!({ "features_off": [] }));
    register(&domain).send().is(201);
}

#[test]
fn of_another_tenants_brand_nothing_is_seen_and_nothing_edited() {
    let ((one, _), (other, _)) = (tenant(), tenant());
    edit(&other, &json!({ "display_name": "Theirs", "accent_hue": 200 }));
    // Whose brand it is stands in the token, and nowhere else.
    let own = edit(&one, &json!({ "accent_hue": 10 }));
    assert_eq!(own["tenant_id"], one.id);
    let member = one.member("member");
    member.patch("/api/v1/tenant/brand", &json!({ "accent_hue": 11 })).refused(403, "forbidden");
    one.owner.patch("/api/v1/tenant/brand", &json!({ "tenant_id": other.id })).refused(400, "bad_request");
    one.owner
        .patch("/api/v1/tenant/brand", &json!({ "features_off": ["teleport"] }))
        .refused(400, "bad_request");
    let theirs = other.owner.get("/api/v1/tenant/brand").is(200).data();
    assert_eq!((&theirs["display_name"], &theirs["accent_hue"]), (&json!("Theirs"), &json!(200)));
}

#[test]
fn what_a_tenant_chose_is_what_chromium_draws() {
    let Some(browser) = Chromium::start() else { return };
    browser.shows(360, 740, "light");
    browser.calls_from(&names::address());
    let ((one, here), (other, there)) = (tenant(), tenant());
    let off = json!({ "display_name": "Green Door", "accent_hue": 300, "logo": LOGO, "features_off": ["insights"] });
    edit(&one, &off);
    edit(&other, &json!({ "display_name": "Blue Door", "accent_hue": 240 }));
    let port = Worker::Tracker.url().rsplit_once(':').unwrap().1.to_owned();
    let look = |domain: &str, name: &str| {
        let seen = eventually("the domain's own page", || {
            browser.open(&format!("http://{domain}:{port}/sign-in"));
            browser.has("form.card").then(|| browser.text(".brand")).filter(|brand| brand == name)
        });
        let colour =
            "return getComputedStyle(document.querySelector('form.card button.button')).backgroundColor";
        let logo = "return document.querySelector('.brand img')?.naturalWidth ?? 0";
        (seen, browser.run(colour, &json!([])), browser.run(logo, &json!([])))
    };
    let (green, blue) = (look(&here, "Green Door"), look(&there, "Blue Door"));
    assert_ne!(green.1, blue.1, "the button's colour");
    assert_eq!((green.2, blue.2), (json!(64), json!(0)), "the logo is drawn, where there is one");
    for (tenant, domain, tabs) in [(&one, &here, 3), (&other, &there, 4)] {
        browser.open(&format!("http://{domain}:{port}/sign-in"));
        browser.fill("#f-email", &tenant.owner.person.email);
        browser.fill("#f-password", PASSWORD);
        browser.tap("form.card button.button");
        browser.comes_to("/today");
        let count = browser.run("return document.querySelectorAll('.bar a').length", &json!([]));
        assert_eq!(count, json!(tabs), "{domain}");
        assert_eq!(browser.has(".bar a.insights"), tabs == 4);
    }
}

/// Renders a tenant's pages beside the platform's, for whoever runs `scripts/screenshots`.
#[test]
fn screenshots() {
    let Some(folder) = std::env::var_os("SESH_SCREENSHOTS").map(std::path::PathBuf::from) else { return };
    let Some(browser) = Chromium::start() else { return };
    let only = std::env::var("SESH_SCREENSHOTS_OF").unwrap_or_default();
    std::fs::create_dir_all(&folder).unwrap();
    browser.calls_from(&names::address());
    let (tenant, domain) = tenant();
    edit(
        &tenant,
        &json!({ "display_name": "Green Door", "accent_hue": 300, "paper_hue": 320, "logo": LOGO,
        "support_email": "help@acre.example", "features_off": ["insights"] }),
    );
    let port = Worker::Tracker.url().rsplit_once(':').unwrap().1.to_owned();
    let shoot = |name: &str, path: &str| {
        for (width, height, size) in [(360, 740, "phone"), (1280, 860, "desk")] {
            for scheme in ["light", "dark"] {
                browser.shows(width, height, scheme);
                browser.open(&format!("http://{domain}:{port}{path}"));
                std::fs::write(folder.join(format!("{name}-{size}-{scheme}.png")), browser.picture())
                    .unwrap();
            }
        }
    };
    if !"brand-welcome brand-sign-in brand-stash brand-closed".contains(&only) {
        return;
    }
    shoot("brand-welcome", "/");
    shoot("brand-sign-in", "/sign-in");
    browser.fill("#f-email", &tenant.owner.person.email);
    browser.fill("#f-password", PASSWORD);
    browser.tap("form.card button.button");
    browser.comes_to("/today");
    shoot("brand-stash", "/stash");
    tenant.deactivate();
    shoot("brand-closed", "/sign-in");
}
