//! Reading what another Worker of the fleet answered. Its own refusal is handed on as it is; silence, and words that are
//! not the fleet's, are 503: never a success that nobody meant, and never a fault that is not ours.

use crate::http::Failure;
use crate::io::PeerReply;
use serde::de::DeserializeOwned;
use sesh_types::envelope::{Failed, Success};
use std::sync::Arc;

/// Reads an answer that holds something.
///
/// # Errors
/// The peer's own refusal, or 503.
pub fn read<T: DeserializeOwned>(reply: Result<PeerReply, String>) -> Result<Success<T>, Failure> {
    let reply = reply.map_err(Failure::unavailable)?;
    if !(200..300).contains(&reply.status) {
        return Err(refused(reply));
    }
    match serde_json::from_str::<Success<T>>(&reply.body) {
        Ok(said) if said.success => Ok(said),
        Ok(_) => Err(Failure::unavailable("a peer's success says that it is none")),
        Err(error) => Err(strange(reply.status, &error)),
    }
}

/// Reads an answer that holds nothing: 204, and no other.
///
/// # Errors
/// As [`read`].
pub fn done(reply: Result<PeerReply, String>) -> Result<(), Failure> {
    let reply = reply.map_err(Failure::unavailable)?;
    match reply.status {
        204 => Ok(()),
        200..300 => Err(Failure::unavailable(format!("a peer answered {} where 204 was due", reply.status))),
        _ => Err(refused(reply)),
    }
}

fn refused(reply: PeerReply) -> Failure {
    match serde_json::from_str::<Failed>(&reply.body) {
        Ok(failed) if !failed.success && failed.error.code.status() == reply.status => {
            Failure::Relayed(Arc::new(reply))
        }
        Ok(_) => {
            Failure::unavailable(format!("a peer answered {} with the code of another status", reply.status))
        }
        Err(error) => strange(reply.status, &error),
    }
}

/// Says where an answer went wrong without quoting it: it may hold what no log should.
fn strange(status: u16, error: &serde_json::Error) -> Failure {
    let (kind, line, column) = (error.classify(), error.line(), error.column());
    Failure::unavailable(format!(
        "a peer's answer with status {status} has a {kind:?} error at {line}:{column}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Defect;

    fn reply(status: u16, body: &str) -> PeerReply {
        PeerReply { status, body: body.to_owned(), retry_after_seconds: None }
    }

    const REFUSAL: &str =
        r#"{"success":false,"error":{"code":"not_found","message":"There is no such person."}}"#;

    fn is_unavailable(failure: &Failure) -> bool {
        matches!(failure, Failure::Defect(Defect::Unavailable(cause))
            if !cause.contains("secret") && !cause.contains("nothing here"))
    }

    #[test]
    fn hands_on_what_the_fleet_says_and_nothing_else() {
        let good = read::<u32>(Ok(reply(200, r#"{"success":true,"data":7}"#))).unwrap();
        assert_eq!((good.data, good.meta), (7, None));
        assert!(
            matches!(read::<u32>(Ok(reply(404, REFUSAL))), Err(Failure::Relayed(relayed)) if relayed.body == REFUSAL)
        );
        for garbage in [
            Ok(reply(200, "<html>")),
            Ok(reply(200, r#"{"success":true,"data":"secret"}"#)),
            Ok(reply(200, r#"{"success":false,"data":7}"#)),
            Ok(reply(200, REFUSAL)),
            Ok(reply(404, "nothing here")),
            Ok(reply(500, REFUSAL)),
            Ok(reply(302, "")),
            Err("Network connection lost.".to_owned()),
        ] {
            assert!(read::<u32>(garbage).is_err_and(|failure| is_unavailable(&failure)));
        }
    }

    #[test]
    fn nothing_is_done_unless_the_peer_says_so() {
        assert!(done(Ok(reply(204, ""))).is_ok());
        assert!(matches!(done(Ok(reply(404, REFUSAL))), Err(Failure::Relayed(_))));
        for garbage in
            [Ok(reply(200, "<html>It works!</html>")), Ok(reply(404, "{}")), Err("lost".to_owned())]
        {
            assert!(done(garbage).is_err_and(|failure| is_unavailable(&failure)));
        }
    }
}
