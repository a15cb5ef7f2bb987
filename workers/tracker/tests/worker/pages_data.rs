//! The pages of what comes in and goes out, without a script: importing and taking it back, exporting, the report, the end.

use crate::world::World;
use crate::world::browser::{Browser, HOST, field, header, to};
use serde_json::json;

const DIARY: &[u8] = b"When,What,Dose,Felt,Stars\n\
    2026-01-05 21:30,Blue Dream,0.4,calm; happy,4\n\
    2026-01-06 08:15,=cmd()|x,250 mg,,5\n\
    someday,Blue Dream,1,,3\n\
    2026-01-07,,lots of it,,\n\
    2026-01-08 20:00,Blue Dream,0.1,,9\n";

#[test]
fn a_file_is_looked_at_mapped_taken_in_once_and_taken_back() {
    let world = World::new(1);
    let ada = Browser::signed_up(&world, "ada@example.com");
    let looked = ada.upload("/account/import", "/account/import", DIARY);
    let path = to(&looked).to_owned();
    assert!(looked.status == 303 && path.starts_with("/account/import/"), "{}", looked.text);
    let html = ada.open(&path).text;
    for part in ["value=\"When\" selected", "value=\"Dose\" selected", "Blue Dream", "bad.csv"] {
        assert!(html.contains(part), "no {part}: {html}");
    }
    assert_eq!(ada.api("/api/v1/sessions"), json!([]), "looking takes nothing in");

    let mapped = format!(
        "{path}?read=1&map-date=When&map-name=What&map-amount=Dose&map-effects=Felt&map-rating=Stars&time_zone=America/Los_Angeles&amounts=g"
    );
    let html = ada.open(&mapped).text;
    assert!(html.contains("Import 2 seshes"), "{html}");
    let list = ada.open(&mapped.replacen('?', "/bad.csv?", 1));
    assert_eq!(header(&list, "content-type"), "text/csv; charset=utf-8");
    assert!(header(&list, "content-disposition").contains("attachment"));
    let lines: Vec<&str> = list.text.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(
        lines,
        [
            "line,field,why,value",
            "4,\"Day, or day and time\",No day or time that is understood,",
            "5,Amount,Not understood as an amount,lots of it",
            "6,Rating (1 to 5),Not 1 to 5,9"
        ]
    );

    let form = html.split("<form").find(|form| form.contains("/confirm\"")).unwrap();
    let hidden: Vec<(&str, String)> = [
        "form",
        "key",
        "read",
        "map-date",
        "map-name",
        "map-amount",
        "map-effects",
        "map-rating",
        "time_zone",
        "amounts",
    ]
    .map(|name| (name, field(form, name)))
    .to_vec();
    let fields: Vec<(&str, &str)> = hidden.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let own = format!("https://{HOST}");
    let confirm = format!("{path}/confirm");
    for _ in 0..2 {
        let got = ada.posted(&confirm, &fields, Some(&own));
        assert_eq!((got.status, to(&got)), (303, path.as_str()), "{}", got.text);
    }
    // Another tap, on a page that was opened before: the same result.
    let later: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (*name, if *name == "key" { "another-key-1" } else { value }))
        .collect();
    assert_eq!(to(&ada.posted(&confirm, &later, Some(&own))), path);
    let sessions = ada.api("/api/v1/sessions");
    assert_eq!(sessions.as_array().unwrap().len(), 2, "once: {sessions}");
    assert_eq!(
        (&sessions[1]["occurred_at"], &sessions[1]["items"][0]["quantity_mg"], &sessions[1]["effects"]),
        (&json!("2026-01-06T05:30:00.000Z"), &json!(400), &json!(["calm", "happy"]))
    );
    assert!(ada.open(&path).text.contains("It is in your history."));

    let undo = format!("{path}/undo");
    for page in [&path, &path] {
        if let Some(form) = ada.open(page).text.split("<form").find(|form| form.contains(&undo)) {
            let fields = [("form", field(form, "form")), ("key", field(form, "key"))];
            let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
            assert_eq!(to(&ada.posted(&undo, &fields, Some(&own))), "/account/import?done=undone");
            let again = [fields[0], ("key", "another-key-2")];
            assert_eq!(to(&ada.posted(&undo, &again, Some(&own))), "/account/import?done=undone");
        }
    }
    assert_eq!(ada.api("/api/v1/sessions"), json!([]));
    assert!(ada.open("/account/import").text.contains("Taken back"));
}

#[test]
fn what_is_no_file_of_rows_is_said_beside_the_field() {
    let world = World::new(1);
    let ada = Browser::signed_up(&world, "ada@example.com");
    for (file, said) in [
        (b"PK\x03\x04\0\0\0".as_slice(), "That is no text"),
        (b"".as_slice(), "Choose a file"),
        (b"date\n".as_slice(), "There are no rows"),
        ("date\n".repeat(10_002).as_bytes(), "more than 10,000 rows"),
    ] {
        let got = ada.upload("/account/import", "/account/import", file);
        assert!(got.status == 422 && got.text.contains(said), "{said}: {} {}", got.status, got.text);
        assert!(got.text.contains("id=\"f-file-wrong\""), "{}", got.text);
    }
    let large = ada.upload("/account/import", "/account/import", &vec![b'x'; 3 * 1024 * 1024]);
    assert!(large.status == 413 && large.text.contains("That file is too large"), "{}", large.text);
    let stranger = Browser::new(&world);
    let token = "y".repeat(43);
    assert_eq!(ada.uploaded("/account/import", &token, "key-12345", DIARY).status, 403);
    assert_eq!(to(&stranger.open("/account/import")), "/sign-in?next=/account/import");
}

