//! Pictures and records: what a page shows is what the API says.

use crate::world::World;
use crate::world::browser::{Browser, to};
use serde_json::{Value, json};

/// The rows of a picture's table: each row's first number and its second, and those of the foot.
fn table(html: &str, name: &str) -> (Vec<[i64; 2]>, [i64; 2]) {
    let (_, rest) =
        html.split_once(&format!("data-chart=\"{name}\"")).unwrap_or_else(|| panic!("no {name}: {html}"));
    let figure = rest.split("</figure>").next().unwrap();
    // A cell holds an exact number, or is a count; whatever says nothing is nothing.
    let number = |cell: &str| -> i64 {
        let exact = cell.split("<data value=\"").nth(1).and_then(|rest| rest.split('"').next());
        exact.unwrap_or(cell.split('<').next().unwrap_or_default()).parse().unwrap_or(0)
    };
    let numbers = |row: &str| -> [i64; 2] {
        let mut cells = row.split("<td>").skip(1).map(number);
        [cells.next().unwrap_or(0), cells.next().unwrap_or(0)]
    };
    let (_, body) = figure.split_once("<tbody>").unwrap();
    let (body, foot) = body.split_once("</tbody>").unwrap();
    (body.split("<tr>").skip(1).map(numbers).collect(), numbers(foot))
}

fn notebook(world: &World) -> Browser<'_> {
    let ada = Browser::signed_up(world, "ada@example.com");
    let strain = [("name", "Lavender"), ("kind", "indica"), ("thc", "18.5"), ("effects", "calm, sleepy")];
    let added = ada.post("/strains/new", "/strains/new", &strain);
    let strain = to(&added).trim_start_matches("/strains/").split('?').next().unwrap().to_owned();
    for (name, quantity, price, strain) in
        [("Lavender", "28 g", "180", strain.as_str()), ("Other", "3,5 g", "35.50", "")]
    {
        let lot = [
            ("name", name),
            ("form_of", "flower"),
            ("quantity", quantity),
            ("price", price),
            ("currency", "USD"),
            ("strain", strain),
        ];
        assert_eq!(to(&ada.post("/stash/new", "/stash/new", &lot)), "/stash?done=added");
    }
    let lots = ada.api("/api/v1/stash");
    let ids: Vec<String> =
        lots.as_array().unwrap().iter().map(|lot| lot["id"].as_str().unwrap().to_owned()).collect();
    for number in 0..40_i64 {
        world.fleet.pass_ms(17 * 3_600_000);
        let amount = format!("{} mg", 37 + number * 11 % 90);
        let amount = if number % 7 == 3 { "" } else { &amount };
        let fields = [
            ("lot", ids[usize::from(number % 3 == 0)].as_str()),
            ("amount", amount),
            ("method", if number % 4 == 0 { "vape" } else { "smoke" }),
            ("mood_before", "2"),
            ("mood_after", if number % 2 == 0 { "4" } else { "2" }),
            ("effects", "calm"),
        ];
        assert!(to(&ada.post("/log", "/log", &fields)).starts_with("/today?done=logged"));
    }
    ada
}

#[test]
fn the_sum_of_every_picture_is_what_the_api_says() {
    let world = World::new(1);
    let ada = notebook(&world);
    for (page, api) in [
        ("/insights", "/api/v1/insights"),
        ("/insights?from=2026-04-20&to=2026-05-05", "/api/v1/insights?from=2026-04-20&to=2026-05-05"),
        ("/insights?from=2025-06-01", "/api/v1/insights?from=2025-06-01"),
    ] {
        let (html, says) = (ada.open(page).text, ada.api(api));
        let total =
            [says["total"]["quantity_mg"].as_i64().unwrap(), says["total"]["sessions"].as_i64().unwrap()];
        assert!(total[0] > 0);
        let days = says["series"].as_array().unwrap().len();
        let mut names = vec!["weeks", "hours", "methods", "strains"];
        names.extend((days <= 100).then_some("days"));
        names.extend((days > 62).then_some("months"));
        for name in names {
            let (rows, foot) = table(&html, name);
            let sum = rows.iter().fold([0, 0], |sum, row| [sum[0] + row[0], sum[1] + row[1]]);
            assert_eq!((sum, foot), (total, total), "{page}: {name}");
        }
        let rows = |list: &Value, more: &str| -> Vec<[i64; 2]> {
            list.as_array()
                .unwrap()
                .iter()
                .map(|row| [row["quantity_mg"].as_i64().unwrap(), row[more].as_i64().unwrap()])
                .collect()
        };
        if days <= 100 {
            assert_eq!(
                table(&html, "days").0,
                rows(&says["series"], "sessions"),
                "{page}: day by day, gaps included"
            );
            let drawn = html
                .split("data-chart=\"days\"")
                .nth(1)
                .unwrap()
                .split("</svg>")
                .next()
                .unwrap()
                .matches("<rect class=\"mark")
                .count();
            let some =
                says["series"].as_array().unwrap().iter().filter(|day| day["quantity_mg"] != 0).count();
            assert_eq!(drawn, some, "{page}: a day without an amount has no column");
        }
        assert_eq!(table(&html, "hours").0, rows(&says["by_hour"], "sessions"), "{page}");
        assert_eq!(table(&html, "methods").0, rows(&says["by_method"], "sessions"), "{page}");
        let moods = says["moods"].clone();
        let all = [moods["before_hundredths"].as_i64().unwrap(), moods["after_hundredths"].as_i64().unwrap()];
        assert_eq!(table(&html, "moods").0[0], all, "{page}");
        assert_eq!(table(&html, "supply").0[0][0], says["supply"]["balance_mg"].as_i64().unwrap(), "{page}");
        let spend =
            html.split("data-chart=\"spend\"").nth(1).unwrap().split("</figure>").next().unwrap().to_owned();
        for minor in [&says["spend"]["used"][0]["minor"], &says["spend"]["used"][0]["per_session_minor"]] {
            assert!(spend.contains(&format!("<data value=\"{minor}\">")), "{page}: {minor}");
        }
        let weeks =
            says["trend"]["weeks"].as_array().unwrap().iter().filter(|week| !week["average_mg"].is_null());
        let trend =
            html.split("data-chart=\"trend\"").nth(1).unwrap().split("</figure>").next().unwrap().to_owned();
        for week in weeks {
            assert!(trend.contains(&format!("<data value=\"{}\">", week["average_mg"])), "{page}: {week}");
        }
        assert!(trend.contains("no measure of tolerance"), "a trend comes with its caveat");
    }
}

