//! A way back for who has lost every second factor: an administrator takes them away, at once when they have seen who
//! asks, else after a day in which the owner is told and can end it. Afterwards nothing gets one in but a new password, set
//! with the token of a mail (NIST SP 800-63B-4, section 4.2: recovery asks for more than one thing, and tells the owner).

pub mod routes;
pub mod store;

#[cfg(test)]
mod tests;
