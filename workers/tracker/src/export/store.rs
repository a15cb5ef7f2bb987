//! The SQL of exports. Each row is the JSON text of everything that its table has, but for what the database keeps for
//! itself.

use crate::rfc3339;
use serde::{Deserialize, Serialize};
use sesh_edge::io::Statement;
use sesh_edge::sql;
use sesh_edge::token::Scope;
use sesh_types::ids::{PersonId, TenantId};

/// What somebody writes, in the order in which it is exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Private strains.
    Strains,
    /// Purchases.
    Lots,
    /// The ledger's entries.
    Entries,
    /// Sessions, deleted ones included.
    Sessions,
    /// Ways to log in one tap.
    Presets,
    /// What somebody means to do, goals that ended included.
    Goals,
    /// Tolerance breaks.
    Breaks,
    /// What they brought from elsewhere.
    Imports,
    /// The files of it that still wait.
    ImportPieces,
}

/// All of them.
pub const KINDS: [Kind; 9] = [
    Kind::Strains,
    Kind::Lots,
    Kind::Entries,
    Kind::Sessions,
    Kind::Presets,
    Kind::Goals,
    Kind::Breaks,
    Kind::Imports,
    Kind::ImportPieces,
];

impl Kind {
    /// Before the first row.
    pub const fn start(self) -> &'static str {
        match self {
            Self::Strains => "0",
            Self::Lots
            | Self::Sessions
            | Self::Presets
            | Self::Goals
            | Self::Breaks
            | Self::Imports
            | Self::ImportPieces => "",
            Self::Entries => "[\"\",0,0]",
        }
    }
}

/// A row, and its place: what the next page begins after.
#[derive(Clone, Debug, Deserialize)]
pub struct Row {
    /// The row as JSON.
    pub body: String,
    /// Its place.
    pub place: String,
}

/// A tenant in which somebody wrote.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct TenantRow {
    /// The tenant.
    pub tenant_id: TenantId,
}

/// The tenants in which somebody wrote something that is counted or had their profile told.
pub fn tenants(person: PersonId) -> Statement {
    sql!("SELECT tenant_id FROM members WHERE person_id = ?1 ORDER BY tenant_id", person)
}

/// Up to `limit` rows after a place, in the order of their keys: one step into the index, however many came before.
pub fn page(kind: Kind, scope: Scope, after: &str, limit: u32) -> Statement {
    match kind {
        Kind::Strains => strains(scope, after, limit),
        Kind::Lots => lots(scope, after, limit),
        Kind::Entries => entries(scope, after, limit),
        Kind::Sessions => sessions(scope, after, limit),
        Kind::Presets => presets(scope, after, limit),
        Kind::Goals => goals(scope, after, limit),
        Kind::Breaks => breaks(scope, after, limit),
        Kind::Imports => imports(scope, after, limit),
        Kind::ImportPieces => import_pieces(scope, after, limit),
    }
}

fn strains(scope: Scope, after: &str, limit: u32) -> Statement {
    sql!(
        concat!(
            "SELECT json_object('tenant_id', tenant_id, 'id', id, 'name', name, 'type', type, 'description', description,
               'thc_percent', thc_percent, 'cbd_percent', cbd_percent, 'effects', json(effects),
               'negative_effects', json(negative_effects), 'ailments', json(ailments), 'flavors', json(flavors),
               'terpenes', json(terpenes), 'breeder', breeder, 'parents', json(parents), 'recorded_at', ",
            rfc3339!("recorded_at"),
            ") AS body, CAST(number AS TEXT) AS place
             FROM strains WHERE tenant_id = ?1 AND owner_id = ?2 AND number > CAST(?3 AS INTEGER)
             ORDER BY number LIMIT ?4"
        ),
        scope.tenant,
        scope.person,
        after,
        limit,
    )
}

fn lots(scope: Scope, after: &str, limit: u32) -> Statement {
    sql!(
        concat!(
            "SELECT json_object('tenant_id', tenant_id, 'id', id, 'strain_id', strain_id, 'name', name, 'form', form,
               'quantity_mg', quantity_mg, 'thc_mg', thc_mg, 'units', units, 'unit', unit, 'balance_mg', balance_mg,
               'price_minor', price_minor, 'currency', currency,
               'acquired_at', ",
            rfc3339!("acquired_at"),
            ", 'recorded_at', ",
            rfc3339!("recorded_at"),
            ") AS body, id AS place
             FROM lots WHERE tenant_id = ?1 AND person_id = ?2 AND id > ?3 ORDER BY id LIMIT ?4"
        ),
        scope.tenant,
        scope.person,
        after,
        limit,
    )
}

