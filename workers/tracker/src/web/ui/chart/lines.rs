//! Lines: how something changes, from before to after, and to its end.

use super::tenths;
use maud::{Markup, html};

/// A point of a line; a gap where there is no value.
#[derive(Clone, Debug)]
pub(crate) struct Point {
    pub(crate) tick: String,
    pub(crate) text: String,
    pub(crate) value: Option<i64>,
}

const WIDTH: i64 = 3_200;
const FLOOR: i64 = 116;
const CEILING: i64 = 24;

/// A line over time, broken where nothing is known.
pub(crate) fn line(said: &str, points: &[Point]) -> Markup {
    let most = points.iter().filter_map(|point| point.value).max().unwrap_or(0).max(1);
    let step = WIDTH / i64::try_from(points.len()).unwrap_or(1).max(1);
    let placed: Vec<(&Point, i64, Option<i64>)> = points
        .iter()
        .enumerate()
        .map(|(place, point)| {
            let x = i64::try_from(place).unwrap_or(0) * step + step / 2;
            (point, x, point.value.map(|value| FLOOR - (FLOOR - CEILING) * value / most))
        })
        .collect();
    let peak = points.iter().position(|point| point.value == Some(most));
    let last = points.iter().rposition(|point| point.value.is_some());
    let runs = placed.split(|(.., y)| y.is_none()).filter(|run| run.len() > 1);
    let path = |run: &[(&Point, i64, Option<i64>)]| {
        let points = run.iter().filter_map(|(_, x, y)| Some(format!("{},{}", tenths(*x), (*y)?)));
        points.collect::<Vec<_>>().join(" ")
    };
    html! {
        svg viewBox="0 0 320 140" role="img" aria-label=(said) {
            line.axis x1="0" y1=(FLOOR) x2="320" y2=(FLOOR) {}
            @for run in runs { polyline.line points=(path(run)) {} }
            @for (place, (point, x, y)) in placed.iter().enumerate() {
                @if let Some(y) = y {
                    circle.mark cx=(tenths(*x)) cy=(y) r="4" {}
                    @if peak == Some(place) || last == Some(place) {
                        text.peak x=(tenths((*x).clamp(260, WIDTH - 260))) y=(y - 9) text-anchor="middle" { (point.text) }
                    }
                }
                @if !point.tick.is_empty() {
                    text.tick x=(tenths((*x).clamp(200, WIDTH - 260))) y="133" text-anchor="middle" { (point.tick) }
                }
            }
        }
    }
}

/// From before to after, in hundredths of a scale from 1 to 5.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    pub(crate) label: String,
    pub(crate) text: String,
    pub(crate) before: i64,
    pub(crate) after: i64,
}

/// From a ring to a dot, a line each.
pub(crate) fn pairs(rows: &[Pair]) -> Markup {
    // Tenths of units: 1 stands at 10, 5 at 310.
    let x = |hundredths: i64| tenths(100 + (hundredths.clamp(100, 500) - 100) * 3_000 / 400);
    html! {
        ul.shares.pairs {
            @for row in rows {
                li {
                    span.label { (row.label) } span.value { (row.text) }
                    svg viewBox="0 0 320 18" aria-hidden="true" {
                        @for step in 1..=5 { line.axis x1=(x(step * 100)) y1="5" x2=(x(step * 100)) y2="13" {} }
                        line.axis x1="10" y1="9" x2="310" y2="9" {}
                        line.line x1=(x(row.before)) y1="9" x2=(x(row.after)) y2="9" {}
                        circle.ring cx=(x(row.before)) cy="9" r="6" {}
                        circle.mark cx=(x(row.after)) cy="9" r="6" {}
                    }
                }
            }
        }
    }
}

/// From what there is now down to nothing.
pub(crate) fn decline(said: &str, [now, end]: [&str; 2], [left, when]: [&str; 2]) -> Markup {
    html! {
        svg viewBox="0 0 320 96" role="img" aria-label=(said) {
            polygon.slope points="4,24 4,72 316,72" {}
            line.axis x1="0" y1="72" x2="320" y2="72" {}
            polyline.line points="4,24 316,72" {}
            circle.mark cx="4" cy="24" r="4" {}
            circle.ring cx="315" cy="72" r="4" {}
            text.peak x="14" y="18" { (left) }
            text.peak x="318" y="58" text-anchor="end" { (when) }
            text.tick x="0" y="90" { (now) }
            text.tick x="320" y="90" text-anchor="end" { (end) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_broken_where_nothing_is_known() {
        let point = |value| Point { tick: String::new(), text: String::new(), value };
        let drawn =
            line("said", &[point(Some(1)), point(Some(2)), point(None), point(Some(4)), point(Some(4))])
                .into_string();
        assert_eq!((drawn.matches("<polyline").count(), drawn.matches("<circle").count()), (2, 4), "{drawn}");
        assert_eq!(
            line("said", &[point(Some(1)), point(None)]).into_string().matches("<polyline").count(),
            0
        );
    }
}
