//! Whose file it is, and what its rows say.

use super::rules::{Format, Mapping};
use super::tables::{Line, Table};
use super::times::{self, Order, When};
use super::{journal, words};
use sesh_types::amounts::Bare;

/// A row as the file has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Draft {
    pub(super) line: u64,
    pub(super) when: Option<When>,
    /// The names by which it may be chosen; without any it always is.
    pub(super) chosen_by: Vec<String>,
    pub(super) method: Option<String>,
    pub(super) name: Option<String>,
    pub(super) amount: Option<String>,
    pub(super) amount_may_be_words: bool,
    pub(super) thc_ug: Option<i64>,
    pub(super) rating: Option<String>,
    pub(super) mood_before: Option<String>,
    pub(super) mood_after: Option<String>,
    pub(super) effects: Vec<String>,
    pub(super) notes: Option<String>,
}

/// Whose file a text is.
pub(super) fn detect(text: &str, table: Option<&Table>) -> Format {
    if journal::is_one(text) {
        return Format::Journal;
    }
    let Some(table) = table else { return Format::Csv };
    let has = |name: &str| table.columns.iter().any(|column| column == name);
    if has("full_date") && has("mood") && has("activities") {
        Format::Daylio
    } else if has("HabitName") && has("CalendarDate") && has("Value") {
        Format::HabitBull
    } else if table.columns.first().is_some_and(|first| first == "Date") && checked(table) {
        Format::LoopHabit
    } else {
        Format::Csv
    }
}

/// Whether every cell but the date's is one of the words for a habit's day.
fn checked(table: &Table) -> bool {
    let mut cells = table.lines.iter().take(50).flat_map(|line| line.cells.iter().skip(1)).peekable();
    let words = ["YES_MANUAL", "YES_AUTO", "NO", "SKIP", "UNKNOWN", ""];
    cells.peek().is_some() && cells.all(|cell| words.contains(&cell.as_str()))
}

fn column(table: &Table, name: &str) -> Option<usize> {
    table.columns.iter().position(|column| column == name)
}

/// The cell of a column; empty is none. The apostrophe that keeps text from being a formula is no part of it.
fn cell(line: &Line, column: Option<usize>) -> Option<String> {
    let text = line.cells.get(column?)?.trim();
    let bare = text
        .strip_prefix('\'')
        .filter(|rest| rest.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r']));
    Some(bare.unwrap_or(text).to_owned()).filter(|text| !text.is_empty())
}

/// Which column holds what, by their names.
pub(super) fn guessed(table: &Table) -> Mapping {
    let find = |words: &[&str]| {
        let plain = |name: &str| name.to_lowercase().replace(['_', '-', '/', '(', ')'], " ");
        let exact = table.columns.iter().find(|name| words.contains(&plain(name).trim()));
        let within = || {
            table.columns.iter().find(|name| {
                let name = plain(name);
                words.iter().any(|wanted| name.split_whitespace().any(|word| word == *wanted))
            })
        };
        exact.or_else(within).cloned()
    };
    let date = find(&[
        "occurred at",
        "date",
        "datetime",
        "date time",
        "timestamp",
        "when",
        "day",
        "taken at",
        "fecha",
        "logged",
    ]);
    let time = find(&["time", "time of day", "hour", "clock", "hora"]);
    let (date, time) = if date.is_none() { (time, None) } else { (date, time) };
    let time = time.filter(|time| Some(time) != date.as_ref() && time.to_lowercase() != "time_zone");
    Mapping {
        date,
        time,
        method: find(&["method", "route", "how", "consumption", "way", "metodo"]),
        name: find(&["strain", "name", "product", "what", "cepa"]),
        amount: find(&[
            "quantity mg",
            "amount",
            "quantity",
            "dose",
            "dosage",
            "grams",
            "mg",
            "qty",
            "cantidad",
        ]),
        rating: find(&["rating", "stars", "score"]),
        mood_before: find(&["mood before", "before"]),
        mood_after: find(&["mood after", "after", "mood"]),
        effects: find(&["effects", "effect", "felt", "feelings"]),
        notes: find(&["notes", "note", "comment", "comments", "journal", "notas"]),
    }
}

/// What an amount without a unit is, by the name of its column.
pub(super) fn guessed_amounts(mapping: &Mapping) -> Bare {
    let name = mapping.amount.as_deref().unwrap_or_default().to_lowercase();
    let has = |wanted: &[&str]| name.split(|c: char| !c.is_alphanumeric()).any(|word| wanted.contains(&word));
    if has(&["mg", "milligrams"]) {
        Bare::Mg
    } else if has(&["puffs", "hits", "units", "count", "tablets", "drops", "pieces"]) {
        Bare::Units
    } else {
        Bare::G
    }
}

/// The names in a mapping that the table does not have: each field with its column.
pub(super) fn unknown_columns<'m>(mapping: &'m Mapping, table: &Table) -> Vec<(&'static str, &'m str)> {
    let fields = [
        ("date", &mapping.date),
        ("time", &mapping.time),
        ("method", &mapping.method),
        ("name", &mapping.name),
        ("amount", &mapping.amount),
        ("rating", &mapping.rating),
        ("mood_before", &mapping.mood_before),
        ("mood_after", &mapping.mood_after),
        ("effects", &mapping.effects),
        ("notes", &mapping.notes),
    ];
    let told = fields.into_iter().filter_map(|(field, column)| Some((field, column.as_deref()?)));
    told.filter(|(_, name)| column(table, name).is_none()).collect()
}

