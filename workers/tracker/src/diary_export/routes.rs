//! HTTP of the export.

use super::csv;
use super::report::{self, Report, ReportQuery};
use super::store::{self, AT_ONCE, Cursor, Row};
use crate::calendar::Clock;
use crate::members;
use crate::user::UserAlone;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sesh_edge::http::{Answer, Failure, Nothing, Query, Raw, Refusal};
use sesh_edge::io::Statement;
use sesh_edge::token::{Person, Scope};
use sesh_types::envelope::ErrorCode;
use sesh_types::time::{MINUTE_MS, Timestamp};

/// A table of the diary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Table {
    /// Sessions: a row for each thing that was taken, and one for a session without any.
    Sessions,
    /// Lots.
    Stash,
    /// The ledger of every lot.
    Entries,
    /// One's own strains.
    Strains,
}

/// The most rows of a table that one answer holds.
const MOST_ROWS: usize = 50_000;

impl Table {
    /// Columns are only ever added, at the end.
    const fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Sessions => &[
                "session_id",
                "occurred_at",
                "occurred_local",
                "time_zone",
                "method",
                "item",
                "lot_id",
                "strain_id",
                "name",
                "quantity_mg",
                "thc_ug",
                "rating",
                "mood_before",
                "mood_after",
                "effects",
                "notes",
                "version",
                "recorded_at",
                "source",
            ],
            Self::Stash => &[
                "lot_id",
                "strain_id",
                "name",
                "form",
                "quantity_mg",
                "balance_mg",
                "price_minor",
                "currency",
                "thc_mg",
                "units",
                "unit",
                "acquired_at",
                "recorded_at",
            ],
            Self::Entries => &[
                "lot_id",
                "seq",
                "kind",
                "delta_mg",
                "balance_after_mg",
                "counted_mg",
                "session_id",
                "reverses_seq",
                "note",
                "occurred_at",
                "recorded_at",
            ],
            Self::Strains => &[
                "strain_id",
                "name",
                "type",
                "description",
                "thc_percent",
                "cbd_percent",
                "effects",
                "ailments",
                "flavors",
                "terpenes",
                "breeder",
                "parents",
                "recorded_at",
            ],
        }
    }

    fn page(self, scope: Scope, after: &Cursor) -> Statement {
        match self {
            Self::Sessions => store::sessions(scope, after),
            Self::Stash => store::lots(scope, after),
            Self::Entries => store::entries(scope, after),
            Self::Strains => store::strains(scope, after),
        }
    }
}

/// Which table, and for which reader.
#[derive(Clone, Copy, Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CsvQuery {
    /// The table; sessions unless told.
    pub(crate) table: Option<Table>,
    /// Whether a byte order mark stands in front, which some spreadsheets want; not unless told.
    pub(crate) bom: Option<bool>,
}

/// Everything in one's diary.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Diary {
    /// The form of what follows; raised when members change their meaning.
    pub format: u32,
    /// When it was read.
    pub exported_at: Timestamp,
    /// The person's zone.
    pub time_zone: String,
    /// Sessions, the oldest first; members as the columns of the CSV, with `items`.
    pub sessions: Vec<Value>,
    /// Lots.
    pub stash: Vec<Value>,
    /// The ledger of every lot.
    pub entries: Vec<Value>,
    /// One's own strains.
    pub strains: Vec<Value>,
}

/// All rows of a table.
async fn read(person: &Person, table: Table) -> Result<Vec<Row>, Failure> {
    let mut all: Vec<Row> = Vec::new();
    loop {
        let after = all.last().map(|row| row.cursor.clone()).unwrap_or_default();
        let rows: Vec<Row> = person.read(table.page(person.scope(), &after)).await?.all(0)?;
        let count = rows.len();
        all.extend(rows);
        if count < AT_ONCE {
            return Ok(all);
        }
        if all.len() > MOST_ROWS {
            let message =
                "There are more than 50,000 rows. Ask for them page by page at the table's own route.";
            return Err(Refusal::new(ErrorCode::Unprocessable, message).into());
        }
    }
}

