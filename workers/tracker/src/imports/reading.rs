//! Makes sessions of a file's rows, and says what is wrong with the others.

use super::formats::{self, Draft};
use super::rules::{Bad, Choice, Column, Format, Mapping, Options, Ready, Sure, Why};
use super::tables::{self, Table};
use super::times::{self, NOON_MS, Order, When};
use super::{journal, words};
use crate::calendar::{Clock, Local};
use crate::sessions::rules::Method;
use crate::stash::rules::FUTURE_MS;
use chrono::NaiveTime;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error, StrDeserializer};
use sesh_edge::order::Order as _;
use sesh_types::amounts::{Bare, read_amount};
use sesh_types::rules::{Issue, Issues};
use sesh_types::time::Timestamp;
use std::collections::BTreeMap;

/// A file as it was read.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) format: Format,
    pub(super) columns: Vec<Column>,
    pub(super) mapping: Mapping,
    pub(super) day_first: bool,
    pub(super) dates_are_two_faced: bool,
    pub(super) amounts: Bare,
    pub(super) choices: Vec<Choice>,
    pub(super) left_out: u64,
    pub(super) ready: Vec<Ready>,
    pub(super) bad: Vec<Bad>,
}

fn wrong(field: &str, code: &str, message: impl Into<String>) -> Vec<Issue> {
    let mut issues = Issues::default();
    issues.add(field, code, message);
    issues.done().err().unwrap_or_default()
}

/// Reads a whole file. `format` is found out unless told.
///
/// # Errors
/// What is wrong with the file or with how it is to be read. What is wrong with a row is told by [`Read::bad`].
pub(super) fn read(
    text: &str,
    format: Option<Format>,
    options: &Options,
    clock: &mut Clock<'_>,
    now: Timestamp,
) -> Result<Read, Vec<Issue>> {
    let is_journal = format.map_or_else(|| journal::is_one(text), |format| format == Format::Journal);
    if is_journal {
        let drafts = journal::read(text).map_err(|why| wrong("source", "malformed", why))?;
        if drafts.len() > tables::MOST_ROWS {
            return Err(wrong("source", "too_long", "has more than 10,000 ingestions; bring it in parts"));
        }
        return Ok(judged(Format::Journal, None, drafts, options, clock, now));
    }
    let table = tables::read(text).map_err(|why| wrong("source", "malformed", why.to_string()))?;
    let found = formats::detect(text, Some(&table));
    let format = format.unwrap_or(found);
    if format != Format::Csv && format != found {
        return Err(wrong("format", "mismatch", "is not what this file is"));
    }
    Ok(judged(format, Some(table), Vec::new(), options, clock, now))
}

/// The mapping's columns that the file does not have.
pub(super) fn check_mapping(text: &str, options: &Options) -> Result<(), Vec<Issue>> {
    let (Some(mapping), Ok(table)) = (&options.mapping, tables::read(text)) else { return Ok(()) };
    let mut issues = Issues::default();
    for (field, name) in formats::unknown_columns(mapping, &table) {
        issues.add(
            format!("mapping.{field}"),
            "unknown_column",
            format!("names a column that there is not: {name}"),
        );
    }
    issues.done()
}

fn samples(table: &Table) -> Vec<Column> {
    let column = |(place, name): (usize, &String)| Column {
        name: name.clone(),
        samples: table
            .lines
            .iter()
            .filter_map(|line| line.cells.get(place))
            .filter(|cell| !cell.is_empty())
            .take(3)
            .map(|cell| cell.chars().take(60).collect())
            .collect(),
    };
    table.columns.iter().enumerate().map(column).collect()
}

