//! A browser that runs no script, with its cookies.

use super::World;
use serde_json::Value;
use sesh_edge::native::{Call, Got};
use std::cell::RefCell;
use std::collections::BTreeMap;

pub(crate) const HOST: &str = "sesh-tracker.com";

/// Somebody with a browser that runs no script.
pub(crate) struct Browser<'w> {
    pub(crate) world: &'w World,
    pub(crate) cookies: RefCell<BTreeMap<String, String>>,
    pub(crate) language: &'static str,
}

pub(crate) fn encoded(fields: &[(&str, &str)]) -> String {
    let escape = |text: &str| {
        text.bytes()
            .map(|byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            })
            .collect::<String>()
    };
    fields
        .iter()
        .map(|(name, value)| format!("{}={}", escape(name), escape(value)))
        .collect::<Vec<_>>()
        .join("&")
}

/// The value of the first field of this name.
pub(crate) fn field(html: &str, name: &str) -> String {
    let mark = format!("name=\"{name}\" value=\"");
    let (_, rest) = html.split_once(&mark).unwrap_or_else(|| panic!("no field {name}: {html}"));
    rest.split('"').next().unwrap().to_owned()
}

impl<'w> Browser<'w> {
    pub(crate) fn new(world: &'w World) -> Self {
        Self { world, cookies: RefCell::default(), language: "en" }
    }

    pub(crate) fn send(&self, call: Call) -> Got {
        let line = self
            .cookies
            .borrow()
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect::<Vec<_>>()
            .join("; ");
        let call = call.header("cookie", &line).header("host", HOST).header("accept-language", self.language);
        let got = self
            .world
            .fleet
            .call("tracker", call.header("accept", "text/html").header("cf-connecting-ip", "203.0.113.9"));
        for line in got.headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap()) {
            let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
            if line.contains("Max-Age=0") {
                self.cookies.borrow_mut().remove(name);
            } else {
                self.cookies.borrow_mut().insert(name.to_owned(), value.to_owned());
            }
        }
        got
    }

    pub(crate) fn open(&self, path: &str) -> Got {
        self.send(Call::new("GET", path))
    }

    /// Fills in a form of a page, and posts it to where it says.
    pub(crate) fn post(&self, page: &str, action: &str, fields: &[(&str, &str)]) -> Got {
        let html = self.open(page).text;
        let form = html
            .split("<form")
            .find(|form| form.contains(&format!("action=\"{action}\"")))
            .unwrap_or_else(|| panic!("no form {action}: {html}"));
        let (token, key) = (field(form, "form"), field(form, "key"));
        let all: Vec<(&str, &str)> = [("form", token.as_str()), ("key", key.as_str())]
            .into_iter()
            .chain(fields.iter().copied())
            .collect();
        self.posted(action, &all, Some(&format!("https://{HOST}")))
    }

    pub(crate) fn posted(&self, path: &str, fields: &[(&str, &str)], origin: Option<&str>) -> Got {
        let call = Call::new("POST", path)
            .raw(encoded(fields))
            .header("content-type", "application/x-www-form-urlencoded");
        self.send(match origin {
            Some(origin) => call.header("origin", origin),
            None => call,
        })
    }

    /// Fills in a form with a file, and posts it to where it says.
    pub(crate) fn upload(&self, page: &str, action: &str, file: &[u8]) -> Got {
        let html = self.open(page).text;
        let (token, key) = (field(&html, "form"), field(&html, "key"));
        self.uploaded(action, &token, &key, file)
    }

    pub(crate) fn uploaded(&self, action: &str, token: &str, key: &str, file: &[u8]) -> Got {
        let part = |name: &str, value: &str| {
            format!("--xyz\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let head = "--xyz\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\nContent-Type: text/csv\r\n\r\n";
        let mut body = [part("form", token), part("key", key), head.to_owned()].concat().into_bytes();
        body.extend_from_slice(file);
        body.extend_from_slice(b"\r\n--xyz--\r\n");
        self.send(
            Call::new("POST", action)
                .raw(body)
                .header("content-type", "multipart/form-data; boundary=xyz")
                .header("origin", &format!("https://{HOST}")),
        )
    }

    /// What the API says to the same person.
    pub(crate) fn api(&self, path: &str) -> Value {
        let got = self.open(path);
        assert_eq!(got.status, 200, "{path}: {}", got.text);
        got.json()["data"].clone()
    }

    pub(crate) fn signed_up(world: &'w World, email: &str) -> Self {
        let browser = Self::new(world);
        let gate = browser.post("/age", "/age", &[("answer", "yes")]);
        assert_eq!(to(&gate), "/sign-up", "{}", gate.text);
        let form = [
            ("display_name", "Ada"),
            ("email", email),
            ("password", "tangerine otter lamp"),
            ("birth_date", "1990-04-20"),
        ];
        let got = browser.post("/sign-up", "/sign-up", &form);
        assert_eq!(to(&got), "/today", "{}", got.text);
        browser
    }
}

pub(crate) fn header<'g>(got: &'g Got, name: &str) -> &'g str {
    got.headers.get(name).map_or("", |value| value.to_str().unwrap())
}

pub(crate) fn to(got: &Got) -> &str {
    header(got, "location")
}
