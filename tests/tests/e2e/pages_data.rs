//! What comes in and goes out, through the pages: real files in a real Chromium, with scripts and without; an answer that
//! is lost after the commit; the report as it prints; the end of an account.

use e2e::actors::{Anonymous, Caller, PASSWORD, Person};
use e2e::chromium::Chromium;
use e2e::faults::{Fault, Plan};
use e2e::fleet::Worker;
use e2e::http::{Call, Reply};
use e2e::names;
use e2e::passkeys::origin;
use e2e::reader::{Reader, enter};
use e2e::wait::eventually;
use serde_json::json;
use std::path::{Path, PathBuf};

fn browser() -> Option<Chromium> {
    let browser = Chromium::start()?;
    browser.shows(360, 740, "light");
    browser.calls_from(&names::address());
    Some(browser)
}

fn open(browser: &Chromium, path: &str) {
    browser.open(&format!("{}{path}", origin()));
}

fn written(name: &str, bytes: &[u8]) -> PathBuf {
    let path = std::env::temp_dir().join(format!("{}-{name}", names::key()));
    std::fs::write(&path, bytes).unwrap();
    path
}

fn total(person: &Person) -> u64 {
    person.get("/api/v1/sessions?limit=1").is(200).json()["meta"]["total"].as_u64().unwrap()
}

/// Chooses a file, looks, takes it in, takes it back.
fn walk(browser: &Chromium, person: &Person, file: &Path) -> u64 {
    open(browser, "/account/import");
    browser.choose("#f-file", file);
    browser.tap("form.card button");
    browser.comes_to("/account/import/");
    let button = browser.text("form[action$='/confirm'] button");
    let sessions: u64 = button.split(' ').nth(1).unwrap().parse().unwrap();
    assert_eq!(total(person), 0, "nothing is taken in by looking");
    let path = browser.address();
    browser.tap("form[action$='/confirm'] button");
    let taken = || browser.has("form[action$='/undo'] button.danger").then_some(());
    eventually("it is taken in", taken);
    assert_eq!(total(person), sessions, "{path}");
    browser.tap("form[action$='/undo'] button.danger");
    browser.comes_to("/account/import?done=undone");
    assert_eq!(total(person), 0, "all of it is taken back");
    sessions
}

const TABLE: &str = "Day,Time,Strain,Grams,How,Stars\n2026-01-04,21:30,Blue Dream,0.4,joint,4\n\
    2026-01-05,,Blue Dream,0.25,vape,5\nsome day,08:00,Lavender,1,joint,3\n";

#[test]
fn a_table_is_chosen_looked_at_taken_in_and_taken_back_with_scripts_and_without() {
    let Some(browser) = browser() else { return };
    for scripts in [true, false] {
        let person = Person::new();
        browser.runs_scripts(true);
        enter(&browser, &person.email);
        browser.runs_scripts(scripts);
        let file = written("table.csv", TABLE.as_bytes());
        assert_eq!(walk(&browser, &person, &file), 2, "scripts: {scripts}");
        let _ = std::fs::remove_file(file);
    }
}

/// What other apps really write, read as their own people would choose.
#[test]
fn real_files_of_other_apps_come_in() {
    let logs = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/logs"));
    let files = [
        ("daylio/daylio-parser-test_data.csv", true),
        ("loop-habit/habitbull.csv", true),
        ("psychonautwiki-journal/LegalSample.json", true),
        ("timeclock/bigbangdata-timesheet.csv", false),
    ];
    if !logs.exists() {
        eprintln!("SKIPPED: there are no real files of other apps here. They were NOT tried.");
        return;
    }
    let Some(browser) = browser() else { return };
    let person = Person::new();
    enter(&browser, &person.email);
    for (name, has_choices) in files {
        let file = logs.join(name).canonicalize().unwrap();
        open(&browser, "/account/import");
        browser.choose("#f-file", &file);
        browser.tap("form.card button");
        browser.comes_to("/account/import/");
        assert_eq!(browser.has("[name=only]"), has_choices, "{name}: {}", browser.text("main"));
        if has_choices {
            // Everything in it, as if all of it had been seshes.
            browser.run(
                "document.querySelectorAll('[name=only]').forEach((box) => { box.checked = true })",
                &json!([]),
            );
            browser.tap("#reading .actions button");
            browser.comes_to("only=");
        }
        let button = browser.text("form[action$='/confirm'] button");
        let sessions: u64 = button.split(' ').nth(1).unwrap().parse().unwrap();
        assert!(sessions > 0, "{name}: {button}");
        browser.tap("form[action$='/confirm'] button");
        eventually("it is taken in", || browser.has("form[action$='/undo'] button.danger").then_some(()));
        assert_eq!(total(&person), sessions, "{name}");
        eprintln!("{name}: {sessions} seshes");
        browser.tap("form[action$='/undo'] button.danger");
        browser.comes_to("/account/import?done=undone");
        assert_eq!(total(&person), 0, "{name}");
    }
}

