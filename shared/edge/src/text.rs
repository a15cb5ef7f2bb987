//! Unicode normalisation (UAX #15). Workers use the runtime's own tables (`String.prototype.normalize`), which cost
//! no bytes; natively `unicode-normalization` answers.

/// Compatibility composition: what looks the same compares the same.
pub fn nfkc(text: &str) -> String {
    normalize(text, "NFKC")
}

/// Compatibility decomposition: letters apart from their accents.
pub fn nfkd(text: &str) -> String {
    normalize(text, "NFKD")
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
    fn forms() {
        assert_eq!(nfkc("ＡＫ e\u{301}"), "AK é");
        assert_eq!(nfkd("é"), "e\u{301}");
    }
}
