//! What is true: people, devices, lots, sessions. The model is told of every commit, in the order in which the databases
//! took them, and with it of the request that made it. A commit must be exactly what that request meant, once, or
//! nothing. What was true at which commit is remembered, so that answers can be held against it.

mod access;
mod people;
mod seen;
mod stash;

pub use people::GRACE_MS;
pub use seen::{Account, Login, Lots, Registry, read_lots, read_registry};

use crate::actions::{Action, Item};
use crate::people::{Access, Pass, person_of};
use crate::{Holds, violated};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// What happened at most once: an action with a key, however often it was sent, or one attempt of one without.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doing {
    /// All attempts of an action.
    Action(usize),
    /// One attempt.
    Attempt(usize),
}

/// What came of an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// A lot was bought.
    Lot(String),
    /// An entry was made.
    Entry {
        /// In which lot.
        lot: String,
        /// Its place.
        seq: i64,
    },
    /// A session was logged, edited or deleted.
    Session {
        /// Which.
        id: String,
        /// Its version since.
        version: i64,
    },
    /// A strain was added.
    Strain(String),
    /// Somebody signed in.
    Device(String),
    /// A profile was edited.
    Profile(i64),
    /// A key was made, a tenant, an invitation, or somebody began to act as another.
    Made(String),
    /// Something ended, or began.
    Done,
}

/// Why a commit happened.
pub struct Cause<'a> {
    /// The action, unless a job did it.
    pub action: Option<&'a Action>,
    /// What may happen once.
    pub doing: Doing,
    /// When the request began, by the Worker's clock.
    pub since: i64,
    /// When it was committed, by the Worker's clock.
    pub now: i64,
    /// The token was dead already when the request began, and somebody had been told so.
    pub dead: bool,
    /// The tenant of the token, with its version, when it was closed and somebody had been told so before the request.
    pub closed: Option<(String, i64)>,
}

/// What somebody would see, could they look at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// Balances by lot.
    pub lots: BTreeMap<String, i64>,
    /// Versions by session.
    pub sessions: BTreeMap<String, i64>,
    /// Private strains: ids by name.
    pub strains: BTreeMap<String, String>,
    /// Generations by device that is signed in.
    pub devices: BTreeMap<String, i64>,
    /// The version of the profile.
    pub version: i64,
    /// The name.
    pub name: String,
    /// Not suspended.
    pub active: bool,
    /// The epoch.
    pub epoch: i64,
    /// Keys and staff who act, as far as they were not ended: until when they count, and whether a key was replaced.
    pub stands: BTreeMap<String, (i64, bool)>,
    /// The tenants that devices work in.
    pub places: BTreeMap<String, String>,
    /// The tenants that they are a member of.
    pub tenants: BTreeSet<String>,
    /// All tenants that are closed.
    pub closed: BTreeSet<String>,
    /// They were erased.
    pub erased: bool,
}

impl View {
    /// Whether a pass counts at this moment, as far as it is not too old.
    pub fn knows(&self, token: &Access) -> bool {
        let stands = match token.pass {
            Pass::SignIn | Pass::Program(_) => self.devices.contains_key(&token.device),
            Pass::Key(_) | Pass::Staff => self.stands.contains_key(&token.device),
        };
        self.active && self.epoch <= token.epoch && stands
    }
}

/// One entry of a ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What kind.
    pub kind: String,
    /// What it added.
    pub delta: i64,
    /// What was left.
    pub balance: i64,
    /// When, by the Worker's clock.
    pub recorded_at: i64,
    /// The entry that it undoes.
    pub reverses: Option<i64>,
    /// At which commit; the database does not know.
    pub commit: u64,
}

/// A lot.
#[derive(Clone, Debug, Default)]
pub struct Lot {
    /// Its strain.
    pub strain: Option<String>,
    /// Its ledger.
    pub entries: Vec<Entry>,
}

impl Lot {
    /// What it holds.
    pub fn balance(&self) -> i64 {
        self.entries.last().map_or(0, |entry| entry.balance)
    }
}

/// A session.
#[derive(Clone, Debug)]
pub struct Session {
    /// Counts the edits.
    pub version: i64,
    /// Whether it is gone.
    pub deleted: bool,
    /// What it took, and by which entries.
    pub items: Vec<(Item, Option<i64>)>,
    /// The strains that counted when it was logged.
    pub strains: Vec<String>,
    /// When it was, as it was logged.
    pub occurred_at: i64,
}

/// Somebody.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// What stands in all they write.
    pub mark: String,
    /// What they would see now.
    pub view: View,
    /// What they would have seen, by commit.
    pub past: Vec<(u64, Rc<View>)>,
    /// Lots.
    pub lots: BTreeMap<String, Lot>,
    /// Sessions, the deleted ones too.
    pub sessions: BTreeMap<String, Session>,
    /// When each device got its generation.
    pub rotated_at: BTreeMap<String, i64>,
    /// Names by version of the profile.
    pub names: BTreeMap<i64, String>,
    /// When they signed up.
    pub created_at: i64,
}

