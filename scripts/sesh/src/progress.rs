//! Shows how far a command is: a bar on a terminal, plain lines elsewhere. Both go to stderr.

use indicatif::{ProgressBar, ProgressStyle};
use std::io::{self, IsTerminal as _, Write as _};

/// Lines for a whole run where there is no terminal.
const LINES: u64 = 10;

/// How far a command is.
#[derive(Debug)]
pub enum Progress {
    /// On a terminal.
    Bar(ProgressBar),
    /// In a log.
    Lines {
        /// Done so far.
        done: u64,
        /// In all.
        all: u64,
        /// Of what.
        what: &'static str,
    },
}

impl Progress {
    /// Begins at nothing of `all`; `what` is the plural of what is counted.
    pub fn start(all: u64, what: &'static str) -> Self {
        if !io::stderr().is_terminal() {
            return Self::Lines { done: 0, all, what };
        }
        let bar = ProgressBar::new(all);
        let template = format!("{{bar:40}} {{human_pos}}/{{human_len}} {what}  {{per_sec}}  {{eta}} left");
        if let Ok(style) = ProgressStyle::with_template(&template) {
            bar.set_style(style);
        }
        Self::Bar(bar)
    }

    /// `more` are done.
    pub fn advance(&mut self, more: u64) {
        match self {
            Self::Bar(bar) => bar.inc(more),
            Self::Lines { done, all, what } => {
                let before = tenth(*done, *all);
                *done += more;
                if tenth(*done, *all) > before {
                    // A closed stderr is no reason to stop.
                    let _ = writeln!(io::stderr().lock(), "{done} of {all} {what}");
                }
            }
        }
    }

    /// Ends, leaving the last state to be seen.
    pub fn finish(self) {
        if let Self::Bar(bar) = self {
            bar.abandon();
        }
    }
}

fn tenth(done: u64, all: u64) -> u64 {
    (done * LINES).checked_div(all).unwrap_or(LINES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_gets_at_most_ten_lines() {
        let steps = (0..=48).map(|chunk| tenth((chunk * 200).min(9524), 9524));
        assert_eq!(steps.collect::<std::collections::BTreeSet<_>>().len(), 11);
        assert_eq!(tenth(0, 0), LINES);
    }
}
