//! What is said about an import, and what is answered.

use crate::sessions::rules::Method;
use serde::{Deserialize, Serialize};
use sesh_types::amounts::Bare;
use sesh_types::ids::{ImportId, StrainId};
use sesh_types::rules::{Issue, Issues};
use sesh_types::time::Timestamp;
use sesh_types::units::{MAX_ENTRY_MG, MIN_ENTRY_MG};

/// Whose file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Any table whose first row names its columns.
    Csv,
    /// Daylio's CSV: entries with a mood and activities.
    Daylio,
    /// Loop Habit Tracker's `Checkmarks.csv`: a column for each habit.
    LoopHabit,
    /// `HabitBull`'s CSV: a row for each habit and day.
    HabitBull,
    /// The `PsychonautWiki` Journal's JSON: experiences with ingestions.
    Journal,
}

impl Format {
    /// As the database spells it.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Daylio => "daylio",
            Self::LoopHabit => "loop_habit",
            Self::HabitBull => "habit_bull",
            Self::Journal => "journal",
        }
    }
}

/// A file to look at.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewImport {
    /// The file's text; the whole body may have 2 MiB.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(min = 1, max = 2_097_152)))]
    pub source: String,
    /// Whose file it is; found out unless told.
    #[serde(default)]
    pub format: Option<Format>,
}

/// Which column holds what, by its name. Only a `csv` is mapped.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Mapping {
    /// When it was, or the day alone.
    pub date: Option<String>,
    /// The time of day, if it has a column of its own.
    pub time: Option<String>,
    /// How it was taken.
    pub method: Option<String>,
    /// What it was: a strain or a product.
    pub name: Option<String>,
    /// How much it was.
    pub amount: Option<String>,
    /// 1 to 5.
    pub rating: Option<String>,
    /// 1 to 5.
    pub mood_before: Option<String>,
    /// 1 to 5.
    pub mood_after: Option<String>,
    /// What was felt, separated by commas, semicolons or bars.
    pub effects: Option<String>,
    /// Notes.
    pub notes: Option<String>,
}

/// How a file is to be read; what is left out is guessed, and the preview says how.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// Which column holds what.
    pub mapping: Option<Mapping>,
    /// Where the clocks hung: times without a zone are read in it. The person's own unless told.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(min = 1, max = 64)))]
    pub time_zone: Option<String>,
    /// Whether 3/4/2026 is in April.
    pub day_first: Option<bool>,
    /// What an amount without a unit is.
    pub amounts: Option<Bare>,
    /// Milligrams of one unit, where amounts are counted.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 1, max = 10_000_000)))]
    pub unit_mg: Option<i64>,
    /// How it was taken where the file does not say.
    pub method: Option<Method>,
    /// Which habits, activities or substances were seshes, by their names; those that sound like it unless told.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(max = 50)))]
    pub only: Option<Vec<String>>,
}

impl Options {
    /// Checks every field.
    ///
    /// # Errors
    /// All that is wrong.
    pub(super) fn check(&self) -> Result<(), Vec<Issue>> {
        let mut issues = Issues::default();
        if let Some(zone) = &self.time_zone {
            let known = sesh_edge::zone::exists(zone);
            issues.require(
                known,
                "time_zone",
                "unknown_time_zone",
                "must be an IANA time zone, such as Europe/Berlin",
            );
        }
        if let Some(unit) = self.unit_mg {
            issues.within(unit, "unit_mg", MIN_ENTRY_MG, MAX_ENTRY_MG);
        }
        if let Some(only) = &self.only {
            issues.require(only.len() <= 50, "only", "too_many", "must have at most 50 names");
            for (place, name) in only.iter().enumerate() {
                issues.text(name, &format!("only[{place}]"), 1, 200);
            }
        }
        issues.done()
    }
}

/// Where an import stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It was looked at; nothing was taken in. Its file is kept for a day.
    Previewed,
    /// Its sessions were taken in.
    Confirmed,
    /// Its sessions were taken away again, or it was thrown away before.
    Undone,
}

