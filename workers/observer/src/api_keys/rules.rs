//! What a key may be, and what becomes of a call with one. Pure.

use super::Owner;
use super::store::{Counted, Facts};
use serde::Serialize;
use sesh_edge::networks::Network;
use sesh_edge::order::Order;
use sesh_types::access::KeyScope;
use sesh_types::contract::keys::{CALLS_A_MINUTE, CallLimit, LIFE_DAYS, MakeKey, RotateKey};
use sesh_types::rules::{Issue, Issues};
use sesh_types::time::{DAY_MS, MINUTE_MS, SECOND_MS, Timestamp};

/// How long a key's calls are counted together.
pub const WINDOW_MS: i64 = MINUTE_MS;
const MOST_DAYS: i64 = 1_826;
const MOST_CALLS: i64 = 6_000;
const MOST_ADDRESSES: usize = 20;
const MOST_OVERLAP_MINUTES: i64 = 43_200;

/// A network from which a key counts, as the database has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// As its owner wrote it.
    pub text: String,
    /// Its first address.
    pub first: String,
    /// Its last address.
    pub last: String,
}

/// A key to be made.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// What its owner calls it.
    pub name: String,
    /// What it may do, each once.
    pub scopes: Vec<KeyScope>,
    /// From where.
    pub addresses: Vec<Listed>,
    /// Calls a minute.
    pub calls_a_minute: i64,
    /// Until when.
    pub expires_at: Timestamp,
}

/// Checks a key that somebody wants made for this owner.
///
/// # Errors
/// Every field that breaks a rule.
pub fn check(make: &MakeKey, owner: Owner, now: Timestamp) -> Result<NewKey, Vec<Issue>> {
    let mut issues = Issues::default();
    let name = make.name.trim();
    issues.text(name, "name", 1, 80);
    let on_one_line = !make.name.chars().any(char::is_control);
    issues.require(on_one_line, "name", "control_character", "must stand on one line");
    issues.require(!make.scopes.is_empty(), "scopes", "too_short", "must hold at least one scope");
    let few = make.scopes.len() <= KeyScope::ALL.len();
    issues.require(few, "scopes", "too_many", "must hold each scope once at most");
    for (place, scope) in make.scopes.iter().enumerate() {
        let fits = scope.is_of_tenants() == owner.person.is_none();
        let message =
            "is not for keys of this owner: tenant:* is for a tenant's, everything else for a person's";
        issues.require(fits, format!("scopes[{place}]"), "not_for_this_owner", message);
    }
    let days = make.expires_in_days.unwrap_or(LIFE_DAYS);
    issues.within(days, "expires_in_days", 1, MOST_DAYS);
    let calls_a_minute = make.calls_a_minute.unwrap_or(CALLS_A_MINUTE);
    issues.within(calls_a_minute, "calls_a_minute", 1, MOST_CALLS);
    let few = make.addresses.len() <= MOST_ADDRESSES;
    issues.require(few, "addresses", "too_many", format!("must be {MOST_ADDRESSES} at most"));
    let mut addresses = Vec::new();
    for (place, text) in make.addresses.iter().enumerate() {
        if let Some(network) = Network::parse(text) {
            let (first, last) = network.bounds();
            addresses.push(Listed { text: text.clone(), first, last });
        } else {
            let message = "must be an address or a range, such as 192.0.2.1 or 2001:db8::/32";
            issues.add(format!("addresses[{place}]"), "malformed", message);
        }
    }
    issues.done()?;
    let mut scopes = make.scopes.clone();
    scopes.order_by(Ord::cmp);
    scopes.dedup();
    let expires_at = now.plus_ms(days.saturating_mul(DAY_MS));
    Ok(NewKey { name: name.to_owned(), scopes, addresses, calls_a_minute, expires_at })
}

