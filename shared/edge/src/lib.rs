//! The runtime glue of every Worker.
//!
//! Handlers are ordinary `Send` async functions that touch the world only through [`io::Io`], the ports. A port
//! call is data: the handler's future yields an [`io::Op`] and sleeps until the [`io::Reply`] is there. Whoever
//! drives the future decides what the world is: on Workers the bridge hands the operations to JavaScript
//! ([`bridge`], `js/driver.mjs`), natively they run on SQLite in the same process ([`native`]).
//!
//! - [`http`]: who may call, what they may send, how they are answered.
//! - [`routes`]: a route table from which both the router and the `OpenAPI` document are made.
//! - [`drive`]: one request or job as a task that is polled by hand.
//! - [`limit`], [`networks`]: how often and from where.
//! - [`peer`]: what another Worker answered.
//! - [`idempotency`], [`outbox`], [`token`]: what every Worker needs in its own database or isolate.

pub mod config;
pub mod drive;
pub mod health;
pub mod http;
pub mod idempotency;
pub mod io;
pub mod json;
pub mod limit;
pub mod log;
pub mod networks;
pub mod order;
pub mod outbox;
pub mod peer;
pub mod routes;
pub mod secret;
pub mod service;
pub mod standard;
pub mod text;
pub mod token;
pub mod zone;

#[cfg(target_arch = "wasm32")]
pub mod bridge;

#[cfg(not(target_arch = "wasm32"))]
pub mod native;
#[cfg(not(target_arch = "wasm32"))]
pub mod openapi;

#[cfg(not(target_arch = "wasm32"))]
#[doc(hidden)]
pub use linkme;
