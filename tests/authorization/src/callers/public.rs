//! Who calls at the public doors.

use super::{Dress, Kind, bearer, browser, forged, key, keyed, member, staffer};
use crate::cast::Member;
use crate::papers;
use sesh_types::access::PlatformRole;

/// The caller with a person's API key for everything.
pub const PERSONS_KEY: &str = "with a person's API key";
/// The caller with the API key of another tenant than the person's, for everything.
pub const TENANTS_KEY: &str = "with another tenant's API key";

/// At the public doors.
pub const KINDS: &[Kind] = &[
    Kind { name: "nobody", dress: |_| Some(Dress::default()), gets: "nobody", role: None },
    Kind {
        name: "with a token of nonsense",
        dress: |_| Some(bearer("not.a.token")),
        gets: "nobody",
        role: None,
    },
    Kind {
        name: "with an expired token",
        dress: |cast| Some(bearer(&papers::expired(&cast.person.access, &cast.signing_seed?))),
        gets: "nobody",
        role: None,
    },
    Kind {
        name: "with a token signed by another key",
        dress: |cast| Some(bearer(&papers::signed_by_another(&cast.person.access))),
        gets: "nobody",
        role: None,
    },
    Kind {
        name: "with an unsigned token (`alg` `none`)",
        dress: |cast| Some(bearer(&papers::unsigned(&cast.person.access))),
        gets: "nobody",
        role: None,
    },
    Kind {
        name: "with a refresh token for an access token",
        dress: |cast| Some(bearer(&cast.person.refresh)),
        gets: "nobody",
        role: None,
    },
    Kind { name: "person", dress: |cast| Some(member(&cast.person)), gets: "person", role: None },
    Kind {
        name: "person whose token was signed anew with the right key",
        dress: |cast| {
            let access = papers::renewed(&cast.person.access, &cast.signing_seed?);
            Some(member(&Member { access, ..cast.person.clone() }))
        },
        gets: "person",
        role: None,
    },
    Kind {
        name: "member without the app",
        dress: |cast| {
            let access = papers::without_apps(&cast.person.access, &cast.signing_seed?);
            Some(member(&Member { access, ..cast.person.clone() }))
        },
        gets: "without the app",
        role: None,
    },
    Kind {
        name: "person, by cookie, from the same origin",
        dress: |cast| Some(browser(&cast.person, Some(&format!("https://{}", cast.host)))),
        gets: "by cookie",
        role: None,
    },
    Kind {
        name: "person, by cookie, from another origin",
        dress: |cast| Some(browser(&cast.person, Some("https://evil.example"))),
        gets: "lured",
        role: None,
    },
    Kind {
        name: "person, by cookie, without an origin",
        dress: |cast| Some(browser(&cast.person, None)),
        gets: "lured",
        role: None,
    },
    Kind {
        name: "person who claims to be another in forged headers",
        dress: |cast| {
            let mut dress = member(&cast.person);
            dress.headers.extend(forged(cast, &cast.other.subject));
            Some(dress)
        },
        gets: "person",
        role: None,
    },
    Kind {
        name: "person on a device that was signed out",
        dress: |cast| Some(member(&cast.revoked)),
        gets: "dead",
        role: None,
    },
    Kind { name: "suspended person", dress: |cast| Some(member(&cast.suspended)), gets: "dead", role: None },
    Kind {
        name: "person of another tenant, its owner",
        dress: |cast| {
            let dress = cast.foreigner.as_ref().map(member)?;
            Some(Dress { is_foreigner: true, ..dress })
        },
        gets: "insider",
        role: None,
    },
    Kind { name: PERSONS_KEY, dress: |cast| keyed(&cast.person.api_key), gets: "person's key", role: None },
    Kind {
        name: "with a person's API key that may only read",
        dress: |cast| keyed(&cast.person.reading_key),
        gets: "person's reading key",
        role: None,
    },
    Kind {
        name: "with a person's API key that has expired",
        dress: |cast| keyed(&cast.expired_key),
        gets: "nobody",
        role: None,
    },
    Kind {
        name: "with a person's API key that was revoked",
        dress: |cast| keyed(&cast.revoked_key),
        gets: "nobody",
        role: None,
    },
    Kind {
        name: "with a person's API key, from an address where it does not count",
        dress: |cast| keyed(&cast.distant_key),
        gets: "distant key",
        role: None,
    },
    Kind {
        name: "with a person's API key of which one character is wrong",
        dress: |cast| {
            let wrong = if cast.person.api_key.ends_with('0') { "1" } else { "0" };
            let all_but_one = &cast.person.api_key[..cast.person.api_key.len().checked_sub(1)?];
            keyed(&format!("{all_but_one}{wrong}"))
        },
        gets: "nobody",
        role: None,
    },
    Kind {
        name: TENANTS_KEY,
        dress: |cast| Some(Dress { is_foreigner: true, ..bearer(&cast.foreigner.as_ref()?.api_key) }),
        gets: "tenant's key",
        role: None,
    },
    Kind {
        name: "with another tenant's API key that may only read",
        dress: |cast| Some(Dress { is_foreigner: true, ..bearer(&cast.foreigner.as_ref()?.reading_key) }),
        gets: "tenant's reading key",
        role: None,
    },
    Kind {
        name: "with an administrator's key, from a listed address",
        dress: |cast| Some(key(cast, &cast.admin_key, &cast.listed)),
        gets: "administrator",
        role: None,
    },
    Kind {
        name: "with an administrator's key, from elsewhere",
        dress: |cast| Some(key(cast, &cast.admin_key, &cast.unlisted)),
        gets: "elsewhere",
        role: None,
    },
    Kind {
        name: "with an administrator's key, from elsewhere, with forged addresses",
        dress: |cast| {
            let mut dress = key(cast, &cast.admin_key, &cast.unlisted);
            let claims =
                ["x-forwarded-for", "x-real-ip", "true-client-ip", "cf-connecting-ipv6", "x-client-ip"];
            dress.headers.extend(claims.map(|claim| (claim, cast.listed.clone())));
            dress.headers.push(("forwarded", format!("for={}", cast.listed)));
            dress.headers.extend(forged(cast, &cast.person.subject));
            Some(dress)
        },
        gets: "elsewhere",
        role: None,
    },
    Kind {
        name: "with a wrong administrator's key",
        dress: |cast| Some(key(cast, &format!("{}x", cast.admin_key), &cast.listed)),
        gets: "nobody",
        role: None,
    },
    Kind {
        name: "nobody, with the headers of a Worker of the fleet",
        dress: |cast| Some(Dress { headers: forged(cast, &cast.person.subject), ..Dress::default() }),
        gets: "nobody",
        role: None,
    },
    Kind {
        name: "superadmin",
        dress: |cast| Some(staffer(&cast.superadmin, &cast.unlisted)),
        gets: "staff",
        role: Some(PlatformRole::Superadmin),
    },
    Kind {
        name: "support",
        dress: |cast| Some(staffer(&cast.support, &cast.unlisted)),
        gets: "staff",
        role: Some(PlatformRole::Support),
    },
    Kind {
        name: "reseller",
        dress: |cast| Some(staffer(&cast.reseller, &cast.unlisted)),
        gets: "staff",
        role: Some(PlatformRole::Reseller),
    },
    Kind {
        name: "superadmin on a device that was signed out",
        dress: |cast| Some(staffer(&cast.dismissed, &cast.unlisted)),
        gets: "dismissed",
        role: None,
    },
    Kind {
        name: "superadmin, from an address that is not theirs",
        dress: |cast| Some(staffer(&cast.homebound, &cast.unlisted)),
        gets: "elsewhere",
        role: None,
    },
    Kind {
        name: "support who acts as the person",
        dress: |cast| Some(bearer(&cast.acting.access)),
        gets: "acting",
        role: None,
    },
    Kind {
        name: "support who acted as the person",
        dress: |cast| Some(bearer(&cast.acted.access)),
        gets: "acted",
        role: None,
    },
];
