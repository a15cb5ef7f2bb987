//! Naming what is wrong with an input: every issue carries the field, a stable code and a sentence for people.

use serde::{Deserialize, Serialize};

/// One thing that is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Issue {
    /// Path of the field, such as `items[0].quantity_mg`; empty for the body as a whole.
    pub field: String,
    /// Stable, machine-readable: `required`, `unknown_field`, `wrong_type`, `out_of_range`, `too_long`, ….
    pub code: String,
    /// A sentence that says how to mend it.
    pub message: String,
}

/// The issues found so far with one input.
#[derive(Debug, Default)]
pub struct Issues(Vec<Issue>);

impl Issues {
    /// Notes an issue.
    pub fn add(&mut self, field: impl Into<String>, code: &str, message: impl Into<String>) {
        self.0.push(Issue { field: field.into(), code: code.into(), message: message.into() });
    }

    /// Notes an issue unless the rule holds.
    pub fn require(&mut self, holds: bool, field: impl Into<String>, code: &str, message: impl Into<String>) {
        if !holds {
            self.add(field, code, message);
        }
    }

    /// A number within its bounds, both included.
    pub fn within(&mut self, value: i64, field: &str, least: i64, most: i64) {
        self.require(
            (least..=most).contains(&value),
            field,
            "out_of_range",
            format!("must be from {least} to {most}, but is {value}"),
        );
    }

    /// Text of `least` to `most` characters without control characters other than tab and line breaks.
    pub fn text(&mut self, value: &str, field: &str, least: usize, most: usize) {
        let length = value.trim().chars().count();
        self.require(length >= least, field, "too_short", format!("must have at least {least} characters"));
        self.require(
            value.chars().count() <= most,
            field,
            "too_long",
            format!("must have at most {most} characters"),
        );
        let clean = value.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t'));
        self.require(clean, field, "control_character", "must not contain control characters");
    }

    /// Ends the check: nothing, or everything that is wrong.
    ///
    /// # Errors
    /// The issues, when there are any.
    pub fn done(self) -> Result<(), Vec<Issue>> {
        if self.0.is_empty() { Ok(()) } else { Err(self.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_every_field_that_is_wrong() {
        let mut issues = Issues::default();
        issues.within(0, "quantity_mg", 1, 10);
        issues.text(" ", "name", 1, 5);
        issues.text("ok\u{0}", "note", 0, 5);
        let found = issues.done().unwrap_err();
        let fields: Vec<_> = found.iter().map(|issue| issue.field.as_str()).collect();
        assert_eq!(fields, ["quantity_mg", "name", "note"]);
    }
}
