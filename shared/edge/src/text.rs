//! Texts: what may stand in a page, and Unicode normalisation (UAX #15). Workers use the runtime's own tables (`String.prototype.normalize`), which cost
//! no bytes; natively `unicode-normalization` answers.

/// Compatibility composition: what looks the same compares the same.
pub fn nfkc(text: &str) -> String {
    normalize(text, "NFKC")
}

/// Compatibility decomposition: letters apart from their accents.
pub fn nfkd(text: &str) -> String {
    normalize(text, "NFKD")
}

/// A text as it may stand in HTML, in an element or between quotes.
pub fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            _ => safe.push(letter),
        }
    }
    safe
}

#[cfg(target_arch = "wasm32")]
fn normalize(text: &str, form: &str) -> String {
    if text.is_ascii() { text.to_owned() } else { crate::bridge::normalize(text, form) }
}

#[cfg(not(target_arch = "wasm32"))]
fn normalize(text: &str, form: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    if form == "NFKC" { text.nfkc().collect() } else { text.nfkd().collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_is_taken_for_markup() {
        assert_eq!(escape("<a href='x' b=\"y\">&é"), "&lt;a href=&#39;x&#39; b=&quot;y&quot;&gt;&amp;é");
    }

    #[test]
    fn forms() {
        assert_eq!(nfkc("ＡＫ e\u{301}"), "AK é");
        assert_eq!(nfkd("é"), "e\u{301}");
    }
}
