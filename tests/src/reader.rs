//! Somebody whose notebook is worth looking at, and every page that they can open in it.

use crate::actors::{Caller, PASSWORD, Person};
use crate::chromium::Chromium;
use crate::fixtures::text;
use crate::names;
use crate::passkeys::origin;
use serde_json::{Value, json};

/// A person with some weeks behind them.
pub struct Reader {
    /// Who it is.
    pub person: Person,
    lot: String,
    session: String,
    strain: String,
    waits: String,
    taken: String,
    key: String,
    preset: String,
    goal: String,
    pause: String,
}

const DAY_MS: i64 = 24 * 3600 * 1000;

impl Reader {
    /// Somebody with four jars and eight weeks of sessions.
    #[track_caller]
    pub fn new() -> Self {
        let person = Person::new();
        let strain = json!({ "name": "Lavender Fields", "type": "indica", "thc_percent": 1850, "cbd_percent": 40,
            "description": "Bred by a neighbour. Smells of dried flowers and pepper.", "breeder": "The neighbour",
            "effects": ["calm", "sleepy"], "flavors": ["lavender", "pepper"], "terpenes": ["linalool", "myrcene"] });
        let strain = text(&person.post("/api/v1/strains", &strain).is(201).data(), "id");
        let buy = |name: &str, form: &str, mg: i64, price: i64, strain: Option<&str>| {
            let lot = json!({ "name": name, "form": form, "quantity_mg": mg, "strain_id": strain,
                "price": { "minor": price, "currency": "USD" } });
            text(&person.post("/api/v1/stash", &lot).is(201).data(), "id")
        };
        let jar = buy("Lavender Fields", "flower", 28_000, 18_000, Some(&strain));
        let other = buy("Blue Dream", "flower", 3_500, 3_500, None);
        let cart = buy("Night cartridge", "vape", 1_000, 4_200, None);
        buy("Ten gummies, 10 mg each", "edible", 100, 1_800, None);
        let mut session = String::new();
        for number in 0..44_i64 {
            let (lot, mg, method) = match number % 5 {
                0 | 2 => (&jar, 250 + (number * 37) % 300, "smoke"),
                1 => (&other, 50 + (number * 13) % 90, "smoke"),
                3 => (&cart, 10 + number % 25, "vape"),
                _ => (&jar, 300, "vape"),
            };
            let past = number * DAY_MS * 5 / 4 + (number % 7) * 3_600_000 + 900_000;
            let body = json!({ "occurred_at": names::ago(past), "method": method, "rating": 3 + number % 3,
                "mood_before": 2 + number % 2, "mood_after": 3 + number % 3, "effects": ["calm", if number % 3 == 0 { "sleepy" } else { "happy" }],
                "items": [{ "lot_id": lot, "quantity_mg": if number == 6 { None } else { Some(mg) } }] });
            let logged = person.post("/api/v1/sessions", &body).is(201).data();
            if number == 0 {
                session = text(&logged, "id");
            }
        }
        person
            .post(
                &format!("/api/v1/stash/{other}/entries"),
                &json!({ "kind": "gift", "quantity_mg": 500, "note": "for Sam" }),
            )
            .is(201);
        let rows = "Day,Time,Strain,Grams,How,Stars\n2026-01-04,21:30,Blue Dream,0.4,joint,4\n\
            2026-01-05,,Blue Dream,0.25,vape,5\nsome day,08:00,Lavender Fields,1,joint,3\n2026-01-06,22:10,,a lot,joint,\n";
        let look = |source: &str| {
            let looked = person.post("/api/v1/imports", &json!({ "source": source })).is(201).data();
            text(&looked["import"], "id")
        };
        let (waits, taken) = (look(rows), look(&rows.replace("2026-01", "2025-12")));
        person.post(&format!("/api/v1/imports/{taken}/confirm"), &json!({})).is(200);
        let key = json!({ "name": "Backup at home", "scopes": ["sessions:read", "stash:read"], "password": PASSWORD });
        let key = text(&person.post("/api/v1/me/keys", &key).is(201).data(), "id");
        let made = |path: &str, body: &Value| text(&person.post(path, body).is(201).data(), "id");
        let preset = made(
            "/api/v1/presets",
            &json!({ "name": "A puff of my pen", "method": "vape", "lot_id": cart, "quantity_mg": 3, "unit": "puff" }),
        );
        made(
            "/api/v1/presets",
            &json!({ "name": "Evening bowl", "method": "smoke", "lot_id": jar, "quantity_mg": 300 }),
        );
        let goal =
            made("/api/v1/goals", &json!({ "measure": "quantity_mg", "per": "week", "target": 2_000 }));
        made("/api/v1/goals", &json!({ "measure": "days_off", "per": "week", "target": 2 }));
        let before =
            json!({ "started_at": names::ago(40 * DAY_MS), "planned_end_at": names::ago(37 * DAY_MS) });
        made("/api/v1/breaks", &before);
        let running = json!({ "started_at": names::ago(4 * DAY_MS), "planned_end_at": crate::fixtures::days_from_now(10) });
        let pause = made("/api/v1/breaks", &running);
        Self { person, lot: jar, session, strain, waits, taken, key, preset, goal, pause }
    }

