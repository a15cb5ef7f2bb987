//! The platform's staff: a table and a sign-in of their own, which know nobody of the people's. There is always a second
//! step: a password alone gives a challenge, and without a generator a challenge that is good for getting one and nothing
//! else. [`signin`] lets them in, [`refresh`] gives new tokens, [`devices`] ends them, [`routes`] is their administration.

pub mod devices;
pub mod enrolment;
pub mod grant;
pub mod refresh;
pub mod routes;
pub mod rules;
pub mod signin;
pub mod signin_store;
pub mod store;

#[cfg(test)]
mod races;
#[cfg(test)]
pub(crate) mod tests;
