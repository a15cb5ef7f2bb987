//! Programs of others: an OAuth 2.1 authorization server and `OpenID` provider. A person lets a program act for them at
//! [`authorize`], whose pages ([`pages`]) are observer's own; the program gets its tokens at [`token`], and gives them
//! back or asks about them at [`ends`]. What was granted is a device like any other, so it ends wherever devices end.
//! Answers have the shapes of the standards ([`wire`]), not our envelope.

pub mod authenticate;
pub mod authorize;
pub mod clients;
pub mod code;
pub mod ends;
pub mod grant;
pub mod metadata;
pub mod pages;
pub mod request;
pub mod sign_on;
pub mod store;
pub mod token;
pub mod userinfo;
pub mod wire;

#[cfg(test)]
mod races;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
