//! People with a second factor, and the generator that they hold.

use crate::actors::{Caller, PASSWORD, Person};
use crate::fixtures::text;
use crate::http::Reply;
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha1::Sha1;

const STEP_SECONDS: i64 = 30;

#[allow(clippy::disallowed_methods, reason = "a generator goes by the machine's own clock")]
fn seconds() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(since.as_secs()).unwrap()
}

/// A generator of one-time codes, as a telephone has it (RFC 6238).
#[derive(Clone, Debug)]
pub struct Generator(Vec<u8>);

impl Generator {
    /// From the secret that one types.
    pub fn typed(secret: &str) -> Self {
        let value = |letter: char| "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(letter).unwrap();
        let bits: Vec<usize> =
            secret.chars().flat_map(|letter| (0..5).rev().map(move |bit| value(letter) >> bit & 1)).collect();
        let byte = |bits: &[usize]| bits.iter().fold(0, |byte, bit| byte << 1 | u8::try_from(*bit).unwrap());
        Self(bits.chunks_exact(8).map(byte).collect())
    }

    /// The code of this moment, or of so many steps later.
    pub fn code(&self, later: i64) -> String {
        let step = seconds() / STEP_SECONDS + later;
        let mut mac = Hmac::<Sha1>::new_from_slice(&self.0).unwrap();
        mac.update(&step.to_be_bytes());
        let digest = mac.finalize().into_bytes();
        let at = usize::from(digest[19] & 15);
        let number = u32::from_be_bytes(digest[at..at + 4].try_into().unwrap()) & 0x7fff_ffff;
        format!("{:06}", number % 1_000_000)
    }
}

/// Somebody with a second factor.
#[derive(Clone, Debug)]
pub struct Protected {
    /// The person, signed in.
    pub person: Person,
    /// Their generator; the code of the moment was used.
    pub generator: Generator,
    /// Their recovery codes.
    pub codes: Vec<String>,
}

impl Protected {
    /// Somebody who has just signed up and added a generator.
    #[track_caller]
    pub fn new() -> Self {
        let person = Person::new();
        let generator = person.enrol();
        let got =
            person.post("/api/v1/me/factors/totp/confirm", &json!({ "code": generator.code(0) })).is(200);
        let codes = got.data()["recovery_codes"].as_array().unwrap().clone();
        Self {
            person,
            generator,
            codes: codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect(),
        }
    }
}

impl Default for Protected {
    fn default() -> Self {
        Self::new()
    }
}

impl Person {
    /// Begins with a generator.
    #[track_caller]
    pub fn enrol(&self) -> Generator {
        let got = self.post("/api/v1/me/factors/totp", &json!({ "password": PASSWORD })).is(201);
        Generator::typed(&text(&got.data(), "secret"))
    }

    /// Signs in with the password, and takes what the second step wants.
    #[track_caller]
    pub fn challenge(&self) -> String {
        let got = self.try_log_in().refused(401, "second_factor_required");
        text(&got.error()["details"], "challenge")
    }

    /// The second step of signing in, with a `code` or `recovery_code`.
    pub fn bring(&self, challenge: &str, field: &str, code: &str) -> Reply {
        let mut body: Value = json!({ "challenge": challenge, "delivery": "token" });
        body[field] = code.into();
        self.anonymous().post("/api/v1/auth/login/factor", &body)
    }
}
