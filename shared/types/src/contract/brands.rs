//! What a tenant's domains look like: names, hues, logo, language, and which parts of the app are there.

use crate::access::Feature;
use crate::ids::TenantId;
use serde::{Deserialize, Deserializer, Serialize};

/// `GET …/{id}/brand` → [`Brand`]; `PATCH` [`EditBrand`] → [`Brand`]; below the path of tenants.
pub const BRAND: &str = "/internal/v1/tenants/{id}/brand";
/// `GET` with [`LogoQuery`] → [`LogoFile`].
pub const LOGO: &str = "/internal/v1/logo";

/// The hue of action where no tenant has chosen one.
pub const ACCENT_HUE: u16 = 150;
/// The hue of paper where no tenant has chosen one.
pub const PAPER_HUE: u16 = 90;
/// The most bytes of a logo.
pub const MAX_LOGO_BYTES: usize = 32 * 1024;

/// A language of the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// English.
    En,
    /// Spanish.
    Es,
}

impl Language {
    /// As the database spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Es => "es",
        }
    }
}

/// A tenant's logo, without its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Logo {
    /// The first 32 hexadecimal digits of the SHA-256 of its bytes: the name under which pages load it.
    pub hash: String,
    /// Its width, in pixels.
    pub width: u32,
    /// Its height, in pixels.
    pub height: u32,
}

/// How a tenant's domains look. What nobody has chosen is `null`, and the platform's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Brand {
    /// Whose.
    pub tenant_id: TenantId,
    /// What the app is called there; `null` for the tenant's name.
    pub display_name: Option<String>,
    /// The same where there is little room; `null` for the beginning of the other.
    pub short_name: Option<String>,
    /// The hue of action and of what is "yours", in degrees of OKLCH.
    pub accent_hue: u16,
    /// The hue of paper, in degrees of OKLCH.
    pub paper_hue: u16,
    /// The logo.
    pub logo: Option<Logo>,
    /// Where people may ask for help.
    pub support_email: Option<String>,
    /// The language of who has chosen none and whose browser asks for none of ours.
    pub language: Option<Language>,
    /// The parts of the app that are not there.
    pub features_off: Vec<Feature>,
    /// Counts the edits; the `ETag`.
    pub version: i64,
}

/// Editing a brand; what is left out stays, and `null` takes away.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[allow(clippy::option_option, reason = "left out, `null`, or a value: three things")]
pub struct EditBrand {
    /// What the app is called there: 1 to 40 characters, on one line, no address.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub display_name: Option<Option<String>>,
    /// The same where there is little room: 1 to 12 characters.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub short_name: Option<Option<String>>,
    /// The hue of action, from 0 to 359. Lightness and chroma are not a tenant's to choose: whatever the hue, text
    /// can be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 0, max = 359)))]
    pub accent_hue: Option<i64>,
    /// The hue of paper, from 0 to 359.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 0, max = 359)))]
    pub paper_hue: Option<i64>,
    /// The logo: a PNG of at most 32 KiB, 16 to 1,024 pixels each way, as base64. Everything but the picture is taken out.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub logo: Option<Option<String>>,
    /// Where people may ask for help.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub support_email: Option<Option<String>>,
    /// The language of who has chosen none.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub language: Option<Option<Language>>,
    /// All of the parts of the app that are not to be there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub features_off: Option<Vec<Feature>>,
}

/// Tells `null` from what was left out.
#[allow(clippy::option_option, reason = "left out, `null`, or a value: three things")]
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(value: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(value).map(Some)
}

/// Which logo.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LogoQuery {
    /// Its hash.
    #[serde(default)]
    pub hash: String,
}

/// A logo's bytes.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct LogoFile {
    /// The PNG, as base64.
    pub png: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_takes_away_and_what_is_left_out_stays() {
        let read = |text: &str| serde_json::from_str::<EditBrand>(text);
        let edit = read(r#"{"logo":null,"display_name":"Acre"}"#).unwrap();
        assert_eq!((edit.logo.clone(), edit.support_email.clone()), (Some(None), None));
        assert_eq!(serde_json::to_string(&edit).unwrap(), r#"{"display_name":"Acre","logo":null}"#);
        assert!(read(r#"{"features_off":["teleport"]}"#).is_err(), "features are a closed list");
        assert!(read(r#"{"style":"*{}"}"#).is_err());
    }
}
