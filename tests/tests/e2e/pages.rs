//! The pages, in a real Chromium: with scripts and without, on a telephone and on a desk, light and dark.

use e2e::actors::{Anonymous, Caller, PASSWORD};
use e2e::chromium::Chromium;
use e2e::control::mailed_token;
use e2e::names;
use e2e::passkeys::origin;
use e2e::reader::{Reader, enter};
use e2e::tenants::Tenant;
use serde_json::json;
use std::path::{Path, PathBuf};

const PHONE: (u32, u32) = (360, 740);
const DESK: (u32, u32) = (1280, 860);

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// A browser with an address of its own; nothing where there is none.
fn browser((width, height): (u32, u32), scheme: &str) -> Option<Chromium> {
    let browser = Chromium::start()?;
    browser.shows(width, height, scheme);
    browser.calls_from(&names::address());
    Some(browser)
}

/// Opens a page of ours, or of a tenant's own host name when that stands in front.
fn open(browser: &Chromium, path: &str) {
    let here = if path.starts_with("http") { String::new() } else { origin() };
    browser.open(&format!("{here}{path}"));
}

/// A host name of the local fleet, as a browser finds it.
fn origin_of(host: &str) -> String {
    origin().replace("localhost", host)
}

/// Says at an origin to be old enough, which leads to where one signs up.
fn come_of_age(browser: &Chromium, origin: &str) {
    browser.open(&format!("{origin}/age"));
    browser.tap("button[value=yes]");
    browser.comes_to("/sign-up");
}

/// Name and path of the pages by which one signs up: at once, and with the address proven first.
fn to_sign_up(browser: &Chromium) -> Vec<(&'static str, String)> {
    let tenants = origin_of(&Tenant::that_confirms().1);
    come_of_age(browser, &tenants);
    come_of_age(browser, &origin());
    vec![("sign-up", "/sign-up".to_owned()), ("sign-up-first", format!("{tenants}/sign-up"))]
}

/// From nothing to a logged sesh that is seen on Today, and still there after a reload.
fn walk(browser: &Chromium) {
    let email = names::email();
    open(browser, "/");
    browser.tap(".hero a.button");
    browser.comes_to("/age");
    browser.tap("button[value=yes]");
    browser.comes_to("/sign-up");
    browser.fill("#f-display_name", "Ada");
    browser.fill("#f-email", &email);
    browser.fill("#f-password", PASSWORD);
    // A field of a day takes keys in the order of its locale; its value is set as a picker would.
    browser.run("document.querySelector('#f-birth_date').value = '1990-04-20'", &json!([]));
    browser.tap("form.card button");
    browser.comes_to("/today");
    browser.tap(".empty a.button");
    browser.comes_to("/stash/new");
    browser.fill("#f-name", "Blue Dream");
    browser.fill("#f-quantity", "an eighth");
    browser.tap("form.card button");
    browser.comes_to("/stash?done=added");
    assert!(browser.text("main").contains("3.5"), "{}", browser.text("main"));
    browser.tap(".bar a.log");
    browser.comes_to("/log");
    browser.tap("input[name=choice][value='500']");
    browser.tap(".sticky button");
    browser.comes_to("/today?done=logged");
    let today = browser.text("main");
    assert!(today.contains("0.5") && today.contains("Blue Dream"), "{today}");
    browser.reload();
    assert!(browser.text("main").contains("Blue Dream"), "a reload keeps the login");
    // The same again, in one tap.
    browser.tap("button.again");
    browser.comes_to("/today?done=logged");
    let twice = || browser.text(".figures .number").starts_with('1').then_some(());
    e2e::wait::eventually("two of half a gram are one", twice);
    // And back.
    browser.tap(".undo button");
    browser.comes_to("/today?done=deleted");
    assert!(browser.text(".figures .number").starts_with("0.5"), "{}", browser.text("main"));
}

#[test]
fn somebody_signs_up_logs_and_sees_it_on_a_telephone() {
    let Some(browser) = browser(PHONE, "light") else { return };
    walk(&browser);
}

