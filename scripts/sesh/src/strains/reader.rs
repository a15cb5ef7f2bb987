//! Splits a file into records that know the line they start on and the text they were made of.

use csv::{ByteRecord, ReaderBuilder};
use thiserror::Error;

/// Largest file that is read, in bytes.
pub const MAX_FILE_BYTES: u64 = 64 * 1024 * 1024;

/// Why a file cannot be read at all. A bad record is no reason; see [`Fault`].
#[derive(Debug, Error, PartialEq, Eq)]
pub enum ReadError {
    /// There is not even a header.
    #[error("the file is empty")]
    Empty,
    /// UTF-16, as spreadsheets save it when asked for Unicode text.
    #[error("the file is UTF-16; save it as UTF-8")]
    Utf16,
    /// The header lacks columns that a strain needs.
    #[error("wrong header: missing column{} {}", if .0.len() == 1 { "" } else { "s" }, .0.join(", "))]
    MissingColumns(Vec<&'static str>),
    /// Two columns have one name, so neither can be trusted.
    #[error("wrong header: the column {0} stands twice")]
    RepeatedColumn(String),
}

/// What is wrong with a record as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Bytes that are not UTF-8.
    NotUtf8,
    /// Another number of columns than the header's.
    ColumnCount {
        /// Columns of the header.
        expected: usize,
        /// Columns of the record.
        found: usize,
    },
}

/// A column that the import knows. All but the first three may be absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the column of that name")]
pub enum Column {
    Id,
    Name,
    Type,
    Description,
    Crosses,
    Breeder,
    Effects,
    Ailment,
    Flavor,
    Terpenes,
    Thc,
    Cbd,
}

impl Column {
    const REQUIRED: [Self; 3] = [Self::Id, Self::Name, Self::Type];

    /// The column's name in the header.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Name => "name",
            Self::Type => "type",
            Self::Description => "description",
            Self::Crosses => "crosses",
            Self::Breeder => "breeder",
            Self::Effects => "effects",
            Self::Ailment => "ailment",
            Self::Flavor => "flavor",
            Self::Terpenes => "terpenes",
            Self::Thc => "thc",
            Self::Cbd => "cbd",
        }
    }
}

/// One data record.
#[derive(Clone, Debug)]
pub struct Record {
    /// The physical line that it starts on, from 1, the header being line 1.
    pub line: u64,
    /// Its text, exactly, without the final line break; bytes that are not UTF-8 replaced.
    pub raw: String,
    /// Its cells, as many as the header has, or what is wrong with it.
    pub cells: Result<Vec<String>, Fault>,
}

/// A file, read.
#[derive(Debug)]
pub struct Table {
    header: Vec<String>,
    /// The data records, in order.
    pub records: Vec<Record>,
}

impl Table {
    /// The cell of a column; empty when the file has no such column.
    pub fn cell<'a>(&self, cells: &'a [String], column: Column) -> &'a str {
        let at = self.header.iter().position(|name| name == column.name());
        at.and_then(|at| cells.get(at)).map_or("", String::as_str)
    }
}

/// Reads a whole file. Blank lines are skipped; every other record is returned, good or bad.
pub fn read(bytes: &[u8]) -> Result<Table, ReadError> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(ReadError::Utf16);
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut split = split(bytes).into_iter();
    let header = split.next().ok_or(ReadError::Empty).and_then(|first| header(&first.fields))?;
    let records = split.map(|piece| record(piece, header.len())).collect();
    Ok(Table { header, records })
}

struct Piece<'a> {
    line: u64,
    raw: &'a [u8],
    fields: ByteRecord,
}

/// The records of a file with their extent. The csv crate tells where a record ends; the line is counted here,
/// because its own count is off by the line break that it has yet to skip.
fn split(bytes: &[u8]) -> Vec<Piece<'_>> {
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
    let mut pieces = Vec::new();
    let (mut start, mut line) = (0_usize, 1_u64);
    let mut fields = ByteRecord::new();
    while matches!(reader.read_byte_record(&mut fields), Ok(true)) {
        let end = usize::try_from(reader.position().byte()).unwrap_or(bytes.len()).min(bytes.len());
        let extent = bytes.get(start..end).unwrap_or_default();
        let body = extent.trim_ascii_start_breaks();
        let skipped = extent.get(..extent.len() - body.len()).unwrap_or_default();
        line += breaks(skipped);
        pieces.push(Piece { line, raw: body.trim_ascii_end_breaks(), fields: fields.clone() });
        line += breaks(body);
        start = end;
    }
    pieces
}

