//! The scheduler: a heap of events, each at its time, ties broken by chance. Everything that happens is an event, and
//! between any two of them any other may come.

use crate::actions::{Action, Mind};
use crate::cache::Cache;
use crate::dice::Dice;
use crate::faults::Rates;
use crate::fleet::{Stage, WORKERS, Worker};
use crate::model::{Doing, Model};
use crate::people::Person;
use crate::ports::{Live, Work};
use crate::story::{Story, short};
use crate::{Holds, Violation, violated};
use bytes::Bytes;
use http::Response;
use sesh_edge::drive::{Step, Task};
use sesh_edge::http::Door;
use sesh_edge::io::{Io, Reply};
use sesh_edge::native::{Seeded, captured_logs};
use sesh_edge::service::{Job, Service};
use sesh_types::time::{MINUTE_MS, SECOND_MS, Timestamp};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::rc::Rc;
use std::sync::Arc;

/// When every seed begins: 2026-04-20T16:20:00Z.
pub(crate) const BEGIN: i64 = 1_776_702_000_000;
/// How long a client waits for an answer.
const PATIENCE_MS: i64 = 30 * SECOND_MS;
/// How often a client sends the same request.
const MOST_ATTEMPTS: u32 = 4;

/// What happens.
pub(crate) enum Event {
    /// A request reaches the door.
    Arrive(usize),
    /// A port call reaches what it calls.
    Perform { task: u64, root: usize, worker: Worker, id: u32, work: Work },
    /// Its reply reaches the task.
    Reply { task: u64, id: u32, reply: Reply },
    /// An answer reaches the client; none: the client gave up.
    Answer { root: usize, answer: Option<(u16, String)> },
    /// Somebody thinks of something to do.
    Think(usize, usize),
    /// An administrator does.
    Administer,
    /// A request is sent again.
    Again(usize),
    /// A cron trigger.
    Tick(Worker),
    /// The queue looks for messages to deliver.
    Poll,
}

struct Queued {
    at: i64,
    tie: u64,
    number: u64,
    event: Event,
}

impl Queued {
    fn key(&self) -> (i64, u64, u64) {
        (self.at, self.tie, self.number)
    }
}

impl PartialEq for Queued {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}
impl Eq for Queued {}
impl PartialOrd for Queued {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Queued {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

/// What everything below it comes from: an attempt of an action, or a job.
pub(crate) struct Root {
    /// The action, unless it is a job.
    pub(crate) action: Option<usize>,
    /// Faults that struck it.
    pub(crate) faults: u32,
    /// The last commit before it began.
    pub(crate) commit: u64,
    /// When it began.
    pub(crate) since: i64,
    /// Its token was acknowledged dead before.
    pub(crate) dead: bool,
    /// The version of the profile that was acknowledged before.
    pub(crate) profile: i64,
    /// The client has heard, or does not listen any more.
    pub(crate) settled: bool,
    /// Messages that a delivery carries.
    pub(crate) messages: Vec<u64>,
    /// For people.
    pub(crate) name: String,
}

/// A message on its way.
pub(crate) struct Message {
    pub(crate) number: u64,
    pub(crate) body: String,
    pub(crate) visible_at: i64,
}

/// What became of an action, as its client sees it.
#[derive(Default)]
struct Progress {
    attempts: u32,
    done: bool,
}

/// What a run did.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Actions.
    pub actions: u64,
    /// Requests.
    pub attempts: u64,
    /// Events.
    pub events: u64,
    /// Commits that changed what the model knows.
    pub commits: u64,
    /// Faults.
    pub faults: u64,
    /// Crashes.
    pub crashes: u64,
    /// Answers: 2xx, 4xx, 503.
    pub answers: [u64; 3],
}

impl Counts {
    /// Adds another run's.
    pub fn add(&mut self, other: Self) {
        self.actions += other.actions;
        self.attempts += other.attempts;
        self.events += other.events;
        self.commits += other.commits;
        self.faults += other.faults;
        self.crashes += other.crashes;
        self.answers.iter_mut().zip(other.answers).for_each(|(sum, count)| *sum += count);
    }
}

/// What came of a seed.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The seed.
    pub seed: u64,
    /// What does not hold.
    pub violation: Option<Violation>,
    /// What happened, if it was asked for.
    pub story: String,
    /// How much.
    pub counts: Counts,
}

