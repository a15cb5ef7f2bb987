//! Slowing down whoever guesses. A try is counted before the costly work that it causes and taken back when it
//! succeeds, so however many come at once, no more than the limit get through.

use crate::audit::{Entry, record};
use crate::keys::Keyring;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sesh_edge::http::{ClientAddress, Failure, Refusal};
use sesh_edge::io::{Batch, Rows, Statement};
use sesh_edge::sql;
use sesh_types::ids::{PersonId, StaffId, TenantId};
use sesh_types::time::{MINUTE_MS, SECOND_MS, Timestamp};
use std::net::IpAddr;

/// How long tries count.
const WINDOW_MS: i64 = 15 * MINUTE_MS;
/// Failures at one account from one address.
const MOST_PER_PAIR: i64 = 10;
/// Failures from one address.
const MOST_PER_ADDRESS: i64 = 100;
/// Failures at one account from everywhere: far more than one stranger can cause, or they could lock its owner out.
const MOST_PER_ACCOUNT: i64 = 200;
/// Sign-ups from one address with an e-mail address that is taken.
const MOST_TAKEN: i64 = 20;
/// Requests for a new password from one address.
const MOST_RECOVERIES: i64 = 30;
/// Mails of one kind, to one address, that whoever knows it may cause: by which one gets back in, or signs up. Those that
/// were sent count, so further ones help nobody.
const MOST_MAILS: i64 = 5;
/// Sign-ups begun from one address.
const MOST_BEGUN: i64 = 30;
/// Tokens of mails from one address that do not count.
const MOST_WRONG_LINKS: i64 = 30;
/// Wrong passwords of somebody who is signed in.
const MOST_REAUTHENTICATIONS: i64 = 10;
/// Wrong codes at one account, of who knows its password.
const MOST_WRONG_CODES: i64 = 10;
/// Mails that somebody has sent to prove an address.
const MOST_VERIFICATION_MAILS: i64 = 5;

/// One counter and its limit.
#[derive(Clone, Debug, Serialize)]
struct Bucket {
    bucket: String,
    most: i64,
}

/// One try, counted in each of its buckets from the narrowest to the widest. A try that a narrow bucket stops does
/// not count in the wider ones: hammering from one place fills nobody else's.
#[derive(Clone, Debug)]
pub struct Attempt {
    buckets: Vec<Bucket>,
    entry: Entry,
}

#[derive(Deserialize)]
struct Counted {
    tries: i64,
    #[serde(deserialize_with = "sesh_types::time::sql_ms::deserialize")]
    window_ends_at: Timestamp,
}

impl Attempt {
    /// A try to sign in.
    pub fn to_sign_in(
        keys: &Keyring,
        email: &str,
        client: &ClientAddress,
        request_id: &str,
        now: Timestamp,
    ) -> Self {
        let address = place(client);
        let bucket =
            |kind: &str, parts: &[&[u8]], most| Bucket { bucket: keys.pepper.name(kind, parts), most };
        let buckets = vec![
            bucket("login pair", &[email.as_bytes(), address.as_bytes()], MOST_PER_PAIR),
            bucket("login address", &[address.as_bytes()], MOST_PER_ADDRESS),
            bucket("login account", &[email.as_bytes()], MOST_PER_ACCOUNT),
        ];
        Self { buckets, entry: entry("login.throttled", tried(keys, email), request_id, now) }
    }

    /// A try to sign in as a member of staff: counted apart, so that neither login slows the other down.
    pub fn to_sign_in_as_staff(
        keys: &Keyring,
        email: &str,
        client: &ClientAddress,
        request_id: &str,
        now: Timestamp,
    ) -> Self {
        let address = place(client);
        let bucket =
            |kind: &str, parts: &[&[u8]], most| Bucket { bucket: keys.pepper.name(kind, parts), most };
        let buckets = vec![
            bucket("staff login pair", &[email.as_bytes(), address.as_bytes()], MOST_PER_PAIR),
            bucket("staff login address", &[address.as_bytes()], MOST_PER_ADDRESS),
            bucket("staff login account", &[email.as_bytes()], MOST_PER_ACCOUNT),
        ];
        Self { buckets, entry: entry("staff.login_throttled", tried(keys, email), request_id, now) }
    }

    /// A try of a member of staff to sign in with a code, after the right password.
    pub fn to_bring_staff_factor(keys: &Keyring, staff: StaffId, request_id: &str, now: Timestamp) -> Self {
        let entry = entry("staff.factor_throttled", format!("staff:{staff}"), request_id, now);
        Self::one(keys, "staff factor", staff.0.as_bytes(), MOST_WRONG_CODES, entry)
    }

