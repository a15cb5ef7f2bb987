//! Using a key: whether it counts, for this, from there, now; and the count of it.

use super::rules::{self, Verdict};
use super::store::{self, Asked, Facts};
use crate::audit::{Entry, seal};
use crate::callers::Visitor;
use crate::keys::Keyring;
use axum::extract::State;
use serde_json::json;
use sesh_edge::http::{Answer, Body, Failure, Refusal};
use sesh_edge::io::Io;
use sesh_edge::networks;
use sesh_types::access::KeyScope;
use sesh_types::contract::Token;
use sesh_types::contract::keys::{CallLimit, KeyHolder, KeyUse, UseKey};
use sesh_types::envelope::{Details, ErrorCode, QuotaDetails};
use sesh_types::ids::KeyId;
use sesh_types::time::Timestamp;
use std::net::IpAddr;
use std::sync::Arc;

/// A call with a key, as it came in.
pub struct Call<'a> {
    /// What was shown.
    pub shown: &'a Token,
    /// Whether the route is for tenants' keys, or for persons'.
    pub of_tenant: bool,
    /// What the route needs.
    pub needs: &'a [KeyScope],
    /// From where it comes.
    pub address: Option<IpAddr>,
    /// The request.
    pub request_id: &'a str,
}

/// A key that counts, as it stands after this call.
pub struct Used {
    /// The key.
    pub id: KeyId,
    /// How it stands.
    pub facts: Facts,
    /// How it stands with its calls.
    pub limit: CallLimit,
    /// Whether the call may go on; else it has made its calls for now.
    pub is_granted: bool,
}

/// Says for another Worker whether a person's key counts, and counts the call.
pub async fn answer(
    visitor: Visitor,
    State(keys): State<Arc<Keyring>>,
    body: Body<UseKey>,
) -> Result<Answer<KeyUse>, Failure> {
    let call = Call {
        shown: &body.value.key,
        of_tenant: false,
        needs: &body.value.needs,
        address: visitor.client.address,
        request_id: &visitor.request_id,
    };
    let Used { id, facts, limit, is_granted } = count(&visitor.io, &keys, &call).await?;
    if !is_granted {
        return Answer::of(&KeyUse { limit, holder: None });
    }
    let (role, apps) = facts.entitlements()?;
    let person = facts.person_id.ok_or_else(|| Failure::internal("a person's key without a person"))?;
    let epoch = facts.epoch.ok_or_else(|| Failure::internal("a person without an epoch"))?;
    let holder = KeyHolder { key: id, tenant: facts.tenant_id, person, epoch, role, apps };
    Answer::of(&KeyUse { limit, holder: Some(holder) })
}

/// Counts a call with a key.
///
/// # Errors
/// 401 when the key does not count, 403 when it does not count for this or from there or its tenant is closed, 429 when
/// the tenant's calls of the day are made.
pub async fn count(io: &Io, keys: &Arc<Keyring>, call: &Call<'_>) -> Result<Used, Failure> {
    let id = super::read(keys, call.shown).ok_or_else(dead)?;
    let now = io.now();
    let asked = Asked {
        id,
        of_tenant: call.of_tenant,
        place: call.address.map(networks::place).unwrap_or_default(),
        needs: serde_json::to_string(call.needs).map_err(Failure::internal)?,
        now,
    };
    let rows = io.db(store::count(&asked)).await?;
    let (counted, facts) = (rows.first(0)?, rows.first::<Facts>(1)?);
    let verdict = rules::judge(counted.as_ref(), facts.as_ref());
    let facts = facts.ok_or_else(dead)?;
    match verdict {
        Verdict::Granted | Verdict::TooMany => {
            let limit = rules::limit(&facts, now);
            Ok(Used { id, limit, is_granted: verdict == Verdict::Granted, facts })
        }
        Verdict::Dead => Err(dead()),
        Verdict::WrongOwner if call.of_tenant => {
            Err(forbidden("This is a person's key; what concerns a tenant takes the tenant's own."))
        }
        Verdict::WrongOwner => Err(forbidden("This is a tenant's key; what concerns a person takes theirs.")),
        Verdict::TenantInactive => Err(Refusal::tenant_inactive().into()),
        Verdict::WrongAddress => {
            note(io, keys, id, &facts, call).await?;
            Err(forbidden("This key does not count from this address."))
        }
        Verdict::LacksScope => {
            let needs: Vec<&str> = call.needs.iter().map(|scope| scope.as_str()).collect();
            Err(forbidden(&format!("This key lacks a scope; this takes {}.", needs.join(" and "))))
        }
        Verdict::OutOfQuota(limit) => Err(out_of_quota(limit, now)),
    }
}

/// Records a use from where the key does not count. The address itself is not for the log: a keyed hash tells whether two
/// were the same.
async fn note(
    io: &Io,
    keys: &Arc<Keyring>,
    id: KeyId,
    facts: &Facts,
    call: &Call<'_>,
) -> Result<(), Failure> {
    let from = call.address.map(networks::place).unwrap_or_default();
    let name = keys.pepper.name("key address", &[from.as_bytes()]);
    let entry = Entry {
        tenant: facts.tenant_id,
        at: io.now(),
        actor: "anonymous".to_owned(),
        action: "api_key.refused",
        entity: format!("api_key:{id}"),
        request_id: call.request_id.to_owned(),
        detail: json!({ "place": name.get(..32).unwrap_or_default() }),
    };
    io.db(store::refused_there(id, &entry)).await?;
    seal::later(io, keys);
    Ok(())
}

fn dead() -> Failure {
    let message = "This API key does not count: it is unknown, expired or revoked.";
    Refusal::new(ErrorCode::Unauthorized, message).into()
}

fn forbidden(message: &str) -> Failure {
    Refusal::new(ErrorCode::Forbidden, message).into()
}

fn out_of_quota(limit: i64, now: Timestamp) -> Failure {
    let resets_at = rules::next_day(now);
    let message = format!(
        "This tenant may make {limit} calls by API key a day, and has made them. More from {resets_at}."
    );
    let quota =
        QuotaDetails { quota: "calls_a_day".to_owned(), limit, used: None, resets_at: Some(resets_at) };
    let mut refusal = Refusal::new(ErrorCode::QuotaExceeded, message).with(Details::Quota(quota));
    refusal.retry_after_seconds = Some(rules::seconds_until(resets_at, now));
    refusal.into()
}
