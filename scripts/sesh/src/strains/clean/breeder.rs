//! Who bred it.

use super::super::reason::{Repair, Repairs};
use super::{name, text};

/// Longest name of a breeder, in characters; the longest real one has 34.
const MAX_BREEDER: usize = 100;

/// Ways of the source to say that it does not know, by their keys.
const PLACEHOLDERS: [&str; 6] =
    ["unknown breeder", "unknown", "none", "n/a", "dispensaries data", "landrace"];

/// The breeder's name; a placeholder, and a name that was cut, are unknown.
pub fn clean(cell: &str, repairs: &mut Repairs) -> Option<String> {
    let breeder = text::repair(text::known(cell)?, repairs);
    let doubt = if PLACEHOLDERS.contains(&name::key(&breeder).as_str()) {
        Repair::BreederPlaceholder
    } else if name::is_cut(&breeder) {
        Repair::BreederCut
    } else if breeder.chars().count() > MAX_BREEDER {
        Repair::BreederTooLong
    } else {
        return (!breeder.is_empty()).then_some(breeder);
    };
    repairs.insert(doubt);
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(cell: &str) -> (Option<String>, Vec<Repair>) {
        let mut repairs = Repairs::new();
        (clean(cell, &mut repairs), repairs.into_iter().collect())
    }

    #[test]
    fn a_breeder_is_kept_as_named() {
        assert_eq!(cleaned("T.H.Seeds"), (Some("T.H.Seeds".into()), vec![]));
        assert_eq!(cleaned("CaÃ±a De EspaÃ±a"), (Some("Caña De España".into()), vec![Repair::Mojibake]));
        assert_eq!(cleaned("NULL"), (None, vec![]));
    }

    #[test]
    fn nobody_and_half_a_name_are_unknown() {
        for nobody in ["Unknown Breeder", "unknown breeder", "None", "Dispensaries Data", "Landrace"] {
            assert_eq!(cleaned(nobody), (None, vec![Repair::BreederPlaceholder]));
        }
        assert_eq!(cleaned("California Alternative..."), (None, vec![Repair::BreederCut]));
        assert_eq!(cleaned(&"x".repeat(101)), (None, vec![Repair::BreederTooLong]));
    }
}
