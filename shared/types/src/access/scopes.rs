//! Scopes: what a token may be used for that is not its owner's own sign-in. A sign-in has no scopes and may do all that
//! its owner may; a program's token may do what its scopes name, and never more than its owner.

use super::roles::spelled;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt::{Display, Formatter};
use std::str::FromStr;

spelled! {
    /// One thing that a token may be used for.
    ApiScope {
        /// Say who somebody is, to the program that they sign in to (`OpenID` Connect).
        OpenId = "openid",
        /// Their name and time zone.
        Profile = "profile",
        /// Their e-mail address.
        Email = "email",
        /// Go on while they are away: a refresh token.
        OfflineAccess = "offline_access",
        /// Search the catalogue and their own strains.
        StrainsRead = "strains:read",
        /// Read their stash.
        StashRead = "stash:read",
        /// Add to their stash, and take from it.
        StashWrite = "stash:write",
        /// Read their sessions.
        SessionsRead = "sessions:read",
        /// Log, edit and delete sessions.
        SessionsWrite = "sessions:write",
        /// Read the tenant, its members and invitations.
        TenantRead = "tenant:read",
        /// Manage the tenant, its members and invitations.
        TenantManage = "tenant:manage",
    }
}

impl ApiScope {
    /// Whether somebody else's program may ask a person for it: what manages a tenant is for keys alone.
    pub const fn is_for_programs(self) -> bool {
        !matches!(self, Self::TenantRead | Self::TenantManage)
    }

    /// Whether it means anything where a program acts for nobody.
    pub const fn is_for_machines(self) -> bool {
        matches!(self, Self::StrainsRead)
    }

    /// What it lets a program do, for whoever is asked whether it may.
    pub const fn plainly(self) -> &'static str {
        match self {
            Self::OpenId => "Know that it is you who signs in",
            Self::Profile => "See your name and time zone",
            Self::Email => "See your e-mail address",
            Self::OfflineAccess => "Go on while you are away, until you end it",
            Self::StrainsRead => "Search strains, your own ones among them",
            Self::StashRead => "See what is in your stash",
            Self::StashWrite => "Add to your stash and take from it",
            Self::SessionsRead => "See the sessions that you logged",
            Self::SessionsWrite => "Log, edit and delete sessions",
            Self::TenantRead => "See your tenant, its members and invitations",
            Self::TenantManage => "Manage your tenant, its members and invitations",
        }
    }

    const fn bit(self) -> u16 {
        1 << self as u16
    }
}

/// A set of scopes, spelled as RFC 6749 does: words with a blank between.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Scopes(u16);

impl Scopes {
    /// These.
    pub const fn of(scopes: &[ApiScope]) -> Self {
        let (mut bits, mut place) = (0, 0);
        while place < scopes.len() {
            #[allow(
                clippy::indexing_slicing,
                reason = "constants are made with it, and the bound is checked"
            )]
            let scope = scopes[place];
            bits |= scope.bit();
            place += 1;
        }
        Self(bits)
    }

    /// Whether this one is among them.
    pub const fn has(self, scope: ApiScope) -> bool {
        self.0 & scope.bit() != 0
    }

    /// Whether all of the others are among them.
    pub const fn cover(self, others: Self) -> bool {
        others.0 & !self.0 == 0
    }

    /// Those that are in both.
    #[must_use]
    pub const fn and(self, others: Self) -> Self {
        Self(self.0 & others.0)
    }

    /// Those that are in either.
    #[must_use]
    pub const fn or(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// One after the other.
    pub fn iter(self) -> impl Iterator<Item = ApiScope> {
        ApiScope::ALL.iter().copied().filter(move |scope| self.has(*scope))
    }
}

impl FromIterator<ApiScope> for Scopes {
    fn from_iter<I: IntoIterator<Item = ApiScope>>(scopes: I) -> Self {
        scopes.into_iter().fold(Self::default(), |all, scope| Self(all.0 | scope.bit()))
    }
}

impl Display for Scopes {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        for (place, scope) in self.iter().enumerate() {
            f.write_str(if place == 0 { "" } else { " " })?;
            f.write_str(scope.as_str())?;
        }
        Ok(())
    }
}

/// A word that names no scope.
#[derive(Debug, thiserror::Error)]
#[error("not a scope")]
pub struct UnknownScope;

impl FromStr for Scopes {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        let named = |word: &str| ApiScope::ALL.iter().copied().find(|scope| scope.as_str() == word);
        text.split(' ').filter(|word| !word.is_empty()).map(|word| named(word).ok_or(UnknownScope)).collect()
    }
}

impl Serialize for Scopes {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Scopes {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_survives_its_spelling() {
        let all: Scopes = ApiScope::ALL.iter().copied().collect();
        assert_eq!(all.to_string().parse::<Scopes>().unwrap(), all);
        assert_eq!(all.iter().count(), ApiScope::ALL.len());
        let some: Scopes = "stash:read  openid".parse().unwrap();
        assert_eq!(some, Scopes::of(&[ApiScope::OpenId, ApiScope::StashRead]));
        assert_eq!(serde_json::to_string(&some).unwrap(), "\"openid stash:read\"");
        assert!("stash:read root".parse::<Scopes>().is_err() && "Stash:read".parse::<Scopes>().is_err());
        assert!("".parse::<Scopes>().unwrap().is_empty());
    }

    #[test]
    fn a_set_covers_itself_and_less() {
        let read = Scopes::of(&[ApiScope::StashRead]);
        let both = Scopes::of(&[ApiScope::StashRead, ApiScope::StashWrite]);
        assert!(both.cover(read) && both.cover(both) && both.cover(Scopes::default()) && !read.cover(both));
        assert_eq!(both.and(read), read);
        let write = Scopes::of(&[ApiScope::StashWrite]);
        assert_eq!((read.or(write), read.or(read)), (both, read));
        assert!(!read.is_empty() && read.and(write).is_empty());
    }

    #[test]
    fn every_scope_says_what_it_lets_a_program_do_and_one_is_for_machines() {
        let words: std::collections::BTreeSet<&str> =
            ApiScope::ALL.iter().map(|scope| scope.plainly()).collect();
        assert!(
            words.len() == ApiScope::ALL.len() && words.iter().all(|words| words.contains(' ')),
            "{words:?}"
        );
        let machines: Vec<_> = ApiScope::ALL.iter().filter(|scope| scope.is_for_machines()).collect();
        assert_eq!(machines, [&ApiScope::StrainsRead]);
    }

    #[test]
    fn what_manages_a_tenant_is_not_for_programs() {
        let theirs: Vec<&str> = ApiScope::ALL
            .iter()
            .filter(|scope| scope.is_for_programs())
            .map(|scope| scope.as_str())
            .collect();
        assert!(!theirs.iter().any(|name| name.starts_with("tenant")) && theirs.len() == 9, "{theirs:?}");
    }
}
