//! Brands, from both doors.

use super::png::tests::png;
use crate::testing::{World, registration};
use serde_json::{Value, json};
use sesh_edge::native::{Call, Got};
use sesh_edge::secret::base64;
use sesh_types::contract::brands::{Brand, LOGO};
use sesh_types::contract::notice::Notice;
use sesh_types::contract::tenants::TENANTS;
use sesh_types::ids::TenantId;

const OWN: &str = "/api/v1/tenant/brand";

fn told(world: &World) -> Vec<Brand> {
    let brand = |notice| match notice {
        Notice::Brand { brand } => Some(brand),
        _ => None,
    };
    world.heard().into_iter().filter_map(brand).collect()
}

fn edit(world: &World, tenant: TenantId, body: &Value) -> Got {
    world.as_admin(Call::new("PATCH", &format!("{TENANTS}/{tenant}/brand")).json(body))
}

fn code(got: &Got) -> (u16, Value) {
    (got.status, got.json()["error"]["code"].clone())
}

#[test]
fn a_brand_is_the_platforms_until_it_is_edited_and_told() {
    let world = World::new();
    let tenant = world.tenant("acre");
    let owner = world.member(tenant, 1, "owner");
    let read = || world.outside(&owner, Call::new("GET", OWN));
    let before = read();
    assert_eq!(
        (before.status, &before.headers["etag"]),
        (200, &"\"v0\"".parse().unwrap()),
        "{}",
        before.text
    );
    let usual = json!({ "tenant_id": tenant, "display_name": null, "short_name": null, "accent_hue": 150,
        "paper_hue": 90, "logo": null, "support_email": null, "language": null, "features_off": [], "version": 0 });
    assert_eq!(before.json()["data"], usual);
    let body = json!({ "display_name": " Green Door ", "accent_hue": 30, "logo": base64(&png(64, 32, &[])),
        "support_email": "help@acre.example", "language": "es", "features_off": ["insights", "goals", "goals"] });
    let call = |tag: &str| {
        Call::new("PATCH", OWN).json(&body).header("if-match", tag).header("idempotency-key", "k")
    };
    assert_eq!(world.outside(&owner, call("\"v3\"")).status, 412);
    let got = world.outside(&owner, call("\"v0\""));
    assert_eq!((got.status, &got.headers["etag"]), (200, &"\"v1\"".parse().unwrap()), "{}", got.text);
    let data = got.json()["data"].clone();
    assert_eq!((&data["display_name"], &data["accent_hue"]), (&json!("Green Door"), &json!(30)));
    assert_eq!((&data["paper_hue"], &data["features_off"]), (&json!(90), &json!(["goals", "insights"])));
    assert_eq!((&data["logo"]["width"], &data["language"]), (&json!(64), &json!("es")));
    assert_eq!(world.outside(&owner, call("\"v0\"")).text, got.text, "a repetition changes nothing");
    assert_eq!(read().json()["data"], data);
    let heard = told(&world);
    assert_eq!((heard.len(), serde_json::to_value(&heard[0]).unwrap()), (1, data.clone()));
    let taken = json!({ "display_name": null, "logo": null, "features_off": [] });
    let last = edit(&world, tenant, &taken).json()["data"].clone();
    assert_eq!(
        (&last["display_name"], &last["logo"], &last["version"]),
        (&Value::Null, &Value::Null, &json!(2))
    );
    assert_eq!(last["support_email"], "help@acre.example", "what is left out stays");
}

#[test]
fn the_audit_log_tells_what_was_before_and_after_and_no_address() {
    let world = World::new();
    let tenant = world.tenant("acre");
    let logo = base64(&png(64, 32, &[]));
    edit(&world, tenant, &json!({ "accent_hue": 30, "support_email": "help@acre.example", "logo": logo }));
    edit(&world, tenant, &json!({ "accent_hue": 60, "logo": null }));
    let details = world.column("SELECT detail FROM audit WHERE action = 'brand.edited' ORDER BY seq");
    let details: Vec<Value> = details.iter().map(|text| serde_json::from_str(text).unwrap()).collect();
    assert_eq!(
        (&details[0]["before"]["accent_hue"], &details[0]["after"]["accent_hue"]),
        (&json!(150), &json!(30))
    );
    assert_eq!(
        (&details[1]["before"]["accent_hue"], &details[1]["after"]["accent_hue"]),
        (&json!(30), &json!(60))
    );
    assert_eq!(details[0]["after"]["logo"], details[1]["before"]["logo"], "a logo by its hash");
    assert_eq!(
        (&details[1]["after"]["logo"], &details[0]["after"]["support_email"]),
        (&Value::Null, &json!("given"))
    );
    let all = world.column("SELECT tenant_id || detail FROM audit WHERE action = 'brand.edited'");
    assert!(all.iter().all(|text| text.starts_with(&tenant.to_string()) && !text.contains('@')), "{all:?}");
}

