//! White label: what a tenant's domain shows, and what is not there.

use crate::world::World;
use serde_json::{Value, json};
use sesh_edge::native::{Call, Got};
use sesh_types::access::{FEATURE_ROUTES, feature_of};
use sesh_types::ids::TenantId;

const ACRE: TenantId = TenantId(uuid::Uuid::from_u128(0xacce));
const OTHER: TenantId = TenantId(uuid::Uuid::from_u128(0x07e5));
const HERE: &str = "acre.example.com";

fn tell(world: &World, notice: &Value) {
    let call = Call::new("POST", "/internal/v1/notices").json(&json!({ "notices": [notice] }));
    let got = world.fleet.call_internal("tracker", call);
    assert_eq!(got.status, 204, "{}", got.text);
}

fn tenant(world: &World, id: TenantId, domain: &str, version: i64, is_active: bool) {
    tell(
        world,
        &json!({ "kind": "tenant", "tenant_id": id, "slug": "s", "name": "Acre Farms", "is_active": is_active,
            "domains": [domain], "version": version }),
    );
}

fn brand(world: &World, id: TenantId, version: i64, change: &Value) {
    let mut brand = json!({ "tenant_id": id, "display_name": null, "short_name": null, "accent_hue": 150,
        "paper_hue": 90, "logo": null, "support_email": null, "language": null, "features_off": [],
        "version": version });
    brand.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    tell(world, &json!({ "kind": "brand", "brand": brand }));
}

fn page(world: &World, host: &str, path: &str) -> Got {
    let call = Call::new("GET", path).header("host", host).header("accept", "text/html");
    world.fleet.call("tracker", call)
}

fn code(got: &Got) -> (u16, Value) {
    (got.status, got.json()["error"]["code"].clone())
}

