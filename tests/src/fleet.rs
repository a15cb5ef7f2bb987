//! Where the fleet is.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// A Worker of the fleet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Worker {
    /// The consumer's API.
    Tracker,
    /// Identity and trust.
    Observer,
    /// Administration.
    Admin,
    /// The hubs of open browsers.
    Live,
}

/// All of them.
pub const WORKERS: [Worker; 4] = [Worker::Tracker, Worker::Observer, Worker::Admin, Worker::Live];

/// Those with a database; what the hubs of live keep is their own.
pub const WITH_DATABASES: [Worker; 3] = [Worker::Tracker, Worker::Observer, Worker::Admin];

impl Worker {
    /// Its short name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tracker => "tracker",
            Self::Observer => "observer",
            Self::Admin => "admin",
            Self::Live => "live",
        }
    }

    /// Its public address.
    pub fn url(self) -> &'static str {
        let fleet = fleet();
        match self {
            Self::Tracker => &fleet.tracker,
            Self::Observer => &fleet.observer,
            Self::Admin => &fleet.admin,
            Self::Live => &fleet.live,
        }
    }

    /// Its address without the local edge in front, which states no client address.
    pub fn direct_url(self) -> &'static str {
        &fleet().direct[self.name()]
    }
}

/// An account that the fleet was seeded with.
#[derive(Clone, Debug, Deserialize)]
pub struct Account {
    /// `member`.
    pub role: String,
    /// E-mail address.
    pub email: String,
    /// Password.
    pub password: String,
}

/// What `scripts/dev` and `scripts/test` write once every Worker is healthy.
#[derive(Clone, Debug, Deserialize)]
pub struct Fleet {
    /// tracker's public address.
    pub tracker: String,
    /// observer's.
    pub observer: String,
    /// admin's.
    pub admin: String,
    /// live's, which has one here alone.
    pub live: String,
    /// The test Worker that panics on demand, when the fleet was started with it.
    #[serde(default)]
    pub canary: Option<String>,
    /// The test Worker that does what must not be done, when the fleet was started with it.
    #[serde(default)]
    pub naive: Option<String>,
    /// Another provider to sign in with, when the fleet was started with it.
    #[serde(default)]
    pub provider: Option<String>,
    /// The local administrator's key.
    pub admin_key: String,
    /// People to begin with.
    pub accounts: Vec<Account>,
    /// Addresses without the local edge in front.
    pub direct: BTreeMap<String, String>,
    /// Where crons are fired and databases looked into.
    pub control: String,
}

/// The running fleet.
///
/// # Panics
/// When there is none: the message says how to start it.
pub fn fleet() -> &'static Fleet {
    static FLEET: OnceLock<Fleet> = OnceLock::new();
    FLEET.get_or_init(read)
}

fn read() -> Fleet {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/../.dev/fleet.json");
    let path = std::env::var("SESH_FLEET_FILE").unwrap_or_else(|_| default.to_owned());
    let help = "Start the fleet with scripts/dev, or let scripts/test do it; SESH_FLEET_FILE names its file.";
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("the fleet is not running: {path}: {error}. {help}"));
    serde_json::from_str(&text)
        .unwrap_or_else(|error| panic!("{path} is not a fleet's file: {error}. {help}"))
}
