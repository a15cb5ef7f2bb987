//! CSV (RFC 4180) that a spreadsheet opens without running what people wrote into it.

use serde_json::Value;

/// Text that begins so is a formula to a spreadsheet; an apostrophe in front makes it text again.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// What a byte order mark is in UTF-8: without it some spreadsheets read another encoding.
pub(crate) const BOM: &str = "\u{feff}";

/// A cell of text that people wrote.
fn text(cell: &str) -> String {
    // What begins with an apostrophe before such a sign gets another, so that taking one away gives back what it was.
    let bare = cell.trim_start_matches('\'');
    let safe = if bare.starts_with(FORMULA) { format!("'{cell}") } else { cell.to_owned() };
    quoted(&safe)
}

fn quoted(cell: &str) -> String {
    let plain = !cell.contains([',', '"', '\n', '\r', ';']) && cell.trim() == cell;
    if plain { cell.to_owned() } else { format!("\"{}\"", cell.replace('"', "\"\"")) }
}

/// A cell: numbers as they are, text made safe, lists joined by `; `, what is unknown empty.
fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(words)) => text(words),
        Some(Value::Array(list)) => {
            let words: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
            text(&words.join("; "))
        }
        Some(other) => quoted(&other.to_string()),
    }
}

/// Appends the header.
pub(crate) fn header(to: &mut String, columns: &[&str]) {
    to.push_str(&columns.join(","));
    to.push_str("\r\n");
}

/// Appends a row: of each column the first that `from` knows of.
pub(crate) fn row(to: &mut String, columns: &[&str], from: &[&Value]) {
    for (place, column) in columns.iter().enumerate() {
        if place > 0 {
            to.push(',');
        }
        to.push_str(&cell(from.iter().find_map(|object| object.get(*column))));
    }
    to.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn written(value: &Value) -> String {
        let mut to = String::new();
        row(&mut to, &["a", "b"], &[&json!({ "a": value })]);
        to
    }

    #[test]
    fn formulas_become_text_and_numbers_stay_numbers() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "'=1"] {
            assert_eq!(written(&json!(formula)), format!("'{formula},\r\n"));
        }
        assert_eq!(written(&json!("\t=1")), "\"'\t=1\",\r\n".replace("\"'\t=1\"", "'\t=1"));
        assert_eq!(written(&json!("\r=1")), "\"'\r=1\",\r\n");
        assert_eq!(written(&json!(-5)), "-5,\r\n");
        assert_eq!(written(&json!(["=x", "y"])), "\"'=x; y\",\r\n");
        assert_eq!(written(&json!("it's \"so\", she said")), "\"it's \"\"so\"\", she said\",\r\n");
        assert_eq!(written(&Value::Null), ",\r\n");
    }

    proptest! {
        #[test]
        fn no_cell_of_text_begins_as_a_formula(words in "[=+@'\t\r\n,\";a -]{0,12}") {
            let line = written(&json!(words));
            let first = line.strip_prefix('"').unwrap_or(&line).chars().next();
            prop_assert!(words.is_empty() || first.is_none_or(|c| !FORMULA.contains(&c)), "{line:?}");
        }
    }
}
