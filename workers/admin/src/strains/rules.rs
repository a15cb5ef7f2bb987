//! The bounds of a chunk; what a strain must be is tracker's to say.

use sesh_types::contract::catalogue::{Import, MAX_ROWS};
use sesh_types::rules::{Issue, Issues};

const MAX_SOURCE_CHARS: usize = 40;

/// Checks a chunk.
pub(super) fn check(chunk: &Import) -> Result<(), Vec<Issue>> {
    let mut issues = Issues::default();
    issues.text(&chunk.source, "source", 1, MAX_SOURCE_CHARS);
    let rows = chunk.rows.len();
    issues.require(
        rows <= MAX_ROWS,
        "rows",
        "too_many",
        format!("must be at most {MAX_ROWS}, but are {rows}"),
    );
    issues.done()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sesh_types::contract::catalogue::StrainRow;

    fn found(source: &str, rows: usize) -> Vec<(String, String)> {
        let row: StrainRow = serde_json::from_value(crate::testing::strain_row()).unwrap();
        let chunk = Import { source: source.to_owned(), rows: vec![row; rows] };
        let issues = check(&chunk).err().unwrap_or_default();
        issues.into_iter().map(|issue| (issue.field, issue.code)).collect()
    }

    #[test]
    fn bounds_are_included_and_what_lies_beyond_is_named() {
        let named = |field: &str, code: &str| vec![(field.to_owned(), code.to_owned())];
        assert_eq!(found("k", 0), []);
        assert_eq!(found(&"k".repeat(40), 200), []);
        assert_eq!(found(&"ü".repeat(40), 1), []);
        assert_eq!(found(&"k".repeat(41), 1), named("source", "too_long"));
        assert_eq!(found("  ", 1), named("source", "too_short"));
        assert_eq!(found("a\u{0}", 1), named("source", "control_character"));
        assert_eq!(found("k", 201), named("rows", "too_many"));
        assert_eq!(found("", 201).len(), 2);
    }
}
