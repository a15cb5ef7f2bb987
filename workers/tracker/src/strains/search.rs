//! Finding a strain by a name that is not quite its own: candidates share trigrams with what was typed, and are
//! ranked by how well each typed word fits a word of the name.

use sesh_edge::order::Order;

/// The least fit that counts as found.
const LEAST_FIT: f64 = 0.62;
/// The most trigrams of a query that are looked up.
const MOST_TRIGRAMS: usize = 40;

/// The full-text expression for names that share a trigram with the query; for queries under three characters one that
/// no name fits.
pub(super) fn trigrams(query: &str) -> String {
    let letters: Vec<char> = query.chars().collect();
    let mut found: Vec<String> = Vec::new();
    for window in letters.windows(3).take(MOST_TRIGRAMS) {
        let gram: String = window.iter().collect();
        let quoted = format!("\"{}\"", gram.replace('"', "\"\""));
        if !found.contains(&quoted) {
            found.push(quoted);
        }
    }
    if found.is_empty() { "\"\"".to_owned() } else { found.join(" OR ") }
}

/// How well a name fits a query, from 0 to 1; both as `name_key` writes them.
pub(super) fn fit(query: &str, name: &str) -> f64 {
    if query == name {
        return 1.0;
    }
    let names: Vec<&str> = name.split(' ').collect();
    let words: Vec<&str> = query.split(' ').collect();
    let sum: f64 =
        words.iter().map(|word| names.iter().map(|other| word_fit(word, other)).fold(0.0, f64::max)).sum();
    let mean = sum / count(words.len());
    // Of names that fit alike, the one with least beside the query comes first.
    let spare = count(names.len().saturating_sub(words.len())) * 0.02;
    let start = if name.starts_with(query) { 0.05 } else { 0.0 };
    (mean - spare + start).clamp(0.0, 0.999)
}

fn count(n: usize) -> f64 {
    f64::from(u32::try_from(n).unwrap_or(u32::MAX)).max(1.0)
}

fn word_fit(word: &str, name: &str) -> f64 {
    if word == name {
        return 1.0;
    }
    if name.starts_with(word) {
        return 0.95;
    }
    strsim::normalized_damerau_levenshtein(word, name)
}

/// Ranks candidates by the fit of their names; leaves out what does not fit.
pub(super) fn rank<T>(query: &str, candidates: Vec<T>, name: impl Fn(&T) -> &str) -> Vec<T> {
    let mut ranked: Vec<(f64, T)> = candidates
        .into_iter()
        .map(|candidate| (fit(query, name(&candidate)), candidate))
        .filter(|(fit, _)| *fit >= LEAST_FIT)
        .collect();
    ranked.order_by(|a, b| b.0.total_cmp(&a.0).then_with(|| name(&a.1).cmp(name(&b.1))));
    ranked.into_iter().map(|(_, candidate)| candidate).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranked(query: &str, names: &[&str]) -> Vec<String> {
        rank(query, names.iter().map(|name| (*name).to_owned()).collect(), String::as_str)
    }

    #[test]
    fn finds_a_name_in_spite_of_slips() {
        let names = ["blue cheese", "blue dream", "blue dream haze", "dream queen", "sour diesel"];
        assert_eq!(ranked("blu drem", &names)[0], "blue dream");
        assert_eq!(ranked("blue dream", &names)[..2], ["blue dream", "blue dream haze"]);
        assert_eq!(ranked("suor diesel", &names), ["sour diesel"]);
        assert!(ranked("xyzzy", &names).is_empty());
    }

    #[test]
    fn a_beginning_finds_all_that_begin_so() {
        assert_eq!(ranked("bl", &["blue dream", "black domina", "og kush"]), ["black domina", "blue dream"]);
    }

    #[test]
    fn expressions_are_quoted() {
        assert_eq!(trigrams("a\"b"), "\"a\"\"b\"");
        assert_eq!(trigrams("ab"), "\"\"");
    }
}
