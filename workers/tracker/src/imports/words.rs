//! What words in files mean: methods, moods, and which of somebody's habits were seshes.

/// How something was taken, by a word for it; nothing when the word is not known.
pub(super) fn method(word: &str) -> Option<&'static str> {
    let word = word.trim().to_lowercase();
    let known: &[(&str, &[&str])] = &[
        (
            "smoke",
            &[
                "smoke", "smoked", "smoking", "joint", "bong", "pipe", "bowl", "blunt", "spliff", "flower",
                "pre-roll", "fumar",
            ],
        ),
        (
            "vape",
            &[
                "vape",
                "vaped",
                "vaping",
                "vaporize",
                "vaporized",
                "vaporizer",
                "vaporiser",
                "vapor",
                "pen",
                "cart",
                "cartridge",
                "inhaled",
                "vapear",
            ],
        ),
        ("dab", &["dab", "dabs", "dabbed", "rig", "concentrate", "wax"]),
        (
            "eat",
            &[
                "eat", "eaten", "edible", "edibles", "oral", "gummy", "gummies", "food", "capsule", "tablet",
                "pill", "comer",
            ],
        ),
        ("drink", &["drink", "drunk", "beverage", "tea", "beber"]),
        ("sublingual", &["sublingual", "tincture", "oil", "drops", "buccal"]),
        ("topical", &["topical", "cream", "balm", "patch", "transdermal", "lotion"]),
        ("other", &["other", "rectal", "otro"]),
    ];
    known.iter().find(|(_, words)| words.contains(&word.as_str())).map(|(method, _)| *method)
}

/// Daylio's five moods; moods that people named themselves are not known.
pub(super) fn mood(word: &str) -> Option<i64> {
    match word.trim().to_lowercase().as_str() {
        "rad" => Some(5),
        "good" => Some(4),
        "meh" => Some(3),
        "bad" | "fugly" => Some(2),
        "awful" => Some(1),
        _ => None,
    }
}

/// Whether a habit, an activity or a substance is one by its name.
pub(super) fn is_cannabis(name: &str) -> bool {
    const ROOTS: [&str; 12] = [
        "cannabis",
        "marijuana",
        "marihuana",
        "weed",
        "thc",
        "joint",
        "sesh",
        "stoned",
        "edible",
        "dab",
        "420",
        "hash",
    ];
    let lower = name.to_lowercase();
    let mut words = lower.split(|c: char| !c.is_alphanumeric());
    words.any(|word| ROOTS.iter().any(|root| word == *root || word.strip_suffix('s') == Some(root)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_compared_whole() {
        assert!(is_cannabis("Smoke weed") && is_cannabis("THC") && is_cannabis("Edibles (10 mg)"));
        assert!(!is_cannabis("Seaweed salad") && !is_cannabis("Hashtags") && !is_cannabis("Meditate"));
        assert_eq!((method(" Vaporizer "), method("swallowed")), (Some("vape"), None));
        assert_eq!((mood("RAD"), mood("sleepy")), (Some(5), None));
    }
}
