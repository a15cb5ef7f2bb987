//! The real Workers in one process, and the people who stand before them.

mod people;

use authorization::cast::Cast;
use authorization::cells::{Answer, Cell, Stage};
use authorization::requests::{Request, urlencoded};
use observer::keys::Keyring;
use sesh_edge::native::{Call, Fleet, Vars};
use sesh_edge::secret::{base64url, sha256_hex};
use sesh_edge::token::{API_AUDIENCE, AccessClaims, Act};
use sesh_types::access::{Scopes, TenantRole};
use sesh_types::contract::auth::OnBehalf;
use sesh_types::ids::{ClientId, TenantId};
use sesh_types::time::Timestamp;
use std::fmt::Write;
use std::sync::OnceLock;
use uuid::Uuid;

const ISSUER: &str = "https://dev.kush.observer";
const START: Timestamp = Timestamp(1_776_702_000_000);
const PASSWORD: &str = "tangerine otter lamp 47";
const ADMIN_KEY: &str = "sesh_admin_of-the-matrix-1234567890";
const LISTED: &str = "198.51.100.1";
const FOREIGN: TenantId = TenantId(Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_00ff));

fn seed(number: u8) -> [u8; 32] {
    std::array::from_fn(|place| number ^ u8::try_from(place).unwrap())
}

fn vars() -> Vars {
    let key = |number| base64url(&seed(number));
    let texts = [
        ("ENVIRONMENT", "dev".to_owned()),
        ("TOKEN_ISSUER", ISSUER.to_owned()),
        ("TOKEN_SIGNING_KEYS", format!("sign1:{}", key(1))),
        ("REFRESH_KEYS", format!("fresh1:{}", key(2))),
        ("PASSWORD_PEPPER", key(3)),
        ("FACTOR_KEYS", format!("factor1:{}", key(4))),
        ("PERSON_KEYS", format!("person1:{}", key(5))),
        ("APP_URL", "https://app.example".to_owned()),
        ("MAIL_FROM", "sesh@app.example".to_owned()),
        ("PASSKEY_RP_ID", "app.example".to_owned()),
        ("PASSKEY_ORIGINS", "https://app.example".to_owned()),
        ("ADMIN_KEYS", format!("ops:{}", sha256_hex(ADMIN_KEY.as_bytes()))),
        ("ADMIN_ALLOWED_IPS", LISTED.to_owned()),
    ];
    Vars {
        texts: texts.into_iter().map(|(name, text)| (name.to_owned(), text)).collect(),
        bindings: ["DB", "SESSIONS", "OBSERVER", "TRACKER", "LIVE", "FACTS", "MAIL"]
            .map(str::to_owned)
            .into(),
    }
}

/// A fleet and its cast.
pub(crate) struct Twin {
    fleet: Fleet,
    keys: Keyring,
    cast: Cast,
}

impl Stage for Twin {
    fn cast(&self) -> &Cast {
        &self.cast
    }

    fn send(&self, request: &Request) -> Answer {
        let mut call = Call::new(request.verb, &request.path);
        for (name, value) in &request.headers {
            // Between Workers the address has a header of its own.
            let internal = request.internal && *name == "cf-connecting-ip";
            call = call.header(if internal { "x-sesh-client-address" } else { name }, value);
        }
        if let Some(body) = &request.body {
            call = if request.is_form() {
                call.header("content-type", "application/x-www-form-urlencoded").raw(urlencoded(body))
            } else {
                call.json(body)
            };
        }
        let got = if request.internal {
            self.fleet.call_internal(request.worker, call)
        } else {
            self.fleet.call(request.worker, call)
        };
        let location = got.headers.get("location").map_or("", |value| value.to_str().unwrap()).to_owned();
        Answer { status: got.status, text: got.text, location }
    }

    fn stored(&self) -> String {
        ["tracker", "observer", "admin"].map(|worker| self.dump(worker)).join("\n")
    }
}

impl Twin {
    pub(crate) fn new() -> Self {
        let mut fleet = Fleet::new(START, 1);
        let vars = vars();
        fleet.add(observer::service(&vars), &[("TRACKER", "tracker")]);
        fleet.add(tracker::service(&vars), &[("OBSERVER", "observer")]);
        fleet.add(live::service(&vars), &[]);
        fleet.add(
            admin::service(&vars),
            &[("OBSERVER", "observer"), ("TRACKER", "tracker"), ("LIVE", "live")],
        );
        let keys = Keyring::read(&vars).ok().unwrap();
        let mut twin = Self { fleet, keys, cast: Cast::default() };
        twin.cast = twin.people();
        twin
    }

    /// A stage for a cell: who begins to act as somebody does not act already.
    pub(crate) fn for_cell(cell: Option<&Cell>) -> Self {
        let twin = Self::new();
        if cell.is_some_and(|cell| cell.route.path.ends_with("/impersonation")) {
            twin.execute(
                "observer",
                "UPDATE impersonations SET ended_at = started_at WHERE ended_at IS NULL",
            );
        }
        twin
    }

    /// What a program holds that acts for the person on the device that calls.
    pub(crate) fn programs(&self, scopes: Scopes) -> String {
        let claims = AccessClaims {
            aud: API_AUDIENCE.to_owned(),
            scope: Some(scopes),
            client_id: Some(ClientId(Uuid::from_u128(0x0192_eeee << 96))),
            jti: Some(Uuid::nil()),
            auth_time: Some(START.seconds()),
            ..claims(&self.cast.person.subject)
        };
        self.keys.signing.access_token(&claims, START).0
    }

    fn token(&self, subject: &str) -> String {
        self.keys.signing.access_token(&claims(subject), START).0
    }

    /// Everybody's password, hashed once for all stages.
    fn hashed(&self) -> &'static str {
        static HASHED: OnceLock<String> = OnceLock::new();
        HASHED.get_or_init(|| self.keys.pepper.hash(PASSWORD, &[5; 16]).ok().unwrap())
    }

    pub(crate) fn execute(&self, worker: &str, sql: &str) {
        self.fleet.database(worker, |database| database.connection().execute_batch(sql).unwrap());
    }

    /// All rows of all tables, but for the count of calls by key: whoever is let in is counted.
    fn dump(&self, worker: &str) -> String {
        self.fleet.database(worker, |database| {
            let mut dump = String::new();
            let tables =
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'
                          ORDER BY name";
            let mut tables = database.connection().prepare(tables).unwrap();
            let names = tables.query_map([], |row| row.get::<_, String>(0)).unwrap().map(Result::unwrap);
            for table in names {
                let columns = match table.as_str() {
                    "calls_of_day" => continue,
                    "api_keys" => "id, name, scopes, expires_at, revoked_at, replaced_by, refused_at",
                    _ => "*",
                };
                let mut all =
                    database.connection().prepare(&format!("SELECT {columns} FROM \"{table}\"")).unwrap();
                let width = all.column_count();
                let mut rows = all.query([]).unwrap();
                while let Some(row) = rows.next().unwrap() {
                    let values = (0..width).map(|place| format!("{:?}", row.get_ref(place).unwrap()));
                    writeln!(dump, "{table} {}", values.collect::<Vec<_>>().join(" ")).unwrap();
                }
            }
            dump
        })
    }
}

fn claims(subject: &str) -> AccessClaims {
    let OnBehalf { tenant, person, device, epoch, act } = subject.parse().unwrap();
    let role = if tenant == FOREIGN { TenantRole::Owner } else { TenantRole::Member };
    let act = act.map(|sub| Act { sub });
    AccessClaims { tid: tenant, role, act, ..AccessClaims::at_home(ISSUER.into(), person, device, epoch) }
}
