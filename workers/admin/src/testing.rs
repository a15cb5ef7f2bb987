//! The stage of this crate's tests: admin in a native fleet, with peers that note what they are asked and answer
//! what they are told to.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use jwt_compact::alg::Ed25519;
use jwt_compact::{AlgorithmExt, Claims, Header, TimeOptions};
use serde_json::{Value, json};
use sesh_edge::health::Vitals;
use sesh_edge::native::{Call, Fleet, Got, Vars};
use sesh_edge::secret::sha256_hex;
use sesh_edge::service::Service;
use sesh_edge::token::{AccessClaims, Jwk, Jwks, STAFF_AUDIENCE, StaffClaims, TOKEN_TYPE};
use sesh_types::access::PlatformRole;
use sesh_types::time::Timestamp;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

pub(crate) const KEY: &str = "sesh_admin_canary-of-the-tests-1234567890";
pub(crate) const PERSON: &str = "0192aaaa-0000-7000-8000-00000000000a";
const ISSUER: &str = "https://kush.observer";
/// 2026-11-21T12:00:00Z.
pub(crate) const NOON: Timestamp = Timestamp(1_795_262_400_000);

/// A complete environment. The address that tests call from is in it.
pub(crate) fn environment() -> Vars {
    let keys = format!("ops:{},second:{}", sha256_hex(KEY.as_bytes()), sha256_hex(b"another"));
    let texts = [
        ("ENVIRONMENT", "dev"),
        ("ADMIN_KEYS", &keys),
        ("ADMIN_ALLOWED_IPS", "203.0.113.7,10.0.0.0/8,2001:db8::/32"),
        ("TOKEN_ISSUER", ISSUER),
    ];
    Vars {
        texts: texts.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect(),
        bindings: ["DB", "OBSERVER", "TRACKER", "LIVE"].map(str::to_owned).into(),
    }
}

/// A request as a peer saw it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) call: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Value,
}

/// A peer that answers what it is told to.
#[derive(Default)]
pub(crate) struct Peer {
    seen: Mutex<Vec<Seen>>,
    answers: Mutex<BTreeMap<String, (u16, String)>>,
}

impl Peer {
    /// Calls of this verb and path (without its query) are answered so from now on.
    pub(crate) fn answers(&self, call: &str, status: u16, body: &Value) {
        self.answers_text(call, status, &body.to_string());
    }

    pub(crate) fn answers_text(&self, call: &str, status: u16, body: &str) {
        self.answers.lock().unwrap().insert(call.to_owned(), (status, body.to_owned()));
    }

    /// What it was asked since the last look.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        std::mem::take(&mut *self.seen.lock().unwrap())
    }

    fn service(self: &Arc<Self>, name: &'static str) -> Service {
        let internal = Router::new().route("/{*path}", any(answer)).with_state(self.clone());
        Service::new(
            Arc::new(Vitals::new(name)),
            Router::new(),
            internal,
            Arc::new(|_, _| Box::pin(async { Ok(()) })),
        )
    }
}

async fn answer(State(peer): State<Arc<Peer>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let headers =
        parts.headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    peer.seen.lock().unwrap().push(Seen {
        call: format!("{} {}", parts.method, parts.uri),
        headers: headers.collect(),
        body: serde_json::from_slice(&bytes).unwrap_or_default(),
    });
    let call = format!("{} {}", parts.method, parts.uri.path());
    let (status, body) = peer.answers.lock().unwrap().get(&call).cloned().unwrap_or((599, String::new()));
    (StatusCode::from_u16(status).unwrap(), body).into_response()
}

/// Admin and its peers.
pub(crate) struct Stage {
    pub(crate) fleet: Fleet,
    pub(crate) observer: Arc<Peer>,
    pub(crate) tracker: Arc<Peer>,
    live: Arc<Peer>,
}

impl Stage {
    pub(crate) fn new() -> Self {
        let mut fleet = Fleet::new(NOON, 1);
        let peer = || Arc::new(Peer::default());
        let (observer, tracker, live) = (peer(), peer(), peer());
        fleet.add(observer.service("observer"), &[]);
        fleet.add(tracker.service("tracker"), &[]);
        fleet.add(live.service("live"), &[]);
        let peers = [("OBSERVER", "observer"), ("TRACKER", "tracker"), ("LIVE", "live")];
        fleet.add(crate::service(&environment()), &peers);
        let healthy = json!({"status": "healthy", "version": "0.1.0", "uptime": 5, "checks": {}});
        for peer in [&observer, &tracker, &live] {
            peer.answers("GET /api/health", 200, &healthy);
        }
        let public = from_hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
        let jwks = Jwks { keys: vec![Jwk::ed25519("test", &public)] };
        observer.answers("GET /.well-known/jwks.json", 200, &serde_json::to_value(jwks).unwrap());
        Self { fleet, observer, tracker, live }
    }

