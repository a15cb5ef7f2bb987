//! Signatures as the runtime's own cryptography verifies them.

use crate::io::Signed;
use crate::secret::from_base64url;
use ed25519_compact::{PublicKey, Signature};
use p256::ecdsa::signature::Verifier;

/// Whether a signature is right; what is malformed is wrong.
pub fn verify(signed: &Signed) -> bool {
    let Signed { algorithm, key, signature, message } = signed;
    let [Some(key), Some(signature), Some(message)] =
        [key, signature, message].map(|text| from_base64url(text))
    else {
        return false;
    };
    match *algorithm {
        "ES256" => {
            let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(&key);
            let signature = p256::ecdsa::Signature::from_slice(&signature);
            matches!((key, signature), (Ok(key), Ok(signature)) if key.verify(&message, &signature).is_ok())
        }
        "EdDSA" => {
            let (key, signature) = (PublicKey::from_slice(&key), Signature::from_slice(&signature));
            matches!((key, signature), (Ok(key), Ok(signature)) if key.verify(&message, &signature).is_ok())
        }
        _ => false,
    }
}
