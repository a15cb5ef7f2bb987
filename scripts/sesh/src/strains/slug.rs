//! Names for addresses. The source's own slugs are all `NULL`.

use std::collections::BTreeSet;
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// Longest slug before its number, in bytes.
const MAX_SLUG: usize = 80;

/// The slugs of one file.
#[derive(Debug, Default)]
pub struct Slugs {
    taken: BTreeSet<String>,
}

impl Slugs {
    /// A slug that no earlier row of the file has, and whether it took a number to get there.
    pub fn take(&mut self, name: &str, source_id: &str) -> (String, bool) {
        let base = base(name, source_id);
        let numbered = (2_u32..).map(|number| format!("{base}-{number}"));
        let free = std::iter::once(base.clone()).chain(numbered).find(|slug| !self.taken.contains(slug));
        let slug = free.unwrap_or_else(|| base.clone());
        self.taken.insert(slug.clone());
        let suffixed = slug != base;
        (slug, suffixed)
    }
}

fn base(name: &str, source_id: &str) -> String {
    let slug = slugify(name);
    if !slug.is_empty() {
        return slug;
    }
    let id = slugify(source_id);
    if id.is_empty() { "strain".to_owned() } else { format!("strain-{id}") }
}

/// `a-z`, `0-9` and single dashes: accents go, `&` and `+` are said, apostrophes and the dots of initials join.
fn slugify(text: &str) -> String {
    let mut slug = String::new();
    let mut gap = false;
    let mut say = |word: &str, apart: bool| {
        gap |= apart;
        if !word.is_empty() {
            if std::mem::take(&mut gap) && !slug.is_empty() {
                slug.push('-');
            }
            slug.push_str(word);
            gap = apart;
        }
    };
    let chars: Vec<char> = text.nfkd().filter(|c| !is_combining_mark(*c)).collect();
    let mut before = None;
    for (at, c) in chars.iter().copied().enumerate() {
        let after = chars.get(at + 1).copied();
        match c {
            'a'..='z' | '0'..='9' | 'A'..='Z' => say(c.to_ascii_lowercase().encode_utf8(&mut [0; 4]), false),
            '\'' => {}
            '.' if !(digit(before) && digit(after)) => {}
            '&' => say("and", true),
            '+' => say("plus", true),
            'ß' => say("ss", false),
            'æ' | 'Æ' => say("ae", false),
            'œ' | 'Œ' => say("oe", false),
            'ø' | 'Ø' => say("o", false),
            'ł' | 'Ł' => say("l", false),
            _ => say("", true),
        }
        before = Some(c);
    }
    slug.truncate(MAX_SLUG);
    slug.trim_end_matches('-').to_owned()
}

fn digit(c: Option<char>) -> bool {
    c.is_some_and(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_file_become_addresses() {
        for (name, slug) in [
            ("Blue Dream", "blue-dream"),
            ("Neville's Haze", "nevilles-haze"),
            ("K.C. 36", "kc-36"),
            ("4.1 Swiss Tsu", "4-1-swiss-tsu"),
            ("Critical+", "critical-plus"),
            ("$100 OG", "100-og"),
            ("Crème Brûlée", "creme-brulee"),
            ("(Hash Plant / Northern Lights #1 / ?) x Swaziland", "hash-plant-northern-lights-1-x-swaziland"),
            ("Sensi St@r", "sensi-st-r"),
        ] {
            assert_eq!(slugify(name), slug);
        }
        assert_eq!(slugify(&"x ".repeat(100)).len(), 79);
    }

    #[test]
    fn a_taken_slug_gets_a_number() {
        let mut slugs = Slugs::default();
        assert_eq!(slugs.take("100 OG", "1"), ("100-og".into(), false));
        assert_eq!(slugs.take("100 OG 2", "5"), ("100-og-2".into(), false));
        assert_eq!(slugs.take("$100 OG", "1259"), ("100-og-3".into(), true));
    }

    #[test]
    fn a_name_without_latin_letters_goes_by_its_id() {
        let mut slugs = Slugs::default();
        assert_eq!(slugs.take("北極光", "A/7"), ("strain-a-7".into(), false));
        assert_eq!(slugs.take("???", "?"), ("strain".into(), false));
    }
}
