//! Blind indexes: keyed hashes by which a row is found whose text is encrypted. The key follows from the pepper, so a
//! copy of the database cannot be searched with a list of addresses. What it does tell: which rows have an equal text.

use crate::keys::Keyring;
use sesh_edge::secret::{base64url, hmac_sha256};

/// The first letters of a word by which it is found, from this many on; a shorter word is found as a whole.
pub const LEAST_PREFIX_CHARS: usize = 3;
/// Letters beyond these are not looked at.
const MOST_PREFIX_CHARS: usize = 16;
/// Words beyond these are not looked at.
const MOST_WORDS: usize = 8;

/// The index of an address as accounts are found by ([`crate::signin::rules::email_key`]).
pub fn email(keys: &Keyring, email: &str) -> String {
    base64url(&hmac_sha256(&keys.pepper.key("blind index"), &[b"people.email", email.as_bytes()]))
}

/// The index of a name: a hash of it as it is, which changes with every letter, then one of each beginning of each of its
/// words, in lower case, each after a blank.
pub fn name(keys: &Keyring, name: &str) -> String {
    let key = keys.pepper.key("blind index");
    let whole = hmac_sha256(&key, &[b"people.display_name", name.as_bytes()]);
    let mut index = base64url(whole.first_chunk::<12>().unwrap_or(&[0; 12]));
    let mut seen = Vec::new();
    for word in words(name) {
        let chars: Vec<char> = word.chars().take(MOST_PREFIX_CHARS).collect();
        for length in LEAST_PREFIX_CHARS.min(chars.len())..=chars.len() {
            let tag = tag(&key, &chars.iter().take(length).collect::<String>());
            if !seen.contains(&tag) {
                index.push(' ');
                index.push_str(&tag);
                seen.push(tag);
            }
        }
    }
    index
}

/// What stands in the index of every name that has a word beginning with each of these words: a JSON array for
/// `instr`. A word of fewer than [`LEAST_PREFIX_CHARS`] letters finds whole words alone.
pub fn wanted(keys: &Keyring, search: &str) -> String {
    let key = keys.pepper.key("blind index");
    let tags = words(search).map(|word| {
        let start: String = word.chars().take(MOST_PREFIX_CHARS).collect();
        format!(" {}", tag(&key, &start))
    });
    serde_json::Value::from(tags.collect::<Vec<_>>()).to_string()
}

fn words(name: &str) -> impl Iterator<Item = String> {
    let lower = name.to_lowercase();
    let words: Vec<String> = lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    words.into_iter().take(MOST_WORDS)
}

fn tag(key: &[u8; 32], start: &str) -> String {
    let hash = hmac_sha256(key, &[b"people.display_name word", start.as_bytes()]);
    base64url(hash.first_chunk::<9>().unwrap_or(&[0; 9]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::keyring;

    fn found(display_name: &str, search: &str) -> bool {
        let keys = keyring();
        let index = name(&keys, display_name);
        let tags: Vec<String> = serde_json::from_str(&wanted(&keys, search)).unwrap();
        !tags.is_empty() && tags.iter().all(|tag| index.contains(tag))
    }

    #[test]
    fn names_are_found_by_the_beginnings_of_their_words() {
        for search in ["ada", "ADA", "lov", "Lovelace", "love ada", "Ada Lovelace", "ada-lov"] {
            assert!(found("Ada Lovelace", search), "{search}");
        }
        for search in ["ad", "a", "lo", "lace", "adal", "ada byron", "", "-", "%"] {
            assert!(!found("Ada Lovelace", search), "{search}");
        }
        assert!(found("Li Wu", "li") && found("Li Wu", "WU") && !found("Li Wu", "l"));
        assert!(found("ÄDAM", "äda") && found("Donaudampfschifffahrtsgesellschaft", "donaudampfschifffahrt"));
    }

    #[test]
    fn an_index_is_of_the_exact_name_and_tells_none() {
        let keys = keyring();
        assert_eq!(name(&keys, "Ada"), name(&keys, "Ada"));
        assert_ne!(name(&keys, "Ada"), name(&keys, "ada"));
        assert!(!name(&keys, "Adalovelace").to_lowercase().contains("ada "));
        assert_ne!(email(&keys, "ada@example.com"), email(&keys, "bob@example.com"));
        let long = "word ".repeat(40);
        assert!(name(&keys, &long).len() < 2_000, "bounded");
    }
}
