//! What presenting an authentic refresh token comes to: purely.

use sesh_types::time::{DAY_MS, SECOND_MS, Timestamp};

/// A device that stays away this long is signed out.
pub const IDLE_MS: i64 = 30 * DAY_MS;
/// However often it comes back, a device must sign in again after this long.
pub const ABSOLUTE_MS: i64 = 90 * DAY_MS;
/// How long the token before the current one still gets the current one: two tabs at once, or a lost answer.
pub const GRACE_MS: i64 = 10 * SECOND_MS;

/// How a device stands after an attempt to rotate it.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    /// Its generation now.
    pub generation: i64,
    /// When it got that generation.
    pub rotated_at: Timestamp,
    /// Whether it is signed in: not revoked, not expired, its person active.
    pub is_live: bool,
}

/// What an authentic token comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It gets the current generation's tokens.
    Current,
    /// Nobody is signed in by it any more.
    Ended,
    /// It was used before, by somebody else: the device must end.
    Replayed,
}

/// Decides on a token of generation `presented`, when rotating from that generation has just succeeded or not.
pub fn judge(presented: i64, rotated: bool, standing: Option<Standing>, now: Timestamp) -> Verdict {
    let Some(standing) = standing.filter(|standing| standing.is_live) else { return Verdict::Ended };
    let behind = standing.generation - presented;
    let lately = now.0 - standing.rotated_at.0 <= GRACE_MS;
    match behind {
        1 if rotated || lately => Verdict::Current,
        1.. => Verdict::Replayed,
        // Of a generation that is yet to come: the database was set back. Nobody did anything wrong.
        _ => Verdict::Ended,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case() {
        let at = |generation, is_live| Some(Standing { generation, rotated_at: Timestamp(0), is_live });
        let soon = Timestamp(GRACE_MS);
        let late = Timestamp(GRACE_MS + 1);
        for (presented, rotated, standing, now, verdict) in [
            (4, true, at(5, true), late, Verdict::Current),
            (4, false, at(5, true), soon, Verdict::Current),
            (4, false, at(5, true), late, Verdict::Replayed),
            (3, false, at(5, true), soon, Verdict::Replayed),
            (5, false, at(5, true), soon, Verdict::Ended),
            (6, false, at(5, true), soon, Verdict::Ended),
            (4, false, at(5, false), soon, Verdict::Ended),
            (3, false, at(5, false), late, Verdict::Ended),
            (4, false, None, soon, Verdict::Ended),
        ] {
            assert_eq!(
                judge(presented, rotated, standing, now),
                verdict,
                "{presented} {rotated} {standing:?} {now:?}"
            );
        }
    }
}
