//! What a brand may say: purely.

use super::png::{self, Picture};
use sesh_edge::secret::{from_base64, sha256_hex};
use sesh_types::contract::brands::{EditBrand, Logo, MAX_LOGO_BYTES};
use sesh_types::rules::{Issue, Issues};

/// An edit that keeps the rules, trimmed; with the logo's picture, if it brings one.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// The edit; its logo is not to be looked at any more.
    pub edit: EditBrand,
    /// The new logo; `Some(None)` takes it away.
    pub logo: Option<Option<(Logo, Picture)>>,
}

/// Checks an edit.
///
/// # Errors
/// Every field that breaks a rule.
pub fn check(edit: EditBrand) -> Result<Checked, Vec<Issue>> {
    let mut issues = Issues::default();
    let mut edit = edit;
    for (field, name, most) in
        [("display_name", &edit.display_name, 40), ("short_name", &edit.short_name, 12)]
    {
        if let Some(Some(name)) = name {
            check_name(name, field, most, &mut issues);
        }
    }
    for (field, hue) in [("accent_hue", edit.accent_hue), ("paper_hue", edit.paper_hue)] {
        if let Some(hue) = hue {
            issues.within(hue, field, 0, 359);
        }
    }
    if let Some(Some(address)) = &edit.support_email {
        let sound = address.len() <= 254 && is_address(address.trim());
        issues.require(sound, "support_email", "malformed", "must be an e-mail address");
    }
    if let Some(features) = &mut edit.features_off {
        features.sort_unstable();
        features.dedup();
    }
    let logo = match &edit.logo {
        Some(Some(text)) => check_logo(text, &mut issues).map(Some),
        Some(None) => Some(None),
        None => None,
    };
    issues.done()?;
    // Only now, as a control character at an end is taken for a blank.
    for text in [&mut edit.display_name, &mut edit.short_name, &mut edit.support_email]
        .into_iter()
        .flatten()
        .flatten()
    {
        *text = text.trim().to_owned();
    }
    Ok(Checked { edit, logo })
}

/// A name is read in titles, on home screens and in mails, as the app's own: it is short, stands on one line, runs in the
/// direction of its letters, and cannot be taken for an address.
fn check_name(name: &str, field: &str, most: usize, issues: &mut Issues) {
    issues.text(name, field, 1, most);
    issues.require(!name.contains(['\n', '\r', '\t']), field, "control_character", "must be on one line");
    let unseen = |c: char| {
        matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
    };
    issues.require(
        !name.contains(unseen),
        field,
        "unseen_character",
        "must have only characters that are seen",
    );
    let marked = name.contains(['<', '>', '/', '\\', '@', '{', '}']);
    let mut dots = name.match_indices('.').filter_map(|(place, _)| name.get(place + 1..)?.chars().next());
    let dotted = dots.any(char::is_alphanumeric);
    issues.require(
        !marked && !dotted,
        field,
        "looks_like_an_address",
        "must be a name, and no address or markup",
    );
}

/// One that can be written into a page and into a mail as it is; whether somebody reads it there, nobody knows.
fn is_address(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+');
    text.split_once('@').is_some_and(|(local, host)| {
        !local.is_empty()
            && local.chars().all(plain)
            && host.contains('.')
            && host.split('.').all(|label| {
                !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            })
    })
}

fn check_logo(text: &str, issues: &mut Issues) -> Option<(Logo, Picture)> {
    // Base64 has four characters for three bytes.
    let fits = text.len() <= MAX_LOGO_BYTES.div_ceil(3) * 4;
    let bytes = fits.then(|| from_base64(text)).flatten();
    let picture = match (&bytes, fits) {
        (_, false) => Err("be at most 32 KiB"),
        (None, _) => Err("be a PNG as base64"),
        (Some(bytes), _) => png::read(bytes),
    };
    match picture {
        Ok(picture) => {
            let hash = sha256_hex(&picture.bytes).get(..32).unwrap_or_default().to_owned();
            Some((Logo { hash, width: picture.width, height: picture.height }, picture))
        }
        Err(what) => {
            issues.add("logo", "malformed", format!("must {what}"));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::png::tests::png;
    use super::*;
    use sesh_edge::secret::base64;
    use sesh_types::access::Feature;

    fn name(text: &str) -> Result<Checked, Vec<Issue>> {
        check(EditBrand { display_name: Some(Some(text.into())), ..EditBrand::default() })
    }

    #[test]
    fn names_are_names() {
        for good in ["Acre", " St. Mary's ", "Grün & Söhne", "大麻 日記", "7th Heaven", "A"] {
            assert!(name(good).is_ok(), "{good}");
        }
        let long = "a".repeat(41);
        for bad in [
            "",
            " ",
            "a\nb",
            "evil.example",
            "www.evil",
            "https://evil",
            "me@evil",
            "<b>",
            "}body{",
            "a\u{202e}b",
            "a\u{200b}b",
            "a\u{0}",
            &long,
        ] {
            assert!(name(bad).is_err(), "{bad:?}");
        }
        assert_eq!(name(" Acre ").unwrap().edit.display_name, Some(Some("Acre".to_owned())));
    }

    #[test]
    fn every_field_that_breaks_a_rule_is_named() {
        let edit = EditBrand {
            short_name: Some(Some("thirteen char".into())),
            accent_hue: Some(360),
            paper_hue: Some(-1),
            logo: Some(Some("PHN2Zy8+".into())),
            support_email: Some(Some("a@b c.example\r\nBcc: x".into())),
            ..EditBrand::default()
        };
        let fields: Vec<_> = check(edit).unwrap_err().into_iter().map(|issue| issue.field).collect();
        assert_eq!(fields, ["short_name", "accent_hue", "paper_hue", "support_email", "logo"]);
    }

    #[test]
    fn a_logo_is_named_by_what_is_kept_of_it() {
        let edit = |png: &[u8]| EditBrand { logo: Some(Some(base64(png))), ..EditBrand::default() };
        let checked = check(edit(&png(64, 32, &[]))).unwrap();
        let (logo, picture) = checked.logo.unwrap().unwrap();
        assert_eq!((logo.width, logo.height, logo.hash.len()), (64, 32, 32));
        let behind = [png(64, 32, &[]), b"more".to_vec()].concat();
        let (same, kept) = check(edit(&behind)).unwrap().logo.unwrap().unwrap();
        assert_eq!((same, kept), (logo, picture));
    }

    #[test]
    fn features_come_once() {
        let off = vec![Feature::Insights, Feature::Goals, Feature::Insights];
        let checked = check(EditBrand { features_off: Some(off), ..EditBrand::default() }).unwrap();
        assert_eq!(checked.edit.features_off, Some(vec![Feature::Goals, Feature::Insights]));
    }
}
