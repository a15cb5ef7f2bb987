//! Going on without a connection, in a real Chromium with its service worker, on a line that can be cut.

use e2e::actors::{Caller, PASSWORD, Person};
use e2e::chromium::Chromium;
use e2e::faults::{Fault, Plan};
use e2e::fixtures::text;
use e2e::fleet::Worker;
use e2e::line::Line;
use e2e::names;
use e2e::wait::eventually;
use serde_json::{Value, json};

/// Somebody with a telephone, a jar of a gram, and one sesh of 100 mg.
struct Phone {
    browser: Chromium,
    line: Line,
    person: Person,
    jar: String,
    sesh: String,
}

fn person() -> (Person, String, String) {
    let person = Person::new();
    let jar = json!({ "name": "Blue Dream", "form": "flower", "quantity_mg": 1000 });
    let jar = text(&person.post("/api/v1/stash", &jar).is(201).data(), "id");
    let sesh = json!({ "method": "vape", "rating": 3, "items": [{ "lot_id": jar, "quantity_mg": 100 }],
        "occurred_at": names::ago(3 * 3_600_000) });
    let sesh = text(&person.post("/api/v1/sessions", &sesh).is(201).data(), "id");
    (person, jar, sesh)
}

impl Phone {
    /// Signed in, with everything kept that is needed without a connection; nothing where there is no browser.
    fn start() -> Option<Self> {
        let phone = Self::new()?;
        phone.enter(&phone.person.email);
        phone.is_ready();
        Some(phone)
    }

    /// Nobody is signed in.
    fn new() -> Option<Self> {
        let browser = Chromium::start()?;
        browser.shows(360, 740, "light");
        browser.calls_from(&names::address());
        let (person, jar, sesh) = person();
        Some(Self { browser, line: Line::to(Worker::Tracker.url()), person, jar, sesh })
    }

    fn open(&self, path: &str) {
        self.browser.open(&format!("{}{path}", self.line.origin()));
    }

    fn enter(&self, email: &str) {
        self.open("/sign-in");
        self.fill("#f-email", email);
        self.fill("#f-password", PASSWORD);
        self.tap("form.card button");
        self.browser.comes_to("/today");
    }

    /// Taps what may be drawn in a moment.
    fn tap(&self, selector: &str) {
        eventually(&format!("{selector} is there"), || self.browser.has(selector).then_some(()));
        self.browser.tap(selector);
    }

    fn fill(&self, selector: &str, text: &str) {
        eventually(&format!("{selector} is there"), || self.browser.has(selector).then_some(()));
        self.browser.fill(selector, text);
    }

    /// What the browser keeps, by owner.
    fn kept(&self) -> Value {
        let script = "const done = arguments[arguments.length - 1];
            indexedDB.databases().then((known) => {
              if (!known.some((each) => each.name === 'sesh')) return done({});
              const asked = indexedDB.open('sesh');
              asked.onsuccess = () => {
                const all = {};
                const walk = asked.result.transaction('states').objectStore('states').openCursor();
                walk.onsuccess = () => {
                  const at = walk.result;
                  if (at) { all[at.key] = at.value; at.continue(); } else { asked.result.close(); done(all); }
                };
              };
            });";
        eventually("the page says what it keeps", || self.browser.try_run_to_end(script, &json!([])))
    }

    /// What it keeps of its person.
    fn own(&self) -> Value {
        let kept = self.kept();
        let own = |(owner, state): (&String, &Value)| owner.ends_with(&self.person.id).then(|| state.clone());
        kept.as_object().unwrap().iter().find_map(own).unwrap_or_default()
    }

    fn waiting(&self) -> usize {
        self.own()["entries"].as_array().map_or(0, Vec::len)
    }

    fn is_ready(&self) {
        let controlled = "arguments[0](!!(navigator.serviceWorker || {}).controller)";
        eventually("the service worker has the page", || {
            (self.browser.try_run_to_end(controlled, &json!([])) == Some(json!(true))).then_some(())
        });
        eventually("its person's notebook is kept", || {
            let kept = self.own();
            kept["mirror"]["sessions"].as_array().is_some_and(|rows| !rows.is_empty()).then_some(())
        });
    }

    fn goes_offline(&self) {
        self.line.cut();
        self.conditions(true);
    }

    fn comes_back(&self) {
        self.line.mend();
        self.conditions(false);
    }

