//! The table at the end.

use super::catalogue::Catalogue;
use super::reason::{Cause, Repair, Unknown};
use std::fmt::{self, Display, Formatter};

/// How a file was judged, counted by reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Rows to be sent.
    pub accepted: usize,
    /// Of those, rows that were mended.
    pub repaired: usize,
    /// Rows a repair; a row may need several.
    pub repairs: Vec<(Repair, usize)>,
    /// Rows left out.
    pub quarantined: usize,
    /// Rows a cause; a row has one.
    pub causes: Vec<(Cause, usize)>,
    /// Cells a way of saying unknown.
    pub unknown: Vec<(Unknown, usize)>,
}

impl Report {
    /// Counts a catalogue.
    pub fn of(catalogue: &Catalogue) -> Self {
        let mended =
            |repair: Repair| catalogue.accepted.iter().filter(|row| row.repairs.contains(&repair)).count();
        let left_out = |cause: Cause| catalogue.quarantined.iter().filter(|row| row.cause == cause).count();
        let unknown = |reason: &Unknown| catalogue.unknown.get(reason).copied().unwrap_or_default();
        Self {
            accepted: catalogue.accepted.len(),
            repaired: catalogue.accepted.iter().filter(|row| !row.repairs.is_empty()).count(),
            repairs: occurring(Repair::ALL.iter().map(|repair| (*repair, mended(*repair)))),
            quarantined: catalogue.quarantined.len(),
            causes: occurring(Cause::ALL.iter().map(|cause| (*cause, left_out(*cause)))),
            unknown: occurring(Unknown::ALL.iter().map(|reason| (*reason, unknown(reason)))),
        }
    }
}

fn occurring<T>(counts: impl Iterator<Item = (T, usize)>) -> Vec<(T, usize)> {
    counts.filter(|(_, count)| *count > 0).collect()
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let heading = |f: &mut Formatter<'_>, what: &str, count: usize| writeln!(f, "{what:<28}{count:>8}");
        let line = |f: &mut Formatter<'_>, code: &str, count: usize, meaning: &str| {
            writeln!(f, "  {code:<26}{count:>8}  {meaning}")
        };
        heading(f, "rows", self.accepted + self.quarantined)?;
        heading(f, "accepted", self.accepted)?;
        line(f, "as they stand", self.accepted - self.repaired, "")?;
        line(f, "repaired", self.repaired, "One row may need several repairs:")?;
        for (repair, count) in &self.repairs {
            line(f, repair.code(), *count, repair.meaning())?;
        }
        heading(f, "quarantined", self.quarantined)?;
        for (cause, count) in &self.causes {
            line(f, cause.code(), *count, cause.meaning())?;
        }
        if !self.unknown.is_empty() {
            writeln!(f, "cells that say unknown")?;
        }
        for (reason, count) in &self.unknown {
            line(f, reason.code(), *count, reason.meaning())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strains::{catalogue::build, reader::read};

    #[test]
    fn the_table_names_every_reason_with_its_count() {
        let file = "id,name,type,thc\n1, Haze,Sativa,127\n2,Skunk,Hybrid,NULL\n3,,Hybrid,1700\n";
        let report = Report::of(&build(&read(file.as_bytes()).unwrap()));
        let table = report.to_string();
        for line in [
            "rows                               3\n",
            "accepted                           2\n",
            "  as they stand                    1",
            "  repaired                         1  One row",
            "  padded                           1  Blanks around a text.\n",
            "  thc_clamped_127                  1  THC at the top",
            "quarantined                        1\n",
            "  name_empty                       1  The name is empty.\n",
            "  literal_null                     1  The literal text NULL.\n",
        ] {
            assert!(table.contains(line), "{line:?} is not in\n{table}");
        }
    }
}
