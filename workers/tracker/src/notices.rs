//! What observer tells: revocations, profiles and tenants. When this has answered, the next call with a revoked token is
//! refused, because every call's own batch asks `revocations`.

use crate::brands::Brands;
use crate::{erasure, live};
use axum::extract::State;
use sesh_edge::http::{Answer, Body, Failure, FleetCaller, Key, NoContent, RequestInfo};
use sesh_edge::io::{Batch, Io, Statement};
use sesh_edge::sql;
use sesh_types::contract::notice::{Notice, Notices};
use sesh_types::contract::tenants::Storage;
use sesh_types::ids::TenantId;
use sesh_types::time::Timestamp;
use std::sync::Arc;

const BYTES_A_MB: i64 = 1_000_000;

/// How much a tenant's people keep.
pub(crate) async fn storage(
    _: FleetCaller,
    io: Io,
    Key(tenant): Key<TenantId>,
) -> Result<Answer<Storage>, Failure> {
    let found = sql!("SELECT storage_bytes AS bytes FROM tenants WHERE id = ?1", tenant);
    Answer::of(&io.db(found).await?.first(0)?.unwrap_or(Storage { bytes: None }))
}

pub(crate) async fn receive(
    _: FleetCaller,
    io: Io,
    info: RequestInfo,
    State(brands): State<Arc<Brands>>,
    body: Body<Notices>,
) -> Result<NoContent, Failure> {
    let batch = body.value.notices.iter().fold(Batch::new(), |batch, notice| batch.and(apply(notice)));
    io.db(batch).await?;
    // Other isolates see it when what they know is old.
    if body.value.notices.iter().any(|notice| matches!(notice, Notice::Brand { .. } | Notice::Tenant { .. }))
    {
        brands.forget();
    }
    live::close_revoked(&io, &body.value.notices, &info.request_id);
    for notice in &body.value.notices {
        if let Notice::Erased { person_id, .. } = notice {
            erasure::erase(&io, *person_id).await?;
        }
    }
    Ok(NoContent::default())
}

fn apply(notice: &Notice) -> Statement {
    match notice {
        Notice::Revoked { subject, min_epoch, expires_at, .. } => sql!(
            "INSERT INTO revocations (subject, min_epoch, expires_at) VALUES (?1, ?2, ?3)
             ON CONFLICT (subject) DO UPDATE SET
               min_epoch = MAX(min_epoch, excluded.min_epoch), expires_at = MAX(expires_at, excluded.expires_at)",
            subject,
            *min_epoch,
            *expires_at,
        ),
        Notice::Profile { tenant_id, person_id, time_zone, version } => sql!(
            "INSERT INTO members (tenant_id, person_id, time_zone, profile_version) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (tenant_id, person_id) DO UPDATE SET
               time_zone = excluded.time_zone, profile_version = excluded.profile_version
             WHERE excluded.profile_version > profile_version",
            *tenant_id,
            *person_id,
            time_zone,
            *version,
        ),
        Notice::Erased { person_id, tenant_ids, erased_at } => erasure::begin(*person_id, tenant_ids, *erased_at),
        Notice::Brand { brand } => sql!(
            "INSERT INTO brands (tenant_id, brand, version) VALUES (?1, ?2, ?3)
             ON CONFLICT (tenant_id) DO UPDATE SET brand = excluded.brand, version = excluded.version
             WHERE excluded.version > version",
            brand.tenant_id,
            serde_json::json!(brand).to_string(),
            brand.version,
        ),
        Notice::Tenant { tenant_id, slug, name, is_active, domains, storage_mb, version } => sql!(
            "INSERT INTO tenants (id, slug, name, is_active, domains, version, max_storage_bytes)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (id) DO UPDATE SET slug = excluded.slug, name = excluded.name,
               is_active = excluded.is_active, domains = excluded.domains, version = excluded.version,
               max_storage_bytes = excluded.max_storage_bytes
             WHERE excluded.version > version",
            *tenant_id,
            slug,
            name,
            i64::from(*is_active),
            serde_json::json!(domains).to_string(),
            *version,
            storage_mb.map(|megabytes| megabytes.saturating_mul(BYTES_A_MB)),
        ),
    }
}

/// Forgets revocations whose last token has expired by itself.
pub(crate) fn forget_expired(now: Timestamp) -> Statement {
    sql!("DELETE FROM revocations WHERE expires_at <= ?1", now)
}
