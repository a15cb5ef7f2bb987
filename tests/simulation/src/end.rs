//! When nothing fails any more and everything has been delivered: what must hold of the fleet as a whole.

use crate::actions::{Action, Intent};
use crate::faults::Rates;
use crate::fleet::Worker;
use crate::mind::Mind;
use crate::model::read_registry;
use crate::people::{Access, person_of};
use crate::scheduler::Simulation;
use crate::{Holds, Violation, violated};
use rusqlite::types::FromSql;
use serde_json::{Value, json};
use sesh_types::time::{MINUTE_MS, Timestamp};
use std::collections::BTreeMap;

/// Rounds of cron triggers and deliveries after which nothing may be left.
const ROUNDS: usize = 3;

impl Simulation<'_> {
    /// Lets everything come to rest, and looks at all of it.
    pub(crate) fn settle(&mut self) -> Holds {
        self.quiet = true;
        self.rates = Rates { skew_ms: self.rates.skew_ms, ..Rates::none() };
        self.tell(|| "from here on nothing fails".to_owned());
        self.drain()?;
        for _ in 0..ROUNDS {
            self.now += MINUTE_MS;
            self.all_ticks()?;
            self.drain()?;
            self.empty_queue()?;
        }
        if !self.tasks.is_empty() {
            return violated("a request or job never ends");
        }
        self.nothing_waits()?;
        self.sums_are_right()?;
        self.counts_are_right()?;
        self.log_verifies()?;
        self.nothing_is_left_of_the_erased()?;
        self.everybody_looks()?;
        self.repeat_some()
    }

    fn empty_queue(&mut self) -> Holds {
        for _ in 0..100 {
            if self.queue.is_empty() {
                return Ok(());
            }
            self.now += MINUTE_MS;
            self.deliver()?;
            self.drain()?;
        }
        violated("messages stay in the queue")
    }

    fn number(&self, worker: Worker, sql: &str) -> i64 {
        self.stage.database(worker, |database| {
            let mut select = database.connection().prepare_cached(sql).expect("a query of the simulation");
            select.query_row([], |row| row.get(0)).expect("a number")
        })
    }

    fn pairs<V: FromSql>(&self, worker: Worker, sql: &str) -> BTreeMap<String, V> {
        self.stage.database(worker, |database| {
            let mut select = database.connection().prepare_cached(sql).expect("a query of the simulation");
            let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("rows");
            rows.collect::<Result<_, _>>().expect("pairs")
        })
    }

    fn nothing_waits(&self) -> Holds {
        for (worker, table) in
            [(Worker::Tracker, "outbox"), (Worker::Observer, "outbox"), (Worker::Observer, "notices")]
        {
            let count = self.number(worker, &format!("SELECT COUNT(*) FROM {table}"));
            if count > 0 {
                return violated(format!("{count} rows are left in {}'s {table}", worker.name()));
            }
        }
        Ok(())
    }

    fn sums_are_right(&self) -> Holds {
        let off = "SELECT COUNT(*) FROM lots l WHERE l.balance_mg < 0 OR l.balance_mg <> (
            SELECT COALESCE(SUM(delta_mg), 0) FROM stash_entries e WHERE e.tenant_id = l.tenant_id
              AND e.person_id = l.person_id AND e.lot_id = l.id)";
        if self.number(Worker::Tracker, off) > 0 {
            return violated("a balance is not the sum of its ledger");
        }
        let off = "SELECT COUNT(*) FROM members m WHERE m.sessions <> (
            SELECT COUNT(*) FROM sessions s WHERE s.tenant_id = m.tenant_id AND s.person_id = m.person_id
              AND s.deleted_at IS NULL)";
        if self.number(Worker::Tracker, off) > 0 {
            return violated("a person's count of sessions is wrong");
        }
        let entries: usize = self
            .model
            .people
            .values()
            .filter(|known| !known.view.erased)
            .flat_map(|known| known.lots.values())
            .map(|lot| lot.entries.len())
            .sum();
        let found = self.number(Worker::Tracker, "SELECT COUNT(*) FROM stash_entries");
        if usize::try_from(found).ok() != Some(entries) {
            return violated(format!("there are {found} entries in ledgers, and {entries} were made"));
        }
        Ok(())
    }

    /// Analytics, counted anew from what is true.
    fn counts_are_right(&self) -> Holds {
        let (mut people, mut strains) = (BTreeMap::<String, i64>::new(), BTreeMap::<String, i64>::new());
        let mut facts = 0;
        let mut registered = BTreeMap::<String, i64>::new();
        for (owner, known) in &self.model.people {
            let id = person_of(owner);
            if id == owner {
                facts += 1;
                *registered.entry(day_of(known.created_at)).or_default() += 1;
            }
            for session in known.sessions.values() {
                facts += 1 + i64::from(session.deleted);
                if session.deleted {
                    continue;
                }
                let day = day_of(session.occurred_at);
                *people.entry(format!("{day} {id}")).or_default() += 1;
                for strain in &session.strains {
                    *strains.entry(format!("{day} {strain}")).or_default() += 1;
                }
            }
        }
        let counted = |sql| self.pairs::<i64>(Worker::Admin, sql);
        for (what, expected, found) in [
            (
                "sessions",
                people,
                counted(
                    "SELECT day || ' ' || person_id, SUM(sessions) FROM daily_people GROUP BY day, person_id",
                ),
            ),
            (
                "strains",
                strains,
                counted(
                    "SELECT day || ' ' || strain_id, SUM(sessions) FROM daily_strains GROUP BY day, strain_id",
                ),
            ),
            ("registrations", registered, counted("SELECT day, people FROM daily_registrations")),
        ] {
            if expected != found {
                return violated(format!("analytics counts {what} as {found:?}, and true is {expected:?}"));
            }
        }
        let found = self.number(Worker::Admin, "SELECT COUNT(*) FROM facts");
        if found != facts {
            return violated(format!("admin knows {found} facts, and there were {facts}"));
        }
        Ok(())
    }

    fn log_verifies(&mut self) -> Holds {
        let found = self.ask(None, |mind| mind.of_admin(Intent::ReadAudit, "/api/v1/audit/verify"))?;
        let data = &found["data"];
        let (entries, sealed) = (data["entries"].as_i64(), data["sealed"].as_i64());
        let audited = self.model.audited;
        if data["valid"] != true || entries != Some(audited) || sealed != Some(audited) {
            return violated(format!("the audit log of {audited} entries does not verify: {data}"));
        }
        let late =
            self.stage.database(Worker::Observer, |database| read_registry(database.connection(), audited));
        if late.audit.is_empty() { Ok(()) } else { violated("the audit log holds what nobody did") }
    }

    /// Of somebody who is erased no table of anybody's rows has any; what stays are ids in logs, markers and facts.
    fn nothing_is_left_of_the_erased(&self) -> Holds {
        let gone =
            self.model.people.iter().filter(|(owner, known)| known.view.erased && person_of(owner) == *owner);
        for (id, _) in gone {
            for worker in [Worker::Tracker, Worker::Observer] {
                let tables = "SELECT tables.name || ' ' || columns.name, columns.name FROM sqlite_schema AS tables,
                     pragma_table_info(tables.name) AS columns
                   WHERE tables.type = 'table' AND columns.name IN ('person_id', 'owner_id') AND tables.name <> 'erasures'";
                for (place, column) in self.pairs::<String>(worker, tables) {
                    let table = place.split(' ').next().unwrap_or_default();
                    let sql = format!("SELECT COUNT(*) FROM {table} WHERE {column} = '{id}'");
                    let left = self.number(worker, &sql);
                    if left > 0 {
                        return violated(format!(
                            "{left} rows of {id}, who is erased, are left in {}'s {table}",
                            worker.name()
                        ));
                    }
                }
            }
        }
        Ok(())
    }

    /// Everybody signs in once more and looks at everything; whoever was signed out must not.
    fn everybody_looks(&mut self) -> Holds {
        for place in 0..self.people.len() {
            self.old_tokens_are_dead(place)?;
        }
        // So that nobody is kept out who tried too often.
        self.now += 16 * MINUTE_MS;
        for place in 0..self.people.len() {
            let email = self.people[place].email();
            let Some(id) = self.model.id_of(&email) else { continue };
            if self.model.view(&id).is_some_and(|view| !view.active) {
                let path = format!("/api/v1/users/{id}/reinstate");
                self.ask(None, |mind| mind.of_admin(Intent::Reinstate { person: id.clone() }, &path))?;
            }
            let signed_in = self.ask(Some((place, 0)), |mind| mind.login_for_certain((place, 0)))?;
            let Some(token) =
                signed_in["data"]["access_token"].as_str().and_then(crate::people::Access::read)
            else {
                return violated(format!("{email} cannot sign in although nothing fails: {signed_in}"));
            };
            let lots: Vec<String> =
                self.model.view(&id).map(|view| view.lots.keys().cloned().collect()).unwrap_or_default();
            let mut reads = vec![
                (Intent::ReadStash { as_of: None }, "/api/v1/stash?limit=100".to_owned()),
                (Intent::ReadSessions, "/api/v1/sessions?limit=100".to_owned()),
                (Intent::ReadDevices, "/api/v1/auth/devices?limit=100".to_owned()),
                (Intent::ReadMe, "/api/v1/me".to_owned()),
            ];
            for _ in 0..3 {
                let time = self.dice.within(crate::scheduler::BEGIN, self.now);
                let path = format!("/api/v1/stash?limit=100&as_of={}", Timestamp(time));
                reads.push((Intent::ReadStash { as_of: Some(time) }, path));
            }
            for lot in lots.into_iter().take(3) {
                let path = format!("/api/v1/stash/{lot}/entries?limit=100");
                reads.push((Intent::ReadEntries { lot }, path));
            }
            for (intent, path) in reads {
                let found =
                    self.ask(Some((place, 0)), |mind| mind.looking((place, 0), &token, intent, &path))?;
                if found["success"] != true {
                    return violated(format!("{path} is not answered although nothing fails: {found}"));
                }
            }
        }
        Ok(())
    }

    fn old_tokens_are_dead(&mut self, place: usize) -> Holds {
        let person = &self.people[place];
        let of_devices =
            person.devices.iter().flat_map(|device| device.access.iter().chain(&device.old_access));
        let late = &person.passes[person.passes.len().saturating_sub(3)..];
        let acting = self.acting.iter().rev().take(1).filter(|_| place == 0);
        let lasts = |token: &&Access| token.expires_at > self.now + MINUTE_MS;
        let tokens: Vec<_> = of_devices.take(4).chain(late).chain(acting).filter(lasts).cloned().collect();
        for token in tokens {
            let Some(view) = self.model.view(&token.owner()) else { continue };
            let until = view.stands.get(&token.device).map(|(until, _)| *until);
            if until.is_some_and(|until| (until - self.now).abs() < MINUTE_MS) {
                continue;
            }
            let counts = view.knows(&token) && until.is_none_or(|until| until > self.now);
            let opens = Intent::ReadSessions.is_open_to(&token.pass) && !view.closed.contains(&token.tenant);
            let path = "/api/v1/sessions?limit=100";
            let found = self
                .ask(Some((place, 0)), |mind| mind.looking((place, 0), &token, Intent::ReadSessions, path))?;
            if (found["success"] == true) != (counts && opens) {
                let id = &token.device;
                return violated(format!(
                    "{:?} {id} counts: {counts}, may read sessions: {opens}, and got {found}",
                    token.pass
                ));
            }
        }
        Ok(())
    }

    /// What was answered once is answered the same again.
    fn repeat_some(&mut self) -> Holds {
        let done: Vec<usize> = self.told.answered_actions();
        for _ in 0..3 {
            if let Some(number) = self.dice.one_of(&done).copied() {
                self.attempt(number);
                self.drain()?;
            }
        }
        Ok(())
    }

    fn ask(
        &mut self,
        _: Option<(usize, usize)>,
        think: impl FnOnce(&mut Mind<'_>) -> Action,
    ) -> Result<Value, Violation> {
        let number = self.actions.len();
        let action = {
            let mut mind = self.mind(number);
            think(&mut mind)
        };
        self.begin_action(action);
        self.drain()?;
        Ok(self.told.last.take().unwrap_or(json!(null)))
    }
}

fn day_of(at: i64) -> String {
    Timestamp(at).to_string().chars().take(10).collect()
}
