//! How quick it is: from nothing to a logged sesh, and a repeat, on a telephone, counted in taps and in a person's seconds.

use e2e::actors::{Caller, PASSWORD};
use e2e::chromium::Chromium;
use e2e::names;
use e2e::passkeys::origin;
use e2e::reader::Reader;
use serde_json::json;
use std::cell::Cell;

/// What a person takes for a tap, looking included, and for a letter on a phone (Card, Moran and Newell's keystroke-level
/// model has 1.1 s to point and 1.35 s to think; people type on phones at some 36 words a minute, Palin and others 2019).
const TAP_MS: u64 = 2_000;
const LETTER_MS: u64 = 330;

#[allow(clippy::disallowed_methods, reason = "a test measures by the machine's own clock")]
fn now() -> std::time::Instant {
    std::time::Instant::now()
}

/// A thumb that is counted.
struct Thumb<'b> {
    browser: &'b Chromium,
    taps: Cell<u64>,
    letters: Cell<u64>,
}

impl<'b> Thumb<'b> {
    fn new(browser: &'b Chromium) -> Self {
        Self { browser, taps: Cell::new(0), letters: Cell::new(0) }
    }

    fn tap(&self, selector: &str) {
        self.taps.set(self.taps.get() + 1);
        self.browser.tap(selector);
    }

    /// Taps a field and types.
    fn types(&self, selector: &str, text: &str) {
        self.taps.set(self.taps.get() + 1);
        self.letters.set(self.letters.get() + text.chars().count() as u64);
        self.browser.fill(selector, text);
    }
}

fn phone() -> Option<Chromium> {
    let browser = Chromium::start()?;
    browser.shows(360, 740, "light");
    browser.calls_from(&names::address());
    Some(browser)
}

#[test]
fn somebody_goes_from_nothing_to_a_logged_sesh_in_under_a_minute() {
    let Some(browser) = phone() else { return };
    let thumb = Thumb::new(&browser);
    let begun = now();
    browser.open(&format!("{}/", origin()));
    thumb.tap(".hero a.button");
    browser.comes_to("/age");
    thumb.tap("button[value=yes]");
    browser.comes_to("/sign-up");
    thumb.types("#f-display_name", "Ada");
    let email = names::email();
    thumb.types("#f-email", &email);
    thumb.types("#f-password", PASSWORD);
    // A field of a day takes keys in the order of its locale; its value is set as a picker would: a tap and eight digits.
    thumb.taps.set(thumb.taps.get() + 1);
    thumb.letters.set(thumb.letters.get() + 8);
    browser.run("document.querySelector('#f-birth_date').value = '1990-04-20'", &json!([]));
    thumb.tap("form.card button");
    browser.comes_to("/today");
    thumb.tap(".links a[href='/log']");
    browser.comes_to("/log");
    thumb.tap(".sticky button");
    browser.comes_to("/today?done=logged");
    let machine = u64::try_from(begun.elapsed().as_millis()).unwrap();
    assert!(browser.text("main").contains("1 sesh"), "{}", browser.text("main"));
    // Test addresses are longer than people's: an address counts as 20 letters.
    let letters = thumb.letters.get() - email.chars().count() as u64 + 20;
    let person = thumb.taps.get() * TAP_MS + letters * LETTER_MS;
    eprintln!(
        "{} taps, {letters} letters: some {person} ms of a person, {machine} ms of browser and fleet",
        thumb.taps.get()
    );
    assert!(thumb.taps.get() <= 9, "{} taps", thumb.taps.get());
    assert!(person + machine < 60_000, "{person} ms and {machine} ms");
}

#[test]
fn a_repeat_takes_three_taps_at_most() {
    let Some(browser) = phone() else { return };
    let reader = Reader::new();
    reader.enter(&browser);
    let before = reader.person.sessions();
    let thumb = Thumb::new(&browser);
    thumb.tap(".bar a.log");
    browser.comes_to("/log");
    thumb.tap(".presets a.pill");
    browser.comes_to("/log?preset=");
    thumb.tap(".sticky button");
    browser.comes_to("/today?done=logged");
    assert_eq!(thumb.taps.get(), 3, "a preset");
    let last = reader.person.get("/api/v1/sessions?limit=1").is(200).rows()[0].clone();
    assert_eq!((&last["items"][0]["quantity_mg"], &last["method"]), (&json!(3), &json!("vape")));
    let thumb = Thumb::new(&browser);
    thumb.tap("button.again");
    browser.comes_to("done=logged");
    e2e::wait::eventually("the same again is logged", || {
        (reader.person.sessions() == before + 2).then_some(())
    });
    assert_eq!(thumb.taps.get(), 1, "the same as last time");
}