fn breaks(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte == b'\n').map(|_| 1).sum()
}

trait TrimBreaks {
    fn trim_ascii_start_breaks(&self) -> &[u8];
    fn trim_ascii_end_breaks(&self) -> &[u8];
}

impl TrimBreaks for [u8] {
    fn trim_ascii_start_breaks(&self) -> &[u8] {
        let mut rest = self;
        while let [b'\r' | b'\n', tail @ ..] = rest {
            rest = tail;
        }
        rest
    }

    fn trim_ascii_end_breaks(&self) -> &[u8] {
        let mut rest = self;
        while let [head @ .., b'\r' | b'\n'] = rest {
            rest = head;
        }
        rest
    }
}

fn header(fields: &ByteRecord) -> Result<Vec<String>, ReadError> {
    let names: Vec<String> =
        fields.iter().map(|name| String::from_utf8_lossy(name).trim().to_owned()).collect();
    let absent = |column: &Column| !names.iter().any(|name| name == column.name());
    let missing: Vec<_> = Column::REQUIRED.into_iter().filter(absent).map(Column::name).collect();
    if !missing.is_empty() {
        return Err(ReadError::MissingColumns(missing));
    }
    let mut seen = std::collections::BTreeSet::new();
    match names.iter().find(|name| !name.is_empty() && !seen.insert(*name)) {
        Some(twice) => Err(ReadError::RepeatedColumn(twice.clone())),
        None => Ok(names),
    }
}

fn record(piece: Piece<'_>, expected: usize) -> Record {
    let found = piece.fields.len();
    let text = |field: &[u8]| std::str::from_utf8(field).map(str::to_owned);
    let cells = if found == expected {
        piece.fields.iter().map(text).collect::<Result<_, _>>().map_err(|_| Fault::NotUtf8)
    } else {
        Err(Fault::ColumnCount { expected, found })
    };
    Record { line: piece.line, raw: String::from_utf8_lossy(piece.raw).into_owned(), cells }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<(u64, String)> {
        read(text.as_bytes()).unwrap().records.into_iter().map(|record| (record.line, record.raw)).collect()
    }

    #[test]
    fn a_record_knows_its_physical_line_and_text() {
        let text = "id,name,type\n1,\"a\nb\",Hybrid\n\n2,c,Sativa\n";
        assert_eq!(lines(text), [(2, "1,\"a\nb\",Hybrid".to_owned()), (5, "2,c,Sativa".to_owned())]);
    }

    #[test]
    fn windows_line_breaks_and_a_byte_order_mark_do_not_shift_lines() {
        let text = "\u{feff}id,name,type\r\n1,\"a\r\nb\",Hybrid\r\n2,c,Sativa";
        assert_eq!(lines(text), [(2, "1,\"a\r\nb\",Hybrid".to_owned()), (4, "2,c,Sativa".to_owned())]);
    }

    #[test]
    fn a_wrong_header_names_what_is_missing() {
        let error = read(b"id,strain\n1,x\n").unwrap_err();
        assert_eq!(error, ReadError::MissingColumns(vec!["name", "type"]));
        assert_eq!(error.to_string(), "wrong header: missing columns name, type");
        assert_eq!(read(b"").unwrap_err(), ReadError::Empty);
        assert_eq!(read(b"\xff\xfei\0").unwrap_err(), ReadError::Utf16);
        assert_eq!(read(b"id,name,type,name").unwrap_err(), ReadError::RepeatedColumn("name".into()));
    }

    #[test]
    fn bad_records_are_kept_with_what_is_wrong() {
        let table = read(b"id,name,type\n1,x\n2,\xff,Hybrid\n3,y,Hybrid\n").unwrap();
        let faults: Vec<_> =
            table.records.iter().map(|record| record.cells.as_ref().err().copied()).collect();
        assert_eq!(faults, [Some(Fault::ColumnCount { expected: 3, found: 2 }), Some(Fault::NotUtf8), None]);
    }

    #[test]
    fn optional_columns_read_as_empty() {
        let table = read(b"type,id,name\nHybrid,1,x\n").unwrap();
        let cells = table.records[0].cells.clone().unwrap();
        assert_eq!(table.cell(&cells, Column::Name), "x");
        assert_eq!(table.cell(&cells, Column::Crosses), "");
    }
}
