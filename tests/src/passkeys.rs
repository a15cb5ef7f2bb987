//! Passkeys: an authenticator made here, for tests of the routes, and a real Chromium with its virtual authenticator.

use crate::actors::{Anonymous, Caller, PASSWORD, Person};
pub use crate::chromium::Chromium;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// What a page needs to have a passkey of somebody's made.
#[track_caller]
pub fn creation_options(person: &Person) -> Value {
    person.post("/api/v1/me/passkeys/options", &json!({ "password": PASSWORD })).is(200).data()
}

/// What a page needs to have somebody sign in.
#[track_caller]
pub fn request_options() -> Value {
    Anonymous::new().call("POST", "/api/v1/auth/passkey/options").send().is(200).data()
}

/// An authenticator with one passkey that nobody else has.
pub struct Authenticator {
    id: Vec<u8>,
    key: SigningKey,
    user_handle: Value,
}

impl Authenticator {
    /// Makes a passkey as asked; with what the page posts.
    pub fn create(options: &Value) -> (Self, Value) {
        let id = uuid::Uuid::new_v4().into_bytes().to_vec();
        let key = SigningKey::from_slice(&[id.clone(), id.clone()].concat()).unwrap();
        let authenticator = Self { id, key, user_handle: options["user"]["id"].clone() };
        let point = authenticator.key.verifying_key().to_encoded_point(false);
        let cose = [
            &[0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32][..],
            point.x().unwrap(),
            &[0x22, 0x58, 32],
            point.y().unwrap(),
        ];
        let data = [&data(0b0100_0101)[..], &[0; 16], &[0, 16], &authenticator.id, &cose.concat()].concat();
        let head = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58";
        let object = [&head[..], &[u8::try_from(data.len()).unwrap()], &data].concat();
        let response = json!({
            "clientDataJSON": base64url(&client_data("webauthn.create", options)), "attestationObject": base64url(&object)
        });
        (authenticator, json!({ "name": "Telephone", "response": response }))
    }

    /// The id of the passkey.
    pub fn id(&self) -> String {
        base64url(&self.id)
    }

    /// Signs in; what the page posts.
    pub fn get(&self, options: &Value) -> Value {
        let (client_data, data) = (client_data("webauthn.get", options), data(0b0101));
        let signature: Signature = self.key.sign(&[&data[..], &Sha256::digest(&client_data)].concat());
        json!({ "id": self.id(), "delivery": "token", "response": {
            "clientDataJSON": base64url(&client_data), "authenticatorData": base64url(&data),
            "signature": base64url(signature.to_der().as_bytes()), "userHandle": self.user_handle } })
    }
}

/// The origin of the pages that may ask, as the local fleet has it.
pub fn origin() -> String {
    crate::fleet::Worker::Tracker.url().replace("127.0.0.1", "localhost")
}

fn client_data(kind: &str, options: &Value) -> Vec<u8> {
    json!({ "type": kind, "challenge": options["challenge"], "origin": origin(), "crossOrigin": false })
        .to_string()
        .into()
}

/// Authenticator data of one that does not count.
fn data(flags: u8) -> Vec<u8> {
    [&Sha256::digest(b"localhost")[..], &[flags], &[0; 4]].concat()
}
