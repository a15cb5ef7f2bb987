//! Programs that people let act for them. The pages on which people agree are not played: what comes of them, a code's row,
//! is written here, as if somebody who is signed in had just agreed.

use crate::fleet::{Worker, keyring};
use crate::mind::CODE_MS;
use crate::scheduler::Simulation;
use observer::oauth::code;
use sesh_edge::secret::{base64url, sha256};
use sesh_types::ids::CodeId;
use uuid::Uuid;

/// The program.
pub const CLIENT: &str = "01920000-0000-7000-8000-00000000c11e";
/// Where it is sent codes.
pub const BACK: &str = "https://almanac.example/cb";
/// What it shows with a code (RFC 7636).
pub const VERIFIER: &str = "a-verifier-that-is-long-enough-to-be-one-0123456789";
/// The program, as an administrator registered it.
pub const ROWS: &str = "
  INSERT INTO oauth_clients (id, name, kind, redirect_uris, grant_types, scopes, is_first_party, created_at)
  VALUES ('01920000-0000-7000-8000-00000000c11e', 'Almanac', 'public', '[\"https://almanac.example/cb\"]',
    '[\"authorization_code\",\"refresh_token\"]', 'offline_access stash:read sessions:read sessions:write', 1, 0);";

/// What people agree to.
const SCOPES: [&str; 3] = [
    "offline_access stash:read",
    "offline_access sessions:read sessions:write",
    "offline_access stash:read sessions:read",
];

/// A code that was sent to the program, and what it was made of.
#[derive(Clone, Debug)]
pub struct Code {
    /// The code.
    pub text: String,
    /// Its row.
    pub id: String,
    /// Whose.
    pub person: String,
    /// At which device they were signed in.
    pub device: String,
    /// In which epoch.
    pub epoch: i64,
    /// Until when it counts.
    pub until: i64,
}

impl Simulation<'_> {
    /// Somebody who is signed in agrees, and the program is sent a code.
    pub(crate) fn send_code(&mut self, person: usize, device: usize) {
        let Some(access) = self.people[person].devices[device].access.clone() else { return };
        let Some(view) = self.model.view(&access.person).filter(|view| view.knows(&access)) else { return };
        let epoch = view.epoch;
        let uuid = |high: u64, low: u64| Uuid::from_u128((u128::from(high) << 64) | u128::from(low));
        let (id, grant) =
            (uuid(self.dice.bits(), self.dice.bits()), uuid(self.dice.bits(), self.dice.bits()));
        let scopes = self.dice.one_of(&SCOPES).copied().unwrap_or_default();
        let now = self.clock(Worker::Observer);
        let challenge = base64url(&sha256(VERIFIER.as_bytes()));
        self.stage.database(Worker::Observer, |database| {
            let sql = "INSERT INTO oauth_codes (id, tenant_id, person_id, client_id, device_id, redirect_uri, challenge,
                 scopes, epoch, authenticated_at, created_at, expires_at, signed_on_by)
               VALUES (?1, '01920000-0000-7000-8000-000000000001', ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9, ?10, ?11)";
            let (id, grant) = (id.to_string(), grant.to_string());
            let row = (id, &access.person, CLIENT, grant, BACK, challenge, scopes, epoch, now, now + CODE_MS, &access.device);
            database.connection().execute(sql, row).expect("a code's row")
        });
        self.model.add_code(id.to_string(), grant.to_string());
        let text = code::made(keyring(), CodeId(id)).expect("a key to make codes with");
        self.tell(|| format!("person {} lets a program act for them: code {id}, grant {grant}", person + 1));
        let (person_id, device, until) = (access.person, access.device, now + CODE_MS);
        let code = Code { text, id: id.to_string(), person: person_id, device, epoch, until };
        self.people[person].codes.push(code);
    }
}
