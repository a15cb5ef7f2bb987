//! Bringing a second factor: which code it is, and using it up in the batch of what it lets somebody do.

use super::{codes, store, totp};
use crate::keys::Keyring;
use sesh_edge::http::{Failure, Refusal};
use sesh_edge::io::Batch;
use sesh_types::contract::Token;
use sesh_types::envelope::ErrorCode;
use sesh_types::ids::{FactorId, PersonId};
use sesh_types::rules::Issue;
use sesh_types::time::Timestamp;

/// What somebody typed.
#[derive(Clone, Copy, Debug)]
pub enum Typed<'a> {
    /// What the generator shows.
    Code(&'a Token),
    /// A recovery code.
    Recovery(&'a Token),
}

impl<'a> Typed<'a> {
    /// Reads the two fields of a body; nothing when both are left out.
    ///
    /// # Errors
    /// When both are there.
    pub fn read(code: Option<&'a Token>, recovery: Option<&'a Token>) -> Result<Option<Self>, Vec<Issue>> {
        match (code, recovery) {
            (None, None) => Ok(None),
            (Some(code), None) => Ok(Some(Self::Code(code))),
            (None, Some(recovery)) => Ok(Some(Self::Recovery(recovery))),
            (Some(_), Some(_)) => Err(issue("recovery_code", "ambiguous", "must be left out beside code")),
        }
    }

    /// The same, where one must be there.
    ///
    /// # Errors
    /// When none or both are there.
    pub fn required(code: Option<&'a Token>, recovery: Option<&'a Token>) -> Result<Self, Vec<Issue>> {
        let missing = || issue("code", "missing", "must be there, or recovery_code");
        Self::read(code, recovery)?.ok_or_else(missing)
    }
}

fn issue(field: &str, code: &str, message: &str) -> Vec<Issue> {
    vec![Issue { field: field.to_owned(), code: code.to_owned(), message: message.to_owned() }]
}

/// A code that was found good. Whether it still is, is asked again in the batch that uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Good {
    /// A step of the generator.
    Totp {
        /// The generator.
        id: FactorId,
        /// The step.
        step: i64,
    },
    /// A recovery code.
    Recovery {
        /// Its set.
        set: FactorId,
        /// Its number there.
        number: u8,
    },
}

impl Good {
    /// As the audit log names it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Totp { .. } => "totp",
            Self::Recovery { .. } => "recovery_code",
        }
    }

    /// Uses it up; refuses with `code_used` when somebody else was faster, or the factor is gone.
    pub fn spend(self, person: PersonId, now: Timestamp) -> Batch {
        match self {
            Self::Totp { id, step } => store::spend_step(person, id, step),
            Self::Recovery { set, number } => store::spend_code(person, set, number, now),
        }
    }
}

/// Looks which code of somebody's this is, if any.
///
/// # Errors
/// A defect, when the key is gone that the factor was made with.
pub fn check(
    keys: &Keyring,
    row: &store::FactorRow,
    typed: Typed<'_>,
    now: Timestamp,
) -> Result<Option<Good>, Failure> {
    match (typed, row.totp(), row.set()) {
        (Typed::Code(typed), Some((id, key_id, last_step)), _) => {
            let secret = secret(keys, key_id, id)?;
            let step = totp::matching_step(&secret, &typed.0, last_step, now);
            Ok(step.map(|step| Good::Totp { id, step }))
        }
        (Typed::Recovery(typed), Some(_), Some((set, key_id))) => {
            let number = codes::number_of(&set_key(keys, key_id, set)?, &typed.0);
            Ok(number.map(|number| Good::Recovery { set, number }))
        }
        _ => Ok(None),
    }
}

/// The one answer to codes that are wrong, used, too old or too new.
pub fn wrong_code() -> Failure {
    Refusal::new(ErrorCode::InvalidCode, "The code is wrong, or was used already.").into()
}

/// A generator's secret.
///
/// # Errors
/// A defect, when the key is gone that it was made with.
pub fn secret(keys: &Keyring, key_id: &str, id: FactorId) -> Result<[u8; totp::SECRET_BYTES], Failure> {
    let derived = derived(keys, key_id, "sesh-totp-v1", id)?;
    derived.first_chunk().copied().ok_or_else(|| Failure::internal("a digest is shorter than a secret"))
}

/// The key of a set of recovery codes.
///
/// # Errors
/// As [`secret`].
pub fn set_key(keys: &Keyring, key_id: &str, id: FactorId) -> Result<[u8; 32], Failure> {
    derived(keys, key_id, "sesh-recovery-v1", id)
}

fn derived(keys: &Keyring, key_id: &str, purpose: &str, id: FactorId) -> Result<[u8; 32], Failure> {
    let gone = || Failure::internal(format!("FACTOR_KEYS lacks {key_id}, which a factor was made with"));
    keys.factors.derive(key_id, purpose, &[id.0.as_bytes()]).ok_or_else(gone)
}
