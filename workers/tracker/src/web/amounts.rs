//! Amounts as people type and read them.

use super::words::Lang;

/// What is written instead of an amount that is hidden.
pub(crate) const VEILED: &str = "•••";

const EIGHTH_MG: f64 = 3_500.0;
const OUNCE_MG: f64 = 28_350.0;
/// More is no amount of anybody's.
const MOST_MG: f64 = 10_000_000.0;

/// What people call parts of a gram; `eighth` is what shops call 3.5 g.
const WORDS: [(&str, f64); 12] = [
    ("half", 500.0),
    ("a half", 500.0),
    ("half a gram", 500.0),
    ("medio", 500.0),
    ("media", 500.0),
    ("quarter", 250.0),
    ("a quarter", 250.0),
    ("cuarto", 250.0),
    ("eighth", EIGHTH_MG),
    ("an eighth", EIGHTH_MG),
    ("a gram", 1_000.0),
    ("un gramo", 1_000.0),
];

/// Milligrams of what somebody typed: `0.4`, `0,4 g`, `400mg`, `half`, `1/2`, `.5`. A bare number is grams, unless it is
/// so large that only milligrams can be meant.
pub(crate) fn read(text: &str) -> Option<i64> {
    let plain = text.trim().to_lowercase();
    if let Some((_, mg)) = WORDS.iter().find(|(word, _)| *word == plain) {
        return whole(*mg);
    }
    let end =
        plain.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ',' | '/' | ' ' | '½' | '¼' | '⅛')));
    let (number, unit) = plain.split_at(end.unwrap_or(plain.len()));
    let number = quantity(number.trim())?;
    let mg = match unit.trim() {
        "" if number >= 50.0 => number,
        "" | "g" | "gr" | "gram" | "grams" | "gramo" | "gramos" => number * 1_000.0,
        "mg" | "milligram" | "milligrams" | "miligramos" => number,
        "oz" | "ounce" | "ounces" => number * OUNCE_MG,
        _ => return None,
    };
    whole(mg)
}

fn whole(mg: f64) -> Option<i64> {
    let rounded = mg.round();
    #[allow(clippy::cast_possible_truncation, reason = "held between 0 and ten million")]
    (0.0..=MOST_MG).contains(&rounded).then_some(rounded as i64)
}

fn quantity(text: &str) -> Option<f64> {
    match text {
        "½" => return Some(0.5),
        "¼" => return Some(0.25),
        "⅛" => return Some(0.125),
        _ => {}
    }
    if let Some((over, under)) = text.split_once('/') {
        let under = decimal(under.trim())?;
        return (under > 0.0).then_some(decimal(over.trim())? / under);
    }
    decimal(text)
}

/// A number with a point or a comma; `1,000.5` and the like are refused, as nobody can know what is meant.
fn decimal(text: &str) -> Option<f64> {
    let signs = text.bytes().filter(|byte| !byte.is_ascii_digit()).count();
    let fits = signs <= 1 && text.bytes().any(|byte| byte.is_ascii_digit());
    let plain = text.replace(',', ".");
    fits.then(|| format!("0{plain}").parse().ok()).flatten()
}

/// An amount for people, as exact as anybody cares: below 50 mg in milligrams, from 1 g to hundredths, from 10 g to tenths.
pub(crate) fn written(mg: i64, lang: Lang) -> String {
    let digits = match mg.abs() {
        ..1_000 => 3,
        1_000..10_000 => 2,
        _ => 1,
    };
    with_unit(mg, digits, lang)
}

/// An amount to the milligram, for fields in which it is edited.
pub(crate) fn exact(mg: i64, lang: Lang) -> String {
    with_unit(mg, 3, lang)
}

fn with_unit(mg: i64, digits: usize, lang: Lang) -> String {
    if mg.abs() < 50 && mg != 0 {
        return format!("{mg}\u{a0}mg").replace('-', "−");
    }
    format!("{}\u{a0}g", thousandths(mg, digits, lang))
}

/// A number given in thousandths, with at most so many digits behind the point; what is nothing at its end is left out.
pub(crate) fn thousandths(number: i64, digits: usize, lang: Lang) -> String {
    let point = if lang == Lang::Es { ',' } else { '.' };
    let sign = if number < 0 { "−" } else { "" };
    let step = 10_i64.pow(u32::try_from(3_usize.saturating_sub(digits)).unwrap_or(0));
    let rounded = (number.abs() + step / 2) / step * step;
    let rest = format!("{:03}", rounded % 1_000);
    let (whole, rest) = (rounded / 1_000, rest.trim_end_matches('0'));
    if rest.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}{point}{rest}") }
}

/// Minor units of a price that somebody typed: `35`, `35.5`, `35,50`, `$35`.
pub(crate) fn read_price(text: &str) -> Option<i64> {
    let plain = text.trim().trim_matches(['$', '€', '£', ' ']);
    let minor = (decimal(plain)? * 100.0).round();
    #[allow(clippy::cast_possible_truncation, reason = "held below a hundred million")]
    (0.0..=100_000_000.0).contains(&minor).then_some(minor as i64)
}

/// A price for people.
pub(crate) fn price(minor: i64, currency: &str, lang: Lang) -> String {
    let point = if lang == Lang::Es { ',' } else { '.' };
    format!("{}{point}{:02}\u{a0}{currency}", minor / 100, minor % 100)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_people_type_is_understood() {
        for (text, mg) in [
            ("0.4", 400),
            ("0,4 g", 400),
            (".5", 500),
            ("400mg", 400),
            ("400", 400),
            ("2.5 mg", 3),
            ("half", 500),
            ("Medio", 500),
            ("1/2", 500),
            ("1/8 oz", 3_544),
            ("an eighth", 3_500),
            ("½", 500),
            ("3.5", 3_500),
            ("1 oz", 28_350),
            ("0", 0),
        ] {
            assert_eq!(read(text), Some(mg), "{text}");
        }
        for text in ["", "lots", "-1", "1,000.5", "1/0", "5 kg", "..", "1e9", "99999999g", "NaN"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn amounts_are_written_as_people_read_them() {
        let texts = [5, 50, 400, 1_000, 3_500, 1_234, 28_350, 0]
            .map(|mg| written(mg, Lang::En).replace('\u{a0}', " "));
        assert_eq!(texts, ["5 mg", "0.05 g", "0.4 g", "1 g", "3.5 g", "1.23 g", "28.4 g", "0 g"]);
        assert_eq!(written(400, Lang::Es), "0,4\u{a0}g");
        assert_eq!(
            (read_price("35"), read_price("$35,50"), read_price("x")),
            (Some(3_500), Some(3_550), None)
        );
        assert_eq!(price(3_505, "USD", Lang::En), "35.05\u{a0}USD");
    }

    proptest! {
        #[test]
        fn what_a_field_shows_reads_the_same(mg in 1_i64..9_999_999) {
            for lang in Lang::ALL {
                prop_assert_eq!(read(&exact(mg, lang)), Some(mg));
            }
        }

        #[test]
        fn nothing_typed_makes_trouble(text in "\\PC{0,30}") {
            let found = read(&text);
            prop_assert!(found.is_none_or(|mg| (0..=10_000_000).contains(&mg)));
        }
    }
}
