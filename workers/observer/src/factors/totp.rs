//! One-time codes by time (RFC 6238 over RFC 4226): SHA-1, six digits, steps of 30 seconds. Purely.

use hmac::{Hmac, Mac};
use sesh_edge::secret::same;
use sesh_types::time::Timestamp;
use sha1::Sha1;

/// Bytes of a secret: as many as SHA-1 gives (RFC 4226, section 4).
pub const SECRET_BYTES: usize = 20;
const STEP_SECONDS: i64 = 30;
const DIGITS: u32 = 6;
/// How many steps a clock may be off (RFC 6238, section 5.2).
const DRIFT: i64 = 1;

/// The step of 30 seconds that a time is in.
pub fn step(now: Timestamp) -> i64 {
    now.seconds().div_euclid(STEP_SECONDS)
}

/// The code of a step.
pub fn code(secret: &[u8], step: i64) -> String {
    let number = truncated(secret, step) % 10_u32.pow(DIGITS);
    format!("{number:06}")
}

/// The step whose code this is, if it is one about now and later than the one used last.
pub fn matching_step(secret: &[u8], typed: &str, last_step: i64, now: Timestamp) -> Option<i64> {
    let typed: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    let around = step(now) - DRIFT..=step(now) + DRIFT;
    around.filter(|step| same(&code(secret, *step), &typed)).find(|step| *step > last_step)
}

/// Where a generator reads secret, name and parameters from (the "Key URI Format").
pub fn otpauth_uri(secret: &[u8], issuer: &str, account: &str) -> String {
    let (issuer, account) = (percent_encoded(issuer), percent_encoded(account));
    let secret = base32(secret);
    format!(
        "otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits={DIGITS}&period={STEP_SECONDS}"
    )
}

/// Base32 without padding (RFC 4648, section 6).
pub fn base32(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bit = |place: usize| bytes.get(place / 8).map_or(0, |byte| usize::from(byte >> (7 - place % 8) & 1));
    let letter = |group: usize| (group * 5..group * 5 + 5).fold(0, |value, place| value << 1 | bit(place));
    let letters = (0..(bytes.len() * 8).div_ceil(5)).map(letter);
    letters.filter_map(|value| LETTERS.get(value)).copied().map(char::from).collect()
}

/// Dynamic truncation (RFC 4226, section 5.3).
fn truncated(secret: &[u8], step: i64) -> u32 {
    let Ok(mut mac) = <Hmac<Sha1> as Mac>::new_from_slice(secret) else {
        // HMAC takes keys of any length, so this is never reached; and no code may come of it if it were.
        std::process::abort()
    };
    mac.update(&step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let offset = usize::from(digest.last().copied().unwrap_or_default() & 0xf);
    let bytes = digest.iter().skip(offset).take(4);
    bytes.fold(0_u32, |value, byte| value << 8 | u32::from(*byte)) & 0x7fff_ffff
}

fn percent_encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8; 20] = b"12345678901234567890";

    /// RFC 6238, appendix B, and RFC 4226, appendix D, whose codes are the last six digits.
    #[test]
    fn the_standards_own_examples() {
        for (seconds, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code(SECRET, step(Timestamp(seconds * 1000))), expected, "{seconds}");
        }
        let counted = [
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871",
            "520489",
        ];
        for (counter, expected) in (0..).zip(counted) {
            assert_eq!(code(SECRET, counter), expected, "{counter}");
        }
    }

    /// RFC 4648, section 10.
    #[test]
    fn base32_as_in_the_standard() {
        for (plain, expected) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(plain.as_bytes()), expected);
        }
        assert_eq!(base32(SECRET), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }

    #[test]
    fn a_code_counts_one_step_around_now_and_after_the_last_one_alone() {
        let now = Timestamp(1_234_567_890_000);
        let at = step(now);
        for (offset, counts) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            let typed = code(SECRET, at + offset);
            assert_eq!(matching_step(SECRET, &typed, 0, now), counts.then_some(at + offset), "{offset}");
            assert_eq!(matching_step(SECRET, &typed, at + offset, now), None, "used");
        }
        let typed = code(SECRET, at);
        assert_eq!(matching_step(SECRET, &format!(" {} {}", &typed[..3], &typed[3..]), 0, now), Some(at));
        for bad in ["", "12345", "abcdef", &format!("{typed}0"), &typed[1..]] {
            assert_eq!(matching_step(SECRET, bad, 0, now), None, "{bad}");
        }
    }

    #[test]
    fn the_uri_names_all_parameters_and_escapes_the_account() {
        assert_eq!(
            otpauth_uri(b"foobar", "sesh tracker", "a+b@example.com"),
            "otpauth://totp/sesh%20tracker:a%2Bb%40example.com?secret=MZXW6YTBOI&issuer=sesh%20tracker\
             &algorithm=SHA1&digits=6&period=30"
        );
    }
}
