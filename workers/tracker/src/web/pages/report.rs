//! The report for whoever one shows it to: sums, pictures and their tables, made to be printed on A4 or Letter.

use super::insights::method;
use crate::diary_export::report::{self, Report, ReportQuery};
use crate::insights::rules::Amounts;
use crate::user::UserAlone;
use crate::web::amounts::{VEILED, thousandths};
use crate::web::calls::{self, Wrong};
use crate::web::look::Look;
use crate::web::ui::chart::{Bar, Cell, Frame, Table, columns, figure};
use crate::web::ui::{self, Input, Tab, hidden};
use crate::web::visit::{Member, Visit};
use crate::web::when::Clock;
use chrono::{Days, NaiveDate};
use maud::{Markup, html};
use sesh_edge::http::{Failure, Fields, Page};
use sesh_types::envelope::ErrorCode;

fn thc(look: &Look, ug: i64) -> String {
    if look.is_veiled { VEILED.to_owned() } else { format!("{}\u{a0}mg", thousandths(ug, 1, look.lang)) }
}

/// A mean of moods, given in hundredths.
fn mean(look: &Look, hundredths: Option<i64>) -> String {
    hundredths.map_or_else(|| "–".to_owned(), |mean| thousandths(mean * 10, 1, look.lang))
}

/// An amount with what is missing in it.
fn amount(look: &Look, amounts: &Amounts) -> String {
    match (amounts.quantity_mg, amounts.unknown_items) {
        (0, 0) => "–".to_owned(),
        (mg, 0) => look.amount(mg),
        (mg, unknown) => format!("{} {}", look.amount(mg), look.lang.unknown(unknown)),
    }
}

fn figures(look: &Look, report: &Report) -> Markup {
    let (t, w) = (look.t(), look.lang.data());
    let total = &report.total;
    let average = report.average_mg_of_day.map_or_else(|| "–".to_owned(), |mg| look.amount(mg));
    html! {
        section.card {
            dl.figures {
                (ui::figure(w.days_with, &format!("{} / {}", report.days_with_sessions, report.days), None))
                (ui::figure(t.seshes, &total.sessions.to_string(), None))
                (ui::figure(w.longest_without, &look.lang.days(report.longest_without), None))
            }
            dl.figures.small {
                (ui::figure(w.amount_known, &look.amount(total.quantity_mg), None))
                (ui::figure(w.on_a_day, &average, None))
                (ui::figure(w.thc_known, &thc(look, total.thc_ug), None))
                (ui::figure(w.items_unknown, &total.unknown_items.to_string(), None))
            }
        }
    }
}

fn weeks(look: &Look, clock: &Clock, report: &Report) -> Markup {
    let (t, w) = (look.t(), look.lang.data());
    let every = report.weeks.len().div_ceil(6).max(1);
    let bars: Vec<Bar> = report
        .weeks
        .iter()
        .enumerate()
        .map(|(place, week)| Bar {
            tick: if place.is_multiple_of(every) { clock.day(week.from) } else { String::new() },
            label: format!("{} – {}", clock.day(week.from), clock.day(week.to)),
            text: if week.amounts.sessions == 0 {
                "–".to_owned()
            } else {
                look.amount(week.amounts.quantity_mg)
            },
            value: week.amounts.quantity_mg,
            is_unknown: week.amounts.unknown_items > 0,
            is_now: false,
        })
        .collect();
    let total = look.amount(report.total.quantity_mg);
    let exact = |text: &str, mg: i64| vec![Cell::exact(text, (!look.is_veiled).then_some(mg))];
    let table = Table {
        head: vec![w.week, t.amount],
        rows: bars.iter().map(|bar| (bar.label.clone(), exact(&bar.text, bar.value))).collect(),
        total: Some(exact(&total, report.total.quantity_mg)),
    };
    let frame = Frame { name: "weeks", title: w.by_week, sum: &total, note: None };
    figure(look, &frame, &columns(&look.lang.chart(w.by_week, &total), &bars, None), &table)
}

/// A table of what was taken, by whatever stands in its first column.
fn sums(look: &Look, title: &str, head: &str, rows: &[(String, Amounts)]) -> Markup {
    let t = look.t();
    html! {
        @if !rows.is_empty() {
            section.card {
                h2 { (title) }
                div.scroll tabindex="0" role="region" aria-label=(title) { table {
                    thead { tr { th scope="col" { (head) } th.amount scope="col" { (t.seshes) } th.amount scope="col" { (t.amount) } } }
                    tbody { @for (name, amounts) in rows {
                        tr { th scope="row" { (name) } td.amount { (amounts.sessions) } td.amount { (amount(look, amounts)) } }
                    } }
                } }
            }
        }
    }
}