/// How long the old key counts on, in milliseconds.
///
/// # Errors
/// When that is out of range.
pub fn overlap_ms(rotate: &RotateKey) -> Result<i64, Vec<Issue>> {
    let mut issues = Issues::default();
    issues.within(rotate.overlap_minutes, "overlap_minutes", 0, MOST_OVERLAP_MINUTES);
    issues.done()?;
    Ok(rotate.overlap_minutes.saturating_mul(MINUTE_MS))
}

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It goes on, and is counted.
    Granted,
    /// The key is unknown, expired or revoked, or whoever owns it may not sign in here.
    Dead,
    /// A person's key where a tenant's is asked for, or the other way round.
    WrongOwner,
    /// Its tenant is closed.
    TenantInactive,
    /// It does not count from there.
    WrongAddress,
    /// It may not do this.
    LacksScope,
    /// Its tenant has made its calls of the day; so many those are.
    OutOfQuota(i64),
    /// It has made its calls of the minute.
    TooMany,
}

/// Whether the call was counted decides; the facts of the same moment say why it was not.
pub fn judge(counted: Option<&Counted>, facts: Option<&Facts>) -> Verdict {
    let Some(facts) = facts else { return Verdict::Dead };
    if counted.is_some() {
        return Verdict::Granted;
    }
    let holds = |flag: i64| flag == 1;
    match facts {
        facts if !holds(facts.is_alive) || !holds(facts.owner_stands) => Verdict::Dead,
        facts if !holds(facts.kind_fits) => Verdict::WrongOwner,
        facts if !holds(facts.tenant_is_open) => Verdict::TenantInactive,
        facts if !holds(facts.address_fits) => Verdict::WrongAddress,
        facts if !holds(facts.scopes_fit) => Verdict::LacksScope,
        Facts { calls_a_day: Some(most), calls_today, .. } if calls_today >= most => {
            Verdict::OutOfQuota(*most)
        }
        _ => Verdict::TooMany,
    }
}

/// How a key stands with its calls.
pub fn limit(facts: &Facts, now: Timestamp) -> CallLimit {
    let in_window = facts.window_ends_at > now;
    let left = if in_window { (facts.calls_a_minute - facts.calls).max(0) } else { facts.calls_a_minute };
    let ends_at = if in_window { facts.window_ends_at } else { now.plus_ms(WINDOW_MS) };
    CallLimit {
        most: facts.calls_a_minute,
        left,
        window_seconds: WINDOW_MS / SECOND_MS,
        next_in_seconds: seconds_until(ends_at, now),
    }
}

/// Whole seconds until then, at least one.
pub fn seconds_until(then: Timestamp, now: Timestamp) -> i64 {
    ((then.0 - now.0).saturating_add(SECOND_MS - 1) / SECOND_MS).max(1)
}