/// All of it.
#[derive(Default)]
pub struct Model {
    /// Counts the commits.
    pub commit: u64,
    /// Everybody, by id.
    pub people: BTreeMap<String, Known>,
    /// What took effect.
    pub applied: BTreeMap<Doing, Effect>,
    /// Entries of the audit log.
    pub audited: i64,
    lots: Lots,
    registry: Registry,
    /// Whose devices were that are forgotten.
    graves: BTreeMap<String, String>,
    /// At which commit staff began or stopped to act last.
    acted: u64,
    /// At which commit an invitation was made, accepted or forgotten last.
    invited: u64,
}

impl Model {
    /// The id of whoever has this address.
    pub fn id_of(&self, email: &str) -> Option<String> {
        let theirs = |id: &str, known: &Known| {
            email.starts_with(&known.mark) && !known.view.erased && person_of(id) == id
        };
        self.people.iter().find(|(id, known)| theirs(id, known)).map(|(id, _)| id.clone())
    }

    /// Whether somebody with this address was erased.
    pub fn was_erased(&self, email: &str) -> bool {
        self.people.values().any(|known| known.view.erased && email.starts_with(&known.mark))
    }

    /// Everybody's ids, theirs too who were erased.
    pub fn ids(&self) -> impl Iterator<Item = &String> {
        self.people.keys().filter(|id| person_of(id) == *id)
    }

    /// What somebody would see now.
    pub fn view(&self, person: &str) -> Option<&View> {
        self.people.get(person).map(|known| &known.view)
    }

    /// What stands in all that somebody writes.
    pub fn mark_of(&self, person: &str) -> String {
        self.people.get(person).map(|known| known.mark.clone()).unwrap_or_default()
    }

    /// Lots that are not theirs.
    pub fn lots_of_others(&self, person: &str) -> Vec<String> {
        let others = self.people.iter().filter(|(id, _)| *id != person);
        others.flat_map(|(_, known)| known.lots.keys().cloned()).collect()
    }

    /// What somebody would have seen at any moment since a commit.
    pub fn views_since(&self, person: &str, commit: u64) -> Vec<Rc<View>> {
        let Some(known) = self.people.get(person) else { return Vec::new() };
        let first = known.past.iter().rposition(|(at, _)| *at <= commit).unwrap_or(0);
        known.past[first..].iter().map(|(_, view)| view.clone()).collect()
    }

    /// The commits that changed what somebody sees, since one.
    pub fn commits_since(&self, person: &str, commit: u64) -> Vec<u64> {
        let Some(known) = self.people.get(person) else { return Vec::new() };
        let first = known.past.iter().rposition(|(at, _)| *at <= commit).unwrap_or(0);
        known.past[first..].iter().map(|(at, _)| *at).collect()
    }

    /// Balances as recorded at a time, as far as known at a commit.
    pub fn as_of(&self, person: &str, time: i64, commit: u64) -> BTreeMap<String, i64> {
        let Some(known) = self.people.get(person) else { return BTreeMap::new() };
        let balance = |lot: &Lot| {
            let counts = |entry: &&Entry| entry.recorded_at <= time && entry.commit <= commit;
            lot.entries.iter().rev().find(counts).map(|entry| entry.balance)
        };
        known.lots.iter().filter_map(|(id, lot)| Some((id.clone(), balance(lot)?))).collect()
    }

    fn remember(&mut self, person: &str) {
        let commit = self.commit;
        let Some(known) = self.people.get_mut(person) else { return };
        known.view.lots = known.lots.iter().map(|(id, lot)| (id.clone(), lot.balance())).collect();
        let live = known.sessions.iter().filter(|(_, session)| !session.deleted);
        known.view.sessions = live.map(|(id, session)| (id.clone(), session.version)).collect();
        known.past.push((commit, Rc::new(known.view.clone())));
    }

    /// Something took effect: it may do so once.
    fn once(&mut self, cause: &Cause<'_>, effect: Effect) -> Holds {
        let Some(action) = cause.action else { return violated("a job changed what only people change") };
        if action.reuses {
            return violated("a key that was used with another body took effect");
        }
        if let Some(token) = &action.token
            && !action.intent.is_open_to(&token.pass)
        {
            return violated(format!("it took effect with what is not good for it: {:?}", token.pass));
        }
        if let Some((tenant, version)) = &cause.closed
            && self.registry.tenants.get(tenant).is_some_and(|tenant| tenant.version == *version)
        {
            return violated(
                "it took effect in a tenant that was acknowledged closed before the request began",
            );
        }
        if cause.dead {
            return violated("a token that was acknowledged dead before the request began took effect");
        }
        if let Some(before) = self.applied.insert(cause.doing, effect.clone()) {
            return violated(format!("it took effect twice: first {before:?}, then {effect:?}"));
        }
        Ok(())
    }
}
