//! Every kind of caller, what they show, and what they get. A new kind is a new entry of [`KINDS`] or [`WITHIN`].

use crate::cast::{Cast, Member, Staffer};
use crate::papers;
use crate::routes::Who;
use sesh_types::access::{PlatformRole, Reach};

/// What a caller gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gets {
    /// The success that the route documents.
    In,
    /// 401 `unauthorized`.
    Unauthorized,
    /// 403 `forbidden`.
    Forbidden,
    /// 403 `not_entitled`: the app is not theirs.
    NotEntitled,
    /// 403 `insufficient_scope`: the token is not a program's that may do this.
    Unscoped,
    /// 404 `not_found`: as if it did not exist.
    NotThere,
    /// 400 `bad_request`.
    Malformed,
    /// 403 `impersonated`: for the person alone.
    Impersonated,
}

impl Gets {
    /// Status and code of a refusal.
    pub const fn refusal(self) -> Option<(u16, &'static str)> {
        match self {
            Self::In => None,
            Self::Unauthorized => Some((401, "unauthorized")),
            Self::Forbidden => Some((403, "forbidden")),
            Self::NotEntitled => Some((403, "not_entitled")),
            Self::Unscoped => Some((403, "insufficient_scope")),
            Self::NotThere => Some((404, "not_found")),
            Self::Malformed => Some((400, "bad_request")),
            Self::Impersonated => Some((403, "impersonated")),
        }
    }
}

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
    /// What they get of a route that is for these, to read or to edit (`true`), for what is their own.
    pub gets: fn(Who, bool) -> Gets,
    /// What they are to the platform, when they are on the staff.
    pub role: Option<PlatformRole>,
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

/// What anybody gets who shows no cookie of a person's, and comes from no page of ours.
fn page(who: Who, edits: bool) -> Option<Gets> {
    match who {
        Who::Page => Some(if edits { Gets::Forbidden } else { Gets::In }),
        // A token of a program opens no page.
        Who::PageOfPerson => Some(Gets::Unauthorized),
        _ => None,
    }
}

fn nobody(who: Who, edits: bool) -> Gets {
    let usual = if who == Who::Anyone { Gets::In } else { Gets::Unauthorized };
    page(who, edits).unwrap_or(usual)
}

fn person(who: Who, edits: bool) -> Gets {
    match who {
        Who::Page | Who::PageOfPerson => nobody(who, edits),
        Who::Operator(_) | Who::Staffer(_) | Who::StaffLeaver | Who::Insider | Who::Steward => {
            Gets::Forbidden
        }
        Who::Informed => Gets::Unscoped,
        _ => Gets::In,
    }
}

fn without_the_app(who: Who, edits: bool) -> Gets {
    if who == Who::User { Gets::NotEntitled } else { person(who, edits) }
}

fn insider(who: Who, edits: bool) -> Gets {
    match who {
        Who::Page | Who::PageOfPerson => nobody(who, edits),
        Who::Operator(_) | Who::Staffer(_) | Who::StaffLeaver => Gets::Forbidden,
        Who::Informed => Gets::Unscoped,
        _ => Gets::In,
    }
}

fn by_cookie(who: Who, _: bool) -> Gets {
    match who {
        Who::Operator(_)
        | Who::Staffer(_)
        | Who::StaffLeaver
        | Who::Bearer
        | Who::Informed
        | Who::Insider
        | Who::Steward => Gets::Unauthorized,
        _ => Gets::In,
    }
}

fn lured(who: Who, edits: bool) -> Gets {
    match who {
        Who::Holder | Who::Leaver | Who::Person | Who::Alone | Who::User | Who::Page | Who::PageOfPerson
            if edits =>
        {
            Gets::Forbidden
        }
        _ => by_cookie(who, edits),
    }
}

/// Signing out again succeeds; the token is still known to be a person's where it opens nothing anyway.
fn dead(who: Who, edits: bool) -> Gets {
    match who {
        Who::Page | Who::PageOfPerson => nobody(who, edits),
        Who::Anyone | Who::Leaver => Gets::In,
        // A token of the consumers' tenant opens nothing here, dead or alive.
        Who::Operator(_) | Who::Staffer(_) | Who::StaffLeaver | Who::Insider | Who::Steward => {
            Gets::Forbidden
        }
        Who::Informed => Gets::Unscoped,
        _ => Gets::Unauthorized,
    }
}

