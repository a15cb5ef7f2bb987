//! What people do: an intent that the model understands, and the request that asks for it.

use crate::fleet::{ADMIN_ADDRESS, ADMIN_KEY, Worker};
use crate::people::{Access, Pass, Refresh};
use bytes::Bytes;
use http::Request;
use serde_json::Value;

/// What is taken from a lot; an amount may be unknown.
pub type Item = (String, Option<i64>);

/// What an entry made by hand does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Movement {
    /// Adds so much (negative: takes it).
    By(&'static str, i64),
    /// Sets the balance.
    To(i64),
}

/// What is meant.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the names say it; each is one row of the API")]
pub enum Intent {
    Register { email: String },
    Login { email: String, right: bool },
    Refresh { token: Refresh },
    Logout { device: String },
    RemoveDevice { device: String },
    RemoveOthers { kept: String },
    EditMe { name: String, version: Option<i64> },
    Suspend { person: String },
    Reinstate { person: String },
    AddLot { name: String, quantity: i64, strain: Option<String> },
    Enter { lot: String, movement: Movement },
    Log { items: Vec<Item> },
    Edit { session: String, items: Option<Vec<Item>>, version: Option<i64> },
    Delete { session: String, version: Option<i64> },
    AddStrain { name: String },
    MakeKey { scopes: Vec<String> },
    RotateKey { key: String },
    RevokeKey { key: String },
    Erase { person: String },
    ActAs { person: String },
    StopActing { act: String },
    MakeTenant { slug: String },
    Invite { tenant: String, email: String },
    Accept { invitation: String, tenant: String },
    Switch { tenant: String },
    Close { tenant: String },
    Open { tenant: String },
    Redeem { code: String, person: String, device: String, epoch: i64, until: i64 },
    RefreshGrant { token: Refresh },
    EndGrant { device: String },
    Import,
    ReadMe,
    ReadDevices,
    ReadStash { as_of: Option<i64> },
    ReadLot { lot: String },
    ReadEntries { lot: String },
    ReadSessions,
    ReadSession { session: String },
    ReadDashboard,
    ReadStrains,
    ReadOverview,
    ReadAudit,
}

impl Intent {
    /// Whether it changes nothing.
    pub const fn reads(&self) -> bool {
        matches!(
            self,
            Self::ReadMe
                | Self::ReadDevices
                | Self::ReadStash { .. }
                | Self::ReadLot { .. }
                | Self::ReadEntries { .. }
                | Self::ReadSessions
                | Self::ReadSession { .. }
                | Self::ReadDashboard
                | Self::ReadStrains
                | Self::ReadOverview
                | Self::ReadAudit
        )
    }
}

/// What a pass needs for an intent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// All of these scopes.
    Scopes(&'static [&'static str]),
    /// A sign-in: no other pass will do.
    SignIn,
}

impl Intent {
    /// What keys need for it.
    pub const fn of_keys(&self) -> Needs {
        match self {
            Self::ReadStrains => Needs::Scopes(&["strains:read"]),
            Self::AddStrain { .. } => Needs::Scopes(&["strains:write"]),
            Self::ReadStash { .. } | Self::ReadLot { .. } | Self::ReadEntries { .. } => {
                Needs::Scopes(&["stash:read"])
            }
            Self::AddLot { .. } | Self::Enter { .. } => Needs::Scopes(&["stash:write"]),
            Self::ReadSessions | Self::ReadSession { .. } => Needs::Scopes(&["sessions:read"]),
            Self::Log { .. } | Self::Edit { .. } | Self::Delete { .. } => Needs::Scopes(&["sessions:write"]),
            Self::ReadDashboard => Needs::Scopes(&["sessions:read", "stash:read"]),
            _ => Needs::SignIn,
        }
    }

    /// Whether a pass is good for it, as long as it counts.
    pub fn is_open_to(&self, pass: &Pass) -> bool {
        let covers = |scopes: &[String], needs: Needs| match needs {
            Needs::Scopes(needs) => needs.iter().all(|need| scopes.iter().any(|scope| scope == need)),
            Needs::SignIn => false,
        };
        match pass {
            Pass::SignIn => true,
            Pass::Key(scopes) => covers(scopes, self.of_keys()),
            Pass::Program(scopes) => {
                !matches!(self, Self::AddStrain { .. }) && covers(scopes, self.of_keys())
            }
            Pass::Staff => self.reads(),
        }
    }
}

