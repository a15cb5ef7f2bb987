//! Pictures, drawn here as SVG: they print, need no colour to be read, and each has its table one tap away. Cells hold the
//! exact number beside the written one, so a picture's sum can be held against what the API says.

mod columns;
mod lines;

pub(crate) use columns::{Bar, columns, meter, shares};
pub(crate) use lines::{Pair, Point, decline, line, pairs};

use crate::web::look::Look;
use maud::{Markup, html};

/// A cell: what it says, and the number that it says; none where amounts are hidden.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    text: String,
    exact: Option<i64>,
}

impl Cell {
    /// A text.
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), exact: None }
    }

    /// A text that says this number.
    pub(crate) fn exact(text: impl Into<String>, exact: Option<i64>) -> Self {
        Self { text: text.into(), exact }
    }

    /// An amount; a gap where there is none.
    pub(crate) fn amount(look: &Look, mg: i64) -> Self {
        let text = if mg == 0 { GAP.to_owned() } else { look.amount(mg) };
        Self { text, exact: (mg != 0 && !look.is_veiled).then_some(mg) }
    }

    /// A count.
    pub(crate) fn count(count: u64) -> Self {
        let text = if count == 0 { GAP.to_owned() } else { count.to_string() };
        Self { text, exact: None }
    }
}

/// What stands in place of nothing.
pub(crate) const GAP: &str = "–";

/// The table of a picture: a name and cells for each row.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    pub(crate) head: Vec<&'static str>,
    pub(crate) rows: Vec<(String, Vec<Cell>)>,
    pub(crate) total: Option<Vec<Cell>>,
}

fn cell(cell: &Cell) -> Markup {
    html! {
        td {
            @match cell.exact {
                Some(exact) => data value=(exact) { (cell.text) },
                None => (cell.text),
            }
        }
    }
}

fn table(look: &Look, table: &Table) -> Markup {
    let t = look.t();
    html! {
        details {
            summary { (t.as_table) }
            div.scroll tabindex="0" role="region" aria-label=(t.as_table) {
                table {
                    thead { tr { @for text in &table.head { th scope="col" { (text) } } } }
                    tbody { @for (name, cells) in &table.rows { tr { th scope="row" { (name) } @for each in cells { (cell(each)) } } } }
                    @if let Some(total) = &table.total {
                        tfoot { tr { th scope="row" { (t.total) } @for each in total { (cell(each)) } } }
                    }
                }
            }
        }
    }
}

/// What stands around a picture.
pub(crate) struct Frame<'a> {
    /// What programs and tests call it.
    pub(crate) name: &'static str,
    pub(crate) title: &'a str,
    /// The sum, or whatever is said first.
    pub(crate) sum: &'a str,
    /// What has to be known to read it.
    pub(crate) note: Option<&'a str>,
}

/// A picture with its title and its table.
pub(crate) fn figure(look: &Look, frame: &Frame<'_>, picture: &Markup, under: &Table) -> Markup {
    html! {
        section.card {
            figure.chart data-chart=(frame.name) {
                figcaption { h2 { (frame.title) } @if !frame.sum.is_empty() { p.sum { (frame.sum) } } }
                (picture)
                @if let Some(note) = frame.note { p.quiet.note { (note) } }
                (table(look, under))
            }
        }
    }
}

/// Tenths of a unit of the picture.
fn tenths(number: i64) -> String {
    if number % 10 == 0 { (number / 10).to_string() } else { format!("{}.{}", number / 10, number % 10) }
}
