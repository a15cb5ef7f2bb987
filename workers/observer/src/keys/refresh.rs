//! Refresh tokens: `rt_<key id>_<device>_<generation>_<mac>`. They are made, not kept: the MAC binds the device, its
//! generation and a nonce that stands in the database, with a key that does not. Likewise what a program refreshes with,
//! `gt_…`, and the cookie of a sign-in at our own pages, `so_…`: the MAC binds what it is for, so none stands for another.

use super::NamedKey;
use sesh_edge::secret::{base64url, hmac_sha256, same};
use sesh_types::contract::Token;
use sesh_types::ids::DeviceId;

/// What a token of a device is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// To refresh a sign-in.
    SignIn,
    /// To refresh what a program was granted.
    Grant,
    /// To be recognised at observer's own pages.
    SignOn,
}

impl Use {
    const fn prefix(self) -> &'static str {
        match self {
            Self::SignIn => "rt",
            Self::Grant => "gt",
            Self::SignOn => "so",
        }
    }

    const fn purpose(self) -> &'static [u8] {
        match self {
            Self::SignIn => b"sesh-refresh-v1",
            Self::Grant => b"sesh-grant-v1",
            Self::SignOn => b"sesh-sign-on-v1",
        }
    }
}

/// Keys by id: the first makes tokens, all of them recognise theirs.
pub struct RefreshKeys {
    first: NamedKey,
    others: Vec<NamedKey>,
}

/// A refresh token as somebody presents it: well-formed, and nothing more is known.
pub struct Presented {
    /// The device that it claims to be of.
    pub device: DeviceId,
    /// The generation that it claims to be of.
    pub generation: i64,
    made_for: Use,
    key_id: String,
    text: String,
}

impl Presented {
    /// Reads the refresh token of a sign-in; nothing when it does not have the form of one.
    pub fn read(token: &Token) -> Option<Self> {
        Self::read_for(Use::SignIn, token)
    }

    /// Reads a token for this use; nothing when it does not have the form of one.
    pub fn read_for(made_for: Use, token: &Token) -> Option<Self> {
        // A MAC in base64url may hold underscores, hence no more than five parts.
        let mut parts = token.0.splitn(5, '_');
        let (prefix, key_id, device, generation) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        if prefix != made_for.prefix() || parts.next()?.len() != 43 {
            return None;
        }
        Some(Self {
            device: device.parse().ok()?,
            generation: generation.parse().ok().filter(|generation| (0..1 << 52).contains(generation))?,
            made_for,
            key_id: key_id.to_owned(),
            text: token.0.clone(),
        })
    }
}

impl RefreshKeys {
    /// With these keys; nothing when there is none.
    pub fn new(keys: Vec<NamedKey>) -> Option<Self> {
        let mut keys = keys.into_iter();
        Some(Self { first: keys.next()?, others: keys.collect() })
    }

    /// The token of a device's generation.
    pub fn token(&self, device: DeviceId, generation: i64, nonce: &str) -> Token {
        self.token_for(Use::SignIn, device, generation, nonce)
    }

    /// The token of a device's generation, for this use.
    pub fn token_for(&self, made_for: Use, device: DeviceId, generation: i64, nonce: &str) -> Token {
        token(made_for, &self.first, device, generation, nonce)
    }

    /// Whether we made this token, the device's nonce being this one.
    pub fn made(&self, presented: &Presented, nonce: &str) -> bool {
        let mut all = std::iter::once(&self.first).chain(&self.others);
        all.find(|(id, _)| *id == presented.key_id).is_some_and(|key| {
            // The whole text is compared, so each token has one spelling.
            same(
                &token(presented.made_for, key, presented.device, presented.generation, nonce).0,
                &presented.text,
            )
        })
    }
}

fn token(made_for: Use, (id, key): &NamedKey, device: DeviceId, generation: i64, nonce: &str) -> Token {
    let parts: [&[u8]; 4] =
        [made_for.purpose(), device.0.as_bytes(), &generation.to_be_bytes(), nonce.as_bytes()];
    let mac = base64url(&hmac_sha256(key, &parts));
    Token(format!("{}_{id}_{}_{generation}_{mac}", made_for.prefix(), device.0.simple()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn keys(names: &[(&str, u8)]) -> RefreshKeys {
        RefreshKeys::new(names.iter().map(|(id, byte)| ((*id).to_owned(), [*byte; 32])).collect()).unwrap()
    }

    #[test]
    fn a_token_of_ours_is_recognised_and_nothing_like_it() {
        let keys = keys(&[("k1", 1)]);
        let device = DeviceId(Uuid::from_u128(7));
        let token = keys.token(device, 3, "nonce");
        let made = |text: &str, nonce: &str| {
            Presented::read(&Token(text.to_owned())).is_some_and(|presented| keys.made(&presented, nonce))
        };
        assert!(made(&token.0, "nonce"));
        assert!(!made(&token.0, "other nonce"));
        assert!(!made(&token.0.replace("_3_", "_4_"), "nonce"), "another generation");
        assert!(!made(&token.0.replace("_3_", "_03_"), "nonce"), "another spelling");
        assert!(!made(&token.0.replace("_3_", "_+3_"), "nonce"), "another spelling");
        assert!(!made(&token.0.replace("k1", "k2"), "nonce"), "an unknown key");
        assert!(!made(&token.0.replace("07_", "08_"), "nonce"), "another device");
        assert!(!made(&token.0.to_uppercase(), "nonce"));
        for text in ["", "rt", "rt____", "rt_k1_x_0_y", &token.0[1..], &format!("{}x", token.0)] {
            assert!(!made(text, "nonce"), "{text}");
        }
    }

    #[test]
    fn a_token_for_one_use_is_none_for_another() {
        let keys = keys(&[("k1", 1)]);
        let device = DeviceId(Uuid::from_u128(7));
        let uses = [Use::SignIn, Use::Grant, Use::SignOn];
        for made_for in uses {
            let Token(text) = keys.token_for(made_for, device, 0, "nonce");
            for other in uses {
                // As it is, and with the other's prefix.
                for text in [text.clone(), text.replacen(made_for.prefix(), other.prefix(), 1)] {
                    let counts = Presented::read_for(other, &Token(text.clone()))
                        .is_some_and(|presented| keys.made(&presented, "nonce"));
                    assert_eq!(counts, other == made_for, "{text} for {other:?}");
                }
            }
        }
    }

    #[test]
    fn a_token_of_the_key_before_still_counts() {
        let device = DeviceId(Uuid::from_u128(7));
        let old = keys(&[("k1", 1)]).token(device, 0, "n");
        let rotated = keys(&[("k2", 2), ("k1", 1)]);
        assert!(rotated.made(&Presented::read(&old).unwrap(), "n"));
        assert!(rotated.token(device, 0, "n").0.starts_with("rt_k2_"));
        assert!(!keys(&[("k2", 2)]).made(&Presented::read(&old).unwrap(), "n"));
    }
}