fn judged(
    format: Format,
    table: Option<Table>,
    drafts: Vec<Draft>,
    options: &Options,
    clock: &mut Clock<'_>,
    now: Timestamp,
) -> Read {
    let mapping = match (&table, &options.mapping, format) {
        (Some(_), Some(mapping), Format::Csv) => mapping.clone(),
        (Some(table), None, Format::Csv) => formats::guessed(table),
        _ => Mapping::default(),
    };
    let dates = table.as_ref().map(|table| formats::dates(format, &mapping, table)).unwrap_or_default();
    let said = dates.iter().find_map(|date| times::order_of(date));
    let told = options.day_first.map(|first| if first { Order::DayFirst } else { Order::MonthFirst });
    let order = told.or(said).unwrap_or(Order::MonthFirst);
    let dates_are_two_faced = told.or(said).is_none() && dates.iter().any(|date| times::is_two_faced(date));
    let drafts = table.as_ref().map_or(drafts, |table| formats::drafts(format, table, &mapping, order));
    let choices = choices(&drafts, options.only.as_deref());
    let chosen = |draft: &Draft| {
        let by = |name: &String| choices.iter().any(|choice| choice.chosen && choice.name == *name);
        draft.chosen_by.is_empty() || draft.chosen_by.iter().any(by)
    };
    let amounts = options.amounts.unwrap_or_else(|| formats::guessed_amounts(&mapping));
    let (mut ready, mut bad, mut left_out) = (Vec::new(), Vec::new(), 0);
    for draft in &drafts {
        if !chosen(draft) {
            left_out += 1;
            continue;
        }
        match judge(draft, options, amounts, clock, now) {
            Ok(row) => ready.push(row),
            Err(fault) => {
                let Fault { field, code, value, reason } = fault;
                bad.push(Bad { line: draft.line, field, code, value, reason });
            }
        }
    }
    let day_first = order == Order::DayFirst;
    let columns = table.as_ref().map(samples).unwrap_or_default();
    Read { format, columns, mapping, day_first, dates_are_two_faced, amounts, choices, left_out, ready, bad }
}

/// The most names that are listed.
const MOST_CHOICES: usize = 200;

fn choices(drafts: &[Draft], only: Option<&[String]>) -> Vec<Choice> {
    let mut names: BTreeMap<&str, u64> = BTreeMap::new();
    for name in drafts.iter().flat_map(|draft| &draft.chosen_by).filter(|name| !name.is_empty()) {
        *names.entry(name).or_default() += 1;
    }
    let chosen = |name: &str| match only {
        Some(only) => only.iter().any(|wanted| wanted.trim().to_lowercase() == name.to_lowercase()),
        None => words::is_cannabis(name),
    };
    let mut choices: Vec<Choice> = names
        .into_iter()
        .map(|(name, rows)| Choice { name: name.to_owned(), rows, chosen: chosen(name) })
        .collect();
    choices.order_by_key(|choice| (!choice.chosen, std::cmp::Reverse(choice.rows)));
    choices.truncate(MOST_CHOICES);
    choices
}

/// What is wrong with a row.
struct Fault {
    field: &'static str,
    code: Why,
    value: Option<String>,
    reason: String,
}

fn fault(field: &'static str, code: Why, value: Option<&str>, reason: impl Into<String>) -> Fault {
    Fault { field, code, value: value.map(shortened), reason: reason.into() }
}

fn scale(field: &'static str, said: &str, text: Option<&String>) -> Result<Option<i64>, Fault> {
    let Some(text) = text else { return Ok(None) };
    if let Ok(value @ 1..=5) = text.trim().parse::<i64>() {
        return Ok(Some(value));
    }
    let reason = format!("has a {said} that is not 1 to 5: {}", shortened(text));
    Err(fault(field, Why::NotOneToFive, Some(text), reason))
}

fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}