#[test]
fn somebody_signs_up_logs_and_sees_it_on_a_desk_in_the_dark() {
    let Some(browser) = browser(DESK, "dark") else { return };
    walk(&browser);
}

#[test]
fn somebody_signs_up_logs_and_sees_it_without_scripts() {
    let Some(browser) = browser(PHONE, "light") else { return };
    browser.runs_scripts(false);
    walk(&browser);
}

/// At a tenant's own address that proves addresses first: from its form over the mail to Today.
fn confirm_first(browser: &Chromium, scripts: bool) {
    let (tenant, email) = (origin_of(&Tenant::that_confirms().1), names::email());
    come_of_age(browser, &tenant);
    assert!(!browser.has("#f-password"), "the password comes later");
    browser.fill("#f-display_name", "Ada");
    browser.fill("#f-email", &email);
    browser.run("document.querySelector('#f-birth_date').value = '1990-04-20'", &json!([]));
    browser.tap("form.card button");
    browser.comes_to("/sign-up?done=sent");
    let token = mailed_token(&email, "Finish signing up");
    open(browser, &format!("/sign-up/confirm#token={token}"));
    if scripts {
        let address = browser.run("return location.href", &json!([]));
        assert!(!address.as_str().unwrap().contains("token"), "it does not stay in the history: {address}");
    } else {
        browser.fill("#f-token", &token);
    }
    browser.fill("#f-password", "short");
    browser.tap("form.card button");
    e2e::wait::eventually("told what is wrong", || browser.has("#f-password[aria-invalid]").then_some(()));
    browser.fill("#f-password", PASSWORD);
    browser.tap("form.card button");
    browser.comes_to("/today");
}

#[test]
fn the_address_is_proven_first_where_a_tenant_wants_it() {
    let Some(browser) = browser(PHONE, "light") else { return };
    confirm_first(&browser, true);
}

#[test]
fn the_address_is_proven_first_without_scripts() {
    let Some(browser) = browser(PHONE, "light") else { return };
    browser.runs_scripts(false);
    confirm_first(&browser, false);
}

#[test]
fn an_error_comes_into_the_page_and_what_was_typed_stays() {
    let Some(browser) = browser(PHONE, "light") else { return };
    let reader = Reader::new();
    reader.enter(&browser);
    open(&browser, "/stash/new");
    browser.fill("#f-name", "Half a jar");
    browser.fill("#f-quantity", "a lot");
    browser.tap("form.card button");
    let told = || browser.has("#f-quantity[aria-invalid]").then_some(());
    e2e::wait::eventually("the field is marked", told);
    let value = browser.run("return document.querySelector('#f-name').value", &json!([]));
    assert_eq!(value, "Half a jar");
    let focused = browser.run("return document.activeElement.className", &json!([]));
    assert_eq!(focused, "problems", "focus lands where the eye does");
}

#[test]
fn a_passkey_is_added_and_signs_in() {
    let Some(browser) = browser(PHONE, "light") else { return };
    let reader = Reader::new();
    reader.enter(&browser);
    open(&browser, "/account/security");
    browser.tap("#passkeys details.scripted summary");
    browser.fill("#f-passkey_name", "My phone");
    browser.fill("#f-new_passkey_password", PASSWORD);
    browser.tap("[data-passkey=add]");
    browser.comes_to("done=passkey");
    assert!(browser.text("#passkeys").contains("My phone"));
    browser.forget();
    open(&browser, "/sign-in?next=/stash");
    browser.tap("[data-passkey=sign-in]");
    e2e::wait::eventually("the stash is shown", || browser.has(".bar").then_some(()));
    assert!(browser.text("main").contains("Lavender"), "{}", browser.text("main"));
}

/// What the tables of a picture say: the sum of each row's first number, and the foot's.
const SUMS: &str =
    "return Object.fromEntries([...document.querySelectorAll('[data-chart]')].map((figure) => {
    const first = (row) => Number(row.querySelector('data')?.value ?? 0);
    const rows = [...figure.querySelectorAll('tbody tr')].reduce((sum, row) => sum + first(row), 0);
    const foot = figure.querySelector('tfoot tr');
    return [figure.dataset.chart, foot ? [rows, first(foot)] : null];
  }))";

