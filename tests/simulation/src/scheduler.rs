//! The scheduler: a heap of events, each at its time, ties broken by chance. Everything that happens is an event, and
//! between any two of them any other may come.

use crate::actions::Action;
use crate::cache::Cache;
use crate::dice::Dice;
use crate::faults::Rates;
use crate::fleet::{Stage, WORKERS, Worker};
use crate::model::{Doing, Model};
use crate::people::{Access, Person};
use crate::ports::{Live, Work};
use crate::staff::Cast;
use crate::story::Story;
use crate::{Holds, Violation, violated};
use bytes::Bytes;
use http::Response;
use sesh_edge::io::Reply;
use sesh_edge::native::{Seeded, captured_logs};
use sesh_edge::service::Service;
use sesh_types::time::{MINUTE_MS, SECOND_MS};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::rc::Rc;
use std::sync::Arc;

/// When every seed begins: 2026-04-20T16:20:00Z.
pub(crate) const BEGIN: i64 = 1_776_702_000_000;
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
    /// A member of staff does.
    Serve,
    /// A request is sent, mostly again.
    Again(usize),
    /// Something is done in a rush beside an action.
    Rush(usize),
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
    /// Its token was acknowledged dead, or its tenant closed, when it asked tracker's database last.
    pub(crate) late: bool,
    /// Its tenant was acknowledged closed before, at this version.
    pub(crate) closed: Option<(String, i64)>,
    /// Its tenant had been opened again, and nobody been told so yet.
    pub(crate) reopened: bool,
    /// Its code was used before.
    pub(crate) spent: bool,
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
pub(crate) struct Progress {
    pub(crate) attempts: u32,
    pub(crate) done: bool,
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
    pub(crate) number: u64,
    pub(crate) tasks: BTreeMap<u64, Live>,
    pub(crate) services: [Service; 3],
    pub(crate) entropy: Arc<Seeded>,
    pub(crate) cache: Cache,
    pub(crate) queue: Vec<Message>,
    pub(crate) roots: Vec<Root>,
    pub(crate) actions: Vec<Rc<Action>>,
    pub(crate) progress: Vec<Progress>,
    pub(crate) model: Model,
    pub(crate) people: Vec<Person>,
    /// Who else plays.
    pub(crate) cast: Cast,
    /// Tokens by which staff act, or acted, as somebody.
    pub(crate) acting: Vec<Access>,
    pub(crate) told: crate::judge::Told,
    pub(crate) budget: usize,
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
            cast: Cast::of(&mut dice),
            acting: Vec::new(),
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
        let first = if self.cast.tenants { 4 } else { 20 };
        self.after(first * SECOND_MS, Event::Administer);
        if self.cast.staff {
            self.after(15 * SECOND_MS, Event::Serve);
        }
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
            Event::Serve => {
                self.serve();
                Ok(())
            }
            Event::Again(action) => {
                self.attempt(action);
                Ok(())
            }
            Event::Rush(beside) => {
                self.join_rush(beside);
                Ok(())
            }
            Event::Tick(worker) => self.tick(worker),
            Event::Poll => self.deliver(),
        }
    }

    /// Schedules an event.
    pub(crate) fn after(&mut self, delay_ms: i64, event: Event) {
        let tie = self.dice.bits();
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
