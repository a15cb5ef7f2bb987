//! Whoever uses Sesh-Tracker: a signed-in person whose token has the app. Stash, sessions, strains and dashboard are for
//! them; what somebody does about themselves (profile, devices, going over to another tenant) is for every
//! [`Person`], with the app or without.

use axum::extract::{FromRef, FromRequestParts};
use http::request::Parts;
use sesh_edge::http::{Failure, Refusal};
use sesh_edge::token::{Person, Trusts};
use sesh_types::envelope::ErrorCode;
use std::ops::Deref;
use std::sync::Arc;

/// Somebody who may use this app in the tenant that they work in. Which apps those are stands in the token, and a
/// change of them kills the tokens of before, so nothing is read for it.
#[derive(Clone)]
pub struct User(Person);

impl Deref for User {
    type Target = Person;

    fn deref(&self) -> &Person {
        &self.0
    }
}

impl User {
    /// The person alone, for what is for everybody.
    pub(crate) fn into_person(self) -> Person {
        self.0
    }
}

impl<S> FromRequestParts<S> for User
where
    S: Send + Sync,
    Arc<Trusts>: FromRef<S>,
{
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let person = Person::from_request_parts(parts, state).await?;
        if person.apps().tracker.is_none() {
            return Err(not_entitled());
        }
        Ok(Self(person))
    }
}

fn not_entitled() -> Failure {
    let message = "Sesh-Tracker is not among your apps in this tenant. Ask whoever runs it.";
    Refusal::new(ErrorCode::NotEntitled, message).into()
}

#[cfg(not(target_arch = "wasm32"))]
impl aide::OperationInput for User {
    fn operation_input(ctx: &mut aide::generate::GenContext, operation: &mut aide::openapi::Operation) {
        Person::operation_input(ctx, operation);
        sesh_edge::openapi::fails(ctx, operation, ErrorCode::NotEntitled);
    }
}