/// One seed being played.
pub struct Simulation<'s> {
    pub(crate) stage: &'s Stage,
    pub(crate) seed: u64,
    pub(crate) dice: Dice,
    pub(crate) rates: Rates,
    pub(crate) story: Story,
    pub(crate) now: i64,
    events: BinaryHeap<Reverse<Queued>>,
    number: u64,
    pub(crate) tasks: BTreeMap<u64, Live>,
    services: [Service; 3],
    entropy: Arc<Seeded>,
    pub(crate) cache: Cache,
    pub(crate) queue: Vec<Message>,
    pub(crate) roots: Vec<Root>,
    pub(crate) actions: Vec<Rc<Action>>,
    progress: Vec<Progress>,
    pub(crate) model: Model,
    pub(crate) people: Vec<Person>,
    pub(crate) told: crate::judge::Told,
    budget: usize,
    pub(crate) quiet: bool,
    pub(crate) counts: Counts,
}

impl<'s> Simulation<'s> {
    /// A seed, ready to be played.
    pub fn new(stage: &'s Stage, seed: u64, with_story: bool) -> Self {
        let mut dice = Dice::new(seed);
        let rates = Rates::of(&mut dice);
        let people = 1 + dice.below(3);
        let devices = 1 + dice.below(3);
        let mut this = Self {
            stage,
            seed,
            rates,
            story: Story::new(with_story, BEGIN),
            now: BEGIN,
            events: BinaryHeap::new(),
            number: 0,
            tasks: BTreeMap::new(),
            services: WORKERS.map(Worker::service),
            entropy: Arc::new(Seeded::new(seed)),
            cache: Cache::default(),
            queue: Vec::new(),
            roots: Vec::new(),
            actions: Vec::new(),
            progress: Vec::new(),
            model: Model::default(),
            people: (0..people).map(|number| Person::new(number, devices)).collect(),
            told: crate::judge::Told::default(),
            budget: 30 + dice.below(50),
            quiet: false,
            counts: Counts::default(),
            dice,
        };
        this.begin(people, devices);
        this
    }

    fn begin(&mut self, people: usize, devices: usize) {
        for person in 0..people {
            for device in 0..devices {
                let delay = self.dice.within(0, 8_000);
                self.after(delay, Event::Think(person, device));
            }
        }
        self.after(20 * SECOND_MS, Event::Administer);
        for worker in WORKERS {
            let delay = self.dice.within(0, MINUTE_MS);
            self.after(delay, Event::Tick(worker));
        }
    }

    /// Plays to the end.
    pub fn run(mut self) -> Outcome {
        let result = self.busy().and_then(|()| self.settle());
        let violation = result.err();
        if let Some(Violation(words)) = &violation {
            let words = words.clone();
            self.tell(|| format!("VIOLATION: {words}"));
        }
        captured_logs();
        self.counts.commits = self.model.commit;
        self.counts.actions = self.actions.len() as u64;
        Outcome { seed: self.seed, violation, story: self.story.text(), counts: self.counts }
    }

    fn busy(&mut self) -> Holds {
        while self.budget > 0 {
            if !self.step()? {
                break;
            }
        }
        // Clients finish what they began; nothing new begins.
        while self.progress.iter().any(|progress| !progress.done) {
            if !self.step()? {
                break;
            }
        }
        Ok(())
    }

    /// Plays until nothing is left to happen.
    pub(crate) fn drain(&mut self) -> Holds {
        while self.step()? {}
        Ok(())
    }

    fn step(&mut self) -> Result<bool, Violation> {
        let Some(Reverse(queued)) = self.events.pop() else { return Ok(false) };
        if let Event::Answer { root, answer: None } = queued.event
            && self.roots[root].settled
        {
            // Nobody waits any more: not even time passes by it.
            return Ok(true);
        }
        self.now = self.now.max(queued.at);
        self.counts.events += 1;
        if self.counts.events > 200_000 {
            return violated("it does not come to an end");
        }
        let crash = self.rates.crash;
        if self.dice.happens(crash) && self.dice.happens(500) {
            let worker = WORKERS[self.dice.below(3)];
            self.crash(worker);
        }
        self.happen(queued.event)?;
        Ok(true)
    }

