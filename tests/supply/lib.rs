//! What the lock files bring is what `deny.toml` allows: see the test.
