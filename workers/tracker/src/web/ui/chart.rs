//! Pictures, drawn here as SVG: they print, need no colour to be read, and each has its table one tap away.

use maud::{Markup, html};

/// A bar: what stands below it, what it is in words, how long it is.
#[derive(Clone, Debug)]
pub(crate) struct Bar {
    /// Below it in the picture; empty for none.
    pub(crate) tick: String,
    /// In the table.
    pub(crate) label: String,
    /// The amount in words.
    pub(crate) text: String,
    pub(crate) value: i64,
    /// Whether it is the one of now.
    pub(crate) is_now: bool,
}

const WIDTH: i64 = 320;
const HEIGHT: i64 = 140;
/// Where the columns stand and end.
const FLOOR: i64 = 116;
const CEILING: i64 = 20;

/// The table of a picture.
fn table(as_table: &str, head: [&str; 2], bars: &[Bar], total: (&str, &str)) -> Markup {
    html! {
        details {
            summary { (as_table) }
            div.scroll tabindex="0" role="region" aria-label=(as_table) {
                table {
                    thead { tr { th scope="col" { (head[0]) } th.amount scope="col" { (head[1]) } } }
                    tbody { @for bar in bars { tr { th scope="row" { (bar.label) } td.amount { (bar.text) } } } }
                    tfoot { tr { th scope="row" { (total.0) } td.amount { (total.1) } } }
                }
            }
        }
    }
}

/// Columns over time. `said` is the whole picture in a sentence; `total` its sum.
pub(crate) fn columns(
    title: &str,
    said: &str,
    as_table: &str,
    head: [&str; 2],
    bars: &[Bar],
    total: (&str, &str),
) -> Markup {
    let most = bars.iter().map(|bar| bar.value).max().unwrap_or(0).max(1);
    let step = WIDTH / i64::try_from(bars.len()).unwrap_or(1).max(1);
    let wide = (step * 7 / 10).max(2);
    let peak = bars.iter().position(|bar| bar.value == most);
    let columns = bars.iter().enumerate().map(|(place, bar)| {
        let x = i64::try_from(place).unwrap_or(0) * step + (step - wide) / 2;
        let long = if bar.value > 0 { ((FLOOR - CEILING) * bar.value / most).max(2) } else { 0 };
        (place, bar, x, long)
    });
    html! {
        figure.chart {
            figcaption { h2 { (title) } p.sum { (total.1) } }
            svg viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img" aria-label=(said) {
                @for (place, bar, x, long) in columns {
                    @let middle = x + wide / 2;
                    @if long > 0 {
                        rect class=(if bar.is_now { "mark now" } else { "mark" }) x=(x) y=(FLOOR - long) width=(wide) height=(long) rx="2" {}
                    }
                    @if peak == Some(place) && bar.value > 0 {
                        text.peak x=(middle.clamp(24, WIDTH - 24)) y=(FLOOR - long - 6) text-anchor="middle" { (bar.text) }
                    }
                    @if !bar.tick.is_empty() {
                        text class=(if bar.is_now { "tick now" } else { "tick" }) x=(middle.clamp(20, WIDTH - 22)) y="133" text-anchor="middle" { (bar.tick) }
                    }
                }
                line.axis x1="0" y1=(FLOOR) x2=(WIDTH) y2=(FLOOR) {}
            }
            (table(as_table, head, bars, total))
        }
    }
}

/// Shares of a whole: a bar each, named and weighed beside it.
pub(crate) fn shares(
    title: &str,
    as_table: &str,
    head: [&str; 2],
    bars: &[Bar],
    total: (&str, &str),
) -> Markup {
    let most = bars.iter().map(|bar| bar.value).max().unwrap_or(0).max(1);
    html! {
        figure.chart.shares {
            figcaption { h2 { (title) } p.sum { (total.1) } }
            ul {
                @for bar in bars {
                    li {
                        span.label { (bar.label) } span.value { (bar.text) }
                        svg viewBox="0 0 100 2" preserveAspectRatio="none" aria-hidden="true" {
                            rect.mark x="0" y="0" width=(100 * bar.value / most) height="2" {}
                        }
                    }
                }
            }
            (table(as_table, head, bars, total))
        }
    }
}
