//! The text of an API key: `sesh_key_<id>_<secret><checksum>`, 91 characters.
//!
//! - `id`: 32 hexadecimal digits, the key's id. It is no secret.
//! - `secret`: 43 digits in base 62 (`0-9A-Za-z`), 256 bits.
//! - `checksum`: six digits in base 62, the CRC-32 (ISO-HDLC, as in gzip) of everything before it.
//!
//! So a slip of the finger is found without asking anybody, and whoever looks through code for keys that leaked finds
//! `sesh_key_[0-9a-f]{32}_[0-9A-Za-z]{49}` and can tell a key from what only looks like one, offline.

use crate::ids::KeyId;
use uuid::Uuid;

/// What every key begins with.
pub const PREFIX: &str = "sesh_key_";
/// Characters of a key.
pub const CHARS: usize = PREFIX.len() + ID_DIGITS + 1 + SECRET_DIGITS + CHECK_DIGITS;

const ID_DIGITS: usize = 32;
const SECRET_DIGITS: usize = 43;
const CHECK_DIGITS: usize = 6;
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Writes a key.
pub fn write(id: KeyId, secret: &[u8; 32]) -> String {
    let mut text = format!("{PREFIX}{}_{}", id.0.simple(), base62(secret, SECRET_DIGITS));
    text.push_str(&checksum(&text));
    text
}

/// Whether somebody means to show a key: it begins like one.
pub fn is_meant(text: &str) -> bool {
    text.starts_with(PREFIX)
}

/// The id of a text that has the form of a key and whose checksum is right; whether it is a key, only who made it knows.
pub fn read(text: &str) -> Option<KeyId> {
    if text.len() != CHARS || !text.is_ascii() {
        return None;
    }
    let (head, check) = text.split_at(CHARS - CHECK_DIGITS);
    let (id, secret) = head.strip_prefix(PREFIX)?.split_once('_')?;
    let hexadecimal = id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let well_formed =
        id.len() == ID_DIGITS && hexadecimal && secret.bytes().all(|byte| DIGITS.contains(&byte));
    (well_formed && checksum(head) == check).then(|| Uuid::parse_str(id).ok().map(KeyId))?
}

/// How a key begins, to be recognised by in a list: its prefix and the beginning of its id.
pub fn beginning(id: KeyId) -> String {
    let id = id.0.simple().to_string();
    format!("{PREFIX}{}", id.get(..12).unwrap_or_default())
}

fn checksum(text: &str) -> String {
    base62(&crc32(text.as_bytes()).to_be_bytes(), CHECK_DIGITS)
}

/// A number in base 62, the highest digit first.
fn base62(number: &[u8], digits: usize) -> String {
    let mut rest = number.to_vec();
    let mut text: Vec<u8> =
        (0..digits).map(|_| DIGITS.get(divide(&mut rest)).copied().unwrap_or(b'0')).collect();
    text.reverse();
    text.into_iter().map(char::from).collect()
}

/// Divides by 62 in place; the remainder.
fn divide(number: &mut [u8]) -> usize {
    let mut remainder = 0_usize;
    for byte in number {
        let step = remainder * 256 + usize::from(*byte);
        *byte = u8::try_from(step / 62).unwrap_or(u8::MAX);
        remainder = step % 62;
    }
    remainder
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 * (crc & 1)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: KeyId = KeyId(Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_00ff));

    #[test]
    fn known_answers() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926, "the check value of CRC-32/ISO-HDLC");
        assert_eq!(base62(&[0; 32], 3), "000");
        assert_eq!(base62(&[0xf2, 0x3f], 3), "G8F", "62015 = 16·62² + 8·62 + 15, digits G, 8, F");
    }

    #[test]
    fn a_key_reads_as_it_was_written() {
        for secret in [[0; 32], [0xff; 32], [7; 32]] {
            let text = write(ID, &secret);
            assert_eq!(text.len(), CHARS);
            assert_eq!(read(&text), Some(ID), "{text}");
            assert!(is_meant(&text) && text.starts_with(&beginning(ID)));
        }
        assert_ne!(write(ID, &[1; 32]), write(ID, &[2; 32]));
        assert_eq!(beginning(ID).len(), PREFIX.len() + 12, "so much of it shows in a list, and no more");
        assert!(!is_meant("eyJhbGciOiJFZERTQSJ9") && !is_meant(""));
    }

    #[test]
    fn a_right_checksum_does_not_make_a_key() {
        let with_checksum = |head: &str| format!("{head}{}", checksum(head));
        let good = write(ID, &[7; 32]);
        let head = good.get(..CHARS - CHECK_DIGITS).unwrap();
        assert_eq!(read(&with_checksum(head)), Some(ID));
        let (id, secret) = head.strip_prefix(PREFIX).unwrap().split_once('_').unwrap();
        for bad in [
            format!("{PREFIX}{}_{secret}", id.to_uppercase()),
            format!("{PREFIX}{}_{secret}", id.replace('0', "g")),
            format!("{PREFIX}{}_{secret}x", id.get(1..).unwrap()),
            format!("{PREFIX}{id}_{}", secret.get(1..).unwrap().to_owned() + "-"),
        ] {
            assert_eq!(bad.len(), head.len());
            assert_eq!(read(&with_checksum(&bad)), None, "{bad}");
        }
    }

    #[test]
    fn every_slip_of_one_character_is_found() {
        let text = write(ID, &[7; 32]);
        for place in 0..text.len() {
            for digit in [b'0', b'1', b'a', b'Z', b'_'] {
                let mut slip = text.clone().into_bytes();
                if slip[place] == digit {
                    continue;
                }
                slip[place] = digit;
                assert_eq!(read(&String::from_utf8(slip).unwrap()), None, "{place}");
            }
            let mut short = text.clone();
            short.remove(place);
            assert_eq!(read(&short), None);
        }
        for (left, right) in [(20, 21), (60, 61)] {
            let mut swapped = text.clone().into_bytes();
            swapped.swap(left, right);
            let swapped = String::from_utf8(swapped).unwrap();
            assert!(swapped == text || read(&swapped).is_none());
        }
        for other in ["", "sesh_key_", "sesh_admin_x", &text.to_uppercase(), &format!("{text}0")] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
