//! What a member of staff gets who is let in. Every part of the answer follows from the parts of a grant, so the identical
//! answer can be made again and no token need be kept.

use crate::keys::Keyring;
use serde::{Deserialize, Serialize};
use sesh_edge::http::Failure;
use sesh_edge::token::{ACCESS_TOKEN_SECONDS, STAFF_AUDIENCE, StaffClaims};
use sesh_types::contract::staff::{Staff, StaffSignedIn};
use sesh_types::ids::DeviceId;
use sesh_types::time::Timestamp;

/// The tokens of one generation of a device.
pub struct Grant {
    /// Who it is.
    pub staff: Staff,
    /// Their epoch.
    pub epoch: i64,
    /// The device.
    pub device: DeviceId,
    /// The device's nonce.
    pub nonce: String,
    /// The generation of the refresh token.
    pub generation: i64,
    /// When the access token was issued.
    pub issued_at: Timestamp,
}

impl Grant {
    /// The answer.
    pub fn signed_in(&self, keys: &Keyring) -> StaffSignedIn {
        let claims = StaffClaims {
            iss: keys.issuer.clone(),
            aud: STAFF_AUDIENCE.to_owned(),
            sub: self.staff.id,
            did: self.device,
            ep: self.epoch,
            role: self.staff.role,
            net: self.staff.networks.clone(),
        };
        StaffSignedIn {
            access_token: keys.signing.access_token(&claims, self.issued_at),
            token_type: "Bearer".to_owned(),
            expires_in: ACCESS_TOKEN_SECONDS,
            refresh_token: keys.refresh.token(self.device, self.generation, &self.nonce),
            staff: self.staff.clone(),
        }
    }
}

/// What an idempotency record keeps of a sign-in: no token, no nonce, no address.
#[derive(Debug, Serialize, Deserialize)]
pub struct Recipe {
    /// Who it was, as they were then.
    pub staff: Staff,
    /// The device.
    pub device: DeviceId,
    epoch: i64,
    issued_at_ms: i64,
}

impl Recipe {
    /// What the first grant of a device was made of.
    ///
    /// # Errors
    /// A defect, when it cannot be written as JSON.
    pub fn text(grant: &Grant) -> Result<String, Failure> {
        let (epoch, issued_at_ms) = (grant.epoch, grant.issued_at.0);
        let staff = Staff { email: String::new(), ..grant.staff.clone() };
        let recipe = Self { staff, device: grant.device, epoch, issued_at_ms };
        serde_json::to_string(&recipe).map_err(Failure::internal)
    }

    /// The same grant again.
    pub fn grant(self, email: String, nonce: String) -> Grant {
        let (device, epoch, issued_at) = (self.device, self.epoch, Timestamp(self.issued_at_ms));
        let staff = Staff { email, ..self.staff };
        Grant { staff, epoch, device, nonce, generation: 0, issued_at }
    }
}
