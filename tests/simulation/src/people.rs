//! Random people: each has an address, and devices that hold tokens, the old ones too.

use serde_json::Value;
use sesh_edge::secret::from_base64url;
use uuid::Uuid;

/// An access token, and what it says.
#[derive(Clone, Debug)]
pub struct Access {
    /// The token.
    pub text: String,
    /// Whose.
    pub person: String,
    /// Which device's.
    pub device: String,
    /// In which epoch it was issued.
    pub epoch: i64,
    /// When it expires, in milliseconds.
    pub expires_at: i64,
}

impl Access {
    /// Reads a token's claims.
    pub fn read(text: &str) -> Option<Self> {
        let claims: Value = serde_json::from_slice(&from_base64url(text.split('.').nth(1)?)?).ok()?;
        let word = |name: &str| claims[name].as_str().map(str::to_owned);
        Some(Self {
            text: text.to_owned(),
            person: word("sub")?,
            device: word("did")?,
            epoch: claims["ep"].as_i64()?,
            expires_at: claims["exp"].as_i64()? * 1000,
        })
    }
}

/// A refresh token, and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refresh {
    /// The token.
    pub text: String,
    /// Which device's.
    pub device: String,
    /// Of which generation.
    pub generation: i64,
}

impl Refresh {
    /// Reads a token's parts.
    pub fn read(text: &str) -> Option<Self> {
        let mut parts = text.splitn(5, '_').skip(2);
        let device = Uuid::parse_str(parts.next()?).ok()?.to_string();
        let generation = parts.next()?.parse().ok()?;
        Some(Self { text: text.to_owned(), device, generation })
    }
}

/// A browser or program of somebody's.
#[derive(Clone, Debug, Default)]
pub struct Device {
    /// The tokens it has now.
    pub access: Option<Access>,
    /// The tokens it has now.
    pub refresh: Option<Refresh>,
    /// Tokens it had before.
    pub old_access: Vec<Access>,
    /// Tokens it had before.
    pub old_refresh: Vec<Refresh>,
    /// How many actions of its are under way.
    pub busy: u32,
}

impl Device {
    /// Keeps new tokens, and remembers the old ones.
    pub fn take(&mut self, access: Access, refresh: Option<Refresh>) {
        self.old_access.extend(self.access.replace(access));
        if let Some(refresh) = refresh {
            self.old_refresh.extend(self.refresh.replace(refresh));
        }
    }
}

/// Somebody.
#[derive(Clone, Debug)]
pub struct Person {
    /// A mark that stands in everything they write; in nobody else's answers may it appear.
    pub mark: String,
    /// Their devices.
    pub devices: Vec<Device>,
    /// How many actions of theirs that sign them up are under way.
    pub registering: bool,
}

impl Person {
    /// The person of this number, with so many devices.
    pub fn new(number: usize, devices: usize) -> Self {
        let mark = format!("zq{number}qz");
        Self { mark, devices: vec![Device::default(); devices], registering: false }
    }

    /// Their e-mail address.
    pub fn email(&self) -> String {
        format!("{}@example.com", self.mark)
    }

    /// Their password.
    pub fn password(&self) -> String {
        format!("tangerine-otter-{}", self.mark)
    }
}
