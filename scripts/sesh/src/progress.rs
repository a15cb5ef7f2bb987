//! Shows how far an import is: a bar on a terminal, plain lines elsewhere. Both go to stderr.

use indicatif::{ProgressBar, ProgressStyle};
use std::io::{self, IsTerminal as _, Write as _};

/// Lines for a whole import where there is no terminal.
const LINES: u64 = 10;

/// How far an import is.
#[derive(Debug)]
pub enum Progress {
    /// On a terminal.
    Bar(ProgressBar),
    /// In a log.
    Lines {
        /// Rows taken so far.
        done: u64,
        /// Rows in all.
        all: u64,
    },
}

impl Progress {
    /// Begins at nothing of `all` rows.
    pub fn start(all: u64) -> Self {
        if !io::stderr().is_terminal() {
            return Self::Lines { done: 0, all };
        }
        let bar = ProgressBar::new(all);
        if let Ok(style) =
            ProgressStyle::with_template("{bar:40} {human_pos}/{human_len} rows  {per_sec}  {eta} left")
        {
            bar.set_style(style);
        }
        Self::Bar(bar)
    }

    /// `rows` more were taken.
    pub fn advance(&mut self, rows: u64) {
        match self {
            Self::Bar(bar) => bar.inc(rows),
            Self::Lines { done, all } => {
                let before = tenth(*done, *all);
                *done += rows;
                if tenth(*done, *all) > before {
                    // A closed stderr is no reason to stop an import.
                    let _ = writeln!(io::stderr().lock(), "{done} of {all} rows");
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