    /// Name and path of every page for anybody.
    pub const OPEN: [(&'static str, &'static str); 12] = [
        ("welcome", "/"),
        ("age", "/age"),
        ("age-no", "/age?answer=no"),
        ("sign-in", "/sign-in"),
        ("recover", "/recover"),
        ("sign-up-sent", "/sign-up?done=sent"),
        ("sign-up-confirm", "/sign-up/confirm"),
        ("verify", "/verify"),
        ("offline", "/offline"),
        ("goodbye", "/goodbye"),
        ("invitation", "/invitation"),
        ("acting", "/acting"),
    ];

    /// Name and path of every page that they can open once they are signed in.
    pub fn pages(&self) -> Vec<(&'static str, String)> {
        let Self { lot, session, strain, waits, taken, key, preset, goal, pause, .. } = self;
        let own = |path: &str| path.to_owned();
        vec![
            ("today", own("/today")),
            ("today-logged", format!("/today?done=logged&id={session}")),
            ("log", own("/log")),
            ("history", own("/history")),
            ("history-none", own("/history?method=dab")),
            ("sesh", format!("/history/{session}")),
            ("stash", own("/stash")),
            ("stash-new", own("/stash/new")),
            ("lot", format!("/stash/{lot}")),
            ("strains", own("/strains?q=lavender")),
            ("strains-none", own("/strains?q=xyzzyx")),
            ("strain", format!("/strains/{strain}")),
            ("strain-new", own("/strains/new")),
            ("insights", own("/insights")),
            ("insights-quarter", format!("/insights?from={}", &names::ago(83 * DAY_MS)[..10])),
            ("insights-none", own("/insights?from=2020-01-01&to=2020-01-31")),
            ("insights-wrong", own("/insights?from=2020-01-01")),
            ("log-preset", format!("/log?preset={preset}")),
            ("presets", own("/presets")),
            ("presets-gone", own("/presets?done=deleted&name=Two+puffs&method=vape&amount=6+mg")),
            ("preset", format!("/presets/{preset}")),
            ("preset-new", format!("/presets/new?session={session}")),
            ("goals", own("/goals")),
            ("goal-new", own("/goals/new")),
            ("goal", format!("/goals/{goal}")),
            ("break", format!("/breaks/{pause}")),
            ("break-new", own("/breaks/new")),
            ("account", own("/account")),
            ("profile", own("/account/profile")),
            ("devices", own("/account/devices")),
            ("security", own("/account/security")),
            ("import", own("/account/import")),
            ("import-preview", format!("/account/import/{waits}")),
            ("import-taken", format!("/account/import/{taken}")),
            ("export", own("/account/export")),
            ("report", own("/account/report?from=2026-01-01&to=2026-12-31")),
            ("report-none", own("/account/report?from=2020-01-01&to=2020-01-31")),
            ("keys", own("/account/keys")),
            ("key", format!("/account/keys/{key}")),
            ("programs", own("/account/programs")),
            ("ways", own("/account/ways")),
            ("tenants", own("/account/tenants")),
            ("invitation-over", own("/account/invitation")),
            ("seen", own("/account/seen")),
            ("erase", own("/account/erase")),
            ("lost", own("/no-such-page")),
        ]
    }

    /// Signs in with a browser.
    pub fn enter(&self, browser: &Chromium) {
        enter(browser, &self.person.email);
    }
}

impl Default for Reader {
    fn default() -> Self {
        Self::new()
    }
}

/// Signs in with a browser.
pub fn enter(browser: &Chromium, email: &str) {
    browser.forget();
    browser.open(&format!("{}/sign-in", origin()));
    browser.fill("#f-email", email);
    browser.fill("#f-password", PASSWORD);
    browser.tap("form.card button");
    browser.comes_to("/today");
}
