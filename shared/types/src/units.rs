//! Units. Quantities are whole milligrams, money is whole minor units of an ISO 4217 currency, percentages are
//! whole hundredths of a per cent: no fraction ever rounds a total.

use serde::{Deserialize, Serialize};

/// The least quantity of one ledger entry, in milligrams.
pub const MIN_ENTRY_MG: i64 = 1;
/// The greatest quantity of one ledger entry, in milligrams: 10 kg.
pub const MAX_ENTRY_MG: i64 = 10_000_000;
/// The greatest price of one lot, in minor units.
pub const MAX_PRICE_MINOR: i64 = 1_000_000_000;

/// A price: whole minor units (cents) of an ISO 4217 currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// Minor units of the currency: 3500 is 35.00 USD, or 3 500 JPY.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 0)))]
    pub minor: i64,
    /// ISO 4217 code, three capital letters.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(regex(pattern = "^[A-Z]{3}$")))]
    pub currency: String,
}

impl Money {
    /// Whether the currency has the shape of an ISO 4217 code.
    pub fn currency_is_well_formed(&self) -> bool {
        self.currency.len() == 3 && self.currency.bytes().all(|byte| byte.is_ascii_uppercase())
    }
}
