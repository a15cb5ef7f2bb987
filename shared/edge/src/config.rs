//! Configuration: read once when an isolate starts, by the Worker's `state.rs` and by nothing else.

use sesh_manifest::Needs;

/// Where variables, secrets and bindings come from.
pub trait Environment {
    /// The text of a variable or secret.
    fn text(&self, name: &str) -> Option<String>;
    /// Whether a binding of this name exists.
    fn has_binding(&self, name: &str) -> bool;
}

/// A Worker cannot serve: what is missing or malformed, by name, never by value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("configuration: {}", .0.join("; "))]
pub struct ConfigError(pub Vec<String>);

/// Everything of `needs` that the environment lacks.
///
/// # Errors
/// The names of what is missing.
pub fn require(environment: &dyn Environment, needs: &Needs) -> Result<(), ConfigError> {
    let texts = needs.texts().filter(|name| environment.text(name).is_none_or(|text| text.is_empty()));
    let bindings = needs.bindings().filter(|name| !environment.has_binding(name));
    let missing: Vec<String> = texts
        .map(|name| format!("{name} is not set"))
        .chain(bindings.map(|name| format!("{name} is not bound")))
        .collect();
    if missing.is_empty() { Ok(()) } else { Err(ConfigError(missing)) }
}

/// Splits `id:value,id:value`, the form of every key list.
pub fn pairs(text: &str) -> Vec<(String, String)> {
    text.split(',')
        .filter_map(|pair| pair.trim().split_once(':'))
        .map(|(id, value)| (id.trim().to_owned(), value.trim().to_owned()))
        .collect()
}

#[cfg(target_arch = "wasm32")]
impl Environment for worker::Env {
    fn text(&self, name: &str) -> Option<String> {
        self.var(name).ok().map(|text| text.to_string())
    }

    fn has_binding(&self, name: &str) -> bool {
        js_sys::Reflect::get(self.as_ref(), &name.into()).is_ok_and(|value| value.is_object())
    }
}