fn persons_key(who: Who, edits: bool) -> Gets {
    match who {
        Who::User => Gets::In,
        Who::Steward => Gets::Forbidden,
        _ => nobody(who, edits),
    }
}

fn persons_reading_key(who: Who, edits: bool) -> Gets {
    if who == Who::User && edits { Gets::Forbidden } else { persons_key(who, edits) }
}

fn distant_key(who: Who, edits: bool) -> Gets {
    if who == Who::User { Gets::Forbidden } else { persons_key(who, edits) }
}

fn tenants_key(who: Who, edits: bool) -> Gets {
    match who {
        Who::Steward => Gets::In,
        Who::User => Gets::Forbidden,
        _ => nobody(who, edits),
    }
}

fn tenants_reading_key(who: Who, edits: bool) -> Gets {
    if who == Who::Steward && edits { Gets::Forbidden } else { tenants_key(who, edits) }
}

fn administrator(who: Who, edits: bool) -> Gets {
    match who {
        Who::Page | Who::PageOfPerson => nobody(who, edits),
        Who::Anyone | Who::Operator(_) => Gets::In,
        // A key is nobody.
        Who::Staffer(_) | Who::StaffLeaver => Gets::Forbidden,
        _ => Gets::Unauthorized,
    }
}

fn staff(role: PlatformRole, who: Who, edits: bool) -> Gets {
    match who.reach(role) {
        Some(Reach::Nowhere) => Gets::Forbidden,
        Some(_) => Gets::In,
        None => nobody(who, edits),
    }
}

/// Signing out again succeeds.
fn dismissed(who: Who, edits: bool) -> Gets {
    match who {
        Who::Page | Who::PageOfPerson => nobody(who, edits),
        Who::Anyone | Who::StaffLeaver => Gets::In,
        _ => Gets::Unauthorized,
    }
}

fn acting(who: Who, edits: bool) -> Gets {
    match who {
        Who::Page | Who::PageOfPerson => nobody(who, edits),
        Who::Anyone => Gets::In,
        // It takes a refresh token, and there is none.
        Who::Holder => Gets::Unauthorized,
        Who::Person | Who::User if !edits => Gets::In,
        Who::Informed => Gets::Unscoped,
        // A person's token, whoever acts by it.
        Who::Operator(_) | Who::Staffer(_) | Who::StaffLeaver => Gets::Forbidden,
        _ => Gets::Impersonated,
    }
}

/// What is refused to whoever acts is refused without a look at whether they still do.
fn acted(who: Who, edits: bool) -> Gets {
    if matches!(who, Who::Person | Who::User) && !edits { Gets::Unauthorized } else { acting(who, edits) }
}

fn elsewhere(who: Who, edits: bool) -> Gets {
    match who {
        Who::Page | Who::PageOfPerson => nobody(who, edits),
        Who::Anyone => Gets::In,
        Who::Operator(_) | Who::Staffer(_) | Who::StaffLeaver => Gets::Forbidden,
        _ => Gets::Unauthorized,
    }
}

/// The caller with a person's API key for everything.
pub const PERSONS_KEY: &str = "with a person's API key";
/// The caller with the API key of another tenant than the person's, for everything.
pub const TENANTS_KEY: &str = "with another tenant's API key";

