//! Rows that name the same strain: the first is kept and learns what the later ones knew more.

use super::clean::{Draft, Quarantined, name};
use super::reason::{Cause, Repair};
use super::strain::Strain;
use std::collections::BTreeMap;

/// Rows of distinct names, the rows that were merged into them, and which id now stands for which row.
#[derive(Debug, Default)]
pub struct Distinct {
    /// The kept rows, in order.
    pub kept: Vec<Draft>,
    /// The rows merged into them.
    pub merged: Vec<Quarantined>,
    /// For every id, kept or merged, the place of its row in `kept`.
    pub places: BTreeMap<String, usize>,
}

/// Tells rows apart by their normalised names.
pub fn merge(drafts: Vec<Draft>) -> Distinct {
    let mut distinct = Distinct::default();
    let mut by_name: BTreeMap<String, usize> = BTreeMap::new();
    for draft in drafts {
        let next = distinct.kept.len();
        let place = *by_name.entry(name::key(&draft.strain.name)).or_insert(next);
        distinct.places.insert(draft.strain.source_id.clone(), place);
        match distinct.kept.get_mut(place) {
            Some(first) => distinct.merged.push(merge_into(first, draft)),
            None => distinct.kept.push(draft),
        }
    }
    distinct
}

fn merge_into(first: &mut Draft, later: Draft) -> Quarantined {
    let mut merge = Merge::default();
    let Strain { kind, description, thc_percent, cbd_percent, effects, breeder, .. } = later.strain;
    let Strain { negative_effects, ailments, flavors, terpenes, source_id, .. } = later.strain;
    let strain = &mut first.strain;
    merge.field("type", &mut strain.kind, kind);
    merge.field("description", &mut strain.description, description);
    merge.field("thc", &mut strain.thc_percent, thc_percent);
    merge.field("cbd", &mut strain.cbd_percent, cbd_percent);
    merge.field("effects", &mut strain.effects, effects);
    merge.field("negative effects", &mut strain.negative_effects, negative_effects);
    merge.field("ailments", &mut strain.ailments, ailments);
    merge.field("flavors", &mut strain.flavors, flavors);
    merge.field("terpenes", &mut strain.terpenes, terpenes);
    merge.field("breeder", &mut strain.breeder, breeder);
    merge.field("crosses", &mut first.crosses, later.crosses);
    if !merge.filled.is_empty() {
        first.repairs.insert(Repair::DuplicateMerged);
    }
    let detail = merge.detail(&strain.source_id, first.line);
    Quarantined { line: later.line, source_id, cause: Cause::DuplicateName, detail, raw: later.raw }
}

#[derive(Default)]
struct Merge {
    filled: Vec<&'static str>,
    differing: Vec<&'static str>,
}

impl Merge {
    /// The first row's value wins; the later one's fills a gap.
    fn field<T: PartialEq>(&mut self, name: &'static str, first: &mut Option<T>, later: Option<T>) {
        match (&*first, later) {
            (None, Some(value)) => {
                *first = Some(value);
                self.filled.push(name);
            }
            (Some(kept), Some(value)) if *kept != value => self.differing.push(name),
            _ => {}
        }
    }

    fn detail(&self, id: &str, line: u64) -> String {
        let told = [("filled there", &self.filled), ("differs", &self.differing)]
            .into_iter()
            .filter(|(_, fields)| !fields.is_empty())
            .map(|(what, fields)| format!("; {what}: {}", fields.join(", ")));
        format!("same name as id {id} on line {line}{}", told.collect::<String>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strains::clean::clean;
    use crate::strains::reader::read;

    fn merged(rows: &str) -> Distinct {
        let table = read(format!("id,name,type,crosses,breeder\n{rows}").as_bytes()).unwrap();
        merge(table.records.iter().map(|record| clean(&table, record).unwrap()).collect())
    }

    #[test]
    fn a_gap_is_filled_from_the_later_row() {
        let distinct = merged("264,Neville's Haze,Hybrid,0,\n845,Neville’s Haze,Hybrid,NULL,Green House\n");
        assert_eq!(distinct.kept.len(), 1);
        assert_eq!(distinct.kept[0].strain.breeder.as_deref(), Some("Green House"));
        assert!(distinct.kept[0].repairs.contains(&Repair::DuplicateMerged));
        assert_eq!(distinct.merged[0].detail, "same name as id 264 on line 2; filled there: breeder");
        assert_eq!(distinct.places["845"], distinct.places["264"]);
    }

    #[test]
    fn the_first_row_wins_where_they_differ() {
        let distinct = merged("164,Hash Plant,Indica,0,Sensi Seeds\n703,Hash Plant,Indica,NULL,Seedsman\n");
        assert_eq!(distinct.kept[0].strain.breeder.as_deref(), Some("Sensi Seeds"));
        assert!(distinct.kept[0].repairs.is_empty());
        assert_eq!(distinct.merged[0].detail, "same name as id 164 on line 2; differs: breeder");
    }
}
