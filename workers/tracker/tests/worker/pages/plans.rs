//! Presets, goals and breaks, without a script.

use crate::world::World;
use crate::world::browser::{Browser, field, to};
use serde_json::json;

fn jar(ada: &Browser<'_>, name: &str, quantity: &str) -> String {
    let lot =
        [("name", name), ("form_of", "flower"), ("quantity", quantity), ("currency", "USD"), ("price", "20")];
    assert_eq!(to(&ada.post("/stash/new", "/stash/new", &lot)), "/stash?done=added");
    ada.api("/api/v1/stash")[0]["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_preset_is_kept_from_a_session_and_repeats_it_in_two_requests() {
    let world = World::new(1);
    let ada = Browser::signed_up(&world, "ada@example.com");
    let lot = jar(&ada, "My pen", "1 g");
    ada.post("/log", "/log", &[("lot", &lot), ("amount", "3 mg"), ("method", "vape")]);
    let session = ada.api("/api/v1/sessions")[0]["id"].as_str().unwrap().to_owned();
    let keep = format!("/presets/new?session={session}");
    assert!(ada.open(&format!("/history/{session}")).text.contains(&format!("href=\"{keep}\"")));
    let form = ada.open(&keep).text;
    assert!(form.contains("value=\"3\u{a0}mg My pen\"") && form.contains("value=\"vape\" checked"), "{form}");
    let fields =
        [("name", "A puff"), ("method", "vape"), ("lot", &*lot), ("amount", "3 mg"), ("unit", "puff")];
    assert_eq!(to(&ada.post(&keep, "/presets/new", &fields)), "/presets?done=made");
    let preset = ada.api("/api/v1/presets")[0].clone();
    assert_eq!(
        (&preset["quantity_mg"], &preset["unit"], &preset["takes_from"]),
        (&json!(3), &json!("puff"), &json!(lot))
    );
    let id = preset["id"].as_str().unwrap().to_owned();
    assert!(ada.open("/log").text.contains(&format!("/log?preset={id}")));
    // What is drawn is what a tap on "Log it" sends.
    let page = format!("/log?preset={id}");
    let html = ada.open(&page).text;
    for part in
        ["2 puffs", "value=\"3\" checked", "value=\"vape\" checked", &format!("value=\"{lot}\" checked")]
    {
        assert!(html.contains(part), "{part}: {html}");
    }
    let of_preset = [("preset", id.as_str()), ("lot", &lot), ("method", "vape")];
    let with =
        |more: (&'static str, &'static str)| of_preset.iter().copied().chain([more]).collect::<Vec<_>>();
    assert!(to(&ada.post(&page, "/log", &with(("choice", "3")))).starts_with("/today?done=logged"));
    assert!(to(&ada.post(&page, "/log", &with(("amount", "2 puffs")))).starts_with("/today?done=logged"));
    assert!(to(&ada.post(&page, "/log", &with(("choice", "unknown")))).starts_with("/today?done=logged"));
    let wrong = ada.post(&page, "/log", &with(("amount", "2 tablets")));
    assert!(wrong.status == 422 && wrong.text.contains("How much one of these is"), "{}", wrong.text);
    let taken: Vec<_> = ada
        .api("/api/v1/sessions")
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["items"][0]["quantity_mg"].clone())
        .collect();
    assert_eq!(taken.len(), 4);
    for (mg, times) in [(json!(3), 2), (json!(6), 1), (json!(null), 1)] {
        assert_eq!(taken.iter().filter(|found| **found == mg).count(), times, "{mg} in {taken:?}");
    }
    let page = format!("/presets/{id}");
    let edited = [("name", "Two"), ("method", "vape"), ("lot", &*lot), ("amount", "some")];
    assert!(ada.post(&page, &page, &edited).text.contains("f-amount-wrong"));
    let edited = [("name", "Two"), ("method", "smoke"), ("lot", &*lot), ("amount", "")];
    assert_eq!(to(&ada.post(&page, &page, &edited)), "/presets?done=saved");
    assert_eq!(ada.api("/api/v1/presets")[0]["quantity_mg"], json!(null));
    let gone = ada.post(&page, &format!("{page}/delete"), &[]);
    assert_eq!(ada.api("/api/v1/presets"), json!([]));
    // The way back is in the page that says so.
    let back = ada.open(to(&gone)).text;
    assert!(
        back.contains("name=\"name\" value=\"Two\"") && back.contains("action=\"/presets/new\""),
        "{back}"
    );
}

#[test]
fn a_jar_that_was_bought_in_pieces_is_logged_in_pieces() {
    let world = World::new(1);
    let ada = Browser::signed_up(&world, "ada@example.com");
    let lot = [
        ("name", "Tablets"),
        ("form_of", "capsule"),
        ("quantity", "100 mg"),
        ("currency", "USD"),
        ("units", "10"),
        ("unit", "tablet"),
        ("thc", "50 mg"),
    ];
    assert_eq!(to(&ada.post("/stash/new", "/stash/new", &lot)), "/stash?done=added");
    let lot = ada.api("/api/v1/stash")[0].clone();
    assert_eq!((&lot["units"], &lot["unit"], &lot["thc_mg"]), (&json!(10), &json!("tablet"), &json!(50)));
    let id = lot["id"].as_str().unwrap();
    for (text, mg) in [("2 tablets", 20), ("half a tablet", 5), ("0.02", 20)] {
        assert!(
            to(&ada.post("/log", "/log", &[("lot", id), ("amount", text), ("method", "eat")]))
                .starts_with("/today")
        );
        assert_eq!(ada.api("/api/v1/sessions?limit=1")[0]["items"][0]["quantity_mg"], mg, "{text}");
        world.fleet.pass_ms(1_000);
    }
}

