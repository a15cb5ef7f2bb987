//! A provider for native tests: canned answers to what a relying party asks, each of which a test may bend.

use crate::testing::{World, vars};
use p256::ecdsa::signature::Signer;
use serde_json::{Value, json};
use sesh_edge::io::{FetchCall, Fetched};
use sesh_edge::native::{Call, Got, Vars};
use sesh_edge::secret::{base64url, sha256};
use sesh_types::contract::identities::PROVIDERS;
use sesh_types::time::Timestamp;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

pub(crate) const NAME: &str = "other";
pub(crate) const PROVIDER: &str = "https://id.example";

/// What the provider knows of a code that it has given out, and how it bends the answer.
#[derive(Clone)]
pub(crate) struct Login {
    pub(crate) claims: Value,
    pub(crate) header: Value,
    pub(crate) user_info: Value,
    /// Signs with a key that it does not publish.
    pub(crate) forged: bool,
    pub(crate) unsigned: bool,
}

#[derive(Default)]
pub(crate) struct Inner {
    codes: BTreeMap<String, (Login, String)>,
    pub(crate) down: bool,
    pub(crate) asked: Vec<String>,
    pub(crate) metadata: Value,
}

#[derive(Clone)]
pub(crate) struct StandIn(pub(crate) Rc<RefCell<Inner>>);

/// An environment with one provider.
pub(crate) fn with_provider() -> Vars {
    let mut vars = vars();
    let providers =
        json!([{ "name": NAME, "issuer": PROVIDER, "client_id": "sesh", "client_secret": "hush hush" }]);
    vars.texts.insert("IDENTITY_PROVIDERS".into(), providers.to_string());
    vars
}

fn p256_key(seed: u8) -> p256::ecdsa::SigningKey {
    p256::ecdsa::SigningKey::from_slice(&[seed; 32]).unwrap()
}

fn ed25519(seed: u8) -> ed25519_compact::KeyPair {
    ed25519_compact::KeyPair::from_seed(ed25519_compact::Seed::new([seed; 32]))
}

impl StandIn {
    /// Stands in for the provider of a world.
    pub(crate) fn of(world: &World) -> Self {
        let inner = Inner { metadata: metadata(), ..Inner::default() };
        let stand_in = Self(Rc::new(RefCell::new(inner)));
        let answering = stand_in.clone();
        world.fleet.outside(move |call, now| answering.answer(call, now));
        stand_in
    }

    fn answer(&self, call: &FetchCall, now: Timestamp) -> Result<Fetched, String> {
        let mut inner = self.0.borrow_mut();
        inner.asked.push(format!("{} {}", call.method(), call.url()));
        if inner.down {
            return Err("no answer within 2400 ms".to_owned());
        }
        let (status, body) = match call.url().strip_prefix(PROVIDER) {
            Some("/.well-known/openid-configuration") => (200, inner.metadata.clone()),
            Some("/jwks") => (200, jwks()),
            Some("/token") => inner.token(call, now),
            Some("/me") => {
                let code = call.header("authorization").unwrap().strip_prefix("Bearer at-").unwrap();
                (200, inner.codes.get(code).unwrap().0.user_info.clone())
            }
            _ => (404, json!({})),
        };
        Ok(Fetched { status, body: body.to_string() })
    }

    /// Lets somebody sign in at the provider who set out with `url`; the code that it hands back.
    pub(crate) fn sign_in(&self, url: &str, bend: impl FnOnce(&mut Login)) -> String {
        let query = query_of(url);
        let claims = json!({ "sub": "subject-1", "nonce": query["nonce"], "email": "ada@example.com",
            "email_verified": true, "name": "Ada" });
        let mut login = Login {
            claims,
            header: json!({ "alg": "ES256", "kid": "es" }),
            user_info: Value::Null,
            forged: false,
            unsigned: false,
        };
        bend(&mut login);
        let mut inner = self.0.borrow_mut();
        let code = format!("code{}", inner.codes.len());
        inner.codes.insert(code.clone(), (login, query["code_challenge"].clone()));
        code
    }
}

