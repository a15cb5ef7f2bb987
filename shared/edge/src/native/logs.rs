//! Logs of the native fleet, kept so that tests can search them for what must not be there.

use std::cell::RefCell;

thread_local! {
    static LINES: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Keeps a line; each test runs on a thread of its own.
pub fn capture_log(line: &str) {
    LINES.with_borrow_mut(|lines| lines.push(line.to_owned()));
}

/// The lines of this thread so far, and forgets them.
pub fn captured_logs() -> Vec<String> {
    LINES.take()
}
