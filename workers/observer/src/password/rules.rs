//! Which password may follow another: purely.

use crate::signin::rules::check_password;
use sesh_types::contract::recovery::ChangePassword;
use sesh_types::rules::{Issue, Issues};

/// Checks a change of the password of an address's account.
///
/// # Errors
/// Every rule that the new one breaks.
pub fn change(change: &ChangePassword, email: &str) -> Result<(), Vec<Issue>> {
    let mut issues = Issues::default();
    let same = change.new_password.0 == change.current_password.0;
    issues.require(!same, "new_password", "unchanged", "must be another one");
    check_password("new_password", &change.new_password.0, email, &mut issues);
    issues.done()
}

/// Checks a password that is set with the token of a mail.
///
/// # Errors
/// Every rule that it breaks.
pub fn reset(new_password: &str, email: &str) -> Result<(), Vec<Issue>> {
    let mut issues = Issues::default();
    check_password("new_password", new_password, email, &mut issues);
    issues.done()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sesh_types::contract::Password;

    #[test]
    fn a_new_password_is_new_and_keeps_the_rules_of_sign_up() {
        let codes = |current: &str, new: &str| {
            let (current_password, new_password) = (Password(current.into()), Password(new.into()));
            let result = super::change(&ChangePassword { current_password, new_password }, "ada@example.com");
            result.err().unwrap_or_default().into_iter().map(|issue| issue.code).collect::<Vec<_>>()
        };
        assert!(codes("tangerine-otter-lamp", "snowplough 17 geese").is_empty());
        assert_eq!(codes("tangerine-otter-lamp", "tangerine-otter-lamp"), ["unchanged"]);
        assert_eq!(codes("tangerine-otter-lamp", "short"), ["too_short"]);
        assert_eq!(codes("tangerine-otter-lamp", "password1"), ["too_common"]);
        assert_eq!(codes("tangerine-otter-lamp", "ADA@example.com"), ["like_email"]);
    }
}
