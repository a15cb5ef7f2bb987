//! What an authenticator says (`WebAuthn`, level 3), and whether it is what was asked for. Purely, but for the signature,
//! which the runtime verifies.

use super::cbor::Value;
use serde::Deserialize;
use sesh_edge::secret::{from_base64url, sha256};

/// Flags of authenticator data (section 6.1).
const USER_PRESENT: u8 = 1;
const USER_VERIFIED: u8 = 1 << 2;
const BACKED_UP: u8 = 1 << 4;
const ATTESTED: u8 = 1 << 6;
/// Longer ids are not used by authenticators (section 4, "credential ID").
const MOST_ID_BYTES: usize = 1023;

/// Which of the two ceremonies it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ceremony {
    /// Making a passkey.
    Create,
    /// Signing in with one.
    Get,
}

/// Whom an authenticator may answer: the relying party.
#[derive(Clone, Debug)]
pub struct RelyingParty {
    /// A domain, of which every origin is or is below.
    pub id: String,
    /// The origins of the pages that may ask.
    pub origins: Vec<String>,
}

#[derive(Deserialize)]
struct ClientData {
    #[serde(rename = "type")]
    kind: String,
    challenge: String,
    origin: String,
    #[serde(default, rename = "crossOrigin")]
    cross_origin: bool,
}

/// The challenge that the client says it answers, if it says so of this ceremony, on one of our pages (sections 7.1 and
/// 7.2, steps on `C`).
pub fn challenge(client_data: &[u8], ceremony: Ceremony, party: &RelyingParty) -> Option<Vec<u8>> {
    let data: ClientData = sesh_edge::json::read(client_data).ok()?;
    let kind = match ceremony {
        Ceremony::Create => "webauthn.create",
        Ceremony::Get => "webauthn.get",
    };
    let ours = data.kind == kind && !data.cross_origin && party.origins.contains(&data.origin);
    ours.then(|| from_base64url(&data.challenge)).flatten()
}

/// What an authenticator says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said<'a> {
    /// How often it says that it signed; 0 when it does not count.
    pub sign_count: u32,
    /// Whether copies of the passkey are kept elsewhere.
    pub is_backed_up: bool,
    /// Whether a new key follows.
    attested: bool,
    rest: &'a [u8],
}

/// Reads authenticator data (section 6.1): of our domain, with the person present and verified.
pub fn said<'a>(data: &'a [u8], party: &RelyingParty) -> Option<Said<'a>> {
    let (hash, rest) = data.split_at_checked(32)?;
    let (flags, rest) = rest.split_first()?;
    let (count, rest) = rest.split_first_chunk::<4>()?;
    let present = flags & USER_PRESENT != 0 && flags & USER_VERIFIED != 0;
    (hash == sha256(party.id.as_bytes()) && present).then(|| Said {
        sign_count: u32::from_be_bytes(*count),
        is_backed_up: flags & BACKED_UP != 0,
        attested: flags & ATTESTED != 0,
        rest,
    })
}

/// How a passkey signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Algorithm {
    /// ECDSA over P-256 with SHA-256.
    #[serde(rename = "ES256")]
    Es256,
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
}

impl Algorithm {
    /// As the database has it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }
}

/// A passkey's public half.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewKey {
    /// The credential's id.
    pub id: Vec<u8>,
    /// How it signs.
    pub algorithm: Algorithm,
    /// The uncompressed point, or the Ed25519 key.
    pub key: Vec<u8>,
}

/// The authenticator data in an attestation object (section 6.5). Which authenticator it is, is not asked for, so what
/// attests to it is not looked at.
pub fn attested_data(object: &[u8]) -> Option<&[u8]> {
    let (object, rest) = Value::read(object)?;
    rest.is_empty().then(|| object.get(&Value::Text("authData"))?.bytes()).flatten()
}

