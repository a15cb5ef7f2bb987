//! Amounts as people type them: `0.4`, `400mg`, `0,4 g`, `half`, `1/2`, `2 puffs`. Pages and importers share this reader.
//!
//! A mass becomes whole milligrams, to the nearest. A count of units stays a count, in thousandths, until somebody says
//! how much one unit is. What could mean two things (`1,000`) is refused, not guessed.

use crate::units::{MAX_ENTRY_MG, MIN_ENTRY_MG};
use serde::{Deserialize, Serialize};

/// What people count in when they do not weigh.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// One draw of a pen, a pipe or a joint.
    Puff,
    /// A tablet.
    Tablet,
    /// A capsule.
    Capsule,
    /// A drop.
    Drop,
    /// A joint.
    Joint,
    /// A bowl.
    Bowl,
    /// A gummy, a cookie, a square of chocolate.
    Piece,
    /// A dab.
    Dab,
}

impl Unit {
    /// Every unit.
    pub const ALL: [Self; 8] = [
        Self::Puff,
        Self::Tablet,
        Self::Capsule,
        Self::Drop,
        Self::Joint,
        Self::Bowl,
        Self::Piece,
        Self::Dab,
    ];

    /// As the database and JSON spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Puff => "puff",
            Self::Tablet => "tablet",
            Self::Capsule => "capsule",
            Self::Drop => "drop",
            Self::Joint => "joint",
            Self::Bowl => "bowl",
            Self::Piece => "piece",
            Self::Dab => "dab",
        }
    }
}

/// How much somebody says it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// They do not know, or did not say.
    Unknown,
    /// A mass in whole milligrams, 1 to 10,000,000.
    Mass {
        /// Milligrams.
        mg: i64,
    },
    /// So many units.
    Count {
        /// Thousandths of a unit: half a tablet is 500.
        thousandths: i64,
        /// Which unit, if they named one.
        unit: Option<Unit>,
    },
}

impl Amount {
    /// The milligrams of it, to the nearest, where one unit is `unit_mg`; nothing when that is not known, or too little or
    /// too much to be kept.
    pub fn mg(self, unit_mg: Option<i64>) -> Option<i64> {
        match self {
            Self::Unknown => None,
            Self::Mass { mg } => Some(mg),
            Self::Count { thousandths, .. } => {
                let whole = i128::from(unit_mg?) * i128::from(thousandths);
                let mg = i64::try_from((whole + 500).div_euclid(1_000)).ok()?;
                (MIN_ENTRY_MG..=MAX_ENTRY_MG).contains(&mg).then_some(mg)
            }
        }
    }
}

/// What a number without a word after it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Bare {
    /// Grams.
    G,
    /// Milligrams.
    Mg,
    /// Units, whichever they are.
    Units,
}

/// Why a text is no amount; each is a sentence that goes on after the field's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAnAmount {
    /// It is not understood.
    #[error("is not understood as an amount; write it like 0.4 g, 400 mg, 1/2 or 2 puffs")]
    Unread,
    /// `1,000` is a thousand to some and one to others.
    #[error("could be a thousand or one; write it without a comma, or with fewer digits after it")]
    Ambiguous,
    /// Below 1 mg or above 10 kg.
    #[error("is less than 1 mg or more than 10 kg")]
    OutOfRange,
}

/// A number that has not been rounded yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ratio {
    over: u64,
    under: u64,
}

/// The most digits that are read before or after a decimal sign.
const MOST_DIGITS: usize = 9;

fn digits(text: &str) -> Option<u64> {
    let fits = (1..=MOST_DIGITS).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if fits { text.parse().ok() } else { None }
}

/// `12`, `0.4`, `0,4`, `.5`.
fn decimal(text: &str) -> Result<Option<Ratio>, NotAnAmount> {
    let Some((before, after)) = text.split_once(['.', ',']) else {
        return Ok(digits(text).map(|over| Ratio { over, under: 1 }));
    };
    let (Some(whole), Some(part)) = (if before.is_empty() { Some(0) } else { digits(before) }, digits(after))
    else {
        return Ok(None);
    };
    if text.contains(',') && after.len() == 3 && whole != 0 {
        return Err(NotAnAmount::Ambiguous);
    }
    let under = 10_u64.pow(u32::try_from(after.len()).unwrap_or_default());
    Ok(whole.checked_mul(under).and_then(|all| all.checked_add(part)).map(|over| Ratio { over, under }))
}

