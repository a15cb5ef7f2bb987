//! How a tenant's domains look, as the platform and whoever runs the tenant decide it. Nothing that they choose is ever
//! style, script or markup: two hues, a few words, a picture ([`png`]), and parts of the app from a closed list.

pub mod door;
pub mod png;
pub mod routes;
pub mod rules;
pub mod store;

#[cfg(test)]
mod tests;
