use super::*;
use proptest::prelude::*;

/// Method, milligrams, micrograms of THC, notes.
type Found<'t> = (Method, Option<i64>, Option<i64>, Option<&'t str>);

const NOW: Timestamp = Timestamp(1_776_702_000_000);

fn in_zone(text: &str, options: &Options, zone: &str) -> Read {
    read(text, None, options, &mut Clock::new(zone), NOW).unwrap()
}

fn plain(text: &str) -> Read {
    in_zone(text, &Options::default(), "UTC")
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

#[test]
fn a_table_is_mapped_by_its_head_and_bad_rows_are_named() {
    let read = plain(
        "Date,Time,Strain,Amount (g),Method,Effects,Notes,Stars\n\
         2026-04-01,16:20,Blue Dream,0.4,joint,\"calm; hungry\",\"on the roof\",5\n\
         2026-04-02,noonish,Blue Dream,0.4,joint,,,\n\
         2026-04-03,09:00,,\"1,000\",vape,,,\n\
         2026-04-04,10:00,Haze,?,levitation,,,\n\
         2026-04-05,10:00,Haze,1 joint,,,=cmd,6\n",
    );
    assert_eq!(read.format, Format::Csv);
    assert_eq!(read.mapping.amount.as_deref(), Some("Amount (g)"));
    assert_eq!((read.mapping.date.as_deref(), read.mapping.rating.as_deref()), (Some("Date"), Some("Stars")));
    let first = &read.ready[0];
    assert_eq!(
        (first.line, first.quantity_mg, first.method, first.rating),
        (2, Some(400), Method::Smoke, Some(5))
    );
    assert_eq!((first.occurred_at, first.effects.len()), (at("2026-04-01T16:20:00Z"), 2));
    assert_eq!((read.ready[1].quantity_mg, read.ready[1].method), (None, Method::Other));
    let bad: Vec<(u64, &str)> =
        read.bad.iter().map(|bad| (bad.line, bad.reason.split(':').next().unwrap())).collect();
    assert_eq!(bad[0], (3, "has no time that is understood"));
    assert_eq!(bad[2], (6, "has a rating that is not 1 to 5"));
    assert!(bad[1].1.contains("could be a thousand or one"), "{bad:?}");
}

#[test]
fn units_are_weighed_when_one_is_known_and_kept_as_words_otherwise() {
    let text = "date,amount\n2026-04-01,2 puffs\n";
    assert_eq!(
        (plain(text).ready[0].quantity_mg, plain(text).ready[0].notes.as_deref()),
        (None, Some("2 puffs"))
    );
    let known = Options { unit_mg: Some(3), ..Options::default() };
    assert_eq!(in_zone(text, &known, "UTC").ready[0].quantity_mg, Some(6));
}

#[test]
fn local_times_are_read_where_the_clocks_hung() {
    let text = "when\n2026-03-29 02:30\n2025-10-26 02:30\n2026-04-01\n2026-04-01T10:00:00Z\n";
    let read = in_zone(text, &Options::default(), "Europe/Berlin");
    let found: Vec<(Timestamp, Sure)> =
        read.ready.iter().map(|row| (row.occurred_at, row.time_is_sure)).collect();
    assert_eq!(
        found,
        [
            (at("2026-03-29T01:30:00Z"), Sure::NeverShown),
            (at("2025-10-26T00:30:00Z"), Sure::ShownTwice),
            (at("2026-04-01T10:00:00Z"), Sure::DayOnly),
            (at("2026-04-01T10:00:00Z"), Sure::Yes),
        ]
    );
}

#[test]
fn dates_say_their_order_or_are_two_faced() {
    assert!(plain("date\n3/4/2026\n").dates_are_two_faced);
    let said = plain("date\n3/4/2026\n25/3/2026\n");
    assert!(!said.dates_are_two_faced && said.day_first);
    assert_eq!(said.ready[0].occurred_at, at("2026-04-03T12:00:00Z"));
    let told = in_zone("date\n3/4/2026\n", &Options { day_first: Some(false), ..Options::default() }, "UTC");
    assert_eq!(told.ready[0].occurred_at, at("2026-03-04T12:00:00Z"));
}

#[test]
fn the_future_and_the_time_before_1970_are_bad() {
    let read = plain("date\n2026-04-21\n1969-12-31\n");
    assert_eq!(
        read.bad.iter().map(|bad| bad.reason.as_str()).collect::<Vec<_>>(),
        ["is from the future", "is from before 1970"]
    );
}

#[test]
fn entries_of_daylio_are_seshes_by_their_activities() {
    let text = "full_date,date,weekday,time,mood,activities,note_title,note\n\
        2026-04-01,1 April,Wednesday,6:50 pm,rad,friends | weed,On the roof,Stars\n\
        2026-04-01,1 April,Wednesday,1:08 pm,sleepy,weed,,\n\
        2026-03-31,31 March,Tuesday,8:02 am,bad,work,,\n\
        2026-03-31,31 March,Tuesday,8:00 am,bad,,,\n";
    let read = plain(text);
    assert_eq!((read.format, read.ready.len(), read.left_out), (Format::Daylio, 2, 2));
    assert_eq!(
        (read.ready[0].mood_after, read.ready[0].notes.as_deref()),
        (Some(5), Some("On the roof\nStars"))
    );
    assert_eq!((read.ready[1].mood_after, read.ready[0].occurred_at), (None, at("2026-04-01T18:50:00Z")));
    assert_eq!(read.choices[0], Choice { name: "weed".to_owned(), rows: 2, chosen: true });
    let only = Options { only: Some(vec!["WORK".to_owned()]), ..Options::default() };
    assert_eq!(in_zone(text, &only, "UTC").ready.len(), 1);
}

#[test]
fn habits_are_days_of_which_somebody_said_yes() {
    let text = "Date,Meditate,Smoke weed,\n2026-04-02,YES_MANUAL,YES_MANUAL,\n2026-04-01,NO,YES_AUTO,\n2026-03-31,UNKNOWN,YES_MANUAL,\n";
    let read = plain(text);
    assert_eq!((read.format, read.ready.len(), read.left_out), (Format::LoopHabit, 2, 1));
    assert_eq!(
        (read.ready[0].occurred_at, read.ready[0].time_is_sure),
        (at("2026-04-02T12:00:00Z"), Sure::DayOnly)
    );
    let bull = "HabitName,HabitDescription,HabitCategory,CalendarDate,Value,CommentText\n\
        Weed,,C,4/1/2026,1,late\nWeed,,C,4/2/2026,0,\nWeed,,C,4/13/2026,-2150000000,\nRead,,C,4/1/2026,1,\n";
    let read = plain(bull);
    assert_eq!((read.format, read.ready.len(), read.left_out), (Format::HabitBull, 1, 1));
    assert_eq!(read.ready[0].notes.as_deref(), Some("late"));
}

#[test]
fn a_journal_keeps_moments_routes_and_what_was_counted_in_thc() {
    let ingestion = |name: &str, dose: &str, units: &str, route: &str| {
        format!(
            r#"{{"dose":{dose},"time":1775000000000,"notes":"n","units":"{units}","administrationRoute":"{route}","substanceName":"{name}"}}"#
        )
    };
    let text = format!(
        r#"{{"experiences":[{{"title":"t","ingestions":[{},{},{},{}]}}]}}"#,
        ingestion("Cannabis", "12.5", "mg THC", "ORAL"),
        ingestion("Cannabis", "0.2", "g", "SMOKED"),
        ingestion("Cannabis", "3", "clouds", "INHALED"),
        ingestion("Caffeine", "null", "mg", "ORAL"),
    );
    let read = plain(&text);
    let found: Vec<Found<'_>> = read
        .ready
        .iter()
        .map(|row| (row.method, row.quantity_mg, row.thc_ug, row.notes.as_deref()))
        .collect();
    assert_eq!(
        found,
        [
            (Method::Eat, None, Some(12_500), Some("n")),
            (Method::Smoke, Some(200), None, Some("n")),
            (Method::Vape, None, None, Some("3 clouds\nn")),
        ]
    );
    assert_eq!((read.format, read.left_out), (Format::Journal, 1));
}

#[test]
fn one_may_not_call_a_file_what_it_is_not() {
    let refused = |text: &str, format| {
        read(text, Some(format), &Options::default(), &mut Clock::new("UTC"), NOW).unwrap_err()[0]
            .field
            .clone()
    };
    assert_eq!(refused("a,b\n1,2\n", Format::Daylio), "format");
    assert_eq!(refused("a,b\n1,2\n", Format::Journal), "source");
    assert_eq!(refused("", Format::Csv), "source");
    assert_eq!(refused("{\"experiences\":5}", Format::Journal), "source");
}

proptest! {
    #[test]
    fn any_file_is_read_or_refused(text in "(date|time|amount|,|;|\n|\"|2026-04-0[1-9]|1[0-9]:20|mg|\\{|\\}|\"experiences\"|:|\\[|[a-z=é ]){0,60}") {
        if let Ok(read) = read(&text, None, &Options::default(), &mut Clock::new("Europe/Berlin"), NOW) {
            for row in &read.ready {
                prop_assert!(row.occurred_at.0 >= 0 && row.occurred_at <= NOW.plus_ms(FUTURE_MS));
            }
        }
    }
}
