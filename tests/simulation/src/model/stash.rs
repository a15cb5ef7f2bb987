//! The stash: what each intent does to lots, ledgers, sessions and private strains.

use super::seen::{Lots, read_entries};
use super::{Cause, Effect, Entry, Lot, Model, Session};
use crate::actions::{Intent, Item, Movement};
use crate::people::Access;
use crate::{Holds, Violation, violated};
use rusqlite::Connection;
use serde_json::Value;
use std::collections::BTreeMap;

/// An entry that is meant: kind, change, and the entry that it undoes.
type Meant = (&'static str, i64, Option<i64>);

/// What a commit must look like.
#[derive(Debug, Default)]
struct Want {
    /// By lot.
    entries: BTreeMap<String, Vec<Meant>>,
    session: Option<(String, Session)>,
    strain: Option<String>,
    effect: Option<Effect>,
}

impl Want {
    fn entry(&mut self, lot: &str, kind: &'static str, delta: i64, reverses: Option<i64>) {
        self.entries.entry(lot.to_owned()).or_default().push((kind, delta, reverses));
    }
}

/// The one thing that is new.
fn new_of<'a, T>(
    now: &'a BTreeMap<(String, String), T>,
    before: &BTreeMap<(String, String), T>,
    person: &str,
) -> Result<&'a str, Violation> {
    let mut new = now.keys().filter(|key| !before.contains_key(*key));
    match (new.next(), new.next()) {
        (Some((owner, id)), None) if owner == person => Ok(id),
        other => violated(format!("one new thing of {person}'s was meant, and there is {other:?}")),
    }
}

impl Model {
    /// Tracker's database committed something.
    ///
    /// # Errors
    /// When it is not what was meant.
    pub fn stash_committed(&mut self, cause: &Cause<'_>, now: Lots, connection: &Connection) -> Holds {
        self.forget_erased(&now);
        if now == self.lots {
            return Ok(());
        }
        let person = match cause.action {
            Some(action) => action.token.as_ref().map(Access::owner).unwrap_or_default(),
            None => return violated("a job changed somebody's stash"),
        };
        self.commit += 1;
        let want = self.want(cause, &now, &person)?;
        let effect = want.effect.clone().unwrap_or(Effect::Done);
        self.check_others(&now, &person, &want)?;
        self.check_ledgers(cause, &now, &person, &want, connection)?;
        self.check_session(&now, &person, want)?;
        self.check_changes(cause, &now, &person)?;
        self.once(cause, effect)?;
        self.lots = now;
        self.remember(&person);
        Ok(())
    }

    /// What was somebody's who is erased may go, in any order; nothing else of theirs may change.
    fn forget_erased(&mut self, now: &Lots) {
        let people = &self.people;
        let erased = |owner: &str| people.get(owner).is_some_and(|known| known.view.erased);
        let Lots { lots, sessions, strains, changes } = &mut self.lots;
        lots.retain(|key, _| !erased(&key.0) || now.lots.contains_key(key));
        sessions.retain(|key, _| !erased(&key.0) || now.sessions.contains_key(key));
        strains.retain(|key, _| !erased(&key.0) || now.strains.contains_key(key));
        changes.retain(|owner, _| !erased(owner) || now.changes.contains_key(owner));
    }

    /// Each change of stash or sessions has the next number of its owner's, and is none of anybody else's.
    fn check_changes(&mut self, cause: &Cause<'_>, now: &Lots, person: &str) -> Holds {
        let counts = !matches!(cause.action.map(|action| &action.intent), Some(Intent::AddStrain { .. }));
        let mut want = self.lots.changes.clone();
        if counts {
            *want.entry(person.to_owned()).or_default() += 1;
        }
        if want != now.changes {
            return violated(format!("changes should be numbered {want:?}, and are {:?}", now.changes));
        }
        Ok(())
    }

