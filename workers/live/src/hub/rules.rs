//! What a socket is told. The number of a change is counted in tracker's database, in the batch that makes it, so it has
//! no gaps; what a hub was not told of shows as one, and is told as "changed".

use serde::{Deserialize, Serialize};
use sesh_types::contract::live::{Entrance, Kind, Revoked, Seq, Told};
use sesh_types::time::{DAY_MS, MINUTE_MS, Timestamp};

/// Changes that a hub keeps.
pub const MOST_KEPT: i64 = 200;
/// Sockets that a person may have open in a tenant; the oldest makes room for a new one.
pub const MOST_SOCKETS: usize = 20;
/// Sockets that may be opened a minute.
pub const MOST_OPENED: u32 = 60;
/// A hub that was told nothing for so long forgets.
pub const IDLE_MS: i64 = 7 * DAY_MS;
/// What a client sends to learn whether the connection still stands; the runtime answers in the hub's place.
pub const PING: &str = "ping";
/// That answer.
pub const PONG: &str = "pong";

/// Why a hub closes a socket: code and reason (RFC 6455, 7.4).
pub type Close = (u16, &'static str);
/// The token was revoked: nobody may come back with it.
pub const REVOKED: Close = (4001, "signed out");
/// The token has expired: come back with a new one.
pub const EXPIRED: Close = (4002, "token expired");
/// A newer socket took its place.
pub const DISPLACED: Close = (4003, "too many sockets");
/// Clients have nothing to say but [`PING`].
pub const UNASKED: Close = (1008, "nothing is to be said here");

/// What a hub knows of a socket; it stays with the socket while the hub sleeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guest {
    /// When it was opened.
    pub since_ms: i64,
    /// When its token expires.
    pub until_ms: i64,
    /// The epoch of its token.
    pub epoch: i64,
    /// The number of the last change that it knows.
    pub seen: Seq,
}

/// A message to a socket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind")]
pub enum Message {
    /// The first one: where things stand, and until when the token counts.
    #[serde(rename = "hello")]
    Hello {
        /// The number of the last change.
        seq: Seq,
        /// When the socket will be closed.
        until: Timestamp,
    },
    /// Something changed that the hub was not told of, up to this number.
    #[serde(rename = "changed")]
    Changed {
        /// The number.
        seq: Seq,
    },
    /// More was missed than is kept: look at everything again.
    #[serde(rename = "resync")]
    Resync {
        /// The number of the last change.
        seq: Seq,
    },
    /// A change.
    #[serde(untagged)]
    Told {
        /// Its number.
        seq: Seq,
        /// What it was.
        kind: Kind,
        /// Of which session or lot.
        id: String,
    },
}

impl From<Told> for Message {
    fn from(Told { seq, kind, id }: Told) -> Self {
        Self::Told { seq, kind, id }
    }
}

/// What somebody who comes in is told, given the changes kept after the last one that they know, in order. Returns the
/// messages, and the number that they then know.
pub fn welcome(entrance: &Entrance, kept: Vec<Told>) -> (Vec<Message>, Seq) {
    let mut messages = vec![Message::Hello { seq: entrance.seq, until: Timestamp(entrance.until_ms) }];
    let after = entrance.after.unwrap_or(entrance.seq);
    let last = kept.last().map_or(entrance.seq, |told| told.seq.max(entrance.seq));
    // A number from the future is of another database.
    if after > entrance.seq || entrance.seq - after > MOST_KEPT {
        messages.push(Message::Resync { seq: last });
        return (messages, last);
    }
    let mut seen = after;
    for told in kept {
        step(&mut messages, &mut seen, told);
    }
    if seen < entrance.seq {
        messages.push(Message::Changed { seq: entrance.seq });
        seen = entrance.seq;
    }
    (messages, seen)
}

/// From which change on [`welcome`] wants to know what is kept.
pub fn wanted_after(entrance: &Entrance) -> Seq {
    entrance.after.unwrap_or(entrance.seq).min(entrance.seq)
}

/// What a socket is told of a change. A gap before it is told first.
pub fn tell(guest: &mut Guest, told: Told) -> Vec<Message> {
    let mut messages = Vec::new();
    step(&mut messages, &mut guest.seen, told);
    messages
}

fn step(messages: &mut Vec<Message>, seen: &mut Seq, told: Told) {
    if told.seq > *seen + 1 {
        messages.push(Message::Changed { seq: told.seq - 1 });
    }
    *seen = told.seq.max(*seen);
    messages.push(told.into());
}

