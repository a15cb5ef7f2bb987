//! Sending what waits in the outbox. A mail is claimed before it is sent and forgotten afterwards, so it is sent once;
//! twice only if whoever sent it was cut off in between, for then nobody knows.

use super::store::{self, ClaimedRow};
use super::{Kind, texts};
use crate::keys::Keyring;
use crate::{invitations, sign_up};
use sesh_edge::http::Failure;
use sesh_edge::io::Io;
use sesh_edge::log;
use sesh_edge::secret::base64url;
use sesh_types::ids::InvitationId;
use sesh_types::time::{MINUTE_MS, SECOND_MS};
use std::sync::Arc;

/// How long a claim keeps others away.
const CLAIMED_MS: i64 = 2 * MINUTE_MS;
/// The wait after the first failure; each further one doubles it.
const BACKOFF_MS: i64 = 30 * SECOND_MS;
/// Mails claimed in one go.
const MOST: u32 = 10;

/// Schedules the delivery of what waits, for after the answer.
pub fn later(io: &Io, keys: &Arc<Keyring>) {
    let (ports, keys) = (io.clone(), keys.clone());
    io.defer(async move {
        // What fails here waits for its next try, which the cron trigger makes.
        let _ = deliver(&ports, &keys).await;
    });
}

/// Sends what is due.
///
/// # Errors
/// When the database does not answer; a mail that nobody takes is no error, but waits.
pub async fn deliver(io: &Io, keys: &Keyring) -> Result<(), Failure> {
    loop {
        let (now, claim) = (io.now(), base64url(&io.random::<12>()));
        let rows = io.db(store::claim(&claim, now, now.plus_ms(CLAIMED_MS), MOST)).await?;
        let claimed = rows.all::<ClaimedRow>(0)?;
        let more = claimed.len() == MOST as usize;
        for row in claimed {
            let settled = match send(io, keys, &row).await {
                Ok(()) => store::done(row.id, &claim),
                Err(cause) => {
                    tell("warn", "mail_not_taken", io, &format!("{}: {cause}", row.id));
                    let wait = BACKOFF_MS << row.attempts.clamp(1, 16).saturating_sub(1);
                    store::later(row.id, &claim, io.now().plus_ms(wait))
                }
            };
            io.db(settled).await?;
        }
        if !more {
            return Ok(());
        }
    }
}

/// Gives up what nobody takes, for the cron trigger.
///
/// # Errors
/// When the database does not answer.
pub async fn bury(io: &Io) -> Result<(), Failure> {
    let rows = io.db(store::bury(io.now())).await?;
    for buried in rows.all::<serde_json::Value>(0)? {
        tell("error", "mail_given_up", io, &buried.to_string());
    }
    Ok(())
}

/// Sends one mail, unless it has become pointless.
async fn send(io: &Io, keys: &Keyring, row: &ClaimedRow) -> Result<(), String> {
    if row.expires_at <= io.now() {
        return Ok(());
    }
    let recipient = row.recipient(keys).map_err(|failure| format!("{failure:?}"))?;
    let token = match row.kind.purpose() {
        None if row.kind == Kind::SignUp => {
            let looked = sign_up::store::look(keys, row, &recipient, io.now());
            let rows = io.db(looked).await.map_err(|error| error.to_string())?;
            let found: sign_up::store::LookedRow = rows.one(1).map_err(|failure| format!("{failure:?}"))?;
            if found.is_taken != 0 {
                return io
                    .mail(texts::write(row.id, Kind::HaveAccount, &recipient, &keys.letterhead, None))
                    .await;
            }
            if found.waits == 0 {
                return Ok(());
            }
            Some(keys.factors.mail_token(sign_up::store::PURPOSE, row.id))
        }
        None if row.kind == Kind::Invitation => {
            let id = InvitationId(row.id.0);
            let open = invitations::store::is_open(id, io.now());
            let rows = io.db(open).await.map_err(|error| error.to_string())?;
            if rows.first::<store::Found>(0).map_err(|failure| format!("{failure:?}"))?.is_none() {
                return Ok(());
            }
            Some(invitations::token(keys, id))
        }
        Some(purpose) => {
            let rows = io
                .db(store::prove(keys, row, &recipient, io.now()))
                .await
                .map_err(|error| error.to_string())?;
            if rows.first::<store::Found>(1).map_err(|failure| format!("{failure:?}"))?.is_none() {
                return Ok(());
            }
            Some(keys.factors.mail_token(purpose.as_str(), row.id))
        }
        None => None,
    };
    let mail = texts::write(row.id, row.kind, &recipient, &keys.letterhead, token.as_ref());
    let named =
        row.named.as_deref().map(|name| texts::Named { name, support_email: row.support_email.as_deref() });
    io.mail(texts::signed(mail, named)).await
}

fn tell(level: &'static str, event: &str, io: &Io, cause: &str) {
    let time = io.now().to_string();
    log::write(&log::Line {
        time,
        level,
        worker: crate::NAME,
        event,
        cause: Some(cause.to_owned()),
        ..log::Line::default()
    });
}
