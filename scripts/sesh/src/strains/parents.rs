//! Ids of parents to their names.
//!
//! The Kushy file of 2017 wrote its parents in an older numbering: rows were taken out later and the rest moved up, but
//! `crosses` kept the old ids. Read as they stand they say that Northern Lights comes from Afghanica and that
//! Bubbleberry is its own parent. The ids are off by one up to 260, by two up to 436, by three up to 476 and by four
//! from there; `docs/catalogue.md` gives the proof.

use super::clean::Draft;
use super::reason::Repair;
use std::collections::BTreeMap;

/// `(first, last, by how much the ids of the former numbering are too high)`.
const SHIFTS: [(u32, u32, u32); 4] = [(5, 260, 1), (266, 436, 2), (455, 476, 3), (482, 592, 4)];

/// Former ids whose present rows (517 Blue Russian, 558 Lionheart) stand outside the file's alphabetical order:
/// they were renamed since, so that what the reference meant cannot be proved.
const RENAMED_SINCE: [u32; 2] = [521, 562];

/// Rows by which the file is recognised: id, name, parents as written. Each is wrong as it stands.
const FINGERPRINT: [(&str, &str, &[&str]); 5] = [
    ("38", "Big Bud", &["267"]),
    ("77", "Bubbleberry", &["66", "77"]),
    ("193", "Jack Herer", &["370", "268", "174"]),
    ("431", "White Rhino", &["436"]),
    ("476", "White Cheddar", &["476", "420"]),
];

/// What an id in `crosses` means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numbering {
    /// The row of that id.
    Present,
    /// A row that has moved since.
    Former,
}

impl Numbering {
    /// Recognises the one file whose parents are written in a former numbering.
    pub fn of(drafts: &[Draft]) -> Self {
        let rows: BTreeMap<&str, &Draft> =
            drafts.iter().map(|draft| (draft.strain.source_id.as_str(), draft)).collect();
        let holds = |(id, name, parents): &(&str, &str, &[&str])| {
            let row = rows.get(id).filter(|row| row.strain.name == *name);
            row.and_then(|row| row.crosses.as_ref()).is_some_and(|crosses| crosses == parents)
        };
        if FINGERPRINT.iter().all(holds) { Self::Former } else { Self::Present }
    }

    /// The present id, or why there is none.
    fn present(self, id: &str) -> Result<String, Repair> {
        if self == Self::Present {
            return Ok(id.to_owned());
        }
        let former: u32 = id.parse().map_err(|_| Repair::ParentUnknown)?;
        if RENAMED_SINCE.contains(&former) {
            return Err(Repair::ParentUnverified);
        }
        let shift = SHIFTS.iter().find(|(first, last, _)| (*first..=*last).contains(&former));
        let (_, _, by) = shift.ok_or(Repair::ParentUnverified)?;
        Ok(former.saturating_sub(*by).to_string())
    }
}

/// Names every row's parents. `places` says which row stands for an id, also after rows were merged.
pub fn resolve(kept: &mut [Draft], places: &BTreeMap<String, usize>, numbering: Numbering) {
    let names: Vec<String> = kept.iter().map(|draft| draft.strain.name.clone()).collect();
    for (place, draft) in kept.iter_mut().enumerate() {
        let mut parents: Vec<String> = Vec::new();
        for id in draft.crosses.iter().flatten() {
            match parent(id, place, places, &names, numbering) {
                Ok(name) if parents.contains(&name) => {
                    draft.repairs.insert(Repair::ListRepeated);
                }
                Ok(name) => {
                    parents.push(name);
                    if numbering == Numbering::Former {
                        draft.repairs.insert(Repair::ParentsRenumbered);
                    }
                }
                Err(doubt) => {
                    draft.repairs.insert(doubt);
                }
            }
        }
        draft.strain.parents = (!parents.is_empty()).then_some(parents);
    }
}

fn parent(
    id: &str,
    child: usize,
    places: &BTreeMap<String, usize>,
    names: &[String],
    numbering: Numbering,
) -> Result<String, Repair> {
    let place = *places.get(&numbering.present(id)?).ok_or(Repair::ParentUnknown)?;
    if place == child {
        return Err(Repair::ParentSelf);
    }
    names.get(place).cloned().ok_or(Repair::ParentUnknown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strains::clean::clean;
    use crate::strains::duplicates::merge;
    use crate::strains::reader::read;

    fn resolved(rows: &str, numbering: Option<Numbering>) -> Vec<Draft> {
        let table = read(format!("id,name,type,crosses\n{rows}").as_bytes()).unwrap();
        let drafts: Vec<_> = table.records.iter().map(|record| clean(&table, record).unwrap()).collect();
        let numbering = numbering.unwrap_or_else(|| Numbering::of(&drafts));
        let mut distinct = merge(drafts);
        resolve(&mut distinct.kept, &distinct.places, numbering);
        distinct.kept
    }

    #[test]
    fn ids_are_named_and_a_merged_row_by_the_one_that_was_kept() {
        let rows = resolved("1,Haze,Sativa,0\n2,HAZE,Sativa,0\n3,Hempstar,Sativa,\"2, 1\"\n", None);
        assert_eq!(rows[1].strain.parents, Some(vec!["Haze".to_owned()]));
        assert!(rows[1].repairs.contains(&Repair::ListRepeated));
    }

    #[test]
    fn unknown_ids_and_the_strain_itself_are_dropped() {
        let rows = resolved("1,Haze,Sativa,\"1,99,x\"\n", None);
        assert_eq!(rows[0].strain.parents, None);
        for doubt in [Repair::ParentSelf, Repair::ParentUnknown] {
            assert!(rows[0].repairs.contains(&doubt));
        }
    }

    #[test]
    fn the_former_numbering_is_moved_to_the_present_one() {
        let file = "9,Afghani,Indica,0\n65,Blueberry,Hybrid,0\n265,Northern Lights,Hybrid,10\n\
            484,Apple Pie,Hybrid,521\n496,Big Blue,Hybrid,\"66, 441\"\n";
        let rows = resolved(file, Some(Numbering::Former));
        assert_eq!(rows[2].strain.parents, Some(vec!["Afghani".to_owned()]));
        assert!(rows[2].repairs.contains(&Repair::ParentsRenumbered));
        assert_eq!(
            (rows[3].strain.parents.clone(), rows[4].strain.parents.clone()),
            (None, Some(vec!["Blueberry".into()]))
        );
        assert!(rows[3].repairs.contains(&Repair::ParentUnverified));
        assert!(rows[4].repairs.contains(&Repair::ParentUnverified));
    }

    #[test]
    fn only_the_whole_fingerprint_is_recognised() {
        let file = "38,Big Bud,Hybrid,267\n77,Bubbleberry,Hybrid,\"66, 77\"\n193,Jack Herer,Hybrid,\"370,268,174\"\n\
            431,White Rhino,Hybrid,436\n476,White Cheddar,Hybrid,\"476, 420\"\n";
        let of = |text: &str| {
            let table = read(format!("id,name,type,crosses\n{text}").as_bytes()).unwrap();
            let drafts: Vec<_> = table.records.iter().map(|record| clean(&table, record).unwrap()).collect();
            Numbering::of(&drafts)
        };
        assert_eq!(of(file), Numbering::Former);
        assert_eq!(of(&file.replace("Hybrid,267", "Hybrid,265")), Numbering::Present);
        assert_eq!(of(""), Numbering::Present);
    }
}
