//! Who calls at the internal doors.

use super::{Dress, Kind, with};
use crate::cast::Staffer;
use sesh_types::access::PlatformRole;

fn crew(staffer: &Staffer) -> Dress {
    Dress { staff: Some(staffer.clone()), ..with(&[("x-sesh-actor", &staffer.subject)]) }
}

fn on_behalf(subject: &str) -> Dress {
    with(&[("x-sesh-on-behalf", subject)])
}

/// At the internal doors: a Worker, and for whom it says that it asks.
pub const WITHIN: &[Kind] = &[
    Kind { name: "a Worker, for nobody", dress: |_| Some(Dress::default()), gets: "for nobody", role: None },
    Kind {
        name: "a Worker, for a person",
        dress: |cast| Some(on_behalf(&cast.person.subject)),
        gets: "for a person",
        role: None,
    },
    Kind {
        name: "a Worker, for a person on a device that was signed out",
        dress: |cast| Some(on_behalf(&cast.revoked.subject)),
        gets: "for the dead",
        role: None,
    },
    Kind {
        name: "a Worker, for a suspended person",
        dress: |cast| Some(on_behalf(&cast.suspended.subject)),
        gets: "for the dead",
        role: None,
    },
    Kind {
        name: "a Worker, for a person of another tenant",
        dress: |cast| {
            let foreigner = cast.foreigner.as_ref()?;
            Some(Dress { is_foreigner: true, ..on_behalf(&foreigner.subject) })
        },
        gets: "for a person",
        role: None,
    },
    Kind {
        name: "a Worker, for a person in a tenant that is not theirs",
        dress: |cast| {
            let (_, rest) = cast.person.subject.split_once('/')?;
            let (tenant, _) = cast.foreigner.as_ref()?.subject.split_once('/')?;
            Some(on_behalf(&format!("{tenant}/{rest}")))
        },
        gets: "for the dead",
        role: None,
    },
    Kind {
        name: "a Worker, for an administrator",
        dress: |_| Some(with(&[("x-sesh-actor", "key:ops")])),
        gets: "for a key",
        role: None,
    },
    Kind {
        name: "a Worker, for a superadmin",
        dress: |cast| Some(crew(&cast.superadmin)),
        gets: "for staff",
        role: Some(PlatformRole::Superadmin),
    },
    Kind {
        name: "a Worker, for support",
        dress: |cast| Some(crew(&cast.support)),
        gets: "for staff",
        role: Some(PlatformRole::Support),
    },
    Kind {
        name: "a Worker, for a reseller",
        dress: |cast| Some(crew(&cast.reseller)),
        gets: "for staff",
        role: Some(PlatformRole::Reseller),
    },
    Kind {
        name: "a Worker, for a superadmin on a device that was signed out",
        dress: |cast| Some(crew(&cast.dismissed)),
        gets: "for the dismissed",
        role: None,
    },
    Kind {
        name: "a Worker, for support who acts as a person",
        dress: |cast| Some(on_behalf(&cast.acting.subject)),
        gets: "for who acts",
        role: None,
    },
    Kind {
        name: "a Worker, for support who acted as a person",
        dress: |cast| Some(on_behalf(&cast.acted.subject)),
        gets: "for who acted",
        role: None,
    },
    Kind {
        name: "a Worker that garbles for whom it asks",
        dress: |_| Some(with(&[("x-sesh-on-behalf", "a/b"), ("x-sesh-actor", "person:x")])),
        gets: "garbled",
        role: None,
    },
];
