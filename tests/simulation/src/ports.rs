//! What port calls do to the world, and how they fail.

use crate::faults::{LOST, OVERLOADED};
use crate::fleet::{WORKERS, Worker};
use crate::model::{Cause, read_lots, read_registry};
use crate::scheduler::{Event, Message, Output, Simulation};
use crate::{Holds, Mutant, violated};
use bytes::Bytes;
use http::{Request, Response};
use sesh_edge::drive::Task;
use sesh_edge::http::Door;
use sesh_edge::io::{Op, PeerCall, PeerReply, Reply, Statement};
use sesh_edge::service::Job;
use sesh_types::contract::notice::NOTICES;
use sesh_types::time::{MINUTE_MS, SECOND_MS};
use std::collections::VecDeque;

/// A task that is under way.
pub(crate) struct Live {
    pub(crate) worker: Worker,
    pub(crate) root: usize,
    /// Who called, and by which port call.
    pub(crate) parent: Option<(u64, u32)>,
    pub(crate) task: Task<Output>,
    /// Replies that it waits for.
    pub(crate) waiting: usize,
    /// Its main part is done.
    pub(crate) answered: bool,
}

/// What is to be performed.
pub(crate) enum Work {
    /// A port call.
    Op(Op),
    /// What is left of a batch that a mutant cut into transactions.
    Rest(VecDeque<Vec<Statement>>, Rows),
}

type Rows = Vec<bytes::Bytes>;