#[test]
fn a_goal_is_set_seen_ended_and_set_again() {
    let world = World::new(1);
    let ada = Browser::signed_up(&world, "ada@example.com");
    assert!(ada.open("/goals").text.contains("Set a goal"));
    let wrong = ada.post(
        "/goals/new",
        "/goals/new",
        &[("measure", "quantity_mg"), ("per", "week"), ("target", "little")],
    );
    assert!(wrong.status == 422 && wrong.text.contains("f-target-wrong"), "{}", wrong.text);
    let days =
        ada.post("/goals/new", "/goals/new", &[("measure", "days_off"), ("per", "day"), ("target", "1")]);
    assert!(days.status == 422 && days.text.contains("by week or month"), "{}", days.text);
    let set = [("measure", "quantity_mg"), ("per", "week"), ("target", "1 g"), ("currency", "USD")];
    assert_eq!(to(&ada.post("/goals/new", "/goals/new", &set)), "/goals?done=set");
    let lot = jar(&ada, "Jar", "10 g");
    ada.post("/log", "/log", &[("lot", &lot), ("amount", "1.5 g"), ("method", "smoke")]);
    let goal = ada.api("/api/v1/goals")[0].clone();
    assert_eq!((&goal["target"], &goal["progress"]["now"]["value"]), (&json!(1000), &json!(1500)));
    let id = goal["id"].as_str().unwrap();
    let today = ada.open("/today").text;
    assert!(
        today.contains("1.5\u{a0}g so far this week") && today.contains(&format!("/goals/{id}")),
        "{today}"
    );
    world.fleet.pass_ms(8 * 24 * 3_600_000);
    let page = ada.open(&format!("/goals/{id}")).text;
    assert!(
        page.contains("<data value=\"1500\">1.5\u{a0}g</data>") && page.contains("more than planned"),
        "{page}"
    );
    let page = page.to_lowercase();
    let mut words = page.split(|sign: char| !sign.is_alphanumeric());
    let harsh = ["fail", "failed", "failure", "bad", "exceed", "exceeded", "wrong", "relapse"];
    assert_eq!(words.find(|word| harsh.contains(word)), None);
    let ended = ada.post(&format!("/goals/{id}"), &format!("/goals/{id}/end"), &[]);
    let list = ada.open(to(&ended)).text;
    assert!(list.contains("/goals/new?measure=quantity_mg&amp;per=week&amp;target=1000%20mg"), "{list}");
    assert!(
        ada.open("/goals/new?measure=quantity_mg&per=week&target=1000%20mg")
            .text
            .contains("value=\"1000 mg\"")
    );
    assert!(!ada.open("/today").text.contains("so far this week"));
    for _ in 0..20 {
        ada.post("/goals/new", "/goals/new", &set);
    }
    let many = ada.post("/goals/new", "/goals/new", &set);
    assert!(many.status == 422 && many.text.contains("20 goals are running"), "{}", many.text);
}

#[test]
fn a_break_is_planned_seen_ended_and_taken_away() {
    let world = World::new(1);
    let ada = Browser::signed_up(&world, "ada@example.com");
    let lot = jar(&ada, "Jar", "10 g");
    let bad = ada.post("/breaks/new", "/breaks/new", &[("days", "7"), ("until", "2020-01-01")]);
    assert!(bad.status == 422 && bad.text.contains("f-until"), "{}", bad.text);
    assert_eq!(to(&ada.post("/breaks/new", "/breaks/new", &[("days", "7")])), "/goals?done=begun");
    let taken = ada.api("/api/v1/breaks")[0].clone();
    assert_eq!((&taken["days_planned"], &taken["state"]), (&json!(7), &json!("running")));
    let id = taken["id"].as_str().unwrap().to_owned();
    let page = format!("/breaks/{id}");
    assert!(ada.open("/today").text.contains("day 1 of 7"));
    let clash = ada.post("/breaks/new", "/breaks/new", &[("days", "2")]);
    assert!(clash.status == 422 && clash.text.contains("Another break lies in that time"), "{}", clash.text);
    world.fleet.pass_ms(2 * 24 * 3_600_000);
    ada.post("/log", "/log", &[("lot", &lot), ("amount", "0.1"), ("method", "smoke")]);
    world.fleet.pass_ms(24 * 3_600_000);
    let html = ada.open(&page).text;
    assert!(html.contains("Day 4 of 7") && html.contains("Logged is logged"), "{html}");
    let spanish = ada.open(&format!("{page}?lang=es")).text;
    assert!(spanish.contains("Día 4 de 7") && !spanish.contains("Logged"), "{spanish}");
    ada.open("/today?lang=en");
    assert_eq!(to(&ada.post(&page, &format!("{page}/end"), &[])), "/goals?done=break-ended");
    assert_eq!(ada.api("/api/v1/breaks")[0]["state"], "ended_early");
    let gone = ada.post(&page, &format!("{page}/delete"), &[]);
    assert_eq!(ada.api("/api/v1/breaks"), json!([]));
    let html = ada.open(to(&gone)).text;
    assert!(html.contains("as if it had never been") && html.contains("name=\"started_at\""), "{html}");
    let (start, end) = (field(&html, "started_at"), field(&html, "planned_end_at"));
    let back = [("started_at", start.as_str()), ("planned_end_at", end.as_str())];
    assert_eq!(to(&ada.post(to(&gone), "/breaks/new", &back)), "/goals?done=begun");
    assert_eq!(ada.api("/api/v1/breaks")[0]["started_at"], taken["started_at"]);
}