/// At the public doors.
pub const KINDS: &[Kind] = &[
    Kind { name: "nobody", dress: |_| Some(Dress::default()), gets: nobody, role: None },
    Kind {
        name: "with a token of nonsense",
        dress: |_| Some(bearer("not.a.token")),
        gets: nobody,
        role: None,
    },
    Kind {
        name: "with an expired token",
        dress: |cast| Some(bearer(&papers::expired(&cast.person.access, &cast.signing_seed?))),
        gets: nobody,
        role: None,
    },
    Kind {
        name: "with a token signed by another key",
        dress: |cast| Some(bearer(&papers::signed_by_another(&cast.person.access))),
        gets: nobody,
        role: None,
    },
    Kind {
        name: "with an unsigned token (`alg` `none`)",
        dress: |cast| Some(bearer(&papers::unsigned(&cast.person.access))),
        gets: nobody,
        role: None,
    },
    Kind {
        name: "with a refresh token for an access token",
        dress: |cast| Some(bearer(&cast.person.refresh)),
        gets: nobody,
        role: None,
    },
    Kind { name: "person", dress: |cast| Some(member(&cast.person)), gets: person, role: None },
    Kind {
        name: "person whose token was signed anew with the right key",
        dress: |cast| {
            let access = papers::renewed(&cast.person.access, &cast.signing_seed?);
            Some(member(&Member { access, ..cast.person.clone() }))
        },
        gets: person,
        role: None,
    },
    Kind {
        name: "member without the app",
        dress: |cast| {
            let access = papers::without_apps(&cast.person.access, &cast.signing_seed?);
            Some(member(&Member { access, ..cast.person.clone() }))
        },
        gets: without_the_app,
        role: None,
    },
    Kind {
        name: "person, by cookie, from the same origin",
        dress: |cast| Some(browser(&cast.person, Some(&format!("https://{}", cast.host)))),
        gets: by_cookie,
        role: None,
    },
    Kind {
        name: "person, by cookie, from another origin",
        dress: |cast| Some(browser(&cast.person, Some("https://evil.example"))),
        gets: lured,
        role: None,
    },
    Kind {
        name: "person, by cookie, without an origin",
        dress: |cast| Some(browser(&cast.person, None)),
        gets: lured,
        role: None,
    },
    Kind {
        name: "person who claims to be another in forged headers",
        dress: |cast| {
            let mut dress = member(&cast.person);
            dress.headers.extend(forged(cast, &cast.other.subject));
            Some(dress)
        },
        gets: person,
        role: None,
    },
    Kind {
        name: "person on a device that was signed out",
        dress: |cast| Some(member(&cast.revoked)),
        gets: dead,
        role: None,
    },
    Kind { name: "suspended person", dress: |cast| Some(member(&cast.suspended)), gets: dead, role: None },
    Kind {
        name: "person of another tenant, its owner",
        dress: |cast| {
            let dress = cast.foreigner.as_ref().map(member)?;
            Some(Dress { is_foreigner: true, ..dress })
        },
        gets: insider,
        role: None,
    },
    Kind { name: PERSONS_KEY, dress: |cast| keyed(&cast.person.api_key), gets: persons_key, role: None },
    Kind {
        name: "with a person's API key that may only read",
        dress: |cast| keyed(&cast.person.reading_key),
        gets: persons_reading_key,
        role: None,
    },
    Kind {
        name: "with a person's API key that has expired",
        dress: |cast| keyed(&cast.expired_key),
        gets: nobody,
        role: None,
    },
    Kind {
        name: "with a person's API key that was revoked",
        dress: |cast| keyed(&cast.revoked_key),
        gets: nobody,
        role: None,
    },
    Kind {
        name: "with a person's API key, from an address where it does not count",
        dress: |cast| keyed(&cast.distant_key),
        gets: distant_key,
        role: None,
    },
    Kind {
        name: "with a person's API key of which one character is wrong",
        dress: |cast| {
            let wrong = if cast.person.api_key.ends_with('0') { "1" } else { "0" };
            let all_but_one = &cast.person.api_key[..cast.person.api_key.len().checked_sub(1)?];
            keyed(&format!("{all_but_one}{wrong}"))
        },
        gets: nobody,
        role: None,
    },
    Kind {
        name: TENANTS_KEY,
        dress: |cast| Some(Dress { is_foreigner: true, ..bearer(&cast.foreigner.as_ref()?.api_key) }),
        gets: tenants_key,
        role: None,
    },
    Kind {
        name: "with another tenant's API key that may only read",
        dress: |cast| Some(Dress { is_foreigner: true, ..bearer(&cast.foreigner.as_ref()?.reading_key) }),
        gets: tenants_reading_key,
        role: None,
    },
    Kind {
        name: "with an administrator's key, from a listed address",
        dress: |cast| Some(key(cast, &cast.admin_key, &cast.listed)),
        gets: administrator,
        role: None,
    },
    Kind {
        name: "with an administrator's key, from elsewhere",
        dress: |cast| Some(key(cast, &cast.admin_key, &cast.unlisted)),
        gets: elsewhere,
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
        gets: elsewhere,
        role: None,
    },
    Kind {
        name: "with a wrong administrator's key",
        dress: |cast| Some(key(cast, &format!("{}x", cast.admin_key), &cast.listed)),
        gets: nobody,
        role: None,
    },
    Kind {
        name: "nobody, with the headers of a Worker of the fleet",
        dress: |cast| Some(Dress { headers: forged(cast, &cast.person.subject), ..Dress::default() }),
        gets: nobody,
        role: None,
    },
    Kind {
        name: "superadmin",
        dress: |cast| Some(staffer(&cast.superadmin, &cast.unlisted)),
        gets: |who, edits| staff(PlatformRole::Superadmin, who, edits),
        role: Some(PlatformRole::Superadmin),
    },
    Kind {
        name: "support",
        dress: |cast| Some(staffer(&cast.support, &cast.unlisted)),
        gets: |who, edits| staff(PlatformRole::Support, who, edits),
        role: Some(PlatformRole::Support),
    },
    Kind {
        name: "reseller",
        dress: |cast| Some(staffer(&cast.reseller, &cast.unlisted)),
        gets: |who, edits| staff(PlatformRole::Reseller, who, edits),
        role: Some(PlatformRole::Reseller),
    },
    Kind {
        name: "superadmin on a device that was signed out",
        dress: |cast| Some(staffer(&cast.dismissed, &cast.unlisted)),
        gets: dismissed,
        role: None,
    },
    Kind {
        name: "superadmin, from an address that is not theirs",
        dress: |cast| Some(staffer(&cast.homebound, &cast.unlisted)),
        gets: elsewhere,
        role: None,
    },
    Kind {
        name: "support who acts as the person",
        dress: |cast| Some(bearer(&cast.acting.access)),
        gets: acting,
        role: None,
    },
    Kind {
        name: "support who acted as the person",
        dress: |cast| Some(bearer(&cast.acted.access)),
        gets: acted,
        role: None,
    },
];

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

