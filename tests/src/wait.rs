//! Waiting for what happens later, and doing much at once.

use std::sync::Barrier;
use std::time::Duration;

const PAUSE: Duration = Duration::from_millis(50);
const DEADLINE: Duration = Duration::from_secs(30);

#[allow(clippy::disallowed_methods, reason = "a test waits by the machine's own clock")]
fn now() -> std::time::Instant {
    std::time::Instant::now()
}

/// Looks again and again until there is something.
///
/// # Panics
/// When there is nothing after half a minute.
#[track_caller]
pub fn eventually<T>(what: &str, look: impl Fn() -> Option<T>) -> T {
    let begun = now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < DEADLINE, "waited {DEADLINE:?} in vain: {what}");
        std::thread::sleep(PAUSE);
    }
}

/// Does `count` things at the same moment, each with its number from 0; results in that order.
///
/// # Panics
/// When one of them does.
pub fn at_once<T: Send>(count: usize, act: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let barrier = Barrier::new(count);
    let (barrier, act) = (&barrier, &act);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..count)
            .map(|number| {
                scope.spawn(move || {
                    barrier.wait();
                    act(number)
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

/// Does something with each of many items, a few at a time; results in their order.
///
/// # Panics
/// When one of them does.
pub fn each<I: Sync, T: Send>(items: &[I], act: impl Fn(&I) -> T + Sync) -> Vec<T> {
    const LANES: usize = 6;
    let act = &act;
    let share = items.len().div_ceil(LANES).max(1);
    std::thread::scope(|scope| {
        let threads: Vec<_> = items
            .chunks(share)
            .map(|chunk| scope.spawn(move || chunk.iter().map(act).collect::<Vec<_>>()))
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}
