//! What may be registered: purely.

use super::common::is_common;
use crate::keys::normalised;
use chrono::{Datelike, NaiveDate};
use sesh_edge::http::{Failure, Refusal};
use sesh_edge::text::nfkc;
use sesh_types::contract::auth::Register;
use sesh_types::contract::sign_up::Begin;
use sesh_types::envelope::{Details, ErrorCode};
use sesh_types::rules::{Issue, Issues};

/// Who may use the platform.
const ADULT_YEARS: i32 = 21;
const OLDEST_BIRTH_YEAR: i32 = 1900;
const PASSWORD_CHARS: std::ops::RangeInclusive<usize> = 8..=256;
/// RFC 5321, section 4.5.3.1.
const MAX_EMAIL_BYTES: usize = 254;
const MAX_LOCAL_BYTES: usize = 64;

/// What a sign-up comes to when every rule holds.
#[derive(Debug)]
pub struct Applicant {
    /// As the database keeps it.
    pub email: String,
    /// Trimmed.
    pub display_name: String,
}

/// An e-mail address as accounts are found by: NFKC, trimmed, lower case.
pub fn email_key(email: &str) -> String {
    nfkc(email).trim().to_lowercase()
}

/// Checks a sign-up on the UTC day `today`.
///
/// # Errors
/// 422 with every field that breaks a rule; `age_restricted` when nothing but the age is against it.
pub fn check(register: &Register, today: NaiveDate) -> Result<Applicant, Failure> {
    let Register { email, password, display_name, birth_date, .. } = register;
    applicant((email, display_name, *birth_date), Some(&password.0), today)
}

/// Checks a sign-up that is begun on the UTC day `today`; its password comes later.
///
/// # Errors
/// As [`check`].
pub fn check_begun(begin: &Begin, today: NaiveDate) -> Result<Applicant, Failure> {
    applicant((&begin.email, &begin.display_name, begin.birth_date), None, today)
}

fn applicant(
    (email, display_name, birth_date): (&str, &str, NaiveDate),
    password: Option<&str>,
    today: NaiveDate,
) -> Result<Applicant, Failure> {
    let email = email_key(email);
    let mut issues = Issues::default();
    issues.require(
        is_email(&email),
        "email",
        "malformed",
        "must be an e-mail address, such as name@example.com",
    );
    if let Some(password) = password {
        check_password("password", password, &email, &mut issues);
    }
    check_name(display_name, &mut issues);
    check_birth_date(birth_date, today, &mut issues);
    issues.done()?;
    refuse_minors(birth_date, today)?;
    Ok(Applicant { email, display_name: display_name.trim().to_owned() })
}

/// A day on which somebody may have been born.
pub fn check_birth_date(born: NaiveDate, today: NaiveDate, issues: &mut Issues) {
    let possible = born.year() >= OLDEST_BIRTH_YEAR && born <= today;
    issues.require(possible, "birth_date", "out_of_range", "must be a day from 1900 to today");
}

/// Refuses who is not of age on the UTC day `today`.
///
/// # Errors
/// `age_restricted`.
pub fn refuse_minors(born: NaiveDate, today: NaiveDate) -> Result<(), Failure> {
    if !is_adult(born, today) {
        let message = format!("must be at least {ADULT_YEARS} years ago");
        let issue = Issue { field: "birth_date".into(), code: "age_restricted".into(), message };
        let refusal = Refusal::new(ErrorCode::AgeRestricted, format!("You must be {ADULT_YEARS} or older."));
        return Err(refusal.with(Details::Issues(vec![issue])).into());
    }
    Ok(())
}

/// A name that people go by: 1 to 80 characters on one line.
pub fn check_name(name: &str, issues: &mut Issues) {
    let chars = name.trim().chars().count();
    issues.require(chars >= 1, "display_name", "too_short", "must have at least 1 character");
    issues.require(chars <= 80, "display_name", "too_long", "must have at most 80 characters");
    let clean = !name.chars().any(char::is_control);
    issues.require(clean, "display_name", "control_character", "must not contain control characters");
}

/// A password that may be set, for the account of an address.
pub fn check_password(field: &str, password: &str, email: &str, issues: &mut Issues) {
    let chars = normalised(password).chars().count();
    let (least, most) = (PASSWORD_CHARS.start(), PASSWORD_CHARS.end());
    issues.require(chars >= *least, field, "too_short", format!("must have at least {least} characters"));
    issues.require(chars <= *most, field, "too_long", format!("must have at most {most} characters"));
    if !PASSWORD_CHARS.contains(&chars) {
        return;
    }
    let plain = email_key(password);
    let local = email.split('@').next().unwrap_or_default();
    issues.require(plain != email && plain != local, field, "like_email", "must not be the e-mail address");
    issues.require(!is_common(password), field, "too_common", "is among those that everybody tries first");
}