const FORM: &str = "a-token-of-a-form-that-is-long-enough";

/// A form as a browser posts it.
fn post(person: &Person, path: &str, key: &str, fields: &str) -> Call {
    let cookie = format!("__Host-sesh_access={}; __Host-sesh_form={FORM}", person.access);
    Anonymous::new()
        .call("POST", path)
        .header("cookie", cookie)
        .header("origin", Worker::Tracker.url())
        .header("accept", "text/html")
        .bytes(format!("form={FORM}&key={key}&{fields}"))
        .header("content-type", "application/x-www-form-urlencoded")
}

fn location(reply: &Reply) -> String {
    reply.header("location").unwrap_or_default().to_owned()
}

/// Looking, taking in and taking back, each with its answer lost after the commit: the same tap again has one effect.
#[test]
fn an_import_whose_answer_is_lost_is_imported_once() {
    let person = Person::new();
    let lost = || {
        Plan::new().at(Worker::Tracker, &[Fault::new("fail_after", "DB").matching("INTO idempotency").once()])
    };
    let text = "text=date%2Camount%0A2026-01-04%2C0.4%0A2026-01-05%2C0.5%0A";
    let twice = |path: &str, fields: &str| {
        let (plan, key) = (lost(), names::key());
        let call = post(&person, path, &key, fields);
        let first = plan.strikes(call.clone()).send();
        assert_eq!((first.status, plan.hits(Worker::Tracker)), (503, vec![1]), "{path}: {first}");
        let again = call.clone().send().is(303);
        let third = call.send().is(303);
        assert_eq!(location(&again), location(&third));
        location(&again)
    };
    let path = twice("/account/import", text);
    assert!(path.starts_with("/account/import/"), "{path}");
    assert_eq!(person.get("/api/v1/imports").is(200).rows().len(), 1, "looked at once");
    assert_eq!(twice(&format!("{path}/confirm"), ""), path);
    assert_eq!(total(&person), 2);
    assert_eq!(twice(&format!("{path}/undo"), ""), "/account/import?done=undone");
    assert_eq!(total(&person), 0);
}

/// The report prints on both papers, on few sheets, with what the page shows.
#[test]
fn a_report_prints_on_a4_and_letter() {
    let Some(browser) = browser() else { return };
    let reader = Reader::new();
    reader.enter(&browser);
    open(&browser, "/account/report");
    assert!(browser.text("main").contains("Lavender Fields"), "{}", browser.text("main"));
    for (name, paper) in [("a4", (8.27, 11.69)), ("letter", (8.5, 11.0))] {
        let pdf = browser.printed(paper);
        assert!(pdf.starts_with(b"%PDF-") && pdf.len() > 5_000, "{name}: {} bytes", pdf.len());
        let marks = pdf
            .windows(11)
            .filter(|part| part.starts_with(b"/Type /Page") && part != b"/Type /Pages")
            .count();
        assert!((1..=4).contains(&marks), "{name}: {marks} sheets");
        if let Some(folder) = std::env::var_os("SESH_SCREENSHOTS") {
            std::fs::write(Path::new(&folder).join(format!("report-{name}.pdf")), pdf).unwrap();
        }
    }
}

#[test]
fn an_account_ends_and_so_does_every_device() {
    let Some(browser) = browser() else { return };
    let person = Person::new();
    let elsewhere = person.log_in();
    enter(&browser, &person.email);
    open(&browser, "/account/erase");
    browser.fill("#f-password", "not my password");
    browser.tap("form.card button.danger");
    eventually("the field is marked", || browser.has("#f-password[aria-invalid]").then_some(()));
    browser.fill("#f-password", PASSWORD);
    browser.tap("form.card button.danger");
    browser.comes_to("/goodbye");
    assert!(browser.text("main").contains("Your notebook is gone"), "{}", browser.text("main"));
    open(&browser, "/today");
    browser.comes_to("/sign-in");
    elsewhere.get("/api/v1/me").refused(401, "unauthorized");
    person.get("/api/v1/sessions").refused(401, "unauthorized");
}
