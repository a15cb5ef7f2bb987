//! How much: over time, by hour, by method, by strain. Each table's column sums to the API's total.

use crate::calendar::Per;
use crate::insights::routes::Insights;
use crate::insights::rules::{Amounts, Step};
use crate::web::look::Look;
use crate::web::ui::chart::{Bar, Cell, Frame, Table, columns, figure, shares};
use crate::web::when::Clock;
use chrono::NaiveDate;
use maud::{Markup, html};

/// The most columns in which days are told apart.
const MOST_DAYS: usize = 100;
/// The most rows of shares; what is left over is one more.
const MOST_SHARES: usize = 8;

/// An amount for a picture, and the cells of its row.
fn cells(look: &Look, amounts: &Amounts, with_unknown: bool) -> Vec<Cell> {
    let mut cells = vec![Cell::amount(look, amounts.quantity_mg), Cell::count(amounts.sessions)];
    if with_unknown {
        cells.push(Cell::count(amounts.unknown_items));
    }
    cells
}

fn head(look: &Look, first: &'static str, with_unknown: bool) -> Vec<&'static str> {
    let (t, p) = (look.t(), look.pictures());
    let mut head = vec![first, t.amount, t.seshes];
    if with_unknown {
        head.push(p.unknown);
    }
    head
}

struct Named {
    tick: String,
    label: String,
    amounts: Amounts,
}

fn bars(look: &Look, rows: &[Named], now: Option<usize>) -> Vec<Bar> {
    rows.iter()
        .enumerate()
        .map(|(place, row)| Bar {
            tick: row.tick.clone(),
            label: row.label.clone(),
            text: look.amount(row.amounts.quantity_mg),
            value: row.amounts.quantity_mg,
            is_unknown: row.amounts.unknown_items > 0,
            is_now: now == Some(place),
        })
        .collect()
}

fn table(look: &Look, first: &'static str, rows: &[Named], total: &Amounts) -> Table {
    let with_unknown = total.unknown_items > 0;
    Table {
        head: head(look, first, with_unknown),
        rows: rows.iter().map(|row| (row.label.clone(), cells(look, &row.amounts, with_unknown))).collect(),
        total: Some(cells(look, total, with_unknown)),
    }
}

/// Days, folded into weeks or months.
fn folded(series: &[Step], per: Per) -> Vec<(NaiveDate, Amounts)> {
    let mut sums: Vec<(NaiveDate, Amounts)> = Vec::new();
    for step in series {
        let first = per.first(step.from);
        match sums.last_mut() {
            Some((known, sum)) if *known == first => *sum = sum.plus(step.amounts),
            _ => sums.push((first, step.amounts)),
        }
    }
    sums
}

fn picture(
    look: &Look,
    clock: &Clock,
    found: &Insights,
    (name, title, first): (&'static str, &str, &'static str),
    per: Per,
) -> Markup {
    let sums = folded(&found.series, per);
    let last = sums.len().saturating_sub(1);
    let every = sums.len().div_ceil(4).max(1);
    let is_today = clock.day_of(clock.now).is_some_and(|today| today <= found.to);
    let rows: Vec<Named> = sums
        .into_iter()
        .enumerate()
        .map(|(place, (from, amounts))| {
            let label = if per == Per::Month { clock.month(from) } else { clock.day(from) };
            let short = if per == Per::Month {
                look.lang.month(chrono::Datelike::month0(&from)).to_owned()
            } else {
                label.clone()
            };
            // Counted from the end, so that the last one has its name.
            let tick = if (last - place).is_multiple_of(every) { short } else { String::new() };
            Named { tick, label, amounts }
        })
        .collect();
    let sum = look.amount(found.total.quantity_mg);
    let has_hollow = rows.iter().any(|row| row.amounts.quantity_mg == 0 && row.amounts.unknown_items > 0);
    let note = has_hollow.then(|| look.pictures().hollow);
    let drawn = columns(&look.lang.chart(title, &sum), &bars(look, &rows, is_today.then_some(last)), None);
    figure(look, &Frame { name, title, sum: &sum, note }, &drawn, &table(look, first, &rows, &found.total))
}

/// By day, while they can be told apart; by week; by month, when there are some.
pub(super) fn over_time(look: &Look, clock: &Clock, found: &Insights) -> Markup {
    let (t, p) = (look.t(), look.pictures());
    let days = found.series.len();
    html! {
        @if days <= MOST_DAYS { (picture(look, clock, found, ("days", p.by_day, t.day), Per::Day)) }
        @if days > 7 { (picture(look, clock, found, ("weeks", p.by_week, t.week_of), Per::Week)) }
        @if days > 62 { (picture(look, clock, found, ("months", p.by_month, p.month), Per::Month)) }
    }
}

pub(super) fn by_hour(look: &Look, found: &Insights) -> Markup {
    let p = look.pictures();
    let rows: Vec<Named> = found
        .by_hour
        .iter()
        .map(|hour| Named {
            tick: if hour.hour % 6 == 0 { format!("{:02}:00", hour.hour) } else { String::new() },
            label: format!("{:02}:00", hour.hour),
            amounts: hour.amounts,
        })
        .collect();
    let sum = look.amount(found.total.quantity_mg);
    let drawn = columns(&look.lang.chart(p.by_hour, &sum), &bars(look, &rows, None), None);
    let frame = Frame { name: "hours", title: p.by_hour, sum: &sum, note: None };
    figure(look, &frame, &drawn, &table(look, p.hour, &rows, &found.total))
}

fn share(
    look: &Look,
    (name, title, first): (&'static str, &str, &'static str),
    mut rows: Vec<Named>,
    total: &Amounts,
) -> Markup {
    let rest = rows.split_off(rows.len().min(MOST_SHARES));
    if !rest.is_empty() {
        let amounts = rest.iter().fold(Amounts::default(), |sum, row| sum.plus(row.amounts));
        rows.push(Named { tick: String::new(), label: look.pictures().others.to_owned(), amounts });
    }
    let sum = look.amount(total.quantity_mg);
    let mut drawn = bars(look, &rows, None);
    for (bar, row) in drawn.iter_mut().zip(&rows) {
        let whole = total.quantity_mg.max(1);
        let part = (row.amounts.quantity_mg * 200 + whole) / (whole * 2);
        bar.text = if row.amounts.quantity_mg == 0 {
            look.lang.seshes(row.amounts.sessions)
        } else {
            format!("{} · {part}\u{a0}%", bar.text)
        };
    }
    figure(
        look,
        &Frame { name, title, sum: &sum, note: None },
        &shares(&drawn),
        &table(look, first, &rows, total),
    )
}

pub(super) fn by_method(look: &Look, found: &Insights) -> Markup {
    let p = look.pictures();
    let rows = found.by_method.iter().map(|row| Named {
        tick: String::new(),
        label: super::method(look, &row.method),
        amounts: row.amounts,
    });
    share(look, ("methods", p.by_method, p.method), rows.collect(), &found.total)
}

pub(super) fn by_strain(look: &Look, found: &Insights) -> Markup {
    let p = look.pictures();
    let rows = found.by_strain.iter().map(|row| Named {
        tick: String::new(),
        label: row.name.clone().unwrap_or_else(|| p.nameless.to_owned()),
        amounts: row.amounts,
    });
    share(look, ("strains", p.by_strain, p.strain), rows.collect(), &found.total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_and_months_are_the_days_folded() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let step = |text: &str, mg| Step {
            from: day(text),
            to: day(text),
            amounts: Amounts { quantity_mg: mg, sessions: 1, ..Amounts::default() },
        };
        let series = [step("2026-10-30", 1), step("2026-11-01", 2), step("2026-11-02", 4)];
        let sums =
            |per| folded(&series, per).iter().map(|(from, sum)| (*from, sum.quantity_mg)).collect::<Vec<_>>();
        assert_eq!(sums(Per::Week), [(day("2026-10-26"), 3), (day("2026-11-02"), 4)]);
        assert_eq!(sums(Per::Month), [(day("2026-10-01"), 1), (day("2026-11-01"), 6)]);
    }
}
