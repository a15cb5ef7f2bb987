//! End-to-end tests against the running fleet: real workerd, real D1, KV and queues. Modules mirror URLs; those that
//! look at every route at once are named after what they look for.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "whatever goes wrong here fails the test"
)]

mod account_mutations;
mod admin_audit;
mod admin_audit_packet;
mod admin_health;
mod admin_import;
mod admin_keys;
mod admin_overview;
mod admin_users;
mod auth_cookies;
mod auth_devices;
mod auth_email;
mod auth_login;
mod auth_logout;
mod auth_providers;
mod auth_recovery;
mod auth_refresh;
mod auth_register;
mod auth_sign_up;
mod authorization;
mod bad;
mod brands;
mod canaries;
mod conditional;
mod dashboard;
mod delayed;
mod erasure;
mod errors;
mod export;
mod faults;
mod health;
mod idempotency;
mod impersonation;
mod internal;
mod isolation;
mod key_mutations;
mod keys;
mod ledger;
mod live;
mod main_job;
mod malformed;
mod me;
mod me_factors;
mod me_passkeys;
mod me_password;
mod mutations;
mod naughty;
mod oauth;
mod observer;
mod openapi;
mod pages;
mod pages_access;
mod pages_data;
mod pages_live;
mod pages_quick;
mod paging;
mod panics;
mod queries;
mod quotas;
mod races;
mod revocation;
mod sessions;
mod staff;
mod stash;
mod stash_entries;
mod strains;
mod tenants;
