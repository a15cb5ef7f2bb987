//! What a tenant may be called and where it may live: purely.

use sesh_types::contract::tenants::{EditTenant, NewTenant, Quotas};
use sesh_types::rules::{Issue, Issues};
use std::collections::BTreeSet;

const SLUG_CHARS: std::ops::RangeInclusive<usize> = 2..=40;
const MOST_DOMAINS: usize = 20;
/// RFC 1035, section 2.3.4.
const MAX_DOMAIN_BYTES: usize = 253;
const MAX_LABEL_BYTES: usize = 63;
/// Addresses that mean something else.
const RESERVED: [&str; 12] = [
    "admin",
    "api",
    "app",
    "consumers",
    "docs",
    "grow",
    "depot",
    "live",
    "login",
    "observer",
    "tracker",
    "www",
];

/// Checks a new tenant; returns it trimmed, its domains in lower case and once each.
///
/// # Errors
/// Every field that breaks a rule.
pub fn check_new(new: NewTenant) -> Result<NewTenant, Vec<Issue>> {
    let mut issues = Issues::default();
    let slug_message = "must have 2 to 40 lower case letters, digits and single hyphens, none at its ends";
    issues.require(is_slug(&new.slug), "slug", "malformed", slug_message);
    issues.require(!RESERVED.contains(&new.slug.as_str()), "slug", "reserved", "is kept for the platform");
    check_name(&new.name, &mut issues);
    let domains = check_domains(&new.domains, &mut issues);
    check_quotas(&new.quotas, &mut issues);
    issues.done()?;
    Ok(NewTenant { name: new.name.trim().to_owned(), domains, ..new })
}

/// Checks an edit; returns it as [`check_new`] does.
///
/// # Errors
/// Every field that breaks a rule.
pub fn check_edit(edit: EditTenant) -> Result<EditTenant, Vec<Issue>> {
    let mut issues = Issues::default();
    if let Some(name) = &edit.name {
        check_name(name, &mut issues);
    }
    let domains = edit.domains.map(|domains| check_domains(&domains, &mut issues));
    if let Some(quotas) = &edit.quotas {
        check_quotas(quotas, &mut issues);
    }
    issues.done()?;
    let EditTenant { quotas, reseller_id, confirm_sign_up, .. } = edit;
    let name = edit.name.map(|name| name.trim().to_owned());
    Ok(EditTenant { name, domains, quotas, reseller_id, confirm_sign_up })
}

fn check_name(name: &str, issues: &mut Issues) {
    issues.text(name, "name", 1, 120);
    issues.require(!name.contains(['\n', '\r', '\t']), "name", "control_character", "must be on one line");
}

fn check_quotas(quotas: &Quotas, issues: &mut Issues) {
    for (field, value, least) in [
        ("quotas.people", quotas.people, 1),
        ("quotas.calls_a_day", quotas.calls_a_day, 0),
        ("quotas.storage_mb", quotas.storage_mb, 0),
    ] {
        if let Some(value) = value {
            issues.within(value, field, least, 1_000_000_000);
        }
    }
}

fn check_domains(domains: &[String], issues: &mut Issues) -> Vec<String> {
    let few = domains.len() <= MOST_DOMAINS;
    issues.require(few, "domains", "too_many", format!("must be at most {MOST_DOMAINS}"));
    let mut once = BTreeSet::new();
    for (place, domain) in domains.iter().take(MOST_DOMAINS).enumerate() {
        let domain = domain.trim().to_ascii_lowercase();
        let field = format!("domains[{place}]");
        issues.require(
            is_host_name(&domain),
            field,
            "malformed",
            "must be a host name, such as shop.example.com",
        );
        once.insert(domain);
    }
    once.into_iter().collect()
}

fn is_slug(slug: &str) -> bool {
    let sound = slug.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    let whole = !slug.starts_with('-') && !slug.ends_with('-') && !slug.contains("--");
    SLUG_CHARS.contains(&slug.len()) && sound && whole
}

/// A host name with at least one dot, of letters, digits and hyphens; other scripts come as Punycode (RFC 5890).
fn is_host_name(name: &str) -> bool {
    let label = |label: &str| {
        (1..=MAX_LABEL_BYTES).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let numeric = name.rsplit('.').next().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
    name.len() <= MAX_DOMAIN_BYTES && name.contains('.') && !numeric && name.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(change: impl FnOnce(&mut NewTenant)) -> NewTenant {
        let mut new = NewTenant {
            slug: "green-acre".into(),
            name: " Green Acre ".into(),
            domains: vec!["Shop.Example.com".into(), "shop.example.com ".into()],
            quotas: Quotas::default(),
            reseller_id: None,
        };
        change(&mut new);
        new
    }

    fn fields(change: impl FnOnce(&mut NewTenant)) -> Vec<String> {
        check_new(new(change)).unwrap_err().into_iter().map(|issue| issue.field).collect()
    }

    #[test]
    fn a_sound_tenant_is_trimmed_and_its_domains_come_once() {
        let tenant = check_new(new(|_| {})).unwrap();
        assert_eq!(
            (tenant.name.as_str(), tenant.domains),
            ("Green Acre", vec!["shop.example.com".to_owned()])
        );
    }

    #[test]
    fn every_field_that_breaks_a_rule_is_named() {
        let found = fields(|new| {
            new.slug = "A".into();
            new.name = "\n".into();
            new.domains =
                vec!["localhost".into(), "192.0.2.1".into(), "-a.example".into(), "ä.example".into()];
            new.quotas = Quotas { people: Some(0), calls_a_day: Some(-1), storage_mb: None };
        });
        for field in ["slug", "name", "domains[0]", "domains[1]", "domains[2]", "domains[3]", "quotas.people"]
        {
            assert!(found.iter().any(|name| name == field), "{field} {found:?}");
        }
        assert!(found.contains(&"quotas.calls_a_day".to_owned()));
    }

    #[test]
    fn slugs_are_plain_and_some_are_kept() {
        for bad in ["", "a", "-ab", "ab-", "a--b", "Ab", "a b", "ä1", &"a".repeat(41)] {
            assert!(!is_slug(bad), "{bad}");
        }
        assert!(is_slug("a1") && is_slug(&"a".repeat(40)));
        assert_eq!(fields(|new| new.slug = "admin".into()), ["slug"]);
    }

    #[test]
    fn an_edit_checks_what_it_changes() {
        let edit = EditTenant { domains: Some(vec!["x".into(); 21]), ..EditTenant::default() };
        assert!(check_edit(edit).is_err());
        assert_eq!(check_edit(EditTenant::default()).unwrap().name, None);
    }
}