    /// A try to sign up.
    pub fn to_sign_up(
        keys: &Keyring,
        email: &str,
        client: &ClientAddress,
        request_id: &str,
        now: Timestamp,
    ) -> Self {
        let bucket = keys.pepper.name("taken addresses", &[place(client).as_bytes()]);
        let buckets = vec![Bucket { bucket, most: MOST_TAKEN }];
        Self { buckets, entry: entry("registration.throttled", tried(keys, email), request_id, now) }
    }

    /// A sign-up that begins with proving the address.
    pub fn to_begin_sign_up(
        keys: &Keyring,
        email: &str,
        client: &ClientAddress,
        request_id: &str,
        now: Timestamp,
    ) -> Self {
        let entry = entry("registration.throttled", tried(keys, email), request_id, now);
        Self::one(keys, "sign-ups begun", place(client).as_bytes(), MOST_BEGUN, entry)
    }

    /// A request for a new password.
    pub fn to_recover(
        keys: &Keyring,
        email: &str,
        client: &ClientAddress,
        request_id: &str,
        now: Timestamp,
    ) -> Self {
        let entry = entry("recovery.throttled", tried(keys, email), request_id, now);
        Self::one(keys, "recovery address", place(client).as_bytes(), MOST_RECOVERIES, entry)
    }

    /// A try to use the token of a mail.
    pub fn to_use_link(keys: &Keyring, client: &ClientAddress, request_id: &str, now: Timestamp) -> Self {
        let name = keys.pepper.name("link address", &[place(client).as_bytes()]);
        let entry =
            entry("link.throttled", format!("place:{}", name.get(..32).unwrap_or_default()), request_id, now);
        Self::one(keys, "link address", place(client).as_bytes(), MOST_WRONG_LINKS, entry)
    }

    /// A try of somebody signed in to show once more who they are.
    pub fn to_reauthenticate(keys: &Keyring, person: PersonId, request_id: &str, now: Timestamp) -> Self {
        let entry = entry("reauthentication.throttled", format!("person:{person}"), request_id, now);
        Self::one(keys, "reauthentication", person.0.as_bytes(), MOST_REAUTHENTICATIONS, entry)
    }

    /// A try to sign in with a second factor, by somebody whose password was right.
    pub fn to_bring_factor(keys: &Keyring, person: PersonId, request_id: &str, now: Timestamp) -> Self {
        let entry = entry("factor.throttled", format!("person:{person}"), request_id, now);
        Self::one(keys, "factor", person.0.as_bytes(), MOST_WRONG_CODES, entry)
    }

    /// A try to sign in with a passkey.
    pub fn to_use_passkey(keys: &Keyring, client: &ClientAddress, request_id: &str, now: Timestamp) -> Self {
        let name = keys.pepper.name("passkey address", &[place(client).as_bytes()]);
        let place_name = format!("place:{}", name.get(..32).unwrap_or_default());
        let entry = entry("login.throttled", place_name, request_id, now);
        Self::one(keys, "passkey address", place(client).as_bytes(), MOST_PER_ADDRESS, entry)
    }

    /// A try to sign in with another provider.
    pub fn to_use_provider(keys: &Keyring, client: &ClientAddress, request_id: &str, now: Timestamp) -> Self {
        let name = keys.pepper.name("provider address", &[place(client).as_bytes()]);
        let place_name = format!("place:{}", name.get(..32).unwrap_or_default());
        let entry = entry("login.throttled", place_name, request_id, now);
        Self::one(keys, "provider address", place(client).as_bytes(), MOST_PER_ADDRESS, entry)
    }

    /// A wish for another mail that proves an address.
    pub fn to_verify(keys: &Keyring, person: PersonId, request_id: &str, now: Timestamp) -> Self {
        let entry = entry("verification.throttled", format!("person:{person}"), request_id, now);
        Self::one(keys, "verification mails", person.0.as_bytes(), MOST_VERIFICATION_MAILS, entry)
    }

    fn one(keys: &Keyring, kind: &str, of: &[u8], most: i64, entry: Entry) -> Self {
        Self { buckets: vec![Bucket { bucket: keys.pepper.name(kind, &[of]), most }], entry }
    }

