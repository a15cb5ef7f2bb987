//! Showing once more who one is, before something changes by which one gets in: a stolen token alone must not do.

use crate::audit::{Entry, record, seal};
use crate::callers::OnBehalf;
use crate::keys::{Keyring, Verdict};
use crate::throttle::Attempt;
use serde::Deserialize;
use serde_json::json;
use sesh_edge::http::{Failure, Refusal};
use sesh_edge::io::Statement;
use sesh_edge::sql;
use sesh_edge::token::Scope;
use sesh_types::contract::Password;
use sesh_types::envelope::ErrorCode;
use std::sync::Arc;

/// What was checked. A batch that relies on it asks again whether it still holds: [`Confirmed::must_hold`].
#[derive(Debug)]
pub struct Confirmed {
    /// The password's hash.
    pub phc: String,
    attempt: Attempt,
    scope: Scope,
}

#[derive(Deserialize)]
struct AccountRow {
    password_phc: String,
}

/// Checks the password of whoever calls. The try is counted first, and stands until what follows takes it back.
///
/// # Errors
/// `invalid_credentials`; 429 after ten wrong ones; 401 when the token does not count.
pub async fn confirm(
    behalf: &OnBehalf,
    keys: &Arc<Keyring>,
    password: &Password,
) -> Result<Confirmed, Failure> {
    let (io, scope) = (behalf.io(), behalf.scope());
    let attempt = Attempt::to_reauthenticate(keys, scope.person, behalf.request_id(), io.now());
    let rows = behalf.write(attempt.reserve()?.and(account(scope))).await?;
    if let Err(throttled) = attempt.verdict(&rows) {
        seal::later(io, keys);
        return Err(throttled);
    }
    let AccountRow { password_phc: phc } =
        rows.first(attempt.statements())?.ok_or_else(Refusal::unauthorized)?;
    if keys.pepper.check(&password.0, Some(&phc))? == Verdict::Wrong {
        behalf.write(failed(behalf)).await?;
        seal::later(io, keys);
        return Err(wrong_password());
    }
    Ok(Confirmed { phc, attempt, scope })
}

/// Records that somebody signed in did not show who they are.
pub fn failed(behalf: &OnBehalf) -> Statement {
    let entry = Entry {
        tenant: behalf.scope().tenant,
        at: behalf.io().now(),
        actor: behalf.actor(),
        action: "reauthentication.failed",
        entity: behalf.actor(),
        request_id: behalf.request_id().to_owned(),
        detail: json!({ "device": behalf.device() }),
    };
    record!(&entry)
}

/// The one answer to a wrong password of somebody signed in.
pub fn wrong_password() -> Failure {
    Refusal::new(ErrorCode::InvalidCredentials, "The password is wrong.").into()
}

impl Confirmed {
    /// Refuses with `credentials_changed` unless the password is still the one that was checked.
    pub fn must_hold(&self) -> Statement {
        sql!(
            "INSERT INTO guard (failure, holds) SELECT 'credentials_changed', EXISTS (
               SELECT 1 FROM people WHERE id = ?1 AND status = 'active' AND password_phc = ?2)",
            self.scope.person,
            &self.phc,
        )
    }

    /// Takes the try back, as it did not fail.
    ///
    /// # Errors
    /// A defect, when the counters cannot be written as JSON.
    pub fn release(&self) -> Result<Statement, Failure> {
        self.attempt.release()
    }
}

fn account(scope: Scope) -> Statement {
    sql!("SELECT password_phc FROM people WHERE id = ?1", scope.person)
}
