//! The SQL of brands. Every change writes its audit entry and its notice in the same batch.

use super::rules::Checked;
use crate::audit::{Entry, record};
use serde::Deserialize;
use sesh_edge::io::{Batch, Statement};
use sesh_edge::secret::base64;
use sesh_edge::sql;
use sesh_types::contract::brands::Language;
use sesh_types::ids::TenantId;

/// A row whose `body` is a brand, as JSON.
#[derive(Debug, Deserialize)]
pub struct Body {
    /// [`sesh_types::contract::brands::Brand`] as JSON.
    pub body: String,
}

/// A logo's bytes.
#[derive(Debug, Deserialize)]
pub struct LogoRow {
    /// As base64.
    pub png: String,
}

/// A brand as JSON; of a tenant without a row, the platform's.
macro_rules! brand {
    ($before:literal, $after:literal) => {
        concat!(
            $before,
            "json_object('tenant_id', tenants.id, 'display_name', display_name, 'short_name', short_name,
               'accent_hue', coalesce(accent_hue, 150), 'paper_hue', coalesce(paper_hue, 90), 'logo', json(logo),
               'support_email', support_email, 'language', language, 'features_off', json(coalesce(features_off, '[]')),
               'version', coalesce(brands.version, 0))",
            $after,
            " FROM tenants LEFT JOIN brands ON brands.tenant_id = tenants.id WHERE tenants.id = ?1"
        )
    };
}

/// One brand, as JSON.
pub fn one(id: TenantId) -> Statement {
    sql!(brand!("SELECT ", " AS body"), id,)
}

/// Edits the brand that stands at `version` (or at any). Statements: [`EDIT_STATEMENTS`].
pub fn edit(id: TenantId, checked: &Checked, version: Option<i64>, entry: &Entry) -> Batch {
    let Checked { edit, logo } = checked;
    let stands = sql!(
        "INSERT INTO guard (failure, holds)
         SELECT 'not_found', EXISTS (SELECT 1 FROM tenants WHERE id = ?1)
         UNION ALL SELECT 'precondition_failed',
           ?2 IS NULL OR coalesce((SELECT version FROM brands WHERE tenant_id = ?1), 0) = ?2",
        id,
        version,
    );
    let first = sql!("INSERT INTO brands (tenant_id) VALUES (?1) ON CONFLICT (tenant_id) DO NOTHING", id);
    // Addresses do not stand in the audit log: of the one for help, that it changed.
    let audit = record!(
        entry,
        detail "json_object('after', json(?7), 'before', json((SELECT json_object('display_name', display_name,
          'short_name', short_name, 'accent_hue', accent_hue, 'paper_hue', paper_hue,
          'logo', coalesce(json_extract(logo, '$.hash'), NULL), 'language', language,
          'features_off', json(features_off), 'version', version) FROM brands WHERE tenant_id = ?1)))",
        "1"
    );
    let given = |field: bool| i64::from(field);
    let logo_text = logo.as_ref().map(|logo| {
        logo.as_ref().map(|(logo, _)| {
            serde_json::json!({ "hash": logo.hash, "width": logo.width, "height": logo.height }).to_string()
        })
    });
    let change = sql!(
        "UPDATE brands SET version = version + 1,
           display_name = CASE WHEN ?2 = 1 THEN ?3 ELSE display_name END,
           short_name = CASE WHEN ?4 = 1 THEN ?5 ELSE short_name END,
           accent_hue = coalesce(?6, accent_hue), paper_hue = coalesce(?7, paper_hue),
           logo = CASE WHEN ?8 = 1 THEN ?9 ELSE logo END,
           support_email = CASE WHEN ?10 = 1 THEN ?11 ELSE support_email END,
           language = CASE WHEN ?12 = 1 THEN ?13 ELSE language END,
           features_off = coalesce(?14, features_off)
         WHERE tenant_id = ?1",
        id,
        given(edit.display_name.is_some()),
        edit.display_name.clone().flatten(),
        given(edit.short_name.is_some()),
        edit.short_name.clone().flatten(),
        edit.accent_hue,
        edit.paper_hue,
        given(logo_text.is_some()),
        logo_text.flatten(),
        given(edit.support_email.is_some()),
        edit.support_email.clone().flatten(),
        given(edit.language.is_some()),
        edit.language.flatten().map(Language::as_str),
        edit.features_off.as_ref().map(|off| serde_json::json!(off).to_string()),
    );
    let kept = logo.iter().flatten().next();
    let png = sql!(
        "INSERT INTO logos (hash, tenant_id, png, added_at) SELECT ?1, ?2, ?3, ?4 WHERE ?1 IS NOT NULL
         ON CONFLICT (hash, tenant_id) DO UPDATE SET added_at = excluded.added_at",
        kept.map(|(logo, _)| logo.hash.clone()),
        id,
        kept.map(|(_, picture)| base64(&picture.bytes)),
        entry.at,
    );
    let older = sql!(
        "DELETE FROM logos WHERE tenant_id = ?1
           AND hash NOT IN (SELECT hash FROM logos WHERE tenant_id = ?1 ORDER BY added_at DESC, hash LIMIT 3)",
        id,
    );
    let stands = Batch::from(stands).and(first).and(audit).and(change);
    stands.and(png).and(older).and(tell(id))
}

/// How many statements [`edit`] has.
pub const EDIT_STATEMENTS: usize = 7;

/// The notice of a brand as it stands after what came before in the batch.
fn tell(id: TenantId) -> Statement {
    sql!(brand!("INSERT INTO notices (body) SELECT json_object('kind', 'brand', 'brand', ", ")"), id,)
}

/// A logo's bytes, whosever it is: they are shown to everybody.
pub fn logo(hash: &str) -> Statement {
    sql!("SELECT png FROM logos WHERE hash = ?1 LIMIT 1", hash)
}

/// Whose address a host name is, whether that tenant is open, and whether it takes new accounts there.
#[derive(Debug, Deserialize)]
pub struct DoorRow {
    /// The tenant.
    pub tenant_id: TenantId,
    /// 1 when it is open.
    pub is_open: i64,
    /// 1 when nobody signs up there.
    pub sign_up_off: i64,
}

/// The tenant of a host name.
pub fn door(host: &str) -> Statement {
    sql!(
        "SELECT tenants.id AS tenant_id, tenants.status = 'active' AS is_open,
           EXISTS (SELECT 1 FROM json_each(coalesce(brands.features_off, '[]')) WHERE value = 'sign_up') AS sign_up_off
         FROM tenant_domains JOIN tenants ON tenants.id = tenant_domains.tenant_id
         LEFT JOIN brands ON brands.tenant_id = tenants.id WHERE domain = ?1",
        host,
    )
}
