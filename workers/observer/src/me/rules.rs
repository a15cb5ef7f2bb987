//! What a profile may say: purely.

use crate::signin::rules::check_name;
use sesh_types::contract::auth::EditUser;
use sesh_types::rules::{Issue, Issues};

/// The areas of the IANA time zone database.
const AREAS: [&str; 11] = [
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
    "Etc",
];

/// Checks an edit; returns it trimmed.
///
/// # Errors
/// Every field that breaks a rule.
pub fn check(edit: EditUser) -> Result<EditUser, Vec<Issue>> {
    let mut issues = Issues::default();
    if let Some(name) = &edit.display_name {
        check_name(name, &mut issues);
    }
    if let Some(zone) = &edit.time_zone {
        let message = "must be an IANA time zone, such as America/Los_Angeles or UTC";
        issues.require(is_zone(zone), "time_zone", "malformed", message);
    }
    issues.done()?;
    Ok(EditUser {
        display_name: edit.display_name.map(|name| name.trim().to_owned()),
        time_zone: edit.time_zone,
    })
}

/// Whether it has the shape of a zone's name. Whether there is such a zone is known where days are counted.
fn is_zone(name: &str) -> bool {
    if name == "UTC" {
        return true;
    }
    let mut parts = name.split('/');
    let area = parts.next().is_some_and(|area| AREAS.contains(&area));
    let places: Vec<&str> = parts.collect();
    let sound = |place: &&str| {
        (1..=30).contains(&place.len())
            && place.starts_with(|c: char| c.is_ascii_uppercase())
            && place.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+'))
    };
    area && (1..=2).contains(&places.len()) && places.iter().all(sound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_have_a_shape() {
        for zone in [
            "UTC",
            "America/Los_Angeles",
            "America/Argentina/Buenos_Aires",
            "Etc/GMT+8",
            "Asia/Ust-Nera",
            "America/Port-au-Prince",
            "Africa/Sao_Tome",
        ] {
            assert!(is_zone(zone), "{zone}");
        }
        for zone in [
            "",
            "utc",
            "Mars/Phobos",
            "America",
            "America/",
            "America/los_angeles",
            "../etc/passwd",
            "Europe/A/B/C",
            "Europe/Ber lin",
            "Europe/Berlin\n",
            "+02:00",
        ] {
            assert!(!is_zone(zone), "{zone}");
        }
    }

    #[test]
    fn names_every_field_that_is_wrong() {
        let edit = EditUser { display_name: Some(" ".into()), time_zone: Some("here".into()) };
        let fields: Vec<_> = check(edit).unwrap_err().into_iter().map(|issue| issue.field).collect();
        assert_eq!(fields, ["display_name", "time_zone"]);
        let edit = EditUser { display_name: Some(" Ada ".into()), time_zone: None };
        assert_eq!(check(edit).unwrap().display_name.as_deref(), Some("Ada"));
    }
}
