//! A chunk of the catalogue, from the operator's command line through admin. Rows with the same normalised name
//! are one strain; a row is written only when its content differs, so a chunk may come twice, or after a crash.
//!
//! Between sources: what is unknown to a later source never overwrites what an earlier one knew, and the project's
//! own small catalogue (`house`) never overwrites a real one, in whichever order they come.

use super::rules::{check_row, name_key};
use crate::stash::Text;
use serde::Serialize;
use sesh_edge::http::{Answer, Body, Failure, FleetCaller};
use sesh_edge::idempotency::{IdempotencyKey, Outcome};
use sesh_edge::io::{Batch, Io, Statement};
use sesh_edge::secret::sha256_hex;
use sesh_edge::sql;
use sesh_types::contract::catalogue::{Import, Imported, MAX_ROWS, StrainRow};
use sesh_types::ids::{StrainId, TenantId};
use sesh_types::rules::Issues;
use sesh_types::time::Timestamp;
use std::collections::BTreeMap;

#[derive(Serialize)]
struct Prepared<'a> {
    id: StrainId,
    name_key: String,
    hash: String,
    #[serde(flatten)]
    row: &'a StrainRow,
}

/// Takes a chunk.
///
/// 1. Checks every row; one bad row refuses the chunk, naming it.
/// 2. Counts what is new and what differs, and writes just that, in one batch.
pub(crate) async fn receive(
    _: FleetCaller,
    io: Io,
    key: IdempotencyKey,
    body: Body<Import>,
) -> Result<Answer<Imported>, Failure> {
    let Import { source, rows } = body.value;
    let mut issues = Issues::default();
    issues.text(&source, "source", 1, 40);
    issues.require(rows.len() <= MAX_ROWS, "rows", "too_many", format!("must have at most {MAX_ROWS} rows"));
    rows.iter().enumerate().for_each(|(place, row)| check_row(&mut issues, place, row));
    issues.done()?;
    let all = rows.len();
    // Of rows with one name the last wins, as it would if they came one after the other.
    let prepared: BTreeMap<String, Prepared<'_>> = rows.iter().map(|row| prepare(&source, row)).collect();
    let total = prepared.len();
    let rows = serde_json::to_string(&prepared.values().collect::<Vec<_>>()).map_err(Failure::internal)?;
    let now = io.now();
    let once = key.bind("fleet", &body.bytes, None);
    let batch = once.wrap_foretold(count(&source, &rows, total, all), write(&source, &rows, now), now);
    let result = io.db(batch).await;
    match once.settle(&io, result, Failure::from).await? {
        Outcome::Fresh(rows) => Ok(Answer::data(&rows.one::<Text>(0)?.body)),
        Outcome::Replayed(data) => Ok(Answer::data(&data)),
    }
}

fn prepare<'a>(source: &str, row: &'a StrainRow) -> (String, Prepared<'a>) {
    let key = name_key(&row.name);
    let content = serde_json::to_string(&(source, row)).unwrap_or_default();
    (
        key.clone(),
        Prepared { id: StrainId::of_public(&key), name_key: key, hash: sha256_hex(content.as_bytes()), row },
    )
}

/// What the rows will change, counted before they do: `total` different names among `all` rows.
fn count(source: &str, rows: &str, total: usize, all: usize) -> Statement {
    sql!(
        "SELECT json_object('inserted', CAST(?3 AS INTEGER) - known, 'updated', changed,
           'unchanged', CAST(?4 AS INTEGER) - (CAST(?3 AS INTEGER) - known) - changed) AS body
         FROM (SELECT COUNT(*) AS known,
             COALESCE(SUM(s.content_hash <> r.value ->> 'hash' AND (?2 <> 'house' OR s.source = 'house')), 0) AS changed
           FROM json_each(?1) r JOIN strains s ON s.id = r.value ->> 'id')",
        rows,
        source,
        u32::try_from(total).unwrap_or(u32::MAX),
        u32::try_from(all).unwrap_or(u32::MAX)
    )
}

fn write(source: &str, rows: &str, now: Timestamp) -> Batch {
    let version = sql!(
        "UPDATE catalogue SET version = version + 1 WHERE only_row = 1 AND EXISTS (
           SELECT 1 FROM json_each(?1) r LEFT JOIN strains s ON s.id = r.value ->> 'id'
           WHERE s.id IS NULL OR (s.content_hash <> r.value ->> 'hash' AND (?2 <> 'house' OR s.source = 'house')))",
        rows,
        source
    );
    let strains = sql!(
        "INSERT INTO strains (id, tenant_id, owner_id, name, name_key, slug, type, description, thc_percent,
           cbd_percent, effects, negative_effects, ailments, flavors, terpenes, breeder, parents, source, source_id,
           content_hash, recorded_at)
         SELECT value ->> 'id', ?2, NULL, trim(value ->> 'name'), value ->> 'name_key', value ->> 'slug',
           value ->> 'type', value ->> 'description', value ->> 'thc_percent', value ->> 'cbd_percent',
           value ->> 'effects', value ->> 'negative_effects', value ->> 'ailments', value ->> 'flavors',
           value ->> 'terpenes', value ->> 'breeder', value ->> 'parents', ?3, value ->> 'source_id', value ->> 'hash',
           ?4
         FROM json_each(?1) WHERE true
         ON CONFLICT (name_key) WHERE owner_id IS NULL DO UPDATE SET
           name = excluded.name, slug = excluded.slug, type = COALESCE(excluded.type, type),
           description = COALESCE(excluded.description, description),
           thc_percent = COALESCE(excluded.thc_percent, thc_percent),
           cbd_percent = COALESCE(excluded.cbd_percent, cbd_percent), effects = COALESCE(excluded.effects, effects),
           negative_effects = COALESCE(excluded.negative_effects, negative_effects),
           ailments = COALESCE(excluded.ailments, ailments), flavors = COALESCE(excluded.flavors, flavors),
           terpenes = COALESCE(excluded.terpenes, terpenes), breeder = COALESCE(excluded.breeder, breeder),
           parents = COALESCE(excluded.parents, parents), source = excluded.source, source_id = excluded.source_id,
           content_hash = excluded.content_hash, recorded_at = excluded.recorded_at
         WHERE content_hash <> excluded.content_hash AND (excluded.source <> 'house' OR source = 'house')",
        rows,
        TenantId::CONSUMERS,
        source,
        now
    );
    Batch::from(version).and(strains)
}
