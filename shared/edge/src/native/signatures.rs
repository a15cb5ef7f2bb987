//! Signatures as the runtime's own cryptography verifies them.

use crate::io::Signed;
use crate::secret::from_base64url;
use ed25519_compact::{PublicKey, Signature};
use p256::ecdsa::signature::Verifier;

/// Whether a signature is right; what is malformed is wrong.
pub fn verify(signed: &Signed) -> bool {
    let Signed { algorithm, key, signature, message } = signed;
    if *algorithm == "RS256" {
        return verify_rsa(key, signature, message).is_some();
    }
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

/// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017, section 8.2.2), of keys as JWKs have them.
fn verify_rsa(key: &str, signature: &str, message: &str) -> Option<()> {
    let (n, e) = key.split_once('.')?;
    let (n, e) = (from_base64url(n)?, from_base64url(e)?);
    let key = ring::signature::RsaPublicKeyComponents { n: &n, e: &e };
    let (message, signature) = (from_base64url(message)?, from_base64url(signature)?);
    key.verify(&ring::signature::RSA_PKCS1_2048_8192_SHA256, &message, &signature).ok()
}
