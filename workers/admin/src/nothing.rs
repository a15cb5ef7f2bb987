//! Routes without parameters say so: `Query<Nothing>` refuses whatever is sent all the same.

use serde::Deserialize;

/// No parameters.
#[derive(Clone, Copy, Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}
