//! Passwords that everybody tries first: the commonest words with what people put around them, runs of the keyboard,
//! and repetitions: words and patterns of our own, instead of a list of a hundred thousand lines. What they miss of the 3,000
//! commonest passwords that are long enough (OWASP ASVS 5.0, 6.2.4) is listed: `common-passwords.txt`, from the list of
//! zxcvbn 4.4.2 (MIT), which was made of leaked ones.

use sesh_edge::text::nfkc;

const WORDS: &str = include_str!("common-words.txt");
const LISTED: &str = include_str!("common-passwords.txt");
/// Rows that fingers run along, forwards or backwards.
const RUNS: [&str; 15] = [
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
    "1q2w3e4r5t6y7u8i9o0p",
    "qazwsxedcrfvtgbyhnujmikolp",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "q1w2e3r4t5y6u7i8o9p0",
    "a1b2c3d4e5f6g7h8i9j0",
    "1qazxsw23edcvfr45tgbnhy67ujm",
    "zaq12wsxcde34rfvbgt56yhn",
    "12qwaszx34erdfcv56tyghbn",
    "1234qwerasdfzxcv",
    "147258369963852741",
];
/// Letters after which a word may be cut off: a field that once took no more.
const CUT_LETTERS: usize = 8;
/// Numbers of up to so many digits are dates, telephones and patterns.
const MOST_DIGITS: usize = 10;
/// What people put around a word and think it new.
const MOST_AROUND: usize = 6;

/// Whether a password is among those that everybody tries first.
pub fn is_common(password: &str) -> bool {
    let plain: String =
        nfkc(password).chars().flat_map(char::to_lowercase).filter(|c| !c.is_whitespace()).collect();
    is_known(&plain) || unit_of(&plain).is_some_and(|unit| unit.chars().count() <= 4 || is_known(unit))
}

fn is_known(plain: &str) -> bool {
    is_run(plain)
        || is_number(plain)
        || is_listed(plain)
        || is_dressed_word(plain)
        || is_dressed_word(&unmasked(plain))
}

fn is_run(plain: &str) -> bool {
    let backwards: String = plain.chars().rev().collect();
    RUNS.iter().any(|run| run.contains(plain) || run.contains(&backwards))
}

/// A common word, or two, with a few digits and signs around.
fn is_dressed_word(plain: &str) -> bool {
    let word = plain.trim_matches(|c: char| !c.is_alphabetic());
    let around = plain.chars().count() - word.chars().count();
    if word.is_empty() || around > MOST_AROUND {
        return false;
    }
    is_word(word) || is_listed(word) || (is_run(word) && word.len() >= 3) || {
        let splits = word.char_indices().map(|(place, _)| word.split_at(place));
        splits.into_iter().any(|(first, second)| is_word(first) && is_word(second))
    }
}

/// Digits alone, with a letter at one end perhaps.
fn is_number(plain: &str) -> bool {
    let digits = plain.strip_suffix(char::is_alphabetic).or_else(|| plain.strip_prefix(char::is_alphabetic));
    let digits = digits.unwrap_or(plain);
    digits.len() <= MOST_DIGITS && !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_word(text: &str) -> bool {
    is_in(WORDS, text)
}

fn is_listed(text: &str) -> bool {
    is_in(LISTED, text)
}

fn is_in(list: &str, text: &str) -> bool {
    let cut = text.chars().count() == CUT_LETTERS;
    list.split_ascii_whitespace().any(|word| word == text || (cut && word.starts_with(text)))
}

/// Letters for the digits and signs that stand for them.
fn unmasked(plain: &str) -> String {
    let letter = |c| match c {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    };
    // Digits at the end are a number, not letters: `passw0rd123` is `password` and `123`.
    let end = plain.trim_end_matches(|c: char| !c.is_alphabetic());
    let (word, rest) = plain.split_at(end.len());
    word.chars().map(letter).chain(rest.chars()).collect()
}

/// The text that this one repeats, if it does: `abcabcabc` is `abc`.
fn unit_of(plain: &str) -> Option<&str> {
    let chars = plain.chars().count();
    plain.char_indices().skip(1).map(|(place, _)| plain.split_at(place)).find_map(|(unit, rest)| {
        let length = unit.chars().count();
        let repeats =
            length * 2 <= chars && chars.is_multiple_of(length) && rest.len().is_multiple_of(unit.len());
        (repeats && plain == unit.repeat(chars / length)).then_some(unit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_everybody_tries_first_is_common() {
        for password in [
            "password",
            "Password1",
            "P@ssw0rd",
            "passw0rd123",
            "password!!",
            "12345678",
            "1234567890",
            "87654321",
            "qwertyuiop",
            "1q2w3e4r5t",
            "11111111",
            "aaaaaaaaaaaa",
            "abcabcabc",
            "iloveyou2",
            "Sunshine2024",
            "passwordpassword",
            "letmein!",
            "dragon123456",
            "abcdefgh",
            "zxcvbnm,",
            "ILoveYou!!",
            "pass word",
            "qwerty12345",
            "123qwerty",
            "blinkblink",
            "happyfamily",
            "AdminAdmin",
            "cannabis420",
            "welcome2026!",
            "1qaz2wsx",
            "0987654321",
            "trustno1",
            "asdfghjkl",
            "q1w2e3r4",
            "741852963",
            "01012011",
            "123456789a",
            "elephant",
            "spiderma",
        ] {
            assert!(is_common(password), "{password}");
        }
    }

    #[test]
    fn what_takes_thought_is_not() {
        for password in [
            "first person waters the garden",
            "second person turns the compost",
            "correct horse battery staple",
            "k7#pQz!vR2",
            "tangerine-otter-lamp",
            "Eichhörnchen im Park",
            "mq83hfz0",
            "пароль-которого-нет",
            "dragonfly over the pond",
            "8f3b1c9e",
            "snowplough 17 geese",
        ] {
            assert!(!is_common(password), "{password}");
        }
    }
}
