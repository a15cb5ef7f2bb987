//! SQL of the export. A diary may be long: each table is read a thousand rows at a time, from where the last thousand
//! ended, each row a JSON text with stable members.

use crate::rfc3339;
use serde::Deserialize;
use sesh_edge::io::Statement;
use sesh_edge::sql;
use sesh_edge::token::Scope;

/// Rows that are read at once.
pub(super) const AT_ONCE: usize = 1_000;

/// Where the last rows ended.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Cursor {
    #[serde(default)]
    pub(super) key: String,
    #[serde(default)]
    pub(super) at: i64,
    #[serde(default)]
    pub(super) seq: i64,
}

/// A row, and where it stands.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Row {
    pub(super) body: String,
    #[serde(flatten)]
    pub(super) cursor: Cursor,
}

/// Live sessions, the oldest first.
pub(super) fn sessions(scope: Scope, after: &Cursor) -> Statement {
    sql!(
        concat!(
            "SELECT json_object('session_id', id, 'occurred_at', ",
            rfc3339!("occurred_at"),
            ", 'method', method, 'items', json(items), 'rating', rating, 'mood_before', mood_before,
               'mood_after', mood_after, 'effects', json(effects), 'notes', notes, 'version', version, 'recorded_at', ",
            rfc3339!("recorded_at"),
            ", 'source', source) AS body, occurred_at AS at, id AS key FROM sessions INDEXED BY sessions_by_time
             WHERE tenant_id = ?1 AND person_id = ?2 AND deleted_at IS NULL AND (occurred_at, id) > (?3, ?4)
             ORDER BY occurred_at, id LIMIT 1000"
        ),
        scope.tenant,
        scope.person,
        after.at,
        &after.key
    )
}

/// Lots with what they hold now.
pub(super) fn lots(scope: Scope, after: &Cursor) -> Statement {
    sql!(
        concat!(
            "SELECT json_object('lot_id', id, 'strain_id', strain_id, 'name', name, 'form', form, 'quantity_mg', quantity_mg,
               'balance_mg', balance_mg, 'price_minor', price_minor, 'currency', currency, 'thc_mg', thc_mg,
               'units', units, 'unit', unit, 'acquired_at', ",
            rfc3339!("acquired_at"),
            ", 'recorded_at', ",
            rfc3339!("recorded_at"),
            ") AS body, id AS key FROM lots WHERE tenant_id = ?1 AND person_id = ?2 AND id > ?3 ORDER BY id LIMIT 1000"
        ),
        scope.tenant,
        scope.person,
        &after.key
    )
}

/// The ledger of every lot.
pub(super) fn entries(scope: Scope, after: &Cursor) -> Statement {
    sql!(
        concat!(
            "SELECT json_object('lot_id', lot_id, 'seq', seq, 'kind', kind, 'delta_mg', delta_mg,
               'balance_after_mg', balance_after_mg, 'counted_mg', counted_mg, 'session_id', session_id,
               'reverses_seq', reverses_seq, 'note', note, 'occurred_at', ",
            rfc3339!("occurred_at"),
            ", 'recorded_at', ",
            rfc3339!("recorded_at"),
            ") AS body, lot_id AS key, recorded_at AS at, seq FROM stash_entries
             WHERE tenant_id = ?1 AND person_id = ?2 AND (lot_id, recorded_at, seq) > (?3, ?4, ?5)
             ORDER BY lot_id, recorded_at, seq LIMIT 1000"
        ),
        scope.tenant,
        scope.person,
        &after.key,
        after.at,
        after.seq
    )
}

/// One's own strains.
pub(super) fn strains(scope: Scope, after: &Cursor) -> Statement {
    sql!(
        concat!(
            "SELECT json_object('strain_id', id, 'name', name, 'type', type, 'description', description,
               'thc_percent', thc_percent, 'cbd_percent', cbd_percent, 'effects', json(effects),
               'ailments', json(ailments), 'flavors', json(flavors), 'terpenes', json(terpenes), 'breeder', breeder,
               'parents', json(parents), 'recorded_at', ",
            rfc3339!("recorded_at"),
            ") AS body, name_key AS key FROM strains
             WHERE tenant_id = ?1 AND owner_id = ?2 AND owner_id IS NOT NULL AND name_key > ?3
             ORDER BY name_key LIMIT 1000"
        ),
        scope.tenant,
        scope.person,
        &after.key
    )
}