/// `1/2`, `½`, and words for small numbers in English and Spanish.
fn fraction(text: &str) -> Option<Ratio> {
    if let Some((over, under)) = text.split_once(['/', '\u{2044}']) {
        let (over, under) = (digits(over)?, digits(under)?);
        return (under > 0 && over > 0).then_some(Ratio { over, under });
    }
    let (over, under) = match text {
        "\u{bd}" | "half" | "medio" | "media" => (1, 2),
        "\u{2153}" | "third" => (1, 3),
        "\u{2154}" => (2, 3),
        "\u{bc}" | "quarter" | "cuarto" => (1, 4),
        "\u{be}" => (3, 4),
        "\u{215b}" => (1, 8),
        "a" | "an" | "one" | "un" | "una" | "uno" => (1, 1),
        "two" | "dos" => (2, 1),
        "three" | "tres" => (3, 1),
        "four" | "cuatro" => (4, 1),
        "five" | "cinco" => (5, 1),
        "six" | "seis" => (6, 1),
        "seven" | "siete" => (7, 1),
        "eight" | "ocho" => (8, 1),
        "nine" | "nueve" => (9, 1),
        "ten" | "diez" => (10, 1),
        _ => return None,
    };
    Some(Ratio { over, under })
}

/// Micrograms of one of a unit of mass.
fn mass_unit(word: &str) -> Option<u64> {
    Some(match word {
        "\u{b5}g" | "\u{3bc}g" | "ug" | "mcg" => 1,
        "mg" | "mgs" | "milligram" | "milligrams" | "miligramo" | "miligramos" => 1_000,
        "g" | "gr" | "gs" | "gram" | "grams" | "gramo" | "gramos" => 1_000_000,
        "kg" => 1_000_000_000,
        "oz" | "ounce" | "ounces" | "onza" | "onzas" => 28_349_523,
        _ => return None,
    })
}

fn unit(word: &str) -> Option<Unit> {
    Some(match word {
        "puff" | "puffs" | "hit" | "hits" | "drag" | "drags" | "calada" | "caladas" => Unit::Puff,
        "tablet" | "tablets" | "tab" | "tabs" | "pill" | "pills" | "pastilla" | "pastillas" => Unit::Tablet,
        "capsule" | "capsules" | "cap" | "caps" | "c\u{e1}psula" | "c\u{e1}psulas" => Unit::Capsule,
        "drop" | "drops" | "gota" | "gotas" => Unit::Drop,
        "joint" | "joints" | "preroll" | "prerolls" | "porro" | "porros" => Unit::Joint,
        "bowl" | "bowls" | "pipe" | "pipes" => Unit::Bowl,
        "piece" | "pieces" | "gummy" | "gummies" | "cookie" | "cookies" | "pieza" | "piezas" => Unit::Piece,
        "dab" | "dabs" => Unit::Dab,
        _ => return None,
    })
}

/// Splits `400mg` into `400` and `mg`, and `1½` into `1` and `½`.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let kind = |c: char| match c {
        c if c.is_ascii_digit() || matches!(c, '.' | ',' | '/' | '\u{2044}') => 1,
        c if c.is_alphabetic() || c == '\u{b5}' => 2,
        _ => 3,
    };
    for part in text.split_whitespace() {
        let mut last = 0;
        for c in part.chars() {
            match words.last_mut() {
                Some(word) if last == kind(c) && last != 3 => word.push(c),
                _ => words.push(c.to_string()),
            }
            last = kind(c);
        }
    }
    words
}

