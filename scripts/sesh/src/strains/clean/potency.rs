//! THC and CBD, in hundredths of a per cent. Zero is how the source says that nobody measured.

use super::super::reason::{Repair, Repairs, Unknown};
use super::text;

/// What a signed byte can hold: the source once kept THC in one, so a greater THC became exactly this.
const CLAMP: i64 = 127;
/// Most THC that flower is known to reach, in hundredths; above it stand extracts and slips.
const MAX_THC: i64 = 3500;
/// Most CBD that flower is known to reach, in hundredths.
const MAX_CBD: i64 = 3000;

/// THC: a clamped, an ambiguous and an implausible value are all unknown.
pub fn thc(cell: &str, repairs: &mut Repairs) -> Option<i64> {
    let value = number(cell, Repair::ThcNotANumber, repairs)?;
    let doubt = match value {
        CLAMP => Repair::ThcClamped127,
        small if small < CLAMP && small % 100 != 0 => Repair::ThcAmbiguousScale,
        large if large > MAX_THC => Repair::ThcImplausible,
        sound => return Some(sound),
    };
    repairs.insert(doubt);
    None
}

/// CBD: small values are real here, and none was clamped.
pub fn cbd(cell: &str, repairs: &mut Repairs) -> Option<i64> {
    let value = number(cell, Repair::CbdNotANumber, repairs)?;
    if value > MAX_CBD {
        repairs.insert(Repair::CbdImplausible);
        return None;
    }
    Some(value)
}

/// How a potency cell says unknown, when it does so by zero.
pub fn zero(cell: &str, reason: Unknown) -> Option<Unknown> {
    (cell.trim().parse() == Ok(0_u64)).then_some(reason)
}

fn number(cell: &str, doubt: Repair, repairs: &mut Repairs) -> Option<i64> {
    match text::known(cell)?.trim().parse::<u64>() {
        Ok(0) => None,
        Ok(value) => Some(i64::try_from(value).unwrap_or(i64::MAX)),
        Err(_) => {
            repairs.insert(doubt);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(rule: fn(&str, &mut Repairs) -> Option<i64>, cell: &str) -> (Option<i64>, Vec<Repair>) {
        let mut repairs = Repairs::new();
        (rule(cell, &mut repairs), repairs.into_iter().collect())
    }

    #[test]
    fn whole_per_cents_are_trusted() {
        assert_eq!(judged(thc, "2000"), (Some(2000), vec![]));
        assert_eq!(judged(thc, "100"), (Some(100), vec![]));
        assert_eq!(judged(thc, "3500"), (Some(3500), vec![]));
    }

    #[test]
    fn a_clamp_is_neither_127_nor_1_27_per_cent() {
        assert_eq!(judged(thc, "127"), (None, vec![Repair::ThcClamped127]));
        assert_eq!(judged(thc, "116"), (None, vec![Repair::ThcAmbiguousScale]));
        assert_eq!(judged(thc, "7700"), (None, vec![Repair::ThcImplausible]));
        assert_eq!(judged(thc, "99999999999"), (None, vec![Repair::ThcImplausible]));
    }

    #[test]
    fn zero_null_and_nothing_are_unknown() {
        for cell in ["0", "NULL", "", "00"] {
            assert_eq!(judged(thc, cell), (None, vec![]));
            assert_eq!(judged(cbd, cell), (None, vec![]));
        }
        assert_eq!(zero("0", Unknown::ThcZero), Some(Unknown::ThcZero));
        assert_eq!(zero("100", Unknown::ThcZero), None);
    }

    #[test]
    fn small_cbd_is_real() {
        assert_eq!(judged(cbd, "16"), (Some(16), vec![]));
        assert_eq!(judged(cbd, "1900"), (Some(1900), vec![]));
        assert_eq!(judged(cbd, "9900"), (None, vec![Repair::CbdImplausible]));
    }

    #[test]
    fn no_number_is_unknown_and_said() {
        for cell in ["19.5", "-5", "1e3", "NaN", "18%"] {
            assert_eq!(judged(thc, cell), (None, vec![Repair::ThcNotANumber]));
            assert_eq!(judged(cbd, cell), (None, vec![Repair::CbdNotANumber]));
        }
    }
}