    pub(crate) fn live_is_sick(&self) {
        self.live.answers_text("GET /api/health", 503, "error code: 1101");
    }

    pub(crate) fn call(&self, call: Call) -> Got {
        self.fleet.call("admin", call)
    }

    /// With a token of staff, from an address that no list names.
    pub(crate) fn ask_as(&self, role: PlatformRole, call: Call) -> Got {
        let token = staff_token(role, &[]);
        self.call(call.bearer(&token).header("cf-connecting-ip", "198.51.100.9"))
    }

    /// With the right key from a listed address.
    pub(crate) fn ask(&self, method: &str, path: &str) -> Got {
        self.call(Call::new(method, path).bearer(KEY))
    }
}

/// The codes that an answer names, by field.
pub(crate) fn issues(got: &Got) -> Vec<(String, String)> {
    let json = got.json();
    let text = |issue: &Value, name: &str| issue[name].as_str().unwrap_or_default().to_owned();
    let details = json["error"]["details"].as_array().cloned().unwrap_or_default();
    details.iter().map(|issue| (text(issue, "field"), text(issue, "code"))).collect()
}

/// A person as observer tells of them.
pub(crate) fn account(status: &str) -> Value {
    json!({
        "id": PERSON, "tenant_id": "01920000-0000-7000-8000-000000000001", "email": "ada@example.com",
        "display_name": "Ada", "status": status, "suspended_reason": null, "suspended_at": null,
        "created_at": "2026-11-01T00:00:00.000Z", "devices": 1
    })
}

/// A strain as its source has it.
pub(crate) fn strain_row() -> Value {
    json!({
        "source_id": "1", "name": "Blue Dream", "slug": "blue-dream", "type": "hybrid", "description": null,
        "thc_percent": 1800, "cbd_percent": null, "effects": ["happy"], "negative_effects": null, "ailments": null,
        "flavors": ["berry"], "terpenes": null, "breeder": null, "parents": null
    })
}

/// A refusal in the fleet's envelope.
pub(crate) fn refusal(code: &str) -> Value {
    json!({"success": false, "error": {"code": code, "message": "No."}})
}

/// A person's access token.
pub(crate) fn person_token(issued: Timestamp, lives_seconds: i64) -> String {
    let claims =
        AccessClaims::at_home(ISSUER.to_owned(), PERSON.parse().unwrap(), PERSON.parse().unwrap(), 0);
    signed(claims, issued, lives_seconds)
}

/// An access token of staff, of this role, which counts from these networks.
pub(crate) fn staff_token(role: PlatformRole, networks: &[&str]) -> String {
    let claims = StaffClaims {
        iss: ISSUER.to_owned(),
        aud: STAFF_AUDIENCE.to_owned(),
        sub: PERSON.parse().unwrap(),
        did: PERSON.parse().unwrap(),
        ep: 3,
        role,
        net: networks.iter().map(|network| (*network).to_owned()).collect(),
    };
    signed(claims, NOON, 900)
}

/// Claims, signed with the key pair of RFC 8032, section 7.1, test 1.
fn signed<C: serde::Serialize>(claims: C, issued: Timestamp, lives_seconds: i64) -> String {
    let pair = from_hex(
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60\
         d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    );
    let key = <Ed25519 as jwt_compact::Algorithm>::SigningKey::from_slice(&pair).unwrap();
    let clock = issued.to_utc().unwrap();
    let options = TimeOptions::new(chrono::Duration::zero(), move || clock);
    let claims =
        Claims::new(claims).set_duration_and_issuance(&options, chrono::Duration::seconds(lives_seconds));
    Ed25519.token(&Header::empty().with_key_id("test").with_token_type(TOKEN_TYPE), &claims, &key).unwrap()
}

fn from_hex(text: &str) -> Vec<u8> {
    let digit = |byte: u8| u8::try_from((byte as char).to_digit(16).unwrap()).unwrap();
    text.as_bytes().chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}
