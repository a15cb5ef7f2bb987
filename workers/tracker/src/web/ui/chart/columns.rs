//! Columns over time, bars of shares, and how far something is.

use super::tenths;
use maud::{Markup, html};

/// A bar: what stands below it, what it is in words, how long it is.
#[derive(Clone, Debug)]
pub(crate) struct Bar {
    /// Below it in the picture; empty for none.
    pub(crate) tick: String,
    /// What it is.
    pub(crate) label: String,
    /// The amount in words.
    pub(crate) text: String,
    pub(crate) value: i64,
    /// Whether there is something there whose amount is not known.
    pub(crate) is_unknown: bool,
    /// Whether it is the one of now.
    pub(crate) is_now: bool,
}

/// In tenths of the picture's units.
const WIDTH: i64 = 3_200;
const HEIGHT: i64 = 140;
/// Where the columns stand and end.
const FLOOR: i64 = 116;
const CEILING: i64 = 20;

/// Columns over time. `said` is the whole picture in a sentence; `meant` a line across with what it says.
pub(crate) fn columns(said: &str, bars: &[Bar], meant: Option<(i64, &str)>) -> Markup {
    let highest = bars.iter().map(|bar| bar.value).max().unwrap_or(0);
    let most = highest.max(meant.map_or(0, |(value, _)| value)).max(1);
    let step = WIDTH / i64::try_from(bars.len()).unwrap_or(1).max(1);
    // A few columns are no wider than many.
    let wide = (step * 7 / 10).clamp(6, 320);
    let peak = bars.iter().position(|bar| bar.value == highest);
    let long = |value: i64| if value > 0 { ((FLOOR - CEILING) * value / most).max(2) } else { 0 };
    let columns = bars.iter().enumerate().map(|(place, bar)| {
        let middle = i64::try_from(place).unwrap_or(0) * step + step / 2;
        (place, bar, middle, long(bar.value))
    });
    html! {
        svg viewBox={ "0 0 " (WIDTH / 10) " " (HEIGHT) } role="img" aria-label=(said) {
            @for (place, bar, middle, long) in columns {
                @if long > 0 {
                    rect class=(if bar.is_now { "mark now" } else { "mark" }) x=(tenths(middle - wide / 2)) y=(FLOOR - long) width=(tenths(wide)) height=(long) rx=(if wide > 40 { "2" } else { "0" }) {}
                } @else if bar.is_unknown {
                    rect.hollow x=(tenths(middle - wide.min(80) / 2)) y=(FLOOR - 9) width=(tenths(wide.min(80))) height="8" {}
                }
                @if peak == Some(place) && bar.value > 0 {
                    text.peak x=(tenths(middle.clamp(260, WIDTH - 260))) y=(FLOOR - long - 6) text-anchor="middle" { (bar.text) }
                }
                @if !bar.tick.is_empty() {
                    text class=(if bar.is_now { "tick now" } else { "tick" }) x=(tenths(middle.clamp(200, WIDTH - 260))) y="133" text-anchor="middle" { (bar.tick) }
                }
            }
            line.axis x1="0" y1=(FLOOR) x2=(WIDTH / 10) y2=(FLOOR) {}
            @if let Some((value, text)) = meant {
                @let y = FLOOR - (FLOOR - CEILING) * value / most;
                line.meant x1="0" y1=(y) x2=(WIDTH / 10) y2=(y) {}
                text.tick x="2" y=(y - 4) { (text) }
            }
        }
    }
}

/// Shares of a whole: a bar each, named and weighed beside it.
pub(crate) fn shares(bars: &[Bar]) -> Markup {
    let most = bars.iter().map(|bar| bar.value).max().unwrap_or(0).max(1);
    html! {
        ul.shares {
            @for bar in bars {
                li {
                    span.label { (bar.label) } span.value { (bar.text) }
                    svg viewBox="0 0 100 2" preserveAspectRatio="none" aria-hidden="true" {
                        rect.mark x="0" y="0" width=(100 * bar.value / most) height="2" {}
                    }
                }
            }
        }
    }
}

/// How far something is, and what was meant; the numbers beside it say the same.
pub(crate) fn meter(value: i64, meant: i64) -> Markup {
    let most = value.max(meant).max(1);
    let (far, mark) = ((value.clamp(0, most) * 320 / most), (meant.clamp(0, most) * 320 / most));
    html! {
        svg.meter viewBox="0 0 320 16" aria-hidden="true" {
            rect.rest x="0" y="4" width="320" height="8" rx="4" {}
            @if far > 0 { rect.mark x="0" y="4" width=(far) height="8" rx="4" {} }
            rect.goal x=(mark.clamp(2, 318) - 1) y="0" width="2" height="16" {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(value: i64, is_unknown: bool) -> Bar {
        Bar {
            tick: String::new(),
            label: String::new(),
            text: value.to_string(),
            value,
            is_unknown,
            is_now: false,
        }
    }

    #[test]
    fn a_gap_is_a_gap_and_what_is_not_known_is_hollow() {
        let drawn = columns("said", &[bar(10, false), bar(0, false), bar(0, true), bar(5, false)], None)
            .into_string();
        assert_eq!(drawn.matches("class=\"mark\"").count(), 2, "{drawn}");
        assert_eq!(drawn.matches("class=\"hollow\"").count(), 1, "{drawn}");
        assert!(drawn.contains("height=\"96\"") && drawn.contains("height=\"48\""), "{drawn}");
    }

    #[test]
    fn a_year_of_columns_has_room() {
        let drawn = columns("said", &vec![bar(1, false); 400], None).into_string();
        assert_eq!(drawn.matches("class=\"mark\"").count(), 400);
        assert!(drawn.contains("width=\"0.6\""), "{drawn}");
    }

    #[test]
    fn what_was_meant_is_in_the_picture_however_little_was_taken() {
        let drawn = columns("said", &[bar(1, false)], Some((100, "at most"))).into_string();
        assert!(drawn.contains("class=\"meant\" x1=\"0\" y1=\"20\""), "{drawn}");
        assert!(meter(3, 0).into_string().contains("x=\"1\""), "nothing was meant, and something taken");
    }
}
