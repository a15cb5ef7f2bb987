//! The judgement of a whole file.

use super::clean::{self, Draft, Quarantined, lists, potency};
use super::duplicates;
use super::parents::{self, Numbering};
use super::reader::{Column, Table};
use super::reason::{Cause, Repair, Repairs, Unknown};
use super::slug::Slugs;
use super::strain::Strain;
use std::collections::{BTreeMap, BTreeSet};

/// A strain to be sent, and what was mended on the way.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// The strain.
    pub strain: Strain,
    /// What was mended; empty when it stands as it was written.
    pub repairs: Repairs,
}

/// Everything that a file came to. Accepted and quarantined rows together are its data rows.
#[derive(Debug)]
pub struct Catalogue {
    /// The strains, in the file's order.
    pub accepted: Vec<Accepted>,
    /// The rows left out, in the file's order.
    pub quarantined: Vec<Quarantined>,
    /// Cells that say unknown in the source's own way, by how.
    pub unknown: BTreeMap<Unknown, usize>,
}

impl Catalogue {
    /// Data rows in the file.
    pub fn rows(&self) -> usize {
        self.accepted.len() + self.quarantined.len()
    }
}

/// Judges a file.
pub fn build(table: &Table) -> Catalogue {
    let (drafts, mut quarantined) = judge_records(table);
    let numbering = Numbering::of(&drafts);
    let mut distinct = duplicates::merge(drafts);
    parents::resolve(&mut distinct.kept, &distinct.places, numbering);
    quarantined.append(&mut distinct.merged);
    quarantined.sort_by_key(|row| row.line);
    let mut slugs = Slugs::default();
    let accepted = distinct.kept.into_iter().map(|draft| accept(draft, &mut slugs)).collect();
    Catalogue { accepted, quarantined, unknown: unknown(table) }
}

fn judge_records(table: &Table) -> (Vec<Draft>, Vec<Quarantined>) {
    let (mut drafts, mut quarantined) = (Vec::new(), Vec::new());
    let mut ids = BTreeSet::new();
    for record in &table.records {
        match clean::clean(table, record) {
            Ok(draft) if ids.insert(draft.strain.source_id.clone()) => drafts.push(draft),
            Ok(Draft { line, raw, strain, .. }) => {
                let detail = "an earlier row has this id".to_owned();
                let (source_id, cause) = (strain.source_id, Cause::IdRepeated);
                quarantined.push(Quarantined { line, source_id, cause, detail, raw });
            }
            Err(row) => quarantined.push(*row),
        }
    }
    (drafts, quarantined)
}

fn accept(draft: Draft, slugs: &mut Slugs) -> Accepted {
    let Draft { mut strain, mut repairs, .. } = draft;
    let (slug, suffixed) = slugs.take(&strain.name, &strain.source_id);
    strain.slug = slug;
    if suffixed {
        repairs.insert(Repair::SlugSuffixed);
    }
    Accepted { strain, repairs }
}

fn unknown(table: &Table) -> BTreeMap<Unknown, usize> {
    let mut counts = BTreeMap::new();
    for cells in table.records.iter().filter_map(|record| record.cells.as_ref().ok()) {
        let literal = cells.iter().filter_map(|cell| match cell.trim() {
            "NULL" => Some(Unknown::LiteralNull),
            "" => Some(Unknown::EmptyCell),
            _ => None,
        });
        let crosses = lists::no_parents(table.cell(cells, Column::Crosses)).then_some(Unknown::CrossesZero);
        let zero = [
            potency::zero(table.cell(cells, Column::Thc), Unknown::ThcZero),
            potency::zero(table.cell(cells, Column::Cbd), Unknown::CbdZero),
            crosses,
        ];
        for reason in literal.chain(zero.into_iter().flatten()) {
            *counts.entry(reason).or_default() += 1;
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strains::reader::read;

    #[test]
    fn every_row_is_accepted_or_quarantined() {
        let file = "id,name,type,thc,crosses\n1,Haze,Sativa,127,0\n1,Skunk,Hybrid,1700,NULL\n2,,Hybrid,0,\n3,x\n4,haze,,0,0\n";
        let catalogue = build(&read(file.as_bytes()).unwrap());
        assert_eq!(catalogue.rows(), 5);
        assert_eq!(catalogue.accepted.len(), 1);
        assert_eq!(catalogue.accepted[0].strain.slug, "haze");
        assert_eq!(catalogue.accepted[0].repairs, Repairs::from([Repair::ThcClamped127]));
        let causes: Vec<_> = catalogue.quarantined.iter().map(|row| (row.line, row.cause)).collect();
        let expected = [
            (3, Cause::IdRepeated),
            (4, Cause::NameEmpty),
            (5, Cause::ColumnCount),
            (6, Cause::DuplicateName),
        ];
        assert_eq!(causes, expected);
        assert_eq!(catalogue.unknown[&Unknown::CrossesZero], 2);
        assert_eq!(catalogue.unknown[&Unknown::ThcZero], 2);
    }
}
