//! What happened, in lines that people can read; kept only when somebody wants to read it.

use sesh_types::time::Timestamp;

/// The lines of one seed.
#[derive(Clone, Debug, Default)]
pub struct Story {
    lines: Option<Vec<String>>,
    begun: i64,
}

impl Story {
    /// A story that begins at this time; without `kept` nothing is written down.
    pub fn new(kept: bool, begun: i64) -> Self {
        Self { lines: kept.then(Vec::new), begun }
    }

    /// Writes a line, if anybody wants to read it.
    pub fn tell(&mut self, now: i64, line: impl FnOnce() -> String) {
        if let Some(lines) = &mut self.lines {
            let (seconds, millis) = ((now - self.begun) / 1000, (now - self.begun) % 1000);
            let number = lines.len() + 1;
            lines.push(format!("{number:>5}  {seconds:>6}.{millis:03} s  {}", line()));
        }
    }

    /// The lines, with a head that says when it begins.
    pub fn text(&self) -> String {
        let lines = self.lines.as_deref().unwrap_or_default();
        format!("It is {}.\n{}", Timestamp(self.begun), lines.join("\n"))
    }
}

/// A long text, shortened for a line.
pub fn short(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let cut: String = text.chars().take(most).collect();
    format!("{cut}…")
}
