//! Everything about the caller, after they showed once more who they are.

use super::store;
use crate::audit::{record, seal};
use crate::callers::OnBehalf;
use crate::factors::present;
use crate::factors::routes::{of_rows, reauthenticated};
use crate::grant::UserRow;
use crate::keys::Keyring;
use crate::personal::PersonKey;
use crate::{api_keys, audit, factors, me, passkeys, reauth, switching};
use axum::extract::State;
use serde_json::json;
use sesh_edge::http::{Answer, Body, Failure};
use sesh_edge::io::{Batch, DbError, Io};
use sesh_types::contract::admin::AuditEntry;
use sesh_types::contract::factors::Reauthenticate;
use sesh_types::contract::privacy::IdentityExport;
use sesh_types::ids::PersonId;
use sesh_types::time::Timestamp;
use std::sync::Arc;

/// Entries of the log looked at in one batch.
const STRETCH: i64 = 50_000;
/// Batches at most: a million entries.
const MOST_STRETCHES: u32 = 20;
/// Entries of theirs at most.
const MOST_ENTRIES: usize = 5_000;

/// Exports. It is on record, and a code counts once; so it is no repetition under any key.
///
/// 1. Checks password and code.
/// 2. Records the export.
/// 3. Reads everything with their own key.
pub async fn export(
    behalf: OnBehalf,
    State(keys): State<Arc<Keyring>>,
    body: Body<Reauthenticate>,
) -> Result<Answer<IdentityExport>, Failure> {
    let (io, scope, person) = (behalf.io(), behalf.scope(), behalf.scope().person);
    behalf.read(Batch::new()).await?;
    let (confirmed, good) = reauthenticated(&behalf, &keys, &body.value).await?;
    let entry = behalf.entry("person.exported", json!({}));
    let spent = good.map(|good| good.spend(person, io.now())).unwrap_or_default();
    let noted = Batch::from(confirmed.must_hold()).then(spent).and(record!(&entry)).and(confirmed.release()?);
    behalf.write(noted).await.map_err(explain)?;
    seal::later(io, &keys);
    let read = Batch::from(me::store::read(person))
        .and(store::adult(person))
        .and(store::devices(person))
        .and(factors::store::read(person))
        .and(passkeys::store::list(person))
        .and(switching::store::list(person, scope.tenant))
        .and(api_keys::store::all_of(person));
    let rows = behalf.read(read).await?;
    let profile: UserRow =
        serde_json::from_str(&rows.one::<me::store::Body>(0)?.body).map_err(Failure::internal)?;
    let own = PersonKey::unwrap(&keys, person, profile.wrapped.as_deref())?;
    let row = rows.one::<store::AdultRow>(1)?;
    let devices = rows.all::<store::DeviceRow>(2)?.into_iter().map(|device| device.opened(&own));
    let tenants = rows.all::<switching::store::Body>(5)?;
    let (audit, audit_is_cut) = entries(io, person, row.created_at).await?;
    Answer::of(&IdentityExport {
        profile: profile.user(&keys)?,
        adult_confirmed_at: row.adult_confirmed_at,
        devices: devices.collect::<Result<_, _>>()?,
        factors: of_rows(&rows, (3, 4), &own)?,
        tenants: tenants.iter().map(|row| switching::routes::own(&row.body)).collect::<Result<_, _>>()?,
        api_keys: api_keys::routes::of_rows(&rows, 6)?,
        audit,
        audit_is_cut,
    })
}

/// What the log says of somebody since they signed up, and whether there is more.
async fn entries(io: &Io, person: PersonId, since: Timestamp) -> Result<(Vec<AuditEntry>, bool), Failure> {
    let bounds = io.db(audit::store::bounds(Some(since), None)).await?.one::<audit::store::Bounds>(0)?;
    let mut after = bounds.first.unwrap_or(bounds.through + 1) - 1;
    let mut found = Vec::new();
    for _ in 0..MOST_STRETCHES {
        if after >= bounds.through {
            return Ok((found, false));
        }
        found.extend(store::entries(&io.db(store::audit(person, after, after + STRETCH)).await?)?);
        after += STRETCH;
        if found.len() > MOST_ENTRIES {
            found.truncate(MOST_ENTRIES);
            return Ok((found, true));
        }
    }
    Ok((found, after < bounds.through))
}

fn explain(error: DbError) -> Failure {
    if error.is_refusal("credentials_changed") {
        return reauth::wrong_password();
    }
    if error.is_refusal("code_used") { present::wrong_code() } else { error.into() }
}
