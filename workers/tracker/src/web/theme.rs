//! What a tenant's domain may change: names, a few colours, a logo, a language, and which parts of the app are there. The
//! rest of the look follows from these.

use super::words::Lang;
use serde::Deserialize;
use sesh_types::access::Feature;
use sesh_types::contract::brands::{ACCENT_HUE, Brand, Language, Logo, PAPER_HUE};

/// A theme. Lightness and chroma are the style's; a tenant chooses hues, so that contrast stays what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Theme {
    /// What the app is called.
    pub(crate) name: String,
    /// The same where there is little room.
    pub(crate) short_name: String,
    /// The hue of action and of what is "yours", in degrees of OKLCH.
    pub(crate) accent_hue: u16,
    /// The hue of paper, in degrees of OKLCH.
    pub(crate) paper_hue: u16,
    /// The logo.
    pub(crate) logo: Option<Logo>,
    /// Where people may ask for help.
    pub(crate) support_email: Option<String>,
    /// The language of who has chosen none.
    pub(crate) lang: Option<Lang>,
    /// The parts of the app that are not there.
    pub(crate) off: Vec<Feature>,
    /// Whether the tenant is open.
    pub(crate) is_open: bool,
}

impl Default for Theme {
    fn default() -> Self {
        Self {
            name: "Sesh".to_owned(),
            short_name: "Sesh".to_owned(),
            accent_hue: ACCENT_HUE,
            paper_hue: PAPER_HUE,
            logo: None,
            support_email: None,
            lang: None,
            off: Vec::new(),
            is_open: true,
        }
    }
}

/// What the database knows of a host's tenant.
#[derive(Debug, Deserialize)]
pub(crate) struct ThemeRow {
    name: String,
    is_active: i64,
    /// A [`Brand`] as JSON.
    brand: Option<String>,
}

/// Characters of a name on a home screen.
const SHORT_CHARS: usize = 12;

impl From<ThemeRow> for Theme {
    /// A brand that cannot be read (of a later version, perhaps) is none.
    fn from(row: ThemeRow) -> Self {
        let usual = Self { is_open: row.is_active == 1, ..Self::default() };
        let brand = row.brand.and_then(|text| serde_json::from_str::<Brand>(&text).ok());
        let name = brand.as_ref().and_then(|brand| brand.display_name.clone()).unwrap_or(row.name);
        let short_name = brand.as_ref().and_then(|brand| brand.short_name.clone());
        let short_name = short_name
            .unwrap_or_else(|| name.chars().take(SHORT_CHARS).collect::<String>().trim().to_owned());
        let Some(brand) = brand else { return Self { name, short_name, ..usual } };
        Self {
            name,
            short_name,
            accent_hue: brand.accent_hue % 360,
            paper_hue: brand.paper_hue % 360,
            logo: brand.logo,
            support_email: brand.support_email,
            lang: brand.language.map(|language| match language {
                Language::En => Lang::En,
                Language::Es => Lang::Es,
            }),
            off: brand.features_off,
            ..usual
        }
    }
}

impl Theme {
    /// Whether a part of the app is there.
    pub(crate) fn offers(&self, feature: Feature) -> bool {
        !self.off.contains(&feature)
    }

    /// Where the theme's style sheet is; nothing when it is the default one, which the style itself has. The name says all
    /// that is in it, so that it is kept for ever, and an edit is seen at once.
    pub(crate) fn style_path(&self) -> Option<String> {
        let hues = (self.accent_hue, self.paper_hue);
        (hues != (ACCENT_HUE, PAPER_HUE)).then(|| format!("/assets/theme-{}-{}.css", hues.0, hues.1))
    }

    /// The colour of light paper, for who draws before the style is there.
    pub(crate) fn paper(&self) -> String {
        if self.paper_hue == PAPER_HUE {
            return "#fbfaf6".to_owned();
        }
        format!("oklch(98.5% 0.006 {})", self.paper_hue)
    }

    /// Where the logo is.
    pub(crate) fn logo_path(&self) -> Option<String> {
        self.logo.as_ref().map(|logo| format!("/assets/logo-{}.png", logo.hash))
    }
}

/// The style sheet of a name, from [`Theme::style_path`].
pub(crate) fn style(name: &str) -> Option<String> {
    let (accent, paper) = name.strip_prefix("theme-")?.strip_suffix(".css")?.split_once('-')?;
    let hue = |text: &str| {
        let digits = (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<u16>().ok().filter(|hue| digits && *hue < 360)
    };
    Some(format!(":root{{--accent-hue:{};--paper-hue:{}}}", hue(accent)?, hue(paper)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn row(brand: Option<&str>) -> Theme {
        ThemeRow { name: "A tenant of many words".into(), is_active: 1, brand: brand.map(str::to_owned) }
            .into()
    }

    #[test]
    fn a_theme_is_a_few_values() {
        let brand = r#"{"tenant_id":"01920000-0000-7000-8000-000000000009","display_name":"Green Door","short_name":null,
            "accent_hue":30,"paper_hue":90,"logo":{"hash":"ab","width":64,"height":32},"support_email":null,"language":"es",
            "features_off":["insights"],"version":1}"#;
        let theme = row(Some(brand));
        assert_eq!((theme.name.as_str(), theme.short_name.as_str()), ("Green Door", "Green Door"));
        assert_eq!(theme.style_path().as_deref(), Some("/assets/theme-30-90.css"));
        assert_eq!(style("theme-30-90.css").as_deref(), Some(":root{--accent-hue:30;--paper-hue:90}"));
        assert_eq!(theme.logo_path().as_deref(), Some("/assets/logo-ab.png"));
        assert_eq!((theme.lang, theme.offers(Feature::Insights)), (Some(Lang::Es), false));
        assert_eq!(Theme::default().style_path(), None);
        let unread = row(Some("{}"));
        assert_eq!(
            (unread.name.as_str(), unread.short_name.as_str()),
            ("A tenant of many words", "A tenant of")
        );
    }

    #[test]
    fn a_style_sheet_has_two_hues_and_nothing_else() {
        for name in [
            "theme-360-0.css",
            "theme-1-.css",
            "theme-1.css",
            "theme-+1-2.css",
            "theme-1-2}*{.css",
            "theme-0001-2.css",
        ] {
            assert_eq!(style(name), None, "{name}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_asked_for_the_style_sheet_is_hues(name in "theme-.{0,12}-.{0,12}\\.css") {
            if let Some(css) = style(&name) {
                let rest = css.strip_prefix(":root{--accent-hue:").and_then(|css| css.strip_suffix('}')).unwrap();
                let (accent, paper) = rest.split_once(";--paper-hue:").unwrap();
                prop_assert!(accent.parse::<u16>().unwrap() < 360 && paper.parse::<u16>().unwrap() < 360);
            }
        }
    }
}
