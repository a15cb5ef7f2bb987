//! Codes for who has lost the generator: ten, each of 50 bits, written as `xxxxx-xxxxx`. Purely.

use super::totp::base32;
use sesh_edge::secret::{hmac_sha256, same};

/// How many there are in a set.
pub const COUNT: u8 = 10;
const HALF: usize = 5;

/// The codes of a set, made of its own key.
pub fn codes(set_key: &[u8; 32]) -> Vec<String> {
    (0..COUNT).map(|number| code(set_key, number)).collect()
}

/// Which code of a set this is, however it is written. All are looked at, so the time tells nothing.
pub fn number_of(set_key: &[u8; 32], typed: &str) -> Option<u8> {
    let typed: String = typed.chars().filter(char::is_ascii_alphanumeric).collect();
    let plain = |code: &str| code.replace('-', "");
    let matches = (0..COUNT).filter(|number| same(&plain(&code(set_key, *number)), &typed.to_lowercase()));
    matches.collect::<Vec<_>>().first().copied()
}

fn code(set_key: &[u8; 32], number: u8) -> String {
    let text = base32(&hmac_sha256(set_key, &[b"code", &[number]])).to_lowercase();
    let (first, rest) = text.split_at(HALF);
    format!("{first}-{}", rest.get(..HALF).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_different_codes_that_are_found_however_they_are_typed() {
        let all = codes(&[1; 32]);
        let mut different = all.clone();
        different.sort();
        different.dedup();
        assert_eq!((all.len(), different.len()), (10, 10));
        assert!(all.iter().all(|code| code.len() == 11 && code.as_bytes()[5] == b'-'), "{all:?}");
        for (number, code) in (0..).zip(&all) {
            for typed in [code.clone(), code.to_uppercase(), code.replace('-', " "), format!(" {code} ")] {
                assert_eq!(number_of(&[1; 32], &typed), Some(number), "{typed}");
            }
            assert_eq!(number_of(&[2; 32], code), None, "of another set");
            assert_eq!(number_of(&[1; 32], &code[1..]), None);
        }
        assert_eq!(number_of(&[1; 32], ""), None);
    }
}
