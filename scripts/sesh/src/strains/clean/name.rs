//! The name: what a strain is known by, and the key by which rows are told apart.

use super::super::reason::{Cause, Repairs};
use super::text;
use unicode_normalization::UnicodeNormalization as _;

/// Longest name, in characters; the longest real one has 55.
const MAX_NAME: usize = 120;

/// The name as shown.
///
/// # Errors
/// Why no strain can be known by it, and what exactly.
pub fn clean(cell: &str, repairs: &mut Repairs) -> Result<String, (Cause, String)> {
    let known = text::known(cell).ok_or_else(|| (Cause::NameEmpty, "no name".to_owned()))?;
    let name = text::repair(known, repairs);
    let length = name.chars().count();
    if key(&name).is_empty() {
        Err((Cause::NameEmpty, "no visible character".to_owned()))
    } else if is_cut(&name) {
        Err((Cause::NameCut, format!("the source cut it: {name}")))
    } else if length > MAX_NAME {
        Err((Cause::NameTooLong, format!("{length} characters, {MAX_NAME} at most")))
    } else if name.contains(char::REPLACEMENT_CHARACTER) {
        Err((Cause::NameUnreadable, format!("lost characters: {name}")))
    } else {
        Ok(name)
    }
}

/// Whether a text ends in an ellipsis: `Girl Scout Cookies Thin...`.
pub fn is_cut(text: &str) -> bool {
    text.ends_with("...") || text.ends_with('…')
}

/// The normalised name: two rows with the same one name the same strain.
///
/// Compatibility forms composed (NFKC), case folded by Unicode's full mapping up and down again, typographic
/// apostrophes straight, blanks single. The server keys its rows by the same rule.
pub fn key(name: &str) -> String {
    let folded: String =
        name.nfkc().flat_map(char::to_uppercase).flat_map(char::to_lowercase).nfkc().collect();
    text::repair(&folded, &mut Repairs::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cause(cell: &str) -> Option<Cause> {
        clean(cell, &mut Repairs::new()).err().map(|(cause, _)| cause)
    }

    #[test]
    fn names_that_name_nothing_are_left_out() {
        assert_eq!(cause(""), Some(Cause::NameEmpty));
        assert_eq!(cause("NULL"), Some(Cause::NameEmpty));
        assert_eq!(cause("\u{200b} \u{7}"), Some(Cause::NameEmpty));
        assert_eq!(cause("Girl Scout Cookies Thin..."), Some(Cause::NameCut));
        assert_eq!(cause(&"x".repeat(121)), Some(Cause::NameTooLong));
        assert_eq!(cause("Cr\u{fffd}me"), Some(Cause::NameUnreadable));
        assert_eq!(cause("Y"), None);
    }

    #[test]
    fn spellings_of_one_name_have_one_key() {
        assert_eq!(key("Neville’s Haze"), key("neville's  HAZE "));
        assert_eq!(key("Ｇ13"), key("g13"));
        assert_eq!(key("Straße"), key("STRASSE"));
        assert_eq!(key("ΟΔΟΣ"), key("οδος"));
        assert_eq!(key("Cre\u{301}me"), key("Cr\u{e9}me"));
    }

    #[test]
    fn different_names_stay_different() {
        for (one, other) in [("AK-47", "AK47"), ("OG Kush", "O.G. Kush"), ("Critical", "Critical+")] {
            assert_ne!(key(one), key(other));
        }
    }
}