    /// Counts the try, and notes in the audit log when it is the first beyond a limit. [`Attempt::verdict`] reads
    /// the rows.
    ///
    /// # Errors
    /// A defect, when the buckets cannot be written as JSON.
    pub fn reserve(&self) -> Result<Batch, Failure> {
        let now = self.entry.at;
        let mut batch = Batch::new();
        for (place, bucket) in self.buckets.iter().enumerate() {
            let narrower = self.buckets.get(..place).unwrap_or_default();
            batch.add(count(bucket, &json(narrower)?, now));
        }
        // Of the buckets that are over, the narrowest is the one that this try has just been counted in.
        batch.add(record!(
            &self.entry,
            "1 = (SELECT tries - (limits.value ->> 'most') FROM json_each(?8) AS limits
                  JOIN throttle ON bucket = limits.value ->> 'bucket'
                  WHERE tries > limits.value ->> 'most' ORDER BY limits.key LIMIT 1)",
            json(&self.buckets)?,
        ));
        Ok(batch)
    }

    /// How many statements [`Attempt::reserve`] has.
    pub fn statements(&self) -> usize {
        self.buckets.len() + 1
    }

    /// Whether the try may go on.
    ///
    /// # Errors
    /// 429 with the time to wait.
    pub fn verdict(&self, rows: &Rows) -> Result<(), Failure> {
        for (place, bucket) in self.buckets.iter().enumerate() {
            let Some(counted) = rows.first::<Counted>(place)? else { continue };
            if counted.tries > bucket.most {
                let wait_ms = counted.window_ends_at.0 - self.entry.at.0;
                return Err(Refusal::too_many(wait_ms.saturating_add(SECOND_MS - 1) / SECOND_MS).into());
            }
        }
        Ok(())
    }

    /// Takes the try back, as it did not fail.
    ///
    /// # Errors
    /// A defect, when the buckets cannot be written as JSON.
    pub fn release(&self) -> Result<Statement, Failure> {
        Ok(sql!(
            "UPDATE throttle SET tries = tries - 1
             WHERE bucket IN (SELECT value ->> 'bucket' FROM json_each(?1)) AND tries > 0 AND window_ends_at > ?2",
            json(&self.buckets)?,
            self.entry.at,
        ))
    }
}

/// Counts a mail to an address, whether or not there is an account; [`may_mail`] reads its row.
pub fn count_mail(bucket: &str, now: Timestamp) -> Statement {
    count(&Bucket { bucket: bucket.to_owned(), most: MOST_MAILS }, "[]", now)
}

/// Whether the mail that the statement at a place has counted is one of those that go. Its own number decides, not how far
/// the counter is by now: of many at once the first ones go.
///
/// # Errors
/// A defect, when there is no such row.
pub fn may_mail(rows: &Rows, place: usize) -> Result<bool, Failure> {
    Ok(rows.one::<Counted>(place)?.tries <= MOST_MAILS)
}

/// The counter of mails by which one signs up with an address.
pub fn sign_up_mails(keys: &Keyring, email: &str) -> String {
    keys.pepper.name("sign-up mails", &[email.as_bytes()])
}

/// The counter of mails by which one gets back in to an address.
pub fn recovery_mails(keys: &Keyring, email: &str) -> String {
    keys.pepper.name("recovery mails", &[email.as_bytes()])
}

/// The name of an e-mail address in the audit log.
pub fn tried(keys: &Keyring, email: &str) -> String {
    let name = keys.pepper.name("address tried", &[email.as_bytes()]);
    format!("address:{}", name.get(..32).unwrap_or_default())
}

/// Forgets counters whose time is over.
pub fn forget_expired(now: Timestamp) -> Statement {
    sql!("DELETE FROM throttle WHERE window_ends_at <= ?1", now)
}

fn entry(action: &'static str, entity: String, request_id: &str, at: Timestamp) -> Entry {
    let tenant = TenantId::CONSUMERS;
    let request_id = request_id.to_owned();
    Entry { tenant, at, actor: "anonymous".to_owned(), action, entity, request_id, detail: json!({}) }
}

fn count(bucket: &Bucket, narrower: &str, now: Timestamp) -> Statement {
    sql!(
        "INSERT INTO throttle (bucket, tries, window_ends_at)
         SELECT ?1, 1, ?3 WHERE NOT EXISTS (
           SELECT 1 FROM json_each(?4) AS limits JOIN throttle ON bucket = limits.value ->> 'bucket'
           WHERE tries > limits.value ->> 'most')
         ON CONFLICT (bucket) DO UPDATE SET
           tries = CASE WHEN window_ends_at <= ?2 THEN 1 ELSE tries + 1 END,
           window_ends_at = CASE WHEN window_ends_at <= ?2 THEN excluded.window_ends_at ELSE window_ends_at END
         RETURNING tries, window_ends_at",
        &bucket.bucket,
        now,
        now.plus_ms(WINDOW_MS),
        narrower,
    )
}

fn json(buckets: &[Bucket]) -> Result<String, Failure> {
    serde_json::to_string(buckets).map_err(Failure::internal)
}