#[test]
fn a_tenants_domain_looks_like_the_tenant_and_every_other_as_ever() {
    let world = World::new(1);
    assert!(page(&world, HERE, "/").text.contains("· Sesh</title>"));
    tenant(&world, ACRE, HERE, 1, true);
    assert!(
        page(&world, HERE, "/").text.contains("· Acre Farms</title>"),
        "its name, until it chooses another"
    );
    let logo = json!({ "hash": "0123456789abcdef0123456789abcdef", "width": 64, "height": 32 });
    brand(
        &world,
        ACRE,
        1,
        &json!({ "display_name": "Green Door", "accent_hue": 30, "logo": logo, "language": "es" }),
    );
    let shown = page(&world, &format!("{}:8787", HERE.to_uppercase()), "/").text;
    for part in [
        "· Green Door</title>",
        "<link rel=\"stylesheet\" href=\"/assets/theme-30-90.css\">",
        "<link rel=\"icon\" type=\"image/png\" href=\"/assets/logo-0123456789abcdef0123456789abcdef.png\">",
        "alt=\"\" height=\"28\" width=\"56\">",
        "<html lang=\"es\"",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let manifest = page(&world, HERE, "/manifest.webmanifest").json();
    assert_eq!((&manifest["name"], &manifest["icons"][0]["sizes"]), (&json!("Green Door"), &json!("64x32")));
    let style = page(&world, HERE, "/assets/theme-30-90.css");
    assert_eq!(style.text, ":root{--accent-hue:30;--paper-hue:90}");
    assert_eq!(style.headers["cache-control"], "public, max-age=31536000, immutable");
    let elsewhere = page(&world, "sesh-tracker.com", "/").text;
    assert!(elsewhere.contains("· Sesh</title>") && !elsewhere.contains("theme-"), "{elsewhere}");
    brand(&world, ACRE, 1, &json!({ "display_name": "Older" }));
    assert!(page(&world, HERE, "/").text.contains("Green Door"), "an older notice changes nothing");
}

#[test]
fn a_page_asks_for_its_look_now_and_then_only_and_an_edit_is_seen_within_half_a_minute() {
    let world = World::new(1);
    tenant(&world, ACRE, HERE, 1, true);
    assert!(page(&world, HERE, "/").text.contains("Acre Farms"));
    // As another isolate has it, which hears no notice.
    world.fleet.database("tracker", |database| {
        database.connection().execute("UPDATE tenants SET name = 'Renamed'", []).unwrap();
    });
    world.fleet.pass_ms(29_000);
    assert!(page(&world, HERE, "/").text.contains("Acre Farms"), "what is known is used");
    world.fleet.pass_ms(1_000);
    assert!(page(&world, HERE, "/").text.contains("Renamed"));
    brand(&world, ACRE, 1, &json!({ "display_name": "Green Door" }));
    assert!(page(&world, HERE, "/").text.contains("Green Door"), "who is told sees it at once");
}

#[test]
fn a_closed_tenants_domain_is_a_calm_403_on_every_page() {
    let world = World::new(1);
    tenant(&world, ACRE, HERE, 1, true);
    brand(&world, ACRE, 1, &json!({ "display_name": "Green Door", "support_email": "help@acre.example" }));
    tenant(&world, ACRE, HERE, 2, false);
    for path in ["/", "/sign-in", "/sign-up", "/today", "/offline", "/account"] {
        let got = page(&world, HERE, path);
        assert_eq!(got.status, 403, "{path}");
        assert!(
            got.text.contains("data-code=\"tenant_inactive\"") && got.text.contains("Green Door"),
            "{}",
            got.text
        );
        assert!(got.text.contains("mailto:help@acre.example"), "{}", got.text);
    }
    assert_eq!(page(&world, "sesh-tracker.com", "/").status, 200);
    tenant(&world, ACRE, HERE, 3, true);
    assert_eq!(page(&world, HERE, "/").status, 200);
}

#[test]
fn no_page_leads_to_a_part_that_is_off_also_not_by_what_was_made_before() {
    let world = World::new(1);
    tenant(&world, ACRE, HERE, 1, true);
    let token = world.token_in(ACRE, World::somebody(1));
    let goal = json!({ "measure": "sessions", "per": "day", "target": 1 });
    let set = Call::new("POST", "/api/v1/goals").bearer(&token).json(&goal).header("host", HERE);
    assert_eq!(world.fleet.call("tracker", set).status, 201);
    let open = |path: &str| {
        let call = Call::new("GET", path).header("host", HERE).header("accept", "text/html");
        let got = world.fleet.call("tracker", call.header("cookie", &format!("__Host-sesh_access={token}")));
        assert_eq!(got.status, 200, "{path}: {}", got.text);
        got.text
    };
    let paths = ["/today", "/insights", "/account"];
    for path in paths {
        assert!(open(path).contains("href=\"/goals"), "{path}");
    }
    brand(&world, ACRE, 1, &json!({ "features_off": ["goals", "imports"] }));
    for path in paths {
        let shown = open(path);
        assert!(
            !shown.contains("href=\"/goals") && !shown.contains("href=\"/account/import"),
            "{path}: {shown}"
        );
    }
}

#[test]
fn a_part_that_is_off_is_404_on_page_and_api_for_everybody_of_the_tenant_and_for_nobody_else() {
    let world = World::new(1);
    tenant(&world, ACRE, HERE, 1, true);
    tenant(&world, OTHER, "other.example.com", 1, true);
    let off = json!({ "features_off": ["goals", "insights", "imports", "sign_up"] });
    brand(&world, ACRE, 1, &off);
    let ask = |tenant: TenantId, host: &str, path: &str| {
        let call =
            Call::new("GET", path).bearer(&world.token_in(tenant, World::somebody(1))).header("host", host);
        world.fleet.call("tracker", call)
    };
    for (path, _) in
        FEATURE_ROUTES.iter().filter(|(path, _)| path.starts_with("/api/") && !path.contains("/auth/"))
    {
        assert_eq!(code(&ask(ACRE, HERE, path)), (404, json!("not_found")), "{path}");
        assert_eq!(
            code(&ask(ACRE, "sesh-tracker.com", path)),
            (404, json!("not_found")),
            "{path}, wherever they call"
        );
        assert_eq!(ask(OTHER, "other.example.com", path).status, 200, "{path}");
        assert_eq!(ask(TenantId::CONSUMERS, "sesh-tracker.com", path).status, 200, "{path}");
    }
    let goal = json!({ "measure": "sessions", "per": "day", "target": 1 });
    let set =
        Call::new("POST", "/api/v1/goals").bearer(&world.token_in(ACRE, World::somebody(1))).json(&goal);
    assert_eq!(
        code(&world.fleet.call("tracker", set.header("host", HERE))),
        (404, json!("not_found")),
        "writing, too"
    );
    let (_, pages) = routes();
    for path in pages.iter().filter(|path| feature_of(path).is_some() && !path.contains('{')) {
        let got = page(&world, HERE, path);
        assert!(got.status == 404 && got.text.contains("data-code=\"not_found\""), "{path} {}", got.text);
        assert_ne!(page(&world, "other.example.com", path).status, 404, "{path}");
    }
    assert!(!page(&world, HERE, "/").text.contains("href=\"/age\""));
    assert!(!page(&world, HERE, "/sign-in").text.contains("href=\"/age\""));
    assert!(!page(&world, HERE, "/legacy").text.contains("/insights"));
    assert!(page(&world, "other.example.com", "/legacy").text.contains("/insights"));
    brand(&world, ACRE, 2, &json!({}));
    assert_eq!(ask(ACRE, HERE, "/api/v1/insights").status, 200, "and back");
}

/// Every route: of the API, and pages.
fn routes() -> (Vec<String>, Vec<String>) {
    let routes = tracker::router::public();
    let pages = routes.pages().iter().map(|(_, path)| (*path).to_owned()).collect();
    let document =
        routes.into_document(&sesh_edge::openapi::About { title: "", description: "", callers: &[] });
    (document["paths"].as_object().unwrap().keys().cloned().collect(), pages)
}

#[test]
fn every_route_of_a_part_that_can_be_off_is_in_the_table() {
    let (api, pages) = routes();
    for (start, _) in FEATURE_ROUTES.iter().filter(|(start, _)| start.starts_with("/api/")) {
        assert!(api.iter().any(|path| path.starts_with(start)), "{start} is no route any more");
    }
    for path in api.iter().chain(&pages) {
        let said = ["goal", "break", "insight", "import", "sign-up", "auth/register"]
            .iter()
            .any(|word| path.contains(word));
        assert!(
            !said || feature_of(path).is_some(),
            "{path} belongs to a part that can be off: say so in the table"
        );
    }
}

#[test]
fn nothing_that_a_tenant_says_is_markup_style_or_script() {
    let world = World::new(1);
    tenant(&world, ACRE, HERE, 1, true);
    // Observer's rules let none of these through; what is drawn does not rely on it.
    let mut naughty: Vec<String> =
        ["</title><script>x</script>", "\"><img src=x onerror=y>", "}*{color:red", "javascript:x"]
            .map(str::to_owned)
            .to_vec();
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/auth/blns.json");
    match std::fs::read_to_string(file).ok().and_then(|text| serde_json::from_str::<Vec<String>>(&text).ok())
    {
        Some(more) => naughty.extend(more),
        None => eprintln!("SKIPPED: there is no list of naughty strings here; a few of our own were tried."),
    }
    for (version, text) in (1..).zip(&naughty) {
        let said = json!({ "display_name": text, "short_name": text, "support_email": text,
            "logo": { "hash": text, "width": 64, "height": 64 } });
        brand(&world, ACRE, version, &said);
        let got = page(&world, HERE, "/sign-in");
        assert_eq!(got.status, 200, "{text:?}");
        let policy = got.headers["content-security-policy"].to_str().unwrap();
        assert!(!policy.contains("unsafe"), "{policy}");
        let elements = |name: &str| got.text.matches(&format!("<{name}")).count();
        assert_eq!(
            (elements("script"), elements("style"), elements("img"), elements("iframe")),
            (1, 0, 1, 0),
            "{text:?}"
        );
        for sign in ["<svg onload", "onerror=y>", "<title><"] {
            assert!(!got.text.contains(sign), "{text:?} {}", got.text);
        }
        assert_eq!(page(&world, HERE, "/manifest.webmanifest").json()["name"], json!(text));
    }
}