/// When the UTC day after this moment begins.
pub const fn next_day(now: Timestamp) -> Timestamp {
    Timestamp((now.0.div_euclid(DAY_MS) + 1) * DAY_MS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sesh_types::contract::Password;
    use sesh_types::ids::{PersonId, TenantId};
    use uuid::Uuid;

    const NOW: Timestamp = Timestamp(1_776_702_000_000);
    const PERSONS: Owner = Owner { tenant: TenantId::CONSUMERS, person: Some(PersonId(Uuid::nil())) };
    const TENANTS: Owner = Owner { tenant: TenantId(Uuid::nil()), person: None };

    fn make() -> MakeKey {
        MakeKey {
            name: " backup ".into(),
            scopes: vec![KeyScope::StashRead, KeyScope::SessionsRead, KeyScope::StashRead],
            expires_in_days: None,
            addresses: vec!["192.0.2.0/24".into()],
            calls_a_minute: None,
            password: Password(String::new()),
            code: None,
            recovery_code: None,
        }
    }

    fn fields(change: impl FnOnce(&mut MakeKey), owner: Owner) -> Vec<String> {
        let mut key = make();
        change(&mut key);
        let issues = check(&key, owner, NOW).err().unwrap_or_default();
        issues.into_iter().map(|issue| issue.field).collect()
    }

    #[test]
    fn a_key_is_checked_field_by_field() {
        let good = check(&make(), PERSONS, NOW).unwrap();
        assert_eq!(good.name, "backup");
        assert_eq!(good.scopes, [KeyScope::StashRead, KeyScope::SessionsRead], "each once, in their order");
        assert_eq!((good.expires_at, good.calls_a_minute), (NOW.plus_ms(90 * DAY_MS), 600));
        assert_eq!(good.addresses[0].text, "192.0.2.0/24");
        assert_eq!(fields(|key| key.name = " ".into(), PERSONS), ["name"]);
        assert_eq!(fields(|key| key.name = "a\nb".into(), PERSONS), ["name"]);
        assert_eq!(fields(|key| key.name = "\u{85}a".into(), PERSONS), ["name"]);
        assert_eq!(fields(|key| key.scopes.clear(), PERSONS), ["scopes"]);
        assert_eq!(fields(|key| key.scopes[1] = KeyScope::TenantRead, PERSONS), ["scopes[1]"]);
        assert_eq!(fields(|_| (), TENANTS), ["scopes[0]", "scopes[1]", "scopes[2]"]);
        assert_eq!(fields(|key| key.expires_in_days = Some(0), PERSONS), ["expires_in_days"]);
        assert_eq!(fields(|key| key.expires_in_days = Some(1_827), PERSONS), ["expires_in_days"]);
        assert_eq!(fields(|key| key.calls_a_minute = Some(6_001), PERSONS), ["calls_a_minute"]);
        assert_eq!(fields(|key| key.addresses.push("here".into()), PERSONS), ["addresses[1]"]);
        assert_eq!(fields(|key| key.addresses = vec!["::1".into(); 21], PERSONS), ["addresses"]);
    }

    const GOOD: Facts = Facts {
        tenant_id: TenantId::CONSUMERS,
        person_id: None,
        is_alive: 1,
        kind_fits: 1,
        owner_stands: 1,
        tenant_is_open: 1,
        address_fits: 1,
        scopes_fit: 1,
        calls_a_minute: 10,
        calls: 10,
        window_ends_at: Timestamp(NOW.0 + 20_500),
        calls_a_day: Some(100),
        calls_today: 99,
        epoch: None,
        role: None,
        apps: None,
    };

    #[test]
    fn every_case() {
        let counted = Counted {};
        assert_eq!(judge(Some(&counted), Some(&GOOD)), Verdict::Granted);
        assert_eq!(judge(None, None), Verdict::Dead);
        for (facts, verdict) in [
            (Facts { is_alive: 0, kind_fits: 0, ..GOOD }, Verdict::Dead),
            (Facts { owner_stands: 0, tenant_is_open: 0, ..GOOD }, Verdict::Dead),
            (Facts { kind_fits: 0, address_fits: 0, ..GOOD }, Verdict::WrongOwner),
            (Facts { tenant_is_open: 0, address_fits: 0, ..GOOD }, Verdict::TenantInactive),
            (Facts { address_fits: 0, scopes_fit: 0, ..GOOD }, Verdict::WrongAddress),
            (Facts { scopes_fit: 0, calls_today: 100, ..GOOD }, Verdict::LacksScope),
            (Facts { calls_today: 100, ..GOOD }, Verdict::OutOfQuota(100)),
            (Facts { calls_a_day: Some(0), calls_today: 0, ..GOOD }, Verdict::OutOfQuota(0)),
            (Facts { calls_a_day: None, calls_today: 100, ..GOOD }, Verdict::TooMany),
            (GOOD, Verdict::TooMany),
        ] {
            assert_eq!(judge(None, Some(&facts)), verdict, "{facts:?}");
        }
    }

    #[test]
    fn a_key_stands_as_its_window_does() {
        let of = |facts: &Facts| {
            let CallLimit { most, left, next_in_seconds, .. } = limit(facts, NOW);
            (most, left, next_in_seconds)
        };
        assert_eq!(of(&GOOD), (10, 0, 21));
        assert_eq!(of(&Facts { calls: 4, ..GOOD }), (10, 6, 21));
        assert_eq!(of(&Facts { window_ends_at: NOW, ..GOOD }), (10, 10, 60), "the window is over");
        assert_eq!(next_day(Timestamp(0)), Timestamp(DAY_MS));
        assert_eq!(next_day(Timestamp(DAY_MS - 1)), Timestamp(DAY_MS));
    }
}
