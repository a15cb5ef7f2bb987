//! What it did, what it cost, how long it lasts, and how the amount of a sesh changes. Each says what it rests on.

use crate::insights::feelings::Moods;
use crate::insights::money::Used;
use crate::insights::routes::Insights;
use crate::web::amounts::{price, thousandths};
use crate::web::look::Look;
use crate::web::ui::chart::{
    Bar, Cell, Frame, GAP, Pair, Point, Table, decline, figure, line, pairs, shares,
};
use crate::web::when::Clock;
use chrono::Days;
use maud::{Markup, html};

/// The most strains whose moods are shown.
const MOST_PAIRS: usize = 5;
/// The longest that a stash is reckoned to last.
const MOST_DAYS: u64 = 3_650;

/// What stands in place of a picture: what would bring it.
fn missing(title: &str, why: &str) -> Markup {
    html! { section.card { h2 { (title) } p.quiet { (why) } } }
}

fn hundredths(look: &Look, value: i64) -> String {
    thousandths(value * 10, 1, look.lang)
}

/// Mood before and after, of all and by strain.
pub(super) fn moods(look: &Look, found: &Insights) -> Markup {
    let (t, p) = (look.t(), look.pictures());
    let row = |label: String, moods: &Moods| {
        let (before, after) = (moods.before_hundredths?, moods.after_hundredths?);
        let text = format!("{} → {}", hundredths(look, before), hundredths(look, after));
        let cells = vec![
            Cell::exact(hundredths(look, before), Some(before)),
            Cell::exact(hundredths(look, after), Some(after)),
            Cell::count(moods.sessions),
        ];
        Some((Pair { label: label.clone(), text, before, after }, (label, cells)))
    };
    let strains = found
        .moods_by_strain
        .iter()
        .take(MOST_PAIRS)
        .filter_map(|of| row(of.name.clone().unwrap_or_else(|| p.nameless.to_owned()), &of.moods));
    let all = row(p.all_of_it.to_owned(), &found.moods);
    let (drawn, rows): (Vec<Pair>, Vec<_>) = all.into_iter().chain(strains).unzip();
    if drawn.is_empty() {
        return missing(p.moods, p.moods_none);
    }
    let Moods { better, same, worse, .. } = found.moods;
    let picture = html! { p { (look.lang.moods([better, same, worse])) } (pairs(&drawn)) };
    let table = Table { head: vec![p.strain, p.before, p.after, t.seshes], rows, total: None };
    figure(look, &Frame { name: "moods", title: p.moods, sum: "", note: Some(p.moods_key) }, &picture, &table)
}

/// What was felt, the most often first.
pub(super) fn felt(look: &Look, found: &Insights) -> Markup {
    let (t, p) = (look.t(), look.pictures());
    if found.effects.is_empty() {
        return html! {};
    }
    let bars: Vec<Bar> = found
        .effects
        .iter()
        .take(8)
        .map(|felt| Bar {
            tick: String::new(),
            label: felt.effect.clone(),
            text: look.lang.seshes(felt.sessions),
            value: i64::try_from(felt.sessions).unwrap_or(i64::MAX),
            is_unknown: false,
            is_now: false,
        })
        .collect();
    let rows = found.effects.iter().map(|felt| (felt.effect.clone(), vec![Cell::count(felt.sessions)]));
    let table = Table { head: vec![t.effects, t.seshes], rows: rows.collect(), total: None };
    figure(look, &Frame { name: "felt", title: p.felt_most, sum: "", note: None }, &shares(&bars), &table)
}

