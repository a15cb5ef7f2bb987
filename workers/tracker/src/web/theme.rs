//! What a tenant's domain may change: names and a few colours. The rest of the look follows from these.

use std::fmt::Write;

/// A theme. Lightness and chroma are the style's; a tenant chooses hues, so that contrast stays what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Theme {
    /// What the app is called.
    pub(crate) name: String,
    /// The hue of action and of what is "yours", in degrees of OKLCH.
    pub(crate) accent_hue: u16,
    /// The hue of paper, in degrees of OKLCH.
    pub(crate) paper_hue: u16,
}

impl Default for Theme {
    fn default() -> Self {
        Self { name: "Sesh".to_owned(), accent_hue: 150, paper_hue: 90 }
    }
}

impl Theme {
    /// The theme of a host. Every host has the default one until a tenant's domain brings its own.
    pub(crate) fn of_host(_: &str) -> Self {
        Self::default()
    }

    /// The theme as a style sheet; nothing when it is the default one, which the style itself has.
    pub(crate) fn style(&self) -> Option<String> {
        let usual = Self::default();
        if (self.accent_hue, self.paper_hue) == (usual.accent_hue, usual.paper_hue) {
            return None;
        }
        let mut style = String::new();
        let (accent, paper) = (self.accent_hue % 360, self.paper_hue % 360);
        let _ = write!(style, ":root{{--accent-hue:{accent};--paper-hue:{paper}}}");
        Some(style)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_theme_is_a_few_values() {
        let theme = Theme { name: "Green Door".into(), accent_hue: 30, ..Theme::default() };
        assert_eq!(theme.style().as_deref(), Some(":root{--accent-hue:30;--paper-hue:90}"));
        assert_eq!(Theme::of_host("sesh-tracker.com").style(), None);
    }
}
