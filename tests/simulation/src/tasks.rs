//! Requests and jobs as tasks: they begin, are polled, wait, answer, and vanish when a Worker loses its isolate.

use crate::actions::Intent;
use crate::fleet::Worker;
use crate::ports::{Live, Work};
use crate::scheduler::{Event, Output, Simulation};
use crate::story::short;
use crate::{Holds, violated};
use bytes::Bytes;
use sesh_edge::drive::{Step, Task};
use sesh_edge::http::Door;
use sesh_edge::io::{Io, Reply};
use sesh_edge::native::captured_logs;
use sesh_edge::service::Job;
use sesh_types::time::Timestamp;

impl Simulation<'_> {
    pub(crate) fn arrive(&mut self, root: usize) -> Holds {
        let Some(number) = self.roots[root].action else { return Ok(()) };
        let action = self.actions[number].clone();
        self.told.tries(&action);
        let profile = self.told.profile(&action);
        let ended = |token| self.model.has_ended(token, self.clock(Worker::Observer));
        let leaves = matches!(action.intent, Intent::Logout { .. } | Intent::Erase { .. });
        let dead = self.told.is_dead(&action) || (!leaves && action.token.as_ref().is_some_and(ended));
        let closed = self.told.closed_by(&self.model, &action).filter(|_| !leaves);
        let opened = self.model.version_opened(&action);
        let reopened = action
            .token
            .as_ref()
            .zip(opened)
            .is_some_and(|(token, version)| self.told.is_news(&token.tenant, version));
        let spent = matches!(&action.intent, Intent::Redeem { code, .. }
            if self.model.code(code).is_none_or(|(used, _)| used));
        let commit = self.model.commit;
        let info = &mut self.roots[root];
        (info.dead, info.profile, info.commit, info.since) = (dead, profile, commit, self.now);
        (info.closed, info.reopened, info.spent) = (closed, reopened, spent);
        let task = self.spawn(action.worker, root, None, Door::Public, action.request());
        self.poll(task)
    }

    /// A request as a task.
    pub(crate) fn spawn(
        &mut self,
        worker: Worker,
        root: usize,
        parent: Option<(u64, u32)>,
        door: Door,
        request: http::Request<Bytes>,
    ) -> u64 {
        let io = Io::new(Timestamp(self.clock(worker)), self.entropy.clone());
        let main = self.services[worker.place()].handle(door, request, false, io.clone());
        let task = Task::new(io, Box::pin(async move { Output::Answer(main.await) }) as _);
        self.live(worker, root, parent, task)
    }

    pub(crate) fn live(
        &mut self,
        worker: Worker,
        root: usize,
        parent: Option<(u64, u32)>,
        task: Task<Output>,
    ) -> u64 {
        self.number += 1;
        self.tasks.insert(self.number, Live { worker, root, parent, task, waiting: 0, answered: false });
        self.number
    }

    /// Starts a job.
    pub(crate) fn job(&mut self, worker: Worker, job: Job, name: String, messages: Vec<u64>) -> Holds {
        let root = self.root(None, name);
        self.roots[root].messages = messages;
        let io = Io::new(Timestamp(self.clock(worker)), self.entropy.clone());
        let main = self.services[worker.place()].work(job, io.clone());
        let task = Task::new(io, Box::pin(async move { Output::Job(main.await.is_ok()) }) as _);
        let task = self.live(worker, root, None, task);
        self.poll(task)
    }

    pub(crate) fn reply(&mut self, task: u64, id: u32, reply: Reply) -> Holds {
        let Some(live) = self.tasks.get_mut(&task) else { return Ok(()) };
        live.task.deliver(id, reply);
        live.waiting -= 1;
        if live.waiting == 0 { self.poll(task) } else { Ok(()) }
    }

    /// Polls a task until it waits, or ends.
    pub(crate) fn poll(&mut self, id: u64) -> Holds {
        loop {
            let Some(live) = self.tasks.get_mut(&id) else { return Ok(()) };
            let (worker, root) = (live.worker, live.root);
            live.task.set_now(Timestamp(self.now + self.rates.skew_ms[worker.place()]));
            match live.task.step() {
                Step::Perform(ops) => {
                    live.waiting = ops.len();
                    for (op_id, op) in ops {
                        self.soon(Event::Perform { task: id, root, worker, id: op_id, work: Work::Op(op) });
                    }
                    return Ok(());
                }
                Step::Ready { output, more } => {
                    live.answered = true;
                    let parent = live.parent;
                    if !more {
                        self.tasks.remove(&id);
                    }
                    self.ready(root, worker, parent, output)?;
                    if !more {
                        return Ok(());
                    }
                }
                Step::Finished => {
                    self.tasks.remove(&id);
                    return Ok(());
                }
                Step::Stuck => return violated("a task waits for something that is no port"),
            }
        }
    }

    pub(crate) fn ready(
        &mut self,
        root: usize,
        worker: Worker,
        parent: Option<(u64, u32)>,
        output: Output,
    ) -> Holds {
        match (output, parent) {
            (Output::Job(done), _) => self.job_done(root, worker, done),
            (Output::Answer(response), Some((task, id))) => {
                self.peer_answered(root, task, id, response);
                Ok(())
            }
            (Output::Answer(response), None) => {
                let (status, text) =
                    (response.status().as_u16(), String::from_utf8_lossy(response.body()).into_owned());
                let logs = captured_logs();
                let name = self.roots[root].name.clone();
                self.tell(|| format!("  → {status} {} ({name})", short(&text, 300)));
                for cause in logs.iter().filter(|line| line.contains("\"cause\"")) {
                    self.tell(|| format!("    log: {cause}"));
                }
                self.judge(root, &response)?;
                let lost = self.rates.answer_lost;
                if self.dice.happens(lost) {
                    self.strike(root, || "the answer is lost".to_owned());
                } else {
                    self.soon(Event::Answer { root, answer: Some((status, text)) });
                }
                Ok(())
            }
        }
    }

    /// A Worker loses its isolate: what it had in memory is gone, what it sent on its way may still arrive.
    pub(crate) fn crash(&mut self, worker: Worker) {
        self.counts.crashes += 1;
        self.tell(|| format!("{} loses its isolate", worker.name()));
        self.services[worker.place()] = worker.service();
        let gone: Vec<u64> =
            self.tasks.iter().filter(|(_, live)| live.worker == worker).map(|(id, _)| *id).collect();
        for id in gone {
            let Some(live) = self.tasks.remove(&id) else { continue };
            self.strike(live.root, || format!("it was under way in {}", worker.name()));
            if let (false, Some((task, id))) = (live.answered, live.parent) {
                self.soon(Event::Reply { task, id, reply: Reply::Failed(crate::faults::LOST.to_owned()) });
            } else if !live.answered {
                self.soon(Event::Answer { root: live.root, answer: None });
                self.redeliver(live.root);
            }
        }
    }
}
