//! Who else plays than people and their devices: staff, who act as somebody to see what they see, and the rest of a seed's
//! cast. How staff sign in is not played: one of them is there from the beginning, and their tokens are signed here.

use crate::actions::{Action, Intent};
use crate::dice::Dice;
use crate::fleet::keyring;
use crate::people::Access;
use crate::scheduler::Simulation;
use observer::staff::grant::Grant;
use serde_json::Value;
use sesh_edge::token::ACCESS_TOKEN_SECONDS;
use sesh_types::access::PlatformRole;
use sesh_types::contract::staff::{Staff, StaffStatus};
use sesh_types::ids::{DeviceId, StaffId};
use sesh_types::time::{SECOND_MS, Timestamp};
use uuid::Uuid;

/// How long a token of staff counts.
pub const TOKEN_MS: i64 = ACCESS_TOKEN_SECONDS * SECOND_MS;
const STAFF: u128 = 0x0192_0000_0000_7000_8000_0000_0000_5a1f;
const DEVICE: u128 = 0x0192_0000_0000_7000_8000_0000_0000_5a2f;
/// The member of staff, and where they are signed in.
pub const ROWS: &str = "
  INSERT INTO staff (id, email, name, role, password_phc, totp_id, totp_key_id, totp_created_at, totp_confirmed_at, created_at)
  VALUES ('01920000-0000-7000-8000-000000005a1f', 'sam@staff.example', 'Sam', 'superadmin', 'none',
    '01920000-0000-7000-8000-000000005a3f', 'factor1', 0, 0, 0);
  INSERT INTO staff_devices (id, staff_id, nonce, rotated_at, created_at, last_seen_at, expires_at, user_agent)
  VALUES ('01920000-0000-7000-8000-000000005a2f', '01920000-0000-7000-8000-000000005a1f', 'nonce', 0, 0, 0,
    9000000000000, 'simulation');";

/// Which parts a seed has. Not every seed has every part: who is never there hides nothing.
#[derive(Clone, Copy, Debug)]
pub struct Cast {
    /// People make API keys.
    pub keys: bool,
    /// Staff act as people.
    pub staff: bool,
    /// There is a tenant to join.
    pub tenants: bool,
    /// People let programs act for them.
    pub programs: bool,
    /// People are erased.
    pub erasing: bool,
}

impl Cast {
    /// The cast of a seed.
    pub fn of(dice: &mut Dice) -> Self {
        let mut plays = || dice.happens(450);
        Self { keys: plays(), staff: plays(), tenants: plays(), programs: plays(), erasing: plays() }
    }
}

/// A token of the member of staff.
pub fn token(now: i64) -> String {
    let staff = Staff {
        id: StaffId(Uuid::from_u128(STAFF)),
        email: String::new(),
        name: "Sam".to_owned(),
        role: PlatformRole::Superadmin,
        status: StaffStatus::Active,
        networks: Vec::new(),
        enrolled_at: None,
        created_at: Timestamp(0),
        version: 1,
    };
    let grant = Grant {
        staff,
        epoch: 0,
        device: DeviceId(Uuid::from_u128(DEVICE)),
        nonce: "nonce".to_owned(),
        generation: 0,
        issued_at: Timestamp(now),
    };
    grant.signed_in(keyring()).access_token.0
}

impl Simulation<'_> {
    /// Staff keep the tokens that they act with, and administrators hand on what they invite with.
    pub(crate) fn keep_of_staff(&mut self, action: &Action, body: &str) {
        let json: Value = serde_json::from_str(body).unwrap_or_default();
        let data = &json["data"];
        match &action.intent {
            Intent::ActAs { .. } => self.acting.extend(data["access_token"].as_str().and_then(Access::read)),
            Intent::Invite { tenant, email } => {
                let text = |name: &str| data[name].as_str().unwrap_or_default().to_owned();
                let invitation = (text("id"), tenant.clone(), text("token"));
                if let Some(person) = self.people.iter_mut().find(|person| person.email() == *email) {
                    person.invitations.push(invitation);
                }
            }
            _ => {}
        }
    }
}