/// The new key in authenticator data (section 6.5.1): AAGUID, id, COSE key.
pub fn new_key(said: &Said<'_>) -> Option<NewKey> {
    let (_aaguid, rest) = said.rest.split_at_checked(16)?;
    let (length, rest) = rest.split_first_chunk::<2>()?;
    let (id, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
    let (cose, _extensions) = Value::read(rest)?;
    let int =
        |key| if let Some(Value::Int(value)) = cose.get(&Value::Int(key)) { Some(*value) } else { None };
    let coordinate =
        |key| cose.get(&Value::Int(key)).and_then(Value::bytes).filter(|bytes| bytes.len() == 32);
    // RFC 9053: kty, alg, crv, x, y.
    let (algorithm, key) = match (int(1)?, int(3)?, int(-1)?) {
        (2, -7, 1) => (Algorithm::Es256, [&[4], coordinate(-2)?, coordinate(-3)?].concat()),
        (1, -8, 6) => (Algorithm::EdDsa, coordinate(-2)?.to_vec()),
        _ => return None,
    };
    let sound = said.attested && (1..=MOST_ID_BYTES).contains(&id.len());
    sound.then(|| NewKey { id: id.to_vec(), algorithm, key })
}

/// What an authenticator signs (section 6.3.3): its data, and the digest of the client's.
pub fn signed(authenticator_data: &[u8], client_data: &[u8]) -> Vec<u8> {
    [authenticator_data, &sha256(client_data)].concat()
}

/// A signature as the runtime wants it: ECDSA's two numbers of 32 bytes each, which authenticators write as ASN.1
/// (section 6.5.5).
pub fn plain_signature(algorithm: Algorithm, signature: &[u8]) -> Option<Vec<u8>> {
    if algorithm == Algorithm::EdDsa {
        return (signature.len() == 64).then(|| signature.to_vec());
    }
    let (0x30, body) = tagged(signature)? else { return None };
    if signature.len() != body.len() + 2 {
        return None;
    }
    let (r, rest) = number(body)?;
    let (s, rest) = number(rest)?;
    rest.is_empty().then(|| [r, s].concat())
}

/// A tag and its content, at most 127 bytes of it.
fn tagged(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let ([tag, length], rest) = bytes.split_first_chunk::<2>()?;
    (*length < 0x80).then(|| rest.get(..usize::from(*length)))?.map(|content| (*tag, content))
}

/// An ASN.1 INTEGER as 32 bytes, and what stands behind it.
fn number(bytes: &[u8]) -> Option<([u8; 32], &[u8])> {
    let (0x02, content) = tagged(bytes)? else { return None };
    let digits: Vec<u8> = content.iter().copied().skip_while(|byte| *byte == 0).collect();
    let mut number = [0; 32];
    let place = 32_usize.checked_sub(digits.len())?;
    number.get_mut(place..)?.copy_from_slice(&digits);
    Some((number, bytes.get(2 + content.len()..)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sesh_edge::secret::base64url;

    fn party() -> RelyingParty {
        RelyingParty { id: "app.example".into(), origins: vec!["https://app.example".into()] }
    }

    #[test]
    fn only_our_pages_may_ask_for_the_ceremony_that_it_is() {
        let data = |kind: &str, origin: &str, more: &str| {
            format!(r#"{{"type":"{kind}","challenge":"{}","origin":"{origin}"{more}}}"#, base64url(b"abc"))
        };
        let ours = data("webauthn.get", "https://app.example", r#","crossOrigin":false,"other":1"#);
        let read = |text: &str, ceremony| challenge(text.as_bytes(), ceremony, &party());
        assert_eq!(read(&ours, Ceremony::Get), Some(b"abc".to_vec()));
        assert_eq!(read(&ours, Ceremony::Create), None);
        for bad in [
            data("webauthn.create", "https://app.example", ""),
            data("webauthn.get", "https://app.example.evil", ""),
            data("webauthn.get", "http://app.example", ""),
            data("webauthn.get", "https://app.example", r#","crossOrigin":true"#),
            "{}".to_owned(),
        ] {
            assert_eq!(read(&bad, Ceremony::Get), None, "{bad}");
        }
    }

    #[test]
    fn the_person_must_be_present_and_verified_for_our_domain() {
        let data = |domain: &str, flags: u8| [&sha256(domain.as_bytes())[..], &[flags, 0, 0, 1, 2]].concat();
        for (domain, flags, counts) in [
            ("app.example", 0b0000_0101, true),
            ("app.example", 0b0001_0101, true),
            ("app.example", 0b0000_0001, false),
            ("app.example", 0b0000_0100, false),
            ("evil.example", 0b0000_0101, false),
        ] {
            let data = data(domain, flags);
            let said = said(&data, &party());
            assert_eq!(said.is_some(), counts, "{domain} {flags:b}");
            assert!(said.is_none_or(|said| said.sign_count == 258 && said.is_backed_up == (flags & 16 != 0)));
        }
        assert_eq!(said(&[0; 36], &party()), None, "too short");
    }

    #[test]
    fn signatures_of_two_numbers_are_read_strictly() {
        let der = |r: &[u8], s: &[u8]| {
            let numbers =
                [&[2, u8::try_from(r.len()).unwrap()], r, &[2, u8::try_from(s.len()).unwrap()], s].concat();
            [&[0x30, u8::try_from(numbers.len()).unwrap()], &numbers[..]].concat()
        };
        let plain = |bytes: &[u8]| plain_signature(Algorithm::Es256, bytes);
        let (long, short) = ([&[0][..], &[0xff; 32]].concat(), [7]);
        let read = plain(&der(&long, &short)).unwrap();
        assert_eq!((&read[..32], &read[32..63], read[63]), (&[0xff; 32][..], &[0; 31][..], 7));
        let good = der(&[1], &[2]);
        for bad in
            [&good[..good.len() - 1], &[&good[..], &[0]].concat(), &der(&[1; 33], &[2]), &[], &[0x30, 0x80]]
        {
            assert_eq!(plain(bad), None, "{bad:x?}");
        }
        assert_eq!(plain_signature(Algorithm::EdDsa, &[1; 64]).map(|bytes| bytes.len()), Some(64));
        assert_eq!(plain_signature(Algorithm::EdDsa, &[1; 63]), None);
    }
}