#[test]
fn hidden_amounts_are_hidden_from_tables_too() {
    let world = World::new(1);
    let ada = notebook(&world);
    ada.post("/today", "/settings", &[("veil", "1"), ("back", "/today")]);
    let html = ada.open("/insights").text;
    let says = ada.api("/api/v1/insights");
    let (_, days) = html.split_once("data-chart=\"days\"").unwrap();
    let days = days.split("</figure>").next().unwrap();
    assert!(days.contains("•••") && !days.contains("mg<"), "{days}");
    assert!(!days.contains(&format!("value=\"{}\"", says["total"]["quantity_mg"])), "{days}");
}

#[test]
fn days_that_cannot_be_shown_are_said_to_be_so() {
    let world = World::new(1);
    let ada = Browser::signed_up(&world, "ada@example.com");
    assert!(ada.open("/insights").text.contains("After a few seshes"));
    assert!(
        ada.open("/insights?from=2026-01-01&to=2026-01-31").text.contains("Nothing was logged in these days")
    );
    for wrong in ["from=yesterday", "from=2026-04-01&to=2026-03-01", "from=2020-01-01", "to=1950-01-01"] {
        let got = ada.open(&format!("/insights?{wrong}"));
        assert!(
            got.status == 422 && got.text.contains("class=\"problems\""),
            "{wrong}: {} {}",
            got.status,
            got.text
        );
    }
}

#[test]
fn a_strain_says_what_one_felt_and_paid_before_anything_else() {
    let world = World::new(1);
    let ada = notebook(&world);
    let list = ada.open("/strains?q=lavender").text;
    assert!(list.contains("yours alone"), "{list}");
    let id = ada.api("/api/v1/strains?q=lavender")[0]["id"].as_str().unwrap().to_owned();
    let html = ada.open(&format!("/strains/{id}")).text;
    let at = |text: &str| html.find(text).unwrap_or_else(|| panic!("no {text}: {html}"));
    assert!(at("You felt") < at("What you noted of it") && at("Cost of a sesh") < at("THC 18.5"), "{html}");
    // Every session with an amount of this jar: 180 USD for 28 g.
    let sessions = ada.api(&format!("/api/v1/sessions?strain_id={id}&limit=100"));
    let known: Vec<i64> = sessions
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|row| row["items"][0]["quantity_mg"].as_i64())
        .collect();
    let minor: i64 = known.iter().sum::<i64>() * 18_000 / 28_000;
    let each = minor / i64::try_from(known.len()).unwrap();
    let near = (each - 1..=each + 1)
        .any(|minor| html.contains(&format!("{}.{:02}\u{a0}USD", minor / 100, minor % 100)));
    assert!(near, "{each} in {html}");
    let twice = ada.post("/strains/new", "/strains/new", &[("name", "lavender")]);
    assert!(twice.status == 422 && twice.text.contains("that name already"), "{}", twice.text);
    let odd = ada.post("/strains/new", "/strains/new", &[("name", "x"), ("thc", "much")]);
    assert!(odd.status == 422 && odd.text.contains("f-thc-wrong"), "{}", odd.text);
}

#[test]
fn a_stash_says_what_is_empty_soon_and_begins_a_sesh() {
    let world = World::new(1);
    let ada = Browser::signed_up(&world, "ada@example.com");
    for name in ["Slow", "Fast"] {
        ada.post(
            "/stash/new",
            "/stash/new",
            &[("name", name), ("form_of", "flower"), ("quantity", "3.5 g"), ("currency", "USD")],
        );
    }
    let lots = ada.api("/api/v1/stash");
    let id = |name: &str| {
        lots.as_array().unwrap().iter().find(|lot| lot["name"] == name).unwrap()["id"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    for (name, amount) in [("Slow", "10 mg"), ("Fast", "2.5 g")] {
        ada.post("/log", "/log", &[("lot", &id(name)), ("amount", amount), ("method", "smoke")]);
    }
    let html = ada.open("/stash").text;
    let at = |text: &str| html.find(text).unwrap_or_else(|| panic!("no {text}: {html}"));
    assert!(at(">Fast") < at(">Slow"), "what runs out first stands on top");
    assert_eq!(html.matches("empty soon").count(), 1, "{html}");
    assert!(html.contains("lasts about 2 days"), "1 g is left, and 2.5 g went in a week: {html}");
    let supply = ada.api("/api/v1/dashboard")["days_of_supply"].clone();
    assert!(html.contains(&format!("<span class=\"number\">{supply}</span>")), "{supply}: {html}");
    let start = ada.open(&format!("/log?lot={}", id("Fast"))).text;
    assert!(start.contains(&format!("value=\"{}\" checked", id("Fast"))), "{start}");
    assert_eq!(json!(html.matches("data-live=\"4\"").count()), 1, "four changes are in this page: {html}");
}