#[test]
fn only_who_runs_a_tenant_edits_its_brand() {
    let world = World::new();
    let (acre, other) = (world.tenant("acre"), world.tenant("other"));
    let (owner, member) = (world.member(acre, 1, "owner"), world.member(acre, 2, "member"));
    let stranger = world.member(other, 3, "owner");
    let call = |hue: i64| Call::new("PATCH", OWN).json(&json!({ "accent_hue": hue }));
    assert_eq!(world.outside(&member, call(1)).status, 403);
    assert_eq!(world.outside(&stranger, call(2)).json()["data"]["tenant_id"], json!(other), "their own");
    assert_eq!(world.outside(&owner, call(3)).json()["data"]["accent_hue"], 3);
    assert_eq!(world.outside(&member, Call::new("GET", OWN)).json()["data"]["accent_hue"], 3);
    assert_eq!(world.column("SELECT CAST(accent_hue AS TEXT) FROM brands ORDER BY accent_hue"), ["2", "3"]);
    let at_home = world.seeded("ada@example.com");
    assert_eq!(world.outside(&at_home, call(4)).status, 403);
    assert_eq!(code(&edit(&world, TenantId::CONSUMERS, &json!({}))), (409, json!("conflict")));
    let nobody = TenantId(uuid::Uuid::from_u128(9));
    assert_eq!(code(&edit(&world, nobody, &json!({}))), (404, json!("not_found")));
}

#[test]
fn a_logos_last_few_are_kept_and_shown() {
    let world = World::new();
    let tenant = world.tenant("acre");
    let show = |hash: &str| world.internal(Call::new("GET", &format!("{LOGO}?hash={hash}")));
    let mut hashes = Vec::new();
    for side in 20..26 {
        let got = edit(&world, tenant, &json!({ "logo": base64(&png(side, side, &[])) }));
        hashes.push(got.json()["data"]["logo"]["hash"].as_str().unwrap().to_owned());
        world.fleet.pass_ms(1_000);
    }
    let shown: Vec<u16> = hashes.iter().map(|hash| show(hash).status).collect();
    assert_eq!(shown, [404, 404, 404, 200, 200, 200]);
    assert_eq!(show(&hashes[5]).json()["data"]["png"], base64(&png(25, 25, &[])));
}

#[test]
fn who_signs_up_at_a_tenants_address_gets_mails_that_name_it_and_no_link_to_it() {
    let world = World::new();
    let tenant = world.tenant("acre");
    let domains = json!({ "domains": ["acre.example.com"] });
    world.as_admin(Call::new("PATCH", &format!("{TENANTS}/{tenant}")).json(&domains));
    edit(&world, tenant, &json!({ "display_name": "Green Door", "support_email": "help@acre.example" }));
    let register = |email: &str, host: &str| {
        let call = Call::new("POST", sesh_types::contract::auth::REGISTER).json(&registration(email));
        world.internal(call.header("x-sesh-host", host))
    };
    assert_eq!(register("ada@example.com", "acre.example.com").status, 201);
    assert_eq!(register("bob@example.com", "sesh-tracker.com").status, 201);
    let mail = |to: &str| world.fleet.mails().into_iter().find(|mail| mail.to == to).unwrap();
    let named = mail("ada@example.com");
    assert!(
        named.text.ends_with("Green Door, on Sesh-Tracker. Questions: help@acre.example\n"),
        "{}",
        named.text
    );
    assert!(named.text.contains("https://app.example/verify#") && !named.html.contains("acre.example.com"));
    assert!(!mail("bob@example.com").text.contains("Green Door"));
}

#[test]
fn nobody_signs_up_where_that_is_off_or_the_tenant_is_closed() {
    let world = World::new();
    let tenant = world.tenant("acre");
    let domains = json!({ "domains": ["acre.example.com"] });
    world.as_admin(Call::new("PATCH", &format!("{TENANTS}/{tenant}")).json(&domains));
    let register = |number: u32| {
        let body = registration(&format!("p{number}@example.com"));
        let call = Call::new("POST", sesh_types::contract::auth::REGISTER).json(&body);
        world.internal(call.header("x-sesh-host", "acre.example.com"))
    };
    edit(&world, tenant, &json!({ "features_off": ["sign_up"] }));
    assert_eq!(code(&register(1)), (404, json!("not_found")));
    edit(&world, tenant, &json!({ "features_off": [] }));
    assert_eq!(register(2).status, 201);
    let close =
        Call::new("POST", &format!("{TENANTS}/{tenant}/deactivate")).json(&json!({ "reason": "unpaid" }));
    assert_eq!(world.as_admin(close).status, 200);
    assert_eq!(code(&register(3)), (403, json!("tenant_inactive")));
    assert_eq!(world.number("SELECT COUNT(*) FROM people WHERE signed_up_at_tenant IS NOT NULL"), 1);
}
