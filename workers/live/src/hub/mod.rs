//! A person's hub: what each open socket is told ([`rules`]), and what is kept of past changes ([`kept`]).

pub mod kept;
#[cfg(target_arch = "wasm32")]
mod object;
pub mod rules;