fn entries(scope: Scope, after: &str, limit: u32) -> Statement {
    sql!(
        concat!(
            "SELECT json_object('tenant_id', tenant_id, 'lot_id', lot_id, 'seq', seq, 'kind', kind, 'delta_mg', delta_mg,
               'balance_after_mg', balance_after_mg, 'session_id', session_id, 'reverses_seq', reverses_seq,
               'counted_mg', counted_mg, 'note', note, 'occurred_at', ",
            rfc3339!("occurred_at"),
            ", 'recorded_at', ",
            rfc3339!("recorded_at"),
            ") AS body, json_array(lot_id, recorded_at, seq) AS place
             FROM stash_entries
             WHERE tenant_id = ?1 AND person_id = ?2
               AND (lot_id, recorded_at, seq) > (?3 ->> 0, ?3 ->> 1, ?3 ->> 2)
             ORDER BY lot_id, recorded_at, seq LIMIT ?4"
        ),
        scope.tenant,
        scope.person,
        after,
        limit,
    )
}

fn sessions(scope: Scope, after: &str, limit: u32) -> Statement {
    sql!(
        concat!(
            "SELECT json_object('tenant_id', tenant_id, 'id', id, 'occurred_at', ",
            rfc3339!("occurred_at"),
            ", 'recorded_at', ",
            rfc3339!("recorded_at"),
            ", 'method', method, 'items', json(items), 'rating', rating, 'mood_before', mood_before,
               'mood_after', mood_after, 'effects', json(effects), 'notes', notes, 'version', version,
               'import_id', import_id, 'source', source, 'deleted_at', ",
            "iif(deleted_at IS NULL, NULL, ",
            rfc3339!("deleted_at"),
            ")) AS body, id AS place
             FROM sessions WHERE tenant_id = ?1 AND person_id = ?2 AND id > ?3 ORDER BY id LIMIT ?4"
        ),
        scope.tenant,
        scope.person,
        after,
        limit,
    )
}

/// A column of milliseconds as RFC 3339, or NULL.
macro_rules! rfc3339_or_null {
    ($column:literal) => {
        concat!("iif(", $column, " IS NULL, NULL, ", rfc3339!($column), ")")
    };
}

fn presets(scope: Scope, after: &str, limit: u32) -> Statement {
    sql!(
        concat!(
            "SELECT json_object('tenant_id', tenant_id, 'id', id, 'name', name, 'method', method, 'lot_id', lot_id,
               'strain_id', strain_id, 'form', form, 'quantity_mg', quantity_mg, 'unit', unit, 'recorded_at', ",
            rfc3339!("recorded_at"),
            ") AS body, id AS place
             FROM presets WHERE tenant_id = ?1 AND person_id = ?2 AND id > ?3 ORDER BY id LIMIT ?4"
        ),
        scope.tenant,
        scope.person,
        after,
        limit,
    )
}

fn goals(scope: Scope, after: &str, limit: u32) -> Statement {
    sql!(
        concat!(
            "SELECT json_object('tenant_id', tenant_id, 'id', id, 'measure', measure, 'per', per, 'target', target,
               'currency', currency, 'started_at', ",
            rfc3339!("started_at"),
            ", 'ended_at', ",
            rfc3339_or_null!("ended_at"),
            ") AS body, id AS place
             FROM goals WHERE tenant_id = ?1 AND person_id = ?2 AND id > ?3 ORDER BY id LIMIT ?4"
        ),
        scope.tenant,
        scope.person,
        after,
        limit,
    )
}

fn breaks(scope: Scope, after: &str, limit: u32) -> Statement {
    sql!(
        concat!(
            "SELECT json_object('tenant_id', tenant_id, 'id', id, 'started_at', ",
            rfc3339!("started_at"),
            ", 'planned_end_at', ",
            rfc3339!("planned_end_at"),
            ", 'ended_at', ",
            rfc3339_or_null!("ended_at"),
            ", 'recorded_at', ",
            rfc3339!("recorded_at"),
            ") AS body, id AS place
             FROM breaks WHERE tenant_id = ?1 AND person_id = ?2 AND id > ?3 ORDER BY id LIMIT ?4"
        ),
        scope.tenant,
        scope.person,
        after,
        limit,
    )
}

fn imports(scope: Scope, after: &str, limit: u32) -> Statement {
    sql!(
        concat!(
            "SELECT json_object('tenant_id', tenant_id, 'id', id, 'format', format, 'state', state,
               'source_hash', source_hash, 'sessions', sessions, 'left_out', left_out, 'recorded_at', ",
            rfc3339!("recorded_at"),
            ", 'settled_at', ",
            rfc3339_or_null!("settled_at"),
            ") AS body, id AS place
             FROM imports WHERE tenant_id = ?1 AND person_id = ?2 AND id > ?3 ORDER BY id LIMIT ?4"
        ),
        scope.tenant,
        scope.person,
        after,
        limit,
    )
}

/// Ten files of two megabytes wait at most.
fn import_pieces(scope: Scope, after: &str, limit: u32) -> Statement {
    sql!(
        concat!(
            "SELECT json_object('tenant_id', tenant_id, 'import_id', import_id, 'piece', piece, 'body', body,
               'expires_at', ",
            rfc3339!("expires_at"),
            ") AS body, import_id || printf('/%06d', piece) AS place
             FROM import_pieces
             WHERE tenant_id = ?1 AND person_id = ?2 AND import_id || printf('/%06d', piece) > ?3
             ORDER BY import_id, piece LIMIT ?4"
        ),
        scope.tenant,
        scope.person,
        after,
        limit,
    )
}