/// Adds up `1 1/2`, `one and a half`, `half a`, `a quarter of a`.
fn number(words: &[String]) -> Result<Option<Ratio>, NotAnAmount> {
    let plain: Vec<&str> =
        words.iter().map(String::as_str).filter(|word| !matches!(*word, "of" | "and" | "de" | "y")).collect();
    let article = |word: &str| matches!(word, "a" | "an" | "un" | "una");
    let read = |word: &str| decimal(word).map(|found| found.or_else(|| fraction(word)));
    Ok(match plain.as_slice() {
        [only] => read(only)?,
        // An article stands beside a number and is none itself.
        [first, second] if article(second) => read(first)?,
        [first, second] if article(first) => read(second)?,
        [first, second, third] if article(first) && article(third) => read(second)?,
        [whole, part] => mixed(read(whole)?, fraction(part)),
        [whole, middle, part] if article(middle) => mixed(read(whole)?, fraction(part)),
        _ => None,
    })
}

fn mixed(whole: Option<Ratio>, part: Option<Ratio>) -> Option<Ratio> {
    let (whole, part) = (whole?, part?);
    let proper = whole.under == 1 && part.over < part.under;
    let over = whole.over.checked_mul(part.under)?.checked_add(part.over)?;
    proper.then_some(Ratio { over, under: part.under })
}

/// `ratio` times `by`, divided by `per`, to the nearest whole number.
fn scaled(ratio: Ratio, by: u64, per: u64) -> Option<i64> {
    let under = u128::from(ratio.under) * u128::from(per);
    let over = u128::from(ratio.over) * u128::from(by);
    i64::try_from((over * 2 + under) / (under * 2)).ok()
}

