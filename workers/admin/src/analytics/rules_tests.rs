use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

type Days = (String, String);

fn range(from: Option<&str>, to: Option<&str>) -> Result<Days, Vec<(String, String)>> {
    let asked = OverviewQuery { from: from.map(day), to: to.map(day) };
    match Range::of(asked, day("2026-11-21")) {
        Ok(range) => Ok((range.from.to_string(), range.to.to_string())),
        Err(issues) => Err(issues.into_iter().map(|issue| (issue.field, issue.code)).collect()),
    }
}

fn days(from: &str, to: &str) -> Days {
    (from.to_owned(), to.to_owned())
}

fn refused(field: &str, code: &str) -> Vec<(String, String)> {
    vec![(field.to_owned(), code.to_owned())]
}

#[test]
fn shows_thirty_days_unless_told() {
    assert_eq!(range(None, None), Ok(days("2026-10-23", "2026-11-21")));
    assert_eq!(range(None, Some("2026-03-01")), Ok(days("2026-01-31", "2026-03-01")));
    assert_eq!(range(Some("2026-11-01"), None), Ok(days("2026-11-01", "2026-11-21")));
    assert_eq!(range(None, Some("1970-01-02")), Ok(days("1970-01-01", "1970-01-02")));
}

#[test]
fn a_range_has_bounds() {
    assert_eq!(range(Some("2024-01-01"), Some("2024-12-31")), Ok(days("2024-01-01", "2024-12-31")));
    assert_eq!(range(Some("2024-01-01"), Some("2025-01-01")), Err(refused("to", "too_many")));
    assert_eq!(range(Some("2026-11-22"), Some("2026-11-21")), Err(refused("from", "out_of_range")));
    assert_eq!(range(Some("1969-12-31"), Some("1970-01-05")), Err(refused("from", "out_of_range")));
    assert!(range(Some("0000-01-01"), Some("9999-12-31")).is_err());
}

#[test]
fn quiet_days_are_zeros() {
    let range = Range { from: day("2026-02-27"), to: day("2026-03-01") };
    let counted = [DayCount { day: day("2026-02-28"), sessions: 3, people: 2 }];
    let shown: Vec<_> = every_day(range, &counted)
        .iter()
        .map(|count| (count.day.to_string(), count.sessions, count.people))
        .collect();
    let expected = [("2026-02-27", 0, 0), ("2026-02-28", 3, 2), ("2026-03-01", 0, 0)];
    assert_eq!(shown, expected.map(|(day, sessions, people)| (day.to_owned(), sessions, people)));
}

const LOGGED: &str = r#"{"id":"00000000-0000-7000-8000-000000000001","tenant_id":"00000000-0000-7000-8000-000000000002",
    "person_id":"00000000-0000-7000-8000-000000000003","occurred_at":"2026-11-21T01:30:00+02:00",
    "recorded_at":"2026-11-21T00:00:00Z","kind":"session_logged","session_id":"00000000-0000-7000-8000-000000000004",
    "strain_ids":["00000000-0000-7000-8000-000000000006","00000000-0000-7000-8000-000000000005",
    "00000000-0000-7000-8000-000000000006"]}"#;

#[test]
fn a_fact_counts_on_its_utc_day_and_for_each_strain_once() {
    let told = Told::read(LOGGED).unwrap();
    assert_eq!((told.kind, told.day), ("session_logged", day("2026-11-20")));
    let strains: Vec<String> = told.strain_ids.iter().map(ToString::to_string).collect();
    assert_eq!(strains, ["00000000-0000-7000-8000-000000000005", "00000000-0000-7000-8000-000000000006"]);
}

#[test]
fn what_is_no_fact_is_refused_without_quoting_it() {
    for (from, to) in [
        ("session_logged", "canary_kind"),
        ("2026-11-21T00:00:00Z", "canary"),
        ("\"strain_ids\":[", "\"strain_ids\":[\"canary\","),
        ("session_id", "canary"),
        ("{", "[canary"),
    ] {
        let error = Told::read(&LOGGED.replacen(from, to, 1)).unwrap_err();
        assert!(matches!(error, NoFact::Json { .. }) && !error.to_string().contains("canary"), "{error}");
    }
    assert_eq!(day_of(Timestamp(i64::MAX)), None);
    assert_eq!(day_of(Timestamp(253_402_300_800_000)), None);
    assert_eq!(day_of(Timestamp(0)), Some(day("1970-01-01")));
}
