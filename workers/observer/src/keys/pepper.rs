//! The pepper, and what it is mixed into: password hashes (Argon2id, RFC 9106) and hashes of things that could be
//! guessed from a copy of the database.

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use sesh_edge::http::Failure;
use sesh_edge::secret::{hex, hmac_sha256};
use sesh_edge::text::nfkc;

/// 19 MiB, two passes, one lane: OWASP's and RFC 9106's advice where memory is scarce.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// How much work a hash is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Work {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

const TODAY: Work = Work { memory_kib: MEMORY_KIB, passes: PASSES, lanes: LANES };

/// A secret that is mixed into hashes and stands in no database.
pub struct Pepper {
    secret: [u8; 32],
    work: Work,
}

/// What a password turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Not the person's.
    Wrong,
    /// The person's.
    Right,
    /// The person's, but hashed with other parameters than today's.
    RightButOld,
}

/// A password as it is hashed: however the keyboard composes it (NFKC, as NIST SP 800-63B asks).
pub fn normalised(password: &str) -> String {
    nfkc(password)
}

impl Pepper {
    /// With this secret.
    pub fn new(secret: [u8; 32]) -> Self {
        Self { secret, work: TODAY }
    }

    /// The same, but hashing is next to no work: for simulations that sign in a million times. A Worker cannot be built
    /// with it, as it does not exist in WebAssembly.
    #[cfg(not(target_arch = "wasm32"))]
    #[must_use]
    pub fn with_worthless_hashes_for_simulation(self) -> Self {
        Self { work: Work { memory_kib: 8, passes: 1, lanes: 1 }, ..self }
    }

    /// What nobody's password hashes to: checking against it is the same work as checking a real one.
    fn nobody(&self) -> String {
        let Work { memory_kib, passes, lanes } = self.work;
        format!(
            "$argon2id$v=19$m={memory_kib},t={passes},p={lanes}$c2VzaC1ub2JvZHktaGVyZQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        )
    }

    /// A hash of `parts` for one purpose, in hexadecimal: names something without telling what.
    pub fn name(&self, purpose: &str, parts: &[&[u8]]) -> String {
        hex(&hmac_sha256(&self.key(purpose), parts))
    }

    /// A key for one purpose, from which neither the pepper nor another purpose's key follows.
    pub fn key(&self, purpose: &str) -> [u8; 32] {
        hmac_sha256(&self.secret, &[b"sesh-pepper-v1", purpose.as_bytes()])
    }

    /// Hashes a password; returns a PHC string.
    ///
    /// # Errors
    /// A defect, should Argon2 not take its parameters.
    pub fn hash(&self, password: &str, salt: &[u8; 16]) -> Result<String, Failure> {
        let Work { memory_kib, passes, lanes } = self.work;
        let params = Params::new(memory_kib, passes, lanes, None).map_err(Failure::internal)?;
        self.hash_with(params, password, salt)
    }

    fn hash_with(&self, params: Params, password: &str, salt: &[u8; 16]) -> Result<String, Failure> {
        let salt = SaltString::encode_b64(salt).map_err(Failure::internal)?;
        let hash = self.argon2(params)?.hash_password(normalised(password).as_bytes(), &salt);
        hash.map(|hash| hash.to_string()).map_err(Failure::internal)
    }

    /// Checks a password against a stored hash. Where there is none, the work is the same and the answer no.
    ///
    /// # Errors
    /// A defect, when the stored hash is malformed.
    pub fn check(&self, password: &str, stored: Option<&str>) -> Result<Verdict, Failure> {
        let nobody = self.nobody();
        let hash = PasswordHash::new(stored.unwrap_or(&nobody)).map_err(Failure::internal)?;
        let right =
            self.argon2(Params::default())?.verify_password(normalised(password).as_bytes(), &hash).is_ok();
        let params = Params::try_from(&hash).map_err(Failure::internal)?;
        let found = Work { memory_kib: params.m_cost(), passes: params.t_cost(), lanes: params.p_cost() };
        let today = found == self.work;
        Ok(match (right && stored.is_some(), today) {
            (false, _) => Verdict::Wrong,
            (true, true) => Verdict::Right,
            (true, false) => Verdict::RightButOld,
        })
    }

    fn argon2(&self, params: Params) -> Result<Argon2<'_>, Failure> {
        let key = &self.secret;
        Argon2::new_with_secret(key, Algorithm::Argon2id, Version::V0x13, params).map_err(Failure::internal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEPPER: Pepper = Pepper { secret: [9; 32], work: TODAY };

    #[test]
    fn a_password_is_recognised_with_its_pepper_alone() {
        let stored = PEPPER.hash("correct horse", &[1; 16]).unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert_eq!(PEPPER.check("correct horse", Some(&stored)).unwrap(), Verdict::Right);
        assert_eq!(PEPPER.check("correct house", Some(&stored)).unwrap(), Verdict::Wrong);
        assert_eq!(Pepper::new([8; 32]).check("correct horse", Some(&stored)).unwrap(), Verdict::Wrong);
        assert_eq!(PEPPER.check("correct horse", None).unwrap(), Verdict::Wrong);
    }

    #[test]
    fn weaker_parameters_are_noticed() {
        let weak = Params::new(8, 1, 1, None).unwrap();
        let stored = PEPPER.hash_with(weak, "correct horse", &[1; 16]).unwrap();
        assert_eq!(PEPPER.check("correct horse", Some(&stored)).unwrap(), Verdict::RightButOld);
        assert_eq!(PEPPER.check("wrong", Some(&stored)).unwrap(), Verdict::Wrong);
        assert!(PEPPER.check("x", Some("no hash")).is_err());
    }

    #[test]
    fn composed_and_decomposed_letters_are_the_same_password() {
        assert_eq!(normalised("cafe\u{301} 12345"), normalised("caf\u{e9} 12345"));
    }

    #[test]
    fn purposes_do_not_share_names() {
        assert_ne!(PEPPER.name("a", &[b"x"]), PEPPER.name("b", &[b"x"]));
    }
}
