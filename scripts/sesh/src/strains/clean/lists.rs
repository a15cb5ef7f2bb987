//! Comma lists: effects, ailments, flavours, terpenes, and the ids of parents.

use super::super::reason::{Repair, Repairs};
use super::text;

/// Most items of a list.
const MAX_ITEMS: usize = 20;
/// Longest item, in characters.
const MAX_ITEM: usize = 60;

/// What people want of a strain. With [`UNWANTED`] the whole vocabulary of the source.
const WANTED: [&str; 12] = [
    "creative",
    "energetic",
    "euphoric",
    "focused",
    "happy",
    "horny",
    "hungry",
    "relaxed",
    "sleepy",
    "talkative",
    "tingly",
    "uplifted",
];

/// What people put up with.
const UNWANTED: [&str; 6] = ["anxious", "dizzy", "dry eyes", "dry mouth", "headache", "paranoid"];

/// Effects told apart. Neither list is ever empty.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// What people want.
    pub wanted: Option<Vec<String>>,
    /// What people put up with.
    pub unwanted: Option<Vec<String>>,
}

/// Splits one list into wanted and unwanted effects; a word outside the vocabulary is dropped.
pub fn effects(cell: &str, repairs: &mut Repairs) -> Effects {
    let (mut wanted, mut unwanted) = (Vec::new(), Vec::new());
    for word in words(cell, repairs).unwrap_or_default() {
        if WANTED.contains(&word.as_str()) {
            wanted.push(word);
        } else if UNWANTED.contains(&word.as_str()) {
            unwanted.push(word);
        } else {
            repairs.insert(Repair::EffectUnrecognised);
        }
    }
    if !wanted.is_empty() && !unwanted.is_empty() {
        repairs.insert(Repair::EffectsSplit);
    }
    Effects { wanted: known(wanted), unwanted: known(unwanted) }
}

/// The items of a list in lower case, each once, in their order; unknown when there are none.
pub fn words(cell: &str, repairs: &mut Repairs) -> Option<Vec<String>> {
    let cell = text::known(cell)?;
    note_spacing(cell, repairs);
    let mut words = Vec::new();
    for item in cell.split(',') {
        // The spacing of the list has been noted; what stands around an item is no padding of a text.
        let word = text::repair(item.trim(), repairs).to_lowercase();
        if word.is_empty() {
            continue;
        }
        if word.chars().count() > MAX_ITEM || words.len() == MAX_ITEMS {
            repairs.insert(Repair::ListTooLong);
        } else if words.contains(&word) {
            repairs.insert(Repair::ListRepeated);
        } else {
            words.push(word);
        }
    }
    known(words)
}

/// The ids of parents; a lone `0` says that nobody knows them.
pub fn ids(cell: &str, repairs: &mut Repairs) -> Option<Vec<String>> {
    if no_parents(cell) {
        return None;
    }
    words(cell, repairs)
}

/// Whether a cell of parents says unknown by zero.
pub fn no_parents(cell: &str) -> bool {
    cell.trim() == "0"
}

fn known(words: Vec<String>) -> Option<Vec<String>> {
    (!words.is_empty()).then_some(words)
}

fn note_spacing(cell: &str, repairs: &mut Repairs) {
    let even = cell.split(',').map(str::trim).collect::<Vec<_>>().join(", ");
    if even != cell || cell.split(',').any(|item| item.trim().is_empty()) {
        repairs.insert(Repair::ListSpacing);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn mixed_effects_are_told_apart() {
        let mut repairs = Repairs::new();
        let split = effects("Relaxed, Happy, Dry Mouth, Anxious", &mut repairs);
        assert_eq!(split.wanted, Some(list(&["relaxed", "happy"])));
        assert_eq!(split.unwanted, Some(list(&["dry mouth", "anxious"])));
        assert_eq!(repairs, Repairs::from([Repair::EffectsSplit]));
    }

    #[test]
    fn the_absence_of_unwanted_effects_is_not_known() {
        let mut repairs = Repairs::new();
        let split = effects("Relaxed, Sleepy", &mut repairs);
        assert_eq!((split.wanted, split.unwanted), (Some(list(&["relaxed", "sleepy"])), None));
        assert!(repairs.is_empty());
        assert_eq!(effects("NULL", &mut repairs), Effects::default());
    }

    #[test]
    fn a_word_outside_the_vocabulary_is_dropped() {
        let mut repairs = Repairs::new();
        assert_eq!(effects("Cures Everything", &mut repairs), Effects::default());
        assert!(repairs.contains(&Repair::EffectUnrecognised));
    }

    #[test]
    fn spacing_repeats_and_length_are_mended() {
        let mut repairs = Repairs::new();
        assert_eq!(words("Earthy,Pine,, earthy", &mut repairs), Some(list(&["earthy", "pine"])));
        assert_eq!(repairs, Repairs::from([Repair::ListSpacing, Repair::ListRepeated]));
        assert_eq!(words(" , ", &mut Repairs::new()), None);
        let mut repairs = Repairs::new();
        assert_eq!(words(&"x".repeat(61), &mut repairs), None);
        assert_eq!(repairs, Repairs::from([Repair::ListTooLong]));
    }

    #[test]
    fn parents_are_ids_and_zero_is_unknown() {
        let mut repairs = Repairs::new();
        assert_eq!(ids("0", &mut repairs), None);
        assert_eq!(ids("268, 174", &mut repairs), Some(list(&["268", "174"])));
        assert!(repairs.is_empty());
        assert_eq!(ids("378,272", &mut repairs), Some(list(&["378", "272"])));
        assert_eq!(repairs, Repairs::from([Repair::ListSpacing]));
    }
}
