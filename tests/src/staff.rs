//! Staff: added with the administrator's key, enrolled and signed in as they do it themselves.

use crate::actors::{Admin, Anonymous, CLIENT_ADDRESS, Caller, PASSWORD, Person};
use crate::factors::Generator;
use crate::fixtures::text;
use crate::fleet::Worker;
use crate::http::{Call, Reply};
use crate::names;
use serde_json::{Value, json};

/// Somebody on the staff with a device; calls admin.
#[derive(Clone, Debug)]
pub struct Staffer {
    /// Their id.
    pub id: String,
    /// E-mail address.
    pub email: String,
    /// Where they call from.
    pub address: String,
    /// For `Authorization: Bearer`.
    pub access: String,
    /// For more tokens.
    pub refresh: String,
    /// Their generator; the code of the moment was used.
    pub generator: Generator,
}

impl Caller for Staffer {
    fn call(&self, method: &str, path: &str) -> Call {
        Call::new(method, format!("{}{path}", Worker::Admin.url()))
            .header(CLIENT_ADDRESS, &self.address)
            .bearer(&self.access)
    }
}

/// A new member of staff's body.
pub fn new_staff(role: &str) -> Value {
    json!({ "email": names::email(), "name": "Grace", "role": role })
}

/// Adds somebody; as it was answered, with the token to enrol with.
#[track_caller]
pub fn added(role: &str) -> Value {
    Admin::new().post("/api/v1/staff", &new_staff(role)).is(201).data()
}

/// Somebody who has enrolled and has no generator yet: their id and address.
#[track_caller]
pub fn enrolled(role: &str) -> (String, String) {
    let made = added(role);
    let body = json!({ "token": made["token"], "password": PASSWORD });
    Anonymous::at(Worker::Admin).post("/api/v1/staff/enrol", &body).is(204);
    (text(&made, "id"), text(&made, "email"))
}

/// The first step of signing in.
pub fn try_log_in(email: &str) -> Reply {
    let body = json!({ "email": email, "password": PASSWORD });
    Anonymous::at(Worker::Admin).post("/api/v1/staff/login", &body)
}

/// What the first step of signing in gives.
#[track_caller]
pub fn challenge(email: &str) -> String {
    text(&try_log_in(email).is(200).data(), "challenge")
}

/// Begins with a generator.
#[track_caller]
pub fn generator(challenge: &str) -> Generator {
    let body = json!({ "challenge": challenge });
    let got = Anonymous::at(Worker::Admin).post("/api/v1/staff/login/generator", &body).is(201);
    Generator::typed(&text(&got.data(), "secret"))
}

/// The second step of signing in.
pub fn bring(challenge: &str, code: &str) -> Reply {
    let body = json!({ "challenge": challenge, "code": code });
    Anonymous::at(Worker::Admin).post("/api/v1/staff/login/factor", &body)
}

impl Staffer {
    /// Somebody new of this role.
    #[track_caller]
    pub fn new(role: &str) -> Self {
        let (_, email) = enrolled(role);
        let challenge = challenge(&email);
        let generator = generator(&challenge);
        let got = bring(&challenge, &generator.code(0)).is(200);
        Self::of(&got, &email, &generator)
    }

    #[track_caller]
    fn of(got: &Reply, email: &str, generator: &Generator) -> Self {
        let data = got.data();
        Self {
            id: text(&data["staff"], "id"),
            email: email.to_owned(),
            address: names::address(),
            access: text(&data, "access_token"),
            refresh: text(&data, "refresh_token"),
            generator: generator.clone(),
        }
    }

    /// An attempt to get new tokens.
    pub fn try_refresh(&self) -> Reply {
        let body = json!({ "refresh_token": self.refresh });
        Anonymous::at(Worker::Admin).post("/api/v1/staff/refresh", &body)
    }

    /// The same device with new tokens.
    #[track_caller]
    pub fn refreshed(&self) -> Self {
        Self::of(&self.try_refresh().is(200), &self.email, &self.generator)
    }

    /// The id of this device.
    #[track_caller]
    pub fn device(&self) -> String {
        let devices = self.get("/api/v1/staff/devices").is(200).rows();
        text(devices.iter().find(|device| device["current"] == true).unwrap(), "id")
    }

    /// Whether the access token counts.
    pub fn counts(&self) -> bool {
        let got = self.get("/api/v1/staff/me");
        assert!(matches!(got.status, 200 | 401), "{got}");
        got.status == 200
    }

    /// An attempt to act as a person.
    pub fn try_act_as(&self, person: &Person) -> Reply {
        let path = format!("/api/v1/users/{}/impersonation", person.id);
        self.post(&path, &json!({ "reason": "ticket 4711: the sum is off" }))
    }

    /// Acts as a person.
    #[track_caller]
    pub fn act_as(&self, person: &Person) -> Acting {
        let data = self.try_act_as(person).is(201).data();
        Acting {
            id: text(&data, "id"),
            person: Person { access: text(&data, "access_token"), ..person.clone() },
        }
    }
}

/// An impersonation: the person, with the token by which somebody acts as them.
#[derive(Clone, Debug)]
pub struct Acting {
    /// Its id.
    pub id: String,
    /// Who calls as the person.
    pub person: Person,
}
