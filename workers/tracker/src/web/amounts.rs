//! Amounts as people type and read them.

use super::words::Lang;
use sesh_types::amounts::{Amount, Bare, Unit, read_amount};

/// What is written instead of an amount that is hidden.
pub(crate) const VEILED: &str = "•••";

/// What shops call an eighth: of an ounce, and rounded.
const EIGHTH_MG: i64 = 3_500;
/// Bare numbers from here on are milligrams: nobody takes 50 g.
const LEAST_BARE_MG: f64 = 50.0;

/// Milligrams of what somebody typed: `0.4`, `0,4 g`, `400mg`, `half`, `1/2`. What is no mass is none here.
pub(crate) fn read(text: &str) -> Option<i64> {
    let plain = text.trim().to_lowercase();
    if matches!(plain.as_str(), "eighth" | "an eighth") {
        return Some(EIGHTH_MG);
    }
    let bare = match decimal(&plain) {
        Some(0.0) => return Some(0),
        Some(number) if number >= LEAST_BARE_MG => Bare::Mg,
        _ => Bare::G,
    };
    match read_amount(&plain, bare) {
        Ok(Amount::Mass { mg }) => Some(mg),
        _ => None,
    }
}

/// What people count in, when they do not weigh: how much one is, if that is known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counted {
    pub(crate) unit: Unit,
    pub(crate) one_mg: Option<i64>,
}

/// Why a text gives no milligrams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unclear {
    /// It is not understood.
    Text,
    /// It is a count of something of which nobody knows how much one is.
    Unit,
}

/// Milligrams of what somebody typed, which may be a count: `2 puffs`, and of something counted `half` of one.
pub(crate) fn read_counted(text: &str, counted: Option<Counted>) -> Result<i64, Unclear> {
    let bare = if counted.is_some() { Bare::Units } else { Bare::G };
    match read_amount(text, bare) {
        Ok(found @ Amount::Count { unit, .. }) => {
            let fits = counted.filter(|known| unit.is_none_or(|unit| unit == known.unit));
            found.mg(fits.and_then(|known| known.one_mg)).ok_or(Unclear::Unit)
        }
        Ok(Amount::Mass { mg }) if counted.is_some() => Ok(mg),
        _ => read(text).filter(|mg| *mg > 0).ok_or(Unclear::Text),
    }
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

/// An amount to the milligram, for fields in which it is edited. `1,234 g` could be read in two ways, so it is not written.
pub(crate) fn exact(mg: i64, lang: Lang) -> String {
    if mg >= 1_000 && mg % 10 != 0 { format!("{mg}\u{a0}mg") } else { with_unit(mg, 3, lang) }
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
            ("2.6 mg", 3),
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
        for text in ["", "lots", "-1", "1,000.5", "1/0", "2 puffs", "..", "1e9", "99999999g", "NaN"] {
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

    #[test]
    fn what_is_counted_is_weighed_by_one_of_it() {
        let puffs = |one_mg| Some(Counted { unit: Unit::Puff, one_mg });
        assert_eq!(read_counted("2 puffs", puffs(Some(3))), Ok(6));
        assert_eq!((read_counted("half", puffs(Some(10))), read_counted("half", None)), (Ok(5), Ok(500)));
        assert_eq!(read_counted("3", puffs(Some(3))), Ok(9));
        assert_eq!(read_counted("40 mg", puffs(Some(3))), Ok(40), "a mass is a mass");
        assert_eq!(read_counted("2 puffs", puffs(None)), Err(Unclear::Unit));
        assert_eq!(read_counted("2 puffs", None), Err(Unclear::Unit));
        assert_eq!(read_counted("2 tablets", puffs(Some(3))), Err(Unclear::Unit), "a tablet is no puff");
        assert_eq!(
            (read_counted("lots", None), read_counted("0", None)),
            (Err(Unclear::Text), Err(Unclear::Text))
        );
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