/// What was bought and used, each currency for itself.
pub(super) fn spend(look: &Look, found: &Insights) -> Markup {
    let (t, p) = (look.t(), look.pictures());
    let text = |minor: i64, currency: &str| price(minor, currency, look.lang);
    let bar = |label: &str, minor: i64, currency: &str| Bar {
        tick: String::new(),
        label: format!("{label} ({currency})"),
        text: text(minor, currency),
        value: minor,
        is_unknown: false,
        is_now: false,
    };
    let bought: Vec<(i64, &str)> =
        found.spend.bought.iter().filter_map(|of| Some((of.minor, of.currency.as_deref()?))).collect();
    if bought.is_empty() && found.spend.used.is_empty() {
        return missing(p.spend, p.spend_none);
    }
    let used = |each: &Used| bar(p.spend_used, each.minor, &each.currency);
    let bars: Vec<Bar> = bought
        .iter()
        .map(|(minor, currency)| bar(p.spend_bought, *minor, currency))
        .chain(found.spend.used.iter().map(used))
        .collect();
    let rows =
        bars.iter().map(|bar| (bar.label.clone(), vec![Cell::exact(bar.text.clone(), Some(bar.value))]));
    let each = found.spend.used.iter().map(|used| {
        let text = text(used.per_session_minor, &used.currency);
        (
            format!("{} ({})", p.spend_each, used.currency),
            vec![Cell::exact(text, Some(used.per_session_minor))],
        )
    });
    let table = Table { head: vec![p.spend_what, t.amount], rows: rows.chain(each).collect(), total: None };
    let unknown = (found.spend.unpriced_items > 0).then(|| look.lang.unpriced(found.spend.unpriced_items));
    let note = [Some(p.spend_line.to_owned()), unknown].into_iter().flatten().collect::<Vec<_>>().join(" ");
    figure(look, &Frame { name: "spend", title: p.spend, sum: "", note: Some(&note) }, &shares(&bars), &table)
}

/// From what the stash holds to its end, at the pace of these days.
pub(super) fn supply(look: &Look, clock: &Clock, found: &Insights) -> Markup {
    let p = look.pictures();
    let supply = found.supply;
    let days = supply.days.and_then(|days| u64::try_from(days).ok()).filter(|_| supply.balance_mg > 0);
    let Some(days) = days else { return missing(p.supply, p.supply_none) };
    let end =
        clock.day_of(clock.now).and_then(|today| today.checked_add_days(Days::new(days.min(MOST_DAYS))));
    let end = end.filter(|_| days < MOST_DAYS).map_or_else(|| GAP.to_owned(), |end| clock.long_day(end));
    let sum = look.lang.days(i64::try_from(days).unwrap_or(i64::MAX));
    let left = look.amount(supply.balance_mg);
    let pace = supply.taken_mg / supply.over_days.max(1);
    let rows = vec![
        (p.supply_now.to_owned(), vec![Cell::amount(look, supply.balance_mg)]),
        (p.supply_pace.to_owned(), vec![Cell::amount(look, pace)]),
        (p.supply.to_owned(), vec![Cell::exact(days.to_string(), supply.days)]),
        (p.supply_end.to_owned(), vec![Cell::text(end.clone())]),
    ];
    let table = Table { head: vec![p.spend_what, ""], rows, total: None };
    let said = format!("{}: {sum}", p.supply);
    let drawn = decline(&said, [p.supply_now, p.supply_end], [&left, &end]);
    figure(
        look,
        &Frame { name: "supply", title: p.supply, sum: &sum, note: Some(p.supply_line) },
        &drawn,
        &table,
    )
}

/// How the amount of a sesh changes from week to week, with what that does not say.
pub(super) fn trend(look: &Look, clock: &Clock, found: &Insights) -> Markup {
    let (t, p) = (look.t(), look.pictures());
    let trend = &found.trend;
    if trend.weeks.iter().all(|week| week.average_mg.is_none()) {
        return missing(p.trend, p.trend_none);
    }
    let last = trend.weeks.len().saturating_sub(1);
    let every = trend.weeks.len().div_ceil(4).max(1);
    let points: Vec<Point> = trend
        .weeks
        .iter()
        .enumerate()
        .map(|(place, week)| Point {
            tick: if (last - place).is_multiple_of(every) { clock.day(week.from) } else { String::new() },
            text: week.average_mg.map(|mg| look.amount(mg)).unwrap_or_default(),
            value: week.average_mg,
        })
        .collect();
    let rows = trend.weeks.iter().map(|week| {
        let average = week.average_mg.map_or_else(|| Cell::text(GAP), |mg| Cell::amount(look, mg));
        (clock.day(week.from), vec![average, Cell::count(week.sessions), Cell::count(week.left_out)])
    });
    let table =
        Table { head: vec![t.week_of, p.average, t.seshes, p.left_out], rows: rows.collect(), total: None };
    let change = match trend.change_mg {
        Some(mg) if mg > 0 => format!("{}: +{}", p.trend_change, look.amount(mg)),
        Some(mg) => format!("{}: {}", p.trend_change, look.amount(mg)),
        None => p.trend_little.to_owned(),
    };
    let drawn = html! { (line(p.trend, &points)) p { (change) } };
    figure(
        look,
        &Frame { name: "trend", title: p.trend, sum: "", note: Some(p.trend_caveat) },
        &drawn,
        &table,
    )
}