fn for_nobody(who: Who, _: bool) -> Gets {
    match who {
        Who::OnBehalf | Who::OnBehalfAlone | Who::Leaving => Gets::Unauthorized,
        Who::Actor(_) | Who::Crew(_) | Who::CrewLeaving => Gets::Malformed,
        _ => Gets::In,
    }
}

fn for_a_person(who: Who, _: bool) -> Gets {
    match who {
        Who::Actor(_) | Who::Crew(_) | Who::CrewLeaving => Gets::Malformed,
        _ => Gets::In,
    }
}

fn for_the_dead(who: Who, _: bool) -> Gets {
    match who {
        Who::OnBehalf | Who::OnBehalfAlone => Gets::Unauthorized,
        Who::Actor(_) | Who::Crew(_) | Who::CrewLeaving => Gets::Malformed,
        _ => Gets::In,
    }
}

fn for_a_key(who: Who, _: bool) -> Gets {
    match who {
        Who::OnBehalf | Who::OnBehalfAlone | Who::Leaving => Gets::Unauthorized,
        Who::Crew(_) | Who::CrewLeaving => Gets::Forbidden,
        _ => Gets::In,
    }
}

fn for_staff(role: PlatformRole, who: Who) -> Gets {
    match (who.reach(role), who) {
        (Some(Reach::Nowhere), _) => Gets::Forbidden,
        (None, Who::OnBehalf | Who::OnBehalfAlone | Who::Leaving) => Gets::Unauthorized,
        _ => Gets::In,
    }
}

fn for_the_dismissed(who: Who, _: bool) -> Gets {
    match who {
        Who::Actor(_) | Who::Crew(_) | Who::OnBehalf | Who::OnBehalfAlone | Who::Leaving => {
            Gets::Unauthorized
        }
        _ => Gets::In,
    }
}

fn for_who_acts(who: Who, edits: bool) -> Gets {
    match who {
        Who::OnBehalf if edits => Gets::Impersonated,
        Who::OnBehalfAlone | Who::Leaving => Gets::Impersonated,
        _ => for_a_person(who, edits),
    }
}

