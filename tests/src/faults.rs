//! What shall go wrong, for calls that name it: see `tests/faults/shim.mjs`. Other calls are not touched, so that such
//! tests run beside all others.

use crate::actors::Caller;
use crate::fleet::{WORKERS, Worker, fleet};
use crate::http::{Call, Reply};
use crate::names;
use serde_json::{Value, json};

/// The header in which a call names its plan.
const HEADER: &str = "x-sesh-fault-plan";

fn control(method: &str, worker: &str, name: &str) -> Call {
    let fleet = fleet();
    Call::new(method, format!("{}/faults/{worker}/{name}", fleet.control)).bearer(&fleet.admin_key)
}

/// One thing that goes wrong.
#[derive(Clone, Debug)]
pub struct Fault(Value);

impl Fault {
    /// Of this kind, at this binding, each time.
    pub fn new(kind: &str, binding: &str) -> Self {
        Self(json!({ "kind": kind, "binding": binding }))
    }

    /// A delay of any call to the database, up to so many milliseconds.
    pub fn delay(binding: &str, max_ms: u32) -> Self {
        Self::new("delay", binding).with("max_ms", max_ms)
    }

    /// Only where what is asked (SQL, `get key`, `POST /path`) holds this text.
    pub fn matching(self, text: &str) -> Self {
        self.with("match", text)
    }

    /// The first time alone.
    pub fn once(self) -> Self {
        self.with("times", 1)
    }

    /// With a member of `tests/faults/plan.mjs`.
    pub fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.0[member] = value.into();
        self
    }
}

/// A plan under a name of its own; it ends with this value.
#[derive(Debug)]
pub struct Plan {
    name: String,
    workers: Vec<String>,
}

impl Plan {
    /// Nothing goes wrong yet.
    pub fn new() -> Self {
        Self { name: names::key(), workers: Vec::new() }
    }

    /// Nothing goes wrong yet in what cron triggers do, whoever fires them.
    pub fn of_crons() -> Self {
        Self { name: "scheduled".to_owned(), workers: Vec::new() }
    }

    /// These go wrong in a Worker.
    #[track_caller]
    pub fn at(self, worker: Worker, faults: &[Fault]) -> Self {
        self.set(worker.name(), 1, 0, faults)
    }

    /// These go wrong in each Worker.
    #[track_caller]
    pub fn everywhere(self, seed: u64, faults: &[Fault]) -> Self {
        WORKERS.into_iter().fold(self, |plan, worker| plan.set(worker.name(), seed, 0, faults))
    }

    /// A Worker's clock is ahead by so much, or behind.
    #[track_caller]
    pub fn clock(self, worker: Worker, ahead_ms: i64) -> Self {
        self.set(worker.name(), 1, ahead_ms, &[])
    }

    /// These go wrong in the Worker of this name.
    #[track_caller]
    pub fn set(mut self, worker: &str, seed: u64, clock_ms: i64, faults: &[Fault]) -> Self {
        let faults: Vec<&Value> = faults.iter().map(|fault| &fault.0).collect();
        let plan = json!({ "seed": seed, "clock_ms": clock_ms, "faults": faults });
        let got = control("PUT", worker, &self.name).json(&plan).send();
        assert_eq!(got.status, 200, "start the fleet with --faults, as scripts/test does: {got}");
        self.workers.push(worker.to_owned());
        self
    }

    /// How often each fault struck in a Worker, in the order given.
    #[track_caller]
    pub fn hits(&self, worker: Worker) -> Vec<u64> {
        let got = control("GET", worker.name(), &self.name).send().is(200).json();
        let hits = got["hits"].as_array().unwrap_or_else(|| panic!("no plan at {}", worker.name()));
        hits.iter().map(|count| count.as_u64().unwrap()).collect()
    }

    /// The header that a call names it by.
    pub fn header(&self) -> (&'static str, &str) {
        (HEADER, &self.name)
    }

    /// A call that the plan is for.
    pub fn strikes(&self, call: Call) -> Call {
        call.header(HEADER, &self.name)
    }

    /// A caller whose calls the plan is for.
    pub fn around<'a, C: Caller>(&'a self, caller: &'a C) -> Struck<'a, C> {
        Struck { plan: self, caller }
    }
}

impl Default for Plan {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Plan {
    fn drop(&mut self) {
        for worker in &self.workers {
            // A fleet that is gone has no plans either.
            let _: Result<Reply, String> = control("DELETE", worker, &self.name).try_send();
        }
    }
}

/// A caller whose calls go wrong as planned.
#[derive(Clone, Copy, Debug)]
pub struct Struck<'a, C> {
    plan: &'a Plan,
    caller: &'a C,
}

impl<C: Caller> Caller for Struck<'_, C> {
    fn call(&self, method: &str, path: &str) -> Call {
        self.plan.strikes(self.caller.call(method, path))
    }
}