    fn want(&self, cause: &Cause<'_>, now: &Lots, person: &str) -> Result<Want, Violation> {
        let mut want = Want::default();
        let Some(action) = cause.action else { return Ok(want) };
        match &action.intent {
            Intent::AddLot { quantity, .. } => {
                let id = new_of(&now.lots, &self.lots.lots, person)?;
                want.entry(id, "purchase", *quantity, None);
                want.effect = Some(Effect::Lot(id.to_owned()));
            }
            Intent::Enter { lot, movement } => {
                let held = self.lot(person, lot)?;
                match movement {
                    Movement::By(kind, delta) => want.entry(lot, kind, *delta, None),
                    Movement::To(count) => want.entry(lot, "count", count - held.balance(), None),
                }
                let seq = i64::try_from(held.entries.len()).unwrap() + 1;
                want.effect = Some(Effect::Entry { lot: lot.clone(), seq });
            }
            Intent::Log { items } => {
                let id = new_of(&now.sessions, &self.lots.sessions, person)?.to_owned();
                let occurred_at = now.sessions[&(person.to_owned(), id.clone())].3;
                let items = self.taken(person, items, &mut want)?;
                let strains = self.strains_of(person, &items);
                let session = Session { version: 1, deleted: false, items, strains, occurred_at };
                want.effect = Some(Effect::Session { id: id.clone(), version: 1 });
                want.session = Some((id, session));
            }
            Intent::Edit { session: id, items, version } => {
                let mut session = self.session(person, id, *version)?;
                if let Some(items) = items {
                    returned(&session, &mut want);
                    session.items = self.taken(person, items, &mut want)?;
                }
                session.version += 1;
                want.effect = Some(Effect::Session { id: id.clone(), version: session.version });
                want.session = Some((id.clone(), session));
            }
            Intent::Delete { session: id, version } => {
                let mut session = self.session(person, id, *version)?;
                returned(&session, &mut want);
                session.version += 1;
                session.deleted = true;
                want.effect = Some(Effect::Session { id: id.clone(), version: session.version });
                want.session = Some((id.clone(), session));
            }
            Intent::AddStrain { name } => {
                let id = new_of(&now.strains, &self.lots.strains, person)?;
                want.strain = Some(name.clone());
                want.effect = Some(Effect::Strain(id.to_owned()));
            }
            other => return violated(format!("{other:?} changed somebody's stash")),
        }
        Ok(want)
    }

    fn lot(&self, person: &str, lot: &str) -> Result<&Lot, Violation> {
        let found = self.people.get(person).and_then(|known| known.lots.get(lot));
        found.ok_or_else(|| Violation(format!("lot {lot} is not {person}'s")))
    }

    fn session(&self, person: &str, id: &str, version: Option<i64>) -> Result<Session, Violation> {
        let found = self.people.get(person).and_then(|known| known.sessions.get(id));
        let Some(session) = found.filter(|session| !session.deleted) else {
            return violated(format!("session {id} is not there to be changed by {person}"));
        };
        match version {
            Some(version) if version != session.version => violated(format!(
                "an edit of version {version} took effect on version {} of session {id}",
                session.version
            )),
            _ => Ok(session.clone()),
        }
    }

    /// What the items take: an entry for each known amount.
    fn taken(
        &self,
        person: &str,
        items: &[Item],
        want: &mut Want,
    ) -> Result<Vec<(Item, Option<i64>)>, Violation> {
        let mut taken = Vec::new();
        for (lot, amount) in items {
            let entries = self.lot(person, lot)?.entries.len() + want.entries.get(lot).map_or(0, Vec::len);
            let seq = amount.map(|_| i64::try_from(entries).unwrap() + 1);
            if let Some(amount) = amount {
                want.entry(lot, "session", -amount, None);
            }
            taken.push(((lot.clone(), *amount), seq));
        }
        // In which order they are written says nothing.
        taken.sort();
        Ok(taken)
    }

    fn strains_of(&self, person: &str, items: &[(Item, Option<i64>)]) -> Vec<String> {
        let known = &self.people[person];
        let mut strains: Vec<String> =
            items.iter().filter_map(|((lot, _), _)| known.lots[lot].strain.clone()).collect();
        strains.sort();
        strains.dedup();
        strains
    }

    /// Nothing but what was meant changed.
    fn check_others(&self, now: &Lots, person: &str, want: &Want) -> Holds {
        for (key, row) in &now.lots {
            let meant = key.0 == person && want.entries.contains_key(&key.1);
            if !meant && self.lots.lots.get(key) != Some(row) {
                return violated(format!("lot {} changed, which nobody meant to change", key.1));
            }
        }
        let session = want.session.as_ref().map(|(id, _)| id);
        for (key, row) in &now.sessions {
            if session != Some(&key.1) && self.lots.sessions.get(key) != Some(row) {
                return violated(format!("session {} changed, which nobody meant to change", key.1));
            }
        }
        let lost = self.lots.lots.keys().any(|key| !now.lots.contains_key(key))
            || self.lots.sessions.keys().any(|key| !now.sessions.contains_key(key))
            || self.lots.strains.iter().any(|(key, name)| now.strains.get(key) != Some(name));
        let strains = now.strains.len() - self.lots.strains.len().min(now.strains.len());
        if lost || strains != usize::from(want.strain.is_some()) {
            return violated("lots, sessions or strains vanished or appeared that nobody meant");
        }
        Ok(())
    }

