//! The file of rows that were left out: `line,source_id,reason,detail,raw`.

use super::clean::Quarantined;
use std::io;

/// The rows as CSV.
///
/// # Errors
/// Those of the CSV writer; writing to memory has none in practice.
pub fn to_csv(rows: &[Quarantined]) -> io::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["line", "source_id", "reason", "detail", "raw"])?;
    for row in rows {
        let line = row.line.to_string();
        writer.write_record([
            &line,
            row.source_id.as_str(),
            row.cause.code(),
            row.detail.as_str(),
            row.raw.as_str(),
        ])?;
    }
    writer.into_inner().map_err(|error| io::Error::other(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strains::reason::Cause;

    #[test]
    fn the_raw_record_comes_back_byte_for_byte() {
        let raw = "\"1946\",\"2\",,\"a\nb\"";
        let row = Quarantined {
            line: 1947,
            source_id: "1946".into(),
            cause: Cause::NameEmpty,
            detail: "no name".into(),
            raw: raw.into(),
        };
        let csv = to_csv(&[row]).unwrap();
        let record = csv::Reader::from_reader(csv.as_slice()).records().next().unwrap().unwrap();
        assert_eq!(record.iter().collect::<Vec<_>>(), ["1947", "1946", "name_empty", "no name", raw]);
    }
}
