//! Undoes UTF-8 that was once read as Windows-1252: `CrÃ¨me BrÃ»lÃ©e` was `Crème Brûlée`.

/// What Windows-1252 puts at 0x80 to 0x9f; the five bytes that it leaves open stand for themselves.
const HIGH: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}',
    '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// The text as it was, when every character has a byte in Windows-1252 and those bytes are UTF-8.
///
/// A text that was right all along is almost never UTF-8 by accident: `Oké 47` is not.
pub fn undo(text: &str) -> Option<String> {
    if text.is_ascii() {
        return None;
    }
    let bytes = text.chars().map(byte).collect::<Option<Vec<u8>>>()?;
    String::from_utf8(bytes).ok()
}

fn byte(c: char) -> Option<u8> {
    if let Some(at) = HIGH.iter().position(|high| *high == c) {
        return u8::try_from(0x80 + at).ok();
    }
    u8::try_from(u32::from(c)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_file_come_back() {
        assert_eq!(undo("CrÃ¨me BrÃ»lÃ©e").as_deref(), Some("Crème Brûlée"));
        assert_eq!(undo("Hawaiâ€™i â€˜78").as_deref(), Some("Hawai’i ‘78"));
        assert_eq!(undo("La NiÃ±a").as_deref(), Some("La Niña"));
        assert_eq!(undo("CaÃ±a De EspaÃ±a").as_deref(), Some("Caña De España"));
    }

    #[test]
    fn sound_text_is_left_alone() {
        for sound in ["Blue Dream", "Oké 47", "God’s Treat", "Ωmega", "100 €"] {
            assert_eq!(undo(sound), None, "{sound}");
        }
    }
}