/// An import.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Import {
    /// Its id.
    pub id: ImportId,
    /// Whose file it was.
    pub format: Format,
    /// Where it stands.
    pub state: State,
    /// When it was brought.
    pub recorded_at: Timestamp,
    /// When it was taken in or undone.
    pub settled_at: Option<Timestamp>,
    /// Sessions that it made.
    pub sessions: Option<i64>,
    /// Rows that made none.
    pub left_out: Option<i64>,
}

/// How sure the time of a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Sure {
    /// It is.
    Yes,
    /// Clocks showed it twice that night; the first was taken.
    ShownTwice,
    /// Clocks jumped over it; it was put after the jump.
    NeverShown,
    /// Only the day is known; it was put at noon.
    DayOnly,
}

/// A row as a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Ready {
    /// The line on which it begins, or which one of the ingestions it is, from 1.
    pub line: u64,
    /// When it was.
    pub occurred_at: Timestamp,
    /// How sure that is.
    pub time_is_sure: Sure,
    /// How it was taken.
    pub method: Method,
    /// What it was.
    pub name: Option<String>,
    /// The strain of exactly that name; told of the first rows of a preview.
    pub strain_id: Option<StrainId>,
    /// Milligrams; `null` when it is not known.
    pub quantity_mg: Option<i64>,
    /// Micrograms of THC; `null` when it is not known.
    pub thc_ug: Option<i64>,
    /// 1 to 5.
    pub rating: Option<i64>,
    /// 1 to 5.
    pub mood_before: Option<i64>,
    /// 1 to 5.
    pub mood_after: Option<i64>,
    /// What was felt.
    pub effects: Vec<String>,
    /// Notes.
    pub notes: Option<String>,
}

/// Why a row is no session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// There is no time, or none that is understood.
    NoTime,
    /// It is from before 1970.
    TooOld,
    /// It is from the future.
    InFuture,
    /// It is no amount.
    NotAnAmount,
    /// It is not 1 to 5.
    NotOneToFive,
    /// It is longer than may be kept, or not text.
    TooLong,
    /// There are more of them than may be kept.
    TooMany,
}

/// A row that is no session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Bad {
    /// The line on which it begins, or which one of the ingestions it is, from 1.
    pub line: u64,
    /// What of it is wrong, as a mapping names it.
    pub field: &'static str,
    /// Why, for programs.
    pub code: Why,
    /// What stands there, as far as 40 characters.
    pub value: Option<String>,
    /// What is wrong, as it goes on after "This row".
    pub reason: String,
}

/// Something by whose name rows are chosen: a habit, an activity, a substance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Choice {
    /// Its name.
    pub name: String,
    /// Rows that name it.
    pub rows: u64,
    /// Whether they are taken in.
    pub chosen: bool,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What stands in its first rows.
    pub samples: Vec<String>,
}

/// What would be taken in.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Preview {
    /// The import.
    pub import: Import,
    /// The same file, taken in before.
    pub same_as: Option<ImportId>,
    /// Its columns; none for a journal.
    pub columns: Vec<Column>,
    /// Which column holds what, as told or as guessed.
    pub mapping: Mapping,
    /// In which zone times without one are read.
    pub time_zone: String,
    /// Whether 3/4/2026 is in April.
    pub day_first: bool,
    /// Whether that was guessed, and dates could be read either way.
    pub dates_are_two_faced: bool,
    /// What an amount without a unit is.
    pub amounts: Bare,
    /// By which names rows are chosen.
    pub choices: Vec<Choice>,
    /// Sessions that it would make.
    pub sessions: u64,
    /// Rows that are not chosen.
    pub left_out: u64,
    /// Rows that are no sessions.
    pub bad_rows: u64,
    /// Sessions whose time is not sure.
    pub unsure_times: u64,
    /// The first of the bad rows, at most 50.
    pub bad: Vec<Bad>,
    /// The first sessions, at most 10.
    pub first: Vec<Ready>,
}

/// What was taken in.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Confirmed {
    /// The import.
    pub import: Import,
    /// Rows that are no sessions.
    pub bad_rows: u64,
    /// The first of them, at most 50.
    pub bad: Vec<Bad>,
}
