//! One request or job as a task that is polled by hand: it yields the operations it waits for and goes on when
//! their replies are delivered. No waker, no executor, no promise: whoever drives it decides the order.

use crate::io::{Io, Op, Reply};
use sesh_types::time::Timestamp;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// A boxed future that handlers and jobs become.
pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// What a task wants next.
pub enum Step<T> {
    /// Perform these, deliver each reply under its number, then step again.
    Perform(Vec<(u32, Op)>),
    /// The result. When `more` is true, step on to finish what was deferred.
    Ready {
        /// What the main future came to.
        output: T,
        /// Whether deferred work is left.
        more: bool,
    },
    /// Everything is done, deferred work included.
    Finished,
    /// It waits for something that is no port: a bug, answered as a fault of ours.
    Stuck,
}

/// A request or job in progress.
pub struct Task<T> {
    io: Io,
    main: Option<BoxFuture<T>>,
    deferred: Vec<BoxFuture<()>>,
}

impl<T> Task<T> {
    /// A task around a future whose ports are `io`.
    pub fn new(io: Io, main: BoxFuture<T>) -> Self {
        Self { io, main: Some(main), deferred: Vec::new() }
    }

    /// Delivers the reply to the operation with this number.
    pub fn deliver(&self, id: u32, reply: Reply) {
        self.io.deliver(id, reply);
    }

    /// Moves the clock.
    pub fn set_now(&self, now: Timestamp) {
        self.io.set_now(now);
    }

    /// Polls once.
    pub fn step(&mut self) -> Step<T> {
        let mut context = Context::from_waker(Waker::noop());
        if let Some(main) = &mut self.main {
            return match main.as_mut().poll(&mut context) {
                Poll::Ready(output) => {
                    self.main = None;
                    self.deferred = self.io.take_deferred();
                    Step::Ready { output, more: !self.deferred.is_empty() }
                }
                Poll::Pending => self.waiting(),
            };
        }
        loop {
            self.deferred.retain_mut(|work| work.as_mut().poll(&mut context).is_pending());
            let more = self.io.take_deferred();
            if more.is_empty() {
                break;
            }
            self.deferred.extend(more);
        }
        if self.deferred.is_empty() { Step::Finished } else { self.waiting() }
    }

    fn waiting(&self) -> Step<T> {
        let ops = self.io.take_outbox();
        if ops.is_empty() { Step::Stuck } else { Step::Perform(ops) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::SystemEntropy;
    use std::sync::Arc;

    #[test]
    fn yields_operations_and_goes_on_with_their_replies() {
        let io = Io::new(Timestamp(0), Arc::new(SystemEntropy));
        let ports = io.clone();
        let mut task = Task::new(
            io,
            Box::pin(async move {
                let value = ports.kv_get("a".into()).await;
                let after = ports.clone();
                ports.defer(async move { after.kv_delete("a".into()).await });
                value
            }),
        );
        let Step::Perform(ops) = task.step() else { unreachable!("it asks for the key") };
        let [(id, Op::KvGet { key })] = ops.as_slice() else { unreachable!("one operation: {ops:?}") };
        assert_eq!(key, "a");
        task.deliver(*id, Reply::Text(Some("b".into())));
        assert!(matches!(task.step(), Step::Ready { output: Some(text), more: true } if text == "b"));
        let Step::Perform(ops) = task.step() else { unreachable!("deferred work asks too") };
        task.deliver(ops[0].0, Reply::Done);
        assert!(matches!(task.step(), Step::Finished));
    }

    #[test]
    fn a_future_that_waits_for_no_port_is_stuck() {
        let io = Io::new(Timestamp(0), Arc::new(SystemEntropy));
        let mut task: Task<()> = Task::new(io, Box::pin(std::future::pending()));
        assert!(matches!(task.step(), Step::Stuck));
    }
}