/// The column of dates.
pub(super) fn dates(format: Format, mapping: &Mapping, table: &Table) -> Vec<String> {
    let name = match format {
        Format::Csv => mapping.date.as_deref(),
        Format::Daylio => Some("full_date"),
        Format::LoopHabit => Some("Date"),
        Format::HabitBull => Some("CalendarDate"),
        Format::Journal => None,
    };
    let place = name.and_then(|name| column(table, name));
    table.lines.iter().filter_map(|line| cell(line, place)).collect()
}

fn words_of(text: Option<String>, separators: &[char]) -> Vec<String> {
    let text = text.unwrap_or_default();
    text.split(separators).map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// The rows of any table.
fn mapped(table: &Table, mapping: &Mapping, order: Order) -> Vec<Draft> {
    let place = |name: &Option<String>| name.as_deref().and_then(|name| column(table, name));
    let (date, time, method, name) =
        (place(&mapping.date), place(&mapping.time), place(&mapping.method), place(&mapping.name));
    let (amount, rating, effects, notes) =
        (place(&mapping.amount), place(&mapping.rating), place(&mapping.effects), place(&mapping.notes));
    let (before, after) = (place(&mapping.mood_before), place(&mapping.mood_after));
    let read = |line: &Line| {
        let clock = cell(line, time);
        Draft {
            line: line.number,
            when: cell(line, date).and_then(|date| times::read(&date, clock.as_deref(), order)),
            method: cell(line, method),
            name: cell(line, name),
            amount: cell(line, amount),
            rating: cell(line, rating),
            mood_before: cell(line, before),
            mood_after: cell(line, after),
            effects: words_of(cell(line, effects), &[',', ';', '|']),
            notes: cell(line, notes),
            ..Draft::default()
        }
    };
    table.lines.iter().map(read).collect()
}

fn daylio(table: &Table, order: Order) -> Vec<Draft> {
    let at = |name: &str| column(table, name);
    let (date, time, mood, activities) = (at("full_date"), at("time"), at("mood"), at("activities"));
    let (title, note) = (at("note_title"), at("note"));
    let read = |line: &Line| {
        let notes: Vec<String> = [cell(line, title), cell(line, note)].into_iter().flatten().collect();
        Draft {
            line: line.number,
            when: cell(line, date).and_then(|date| times::read(&date, cell(line, time).as_deref(), order)),
            // What nobody did is chosen by nothing.
            chosen_by: cell(line, activities).map_or(vec![String::new()], |all| words_of(Some(all), &['|'])),
            mood_after: cell(line, mood).and_then(|word| words::mood(&word)).map(|mood| mood.to_string()),
            notes: (!notes.is_empty()).then(|| notes.join("\n")),
            ..Draft::default()
        }
    };
    table.lines.iter().map(read).collect()
}

fn loop_habit(table: &Table, order: Order) -> Vec<Draft> {
    let habits: Vec<(usize, &String)> = table.columns.iter().enumerate().skip(1).collect();
    let of_line = |line: &Line| {
        let when = cell(line, Some(0)).and_then(|date| times::read(&date, None, order));
        let number = line.number;
        let done =
            habits.iter().filter(|(place, _)| cell(line, Some(*place)).as_deref() == Some("YES_MANUAL"));
        done.map(|(_, habit)| Draft {
            line: number,
            when,
            chosen_by: vec![(*habit).clone()],
            ..Draft::default()
        })
        .collect::<Vec<_>>()
    };
    table.lines.iter().flat_map(of_line).collect()
}

fn habit_bull(table: &Table, order: Order) -> Vec<Draft> {
    let at = |name: &str| column(table, name);
    let (habit, date, value, comment) = (at("HabitName"), at("CalendarDate"), at("Value"), at("CommentText"));
    let done = |line: &&Line| {
        cell(line, value).and_then(|text| text.parse::<i64>().ok()).is_some_and(|value| value > 0)
    };
    let read = |line: &Line| Draft {
        line: line.number,
        when: cell(line, date).and_then(|date| times::read(&date, None, order)),
        chosen_by: vec![cell(line, habit).unwrap_or_default()],
        notes: cell(line, comment),
        ..Draft::default()
    };
    table.lines.iter().filter(done).map(read).collect()
}

/// The rows of a table.
pub(super) fn drafts(format: Format, table: &Table, mapping: &Mapping, order: Order) -> Vec<Draft> {
    match format {
        Format::Daylio => daylio(table, order),
        Format::LoopHabit => loop_habit(table, order),
        Format::HabitBull => habit_bull(table, order),
        Format::Csv | Format::Journal => mapped(table, mapping, order),
    }
}
