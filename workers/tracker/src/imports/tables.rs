//! CSV as it comes: with or without a byte order mark, separated by commas, semicolons or tabs, lines ended anyhow.

use csv_core::{ReadRecordResult, ReaderBuilder};

/// The most rows of a file.
pub(super) const MOST_ROWS: usize = 10_000;
/// The most columns of a row.
const MOST_COLUMNS: usize = 100;

/// A row, and the line on which it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) number: u64,
    pub(super) cells: Vec<String>,
}

/// A table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Table {
    /// The names of its columns; no two are the same.
    pub(super) columns: Vec<String>,
    pub(super) lines: Vec<Line>,
}

/// Why a text is no table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoTable {
    #[error("holds no row")]
    Empty,
    #[error("has more than 10,000 rows; bring it in parts")]
    TooLong,
    #[error("has more than 100 columns")]
    TooWide,
}

fn separator(text: &str) -> u8 {
    let head = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let mut quoted = false;
    let mut counts = [(b',', 0_usize), (b';', 0), (b'\t', 0)];
    for byte in head.bytes() {
        quoted ^= byte == b'"';
        if let Some((_, count)) = counts.iter_mut().find(|(separator, _)| *separator == byte && !quoted) {
            *count += 1;
        }
    }
    counts.into_iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(separator, _)| separator)
}

/// Reads records one by one.
fn records(text: &str) -> Result<Vec<Line>, NoTable> {
    let mut reader = ReaderBuilder::new().delimiter(separator(text)).build();
    let mut input = text.as_bytes();
    // No record is longer than the text, nor has more cells than it has bytes.
    let mut output = vec![0_u8; text.len() + 1];
    let mut ends = vec![0_usize; MOST_COLUMNS + 1];
    let mut lines = Vec::new();
    let (mut counted, mut number) = (0, 1);
    loop {
        // The reader skips line ends only once it reads on, so its own count lags behind.
        let ends_of_lines = input.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let start = text.len() - input.len() + ends_of_lines;
        number += text.get(counted..start).unwrap_or_default().matches('\n').count() as u64;
        counted = start;
        let (mut written, mut count) = (0, 0);
        let ended = loop {
            let room = output.get_mut(written..).unwrap_or_default();
            let places = ends.get_mut(count..).unwrap_or_default();
            let (result, read, wrote, found) = reader.read_record(input, room, places);
            input = input.get(read..).unwrap_or_default();
            written += wrote;
            count += found;
            match result {
                // An empty input says that the text is over.
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                    return Err(NoTable::TooWide);
                }
                ReadRecordResult::Record => break false,
                ReadRecordResult::End => break true,
            }
        };
        if ended {
            return Ok(lines);
        }
        let mut start = 0;
        let cells = ends.iter().take(count).map(|end| {
            let cell = output.get(start..*end).unwrap_or_default();
            start = *end;
            String::from_utf8_lossy(cell).trim().to_owned()
        });
        let cells: Vec<String> = cells.collect();
        if cells.iter().any(|cell| !cell.is_empty()) {
            lines.push(Line { number, cells });
        }
        if lines.len() > MOST_ROWS + 1 {
            return Err(NoTable::TooLong);
        }
    }
}

/// Gives a column without a name its number, and one whose name is taken another.
fn named(cells: Vec<String>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (place, cell) in cells.into_iter().enumerate() {
        let plain = if cell.is_empty() { format!("column {}", place + 1) } else { cell };
        let mut name = plain.clone();
        let mut again = 2;
        while names.contains(&name) {
            name = format!("{plain} ({again})");
            again += 1;
        }
        names.push(name);
    }
    names
}

/// Reads a table whose first row names its columns.
///
/// # Errors
/// [`NoTable`].
pub(super) fn read(text: &str) -> Result<Table, NoTable> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = records(text)?.into_iter();
    let head = lines.next().ok_or(NoTable::Empty)?;
    let lines: Vec<Line> = lines.collect();
    if lines.is_empty() {
        return Err(NoTable::Empty);
    }
    Ok(Table { columns: named(head.cells), lines })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    #[test]
    fn reads_quotes_line_breaks_and_marks() {
        let table =
            read("\u{feff}a;\"b \"\"x\"\"\";a;\r\n1;\"two\nlines\";3;\r\n\r\n;;;\n4;5;6;7;8\n").unwrap();
        assert_eq!(table.columns, ["a", "b \"x\"", "a (2)", "column 4"]);
        let lines: Vec<(u64, usize)> =
            table.lines.iter().map(|line| (line.number, line.cells.len())).collect();
        assert_eq!(table.lines[0].cells, ["1", "two\nlines", "3", ""]);
        assert_eq!(lines[0].0, 2);
        assert_eq!((lines.len(), lines[1].1), (2, 5), "empty rows are none");
    }

    #[test]
    fn what_is_no_table_is_named() {
        assert_eq!(read(""), Err(NoTable::Empty));
        assert_eq!(read("a,b\n"), Err(NoTable::Empty));
        assert_eq!(read(&",".repeat(200)), Err(NoTable::TooWide));
        assert_eq!(read(&"a\n".repeat(MOST_ROWS + 2)), Err(NoTable::TooLong));
        assert!(read(&"a\n".repeat(MOST_ROWS + 1)).is_ok());
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[a,;\t\"'\r\n =é\u{feff}]{0,200}") {
            let _ = read(&text);
        }

        #[test]
        fn what_is_written_is_read_back(
            rows in vec(vec("[a-z,;\"\n é]{1,8}", 3), 1..20), separator in prop_oneof![Just(','), Just(';'), Just('\t')]
        ) {
            let cell = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
            let line = |row: &Vec<String>| row.iter().map(cell).collect::<Vec<_>>().join(&separator.to_string());
            let head = format!("x{separator}y{separator}z");
            let text = format!("{head}\r\n{}", rows.iter().map(line).collect::<Vec<_>>().join("\r\n"));
            let wanted: Vec<Vec<String>> = rows.iter()
                .map(|row| row.iter().map(|cell| cell.trim().to_owned()).collect::<Vec<_>>())
                .filter(|row: &Vec<String>| row.iter().any(|cell| !cell.is_empty())).collect();
            match read(&text) {
                Ok(table) => {
                    let found: Vec<Vec<String>> = table.lines.into_iter().map(|line| line.cells).collect();
                    prop_assert_eq!(found, wanted);
                }
                Err(error) => prop_assert!(error == NoTable::Empty && wanted.is_empty(), "{error}"),
            }
        }
    }
}
