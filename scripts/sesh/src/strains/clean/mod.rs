//! Judges one record by itself: what is unknown, what is repaired, and what keeps it out.
//!
//! One small function a rule, in a module by subject; this one only puts them in order.

pub mod breeder;
pub mod html;
pub mod kind;
pub mod lists;
pub mod mojibake;
pub mod name;
pub mod potency;
pub mod text;

use super::reader::{Column, Fault, Record, Table};
use super::reason::{Cause, Repair, Repairs};
use super::strain::Strain;

/// Longest description, in characters.
const MAX_DESCRIPTION: usize = 2000;
/// Longest id, in bytes.
const MAX_ID: usize = 64;

/// A record that stands by itself; its slug and its parents wait for the rest of the file.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Physical line, from 1.
    pub line: u64,
    /// The record's own text.
    pub raw: String,
    /// What is known so far.
    pub strain: Strain,
    /// Ids of the parents, as written; unknown when the cell says so.
    pub crosses: Option<Vec<String>>,
    /// What was mended.
    pub repairs: Repairs,
}

/// A record that was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quarantined {
    /// Physical line, from 1.
    pub line: u64,
    /// Its id; empty when it has none that can be read.
    pub source_id: String,
    /// Why.
    pub cause: Cause,
    /// What exactly, for people.
    pub detail: String,
    /// The record's own text.
    pub raw: String,
}

/// Judges one record.
///
/// # Errors
/// The record with the reason to leave it out.
pub fn clean(table: &Table, record: &Record) -> Result<Draft, Box<Quarantined>> {
    let out = |source_id: &str, cause: Cause, detail: String| {
        let raw = record.raw.clone();
        Box::new(Quarantined { line: record.line, source_id: source_id.to_owned(), cause, detail, raw })
    };
    let cells = match &record.cells {
        Ok(cells) => cells,
        Err(Fault::NotUtf8) => return Err(out("", Cause::NotUtf8, "not UTF-8".to_owned())),
        Err(Fault::ColumnCount { expected, found }) => {
            let detail = format!("{found} columns, the header has {expected}");
            return Err(out("", Cause::ColumnCount, detail));
        }
    };
    let cell = |column| table.cell(cells, column);
    let id = cell(Column::Id).trim();
    if text::known(id).is_none() || id.len() > MAX_ID || id.chars().any(char::is_control) {
        return Err(out("", Cause::IdInvalid, format!("an id has 1 to {MAX_ID} bytes")));
    }
    let mut repairs = Repairs::new();
    let name =
        name::clean(cell(Column::Name), &mut repairs).map_err(|(cause, detail)| out(id, cause, detail))?;
    let mut strain = Strain { source_id: id.to_owned(), name, ..Strain::default() };
    strain.kind = kind::clean(cell(Column::Type), &mut repairs);
    strain.description = description(cell(Column::Description), &mut repairs);
    strain.thc_percent = potency::thc(cell(Column::Thc), &mut repairs);
    strain.cbd_percent = potency::cbd(cell(Column::Cbd), &mut repairs);
    let effects = lists::effects(cell(Column::Effects), &mut repairs);
    strain.effects = effects.wanted;
    strain.negative_effects = effects.unwanted;
    strain.ailments = lists::words(cell(Column::Ailment), &mut repairs);
    strain.flavors = lists::words(cell(Column::Flavor), &mut repairs);
    strain.terpenes = lists::words(cell(Column::Terpenes), &mut repairs);
    strain.breeder = breeder::clean(cell(Column::Breeder), &mut repairs);
    let crosses = lists::ids(cell(Column::Crosses), &mut repairs);
    Ok(Draft { line: record.line, raw: record.raw.clone(), strain, crosses, repairs })
}

fn description(cell: &str, repairs: &mut Repairs) -> Option<String> {
    let mut plain = text::known(cell)?.to_owned();
    if let Some(stripped) = html::to_text(&plain) {
        repairs.insert(Repair::HtmlStripped);
        stripped.trim().clone_into(&mut plain);
    }
    let mut plain = text::repair(&plain, repairs);
    if let Some((cut, _)) = plain.char_indices().nth(MAX_DESCRIPTION) {
        repairs.insert(Repair::DescriptionCut);
        plain.truncate(cut);
        plain.truncate(plain.trim_end().len());
    }
    (!plain.is_empty()).then_some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strains::reader::read;

    #[test]
    fn the_one_html_description_becomes_text() {
        let mut repairs = Repairs::new();
        let html = "<p>This strain is named after it's high price.</p>";
        let plain = description(html, &mut repairs);
        assert_eq!(plain.as_deref(), Some("This strain is named after it's high price."));
        assert_eq!(repairs, Repairs::from([Repair::HtmlStripped]));
        assert_eq!(description("<p> </p>", &mut repairs), None);
    }

    #[test]
    fn a_long_description_is_cut_between_characters() {
        let mut repairs = Repairs::new();
        let plain = description(&"é".repeat(MAX_DESCRIPTION + 1), &mut repairs).unwrap();
        assert_eq!(plain.chars().count(), MAX_DESCRIPTION);
        assert!(repairs.contains(&Repair::DescriptionCut));
    }

    #[test]
    fn a_record_without_an_id_is_left_out() {
        for id in ["", "  ", "NULL", &"9".repeat(65)] {
            let table = read(format!("id,name,type\n{id},Blue Dream,Hybrid\n").as_bytes()).unwrap();
            let out = clean(&table, &table.records[0]).unwrap_err();
            assert_eq!((out.cause, out.line), (Cause::IdInvalid, 2));
        }
    }
}