    fn happen(&mut self, event: Event) -> Holds {
        match event {
            Event::Arrive(root) => self.arrive(root),
            Event::Perform { task, root, worker, id, work } => self.perform(task, root, worker, id, work),
            Event::Reply { task, id, reply } => self.reply(task, id, reply),
            Event::Answer { root, answer } => {
                self.hear(root, answer);
                Ok(())
            }
            Event::Think(person, device) => {
                self.think(person, device);
                Ok(())
            }
            Event::Administer => {
                self.administer();
                Ok(())
            }
            Event::Again(action) => {
                self.attempt(action);
                Ok(())
            }
            Event::Tick(worker) => self.tick(worker),
            Event::Poll => self.deliver(),
        }
    }

    /// Schedules an event.
    pub(crate) fn after(&mut self, delay_ms: i64, event: Event) {
        let tie = self.dice.next();
        self.number += 1;
        self.events.push(Reverse(Queued { at: self.now + delay_ms, tie, number: self.number, event }));
    }

    /// Schedules an event as soon as such things come: mostly at once, sometimes a little later.
    pub(crate) fn soon(&mut self, event: Event) {
        let delay = match self.dice.below(10) {
            0..=5 => self.dice.within(0, 3),
            6..=8 => self.dice.within(0, 40),
            _ => self.dice.within(0, 400),
        };
        self.after(delay, event);
    }

    /// A Worker's clock.
    pub(crate) fn clock(&self, worker: Worker) -> i64 {
        self.now + self.rates.skew_ms[worker.place()]
    }

    pub(crate) fn tell(&mut self, line: impl FnOnce() -> String) {
        self.story.tell(self.now, line);
    }

    /// A fault strikes.
    pub(crate) fn strike(&mut self, root: usize, what: impl FnOnce() -> String) {
        self.counts.faults += 1;
        let root = &mut self.roots[root];
        root.faults += 1;
        let name = root.name.clone();
        self.tell(|| format!("    fault: {} ({name})", what()));
    }

    // ---- people ----

    fn think(&mut self, person: usize, device: usize) {
        if self.budget == 0 {
            return;
        }
        let number = self.actions.len();
        match self.mind(number).think((person, device)) {
            Some(action) => self.begin_action(action),
            None => {
                let delay = self.dice.within(500, 5_000);
                self.after(delay, Event::Think(person, device));
            }
        }
    }

    fn administer(&mut self) {
        if self.budget == 0 {
            return;
        }
        let number = self.actions.len();
        let action = self.mind(number).administer();
        self.begin_action(action);
    }

