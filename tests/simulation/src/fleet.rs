//! The stage that seeds are played on: three Workers with their databases, used again from seed to seed.

use crate::Mutant;
use observer::keys::Keyring;
use sesh_edge::native::{Database, Vars, captured_logs};
use sesh_edge::secret::{base64url, sha256_hex};
use sesh_edge::service::Service;
use std::cell::RefCell;
use std::sync::LazyLock;

/// One of the fleet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Worker {
    /// The consumer's.
    Tracker,
    /// Who somebody is.
    Observer,
    /// Administration.
    Admin,
}

/// All of them.
pub const WORKERS: [Worker; 3] = [Worker::Tracker, Worker::Observer, Worker::Admin];
/// The administrator's key.
pub const ADMIN_KEY: &str = "sesh_admin_of-the-simulation";
/// The address that administrators call from.
pub const ADMIN_ADDRESS: &str = "203.0.113.7";

impl Worker {
    /// Its place in lists.
    pub const fn place(self) -> usize {
        match self {
            Self::Tracker => 0,
            Self::Observer => 1,
            Self::Admin => 2,
        }
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tracker => "tracker",
            Self::Observer => "observer",
            Self::Admin => "admin",
        }
    }

    /// Whom a service binding reaches.
    pub fn behind(binding: &str) -> Option<Self> {
        match binding {
            "TRACKER" => Some(Self::Tracker),
            "OBSERVER" => Some(Self::Observer),
            _ => None,
        }
    }

    /// A new isolate of it.
    pub fn service(self) -> Service {
        let vars = vars();
        match self {
            Self::Tracker => tracker::service(&vars),
            Self::Observer => observer::service_with_worthless_hashes_for_simulation(&vars),
            Self::Admin => admin::service(&vars),
        }
    }
}

/// What observer reads people's rows with.
///
/// # Panics
/// When the simulation's own keys are malformed.
pub fn keyring() -> &'static Keyring {
    static KEYRING: LazyLock<Keyring> =
        LazyLock::new(|| Keyring::read(&vars()).unwrap_or_else(|_| unreachable!("the keys are well-formed")));
    &KEYRING
}

fn vars() -> Vars {
    let key = |seed: u8| {
        base64url(&std::array::from_fn::<u8, 32, _>(|n| seed.wrapping_mul(37) ^ u8::try_from(n).unwrap()))
    };
    let texts = [
        ("ENVIRONMENT", "dev".to_owned()),
        ("TOKEN_ISSUER", "https://dev.kush.observer".to_owned()),
        ("TOKEN_SIGNING_KEYS", format!("sign1:{},sign2:{}", key(1), key(2))),
        ("REFRESH_KEYS", format!("fresh1:{},fresh2:{}", key(3), key(4))),
        ("PASSWORD_PEPPER", key(5)),
        ("FACTOR_KEYS", format!("factor1:{}", key(6))),
        ("PERSON_KEYS", format!("person1:{}", key(7))),
        ("APP_URL", "https://app.example".to_owned()),
        ("MAIL_FROM", "sesh@app.example".to_owned()),
        ("PASSKEY_RP_ID", "app.example".to_owned()),
        ("PASSKEY_ORIGINS", "https://app.example".to_owned()),
        ("ADMIN_KEYS", format!("ops:{}", sha256_hex(ADMIN_KEY.as_bytes()))),
        ("ADMIN_ALLOWED_IPS", ADMIN_ADDRESS.to_owned()),
    ];
    Vars {
        texts: texts.into_iter().map(|(name, text)| (name.to_owned(), text)).collect(),
        bindings: ["DB", "SESSIONS", "OBSERVER", "TRACKER", "LIVE", "FACTS", "MAIL"]
            .map(str::to_owned)
            .into(),
    }
}

/// The databases of the fleet, and the bug that was planted, if any.
pub struct Stage {
    databases: [RefCell<Database>; 3],
    /// The planted bug.
    pub mutant: Option<Mutant>,
}

impl Stage {
    /// Migrated databases; a mutant's triggers are dropped.
    pub fn new(mutant: Option<Mutant>) -> Self {
        let databases = WORKERS.map(|worker| {
            let database = Database::migrated(worker.name());
            for sql in mutant.iter().flat_map(|mutant| mutant.breaks(worker)) {
                database.connection().execute_batch(sql).expect("a mutant's own statement");
            }
            if worker == Worker::Observer {
                let connection = database.connection();
                connection.execute_batch(crate::staff::ROWS).expect("a member of staff");
                connection.execute_batch(crate::programs::ROWS).expect("a program");
            }
            RefCell::new(database)
        });
        Self { databases, mutant }
    }

    /// A Worker's database.
    pub fn database<T>(&self, worker: Worker, look: impl FnOnce(&mut Database) -> T) -> T {
        look(&mut self.databases[worker.place()].borrow_mut())
    }

    pub(crate) fn reset(&self) {
        captured_logs();
        for worker in WORKERS {
            self.database(worker, |database| database.begin_trial()).expect("no trial is under way");
        }
    }

    pub(crate) fn leave(&self) {
        for worker in WORKERS {
            self.database(worker, |database| database.end_trial()).expect("a trial is under way");
        }
    }
}