    /// Each ledger grew by what was meant, and its balances are sums.
    fn check_ledgers(
        &mut self,
        cause: &Cause<'_>,
        now: &Lots,
        person: &str,
        want: &Want,
        connection: &Connection,
    ) -> Holds {
        let commit = self.commit;
        let Some(known) = self.people.get_mut(person) else { return violated("nobody has a stash") };
        for (id, meant) in &want.entries {
            let (balance, count, strain) =
                now.lots.get(&(person.to_owned(), id.clone())).cloned().unwrap_or_default();
            let lot = known.lots.entry(id.clone()).or_default();
            lot.strain = strain;
            let known_entries = i64::try_from(lot.entries.len()).unwrap();
            let new = read_entries(connection, person, id, known_entries);
            let found: Vec<_> = new.iter().map(|(_, e)| (e.kind.as_str(), e.delta, e.reverses)).collect();
            if found != *meant {
                return violated(format!("lot {id}: meant were the entries {meant:?}, made were {found:?}"));
            }
            for (seq, entry) in new {
                check_entry(cause, lot, seq, &entry)
                    .map_err(|Violation(text)| Violation(format!("lot {id}: {text}")))?;
                lot.entries.push(Entry { commit, ..entry });
            }
            if balance != lot.balance() || count != i64::try_from(lot.entries.len()).unwrap() {
                return violated(format!(
                    "lot {id} says {balance} mg after {count} entries, its ledger {}",
                    lot.balance()
                ));
            }
        }
        Ok(())
    }

    fn check_session(&mut self, now: &Lots, person: &str, want: Want) -> Holds {
        let Some(known) = self.people.get_mut(person) else { return violated("nobody has sessions") };
        if let Some(name) = want.strain
            && let Some(Effect::Strain(id)) = want.effect
        {
            if now.strains.get(&(person.to_owned(), id.clone())) != Some(&name) {
                return violated(format!("strain {id} is not called {name}"));
            }
            known.view.strains.insert(name, id);
        }
        let Some((id, session)) = want.session else { return Ok(()) };
        let Some((version, deleted, items, _)) = now.sessions.get(&(person.to_owned(), id.clone())) else {
            return violated(format!("session {id} is not there"));
        };
        let found = items_of(items);
        if (*version, *deleted, &found) != (session.version, session.deleted, &session.items) {
            return violated(format!(
                "session {id}: meant was {session:?}, written was version {version}, deleted {deleted}, {found:?}"
            ));
        }
        known.sessions.insert(id, session);
        Ok(())
    }
}

fn returned(session: &Session, want: &mut Want) {
    for ((lot, amount), seq) in &session.items {
        if let Some(amount) = amount {
            want.entry(lot, "reversal", *amount, *seq);
        }
    }
}

fn check_entry(cause: &Cause<'_>, lot: &Lot, seq: i64, entry: &Entry) -> Holds {
    let count = i64::try_from(lot.entries.len()).unwrap();
    if seq != count + 1 {
        return violated(format!("entry {seq} follows entry {count}"));
    }
    if entry.balance != lot.balance() + entry.delta || entry.balance < 0 {
        let held = lot.balance();
        return violated(format!("{held} mg and {} mg are not {} mg", entry.delta, entry.balance));
    }
    let last = lot.entries.last().map_or(i64::MIN, |entry| entry.recorded_at);
    let plausible = (cause.since..=cause.now).contains(&entry.recorded_at) || entry.recorded_at == last;
    if entry.recorded_at < last || !plausible {
        return violated(format!(
            "entry {seq} was recorded at {}, which is not when it happened",
            entry.recorded_at
        ));
    }
    Ok(())
}

fn items_of(text: &str) -> Vec<(Item, Option<i64>)> {
    let items: Vec<Value> = serde_json::from_str(text).unwrap_or_default();
    let lot = |item: &Value| item["lot_id"].as_str().unwrap_or_default().to_owned();
    let read = |item: &Value| ((lot(item), item["quantity_mg"].as_i64()), item["entry_seq"].as_i64());
    let mut items: Vec<_> = items.iter().map(read).collect();
    items.sort();
    items
}
