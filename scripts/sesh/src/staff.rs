//! `sesh staff add`: somebody new on the platform's staff.

use crate::args::StaffArgs;
use crate::client::{Client, ClientError, Patience};
use crate::target::{self, TargetError};
use serde_json::{Value, json};
use std::io::{self, Write};
use thiserror::Error;

/// Why nobody was added.
#[derive(Debug, Error)]
pub enum StaffError {
    /// The server cannot be decided.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// The server did not take it.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The terminal or pipe is gone.
    #[error("added, but cannot print: {0}. `POST /api/v1/staff/{{id}}/reset` gives another token")]
    Print(#[from] io::Error),
}

impl StaffError {
    /// What the process exits with.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Target(_) => 2,
            Self::Client(_) => 4,
            Self::Print(_) => 1,
        }
    }
}

/// Runs the command; what to do with the token goes to `out`.
///
/// # Errors
/// See [`StaffError`].
pub fn run(arguments: &StaffArgs, out: &mut impl Write) -> Result<(), StaffError> {
    let target = target::of(arguments.url.clone(), arguments.key.clone())?;
    let url = target.url.clone();
    let StaffArgs { email, name, role, networks, .. } = arguments;
    let body = json!({ "email": email, "name": name, "role": role, "networks": networks });
    let made = Client::new(target, Patience::default()).post("/api/v1/staff", &body)?;
    let text = |member: &str| made.get(member).and_then(Value::as_str).map(str::to_owned);
    let (Some(id), Some(token), Some(until)) = (text("id"), text("token"), text("expires_at")) else {
        return Err(ClientError::Strange("it names no token".to_owned()).into());
    };
    writeln!(out, "added {role} {email} ({id})")?;
    writeln!(out, "token {token}")?;
    writeln!(out, "It counts once, until {until}. They set their password with it:")?;
    writeln!(out, "  POST {url}/api/v1/staff/enrol           {{\"token\", \"password\"}}")?;
    writeln!(out, "sign in, which gives a challenge, and have a generator made for it:")?;
    writeln!(out, "  POST {url}/api/v1/staff/login           {{\"email\", \"password\"}}")?;
    writeln!(out, "  POST {url}/api/v1/staff/login/generator {{\"challenge\"}}")?;
    writeln!(out, "and bring its first code:")?;
    writeln!(out, "  POST {url}/api/v1/staff/login/factor    {{\"challenge\", \"code\"}}")?;
    Ok(())
}
