//! Acting as a person, to see what they see: for a reason that they read, for half an hour at most, and without changing
//! anything. A token of it names both (RFC 8693) and carries the impersonation's id for a device, so what ends a device
//! ends it everywhere, and no Worker reads more than for any other token.

pub mod routes;
pub mod store;

#[cfg(test)]
mod tests;
