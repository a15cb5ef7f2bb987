//! Random people: each has an address, and devices that hold tokens, the old ones too.

use serde_json::Value;
use sesh_edge::secret::from_base64url;
use uuid::Uuid;

/// The consumers' tenant, where everybody is at home.
pub const HOME: &str = "01920000-0000-7000-8000-000000000001";

/// What kind of thing opens a door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pass {
    /// A sign-in's token: it opens everything of its person.
    SignIn,
    /// An API key, with its scopes.
    Key(Vec<String>),
    /// The token of a program that somebody lets act for them, with its scopes.
    Program(Vec<String>),
    /// The token of a member of staff who acts as somebody: it reads.
    Staff,
}

/// An access token or API key, and what it says.
#[derive(Clone, Debug)]
pub struct Access {
    /// What is shown.
    pub text: String,
    /// Of what kind.
    pub pass: Pass,
    /// Whose.
    pub person: String,
    /// In which tenant.
    pub tenant: String,
    /// Which device's; the id of the key, grant or impersonation, which stands in a device's place.
    pub device: String,
    /// In which epoch it was issued; a key has none that ends.
    pub epoch: i64,
    /// When it expires, in milliseconds; of a key the database says it.
    pub expires_at: i64,
}

/// Whose rows somebody's are in a tenant: at home the person's id, elsewhere with the tenant behind it.
pub fn owner(person: &str, tenant: &str) -> String {
    if tenant == HOME { person.to_owned() } else { format!("{person}@{tenant}") }
}

/// Who owns what an owner owns.
pub fn person_of(owner: &str) -> &str {
    owner.split('@').next().unwrap_or_default()
}

impl Access {
    /// Reads a token's claims.
    pub fn read(text: &str) -> Option<Self> {
        let claims: Value = serde_json::from_slice(&from_base64url(text.split('.').nth(1)?)?).ok()?;
        let word = |name: &str| claims[name].as_str().map(str::to_owned);
        let pass = match claims["scope"].as_str() {
            Some(scopes) => Pass::Program(scopes.split(' ').map(str::to_owned).collect()),
            None if claims["act"].is_object() => Pass::Staff,
            None => Pass::SignIn,
        };
        Some(Self {
            text: text.to_owned(),
            pass,
            person: word("sub")?,
            tenant: word("tid")?,
            device: word("did")?,
            epoch: claims["ep"].as_i64()?,
            expires_at: claims["exp"].as_i64()? * 1000,
        })
    }
}

impl Access {
    /// An API key, as the answer that made it tells of it.
    pub fn key(made: &Value, maker: &Self) -> Option<Self> {
        let scopes = made["scopes"].as_array()?.iter().filter_map(|scope| scope.as_str().map(str::to_owned));
        Some(Self {
            text: made["key"].as_str()?.to_owned(),
            pass: Pass::Key(scopes.collect()),
            device: made["id"].as_str()?.to_owned(),
            epoch: i64::MAX,
            expires_at: i64::MAX,
            ..maker.clone()
        })
    }

    /// Whose rows it opens.
    pub fn owner(&self) -> String {
        owner(&self.person, &self.tenant)
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
#[derive(Clone, Debug, Default)]
pub struct Person {
    /// A mark that stands in everything they write; in nobody else's answers may it appear.
    pub mark: String,
    /// Their devices.
    pub devices: Vec<Device>,
    /// How many actions of theirs that sign them up are under way.
    pub registering: bool,
    /// Keys and programs' tokens that they were given, those that have ended too.
    pub passes: Vec<Access>,
    /// Refresh tokens of programs.
    pub grants: Vec<Refresh>,
    /// Codes that programs were sent.
    pub codes: Vec<crate::programs::Code>,
    /// Tokens of invitations to them, with their ids and tenants.
    pub invitations: Vec<(String, String, String)>,
}

impl Person {
    /// The person of this number, with so many devices.
    pub fn new(number: usize, devices: usize) -> Self {
        let mark = format!("zq{number}qz");
        Self { mark, devices: vec![Device::default(); devices], ..Self::default() }
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