    fn conditions(&self, offline: bool) {
        let rates =
            json!({ "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
        self.browser.devtools("Network.emulateNetworkConditions", &rates);
    }

    fn sees(&self, part: &str) {
        eventually(&format!("{part} is seen"), || self.browser.says().contains(part).then_some(()));
    }

    /// Logs half a gram.
    fn logs(&self) {
        self.open("/log");
        self.tap("input[name=choice][value='500']");
        let before = self.waiting();
        self.tap(".sticky button");
        self.browser.comes_to("/today");
        self.keeps(before + 1);
    }

    fn sent(&self) {
        self.keeps(0);
    }

    fn keeps(&self, count: usize) {
        eventually(&format!("{count} are kept"), || (self.waiting() == count).then_some(()));
    }

    fn sessions(&self) -> Vec<Value> {
        self.person.get("/api/v1/sessions?limit=100").is(200).rows()
    }

    fn left(&self) -> i64 {
        let lot = self.person.get(&format!("/api/v1/stash/{}", self.jar)).is(200).data();
        lot["balance_mg"].as_i64().unwrap()
    }

    /// Accessible in both schemes, no wider than the screen; and a picture, for whoever runs `scripts/screenshots`.
    fn looks_well(&self, name: &str) {
        for (width, height, scheme) in [(360, 740, "light"), (360, 740, "dark"), (1280, 860, "light")] {
            self.browser.shows(width, height, scheme);
            self.browser.shows(width, self.browser.height().max(height), scheme);
            let wide = "return document.documentElement.scrollWidth - innerWidth";
            assert!(
                self.browser.run(wide, &json!([])).as_i64().unwrap() <= 0,
                "{name}: wider than the screen"
            );
            if let Some(folder) = std::env::var_os("SESH_SCREENSHOTS") {
                std::fs::create_dir_all(&folder).unwrap();
                let file = std::path::Path::new(&folder).join(format!("offline-{name}-{width}-{scheme}.png"));
                std::fs::write(file, self.browser.picture()).unwrap();
            }
            let axe = concat!(env!("CARGO_MANIFEST_DIR"), "/../node_modules/axe-core/axe.min.js");
            let Ok(axe) = std::fs::read_to_string(axe) else {
                eprintln!(
                    "SKIPPED: axe-core is not installed. Accessibility was NOT looked at. Run: scripts/setup"
                );
                continue;
            };
            self.browser.run(&axe, &json!([]));
            let script = "const done = arguments[0];
                axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
                  .then((found) => done(found.violations.map((each) => each.id + ': ' + each.nodes.map((node) => node.html).join(' | '))));";
            assert_eq!(self.browser.run_to_end(script, &json!([])), json!([]), "{name} {width} {scheme}");
        }
        self.browser.shows(360, 740, "light");
    }

    fn choose(&self, how: &str) {
        self.tap(&format!("[data-choice={how}]"));
    }
}

#[test]
fn what_is_logged_and_edited_in_an_aeroplane_arrives_once() {
    let Some(phone) = Phone::start() else { return };
    phone.goes_offline();
    phone.logs();
    phone.sees("not sent yet");
    phone.browser.reload();
    phone.sees("not sent yet");
    assert!(phone.browser.text(".figures").contains("0.4"), "{}", phone.browser.text("main"));
    // The new one is edited before it was ever sent, and one of before as well.
    phone.tap(".rows a");
    phone.fill("#f-amount-0", "0.3");
    phone.tap("form.card button");
    eventually("the list is seen", || phone.browser.address().ends_with("/history").then_some(()));
    phone.open(&format!("/history/{}", phone.sesh));
    phone.fill("#f-notes", "on the way to Lisbon");
    phone.tap("form.card button");
    phone.keeps(2);
    phone.sees("2 changes kept on this device");
    for (path, seen) in [
        ("/today", "Last seshes"),
        ("/log", "From"),
        ("/history", "on this device"),
        ("/stash", "Blue Dream"),
        ("/offline", "Sesh"),
        ("/insights", "These work without one"),
    ] {
        phone.open(path);
        phone.sees(seen);
        phone.looks_well(path.trim_start_matches('/'));
    }
    phone.open(&format!("/history/{}", phone.sesh));
    phone.sees("Edit sesh");
    phone.looks_well("sesh");
    phone.open("/today");
    assert_eq!((phone.waiting(), phone.sessions().len(), phone.left()), (2, 1, 900));
    phone.comes_back();
    phone.sent();
    let sessions = phone.sessions();
    assert_eq!(sessions.len(), 2, "{sessions:?}");
    assert_eq!(sessions[0]["items"][0]["quantity_mg"], 300);
    assert_eq!((&sessions[1]["notes"], &sessions[1]["rating"]), (&json!("on the way to Lisbon"), &json!(3)));
    assert_eq!(phone.left(), 600);
    let entries = phone.person.get(&format!("/api/v1/stash/{}/entries", phone.jar)).is(200).rows();
    assert_eq!(entries.len(), 3, "bought, and two debits: {entries:?}");
}

#[test]
fn what_is_needed_without_a_connection_is_fetched_until_it_is_there() {
    for request in ["GET /api/v1/stash", "GET /sw.js"] {
        let Some(phone) = Phone::new() else { return };
        phone.line.loses(request, 1);
        phone.enter(&phone.person.email);
        eventually(&format!("{request} is lost"), || (phone.line.lost() == 1).then_some(()));
        phone.is_ready();
    }
}

#[test]
fn an_answer_that_is_lost_and_a_page_that_is_closed_make_no_second_sesh() {
    let Some(phone) = Phone::start() else { return };
    phone.goes_offline();
    phone.logs();
    phone.line.loses("POST /api/v1/sessions", 2);
    phone.comes_back();
    eventually("an answer is lost", || (phone.line.lost() >= 1).then_some(()));
    phone.browser.open("about:blank");
    assert_eq!(phone.sessions().len(), 2, "it arrived");
    phone.open("/today");
    eventually("another answer is lost", || (phone.line.lost() >= 2).then_some(()));
    phone.open("/history");
    phone.sent();
    assert_eq!((phone.sessions().len(), phone.left()), (2, 400));
}

#[test]
fn a_form_whose_answer_is_lost_is_kept_and_counts_once() {
    let Some(phone) = Phone::start() else { return };
    phone.open("/log");
    phone.is_ready();
    phone.line.loses("POST /log", 1);
    phone.tap("input[name=choice][value='250']");
    phone.tap(".sticky button");
    phone.browser.comes_to("/today");
    assert_eq!(phone.line.lost(), 1);
    phone.sent();
    assert_eq!((phone.sessions().len(), phone.left()), (2, 650));
}

#[test]
fn a_batch_that_fails_after_its_commit_makes_one_sesh() {
    let Some(phone) = Phone::start() else { return };
    phone.goes_offline();
    phone.logs();
    let fault = Fault::new("fail_after", "DB").matching("INTO idempotency").once();
    let plan = Plan::new().at(Worker::Tracker, &[fault]);
    let (name, value) = plan.header();
    let headers = json!({ "headers": { name: value, "cf-connecting-ip": names::address() } });
    phone.browser.devtools("Network.setExtraHTTPHeaders", &headers);
    phone.comes_back();
    eventually("the fault struck", || (plan.hits(Worker::Tracker) == [1]).then_some(()));
    phone.sent();
    assert_eq!((phone.sessions().len(), phone.left()), (2, 400));
}

#[test]
fn more_than_there_is_asks_its_person() {
    let Some(phone) = Phone::start() else { return };
    phone.goes_offline();
    phone.logs();
    let other = json!({ "method": "eat", "items": [{ "lot_id": phone.jar, "quantity_mg": 700 }] });
    phone.person.post("/api/v1/sessions", &other).is(201);
    phone.comes_back();
    phone.sees("1 needs you");
    phone.open("/offline");
    phone.sees("holds only 0.2");
    phone.looks_well("overdraft");
    assert_eq!((phone.sessions().len(), phone.left()), (2, 200), "nothing was written");
    phone.choose("left");
    phone.sent();
    assert_eq!((phone.sessions().len(), phone.left()), (3, 0));
    phone.sees("Everything is sent");
}

#[test]
fn changes_of_two_devices_merge_or_are_asked_about() {
    let Some(phone) = Phone::start() else { return };
    let path = format!("/api/v1/sessions/{}", phone.sesh);
    let edit = |notes: &str| {
        phone.open(&format!("/history/{}", phone.sesh));
        phone.fill("#f-notes", notes);
        phone.tap("form.card button");
        phone.keeps(1);
    };
    phone.goes_offline();
    edit("from the phone");
    phone.person.call("PATCH", &path).json(&json!({ "rating": 5 })).send().is(200);
    phone.comes_back();
    phone.sent();
    let merged = phone.person.get(&path).is(200).data();
    assert_eq!((&merged["notes"], &merged["rating"]), (&json!("from the phone"), &json!(5)));
    phone.open("/offline");
    phone.sees("Both changes are in it now");
    phone.looks_well("merged");
    phone.tap("[data-seen]");
    phone.sees("Everything is sent");
    // And the same field.
    phone.goes_offline();
    edit("second thoughts");
    phone.person.call("PATCH", &path).json(&json!({ "notes": "from the desk" })).send().is(200);
    phone.comes_back();
    phone.sees("1 needs you");
    phone.open("/offline");
    phone.sees("second thoughts");
    phone.looks_well("conflict");
    phone.sees("from the desk");
    assert_eq!(phone.person.get(&path).is(200).data()["notes"], "from the desk");
    phone.choose("mine");
    phone.sent();
    assert_eq!(phone.person.get(&path).is(200).data()["notes"], "second thoughts");
}

#[test]
fn signing_out_asks_about_what_is_kept_and_wipes_the_rest() {
    let Some(phone) = Phone::start() else { return };
    phone.open("/account");
    phone.is_ready();
    phone.goes_offline();
    phone.logs();
    // Back, with a jar that does not hold it: it stays here.
    let other = json!({ "method": "eat", "items": [{ "lot_id": phone.jar, "quantity_mg": 800 }] });
    phone.person.post("/api/v1/sessions", &other).is(201);
    phone.comes_back();
    phone.sees("1 needs you");
    phone.open("/account");
    phone.tap("form[action='/sign-out'] button");
    phone.sees("only on this device");
    phone.looks_well("leaving");
    phone.tap("dialog button[value=stay]");
    eventually("the dialog is gone", || (!phone.browser.has("dialog")).then_some(()));
    assert_eq!(phone.waiting(), 1, "it stays");
    phone.tap("form[action='/sign-out'] button");
    phone.tap("dialog button[value=drop]");
    eventually("nobody is signed in", || (!phone.browser.address().contains("/account")).then_some(()));
    eventually("nothing is kept", || (phone.kept() == json!({})).then_some(()));
    phone.goes_offline();
    phone.open("/today");
    phone.sees("Nothing of your notebook");
    assert!(!phone.browser.text("body").contains("Blue Dream"));
}

#[test]
fn what_is_kept_for_one_person_is_neither_seen_nor_sent_by_another() {
    let Some(phone) = Phone::start() else { return };
    phone.goes_offline();
    phone.logs();
    assert_eq!(phone.waiting(), 1);
    // Their cookies go, as when the device was signed out elsewhere, and somebody else signs in.
    phone.browser.forget();
    phone.line.mend();
    phone.conditions(false);
    let (other, ..) = person();
    phone.browser.open("about:blank");
    phone.enter(&other.email);
    phone.is_of(&other);
    assert_eq!(
        (phone.waiting(), &phone.own()["mirror"]),
        (1, &Value::Null),
        "kept apart, without their notebook"
    );
    assert!(!phone.browser.has(".strip a"), "{}", phone.browser.text("body"));
    phone.open("/offline");
    phone.sees("Everything is sent");
    assert_eq!((phone.sessions().len(), other.get("/api/v1/sessions").is(200).rows().len()), (1, 1));
    phone.browser.forget();
    phone.enter(&phone.person.email);
    phone.sent();
    assert_eq!((phone.sessions().len(), other.get("/api/v1/sessions").is(200).rows().len()), (2, 1));
}

impl Phone {
    fn is_of(&self, person: &Person) {
        eventually("the other's notebook is kept", || {
            let kept = self.kept();
            let own = kept.as_object()?.iter().find(|(owner, _)| owner.ends_with(&person.id))?.1.clone();
            own["mirror"]["sessions"].as_array().is_some_and(|rows| !rows.is_empty()).then_some(())
        });
    }
}

#[test]
fn a_new_service_worker_breaks_no_open_page() {
    let Some(phone) = Phone::start() else { return };
    phone.open("/log");
    phone.fill("#f-amount", "0.2");
    let updated = "const done = arguments[arguments.length - 1];
        navigator.serviceWorker.addEventListener('controllerchange', () => done('changed'));
        navigator.serviceWorker.register('/sw.js?another').catch((error) => done(String(error)));";
    assert_eq!(phone.browser.run_to_end(updated, &json!([])), "changed");
    assert_eq!(phone.browser.run("return document.querySelector('#f-amount').value", &json!([])), "0.2");
    phone.goes_offline();
    phone.tap(".sticky button");
    phone.browser.comes_to("/today");
    phone.sees("not sent yet");
    phone.comes_back();
    phone.sent();
    assert_eq!((phone.sessions().len(), phone.left()), (2, 700));
}

#[test]
fn the_app_can_be_installed() {
    let Some(phone) = Phone::start() else { return };
    let found = phone.browser.devtools("Page.getInstallabilityErrors", &json!({}));
    let errors = found["installabilityErrors"].as_array().unwrap().iter();
    // A headless browser is one that asks nobody.
    let errors: Vec<&Value> = errors.filter(|error| error["errorId"] != "in-incognito").collect();
    assert!(errors.is_empty(), "{errors:?}");
    let manifest = phone.browser.devtools("Page.getAppManifest", &json!({}));
    assert!(manifest["errors"].as_array().is_none_or(Vec::is_empty), "{manifest}");
}