fn for_who_acted(who: Who, edits: bool) -> Gets {
    match who {
        Who::OnBehalf if !edits => Gets::Unauthorized,
        _ => for_who_acts(who, edits),
    }
}

fn crew(staffer: &Staffer) -> Dress {
    Dress { staff: Some(staffer.clone()), ..with(&[("x-sesh-actor", &staffer.subject)]) }
}

fn garbled(who: Who, _: bool) -> Gets {
    match who {
        Who::OnBehalf
        | Who::OnBehalfAlone
        | Who::Leaving
        | Who::Actor(_)
        | Who::Crew(_)
        | Who::CrewLeaving => Gets::Malformed,
        _ => Gets::In,
    }
}

fn on_behalf(subject: &str) -> Dress {
    with(&[("x-sesh-on-behalf", subject)])
}

/// At the internal doors: a Worker, and for whom it says that it asks.
pub const WITHIN: &[Kind] = &[
    Kind { name: "a Worker, for nobody", dress: |_| Some(Dress::default()), gets: for_nobody, role: None },
    Kind {
        name: "a Worker, for a person",
        dress: |cast| Some(on_behalf(&cast.person.subject)),
        gets: for_a_person,
        role: None,
    },
    Kind {
        name: "a Worker, for a person on a device that was signed out",
        dress: |cast| Some(on_behalf(&cast.revoked.subject)),
        gets: for_the_dead,
        role: None,
    },
    Kind {
        name: "a Worker, for a suspended person",
        dress: |cast| Some(on_behalf(&cast.suspended.subject)),
        gets: for_the_dead,
        role: None,
    },
    Kind {
        name: "a Worker, for a person of another tenant",
        dress: |cast| {
            let foreigner = cast.foreigner.as_ref()?;
            Some(Dress { is_foreigner: true, ..on_behalf(&foreigner.subject) })
        },
        gets: for_a_person,
        role: None,
    },
    Kind {
        name: "a Worker, for a person in a tenant that is not theirs",
        dress: |cast| {
            let (_, rest) = cast.person.subject.split_once('/')?;
            let (tenant, _) = cast.foreigner.as_ref()?.subject.split_once('/')?;
            Some(on_behalf(&format!("{tenant}/{rest}")))
        },
        gets: for_the_dead,
        role: None,
    },
    Kind {
        name: "a Worker, for an administrator",
        dress: |_| Some(with(&[("x-sesh-actor", "key:ops")])),
        gets: for_a_key,
        role: None,
    },
    Kind {
        name: "a Worker, for a superadmin",
        dress: |cast| Some(crew(&cast.superadmin)),
        gets: |who, _| for_staff(PlatformRole::Superadmin, who),
        role: Some(PlatformRole::Superadmin),
    },
    Kind {
        name: "a Worker, for support",
        dress: |cast| Some(crew(&cast.support)),
        gets: |who, _| for_staff(PlatformRole::Support, who),
        role: Some(PlatformRole::Support),
    },
    Kind {
        name: "a Worker, for a reseller",
        dress: |cast| Some(crew(&cast.reseller)),
        gets: |who, _| for_staff(PlatformRole::Reseller, who),
        role: Some(PlatformRole::Reseller),
    },
    Kind {
        name: "a Worker, for a superadmin on a device that was signed out",
        dress: |cast| Some(crew(&cast.dismissed)),
        gets: for_the_dismissed,
        role: None,
    },
    Kind {
        name: "a Worker, for support who acts as a person",
        dress: |cast| Some(on_behalf(&cast.acting.subject)),
        gets: for_who_acts,
        role: None,
    },
    Kind {
        name: "a Worker, for support who acted as a person",
        dress: |cast| Some(on_behalf(&cast.acted.subject)),
        gets: for_who_acted,
        role: None,
    },
    Kind {
        name: "a Worker that garbles for whom it asks",
        dress: |_| Some(with(&[("x-sesh-on-behalf", "a/b"), ("x-sesh-actor", "person:x")])),
        gets: garbled,
        role: None,
    },
];