impl Simulation<'_> {
    pub(crate) fn perform(&mut self, task: u64, root: usize, worker: Worker, id: u32, work: Work) -> Holds {
        // Whoever sent it is gone; it may have been on its way already.
        if !self.tasks.contains_key(&task) && self.dice.happens(500) {
            return Ok(());
        }
        let slow = self.rates.slow * self.lag(root);
        if matches!(work, Work::Op(_)) && self.dice.happens(slow) {
            let delay = self.dice.within(500, 6 * SECOND_MS);
            self.strike(root, || format!("a port call takes {delay} ms longer"));
            self.after(delay, Event::Perform { task, root, worker, id, work });
            return Ok(());
        }
        let reply = match work {
            Work::Op(Op::Db { batch }) => return self.database(task, root, worker, id, batch),
            Work::Rest(parts, rows) => return self.transact(task, root, worker, id, parts, rows),
            Work::Op(Op::Peer(call)) => return self.peer(task, root, worker, id, call),
            Work::Op(Op::KvGet { key }) => self.kv_get(root, &key),
            Work::Op(Op::KvPut { key, value, ttl_seconds }) => {
                self.kv_put(root, key, Some(value), i64::from(ttl_seconds) * SECOND_MS)
            }
            Work::Op(Op::KvDelete { key }) => self.kv_put(root, key, None, i64::MAX / 4),
            Work::Op(Op::Send { messages, .. }) => self.send(root, &messages),
            // Whether mail is taken changes nothing that the model knows.
            Work::Op(Op::Mail(_)) => Reply::Done,
            Work::Op(Op::Hub { .. }) => self.hub(root),
            Work::Op(Op::Verify(signed)) => Reply::Verified(sesh_edge::native::verify(&signed)),
            // The simulated fleet has no other provider.
            Work::Op(Op::Fetch(_)) => Reply::Failed("nobody is outside".to_owned()),
            Work::Op(Op::Wait { ms }) => {
                self.after(ms.into(), Event::Reply { task, id, reply: Reply::Done });
                return Ok(());
            }
        };
        self.soon(Event::Reply { task, id, reply });
        Ok(())
    }

    /// Hints to open sockets change nothing that the model knows; but an erasure waits until the hubs have forgotten.
    fn hub(&mut self, root: usize) -> Reply {
        let before = self.rates.db_before;
        if self.dice.happens(before) {
            self.strike(root, || "a hub is silent".to_owned());
            return Reply::Failed(LOST.to_owned());
        }
        Reply::Peer(PeerReply { status: 204, body: String::new(), retry_after_seconds: None })
    }

    // ---- the database ----

    fn database(&mut self, task: u64, root: usize, worker: Worker, id: u32, batch: Vec<Statement>) -> Holds {
        let before = self.rates.db_before;
        if self.dice.happens(before) {
            let words = if self.dice.happens(500) { LOST } else { OVERLOADED };
            self.strike(root, || format!("{}'s database fails before: {words}", worker.name()));
            self.soon(Event::Reply { task, id, reply: Reply::Failed(words.to_owned()) });
            return Ok(());
        }
        let parts = match self.stage.mutant {
            Some(mutant) => {
                let clock = self.now;
                mutant.alter(worker, batch, &self.cache, clock, &mut self.dice)
            }
            None => vec![batch],
        };
        self.transact(task, root, worker, id, parts.into(), Vec::new())
    }

    fn transact(
        &mut self,
        task: u64,
        root: usize,
        worker: Worker,
        id: u32,
        mut parts: VecDeque<Vec<Statement>>,
        mut rows: Rows,
    ) -> Holds {
        let Some(part) = parts.pop_front() else { return Ok(()) };
        self.note_lateness(task, root, worker);
        let (reply, changed) = self.stage.database(worker, |database| {
            let before = database.connection().total_changes();
            let reply = database.run(&part);
            (reply, database.connection().total_changes() != before)
        });
        let reply = match reply {
            Reply::Rows { results, .. } => {
                if changed {
                    self.committed(root, worker)?;
                }
                rows.extend(results);
                if !parts.is_empty() {
                    self.soon(Event::Perform { task, root, worker, id, work: Work::Rest(parts, rows) });
                    return Ok(());
                }
                Reply::Rows { results: rows, rows_read: 0, rows_written: 0 }
            }
            other => other,
        };
        let after = self.rates.db_after;
        let reply = if self.dice.happens(after) {
            self.strike(root, || format!("{}'s database does it, and the answer is lost", worker.name()));
            Reply::Failed(LOST.to_owned())
        } else {
            reply
        };
        self.soon(Event::Reply { task, id, reply });
        Ok(())
    }

    /// Whether a request asks tracker's database with what somebody was told by now is dead or closed. What it does for others
    /// of the fleet below it, such as taking notices, is nobody's token's.
    fn note_lateness(&mut self, task: u64, root: usize, worker: Worker) {
        let own = self.tasks.get(&task).is_some_and(|live| live.parent.is_none());
        if let (true, Worker::Tracker, Some(number)) = (own, worker, self.roots[root].action) {
            let action = &self.actions[number];
            let late = self.told.is_dead(action) || self.told.closed_by(&self.model, action).is_some();
            self.roots[root].late = late;
        }
    }

    /// A database committed something: the model is told.
    fn committed(&mut self, root: usize, worker: Worker) -> Holds {
        let info = &self.roots[root];
        let action = info.action.map(|number| self.actions[number].clone());
        // Of a tenant that is closed as well.
        let closed = action.as_ref().filter(|_| worker == Worker::Tracker);
        let closed = closed.and_then(|action| self.told.closed_by(&self.model, action));
        let closed = info.closed.clone().or(closed);
        let cause = Cause {
            action: action.as_deref(),
            doing: self.doing(root),
            since: info.since + self.rates.skew_ms[worker.place()],
            now: self.clock(worker),
            // Whoever is told that a token is dead finds it so in tracker from then on, for what is under way, too.
            dead: info.dead
                || worker == Worker::Tracker
                    && action.as_ref().is_some_and(|action| self.told.is_dead(action)),
            closed,
        };
        let (name, before) = (info.name.clone(), self.model.commit);
        let model = &mut self.model;
        let result = self.stage.database(worker, |database| {
            let connection = database.connection();
            match worker {
                Worker::Tracker => model.stash_committed(&cause, read_lots(connection), connection),
                Worker::Observer => {
                    let registry = read_registry(connection, model.audited);
                    model.registry_committed(&cause, registry)
                }
                Worker::Admin => Ok(()),
            }
        });
        let commit = self.model.commit;
        if commit != before {
            self.tell(|| format!("    {} commits ({name}, commit {commit})", worker.name()));
        }
        result.or_else(|error| violated(format!("{} ({name}): {}", worker.name(), error.0)))
    }

    // ---- the cache and the queue ----

    fn kv_get(&mut self, root: usize, key: &str) -> Reply {
        let (missing, stale) = (self.rates.kv_missing, self.rates.kv_stale);
        if self.dice.happens(missing) {
            self.strike(root, || "the cache does not know".to_owned());
            return if self.dice.happens(500) { Reply::Text(None) } else { Reply::Failed(LOST.to_owned()) };
        }
        if self.dice.happens(stale) {
            self.strike(root, || "the cache is behind".to_owned());
            return Reply::Text(self.cache.get_stale(self.now, key, &mut self.dice));
        }
        Reply::Text(self.cache.get(self.now, key))
    }

    fn kv_put(&mut self, root: usize, key: String, text: Option<String>, ttl_ms: i64) -> Reply {
        let lost = self.rates.kv_lost;
        if self.dice.happens(lost) {
            self.strike(root, || "a write to the cache is lost".to_owned());
            return Reply::Failed(LOST.to_owned());
        }
        self.cache.put(self.now, key, text, ttl_ms);
        Reply::Done
    }

    fn send(&mut self, root: usize, messages: &[String]) -> Reply {
        let (before, after) = (self.rates.send_before, self.rates.send_after);
        if self.dice.happens(before) {
            self.strike(root, || "the queue does not take messages".to_owned());
            return Reply::Failed(LOST.to_owned());
        }
        for body in messages {
            let visible_at = self.now + self.dice.within(0, 5_000);
            let number = self.dice.bits();
            self.queue.push(Message { number, body: body.clone(), visible_at });
        }
        let delay = self.dice.within(0, 6_000);
        self.after(delay, Event::Poll);
        if self.dice.happens(after) {
            self.strike(root, || "the queue takes messages, and its answer is lost".to_owned());
            return Reply::Failed(LOST.to_owned());
        }
        Reply::Done
    }

    /// The queue hands some of what waits to admin.
    pub(crate) fn deliver(&mut self) -> Holds {
        let most = 1 + self.dice.below(10);
        let hidden_until = self.now + 45 * SECOND_MS;
        let mut chosen: Vec<usize> =
            (0..self.queue.len()).filter(|n| self.queue[*n].visible_at <= self.now).collect();
        while chosen.len() > most {
            let gone = self.dice.below(chosen.len());
            chosen.swap_remove(gone);
        }
        if chosen.is_empty() {
            return Ok(());
        }
        let mut bodies = Vec::new();
        let mut numbers = Vec::new();
        for place in chosen {
            let message = &mut self.queue[place];
            message.visible_at = hidden_until;
            bodies.push(message.body.clone());
            numbers.push(message.number);
        }
        let count = bodies.len();
        self.tell(|| format!("the queue delivers {count} messages"));
        self.job(Worker::Admin, Job::Messages(bodies), format!("a delivery of {count}"), numbers)
    }

    /// What a delivery carried comes again.
    pub(crate) fn redeliver(&mut self, root: usize) {
        let numbers = std::mem::take(&mut self.roots[root].messages);
        if numbers.is_empty() {
            return;
        }
        let visible_at = self.now + self.dice.within(100, 5_000);
        for message in self.queue.iter_mut().filter(|message| numbers.contains(&message.number)) {
            message.visible_at = visible_at;
        }
        self.after(visible_at - self.now, Event::Poll);
    }

    pub(crate) fn tick(&mut self, worker: Worker) -> Holds {
        if !self.quiet {
            self.after(MINUTE_MS, Event::Tick(worker));
            let waits = self.queue.iter().any(|message| message.visible_at <= self.now);
            if waits {
                self.soon(Event::Poll);
            }
            let missed = self.rates.tick_missed;
            if self.dice.happens(missed) {
                return Ok(());
            }
        }
        self.tell(|| format!("{}'s cron trigger fires", worker.name()));
        self.job(worker, Job::Tick, format!("{}'s cron trigger", worker.name()), Vec::new())
    }

    pub(crate) fn job_done(&mut self, root: usize, worker: Worker, done: bool) -> Holds {
        sesh_edge::native::captured_logs();
        let (faults, name) = (self.roots[root].faults, self.roots[root].name.clone());
        if !done && faults == 0 {
            return violated(format!("{name} failed in {} without a fault", worker.name()));
        }
        let again = self.rates.message_again;
        if !done || self.dice.happens(again) {
            self.redeliver(root);
            return Ok(());
        }
        let numbers = std::mem::take(&mut self.roots[root].messages);
        self.queue.retain(|message| !numbers.contains(&message.number));
        if self.queue.iter().any(|message| message.visible_at <= self.now) {
            self.soon(Event::Poll);
        }
        Ok(())
    }

    /// All cron triggers, once.
    pub(crate) fn all_ticks(&mut self) -> Holds {
        WORKERS.into_iter().try_for_each(|worker| self.tick(worker))
    }

    // ---- other Workers ----

    fn peer(&mut self, task: u64, root: usize, worker: Worker, id: u32, call: PeerCall) -> Holds {
        let Some(callee) = Worker::behind(call.binding) else {
            return violated("an unknown binding was called");
        };
        let (hangs, before, garbage) =
            (self.rates.peer_hangs, self.rates.peer_before, self.rates.peer_garbage);
        let (from, to, path) = (worker.name(), callee.name(), call.path.clone());
        if self.stage.mutant == Some(Mutant::NoticeUnsent) && path == NOTICES {
            let reply = PeerReply { status: 204, body: String::new(), retry_after_seconds: None };
            self.soon(Event::Reply { task, id, reply: Reply::Peer(reply) });
            return Ok(());
        }
        if self.dice.happens(before) {
            self.strike(root, || format!("{from} does not reach {to} for {path}"));
            self.soon(Event::Reply { task, id, reply: Reply::Failed(LOST.to_owned()) });
            return Ok(());
        }
        if self.dice.happens(hangs) {
            self.strike(root, || format!("{to} never answers {from}'s {path}"));
            // A client loses patience before this; a job does not.
            let reply = Reply::Failed("The call timed out.".to_owned());
            self.after(MINUTE_MS, Event::Reply { task, id, reply });
            return Ok(());
        }
        if self.dice.happens(garbage) {
            self.strike(root, || format!("something that is not {to} answers {from}'s {path}"));
            let (status, body) =
                [(200, "<html>It works!</html>"), (500, "error code: 1101"), (502, ""), (404, "{}")]
                    [self.dice.below(4)];
            let reply = PeerReply { status, body: body.to_owned(), retry_after_seconds: None };
            self.soon(Event::Reply { task, id, reply: Reply::Peer(reply) });
            return Ok(());
        }
        let mut request = Request::builder().method(call.method).uri(&call.path);
        for (name, value) in &call.headers {
            request = request.header(name, value);
        }
        let request = request.body(call.body.unwrap_or_default().into()).unwrap();
        let child = self.spawn(callee, root, Some((task, id)), Door::Internal, request);
        self.poll(child)
    }

    pub(crate) fn peer_answered(&mut self, root: usize, task: u64, id: u32, response: Response<Bytes>) {
        let after = self.rates.peer_after;
        let reply = if self.dice.happens(after) {
            self.strike(root, || "a Worker's answer to another is lost".to_owned());
            Reply::Failed(LOST.to_owned())
        } else {
            let (parts, body) = response.into_parts();
            let retry = parts.headers.get(http::header::RETRY_AFTER);
            Reply::Peer(PeerReply {
                status: parts.status.as_u16(),
                body: String::from_utf8_lossy(&body).into_owned(),
                retry_after_seconds: retry.and_then(|value| value.to_str().ok()?.parse().ok()),
            })
        };
        self.soon(Event::Reply { task, id, reply });
    }
}