fn moment(when: Option<When>, clock: &mut Clock<'_>, now: Timestamp) -> Result<(Timestamp, Sure), Fault> {
    let wrong = |code, reason| fault("date", code, None, reason);
    let when = when.ok_or_else(|| wrong(Why::NoTime, "has no time that is understood"))?;
    let (at, sure) = match when {
        When::Moment(at) => (at, Sure::Yes),
        When::Day(day) => {
            let noon = day.and_time(NaiveTime::MIN).and_utc().timestamp_millis() + NOON_MS;
            (clock.moment(Timestamp(noon)).moment(), Sure::DayOnly)
        }
        When::Shown(shown) => match clock.moment(shown) {
            Local::Once(at) => (at, Sure::Yes),
            Local::Twice(at) => (at, Sure::ShownTwice),
            Local::Never(at) => (at, Sure::NeverShown),
        },
    };
    if at.0 < 0 {
        return Err(wrong(Why::TooOld, "is from before 1970"));
    }
    if at > now.plus_ms(FUTURE_MS) {
        return Err(wrong(Why::InFuture, "is from the future"));
    }
    Ok((at, sure))
}

fn method_of(word: &str) -> Option<Method> {
    let text: StrDeserializer<'_, Error> = word.into_deserializer();
    Method::deserialize(text).ok()
}

/// An amount, and what of it only words can say.
fn amount(draft: &Draft, options: &Options, bare: Bare) -> Result<(Option<i64>, Option<String>), Fault> {
    let Some(text) = &draft.amount else { return Ok((None, None)) };
    match read_amount(text, bare) {
        Ok(amount) => {
            let mg = amount.mg(options.unit_mg);
            let counted = matches!(amount, sesh_types::amounts::Amount::Count { .. }) && mg.is_none();
            Ok((mg, counted.then(|| shortened(text))))
        }
        Err(_) if draft.amount_may_be_words => Ok((None, Some(shortened(text)))),
        Err(why) => {
            let reason = format!("has an amount that {why}: {}", shortened(text));
            Err(fault("amount", Why::NotAnAmount, Some(text), reason))
        }
    }
}

fn check_text(row: &str, field: &'static str, said: &str, most: usize) -> Result<(), Fault> {
    let mut issues = Issues::default();
    issues.text(row, said, 0, most);
    let found = issues.done().err().unwrap_or_default();
    found.first().map_or(Ok(()), |issue| {
        Err(fault(field, Why::TooLong, Some(row), format!("has {said} that {}", issue.message)))
    })
}

fn judge(
    draft: &Draft,
    options: &Options,
    bare: Bare,
    clock: &mut Clock<'_>,
    now: Timestamp,
) -> Result<Ready, Fault> {
    let (occurred_at, time_is_sure) = moment(draft.when, clock, now)?;
    let (quantity_mg, words_of_amount) = amount(draft, options, bare)?;
    let told = draft.method.as_deref().and_then(words::method).and_then(method_of);
    let method = told.or(options.method).unwrap_or(Method::Other);
    let notes: Vec<&str> =
        [words_of_amount.as_deref(), draft.notes.as_deref()].into_iter().flatten().collect();
    let notes = Some(notes.join("\n").trim().to_owned()).filter(|notes| !notes.is_empty());
    check_text(notes.as_deref().unwrap_or_default(), "notes", "notes", 4_000)?;
    check_text(draft.name.as_deref().unwrap_or_default(), "name", "a name", 120)?;
    if draft.effects.len() > 30 {
        return Err(fault("effects", Why::TooMany, None, "has more than 30 effects"));
    }
    for effect in &draft.effects {
        check_text(effect, "effects", "an effect", 60)?;
    }
    Ok(Ready {
        line: draft.line,
        occurred_at,
        time_is_sure,
        method,
        name: draft.name.clone(),
        strain_id: None,
        quantity_mg,
        thc_ug: draft.thc_ug,
        rating: scale("rating", "rating", draft.rating.as_ref())?,
        mood_before: scale("mood_before", "mood", draft.mood_before.as_ref())?,
        mood_after: scale("mood_after", "mood", draft.mood_after.as_ref())?,
        effects: draft.effects.clone(),
        notes,
    })
}

#[cfg(test)]
mod tests;
