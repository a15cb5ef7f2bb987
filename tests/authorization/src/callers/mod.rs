//! Every kind of caller, what they show, and what they get. A new kind is a new entry of [`KINDS`] or [`WITHIN`].

mod public;
mod within;

use crate::cast::{Cast, Member, Staffer};
use crate::outcomes::{self, Gets};
use crate::routes::Who;
pub use public::{KINDS, PERSONS_KEY, TENANTS_KEY};
use sesh_types::access::PlatformRole;
pub use within::WITHIN;

/// What somebody shows who calls.
#[derive(Clone, Debug, Default)]
pub struct Dress {
    /// Headers, in small letters.
    pub headers: Vec<(&'static str, String)>,
    /// The refresh token that they put into a body that takes one.
    pub refresh: Option<String>,
    /// Whether they are the person of the other tenant.
    pub is_foreigner: bool,
    /// What is theirs, when they are on the staff.
    pub staff: Option<Staffer>,
}

/// A kind of caller.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// For tables.
    pub name: &'static str,
    /// What they show; nothing where a fleet has no such caller.
    pub dress: fn(&Cast) -> Option<Dress>,
    /// Their line of the table of [`crate::outcomes`].
    pub gets: &'static str,
    /// What they are to the platform, when they are on the staff.
    pub role: Option<PlatformRole>,
}

impl Kind {
    /// What they get of a route that is for these, to read or to edit, for what is their own.
    pub fn gets(&self, who: Who, edits: bool) -> Gets {
        outcomes::of(self.gets, who, edits, self.role)
    }
}

fn with(headers: &[(&'static str, &str)]) -> Dress {
    let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    Dress { headers, ..Dress::default() }
}

fn bearer(token: &str) -> Dress {
    with(&[("authorization", &format!("Bearer {token}"))])
}

/// With an API key, where the stage has one.
fn keyed(key: &str) -> Option<Dress> {
    (!key.is_empty()).then(|| bearer(key))
}

fn member(member: &Member) -> Dress {
    Dress { refresh: Some(member.refresh.clone()), ..bearer(&member.access) }
}

fn browser(member: &Member, origin: Option<&str>) -> Dress {
    let cookies = format!("__Host-sesh_access={}; __Host-sesh_refresh={}", member.access, member.refresh);
    let mut dress = with(&[("cookie", &cookies)]);
    dress.headers.extend(origin.map(|origin| ("origin", origin.to_owned())));
    dress
}

fn staffer(staffer: &Staffer, address: &str) -> Dress {
    let mut dress = bearer(&staffer.access);
    dress.headers.push(("cf-connecting-ip", address.to_owned()));
    dress.staff = Some(staffer.clone());
    dress
}

fn key(_: &Cast, key: &str, address: &str) -> Dress {
    let mut dress = bearer(key);
    dress.headers.push(("cf-connecting-ip", address.to_owned()));
    dress
}

/// What Workers of the fleet tell each other through the internal door.
fn forged(cast: &Cast, subject: &str) -> Vec<(&'static str, String)> {
    vec![
        ("x-sesh-on-behalf", subject.to_owned()),
        ("x-sesh-actor", "key:ops".to_owned()),
        ("x-sesh-client-address", cast.listed.clone()),
        ("x-sesh-door", "internal".to_owned()),
        ("x-request-id", "forged".to_owned()),
    ]
}