fn objects(rows: &[Row]) -> Result<Vec<Value>, Failure> {
    rows.iter().map(|row| serde_json::from_str(&row.body).map_err(Failure::internal)).collect()
}

/// Everything as JSON, read table by table.
pub(crate) async fn json(UserAlone(person): UserAlone, _: Query<Nothing>) -> Result<Answer<Diary>, Failure> {
    let zone = members::read(&person.read(members::one(person.scope())).await?, 0)?.time_zone;
    let mut tables = Vec::new();
    for table in [Table::Sessions, Table::Stash, Table::Entries, Table::Strains] {
        let rows: Vec<String> = read(&person, table).await?.into_iter().map(|row| row.body).collect();
        tables.push(rows.join(","));
    }
    let [sessions, stash, entries, strains] = tables.as_slice() else {
        return Err(Failure::internal("four tables"));
    };
    let zone = serde_json::to_string(&zone).map_err(Failure::internal)?;
    let now = person.io().now();
    Ok(Answer::data(&format!(
        "{{\"format\":1,\"exported_at\":\"{now}\",\"time_zone\":{zone},\"sessions\":[{sessions}],\"stash\":[{stash}],\
         \"entries\":[{entries}],\"strains\":[{strains}]}}"
    )))
}

/// A time as the person's clocks showed it, with their distance from UTC.
fn local(clock: &mut Clock<'_>, time: &str) -> Option<String> {
    let at = Timestamp::parse(time).ok()?;
    let shown = clock.shown(at);
    let minutes = (shown.0 - at.0) / MINUTE_MS;
    let sign = if minutes < 0 { '-' } else { '+' };
    let (hours, rest) = (minutes.abs() / 60, minutes.abs() % 60);
    Some(format!("{}{sign}{hours:02}:{rest:02}", shown.to_string().trim_end_matches('Z')))
}

/// One row for each thing that was taken.
fn session_rows(to: &mut String, columns: &[&str], session: &Value, clock: &mut Clock<'_>) {
    let time = session.get("occurred_at").and_then(Value::as_str).unwrap_or_default();
    let zone = clock.zone();
    let here = serde_json::json!({ "occurred_local": local(clock, time), "time_zone": zone });
    let items = session.get("items").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if items.is_empty() {
        csv::row(to, columns, &[session, &here]);
    }
    for (place, item) in items.iter().enumerate() {
        csv::row(to, columns, &[session, &here, &serde_json::json!({ "item": place + 1 }), item]);
    }
}

/// A table as CSV, in UTF-8.
pub(crate) async fn table(
    UserAlone(person): UserAlone,
    Query(query): Query<CsvQuery>,
) -> Result<Raw, Failure> {
    let zone = members::read(&person.read(members::one(person.scope())).await?, 0)?.time_zone;
    let table = query.table.unwrap_or(Table::Sessions);
    let rows = objects(&read(&person, table).await?)?;
    let columns = table.columns();
    let mut text = String::from(if query.bom == Some(true) { csv::BOM } else { "" });
    csv::header(&mut text, columns);
    let mut clock = Clock::new(&zone);
    for object in &rows {
        match table {
            Table::Sessions => session_rows(&mut text, columns, object, &mut clock),
            _ => csv::row(&mut text, columns, &[object]),
        }
    }
    Ok(Raw {
        status: 200,
        content_type: "text/csv; charset=utf-8",
        cache_control: "private, no-store",
        body: text.into_bytes().into(),
    })
}

/// A report of some days, for whoever one shows it to.
pub(crate) async fn report(
    UserAlone(person): UserAlone,
    Query(query): Query<ReportQuery>,
) -> Result<Answer<Report>, Failure> {
    Answer::of(&report::of(&person, query).await?)
}