/// Whether it is an address. Pragmatic: what mail can be sent to, not all that RFC 5321 would allow.
pub fn is_email(email: &str) -> bool {
    let Some((local, domain)) = email.split_once('@') else { return false };
    let label = |label: &str| {
        let sound = label.chars().all(|c| c.is_alphanumeric() || c == '-');
        (1..=63).contains(&label.len()) && sound && !label.starts_with('-') && !label.ends_with('-')
    };
    email.len() <= MAX_EMAIL_BYTES
        && (1..=MAX_LOCAL_BYTES).contains(&local.len())
        && !email.chars().any(|c| c.is_whitespace() || c.is_control())
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && !local.contains(['"', '(', ')', '<', '>', '[', ']', ',', ';', ':', '\\'])
        && domain.contains('.')
        && domain.split('.').all(label)
}

/// Born on 29 February, one comes of age on 1 March.
fn is_adult(born: NaiveDate, today: NaiveDate) -> bool {
    let years = today.year() - born.year();
    let had_birthday = (today.month(), today.day()) >= (born.month(), born.day());
    years > ADULT_YEARS || (years == ADULT_YEARS && had_birthday)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn register(change: impl FnOnce(&mut Register)) -> Register {
        let mut register = serde_json::from_value(json!({
            "email": "ada@example.com", "password": "tangerine-otter-lamp",
            "display_name": " Ada ", "birth_date": "1990-01-01"
        }))
        .unwrap();
        change(&mut register);
        register
    }

    fn issues(change: impl FnOnce(&mut Register)) -> Vec<(String, String)> {
        match check(&register(change), day("2026-04-20")) {
            Err(Failure::Refusal(Refusal { details: Some(Details::Issues(issues)), .. })) => {
                issues.into_iter().map(|issue| (issue.field, issue.code)).collect()
            }
            other => unreachable!("{other:?}"),
        }
    }

    #[test]
    fn a_sound_sign_up_passes() {
        let applicant =
            check(&register(|new| new.email = " ADA@Example.COM ".into()), day("2026-04-20")).unwrap();
        assert_eq!((applicant.email.as_str(), applicant.display_name.as_str()), ("ada@example.com", "Ada"));
    }

    #[test]
    fn every_field_that_breaks_a_rule_is_named() {
        let found = issues(|new| {
            new.email = "no address".into();
            new.password.0 = "short".into();
            new.display_name = "\u{7}".into();
            new.birth_date = day("1899-12-31");
        });
        let fields: Vec<_> = found.iter().map(|(field, _)| field.as_str()).collect();
        assert_eq!(fields, ["email", "password", "display_name", "birth_date"]);
    }

    #[test]
    fn addresses_that_cannot_receive_mail_are_refused() {
        let long = format!("{}@example.com", "a".repeat(65));
        let longer = format!("a@{}.com", "b.".repeat(130));
        for bad in [
            "",
            "@",
            "a@",
            "@b.com",
            "a@b",
            "a@@b.com",
            "a@b@c.com",
            "a b@c.com",
            "a@b..com",
            "a@-b.com",
            "a@b-.com",
            "a\u{0}@b.com",
            "a@b.com\n.x",
            ".a@b.com",
            "a..b@c.com",
            "<a@b.com>",
            &long,
            &longer,
        ] {
            assert!(!is_email(&email_key(bad)), "{bad}");
        }
        for good in
            ["a@b.co", "first.last+tag@sub.example.com", "o'brien@example.ie", "ä@exämple.de", "x_y-z@1-2.io"]
        {
            assert!(is_email(&email_key(good)), "{good}");
        }
        assert_eq!(email_key("\u{ff21}da@example.com "), "ada@example.com", "full-width letters are letters");
    }

    #[test]
    fn passwords_are_measured_in_characters_and_held_against_the_address() {
        let code = |password: &str| issues(|new| new.password.0 = password.into());
        let one = |code: &str| vec![("password".to_owned(), code.to_owned())];
        assert_eq!(code("1234567"), one("too_short"));
        assert_eq!(code(&"ä!".repeat(129)), one("too_long"));
        assert_eq!(code("Password1"), one("too_common"));
        assert_eq!(code("Ada@Example.com"), one("like_email"));
        let local = issues(|new| {
            new.email = "gardenhose77@example.com".into();
            new.password.0 = "GardenHose77".into();
        });
        assert_eq!(local, one("like_email"));
        let long: String = ('a'..='z').cycle().step_by(7).take(256).collect();
        assert!(check(&register(|new| new.password.0 = long), day("2026-04-20")).is_ok());
    }

    #[test]
    fn one_comes_of_age_on_the_birthday() {
        for (born, today, adult) in [
            ("2005-04-20", "2026-04-20", true),
            ("2005-04-21", "2026-04-20", false),
            ("2005-12-31", "2026-01-01", false),
            ("2004-02-29", "2025-02-28", false),
            ("2004-02-29", "2025-03-01", true),
            ("1900-01-01", "2026-01-01", true),
        ] {
            assert_eq!(is_adult(day(born), day(today)), adult, "{born} {today}");
        }
        assert_eq!(
            issues(|new| new.birth_date = day("2006-01-01")),
            [("birth_date".into(), "age_restricted".into())]
        );
        assert_eq!(
            issues(|new| new.birth_date = day("2026-04-21")),
            [("birth_date".into(), "out_of_range".into())]
        );
    }
}
