//! What holds for every time and every subject, however it is written.
#![allow(clippy::unwrap_used, reason = "tests")]

use proptest::prelude::*;
use sesh_types::contract::auth::OnBehalf;
use sesh_types::ids::StrainId;
use sesh_types::time::Timestamp;
use uuid::Uuid;

/// 0001-01-01 to 9999-12-31: the years that RFC 3339 can write, less a day for zones.
const YEARS: std::ops::Range<i64> = -62_135_510_400_000..253_402_214_400_000;

proptest! {
    #[test]
    fn a_time_comes_back_as_it_was_written(ms in YEARS) {
        let text = Timestamp(ms).to_string();
        prop_assert_eq!(Timestamp::parse(&text).unwrap(), Timestamp(ms));
        prop_assert_eq!(text.len(), "2026-04-20T16:20:00.000Z".len());
    }

    #[test]
    fn the_same_moment_in_another_zone_is_the_same_time(ms in YEARS, minutes in -1439_i32..1440) {
        let zone = chrono::FixedOffset::east_opt(minutes * 60).unwrap();
        let there = Timestamp(ms).to_utc().unwrap().with_timezone(&zone);
        prop_assert_eq!(Timestamp::parse(&there.to_rfc3339()).unwrap(), Timestamp(ms));
    }

    #[test]
    fn texts_sort_as_their_times_do(one in YEARS, other in YEARS) {
        prop_assert_eq!(one.cmp(&other), Timestamp(one).to_string().cmp(&Timestamp(other).to_string()));
    }

    #[test]
    fn a_text_is_a_time_just_when_chrono_says_so(
        text in "[0-9]{4}-[01][0-9]-[0-3][0-9][Tt ][0-2][0-9]:[0-5][0-9](:[0-6][0-9](\\.[0-9]{1,12})?)?([Zz]|[+-][0-9:]{4,5})?",
    ) {
        let theirs = chrono::DateTime::parse_from_rfc3339(&text).map(|time| time.timestamp_millis());
        prop_assert_eq!(Timestamp::parse(&text).ok().map(|time| time.0), theirs.ok());
    }

    #[test]
    fn any_time_and_any_text_is_an_answer(ms in any::<i64>(), by in any::<i64>(), text in ".{0,40}") {
        let later = Timestamp(ms).plus_ms(by);
        prop_assert_eq!(later.0, ms.saturating_add(by));
        prop_assert!(!later.to_string().is_empty());
        let _ = Timestamp::parse(&text);
    }

    #[test]
    fn a_subject_comes_back_from_its_header(parts in any::<(u128, u128, u128, i64)>()) {
        let id = Uuid::from_u128;
        let (tenant, person, device, epoch) = parts;
        let (tenant, person, device) = (id(tenant).into(), id(person).into(), id(device).into());
        let subject = OnBehalf { tenant, person, device, epoch, act: None };
        prop_assert_eq!(subject.to_string().parse::<OnBehalf>().unwrap(), subject);
        let more = format!("{subject}/");
        prop_assert!(more.parse::<OnBehalf>().is_err());
    }

    #[test]
    fn what_is_read_as_a_subject_has_four_parts(text in "[0-9a-f/-]{0,120}") {
        if let Ok(subject) = text.parse::<OnBehalf>() {
            prop_assert_eq!(text.split('/').count(), 4);
            prop_assert_eq!(subject.to_string().parse::<OnBehalf>().unwrap(), subject);
        }
    }

    #[test]
    fn strains_of_different_names_have_different_ids(one in ".{0,40}", other in ".{0,40}") {
        prop_assert_eq!(one == other, StrainId::of_public(&one) == StrainId::of_public(&other));
    }
}