#[test]
fn insights_sum_to_what_the_api_says() {
    let Some(browser) = browser(DESK, "light") else { return };
    let reader = Reader::new();
    reader.enter(&browser);
    for query in ["", "?from=2026-01-01"] {
        open(&browser, &format!("/insights{query}"));
        let total =
            reader.person.get(&format!("/api/v1/insights{query}")).is(200).data()["total"]["quantity_mg"]
                .clone();
        assert!(total.as_i64().is_some_and(|mg| mg > 0));
        let sums = browser.run(SUMS, &json!([]));
        for name in ["weeks", "hours", "methods", "strains"] {
            assert_eq!(sums[name], json!([total, total]), "{query} {name}: {sums}");
        }
        assert!(query.is_empty() == sums["days"].is_array(), "{sums}");
    }
}

/// What axe (WCAG 2.2 A and AA, and what it calls best) says is wrong with the page.
fn violations(browser: &Chromium, axe: &str) -> Vec<String> {
    browser.run(axe, &json!([]));
    let script = "const done = arguments[0];
        const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
        axe.run(document, { runOnly: tags }).then((found) => done(found.violations.map((each) =>
          each.id + ': ' + each.nodes.map((node) => node.target + ' ' + node.failureSummary.replace(/\\s+/g, ' ')).join(' | '))));";
    let found = browser.run_to_end(script, &json!([]));
    found.as_array().unwrap().iter().map(|line| line.as_str().unwrap().to_owned()).collect()
}

#[test]
fn axe_finds_nothing_on_any_page() {
    let Ok(axe) = std::fs::read_to_string(root().join("node_modules/axe-core/axe.min.js")) else {
        eprintln!("SKIPPED: axe-core is not installed. Accessibility was NOT looked at. Run: scripts/setup");
        return;
    };
    let Some(browser) = browser(PHONE, "light") else { return };
    let reader = Reader::new();
    let mut problems = Vec::new();
    let mut looked = 0;
    for signed_in in [false, true] {
        if signed_in {
            reader.enter(&browser);
        }
        let open_to_all = Reader::OPEN.map(|(name, path)| (name, path.to_owned())).to_vec();
        let pages = if signed_in { reader.pages() } else { [open_to_all, to_sign_up(&browser)].concat() };
        for (name, path) in pages {
            for ((width, height), scheme) in
                [(PHONE, "light"), (PHONE, "dark"), (DESK, "light"), (DESK, "dark")]
            {
                browser.shows(width, height, scheme);
                open(&browser, &path);
                // What stands at the edge of a screen is no smaller for it.
                browser.shows(width, browser.height().max(height), scheme);
                looked += 1;
                let wide =
                    browser.run("return document.documentElement.scrollWidth - innerWidth", &json!([]));
                if wide.as_i64().is_some_and(|wide| wide > 0) {
                    problems.push(format!("{name} {width} px: wider than the screen by {wide}"));
                }
                problems.extend(
                    violations(&browser, &axe)
                        .into_iter()
                        .map(|found| format!("{name} {width} {scheme}: {found}")),
                );
            }
        }
    }
    assert!(problems.is_empty(), "{} of {looked}:\n{}", problems.len(), problems.join("\n"));
    eprintln!("{looked} views");
}

/// How far what is shown moved while the page came, as browsers count it.
const MOVES: &str = "const done = arguments[0];
    const seen = { shift: 0, moved: [] };
    new PerformanceObserver((list) => {
      for (const { value, sources } of list.getEntries()) {
        seen.shift += value;
        for (const { node } of sources ?? []) seen.moved.push((node?.nodeName ?? '') + '.' + (node?.className ?? ''));
      }
    }).observe({ type: 'layout-shift', buffered: true });
    requestIdleCallback(() => setTimeout(() => done(seen), 300), { timeout: 3000 });";

