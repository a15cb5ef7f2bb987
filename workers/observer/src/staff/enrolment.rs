//! What a new member of staff sets their password with, once: `se_<staff>_<mac>`. Made of ids with a key that no database
//! holds, so it can be told again to who repeats their request, and none is kept.

use crate::keys::Keyring;
use sesh_edge::secret::{base64url, hmac_sha256, same};
use sesh_types::contract::Token;
use sesh_types::ids::{EnrolmentId, StaffId};

/// The token of an enrolment.
pub fn token(keys: &Keyring, staff: StaffId, enrolment: EnrolmentId) -> Token {
    let key = keys.pepper.key("staff enrolment");
    let mac = hmac_sha256(&key, &[staff.0.as_bytes(), enrolment.0.as_bytes()]);
    Token(format!("se_{}_{}", staff.0.simple(), base64url(&mac)))
}

/// Whose enrolment a token claims to be.
pub fn claimed(presented: &Token) -> Option<StaffId> {
    presented.0.strip_prefix("se_")?.split('_').next()?.parse().ok()
}

/// Whether we made it, for this enrolment.
pub fn made(keys: &Keyring, presented: &Token, staff: StaffId, enrolment: EnrolmentId) -> bool {
    same(&token(keys, staff, enrolment).0, &presented.0)
}