impl Inner {
    fn token(&mut self, call: &FetchCall, now: Timestamp) -> (u16, Value) {
        let form = query_of(&format!("?{}", call.body().unwrap()));
        assert_eq!(form["redirect_uri"], format!("https://app.example/auth/providers/{NAME}"));
        // sesh:hush%20hush
        assert_eq!(call.header("authorization"), Some("Basic c2VzaDpodXNoJTIwaHVzaA=="));
        let Some((login, challenge)) = self.codes.get_mut(&form["code"]) else {
            return (400, json!({ "error": "invalid_grant" }));
        };
        if base64url(&sha256(form["code_verifier"].as_bytes())) != *challenge {
            return (400, json!({ "error": "invalid_grant" }));
        }
        // It counts once.
        challenge.clear();
        let mut claims =
            json!({ "iss": PROVIDER, "aud": "sesh", "iat": now.seconds(), "exp": now.seconds() + 300 });
        for (name, value) in login.claims.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let access = format!("at-{}", form["code"]);
        (200, json!({ "access_token": access, "token_type": "Bearer", "id_token": login.written(&claims) }))
    }
}

impl Login {
    fn written(&self, claims: &Value) -> String {
        let part = |part: &Value| base64url(part.to_string().as_bytes());
        let message = format!("{}.{}", part(&self.header), part(claims));
        let seed = if self.forged { 99 } else { 7 };
        let signature = match self.header["alg"].as_str() {
            _ if self.unsigned => Vec::new(),
            Some("EdDSA") => ed25519(seed).sk.sign(&message, None).to_vec(),
            _ => {
                let signature: p256::ecdsa::Signature = p256_key(seed).sign(message.as_bytes());
                signature.to_bytes().to_vec()
            }
        };
        format!("{message}.{}", base64url(&signature))
    }
}

fn metadata() -> Value {
    let at = |path: &str| format!("{PROVIDER}{path}");
    json!({ "issuer": PROVIDER, "authorization_endpoint": at("/auth"), "token_endpoint": at("/token"),
        "jwks_uri": at("/jwks"), "userinfo_endpoint": at("/me"),
        "authorization_response_iss_parameter_supported": true })
}

fn jwks() -> Value {
    let point = p256_key(7).verifying_key().to_encoded_point(false);
    json!({ "keys": [
        { "kty": "EC", "crv": "P-256", "kid": "es", "use": "sig", "x": base64url(point.x().unwrap()),
          "y": base64url(point.y().unwrap()) },
        { "kty": "OKP", "crv": "Ed25519", "kid": "ed", "x": base64url(&ed25519(7).pk[..]) },
        { "kty": "oct", "kid": "hmac", "k": "c2VjcmV0" },
    ] })
}

/// The parameters of an address.
pub(crate) fn query_of(url: &str) -> BTreeMap<String, String> {
    let (_, query) = url.split_once('?').unwrap();
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), decoded(value))).collect()
}

fn decoded(text: &str) -> String {
    let mut bytes = text.bytes();
    let mut out = Vec::new();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
            out.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
        } else {
            out.push(byte);
        }
    }
    String::from_utf8(out).unwrap()
}

/// Somebody on the way to the provider: what their browser keeps, and where it goes.
pub(crate) struct Way {
    pub(crate) browser: String,
    pub(crate) url: String,
    pub(crate) state: String,
}

pub(crate) fn begin(world: &World) -> Way {
    let got = world.internal(Call::new("POST", &format!("{PROVIDERS}/{NAME}/begin")));
    assert_eq!(got.status, 200, "{}", got.text);
    let text = |name: &str| got.json()["data"][name].as_str().unwrap().to_owned();
    let url = text("url");
    Way { browser: text("browser"), state: query_of(&url)["state"].clone(), url }
}

impl Way {
    /// Comes back with a code.
    pub(crate) fn complete(&self, world: &World, code: &str) -> Got {
        self.complete_with(world, &json!({ "code": code, "state": self.state, "iss": PROVIDER }))
    }

    pub(crate) fn complete_with(&self, world: &World, given: &Value) -> Got {
        let body = json!({ "browser": self.browser, "given": given });
        world.post(&format!("{PROVIDERS}/{NAME}/complete"), &body)
    }
}

/// A world with this provider, and the provider.
pub(crate) fn world() -> (World, StandIn) {
    let world = World::with(&with_provider());
    let stand_in = StandIn::of(&world);
    (world, stand_in)
}