/// The short form of `scripts/audits`, without its slow telephone.
#[test]
fn nothing_moves_while_a_page_comes() {
    let Some(browser) = browser(PHONE, "light") else { return };
    let reader = Reader::new();
    let mut problems = Vec::new();
    for signed_in in [false, true] {
        if signed_in {
            reader.enter(&browser);
        }
        let open_to_all = Reader::OPEN.map(|(name, path)| (name, path.to_owned())).to_vec();
        for (name, path) in if signed_in { reader.pages() } else { open_to_all } {
            browser.devtools("Network.clearBrowserCache", &json!({}));
            open(&browser, &path);
            let seen = browser.run_to_end(MOVES, &json!([]));
            // Less than this moves nothing that anybody sees.
            if seen["shift"].as_f64().unwrap() > 0.0005 {
                problems.push(format!("{name}: {} of {}", seen["shift"], seen["moved"]));
            }
        }
    }
    assert!(problems.is_empty(), "what is shown moves:\n{}", problems.join("\n"));
}

fn zipped(body: &[u8]) -> usize {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    std::io::Write::write_all(&mut gzip, body).unwrap();
    gzip.finish().unwrap().len()
}

/// What a first view takes off the wire, each file compressed as the edge does it at least: the page and what it loads
/// before it can be used.
#[test]
fn a_first_view_is_small() {
    let reader = Reader::new();
    let cookie = format!("__Host-sesh_access={}", reader.person.access);
    let open_to_all = Reader::OPEN.map(|(_, path)| path.to_owned());
    for path in open_to_all.into_iter().chain(reader.pages().into_iter().map(|(_, path)| path)) {
        let page = Anonymous::new()
            .call("GET", &path)
            .header("cookie", &cookie)
            .header("accept", "text/html")
            .send();
        let html = page.text();
        let files = html.split('"').filter(|part| part.starts_with("/assets/"));
        let sum: usize = files.map(|file| zipped(&Anonymous::new().get(file).is(200).body)).sum::<usize>()
            + zipped(html.as_bytes());
        eprintln!("first view of {path}: {sum} bytes, {} of them the page", html.len());
        assert!(sum <= 60 * 1024, "{path}: {sum}");
    }
}

/// Renders every page, for whoever runs `scripts/screenshots`.
#[test]
fn screenshots() {
    let Some(folder) = std::env::var_os("SESH_SCREENSHOTS").map(PathBuf::from) else { return };
    let Some(browser) = browser(PHONE, "light") else { return };
    std::fs::create_dir_all(&folder).unwrap();
    let only = std::env::var("SESH_SCREENSHOTS_OF").unwrap_or_default();
    let reader = Reader::new();
    let shoot = |pages: Vec<(&str, String)>| {
        for (name, path) in pages.into_iter().filter(|(name, _)| name.contains(&only)) {
            for ((width, height), size) in [(PHONE, "phone"), (DESK, "desk")] {
                for scheme in ["light", "dark"] {
                    browser.shows(width, height, scheme);
                    open(&browser, &path);
                    // All of it, with the bar at its end.
                    browser.shows(width, browser.height().max(height), scheme);
                    std::fs::write(folder.join(format!("{name}-{size}-{scheme}.png")), browser.picture())
                        .unwrap();
                }
            }
        }
    };
    shoot(Reader::OPEN.map(|(name, path)| (name, path.to_owned())).to_vec());
    shoot(to_sign_up(&browser));
    browser.shows(PHONE.0, PHONE.1, "light");
    let newcomer = e2e::actors::Person::new();
    enter(&browser, &newcomer.email);
    shoot(
        ["today", "log", "stash", "insights", "goals", "presets"]
            .map(|name| (name, format!("/{name}")))
            .map(|(name, path)| (empty(name), path))
            .to_vec(),
    );
    browser.shows(PHONE.0, PHONE.1, "light");
    reader.enter(&browser);
    shoot(reader.pages());
}

fn empty(name: &str) -> &'static str {
    match name {
        "today" => "empty-today",
        "log" => "empty-log",
        "stash" => "empty-stash",
        "goals" => "empty-goals",
        "presets" => "empty-presets",
        _ => "empty-insights",
    }
}