/// An intent on its way: the request, which may be sent several times.
#[derive(Clone, Debug)]
pub struct Action {
    /// Its number.
    pub number: usize,
    /// Who: place of the person and of their device; nobody is the administrator.
    pub who: Option<(usize, usize)>,
    /// What is meant.
    pub intent: Intent,
    /// With which access token.
    pub token: Option<Access>,
    /// A member of staff does it: with this token at the administration's door, or with one that acts as somebody.
    pub staff: Option<String>,
    /// With which `Idempotency-Key`.
    pub key: Option<String>,
    /// The key was used before, with another body.
    pub reuses: bool,
    /// Whose door.
    pub worker: Worker,
    /// HTTP verb.
    pub method: &'static str,
    /// Path and query.
    pub path: String,
    /// `If-Match`.
    pub if_match: Option<i64>,
    /// The body.
    pub body: Option<Value>,
    /// When it was first sent.
    pub begun_at: i64,
    /// Its client does something else beside it, and thinks of the next when that is done.
    pub extra: bool,
}

impl Action {
    /// The request.
    pub fn request(&self) -> Request<Bytes> {
        let mut request = Request::builder()
            .method(self.method)
            .uri(&self.path)
            .header("cf-connecting-ip", ADMIN_ADDRESS)
            .header("user-agent", format!("simulation {}", self.number));
        let bearer = match (&self.token, &self.staff, self.worker) {
            (_, Some(staff), Worker::Admin) => Some(staff.as_str()),
            (_, None, Worker::Admin) => Some(ADMIN_KEY),
            (Some(token), ..) => Some(token.text.as_str()),
            _ => None,
        };
        if let Some(bearer) = bearer {
            request = request.header("authorization", format!("Bearer {bearer}"));
        }
        if let Some(key) = &self.key {
            request = request.header("idempotency-key", key);
        }
        if let Some(version) = self.if_match {
            request = request.header("if-match", format!("\"v{version}\""));
        }
        let body = match &self.body {
            // What standards of others want as a form is a text here.
            Some(Value::String(form)) => {
                request = request.header("content-type", "application/x-www-form-urlencoded");
                form.clone()
            }
            Some(body) => body.to_string(),
            None => String::new(),
        };
        request.body(body.into()).unwrap()
    }

    /// The same key with another body, if its body is one that can be another.
    pub fn with_another_body(&self, number: usize, now: i64) -> Option<Self> {
        if self.reuses || self.key.is_none() {
            return None;
        }
        let Intent::AddLot { name, quantity, strain } = &self.intent else { return None };
        let quantity = quantity + 1;
        let mut body = self.body.clone()?;
        body["quantity_mg"] = quantity.into();
        let intent = Intent::AddLot { name: name.clone(), quantity, strain: strain.clone() };
        Some(Self { number, intent, reuses: true, body: Some(body), begun_at: now, ..self.clone() })
    }

    /// Who does what, for people.
    pub fn told(&self) -> String {
        let nobody = if self.staff.is_some() { "a member of staff" } else { "an administrator" };
        let who = self.who.map_or(nobody.to_owned(), |(person, device)| {
            format!("person {} on device {}", person + 1, device + 1)
        });
        let with = match self.token.as_ref().map(|token| (&token.pass, &token.device)) {
            Some((Pass::Key(_), id)) => format!(" with key {id}"),
            Some((Pass::Program(_), id)) => format!(" by program {id}"),
            Some((Pass::Staff, id)) => format!(" acting {id}"),
            _ => String::new(),
        };
        let body = self.body.as_ref().map(|body| format!(" {body}")).unwrap_or_default();
        let tag = self.if_match.map(|version| format!(" if v{version}")).unwrap_or_default();
        let key = self.key.as_ref().map(|key| format!(" key {key}")).unwrap_or_default();
        format!("{who}{with}: {} {}{body}{tag}{key}", self.method, self.path)
    }
}
