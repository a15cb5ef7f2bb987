//! Texts of plans and pictures with something in them.

use super::Lang;
use crate::breaks::rules::Break;
use crate::calendar::Per;
use crate::goals::rules::Measure;
use sesh_types::amounts::Unit;

impl Lang {
    /// What a goal means, in a sentence: `At most 3.5 g a week`.
    pub(crate) fn goal(self, measure: Measure, per: Per, amount: &str) -> String {
        let time = match (self, per) {
            (Self::En, Per::Day) => "a day",
            (Self::En, Per::Week) => "a week",
            (Self::En, Per::Month) => "a month",
            (Self::Es, Per::Day) => "al día",
            (Self::Es, Per::Week) => "a la semana",
            (Self::Es, Per::Month) => "al mes",
        };
        let bound = match (self, measure) {
            (Self::En, Measure::DaysOff) => "At least",
            (Self::En, _) => "At most",
            (Self::Es, Measure::DaysOff) => "Al menos",
            (Self::Es, _) => "Como mucho",
        };
        format!("{bound} {amount} {time}")
    }

    /// What was counted so far: `2.1 g so far this week`.
    pub(crate) fn so_far(self, amount: &str, per: Per) -> String {
        match (self, per) {
            (Self::En, Per::Day) => format!("{amount} so far today"),
            (Self::En, Per::Week) => format!("{amount} so far this week"),
            (Self::En, Per::Month) => format!("{amount} so far this month"),
            (Self::Es, Per::Day) => format!("{amount} hoy"),
            (Self::Es, Per::Week) => format!("{amount} esta semana"),
            (Self::Es, Per::Month) => format!("{amount} este mes"),
        }
    }

    /// Days without a sesh.
    pub(crate) fn days_off(self, count: i64) -> String {
        match (self, count) {
            (Self::En, 1) => "1 day off".to_owned(),
            (Self::En, _) => format!("{count} days off"),
            (Self::Es, 1) => "1 día libre".to_owned(),
            (Self::Es, _) => format!("{count} días libres"),
        }
    }

    /// So many times in a row.
    pub(crate) fn in_a_row(self, count: u64) -> String {
        match self {
            Self::En => format!("{count} times in a row as planned"),
            Self::Es => format!("{count} veces seguidas como pensabas"),
        }
    }

    /// Where a break stands: `Day 5 of 21`.
    pub(crate) fn day_of(self, taken: &Break) -> String {
        let (day, all) = ((taken.days + 1).min(taken.days_planned.max(1)), taken.days_planned.max(1));
        match self {
            Self::En => format!("Day {day} of {all}"),
            Self::Es => format!("Día {day} de {all}"),
        }
    }

    /// A break, by its length.
    pub(crate) fn break_of(self, days: i64) -> String {
        match self {
            Self::En => format!("A break of {}", self.days(days)),
            Self::Es => format!("Una pausa de {}", self.days(days)),
        }
    }

    /// How much of what was meant.
    pub(crate) fn of_target(self, amount: &str, target: &str) -> String {
        match self {
            Self::En => format!("{amount} of {target}"),
            Self::Es => format!("{amount} de {target}"),
        }
    }

    /// More of the same.
    pub(crate) fn and_more(self, count: usize) -> String {
        match self {
            Self::En => format!("and {count} more"),
            Self::Es => format!("y {count} más"),
        }
    }

    /// What one is counted in.
    pub(crate) const fn unit(self, unit: Unit, is_one: bool) -> &'static str {
        match (self, unit, is_one) {
            (Self::En, Unit::Puff, true) => "puff",
            (Self::En, Unit::Puff, false) => "puffs",
            (Self::En, Unit::Tablet, true) => "tablet",
            (Self::En, Unit::Tablet, false) => "tablets",
            (Self::En, Unit::Capsule, true) => "capsule",
            (Self::En, Unit::Capsule, false) => "capsules",
            (Self::En, Unit::Drop, true) => "drop",
            (Self::En, Unit::Drop, false) => "drops",
            (Self::En, Unit::Joint, true) => "joint",
            (Self::En, Unit::Joint, false) => "joints",
            (Self::En, Unit::Bowl, true) => "bowl",
            (Self::En, Unit::Bowl, false) => "bowls",
            (Self::En, Unit::Piece, true) => "piece",
            (Self::En, Unit::Piece, false) => "pieces",
            (_, Unit::Dab, true) => "dab",
            (_, Unit::Dab, false) => "dabs",
            (Self::Es, Unit::Puff, true) => "calada",
            (Self::Es, Unit::Puff, false) => "caladas",
            (Self::Es, Unit::Tablet, true) => "pastilla",
            (Self::Es, Unit::Tablet, false) => "pastillas",
            (Self::Es, Unit::Capsule, true) => "cápsula",
            (Self::Es, Unit::Capsule, false) => "cápsulas",
            (Self::Es, Unit::Drop, true) => "gota",
            (Self::Es, Unit::Drop, false) => "gotas",
            (Self::Es, Unit::Joint, true) => "porro",
            (Self::Es, Unit::Joint, false) => "porros",
            (Self::Es, Unit::Bowl, true) => "cazoleta",
            (Self::Es, Unit::Bowl, false) => "cazoletas",
            (Self::Es, Unit::Piece, true) => "pieza",
            (Self::Es, Unit::Piece, false) => "piezas",
        }
    }

    /// How long something lasts at its pace.
    pub(crate) fn lasts(self, days: i64) -> String {
        match self {
            Self::En => format!("lasts about {}", self.days(days)),
            Self::Es => format!("dura unos {}", self.days(days)),
        }
    }

    /// Things of unknown price or amount.
    pub(crate) fn unpriced(self, count: u64) -> String {
        match self {
            Self::En => format!("{count} without a price or an amount are left out."),
            Self::Es => format!("Quedan fuera {count} sin precio o sin cantidad."),
        }
    }

    /// How moods went.
    pub(crate) fn moods(self, [better, same, worse]: [u64; 3]) -> String {
        let t = self.pictures();
        format!("{better}× {} · {same}× {} · {worse}× {}", t.better, t.same, t.worse)
    }
}
