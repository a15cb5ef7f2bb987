//! Routes without parameters, or without a body, say so: `Query<Nothing>` and `OptionalBody<Nothing>` refuse what
//! is sent all the same.

use serde::Deserialize;

/// No parameter, no field.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}
