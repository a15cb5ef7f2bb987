//! Authorization codes, `ac_<key id>_<id>_<mac>`: made, not kept. What one is for stands in its row; it counts once, for a
//! minute.

use crate::keys::Keyring;
use sesh_edge::secret::{base64url, same, sha256};
use sesh_types::ids::CodeId;
use sesh_types::time::MINUTE_MS;

/// How long a code counts.
pub const COUNTS_MS: i64 = MINUTE_MS;

fn text(keys: &Keyring, key_id: &str, id: CodeId) -> Option<String> {
    let mac = keys.factors.derive(key_id, "sesh-code-v1", &[id.0.as_bytes()])?;
    Some(format!("ac_{key_id}_{}_{}", id.0.simple(), base64url(&mac)))
}

/// The code of a row.
pub fn made(keys: &Keyring, id: CodeId) -> Option<String> {
    text(keys, keys.factors.key_id(), id)
}

/// The row of a code that we made.
pub fn read(keys: &Keyring, code: &str) -> Option<CodeId> {
    let mut parts = code.splitn(4, '_');
    let (prefix, key_id, id) = (parts.next()?, parts.next()?, parts.next()?);
    let id: CodeId = id.parse().ok()?;
    (prefix == "ac" && same(&text(keys, key_id, id)?, code)).then_some(id)
}

/// Whether a verifier is the one of a challenge (RFC 7636, section 4.6).
pub fn verifies(verifier: &str, challenge: &str) -> bool {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let well_formed = (43..=128).contains(&verifier.len()) && verifier.bytes().all(unreserved);
    well_formed && same(&base64url(&sha256(verifier.as_bytes())), challenge)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::keyring;
    use uuid::Uuid;

    #[test]
    fn a_code_of_ours_is_recognised_and_nothing_like_it() {
        let keys = keyring();
        let id = CodeId(Uuid::from_u128(7));
        let code = made(&keys, id).unwrap();
        assert_eq!(read(&keys, &code), Some(id));
        for bad in [
            "",
            "ac",
            "ac___",
            &code[1..],
            &code.replace("07_", "08_"),
            &code.replace("factor1", "factor2"),
            &code.to_uppercase(),
            &format!("{code}A"),
        ] {
            assert_eq!(read(&keys, bad), None, "{bad}");
        }
    }

    #[test]
    fn the_example_of_rfc_7636_verifies() {
        let (verifier, challenge) =
            ("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        assert!(verifies(verifier, challenge));
        assert!(!verifies(challenge, challenge) && !verifies(&verifier[1..], challenge));
        assert!(!verifies("", challenge) && !verifies(&"a".repeat(129), challenge));
    }
}
