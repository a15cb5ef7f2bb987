//! SQL of presets.

use super::rules::{MOST_PRESETS, NewPreset};
use crate::sessions::rules::Method;
use crate::stash::rules::Form;
use crate::{as_array, rfc3339};
use serde::{Deserialize, Serialize};
use sesh_edge::io::{Batch, Statement};
use sesh_edge::sql;
use sesh_edge::token::Scope;
use sesh_types::amounts::Unit;
use sesh_types::ids::{LotId, PresetId, StrainId};
use sesh_types::time::Timestamp;

/// A way of logging in one tap, and what it would take from now.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Preset {
    /// Its id.
    pub id: PresetId,
    /// What it is called.
    pub name: String,
    /// How it is taken.
    pub method: Method,
    /// From which lot.
    pub lot_id: Option<LotId>,
    /// From lots of this strain.
    pub strain_id: Option<StrainId>,
    /// From lots of this form.
    pub form: Option<Form>,
    /// Milligrams; `null` when it is not known.
    pub quantity_mg: Option<i64>,
    /// What one of it is.
    pub unit: Option<Unit>,
    /// The lot to log it from now: its own if that holds enough, else the newest that fits and does; `null` when none does.
    pub takes_from: Option<LotId>,
    /// When it was made, or changed last.
    pub recorded_at: Timestamp,
}

/// Presets `p` as JSON. The person's lots that hold something are looked through once, not once a preset.
macro_rules! presets {
    ($which:literal) => {
        concat!(
            "WITH held AS MATERIALIZED (
               SELECT id, strain_id, form, balance_mg FROM lots INDEXED BY lots_held
               WHERE tenant_id = ?1 AND person_id = ?2 AND holding = 1 AND balance_mg > 0)
             SELECT json_object('id', p.id, 'name', p.name, 'method', p.method, 'lot_id', p.lot_id,
               'strain_id', p.strain_id, 'form', p.form, 'quantity_mg', p.quantity_mg, 'unit', p.unit,
               'takes_from', COALESCE(
                 (SELECT h.id FROM held h WHERE h.id = p.lot_id AND h.balance_mg >= COALESCE(p.quantity_mg, 1)),
                 (SELECT h.id FROM held h
                  WHERE h.balance_mg >= COALESCE(p.quantity_mg, 1) AND COALESCE(p.strain_id, p.form) IS NOT NULL
                    AND (p.strain_id IS NULL OR h.strain_id = p.strain_id) AND (p.form IS NULL OR h.form = p.form)
                  ORDER BY h.id DESC LIMIT 1)),
               'recorded_at', ",
            rfc3339!("p.recorded_at"),
            ") AS body FROM presets p WHERE p.tenant_id = ?1 AND p.person_id = ?2 ",
            $which
        )
    };
}

/// One page, in the order in which they were made.
pub(crate) fn page(scope: Scope, limit: u32, offset: u32) -> Statement {
    sql!(as_array!(presets!("ORDER BY p.id LIMIT ?3 OFFSET ?4")), scope.tenant, scope.person, limit, offset)
}

/// How many there are.
pub(super) fn count(scope: Scope) -> Statement {
    sql!(
        "SELECT COUNT(*) AS total FROM presets WHERE tenant_id = ?1 AND person_id = ?2",
        scope.tenant,
        scope.person
    )
}

/// One, as `body`.
pub(crate) fn one(scope: Scope, id: PresetId) -> Statement {
    sql!(presets!("AND p.id = ?3"), scope.tenant, scope.person, id)
}

/// Ends the batch unless the person sees what the preset names.
fn names_exist(scope: Scope, preset: &NewPreset) -> Batch {
    Batch::from(sql!(
        "INSERT INTO guard (failure, holds) SELECT 'lot_not_found', ?3 IS NULL OR EXISTS (
           SELECT 1 FROM lots WHERE tenant_id = ?1 AND person_id = ?2 AND id = ?3)",
        scope.tenant,
        scope.person,
        preset.lot_id
    ))
    .and(sql!(
        "INSERT INTO guard (failure, holds) SELECT 'strain_not_found', ?3 IS NULL OR EXISTS (
           SELECT 1 FROM strains WHERE id = ?3 AND (owner_id IS NULL OR (tenant_id = ?1 AND owner_id = ?2)))",
        scope.tenant,
        scope.person,
        preset.strain_id
    ))
}

/// Makes a preset, unless there are enough.
pub(super) fn add(scope: Scope, id: PresetId, preset: &NewPreset, now: Timestamp) -> Batch {
    names_exist(scope, preset)
        .and(sql!(
            "INSERT INTO guard (failure, holds) SELECT 'too_many', COUNT(*) < ?3 FROM presets
             WHERE tenant_id = ?1 AND person_id = ?2",
            scope.tenant,
            scope.person,
            MOST_PRESETS
        ))
        .and(sql!(
            "INSERT INTO presets (tenant_id, person_id, id, name, method, lot_id, strain_id, form, quantity_mg, unit,
               recorded_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            scope.tenant,
            scope.person,
            id,
            preset.name.trim(),
            preset.method.as_str(),
            preset.lot_id,
            preset.strain_id,
            preset.form.map(Form::as_str),
            preset.quantity_mg,
            preset.unit.map(Unit::as_str),
            now
        ))
}

/// Ends the batch unless there is such a preset.
fn exists(scope: Scope, id: PresetId) -> Statement {
    sql!(
        "INSERT INTO guard (failure, holds) SELECT 'not_found', EXISTS (
           SELECT 1 FROM presets WHERE tenant_id = ?1 AND person_id = ?2 AND id = ?3)",
        scope.tenant,
        scope.person,
        id
    )
}

/// Puts another preset in the place of one.
pub(super) fn replace(scope: Scope, id: PresetId, preset: &NewPreset, now: Timestamp) -> Batch {
    Batch::from(exists(scope, id)).then(names_exist(scope, preset)).and(sql!(
        "UPDATE presets SET name = ?4, method = ?5, lot_id = ?6, strain_id = ?7, form = ?8, quantity_mg = ?9, unit = ?10,
           recorded_at = ?11 WHERE tenant_id = ?1 AND person_id = ?2 AND id = ?3",
        scope.tenant,
        scope.person,
        id,
        preset.name.trim(),
        preset.method.as_str(),
        preset.lot_id,
        preset.strain_id,
        preset.form.map(Form::as_str),
        preset.quantity_mg,
        preset.unit.map(Unit::as_str),
        now
    ))
}

/// Takes a preset away.
pub(super) fn delete(scope: Scope, id: PresetId) -> Batch {
    Batch::from(exists(scope, id)).and(sql!(
        "DELETE FROM presets WHERE tenant_id = ?1 AND person_id = ?2 AND id = ?3",
        scope.tenant,
        scope.person,
        id
    ))
}
