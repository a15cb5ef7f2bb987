//! Texts that are encrypted where they stand. Each begins with a control character, which no such field may hold in
//! plain: it says in which version it is encrypted, and what has none is in plain from before.

use crate::keys::{Keyring, Nonce, decrypt, encrypt};
use serde::{Deserialize, Serialize};
use sesh_edge::http::Failure;
use sesh_edge::io::Io;
use sesh_types::ids::{InvitationId, MailId, PersonId};

/// Encrypted under the person's key, version 1.
const OF_PERSON: char = '\u{1}';
/// Encrypted under a key of ours, as no person is known; version 1.
const OF_NOBODY: char = '\u{2}';

/// A text as the database has it: encrypted, or in plain from before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sealed(pub String);

impl Sealed {
    /// Whether it is in plain.
    pub fn is_plain(&self) -> bool {
        !self.0.starts_with([OF_PERSON, OF_NOBODY])
    }
}

/// Where a text of a person stands. A text that is moved elsewhere, or to somebody else, is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// `people.email`, and copies of it in mails and proofs.
    Email,
    /// `people.display_name`.
    DisplayName,
    /// `devices.user_agent`.
    UserAgent,
    /// `passkeys.name`.
    PasskeyName,
}

impl Field {
    const fn place(self) -> &'static [u8] {
        match self {
            Self::Email => b"people\0email\0",
            Self::DisplayName => b"people\0display_name\0",
            Self::UserAgent => b"devices\0user_agent\0",
            Self::PasskeyName => b"passkeys\0name\0",
        }
    }
}

/// A person's own key, unwrapped; does not print.
#[derive(Clone)]
pub struct PersonKey {
    person: PersonId,
    key: Option<[u8; 32]>,
}

impl std::fmt::Debug for PersonKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PersonKey").field("person", &self.person).finish_non_exhaustive()
    }
}

impl PersonKey {
    /// A new key for somebody.
    pub fn new(person: PersonId, io: &Io) -> Self {
        Self { person, key: Some(io.random()) }
    }

    /// Somebody's key as the database has it; without one, only plain texts of before are read.
    ///
    /// # Errors
    /// A defect, when the key is gone from `PERSON_KEYS` that wraps it.
    pub fn unwrap(keys: &Keyring, person: PersonId, wrapped: Option<&str>) -> Result<Self, Failure> {
        let Some(wrapped) = wrapped else { return Ok(Self { person, key: None }) };
        let key = keys.people.unwrap(person, wrapped);
        let gone = || Failure::internal(format!("PERSON_KEYS lacks the key of person {person}"));
        Ok(Self { person, key: Some(key.ok_or_else(gone)?) })
    }

    /// Whose it is.
    pub fn person(&self) -> PersonId {
        self.person
    }

    /// The key as the database keeps it.
    ///
    /// # Errors
    /// A defect, when there is none.
    pub fn wrap(&self, keys: &Keyring, io: &Io) -> Result<String, Failure> {
        let wrapped = self
            .key
            .and_then(|key| keys.people.wrap(self.person, &key, &io.random::<{ size_of::<Nonce>() }>()));
        wrapped.ok_or_else(|| Failure::internal("a person's key could not be wrapped"))
    }

    /// Encrypts a text of this person's.
    ///
    /// # Errors
    /// A defect, when they have no key.
    pub fn seal(&self, io: &Io, field: Field, text: &str) -> Result<Sealed, Failure> {
        let place = self.place(field);
        let sealed = self.key.and_then(|key| encrypt(&key, &io.random(), &place, text.as_bytes()));
        let sealed =
            sealed.ok_or_else(|| Failure::internal(format!("{} has no key to seal with", self.person)))?;
        Ok(Sealed(format!("{OF_PERSON}{sealed}")))
    }

    /// Reads a text of this person's.
    ///
    /// # Errors
    /// A defect, when it is not theirs, stood elsewhere, was changed, or their key is gone.
    pub fn open(&self, field: Field, sealed: &Sealed) -> Result<String, Failure> {
        let Some(text) = sealed.0.strip_prefix(OF_PERSON) else { return Ok(sealed.0.clone()) };
        let plain = self.key.and_then(|key| decrypt(&key, &self.place(field), text));
        let unreadable = || Failure::internal(format!("a text of person {} cannot be read", self.person));
        plain.and_then(|plain| String::from_utf8(plain).ok()).ok_or_else(unreadable)
    }

    fn place(&self, field: Field) -> Vec<u8> {
        [field.place(), self.person.0.as_bytes()].concat()
    }
}

/// Where a text stands, an address mostly, of whom nobody knows yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nobody {
    /// `mails.recipient`, when somebody asks for a new password for an address.
    Mail(MailId),
    /// `invitations.email`.
    Invitation(InvitationId),
    /// `sign_ups.email`.
    SignUp(MailId),
    /// `sign_ups.display_name`.
    SignUpName(MailId),
}

impl Nobody {
    fn place(self) -> Vec<u8> {
        match self {
            Self::Mail(id) => [b"mails\0recipient\0".as_slice(), id.0.as_bytes()].concat(),
            Self::Invitation(id) => [b"invitations\0email\0".as_slice(), id.0.as_bytes()].concat(),
            Self::SignUp(id) => [b"sign_ups\0email\0".as_slice(), id.0.as_bytes()].concat(),
            Self::SignUpName(id) => [b"sign_ups\0display_name\0".as_slice(), id.0.as_bytes()].concat(),
        }
    }

    /// Encrypts a text.
    ///
    /// # Errors
    /// A defect, should the cipher not take it.
    pub fn seal(self, keys: &Keyring, io: &Io, address: &str) -> Result<Sealed, Failure> {
        let sealed = keys.people.seal(&self.place(), address, &io.random());
        let sealed = sealed.ok_or_else(|| Failure::internal("an address could not be sealed"))?;
        Ok(Sealed(format!("{OF_NOBODY}{sealed}")))
    }

    /// Reads a text.
    ///
    /// # Errors
    /// A defect, when it stood elsewhere, was changed, or the key is gone.
    pub fn open(self, keys: &Keyring, sealed: &Sealed) -> Result<String, Failure> {
        let Some(text) = sealed.0.strip_prefix(OF_NOBODY) else { return Ok(sealed.0.clone()) };
        let unreadable = || Failure::internal(format!("an address of {self:?} cannot be read"));
        keys.people.open(&self.place(), text).ok_or_else(unreadable)
    }
}
