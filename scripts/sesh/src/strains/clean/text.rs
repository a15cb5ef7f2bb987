//! Repairs that any text may need.

use super::super::reason::{Repair, Repairs};
use super::mojibake;

/// What a cell says, or nothing when it is empty or the literal `NULL`.
pub fn known(cell: &str) -> Option<&str> {
    let trimmed = cell.trim();
    (!trimmed.is_empty() && trimmed != "NULL").then_some(cell)
}

/// A rule: the mended text, or nothing when there was nothing to mend.
type Rule = fn(&str) -> Option<String>;

/// The text after every rule, each that was needed noted.
pub fn repair(text: &str, repairs: &mut Repairs) -> String {
    // Mojibake first: its bytes look like quotes and control characters.
    let rules: [(Repair, Rule); 5] = [
        (Repair::Mojibake, mojibake::undo),
        (Repair::CurlyQuote, straight_quotes),
        (Repair::ControlCharacter, without_controls),
        (Repair::Padded, unpadded),
        (Repair::InnerSpace, single_spaced),
    ];
    let mut text = text.to_owned();
    for (reason, rule) in rules {
        if let Some(mended) = rule(&text) {
            repairs.insert(reason);
            text = mended;
        }
    }
    text
}

fn when_changed(before: &str, after: String) -> Option<String> {
    (after != before).then_some(after)
}

/// `God’s Treat` to `God's Treat`.
fn straight_quotes(text: &str) -> Option<String> {
    let straight = |c| match c {
        '\u{2018}' | '\u{2019}' | '\u{201b}' | '\u{02bc}' => '\'',
        '\u{201c}' | '\u{201d}' | '\u{201f}' => '"',
        other => other,
    };
    when_changed(text, text.chars().map(straight).collect())
}

/// Without control characters and without those that are invisible or turn the direction of writing. Line breaks and
/// tabs stay: they are blanks.
fn without_controls(text: &str) -> Option<String> {
    let hidden = |c: char| {
        (c.is_control() && !c.is_whitespace())
            || matches!(c, '\u{00ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    when_changed(text, text.chars().filter(|c| !hidden(*c)).collect())
}

/// `K.C. 36 ` to `K.C. 36`.
fn unpadded(text: &str) -> Option<String> {
    when_changed(text, text.trim().to_owned())
}

/// `Mars  Needs Women` to `Mars Needs Women`.
fn single_spaced(text: &str) -> Option<String> {
    when_changed(text, text.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repaired(text: &str) -> (String, Vec<Repair>) {
        let mut repairs = Repairs::new();
        (repair(text, &mut repairs), repairs.into_iter().collect())
    }

    #[test]
    fn null_and_blanks_are_unknown() {
        assert_eq!(known("NULL"), None);
        assert_eq!(known("  "), None);
        assert_eq!(known("Null OG"), Some("Null OG"));
    }

    #[test]
    fn texts_of_the_file_are_mended() {
        assert_eq!(repaired("Blue Dream"), ("Blue Dream".into(), vec![]));
        assert_eq!(repaired("K.C. 36 "), ("K.C. 36".into(), vec![Repair::Padded]));
        assert_eq!(repaired("Mars  Needs Women"), ("Mars Needs Women".into(), vec![Repair::InnerSpace]));
        assert_eq!(repaired("God’s Treat"), ("God's Treat".into(), vec![Repair::CurlyQuote]));
        let jack = vec![Repair::Padded, Repair::CurlyQuote, Repair::Mojibake];
        assert_eq!(repaired("Jackâ€™d Strawberry Diesel "), ("Jack'd Strawberry Diesel".into(), jack));
    }

    #[test]
    fn hidden_characters_go_and_breaks_become_blanks() {
        assert_eq!(repaired("A\u{1b}[31m\u{202e}B").0, "A[31mB");
        assert_eq!(repaired("A\tB\r\nC"), ("A B C".into(), vec![Repair::InnerSpace]));
    }
}
