//! Signing up, signing in, devices and profiles: tracker's public routes forward these to observer's internal
//! ones, body for body.

use super::{Password, Token};
use crate::access::ApiScope;
use crate::ids::{ClientId, DeviceId, PersonId, StaffId, TenantId};
use crate::time::Timestamp;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// `POST`: [`Register`] → 201 [`SignedIn`].
pub const REGISTER: &str = "/internal/v1/auth/register";
/// `POST`: [`Login`] → 200 [`SignedIn`].
pub const LOGIN: &str = "/internal/v1/auth/login";
/// `POST`: [`Refresh`] → 200 [`SignedIn`].
pub const REFRESH: &str = "/internal/v1/auth/refresh";
/// `POST`: [`Logout`] → 204.
pub const LOGOUT: &str = "/internal/v1/auth/logout";
/// `GET` → a list of [`Device`]; `DELETE` signs out all but the caller's → 204; `DELETE …/{id}` signs out one.
pub const DEVICES: &str = "/internal/v1/devices";
/// `GET` → [`User`]; `PATCH` [`EditUser`] → [`User`].
pub const ME: &str = "/internal/v1/me";
/// On behalf of whom a Worker calls: `tenant/person/device/epoch` of a token that it verified, and `/staff` behind it when
/// a member of staff acts as the person.
pub const ON_BEHALF: &str = "x-sesh-on-behalf";

/// A verified token's subject, handed on in [`ON_BEHALF`]. The callee checks it against its own database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OnBehalf {
    /// The tenant.
    pub tenant: TenantId,
    /// The person.
    pub person: PersonId,
    /// The device.
    pub device: DeviceId,
    /// The epoch of the token.
    pub epoch: i64,
    /// Who acts, when it is not the person themselves; the device is then the impersonation.
    pub act: Option<StaffId>,
}

impl std::fmt::Display for OnBehalf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}/{}/{}", self.tenant, self.person, self.device, self.epoch)?;
        self.act.map_or(Ok(()), |staff| write!(f, "/{staff}"))
    }
}

/// The header does not have the form `tenant/person/device/epoch` or `tenant/person/device/epoch/staff`.
#[derive(Debug, thiserror::Error)]
#[error("not of the form tenant/person/device/epoch[/staff]")]
pub struct NotOnBehalf;

impl std::str::FromStr for OnBehalf {
    type Err = NotOnBehalf;

    fn from_str(text: &str) -> Result<Self, NotOnBehalf> {
        let mut parts = text.split('/');
        let mut next = || parts.next().ok_or(NotOnBehalf);
        let (tenant, person, device, epoch) = (next()?, next()?, next()?, next()?);
        let act = parts.next().map(str::parse).transpose().map_err(|_| NotOnBehalf)?;
        if parts.next().is_some() {
            return Err(NotOnBehalf);
        }
        Ok(Self {
            tenant: tenant.parse().map_err(|_| NotOnBehalf)?,
            person: person.parse().map_err(|_| NotOnBehalf)?,
            device: device.parse().map_err(|_| NotOnBehalf)?,
            epoch: epoch.parse().map_err(|_| NotOnBehalf)?,
            act,
        })
    }
}

/// How tokens reach the client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// In `__Host-` `HttpOnly` cookies, for browsers.
    #[default]
    Cookie,
    /// The refresh token in the body and no cookies, for programs.
    Token,
}

/// Signing up.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Register {
    /// E-mail address, by which one signs in.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(email, length(min = 3, max = 254)))]
    pub email: String,
    /// 8 to 256 characters, none cut off, no rule of composition; common ones are refused.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(min = 8, max = 256)))]
    pub password: Password,
    /// What to be called, 1 to 80 characters.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(min = 1, max = 80)))]
    pub display_name: String,
    /// Checked for age and then forgotten: only that the person is of age is kept.
    pub birth_date: NaiveDate,
    /// How tokens are delivered; cookies unless told.
    #[serde(default)]
    pub delivery: Delivery,
}

/// Signing in.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// E-mail address.
    pub email: String,
    /// Password.
    pub password: Password,
    /// The slug of the tenant to be signed in to; left out, the one whose address was called, or else home.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(min = 2, max = 40)))]
    pub tenant: Option<String>,
    /// How tokens are delivered; cookies unless told.
    #[serde(default)]
    pub delivery: Delivery,
}

/// Asking for new tokens.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Refresh {
    /// The refresh token; browsers send it as a cookie instead.
    #[serde(default)]
    pub refresh_token: Option<Token>,
}

/// Signing out: by the subject of a verified access token, or by the refresh token.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Logout {
    /// The refresh token, when the access token has expired already.
    #[serde(default)]
    pub refresh_token: Option<Token>,
}

/// Signed in.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct SignedIn {
    /// For `Authorization: Bearer`.
    pub access_token: Token,
    /// `Bearer`.
    pub token_type: String,
    /// Seconds until the access token expires.
    pub expires_in: i64,
    /// Only with `"delivery":"token"`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub refresh_token: Option<Token>,
    /// Who signed in.
    pub user: User,
}

/// A person, as they see themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct User {
    /// Their id.
    pub id: PersonId,
    /// E-mail address.
    pub email: String,
    /// When the address was proven to be theirs; `null` until then.
    #[serde(default)]
    pub email_verified_at: Option<Timestamp>,
    /// What to be called.
    pub display_name: String,
    /// IANA time zone, such as `America/Los_Angeles`: decides what "today" is.
    pub time_zone: String,
    /// When they signed up.
    pub created_at: Timestamp,
    /// Counts the edits; the `ETag`.
    pub version: i64,
}

/// Editing oneself; what is left out stays.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EditUser {
    /// What to be called, 1 to 80 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(min = 1, max = 80)))]
    pub display_name: Option<String>,
    /// IANA time zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(length(min = 3, max = 70)))]
    pub time_zone: Option<String>,
}

/// A browser or program that signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Device {
    /// Its id.
    pub id: DeviceId,
    /// What it calls itself.
    pub user_agent: String,
    /// When it signed in.
    pub created_at: Timestamp,
    /// When it last asked for tokens.
    pub last_seen_at: Timestamp,
    /// Whether it is the one that asks.
    pub current: bool,
    /// The program that it is, and what for; a sign-in has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<GrantedTo>,
}

/// A program that somebody lets act for them. It goes on until the device is signed out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct GrantedTo {
    /// Its id.
    pub id: ClientId,
    /// What it is called.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<ApiScope>,
}

/// What the session cache holds of a device, under `device:<id>`. It may be old: the database decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CachedLogin {
    /// The person as of the cached version.
    pub user: User,
}

/// The session cache's key of a device.
pub fn cache_key(device: DeviceId) -> String {
    format!("device:{device}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_survives_its_header() {
        let id = |n| uuid::Uuid::from_u128(n);
        let (tenant, person, device) = (id(1).into(), id(2).into(), id(3).into());
        for act in [None, Some(id(5).into())] {
            let subject = OnBehalf { tenant, person, device, epoch: 4, act };
            assert_eq!(subject.to_string().parse::<OnBehalf>().unwrap(), subject);
            assert!(format!("{subject}/{tenant}/x").parse::<OnBehalf>().is_err());
        }
        assert!("a/b/c/d".parse::<OnBehalf>().is_err() && "".parse::<OnBehalf>().is_err());
    }

    #[test]
    fn secrets_do_not_print() {
        let login: Login =
            serde_json::from_str(r#"{"email":"a@example.com","password":"hunter22"}"#).unwrap();
        assert!(!format!("{login:?}").contains("hunter22"));
    }
}