#[test]
fn pasted_text_of_other_apps_is_read_in_spanish_too() {
    let world = World::new(1);
    let ada = Browser { language: "es", ..Browser::signed_up(&world, "ada@example.com") };
    let daylio = "full_date,date,weekday,time,mood,activities,note_title,note\n\
        2026-04-01,1 April,Wednesday,6:50 pm,rad,friends | weed,On the roof,Stars\n\
        2026-03-31,31 March,Tuesday,8:02 am,bad,work,,\n";
    let path = to(&ada.post("/account/import", "/account/import", &[("text", daylio)])).to_owned();
    let html = ada.open(&path).text;
    assert!(html.contains("Importar 1 sesh") && html.contains("¿Cuáles eran seshes?"), "{html}");
    let chosen = ada.open(&format!("{path}?read=1&chosen=1&only=weed&only=work")).text;
    assert!(chosen.contains("Importar 2 seshes"), "{chosen}");
    let nothing = ada.open(&format!("{path}?read=1&chosen=1")).text;
    assert!(nothing.contains("no queda nada que importar"), "{nothing}");
    let zone = ada.open(&format!("{path}?read=1&time_zone=Mars")).text;
    assert!(zone.contains("f-time_zone-wrong") && zone.contains("Importar 1 sesh"), "{zone}");
}

#[test]
fn everything_goes_out_as_files_and_formulas_are_harmless() {
    let world = World::new(1);
    let ada = Browser::signed_up(&world, "ada@example.com");
    let path = to(&ada.upload("/account/import", "/account/import", DIARY)).to_owned();
    assert_eq!(to(&ada.post(&path, &format!("{path}/confirm"), &[])), path);
    for table in ["sessions", "stash", "entries", "strains"] {
        let got = ada.open(&format!("/account/export/table?of={table}"));
        assert_eq!(header(&got, "content-disposition"), format!("attachment; filename=\"{table}.csv\""));
        assert!(got.text.starts_with('\u{feff}'), "{}", got.text);
        if table == "sessions" {
            assert!(got.text.contains("'=cmd()|x"), "{}", got.text);
        }
    }
    assert_eq!(ada.open("/account/export/table?of=people").status, 404);
    let diary = ada.open("/account/export/diary");
    assert!(header(&diary, "content-disposition").contains("diary.json"));
    assert_eq!(diary.json()["data"]["sessions"].as_array().unwrap().len(), 2);
    let wrong = ada.post("/account/export", "/account/export/everything", &[("password", "no")]);
    assert!(wrong.status == 422 && wrong.text.contains("That is not your password."), "{}", wrong.text);
    let all =
        ada.post("/account/export", "/account/export/everything", &[("password", "tangerine otter lamp")]);
    assert!(header(&all, "content-disposition").contains("everything.json"), "{}", all.text);
    assert_eq!(all.json()["data"]["identity"]["profile"]["email"], "ada@example.com");
}

#[test]
fn the_report_sums_what_the_api_says_and_hides_amounts_that_are_hidden() {
    let world = World::new(1);
    let ada = Browser::signed_up(&world, "ada@example.com");
    let path = to(&ada.upload("/account/import", "/account/import", DIARY)).to_owned();
    ada.post(&path, &format!("{path}/confirm"), &[]);
    let days = "from=2026-01-01&to=2026-01-31";
    let api = ada.api(&format!("/api/v1/diary/report?{days}"));
    assert_eq!(api["total"]["sessions"], 2);
    let page = ada.open(&format!("/account/report?{days}")).text;
    let total = api["total"]["quantity_mg"].as_i64().unwrap();
    assert_eq!(total, 650);
    assert!(page.contains("0.65\u{a0}g") && page.contains("Blue Dream"), "{page}");
    assert!(ada.open("/account/report").text.contains("Nothing was logged in these days."));
    let back = ada.open("/account/report?from=2026-02-01&to=2026-01-01").text;
    assert!(back.contains("Choose days in order"), "{back}");
    let settings = ada.post("/today", "/settings", &[("veil", "1"), ("back", "/account/report")]);
    assert_eq!(to(&settings), "/account/report");
    let veiled = ada.open(&format!("/account/report?{days}")).text;
    assert!(veiled.contains("•••") && !veiled.contains("0.65"), "{veiled}");
}

#[test]
fn an_account_ends_with_a_password_and_a_calm_page() {
    let world = World::new(1);
    let ada = Browser::signed_up(&world, "ada@example.com");
    let page = ada.open("/account/erase").text;
    assert!(page.contains("What goes") && page.contains("What stays"), "{page}");
    let wrong = ada.post("/account/erase", "/account/erase", &[("password", "no")]);
    assert!(wrong.status == 422 && wrong.text.contains("That is not your password."), "{}", wrong.text);
    assert_eq!(ada.open("/today").status, 200, "nothing happened");
    let kept = ada.cookies.borrow().clone();
    let gone = ada.post("/account/erase", "/account/erase", &[("password", "tangerine otter lamp")]);
    assert_eq!(to(&gone), "/goodbye", "{}", gone.text);
    assert_eq!(header(&gone, "clear-site-data"), "\"cache\", \"storage\"");
    assert!(!ada.cookies.borrow().contains_key("__Host-sesh_access"));
    assert!(ada.open("/goodbye").text.contains("It is done"));
    *ada.cookies.borrow_mut() = kept;
    assert_eq!(to(&ada.open("/today")), "/sign-in?next=/today", "every token is dead");
    assert_eq!(to(&Browser::signed_up(&world, "ada@example.com").open("/today")), "", "the address is free");
}
