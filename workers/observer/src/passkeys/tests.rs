//! Passkeys, through the internal door, with an authenticator made here.

use crate::testing::{PASSWORD, SignedIn, World, race, request};
use ed25519_compact::{KeyPair, Seed};
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use sesh_edge::native::{Call, Got};
use sesh_edge::secret::{base64url, from_base64url, sha256};
use sesh_types::contract::{auth, factors, passkeys};
use sesh_types::time::MINUTE_MS;

const EMAIL: &str = "ada@example.com";
const ORIGIN: &str = "https://app.example";
const PRESENT_AND_VERIFIED: u8 = 0b101;

enum Key {
    P256(Box<SigningKey>),
    Ed25519(KeyPair),
}

/// An authenticator with one passkey.
struct Authenticator {
    id: Vec<u8>,
    key: Key,
    user_handle: String,
    flags: u8,
    count: u32,
    origin: String,
    domain: String,
}

impl Authenticator {
    fn new(key: Key) -> Self {
        let (origin, domain) = (ORIGIN.to_owned(), "app.example".to_owned());
        let id = b"a passkey of these tests".to_vec();
        Self { id, key, user_handle: String::new(), flags: PRESENT_AND_VERIFIED, count: 1, origin, domain }
    }

    fn p256() -> Self {
        Self::new(Key::P256(Box::new(SigningKey::from_slice(&[7; 32]).unwrap())))
    }

    fn ed25519() -> Self {
        Self::new(Key::Ed25519(KeyPair::from_seed(Seed::new([9; 32]))))
    }