/// Where a client is, as far as counting goes: whoever has one IPv6 address has 2^64 of them.
fn place(client: &ClientAddress) -> String {
    match client.address.map(|address| address.to_canonical()) {
        Some(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        Some(IpAddr::V4(address)) => address.to_string(),
        None => "unknown".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::keyring;
    use sesh_edge::io::Reply;
    use sesh_edge::native::Database;

    const NOW: Timestamp = Timestamp(1_776_702_000_000);

    fn client(address: &str) -> ClientAddress {
        ClientAddress { address: address.parse().ok(), user_agent: String::new() }
    }

    /// Counts one try; says whether it may go on, and how long it must wait otherwise.
    fn try_once(database: &mut Database, email: &str, address: &str, now: Timestamp) -> Result<(), i64> {
        let attempt = Attempt::to_sign_in(&keyring(), email, &client(address), "r", now);
        let rows = crate::testing::run(database, attempt.reserve().unwrap());
        match attempt.verdict(&rows) {
            Ok(()) => Ok(()),
            Err(Failure::Refusal(refusal)) => Err(refusal.retry_after_seconds.unwrap()),
            Err(other) => unreachable!("{other:?}"),
        }
    }

    fn count_of(database: &Database, sql: &str) -> i64 {
        database.connection().query_row(sql, [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn the_eleventh_failure_of_a_pair_waits_for_the_window_to_end() {
        let mut database = Database::migrated("observer");
        for _ in 0..10 {
            assert_eq!(try_once(&mut database, "a@example.com", "203.0.113.1", NOW), Ok(()));
        }
        assert_eq!(try_once(&mut database, "a@example.com", "203.0.113.1", NOW.plus_ms(60_000)), Err(840));
        assert_eq!(try_once(&mut database, "a@example.com", "203.0.113.1", NOW.plus_ms(899_999)), Err(1));
        assert_eq!(try_once(&mut database, "a@example.com", "203.0.113.2", NOW), Ok(()), "another place");
        assert_eq!(try_once(&mut database, "b@example.com", "203.0.113.1", NOW), Ok(()), "another account");
        assert_eq!(try_once(&mut database, "a@example.com", "203.0.113.1", NOW.plus_ms(900_000)), Ok(()));
        assert_eq!(count_of(&database, "SELECT COUNT(*) FROM audit WHERE action = 'login.throttled'"), 1);
    }

    #[test]
    fn one_address_may_fail_at_a_hundred_accounts() {
        let mut database = Database::migrated("observer");
        let mut refused = 0;
        for account in 0..105 {
            refused += i32::from(
                try_once(&mut database, &format!("{account}@example.com"), "203.0.113.1", NOW).is_err(),
            );
        }
        assert_eq!(refused, 5);
        assert_eq!(count_of(&database, "SELECT COUNT(*) FROM audit WHERE action = 'login.throttled'"), 1);
    }

    #[test]
    fn one_stranger_cannot_fill_an_accounts_bucket() {
        let mut database = Database::migrated("observer");
        for _ in 0..500 {
            let _ = try_once(&mut database, "a@example.com", "203.0.113.1", NOW);
        }
        assert_eq!(try_once(&mut database, "a@example.com", "198.51.100.1", NOW), Ok(()));
        for host in 0..250 {
            let _ = try_once(&mut database, "a@example.com", &format!("192.0.2.{host}"), NOW);
        }
        assert!(try_once(&mut database, "a@example.com", "198.51.100.2", NOW).is_err(), "many strangers can");
        assert_eq!(count_of(&database, "SELECT COUNT(*) FROM audit WHERE action = 'login.throttled'"), 2);
    }

    #[test]
    fn what_succeeds_is_not_counted_and_names_tell_nothing() {
        let mut database = Database::migrated("observer");
        let attempt = Attempt::to_sign_in(&keyring(), "a@example.com", &client("203.0.113.1"), "r", NOW);
        for _ in 0..50 {
            let rows = crate::testing::run(&mut database, attempt.reserve().unwrap());
            assert!(attempt.verdict(&rows).is_ok());
            crate::testing::run(&mut database, attempt.release().unwrap());
        }
        assert_eq!(count_of(&database, "SELECT SUM(tries) FROM throttle"), 0);
        let readable =
            "SELECT COUNT(*) FROM throttle WHERE bucket LIKE '%example%' OR bucket LIKE '%203%113%'";
        assert_eq!(count_of(&database, readable), 0);
        assert!(matches!(database.run(&[forget_expired(NOW.plus_ms(WINDOW_MS))]), Reply::Rows { .. }));
        assert_eq!(count_of(&database, "SELECT COUNT(*) FROM throttle"), 0);
    }

    #[test]
    fn a_network_of_ipv6_addresses_is_one_place() {
        assert_eq!(place(&client("2001:db8:1:2:3::4")), place(&client("2001:db8:1:2:ffff::1")));
        assert_ne!(place(&client("2001:db8:1:2::1")), place(&client("2001:db8:1:3::1")));
        assert_eq!(place(&client("::ffff:203.0.113.1")), "203.0.113.1");
        assert_eq!(place(&client("nowhere")), "unknown");
    }
}
