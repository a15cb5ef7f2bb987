//! The type. The source's column is six characters wide and also took growing methods, cut to fit.

use super::super::reason::{Repair, Repairs};
use super::super::strain::Kind;
use super::text;

/// Indica, sativa or hybrid; anything else is unknown.
pub fn clean(cell: &str, repairs: &mut Repairs) -> Option<Kind> {
    let word = text::known(cell)?.trim().to_lowercase();
    match word.as_str() {
        "indica" => Some(Kind::Indica),
        "sativa" => Some(Kind::Sativa),
        "hybrid" => Some(Kind::Hybrid),
        other => {
            repairs.insert(if is_growing_method(other) {
                Repair::TypeGrowingMethod
            } else {
                Repair::TypeUnrecognised
            });
            None
        }
    }
}

/// `organi`, `inorga`, `indoor`, `outdoo`: where or how one harvest grew, not what the strain is.
fn is_growing_method(word: &str) -> bool {
    let begins = |full: &str| word.len() >= 6 && full.starts_with(word);
    ["organic", "inorganic", "indoor", "outdoor"].into_iter().any(begins)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(cell: &str) -> (Option<Kind>, Vec<Repair>) {
        let mut repairs = Repairs::new();
        (clean(cell, &mut repairs), repairs.into_iter().collect())
    }

    #[test]
    fn the_three_kinds_are_known() {
        assert_eq!(cleaned("Hybrid"), (Some(Kind::Hybrid), vec![]));
        assert_eq!(cleaned(" INDICA"), (Some(Kind::Indica), vec![]));
        assert_eq!(cleaned("Sativa"), (Some(Kind::Sativa), vec![]));
        assert_eq!(cleaned(""), (None, vec![]));
    }

    #[test]
    fn growing_methods_are_no_type() {
        for cut in ["Organi", "Inorga", "Indoor", "Outdoo"] {
            assert_eq!(cleaned(cut), (None, vec![Repair::TypeGrowingMethod]));
        }
        assert_eq!(cleaned("Richmond, CA"), (None, vec![Repair::TypeUnrecognised]));
    }
}
