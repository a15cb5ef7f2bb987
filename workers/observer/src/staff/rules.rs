//! What may be said of staff: purely.

use crate::signin::rules::{email_key, is_email};
use sesh_types::contract::staff::{EditStaff, Impersonate, MOST_MINUTES, NewStaff};
use sesh_types::rules::{Issue, Issues};
use sesh_types::time::DAY_MS;
use sesh_types::time::HOUR_MS;

/// How long an enrolment's token counts.
pub const ENROLMENT_MS: i64 = DAY_MS;
/// A device of staff that stays away this long is signed out.
pub const IDLE_MS: i64 = 12 * HOUR_MS;
/// However often it comes back, it must sign in again after this long.
pub const ABSOLUTE_MS: i64 = 7 * DAY_MS;
const MOST_NETWORKS: usize = 20;
const MAX_NETWORK_CHARS: usize = 50;

/// Checks a new member of staff; returns them trimmed.
///
/// # Errors
/// Every field that breaks a rule.
pub fn check_new(new: NewStaff) -> Result<NewStaff, Vec<Issue>> {
    let mut issues = Issues::default();
    let email = email_key(&new.email);
    let message = "must be an e-mail address, such as name@example.com";
    issues.require(is_email(&email), "email", "malformed", message);
    check_name(&new.name, &mut issues);
    check_networks(&new.networks, &mut issues);
    issues.done()?;
    Ok(NewStaff { email, name: new.name.trim().to_owned(), ..new })
}

/// Checks an edit; returns it trimmed.
///
/// # Errors
/// Every field that breaks a rule.
pub fn check_edit(edit: EditStaff) -> Result<EditStaff, Vec<Issue>> {
    let mut issues = Issues::default();
    if let Some(name) = &edit.name {
        check_name(name, &mut issues);
    }
    check_networks(edit.networks.as_deref().unwrap_or_default(), &mut issues);
    issues.done()?;
    Ok(EditStaff { name: edit.name.map(|name| name.trim().to_owned()), ..edit })
}

/// Checks a wish to act as a person; gives the reason, trimmed, and the minutes.
///
/// # Errors
/// Every field that breaks a rule.
pub fn check_impersonate(wish: &Impersonate) -> Result<(String, i64), Vec<Issue>> {
    let mut issues = Issues::default();
    let (reason, minutes) = (wish.reason.trim(), wish.minutes.unwrap_or(MOST_MINUTES));
    issues.text(&wish.reason, "reason", 10, 500);
    issues.within(minutes, "minutes", 1, MOST_MINUTES);
    issues.done()?;
    Ok((reason.to_owned(), minutes))
}

fn check_name(name: &str, issues: &mut Issues) {
    issues.text(name, "name", 1, 80);
    issues.require(!name.contains(['\n', '\r', '\t']), "name", "control_character", "must be on one line");
}

/// How many and how long; whether each is an address is admin's to judge, whose lists they are.
fn check_networks(networks: &[String], issues: &mut Issues) {
    let few = networks.len() <= MOST_NETWORKS;
    issues.require(few, "networks", "too_many", format!("must be at most {MOST_NETWORKS}"));
    for (place, network) in networks.iter().take(MOST_NETWORKS).enumerate() {
        issues.text(network, &format!("networks[{place}]"), 1, MAX_NETWORK_CHARS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sesh_types::access::PlatformRole;

    #[test]
    fn every_field_that_breaks_a_rule_is_named() {
        let new = NewStaff {
            email: "no address".into(),
            name: " ".into(),
            role: PlatformRole::Support,
            networks: vec!["x".repeat(51); 21],
        };
        let fields: Vec<_> = check_new(new).unwrap_err().into_iter().map(|issue| issue.field).collect();
        for field in ["email", "name", "networks", "networks[0]"] {
            assert!(fields.iter().any(|named| named == field), "{field}: {fields:?}");
        }
        let edit = EditStaff { name: Some("a\nb".into()), ..EditStaff::default() };
        assert_eq!(check_edit(edit).unwrap_err()[0].field, "name");
    }

    #[test]
    fn acting_as_somebody_wants_a_reason_and_half_an_hour_at_most() {
        let wish = |reason: &str, minutes| {
            let wish = Impersonate { reason: reason.to_owned(), minutes, tenant_id: None };
            check_impersonate(&wish).map_err(|issues| issues[0].field.clone())
        };
        assert_eq!(wish(" the sum is off ", None), Ok(("the sum is off".to_owned(), 30)));
        for (reason, minutes, field) in [
            ("", None, "reason"),
            ("         x        ", None, "reason"),
            ("the sum is off", Some(31), "minutes"),
            ("the sum is off", Some(0), "minutes"),
        ] {
            assert_eq!(wish(reason, minutes), Err(field.to_owned()));
        }
    }
}
