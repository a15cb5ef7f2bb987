//! Passkeys: what pages hand to `navigator.credentials` and get from it, in the JSON of `WebAuthn`, level 3
//! (`PublicKeyCredential.parseCreationOptionsFromJSON`, `toJSON`).

use super::Token;
use super::auth::Delivery;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// On behalf of a person. `POST`: [`super::factors::Reauthenticate`] → 200 [`CreationOptions`].
pub const OPTIONS: &str = "/internal/v1/me/passkeys/options";
/// On behalf of a person. `POST`: [`NewPasskey`] → 201 [`Passkey`].
pub const PASSKEYS: &str = "/internal/v1/me/passkeys";
/// On behalf of a person. `POST`: [`RemovePasskey`] → 204.
pub const REMOVE: &str = "/internal/v1/me/passkeys/remove";
/// `POST` → 200 [`RequestOptions`].
pub const LOGIN_OPTIONS: &str = "/internal/v1/auth/passkey/options";
/// `POST`: [`LoginPasskey`] → 200 [`super::auth::SignedIn`].
pub const LOGIN: &str = "/internal/v1/auth/passkey";

/// A passkey, as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Passkey {
    /// The credential's id.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// Whether copies of it are kept elsewhere, such as in somebody's cloud.
    pub is_backed_up: bool,
    /// When it was added.
    pub created_at: Timestamp,
    /// When somebody last signed in with it.
    pub last_used_at: Option<Timestamp>,
}

/// For `navigator.credentials.create`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct CreationOptions {
    /// To be signed, base64url.
    pub challenge: String,
    /// Us.
    pub rp: RelyingParty,
    /// The person.
    pub user: UserEntity,
    /// Which signatures are understood: `ES256` (-7) and `EdDSA` (-8).
    pub pub_key_cred_params: Vec<Parameter>,
    /// Milliseconds.
    pub timeout: u32,
    /// Passkeys that there are: an authenticator that has one makes no second.
    pub exclude_credentials: Vec<Descriptor>,
    /// What the authenticator must do.
    pub authenticator_selection: Selection,
    /// `none`: which authenticator it is, is nobody's business.
    pub attestation: String,
}

/// Us, as authenticators know us.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct RelyingParty {
    /// A domain.
    pub id: String,
    /// A name.
    pub name: String,
}

/// A person, as authenticators know them.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct UserEntity {
    /// Their id, base64url.
    pub id: String,
    /// E-mail address.
    pub name: String,
    /// What they are called.
    pub display_name: String,
}

/// A kind of signature.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Parameter {
    /// `public-key`.
    #[serde(rename = "type")]
    pub kind: String,
    /// A number of COSE's register.
    pub alg: i32,
}

/// A passkey by its id.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Descriptor {
    /// `public-key`.
    #[serde(rename = "type")]
    pub kind: String,
    /// base64url.
    pub id: String,
}

/// What an authenticator must do.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Selection {
    /// `required`: it is found without an e-mail address.
    pub resident_key: String,
    /// `required`: it asks for a finger, a face or a PIN.
    pub user_verification: String,
}

/// For `navigator.credentials.get`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct RequestOptions {
    /// To be signed, base64url.
    pub challenge: String,
    /// Our domain.
    pub rp_id: String,
    /// Milliseconds.
    pub timeout: u32,
    /// `required`.
    pub user_verification: String,
}

/// A passkey that was made.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewPasskey {
    /// What to call it, 1 to 80 characters.
    pub name: String,
    /// Of `toJSON()`.
    pub response: AttestationResponse,
}

/// What the authenticator says when it makes a passkey; further members of `toJSON()` are left out.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AttestationResponse {
    /// base64url.
    #[serde(rename = "clientDataJSON")]
    pub client_data_json: String,
    /// base64url.
    pub attestation_object: String,
}

/// Taking a passkey away.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RemovePasskey {
    /// The credential's id.
    pub id: String,
    /// The password.
    pub password: super::Password,
    /// The six digits that the generator shows, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Token>,
    /// A recovery code, instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery_code: Option<Token>,
}

/// Signing in with a passkey.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LoginPasskey {
    /// The credential's id.
    pub id: String,
    /// Of `toJSON()`.
    pub response: AssertionResponse,
    /// The slug of the tenant to be signed in to; left out, the one whose address was called, or else home.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(min = 2, max = 40)))]
    pub tenant: Option<String>,
    /// How tokens are delivered; cookies unless told.
    #[serde(default)]
    pub delivery: Delivery,
}

/// What the authenticator says when somebody signs in.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AssertionResponse {
    /// base64url.
    #[serde(rename = "clientDataJSON")]
    pub client_data_json: String,
    /// base64url.
    pub authenticator_data: String,
    /// base64url.
    pub signature: String,
    /// The person's id, base64url.
    pub user_handle: String,
}
