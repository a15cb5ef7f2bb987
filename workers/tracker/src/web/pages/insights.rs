//! Insights: how much, when and how, as pictures with their tables. The sums are those of the dashboard and of the list of
//! sessions.

use crate::dashboard::routes as dashboard;
use crate::dashboard::store::{self, Used};
use crate::members;
use crate::sessions::rules::Method;
use crate::web::look::Look;
use crate::web::shelf::clock;
use crate::web::ui::chart::{self, Bar};
use crate::web::ui::{self, Tab};
use crate::web::visit::Member;
use crate::web::when::Clock;
use crate::zone;
use chrono::{Datelike, Days, NaiveDate};
use maud::{Markup, html};
use sesh_edge::http::{Failure, Page};
use sesh_edge::io::Batch;
use sesh_types::time::DAY_MS;

const DAYS: u64 = 30;
const WEEKS: u64 = 8;

/// Sums by a span's first day, the earliest first; spans without anything are there as gaps.
fn sums(
    look: &Look,
    clock: &Clock,
    used: &[Used],
    starts: &[NaiveDate],
    start_of: impl Fn(NaiveDate) -> NaiveDate,
) -> Vec<Bar> {
    let last = starts.last().copied();
    let every = if starts.len() > 10 { 7 } else { 2 };
    starts
        .iter()
        .enumerate()
        .map(|(place, start)| {
            let here =
                used.iter().filter(|item| clock.day_of(item.occurred_at).map(&start_of) == Some(*start));
            let value = here.filter_map(|item| item.quantity_mg).sum();
            let is_now = last == Some(*start);
            // Counted from the end, so that the last one has its name.
            let tick = if (starts.len() - 1 - place).is_multiple_of(every) {
                clock.day(*start)
            } else {
                String::new()
            };
            let text = if value == 0 { "–".to_owned() } else { look.amount(value) };
            Bar { tick, label: clock.day(*start), text, value, is_now }
        })
        .collect()
}

fn picture(look: &Look, title: &str, first: &str, bars: &[Bar]) -> Markup {
    let t = look.t();
    let total = look.amount(bars.iter().map(|bar| bar.value).sum());
    html! { section.card { (chart::columns(title, &look.lang.chart(title, &total), t.as_table, [first, t.amount], bars, (t.total, &total))) } }
}

fn shares(look: &Look, title: &str, rows: &[(String, i64, u64)]) -> Markup {
    let t = look.t();
    let total = look.amount(rows.iter().map(|(_, mg, _)| mg).sum());
    let text = |mg: i64, seshes: u64| format!("{} · {}", look.amount(mg), look.lang.seshes(seshes));
    let bars: Vec<Bar> = rows
        .iter()
        .map(|(label, mg, seshes)| Bar {
            tick: String::new(),
            label: label.clone(),
            text: text(*mg, *seshes),
            value: *mg,
            is_now: false,
        })
        .collect();
    html! { section.card { (chart::shares(title, t.as_table, [t.share, t.amount], &bars, (t.total, &total))) } }
}

pub(super) fn method(look: &Look, name: &str) -> String {
    let known: Option<Method> = serde_json::from_value(name.into()).ok();
    known.map_or_else(|| name.to_owned(), |method| look.lang.method(method).to_owned())
}

/// The days, and the Mondays of the weeks, that end with this day.
fn spans(today: NaiveDate) -> (Vec<NaiveDate>, Vec<NaiveDate>) {
    let monday = monday(today);
    let days = (0..DAYS).rev().filter_map(|back| today.checked_sub_days(Days::new(back))).collect();
    let weeks = (0..WEEKS).rev().filter_map(|back| monday.checked_sub_days(Days::new(back * 7))).collect();
    (days, weeks)
}

fn monday(day: NaiveDate) -> NaiveDate {
    day.checked_sub_days(Days::new(day.weekday().num_days_from_monday().into())).unwrap_or(day)
}

pub(crate) async fn show(member: Member) -> Result<Page, Failure> {
    let Member { visit, person } = member;
    let (look, t, scope) = (&*visit.look, visit.look.t(), person.scope());
    let since = person.io().now().plus_ms(-i64::try_from(WEEKS * 7 + 8).unwrap_or(64) * DAY_MS);
    let rows = person.read(Batch::from(members::one(scope)).and(store::used_since(scope, since))).await?;
    let clock = clock(&rows, 0, &person, look)?;
    let used = store::used(&rows, 1)?;
    let board = dashboard::read(&person).await?;
    let today =
        clock.day_of(clock.now).ok_or_else(|| Failure::internal("the clock is outside the calendar"))?;
    let (days, weeks) = spans(today);
    // Nobody has taken yet what a clock that is ahead says.
    let used: Vec<Used> = used
        .into_iter()
        .filter(|item| {
            zone::days_between(&clock.zone, item.occurred_at, clock.now).is_some_and(|ago| ago >= 0)
        })
        .collect();
    let methods: Vec<_> = board
        .by_method
        .iter()
        .map(|row| (method(look, &row.method), row.usage.quantity_mg, row.usage.sessions))
        .collect();
    let strains: Vec<_> = board
        .by_strain
        .iter()
        .take(10)
        .map(|row| (row.name.clone(), row.usage.quantity_mg, row.usage.sessions))
        .collect();
    let content = html! {
        h1 { (t.insights) }
        @if used.is_empty() {
            (ui::empty(t.insights_empty, "/log", t.log_one))
        } @else {
            div.columns {
                (picture(look, t.by_day, t.day, &sums(look, &clock, &used, &days, |day| day)))
                (picture(look, t.by_week, t.week_of, &sums(look, &clock, &used, &weeks, monday)))
                @if !methods.is_empty() { (shares(look, t.by_method, &methods)) }
                @if !strains.is_empty() { (shares(look, t.by_strain, &strains)) }
            }
            p.quiet { (t.caveat) }
        }
    };
    Ok(Page::html(200, ui::page(look, Tab::Insights, t.insights, &content)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_end_with_today() {
        let today = NaiveDate::from_ymd_opt(2026, 11, 21).unwrap();
        let (days, weeks) = spans(today);
        assert_eq!((days.len(), days.last().copied()), (30, Some(today)));
        assert_eq!(weeks.last().copied(), NaiveDate::from_ymd_opt(2026, 11, 16));
        assert_eq!(weeks.first().copied(), NaiveDate::from_ymd_opt(2026, 9, 28));
    }
}