    /// All that is looked at to think of something to do.
    pub(crate) fn mind(&mut self, number: usize) -> Mind<'_> {
        let (begun, now) = (BEGIN, self.now);
        Mind { dice: &mut self.dice, people: &self.people, model: &self.model, now, begun, number }
    }

    /// Starts an action of the simulation's own.
    pub(crate) fn begin_action(&mut self, action: Action) {
        self.budget = self.budget.saturating_sub(1);
        if let (Some((person, _)), crate::actions::Intent::Register { .. }) = (action.who, &action.intent) {
            self.people[person].registering = true;
        }
        let number = action.number;
        self.actions.push(Rc::new(action));
        self.progress.push(Progress::default());
        self.attempt(number);
    }

    /// Sends a request (again).
    pub(crate) fn attempt(&mut self, number: usize) {
        let action = self.actions[number].clone();
        let progress = &mut self.progress[number];
        progress.attempts += 1;
        let count = progress.attempts;
        self.counts.attempts += 1;
        let root = self.root(Some(number), format!("action {number}, try {count}"));
        self.tell(|| format!("{} [action {number}, try {count}]", action.told()));
        self.soon(Event::Arrive(root));
        self.after(PATIENCE_MS, Event::Answer { root, answer: None });
        let hedge = self.rates.hedge;
        if repeatable(&action) && count < MOST_ATTEMPTS && self.dice.happens(hedge) {
            self.soon(Event::Again(number));
        }
    }

    fn root(&mut self, action: Option<usize>, name: String) -> usize {
        let (commit, since) = (self.model.commit, self.now);
        let root = Root {
            action,
            faults: 0,
            commit,
            since,
            dead: false,
            profile: 0,
            settled: false,
            messages: Vec::new(),
            name,
        };
        self.roots.push(root);
        self.roots.len() - 1
    }

    /// The client hears, or gives up.
    fn hear(&mut self, root: usize, answer: Option<(u16, String)>) {
        let Some(number) = self.roots[root].action else { return };
        if std::mem::replace(&mut self.roots[root].settled, true) {
            return;
        }
        if answer.is_none() {
            self.tasks.retain(|_, live| live.root != root || live.answered);
        }
        if self.progress[number].done {
            return;
        }
        let action = self.actions[number].clone();
        let final_answer = answer.as_ref().filter(|(status, _)| *status < 500);
        if final_answer.is_none() {
            if answer.is_none() {
                self.tell(|| format!("    the client of action {number} hears nothing"));
            }
            let again = repeatable(&action) && self.progress[number].attempts < MOST_ATTEMPTS;
            if again && self.dice.happens(750) {
                let delay = self.dice.within(500, 4_000);
                self.after(delay, Event::Again(number));
                return;
            }
        }
        self.progress[number].done = true;
        if let (Some((status, body)), Some((person, device))) = (final_answer, action.who) {
            if *status < 300 {
                crate::judge::keep_tokens(&mut self.people[person].devices[device], &action, body);
            }
            if *status == 401 && !matches!(action.intent, crate::actions::Intent::Login { .. }) {
                let device = &mut self.people[person].devices[device];
                device.old_access.extend(device.access.take());
            }
        }
        let refused = final_answer.is_some_and(|(status, _)| matches!(status, 401 | 429));
        if refused && action.who.is_some() && matches!(action.intent, crate::actions::Intent::Login { .. }) {
            // Whoever is not let in comes back later, not at once.
            self.patience_after(&action);
            return;
        }
        self.next_action(&action, final_answer.is_some_and(|(status, _)| *status < 300));
    }

    fn patience_after(&mut self, action: &Action) {
        if let (Some((person, device)), false) = (action.who, self.quiet) {
            let pause = self.dice.within(20 * SECOND_MS, 10 * MINUTE_MS);
            self.after(pause, Event::Think(person, device));
        }
    }

    fn next_action(&mut self, action: &Action, success: bool) {
        if let Some((person, _)) = action.who {
            self.people[person].registering = false;
        }
        if self.quiet {
            return;
        }
        if success && repeatable(action) && self.dice.happens(60) {
            let delay = self.dice.within(0, 20_000);
            self.after(delay, Event::Again(action.number));
        }
        if success && self.dice.happens(60) {
            let number = self.actions.len();
            if let Some(other) = action.with_another_body(number, self.now) {
                self.begin_action(other);
                return;
            }
        }
        let pause = match self.dice.below(20) {
            0..=11 => self.dice.within(0, 600),
            12..=17 => self.dice.within(0, 8_000),
            18 => self.dice.within(0, 2 * MINUTE_MS),
            _ => self.dice.within(0, 16 * MINUTE_MS),
        };
        match action.who {
            Some((person, device)) => {
                self.after(pause, Event::Think(person, device));
            }
            None => {
                let pause = pause + self.dice.within(5_000, 90_000);
                self.after(pause, Event::Administer);
            }
        }
    }

    // ---- tasks ----

    fn arrive(&mut self, root: usize) -> Holds {
        let Some(number) = self.roots[root].action else { return Ok(()) };
        let action = self.actions[number].clone();
        self.told.tries(&action);
        let (dead, profile) = (self.told.is_dead(&action), self.told.profile(&action));
        let commit = self.model.commit;
        let info = &mut self.roots[root];
        (info.dead, info.profile, info.commit, info.since) = (dead, profile, commit, self.now);
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

    fn live(&mut self, worker: Worker, root: usize, parent: Option<(u64, u32)>, task: Task<Output>) -> u64 {
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

    fn reply(&mut self, task: u64, id: u32, reply: Reply) -> Holds {
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

    fn ready(&mut self, root: usize, worker: Worker, parent: Option<(u64, u32)>, output: Output) -> Holds {
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
    fn crash(&mut self, worker: Worker) {
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

    /// Does what may be done once for all attempts, or once for each.
    pub(crate) fn doing(&self, root: usize) -> Doing {
        match self.roots[root].action {
            Some(number) if self.actions[number].key.is_some() => Doing::Action(number),
            _ => Doing::Attempt(root),
        }
    }
}

/// What a task comes to.
pub(crate) enum Output {
    /// An answer.
    Answer(Response<Bytes>),
    /// Whether a job succeeded.
    Job(bool),
}

/// Whether a client may send it again: with a key, or because doing it twice is doing it once.
fn repeatable(action: &Action) -> bool {
    use crate::actions::Intent;
    action.key.is_some()
        || action.intent.reads()
        || matches!(action.intent, Intent::Refresh { .. } | Intent::Logout { .. })
}