fn moods(look: &Look, report: &Report) -> Markup {
    let w = look.lang.data();
    let moods = &report.moods;
    html! {
        @if moods.sessions > 0 {
            section.card {
                h2 { (w.mood) }
                div.scroll tabindex="0" role="region" aria-label=(w.mood) { table { tbody {
                    tr { th scope="row" { (w.mood_rated) } td.amount { (moods.sessions) } }
                    tr { th scope="row" { (w.mood_before_after) } td.amount { (mean(look, moods.before_hundredths)) " → " (mean(look, moods.after_hundredths)) } }
                    tr { th scope="row" { (w.mood_moves) } td.amount { (moods.better) " · " (moods.same) " · " (moods.worse) } }
                } } }
            }
        }
        @if !report.effects.is_empty() {
            section.card {
                h2 { (w.felt_often) }
                ul.tags { @for felt in &report.effects { li { (felt.effect) " × " (felt.sessions) } } }
            }
        }
    }
}

/// Which days: typed, or one of the usual lengths.
fn choose(visit: &Visit, report: &Report, typed: &Fields, wrong: &Wrong) -> Markup {
    let (look, t, w) = (&*visit.look, visit.look.t(), visit.look.lang.data());
    let shown = Fields::default().with("from", report.from.to_string()).with("to", report.to.to_string());
    let typed = if wrong.is_empty() { &shown } else { typed };
    let back = |days: u64| {
        let from = report.to.checked_sub_days(Days::new(days - 1)).unwrap_or(report.to);
        format!("/account/report?from={from}&to={}", report.to)
    };
    let show = html! {
        (hidden("back", &look.path)) (hidden("veil", "0")) button.button.plain { (t.show_amounts) }
    };
    html! {
        (ui::problems(look, wrong))
        form.card.no-print method="get" action="/account/report" {
            h2 { (w.report_days) }
            div.filters {
                (ui::field(look, Input::text("from", t.from_day).kind("date"), typed, wrong))
                (ui::field(look, Input::text("to", t.to_day).kind("date"), typed, wrong))
            }
            p.links { a href=(back(30)) { (w.days_30) } a href=(back(90)) { (w.days_90) } a href=(back(365)) { (w.days_365) } }
            p.actions { button.button.plain { (w.report_show) } button.button.scripted type="button" data-print { (w.report_print) } }
            p.hint { (w.report_print_hint) }
        }
        @if look.is_veiled { (ui::form(visit, "/settings", "actions", &show)) }
    }
}

fn draw(visit: &Visit, report: &Report, typed: &Fields, wrong: &Wrong) -> Page {
    let (look, t, w) = (&*visit.look, visit.look.t(), visit.look.lang.data());
    let clock = Clock { zone: report.time_zone.clone(), now: report.made_at, lang: look.lang };
    let long = |day: NaiveDate| format!("{} {}", clock.day(day), day.format("%Y"));
    let methods: Vec<_> =
        report.by_method.iter().map(|row| (method(look, &row.method), row.amounts)).collect();
    let things: Vec<_> = report
        .by_strain
        .iter()
        .map(|row| (row.name.clone().unwrap_or_else(|| w.unnamed.to_owned()), row.amounts))
        .collect();
    let parts = [w.part_night, w.part_morning, w.part_afternoon, w.part_evening];
    let parts: Vec<_> = parts
        .into_iter()
        .zip(&report.by_part_of_day)
        .map(|(name, part)| (name.to_owned(), part.amounts))
        .collect();
    let content = html! {
        h1 { (w.report_title) }
        p.lead { (w.report_of) }
        (choose(visit, report, typed, wrong))
        p.only-print { (w.report_name) ": " span.blank {} }
        p { strong { (long(report.from)) " – " (long(report.to)) } " · " (w.report_made) " " (clock.dated(report.made_at)) " · " (report.time_zone.replace('_', " ")) }
        @if report.total.sessions == 0 {
            div.empty { p { (w.report_none) } }
        } @else {
            (figures(look, report))
            div.columns {
                (weeks(look, &clock, report))
                (sums(look, w.by_part, t.when, &parts))
                (sums(look, w.by_way, t.how, &methods))
                (sums(look, w.by_thing, w.col_name, &things))
                (moods(look, report))
            }
        }
        p.quiet { (w.report_about) }
    };
    let status = if wrong.is_empty() { 200 } else { 422 };
    Page::html(status, ui::page(look, Tab::Elsewhere, w.report_title, &content))
}

pub(crate) async fn show(member: Member) -> Result<Page, Failure> {
    let Member { visit, person } = member;
    let typed = visit.query.clone();
    let mut wrong = Wrong::default();
    let mut day = |name: &str| {
        let text = typed.text(name);
        let read = text.parse::<NaiveDate>().ok();
        if read.is_none() && !text.is_empty() {
            wrong.note(name, visit.look.t().issue_date);
        }
        read
    };
    let UserAlone(person) = UserAlone::of(person)?;
    let asked = ReportQuery { from: day("from"), to: day("to") };
    let usual = ReportQuery { from: None, to: None };
    let report = match report::of(&person, if wrong.is_empty() { asked } else { usual }).await {
        Err(failure) if calls::code(&failure) == Some(ErrorCode::BadRequest) => {
            wrong.note("from", visit.look.lang.data().report_range);
            report::of(&person, usual).await?
        }
        result => result?,
    };
    Ok(draw(&visit, &report, &typed, &wrong))
}
