//! Whatever hues a tenant chooses, text can be read: the style's own colours, for every hue, in both schemes (WCAG 2.2,
//! 1.4.3 and 1.4.11).

use std::collections::BTreeMap;

const STYLE: &str = include_str!("../../assets/app.css");

/// Lightness, chroma, and the hue or whose hue it is.
#[derive(Clone, Copy, Debug)]
struct Colour<'a> {
    lightness: f64,
    chroma: f64,
    hue: &'a str,
}

/// The colours of a scheme: tokens of `:root`, with those of a block that overrides them.
fn colours(block: &str) -> BTreeMap<&str, Colour<'_>> {
    let of_line = |line: &'static str| {
        let (name, value) = line.trim().strip_prefix("--")?.split_once(": oklch(")?;
        let mut parts = value.trim_end_matches([';', ')']).split_whitespace();
        let lightness = parts.next()?.strip_suffix('%')?.parse::<f64>().ok()? / 100.0;
        let chroma = parts.next()?.parse().ok()?;
        Some((
            name,
            Colour { lightness, chroma, hue: parts.next()?.trim_start_matches("var(").trim_end_matches(')') },
        ))
    };
    let (_, rest) = STYLE.split_once(block).unwrap();
    rest.split_once('}').unwrap().0.lines().filter_map(of_line).collect()
}

/// OKLCH to linear sRGB (Ottosson), clipped to what screens show, to relative luminance.
fn luminance(colour: Colour<'_>, degrees: f64) -> f64 {
    let (a, b) = (colour.chroma * degrees.to_radians().cos(), colour.chroma * degrees.to_radians().sin());
    let cube = |of_a: f64, of_b: f64| (colour.lightness + of_a * a + of_b * b).powi(3);
    let (long, medium, short) = (
        cube(0.396_337_777_4, 0.215_803_757_3),
        cube(-0.105_561_345_8, -0.063_854_172_8),
        cube(-0.089_484_177_5, -1.291_485_548),
    );
    let channel = |of_long: f64, of_medium: f64, of_short: f64| {
        (of_long * long + of_medium * medium + of_short * short).clamp(0.0, 1.0)
    };
    0.2126 * channel(4.076_741_662_1, -3.307_711_591_3, 0.230_969_929_2)
        + 0.7152 * channel(-1.268_438_004_6, 2.609_757_401_1, -0.341_319_396_5)
        + 0.0722 * channel(-0.004_196_086_3, -0.703_418_614_7, 1.707_614_701)
}

/// The darkest and the lightest that a colour gets, over all hues where its hue is a tenant's.
fn range(colour: Colour<'_>) -> (f64, f64) {
    let hues: Vec<f64> = match colour.hue.parse::<f64>() {
        Ok(hue) => vec![hue],
        Err(_) => (0..360).map(f64::from).collect(),
    };
    let all = hues.iter().map(|hue| luminance(colour, *hue));
    all.fold((f64::INFINITY, 0.0), |(low, high), of| (low.min(of), high.max(of)))
}

/// The least contrast of two colours, whichever hues both have.
fn least(one: Colour<'_>, other: Colour<'_>) -> f64 {
    let ((one_low, one_high), (other_low, other_high)) = (range(one), range(other));
    let ratio = |light: f64, dark: f64| (light + 0.05) / (dark + 0.05);
    ratio(other_low, one_high).max(ratio(one_low, other_high))
}

/// What is written on what.
const TEXT: [(&str, &[&str]); 6] = [
    ("ink", &["paper", "card", "sunk", "accent-soft", "danger-soft"]),
    ("quiet", &["paper", "card", "sunk"]),
    ("accent", &["paper", "card", "sunk"]),
    ("accent-deep", &["paper", "card", "sunk", "accent-soft"]),
    ("on-accent", &["accent", "accent-deep"]),
    ("danger", &["paper", "card", "danger-soft"]),
];
/// What must be told from what it stands on, but is not read.
const PARTS: [(&str, &[&str]); 3] =
    [("edge", &["paper", "card"]), ("mark", &["paper", "card"]), ("accent", &["paper", "card"])];

#[test]
fn every_hue_can_be_read_in_both_schemes() {
    let light = colours(":root {\n");
    let mut worst = (f64::INFINITY, String::new());
    for block in [":root {\n", ":root:not([data-scheme=\"light\"]) {\n", ":root[data-scheme=\"dark\"] {\n"] {
        let own = colours(block);
        let scheme: BTreeMap<_, _> =
            light.iter().chain(&own).map(|(name, colour)| (*name, *colour)).collect();
        let pairs = TEXT.iter().map(|pair| (pair, 4.5)).chain(PARTS.iter().map(|pair| (pair, 3.0)));
        for ((front, backs), needed) in pairs {
            for back in *backs {
                let found = least(scheme[front], scheme[back]);
                assert!(found >= needed, "{block} --{front} on --{back}: {found:.2} of {needed}");
                if found / needed < worst.0 {
                    worst = (found / needed, format!("--{front} on --{back} {found:.2}"));
                }
            }
        }
    }
    assert!(worst.0.is_finite(), "something was compared");
    println!("nearest to the bound: {}", worst.1);
}

#[test]
fn the_measure_itself_is_right() {
    let black_on_white = least(
        Colour { lightness: 0.0, chroma: 0.0, hue: "0" },
        Colour { lightness: 1.0, chroma: 0.0, hue: "0" },
    );
    assert!((black_on_white - 21.0).abs() < 0.01, "{black_on_white}");
    // #2c6e49, which is oklch(49.0% 0.0897 155.6), has a relative luminance of 0.1264 (WCAG's formula over sRGB).
    let green = luminance(Colour { lightness: 0.490, chroma: 0.0897, hue: "0" }, 155.6);
    assert!((green - 0.1264).abs() < 0.003, "{green}");
    let too_light = Colour { lightness: 0.75, chroma: 0.1, hue: "any" };
    assert!(
        least(too_light, Colour { lightness: 1.0, chroma: 0.0, hue: "0" }) < 4.5,
        "a bad colour is found out"
    );
}
