//! tracker and the real observer in one process, and people whose tokens observer's own keys sign.

pub(crate) mod browser;

use observer::keys::SigningKeys;
use serde_json::Value;
use sesh_edge::native::{Call, Fleet, Got, Vars};
use sesh_edge::secret::base64url;
use sesh_edge::token::AccessClaims;
use sesh_types::ids::{DeviceId, PersonId, TenantId};
use sesh_types::time::Timestamp;
use uuid::Uuid;

const ISSUER: &str = "https://dev.kush.observer";
const SEED: [u8; 32] = *b"a seed that is good for tests 32";

/// When the tests begin.
pub(crate) const START: Timestamp = Timestamp(1_776_702_000_000);

/// The two Workers.
pub(crate) struct World {
    pub(crate) fleet: Fleet,
    keys: SigningKeys,
}

/// Somebody with a token.
#[derive(Clone, Copy)]
pub(crate) struct Somebody {
    pub(crate) person: PersonId,
    pub(crate) device: DeviceId,
    pub(crate) epoch: i64,
}

fn vars() -> Vars {
    let key = |seed: u8| {
        base64url(&std::array::from_fn::<u8, 32, _>(|n| seed ^ u8::try_from(n).unwrap_or_default()))
    };
    let texts = [
        ("ENVIRONMENT", "dev"),
        ("TOKEN_ISSUER", ISSUER),
        ("TOKEN_SIGNING_KEYS", &format!("sign1:{}", base64url(&SEED))),
        ("REFRESH_KEYS", &format!("fresh1:{}", key(2))),
        ("PASSWORD_PEPPER", &key(3)),
        ("FACTOR_KEYS", &format!("factor1:{}", key(4))),
        ("PERSON_KEYS", &format!("person1:{}", key(5))),
        ("PASSKEY_RP_ID", "app.example"),
        ("PASSKEY_ORIGINS", "https://app.example,https://www.app.example"),
        ("APP_URL", "https://app.example"),
        ("MAIL_FROM", "sesh@app.example"),
    ];
    Vars {
        texts: texts.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect(),
        bindings: ["DB", "SESSIONS", "OBSERVER", "TRACKER", "FACTS", "MAIL"].map(str::to_owned).into(),
    }
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        let mut fleet = Fleet::new(START, seed);
        fleet.add(observer::service(&vars()), &[("TRACKER", "tracker")]);
        fleet.add(tracker::service(&vars()), &[("OBSERVER", "observer")]);
        Self { fleet, keys: SigningKeys::new(&[("sign1".to_owned(), SEED)]).unwrap() }
    }

    pub(crate) fn somebody(number: u128) -> Somebody {
        Somebody {
            person: Uuid::from_u128(number).into(),
            device: Uuid::from_u128(1000 + number).into(),
            epoch: 0,
        }
    }

    pub(crate) fn token(&self, who: Somebody) -> String {
        self.token_in(TenantId::CONSUMERS, who)
    }

    /// A token of somebody's for a tenant.
    pub(crate) fn token_in(&self, tid: TenantId, who: Somebody) -> String {
        let claims = AccessClaims::at_home(ISSUER.into(), who.person, who.device, who.epoch);
        self.keys.access_token(&AccessClaims { tid, ..claims }, self.fleet.now()).0
    }

    /// Calls tracker as somebody.
    pub(crate) fn call(&self, who: Somebody, call: Call) -> Got {
        self.fleet.call("tracker", call.bearer(&self.token(who)))
    }
}

/// What the first person gets, who must get it.
#[track_caller]
pub(crate) fn get(world: &World, path: &str) -> Value {
    let got = world.call(World::somebody(1), Call::new("GET", path));
    assert_eq!(got.status, 200, "{path}: {}", got.text);
    got.json()["data"].clone()
}

/// What the first person makes.
#[track_caller]
pub(crate) fn post(world: &World, path: &str, body: &Value) -> Value {
    send(world, "POST", path, body, 201)
}

/// What the first person is answered with this status; nothing where there is no body.
#[track_caller]
pub(crate) fn send(world: &World, verb: &str, path: &str, body: &Value, status: u16) -> Value {
    let got = world.call(World::somebody(1), Call::new(verb, path).json(body));
    assert_eq!(got.status, status, "{verb} {path}: {}", got.text);
    if got.text.is_empty() { Value::Null } else { got.json()["data"].clone() }
}
