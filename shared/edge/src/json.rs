//! One reader of JSON for everybody: serde's code is compiled anew for each kind of reader that a type is read with, and
//! two of them were a fifteenth of a Worker.

use serde::Deserialize;
use serde::de::Error as _;
use serde_json::Error;

/// Reads JSON.
///
/// # Errors
/// When it is no UTF-8, no JSON, or no `T`.
pub fn read<'json, T: Deserialize<'json>>(json: &'json [u8]) -> Result<T, Error> {
    serde_json::from_str(std::str::from_utf8(json).map_err(Error::custom)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_text_and_says_what_is_wrong_with_it() {
        assert_eq!(read::<Vec<&str>>("[\"häsh\"]".as_bytes()).unwrap(), ["häsh"]);
        let message = |json: &[u8]| read::<Vec<u8>>(json).unwrap_err().to_string();
        assert_eq!(message(b"[1,"), "EOF while parsing a value at line 1 column 3");
        assert!(message(b"[\"\xff\"]").contains("invalid utf-8 sequence"), "{}", message(b"[\"\xff\"]"));
    }
}
