//! What an administrator may ask and say: purely.

use sesh_types::contract::admin::Suspend;
use sesh_types::rules::{Issue, Issues};

/// The most characters of a search.
const MAX_SEARCH_CHARS: usize = 254;

/// Checks a reason; returns it trimmed.
///
/// # Errors
/// The field, when it breaks a rule.
pub fn reason(suspend: &Suspend) -> Result<String, Vec<Issue>> {
    let mut issues = Issues::default();
    issues.text(&suspend.reason, "reason", 1, 500);
    issues.done()?;
    Ok(suspend.reason.trim().to_owned())
}

/// What is searched for, in lower case; nothing asked is nothing searched.
///
/// # Errors
/// The parameter, when it is too long.
pub fn search(q: Option<&str>) -> Result<Option<String>, Vec<Issue>> {
    let q = q.map(str::trim).filter(|q| !q.is_empty());
    let mut issues = Issues::default();
    let short = q.is_none_or(|q| q.chars().count() <= MAX_SEARCH_CHARS);
    issues.require(short, "q", "too_long", format!("must have at most {MAX_SEARCH_CHARS} characters"));
    issues.done()?;
    Ok(q.map(str::to_lowercase))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_have_1_to_500_characters() {
        let reason = |reason: &str| reason_of(reason);
        assert_eq!(reason(" spam "), Some("spam".into()));
        assert_eq!(reason(&"x".repeat(500)), Some("x".repeat(500)));
        for bad in ["", "  ", "a\u{0}", &"x".repeat(501)] {
            assert_eq!(reason(bad), None);
        }
    }

    fn reason_of(text: &str) -> Option<String> {
        reason(&Suspend { reason: text.to_owned() }).ok()
    }

    #[test]
    fn searches_fold_case() {
        assert_eq!(search(Some(" ÄDA ")).unwrap(), Some("äda".into()));
        assert_eq!(search(Some(" ")).unwrap(), None);
        assert!(search(Some(&"x".repeat(255))).is_err());
    }
}