/// Whether the token of a socket is dead. `is_subject` says whether the socket is of the subject that was revoked, if
/// that is a device.
pub fn is_ended(guest: &Guest, revoked: &Revoked, is_subject: bool) -> bool {
    let meant = is_subject || !revoked.subject.starts_with("device:");
    meant && guest.epoch < revoked.min_epoch
}

/// How often somebody came in lately; kept in memory alone, as whoever hammers keeps the hub awake.
#[derive(Clone, Copy, Debug, Default)]
pub struct Door {
    minute: i64,
    opened: u32,
}

impl Door {
    /// Lets one more in, or says for how many seconds nobody will be.
    ///
    /// # Errors
    /// The seconds.
    pub fn enter(&mut self, now_ms: i64) -> Result<(), i64> {
        let minute = now_ms.div_euclid(MINUTE_MS);
        if minute != self.minute {
            *self = Self { minute, opened: 0 };
        }
        if self.opened >= MOST_OPENED {
            return Err((MINUTE_MS - now_ms.rem_euclid(MINUTE_MS)).div_euclid(1_000) + 1);
        }
        self.opened += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use sesh_types::ids::DeviceId;

    fn told(seq: Seq) -> Told {
        Told { seq, kind: Kind::SessionLogged, id: seq.to_string() }
    }

    fn entrance(seq: Seq, after: Option<Seq>) -> Entrance {
        let device: DeviceId = "019dabb1-0b80-7505-8b10-1d169256c15c".parse().unwrap();
        Entrance { seq, after, device, epoch: 0, until_ms: 900_000 }
    }

    fn numbers(messages: &[Message]) -> Vec<(&'static str, Seq)> {
        messages
            .iter()
            .map(|message| match message {
                Message::Hello { seq, .. } => ("hello", *seq),
                Message::Changed { seq } => ("changed", *seq),
                Message::Resync { seq } => ("resync", *seq),
                Message::Told { seq, .. } => ("told", *seq),
            })
            .collect()
    }

    fn welcomed(seq: Seq, after: Option<Seq>, kept: &[Seq]) -> Vec<(&'static str, Seq)> {
        let entrance = entrance(seq, after);
        let wanted = wanted_after(&entrance);
        let kept = kept.iter().filter(|seq| **seq > wanted).map(|seq| told(*seq)).collect();
        let (messages, seen) = welcome(&entrance, kept);
        let named = numbers(&messages);
        assert_eq!(seen, named.iter().map(|(_, seq)| *seq).max().unwrap(), "what it was told it knows");
        named
    }

    #[test]
    fn who_comes_back_is_told_what_they_missed() {
        assert_eq!(welcomed(9, None, &[7, 8, 9]), [("hello", 9)], "new: nothing was missed");
        assert_eq!(welcomed(9, Some(9), &[7, 8, 9]), [("hello", 9)]);
        assert_eq!(welcomed(9, Some(7), &[7, 8, 9]), [("hello", 9), ("told", 8), ("told", 9)]);
    }

    #[test]
    fn what_the_hub_was_never_told_is_told_as_a_gap() {
        let gap = [("hello", 9), ("told", 6), ("changed", 7), ("told", 8), ("changed", 9)];
        assert_eq!(welcomed(9, Some(5), &[6, 8]), gap, "lost before, between and after");
        assert_eq!(welcomed(9, Some(5), &[]), [("hello", 9), ("changed", 9)], "an empty hub");
    }

    #[test]
    fn what_is_told_while_somebody_comes_in_is_not_lost() {
        assert_eq!(welcomed(9, None, &[9, 10]), [("hello", 9), ("told", 10)]);
        assert_eq!(welcomed(9, Some(8), &[9, 10]), [("hello", 9), ("told", 9), ("told", 10)]);
    }

    #[test]
    fn who_missed_too_much_or_comes_from_elsewhere_looks_at_everything() {
        assert_eq!(welcomed(300, Some(99), &[]), [("hello", 300), ("resync", 300)]);
        assert_eq!(welcomed(300, Some(100), &[]), [("hello", 300), ("changed", 300)]);
        assert_eq!(welcomed(3, Some(9), &[3]), [("hello", 3), ("resync", 3)]);
    }

    #[test]
    fn an_open_socket_is_told_of_gaps_and_of_late_ones() {
        let mut guest = Guest { since_ms: 0, until_ms: 1, epoch: 0, seen: 5 };
        let mut tell = |seq| (numbers(&tell(&mut guest, told(seq))), guest.seen);
        assert_eq!(tell(6), (vec![("told", 6)], 6));
        assert_eq!(tell(8), (vec![("changed", 7), ("told", 8)], 8));
        assert_eq!(tell(7), (vec![("told", 7)], 8), "late: told all the same");
        assert_eq!(tell(9), (vec![("told", 9)], 9));
    }

    #[test]
    fn a_token_ends_by_its_device_or_by_its_epoch() {
        let guest = Guest { since_ms: 0, until_ms: 1, epoch: 3, seen: 0 };
        let revoked = |subject: &str, min_epoch| Revoked { subject: subject.to_owned(), min_epoch };
        for (subject, min_epoch, is_subject, ends) in [
            ("device:a", 1 << 52, true, true),
            ("device:a", 1 << 52, false, false),
            ("person:a", 4, false, true),
            ("person:a", 3, false, false),
        ] {
            assert_eq!(
                is_ended(&guest, &revoked(subject, min_epoch), is_subject),
                ends,
                "{subject} {min_epoch}"
            );
        }
    }

    #[test]
    fn nobody_comes_in_more_often_than_a_minute_allows() {
        let mut door = Door::default();
        assert!((0..MOST_OPENED).all(|_| door.enter(61_000).is_ok()));
        assert_eq!(door.enter(61_000), Err(60));
        assert_eq!(door.enter(119_999), Err(1));
        assert!(door.enter(120_000).is_ok());
    }

    #[test]
    fn messages_hold_a_number_a_kind_and_an_id_and_nothing_else() {
        let text = |message: &Message| serde_json::to_string(message).unwrap();
        assert_eq!(text(&told(3).into()), r#"{"seq":3,"kind":"session.logged","id":"3"}"#);
        assert_eq!(text(&Message::Changed { seq: 3 }), r#"{"kind":"changed","seq":3}"#);
        assert_eq!(text(&Message::Resync { seq: 3 }), r#"{"kind":"resync","seq":3}"#);
        let hello = Message::Hello { seq: 3, until: Timestamp(0) };
        assert_eq!(text(&hello), r#"{"kind":"hello","seq":3,"until":"1970-01-01T00:00:00.000Z"}"#);
    }

    proptest! {
        /// However changes are told (late, twice, some never), whoever listens or comes back hears of each: by itself,
        /// or by a gap, a resync or a hello that covers it.
        #[test]
        fn nothing_is_missed_for_good(
            lost in proptest::collection::vec(any::<bool>(), 1..60),
            swaps in proptest::collection::vec((0_usize..60, 0_usize..60), 0..20),
            away_from in 0_usize..60,
            away_until in 0_usize..60,
        ) {
            let mut order: Vec<Seq> = (1..).zip(&lost).filter(|(_, lost)| !**lost).map(|(seq, _)| seq).collect();
            for (a, b) in swaps {
                if a < order.len() && b < order.len() { order.swap(a, b); }
            }
            let total = Seq::try_from(lost.len()).unwrap();
            let mut guest = Guest { since_ms: 0, until_ms: 1, epoch: 0, seen: 0 };
            let mut heard: Vec<Message> = Vec::new();
            let mut kept: Vec<Told> = Vec::new();
            for (place, seq) in order.into_iter().enumerate() {
                kept.push(told(seq));
                if !(away_from..away_until).contains(&place) {
                    heard.extend(tell(&mut guest, told(seq)));
                }
            }
            // Comes back in the end, with the greatest number it knows.
            let entrance = entrance(total, Some(guest.seen));
            kept.sort_by_key(|told| told.seq);
            let missed = kept.into_iter().filter(|told| told.seq > wanted_after(&entrance)).collect();
            heard.extend(welcome(&entrance, missed).0);
            for seq in 1..=total {
                let told = heard.iter().any(|message| matches!(message, Message::Told { seq: s, .. } if *s == seq));
                let covered = heard.iter().any(
                    |message| matches!(message, Message::Changed { seq: s } | Message::Resync { seq: s } if *s >= seq));
                prop_assert!(told || covered, "{seq} of {total} was missed: {heard:?}");
            }
        }
    }
}