/// Reads an amount. `bare` says what a number without a word is.
///
/// # Errors
/// [`NotAnAmount`] for what is not understood, could mean two things, or is out of range.
pub fn read_amount(text: &str, bare: Bare) -> Result<Amount, NotAnAmount> {
    let text = text.trim().to_lowercase();
    if matches!(
        text.as_str(),
        "" | "?" | "-" | "\u{2013}" | "unknown" | "n/a" | "na" | "null" | "none" | "desconocido"
    ) {
        return Ok(Amount::Unknown);
    }
    if text.len() > 60 {
        return Err(NotAnAmount::Unread);
    }
    let mut words = words(&text);
    let mut mass = words.last().and_then(|word| mass_unit(word));
    let counted = words.last().and_then(|word| unit(word));
    if mass.is_some() || counted.is_some() {
        words.pop();
    } else {
        match bare {
            Bare::G => mass = Some(1_000_000),
            Bare::Mg => mass = Some(1_000),
            Bare::Units => {}
        }
    }
    // "puff" alone is one puff.
    let one = Ratio { over: 1, under: 1 };
    let ratio = if words.is_empty() { counted.map(|_| one) } else { number(&words)? };
    let ratio = ratio.ok_or(NotAnAmount::Unread)?;
    if let Some(micrograms) = mass {
        let mg = scaled(ratio, micrograms, 1_000).ok_or(NotAnAmount::OutOfRange)?;
        let fits = (MIN_ENTRY_MG..=MAX_ENTRY_MG).contains(&mg);
        return if fits { Ok(Amount::Mass { mg }) } else { Err(NotAnAmount::OutOfRange) };
    }
    let thousandths = scaled(ratio, 1_000, 1).ok_or(NotAnAmount::OutOfRange)?;
    let fits = (1..=MAX_ENTRY_MG).contains(&thousandths);
    if fits { Ok(Amount::Count { thousandths, unit: counted }) } else { Err(NotAnAmount::OutOfRange) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const fn mass(mg: i64) -> Amount {
        Amount::Mass { mg }
    }

    const fn count(thousandths: i64, unit: Option<Unit>) -> Amount {
        Amount::Count { thousandths, unit }
    }

    #[test]
    fn reads_what_people_type() {
        for text in
            ["0.4", "0,4", ".4", "400mg", "0,4 g", "0.400 g", "0,400g", "400 MG", "2/5", "400000 \u{b5}g"]
        {
            assert_eq!(read_amount(text, Bare::G), Ok(mass(400)), "{text}");
        }
        for text in ["half", "1/2", "\u{bd}", "half a gram", "medio gramo", "a half g", "500 mg"] {
            assert_eq!(read_amount(text, Bare::G), Ok(mass(500)), "{text}");
        }
        for text in ["1.5", "1,5 g", "1\u{bd} g", "1 1/2", "one and a half grams", "3/2 g"] {
            assert_eq!(read_amount(text, Bare::G), Ok(mass(1_500)), "{text}");
        }
        assert_eq!(read_amount("1 oz", Bare::G), Ok(mass(28_350)));
        assert_eq!(read_amount("7", Bare::Mg), Ok(mass(7)));
    }

    #[test]
    fn counts_units_and_weighs_them_when_one_is_known() {
        for text in ["half a tablet", "1/2 tablet", "0.5 tablets", "\u{bd} pill", "media pastilla"] {
            assert_eq!(read_amount(text, Bare::G), Ok(count(500, Some(Unit::Tablet))), "{text}");
        }
        assert_eq!(read_amount("2 puffs", Bare::G), Ok(count(2_000, Some(Unit::Puff))));
        assert_eq!(read_amount("puff", Bare::G), Ok(count(1_000, Some(Unit::Puff))));
        assert_eq!(read_amount("half", Bare::Units), Ok(count(500, None)));
        assert_eq!(read_amount("a quarter of a joint", Bare::Mg), Ok(count(250, Some(Unit::Joint))));
        assert_eq!(read_amount("2 puffs", Bare::G).unwrap().mg(Some(3)), Some(6));
        assert_eq!(read_amount("half a tablet", Bare::G).unwrap().mg(Some(5)), Some(3), "to the nearest");
        assert_eq!(read_amount("2 puffs", Bare::G).unwrap().mg(None), None);
    }

    #[test]
    fn unknown_is_an_answer() {
        for text in ["", "  ", "?", "unknown", "N/A", "-"] {
            assert_eq!(read_amount(text, Bare::G), Ok(Amount::Unknown), "{text}");
        }
    }

    #[test]
    fn what_is_unclear_is_refused() {
        for (text, why) in [
            ("1,000", NotAnAmount::Ambiguous),
            ("1,000 mg", NotAnAmount::Ambiguous),
            ("1.2.3", NotAnAmount::Unread),
            ("-1", NotAnAmount::Unread),
            ("1e3", NotAnAmount::Unread),
            ("NaN", NotAnAmount::Unread),
            ("1/0", NotAnAmount::Unread),
            ("lots", NotAnAmount::Unread),
            ("0", NotAnAmount::OutOfRange),
            ("0.0001 g", NotAnAmount::OutOfRange),
            ("11 kg", NotAnAmount::OutOfRange),
            ("999999999", NotAnAmount::OutOfRange),
            ("99999999999999999999", NotAnAmount::Unread),
        ] {
            assert_eq!(read_amount(text, Bare::G), Err(why), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,80}") {
            for bare in [Bare::G, Bare::Mg, Bare::Units] {
                if let Ok(Amount::Mass { mg }) = read_amount(&text, bare) {
                    prop_assert!((MIN_ENTRY_MG..=MAX_ENTRY_MG).contains(&mg));
                }
            }
        }

        #[test]
        fn milligrams_are_read_back_however_they_are_written(mg in MIN_ENTRY_MG..=MAX_ENTRY_MG) {
            let grams = format!("{}.{:03}", mg / 1_000, mg % 1_000);
            for text in [format!("{mg} mg"), format!("{mg}mg"), format!("{grams} g"), grams.clone(), format!("{mg}/1000")] {
                prop_assert_eq!(read_amount(&text, Bare::G), Ok(mass(mg)), "{}", text);
            }
            let comma = grams.replace('.', ",");
            let found = read_amount(&comma, Bare::G);
            prop_assert!(found == Ok(mass(mg)) || (mg >= 1_000 && found == Err(NotAnAmount::Ambiguous)), "{}", comma);
        }

        #[test]
        fn halves_and_quarters_of_units_add_up(whole in 0_i64..500, quarters in 1_i64..4) {
            let text = if whole == 0 { format!("{quarters}/4 tablet") } else { format!("{whole} {quarters}/4 tablets") };
            prop_assert_eq!(read_amount(&text, Bare::G), Ok(count(whole * 1_000 + quarters * 250, Some(Unit::Tablet))));
        }
    }
}
