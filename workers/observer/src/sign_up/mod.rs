//! Signing up where the e-mail address is proven first, for tenants that choose it: the answer is the same for every
//! address, and who has an account is told to nobody but whoever reads its mail. What a person is made of, and the rules,
//! are those of [`crate::signin`].

pub mod routes;
pub mod store;

#[cfg(test)]
mod races;
#[cfg(test)]
mod tests;