    fn client_data(&self, kind: &str, challenge: &str) -> Vec<u8> {
        json!({ "type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false })
            .to_string()
            .into()
    }

    fn data(&self, more_flags: u8) -> Vec<u8> {
        let hash = sha256(self.domain.as_bytes());
        [&hash[..], &[self.flags | more_flags], &self.count.to_be_bytes()].concat()
    }

    /// RFC 9052, section 7.
    fn cose(&self) -> Vec<u8> {
        match &self.key {
            Key::P256(key) => {
                let point = key.verifying_key().to_encoded_point(false);
                let (x, y) = (point.x().unwrap(), point.y().unwrap());
                [&[0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32][..], x, &[0x22, 0x58, 32], y].concat()
            }
            Key::Ed25519(pair) => {
                [&[0xa4, 1, 1, 3, 0x27, 0x20, 6, 0x21, 0x58, 32][..], pair.pk.as_ref()].concat()
            }
        }
    }

    /// What the page posts after `navigator.credentials.create`.
    fn create(&mut self, options: &Value) -> Value {
        self.user_handle = options["user"]["id"].as_str().unwrap().to_owned();
        let length = u16::try_from(self.id.len()).unwrap().to_be_bytes();
        let data = [&self.data(1 << 6), &[0; 16][..], &length, &self.id, &self.cose()].concat();
        let head = [0xa3, 0x63, b'f', b'm', b't', 0x64, b'n', b'o', b'n', b'e', 0x67];
        let size = u8::try_from(data.len()).unwrap();
        let object = [&head[..], b"attStmt", &[0xa0, 0x68], b"authData", &[0x58, size], &data].concat();
        let client_data = self.client_data("webauthn.create", options["challenge"].as_str().unwrap());
        json!({ "name": "Telephone", "response": {
            "clientDataJSON": base64url(&client_data), "attestationObject": base64url(&object) } })
    }

    /// What the page posts after `navigator.credentials.get`.
    fn get(&mut self, options: &Value) -> Value {
        self.count += 1;
        let client_data = self.client_data("webauthn.get", options["challenge"].as_str().unwrap());
        let data = self.data(0);
        let message = [&data[..], &sha256(&client_data)].concat();
        let signature = match &self.key {
            Key::P256(key) => {
                let signature: Signature = key.sign(&message);
                signature.to_der().as_bytes().to_vec()
            }
            Key::Ed25519(pair) => pair.sk.sign(&message, None).to_vec(),
        };
        json!({ "id": base64url(&self.id), "response": {
            "clientDataJSON": base64url(&client_data), "authenticatorData": base64url(&data),
            "signature": base64url(&signature), "userHandle": self.user_handle } })
    }
}

fn as_person(world: &World, person: &SignedIn, path: &str, body: &Value) -> Got {
    world.for_person(person, Call::new("POST", path).json(body))
}

fn creation_options(world: &World, person: &SignedIn) -> Value {
    let got = as_person(world, person, passkeys::OPTIONS, &json!({ "password": PASSWORD }));
    assert_eq!(got.status, 200, "{}", got.text);
    got.json()["data"].clone()
}

fn request_options(world: &World) -> Value {
    world.internal(Call::new("POST", passkeys::LOGIN_OPTIONS)).json()["data"].clone()
}

fn code(got: &Got) -> (u16, String) {
    (got.status, got.json()["error"]["code"].as_str().unwrap_or_default().to_owned())
}

fn refused() -> (u16, String) {
    (401, "invalid_credentials".to_owned())
}

/// Somebody with a passkey.
fn with_passkey(world: &World, mut authenticator: Authenticator) -> (SignedIn, Authenticator) {
    let ada = world.register(EMAIL);
    let body = authenticator.create(&creation_options(world, &ada));
    let got = as_person(world, &ada, passkeys::PASSKEYS, &body);
    assert_eq!(got.status, 201, "{}", got.text);
    (ada, authenticator)
}

#[test]
fn a_passkey_is_made_and_signs_in_by_itself() {
    for authenticator in [Authenticator::p256(), Authenticator::ed25519()] {
        let world = World::new();
        let (ada, mut authenticator) = with_passkey(&world, authenticator);
        let body = authenticator.get(&request_options(&world));
        let again = world.signed_in(&world.post(passkeys::LOGIN, &body));
        assert_eq!(again.subject.person, ada.subject.person);
        assert!(world.counts(&again));
        let listed =
            world.for_person(&ada, Call::new("GET", factors::FACTORS)).json()["data"]["passkeys"].clone();
        assert_eq!(
            (&listed[0]["name"], &listed[0]["last_used_at"]),
            (&json!("Telephone"), &json!(world.fleet.now().to_string()))
        );
        assert_eq!(world.audited(), ["person.registered", "factor.added", "login.succeeded"]);
        assert_eq!(world.fleet.mails().pop().unwrap().subject, "A passkey was added");
    }
}

#[test]
fn a_challenge_counts_once_in_time_and_for_its_person() {
    let world = World::new();
    let (ada, mut authenticator) = with_passkey(&world, Authenticator::p256());
    let options = request_options(&world);
    assert_eq!(world.post(passkeys::LOGIN, &authenticator.get(&options)).status, 200);
    assert_eq!(
        code(&world.post(passkeys::LOGIN, &authenticator.get(&options))),
        refused(),
        "answered before"
    );
    let old = request_options(&world);
    world.fleet.pass_ms(5 * MINUTE_MS);
    assert_eq!(code(&world.post(passkeys::LOGIN, &authenticator.get(&old))), refused(), "too late");
    let options = creation_options(&world, &ada);
    assert_eq!(
        code(&world.post(passkeys::LOGIN, &authenticator.get(&options))),
        refused(),
        "of the other ceremony"
    );
    let bob = world.register("bob@example.com");
    let mut other = Authenticator::ed25519();
    other.id = b"another".to_vec();
    assert_eq!(
        as_person(&world, &bob, passkeys::PASSKEYS, &other.create(&options)).status,
        422,
        "Ada's challenge"
    );
    assert_eq!(as_person(&world, &ada, passkeys::PASSKEYS, &other.create(&options)).status, 201);
    let mut third = Authenticator::ed25519();
    third.id = b"a third".to_vec();
    assert_eq!(
        as_person(&world, &ada, passkeys::PASSKEYS, &third.create(&options)).status,
        422,
        "answered before"
    );
}

#[test]
fn what_an_authenticator_says_must_be_ours_verified_and_signed() {
    let world = World::new();
    let (_, mut authenticator) = with_passkey(&world, Authenticator::p256());
    let mut attempt = |change: fn(&mut Authenticator), mend: fn(&mut Value)| {
        let before = (authenticator.flags, authenticator.origin.clone(), authenticator.domain.clone());
        change(&mut authenticator);
        let mut body = authenticator.get(&request_options(&world));
        mend(&mut body);
        (authenticator.flags, authenticator.origin, authenticator.domain) = before;
        code(&world.post(passkeys::LOGIN, &body))
    };
    assert_eq!(attempt(|authenticator| authenticator.flags = 1, |_| ()), refused(), "nobody was verified");
    assert_eq!(
        attempt(|authenticator| authenticator.origin = "https://evil.example".into(), |_| ()),
        refused()
    );
    assert_eq!(attempt(|authenticator| authenticator.domain = "evil.example".into(), |_| ()), refused());
    assert_eq!(attempt(|_| (), |body| body["response"]["userHandle"] = "AAAA".into()), refused());
    assert_eq!(attempt(|_| (), |body| body["id"] = "AAAA".into()), refused(), "an unknown passkey");
    let tamper = |body: &mut Value| {
        let mut bytes = from_base64url(body["response"]["authenticatorData"].as_str().unwrap()).unwrap();
        bytes[36] ^= 1;
        body["response"]["authenticatorData"] = base64url(&bytes).into();
    };
    assert_eq!(attempt(|_| (), tamper), refused(), "changed after it was signed");
    assert_eq!(attempt(|_| (), |_| ()).0, 200, "nothing else was wrong");
}

#[test]
fn a_clone_that_counts_from_before_is_refused_and_on_record() {
    let world = World::new();
    let (_, mut authenticator) = with_passkey(&world, Authenticator::p256());
    let before = authenticator.count;
    assert_eq!(world.post(passkeys::LOGIN, &authenticator.get(&request_options(&world))).status, 200);
    authenticator.count = before;
    assert_eq!(code(&world.post(passkeys::LOGIN, &authenticator.get(&request_options(&world)))), refused());
    assert!(world.column("SELECT detail FROM audit WHERE action = 'login.failed'")[0].contains("cloned"));
}

#[test]
fn a_passkey_ends_with_suspension_and_removal() {
    let world = World::new();
    let (ada, mut authenticator) = with_passkey(&world, Authenticator::p256());
    let id = base64url(&authenticator.id);
    let remove = |person: &SignedIn, password: &str| {
        as_person(&world, person, passkeys::REMOVE, &json!({ "id": id, "password": password })).status
    };
    let bob = world.register("bob@example.com");
    assert_eq!((remove(&bob, PASSWORD), remove(&ada, "wrong guess")), (404, 401));
    world.suspend(&ada);
    assert_eq!(code(&world.post(passkeys::LOGIN, &authenticator.get(&request_options(&world)))), refused());
    let reinstate = format!("{}/{}/reinstate", sesh_types::contract::admin::PEOPLE, ada.subject.person);
    assert_eq!(world.as_admin(Call::new("POST", &reinstate)).status, 200);
    let body = authenticator.get(&request_options(&world));
    let ada = world.signed_in(&world.post(passkeys::LOGIN, &body));
    assert_eq!(remove(&ada, PASSWORD), 204);
    assert_eq!(code(&world.post(passkeys::LOGIN, &authenticator.get(&request_options(&world)))), refused());
    world.login(EMAIL);
}

#[test]
fn of_many_who_bring_one_answer_one_is_signed_in() {
    for seed in 0..20 {
        let world = World::new();
        let (_, mut authenticator) = with_passkey(&world, Authenticator::p256());
        let body = authenticator.get(&request_options(&world));
        let outcomes = race(&world, (0..8).map(|_| request(passkeys::LOGIN, &body, None)).collect(), seed);
        assert_eq!(outcomes.iter().filter(|(status, _)| *status == 200).count(), 1, "seed {seed}");
        assert_eq!(world.number("SELECT COUNT(*) FROM devices"), 2, "seed {seed}");
    }
}

#[test]
fn asking_writes_nothing_and_a_repeated_answer_signs_in_once() {
    let world = World::new();
    let (_, mut authenticator) = with_passkey(&world, Authenticator::p256());
    let before = world.everything();
    let options = request_options(&world);
    assert_eq!(world.everything(), before);
    let body = authenticator.get(&options);
    let keyed =
        || world.internal(Call::new("POST", passkeys::LOGIN).header("idempotency-key", "k").json(&body));
    let (first, again) = (keyed(), keyed());
    assert_eq!((first.status, &first.text), (200, &again.text));
    assert_eq!(world.number("SELECT COUNT(*) FROM devices"), 2);
    assert_eq!(world.post(auth::LOGIN, &json!({ "email": EMAIL, "password": PASSWORD })).status, 200);
}
