//! Reading a wrangler file and holding it against a Worker's needs.
#![allow(clippy::print_stdout, reason = "a build script speaks to cargo on its standard output")]

use crate::{ENVIRONMENTS, Needs};
use std::path::Path;
use toml::{Table, Value};

/// One thing that is wrong with a wrangler file.
#[derive(Debug, PartialEq, Eq)]
pub struct Fault(pub String);

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Checks every environment of the file.
///
/// # Errors
/// Everything that is missing or wrong, in words that say where to mend it.
pub fn check_file(path: &Path, needs: &Needs) -> Result<(), Vec<Fault>> {
    let text =
        std::fs::read_to_string(path).map_err(|error| vec![Fault(format!("{}: {error}", path.display()))])?;
    let faults = check(&text, needs);
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// For a build script: checks the file, tells cargo when to check again, and ends the build with every fault.
pub fn check_in_build_script(file: &str, needs: &Needs) {
    println!("cargo::rerun-if-changed={file}");
    println!("cargo::rerun-if-changed=src/needs.rs");
    for fault in check_file(Path::new(file), needs).err().into_iter().flatten() {
        println!("cargo::error={file}: {fault}");
    }
}

fn check(text: &str, needs: &Needs) -> Vec<Fault> {
    let file = match text.parse::<Table>() {
        Ok(file) => file,
        Err(error) => return vec![Fault(format!("not TOML: {error}"))],
    };
    ENVIRONMENTS
        .iter()
        .flat_map(|name| match file.get("env").and_then(|env| env.get(name)).and_then(Value::as_table) {
            Some(env) => check_environment(name, env, needs),
            None => vec![Fault(format!("[env.{name}] is missing"))],
        })
        .collect()
}

fn check_environment(name: &str, env: &Table, needs: &Needs) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut require = |holds: bool, what: String| {
        if !holds {
            faults.push(Fault(format!("[env.{name}] {what}")));
        }
    };
    let named = |section: &str, wanted: &str| {
        let rows = env.get(section).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        rows.iter().find(|row| row.get("binding").and_then(Value::as_str) == Some(wanted)).cloned()
    };
    for binding in needs.databases {
        let row = named("d1_databases", binding);
        require(row.is_some(), format!("needs a D1 database bound as {binding}"));
        let migrations = row.as_ref().and_then(|row| row.get("migrations_dir"));
        require(migrations.is_some(), format!("needs migrations_dir for {binding}"));
    }
    for binding in needs.caches {
        require(
            named("kv_namespaces", binding).is_some(),
            format!("needs a KV namespace bound as {binding}"),
        );
    }
    for (binding, entrypoint) in needs.services {
        let found = named("services", binding);
        let entry = found.as_ref().and_then(|row| row.get("entrypoint")).and_then(Value::as_str);
        require(
            entry == Some(*entrypoint),
            format!("needs a service bound as {binding} at entrypoint {entrypoint}"),
        );
    }
    let objects =
        env.get("durable_objects").and_then(|objects| objects.get("bindings")).and_then(Value::as_array);
    for binding in needs.objects {
        let row = objects.and_then(|rows| {
            rows.iter().find(|row| row.get("name").and_then(Value::as_str) == Some(*binding))
        });
        require(row.is_some(), format!("needs a Durable Object binding named {binding}"));
        // A class of one's own is made by a migration of the same environment.
        let class = row.filter(|row| row.get("script_name").is_none()).and_then(|row| row.get("class_name"));
        let migrations =
            env.get("migrations").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let makes = |migration: &Value| {
            let made = migration.get("new_sqlite_classes").and_then(Value::as_array);
            made.is_some_and(|made| made.iter().any(|made| Some(made) == class))
        };
        require(
            class.is_none() || migrations.iter().any(makes),
            format!("needs a migration whose new_sqlite_classes make the class of {binding}"),
        );
    }
    let producers = env.get("queues").and_then(|queues| queues.get("producers")).and_then(Value::as_array);
    for binding in needs.queues {
        let bound = producers.is_some_and(|rows| {
            rows.iter().any(|row| row.get("binding").and_then(Value::as_str) == Some(*binding))
        });
        require(bound, format!("needs a queue producer bound as {binding}"));
    }
    let mails = env.get("send_email").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    for binding in needs.mails {
        let bound = mails.iter().any(|row| row.get("name").and_then(Value::as_str) == Some(*binding));
        require(bound, format!("needs a send_email binding named {binding}"));
    }
    for var in needs.vars.iter().chain(needs.optional) {
        let set = env.get("vars").and_then(|vars| vars.get(*var)).is_some();
        require(set, format!("needs the variable {var}"));
    }
    for secret in needs.secrets {
        let leaked = env.get("vars").and_then(|vars| vars.get(*secret)).is_some();
        require(!leaked, format!("must not hold the secret {secret}: use `wrangler secret put`"));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEEDS: Needs = Needs {
        databases: &["DB"],
        caches: &[],
        services: &[("PEER", "Internal")],
        objects: &["HUBS"],
        queues: &["FACTS"],
        mails: &["MAIL"],
        vars: &["ENVIRONMENT"],
        optional: &["EXTRA"],
        secrets: &["KEY"],
    };

    fn environment(name: &str) -> String {
        format!(
            r#"
            [env.{name}]
            d1_databases = [{{ binding = "DB", migrations_dir = "m" }}]
            services = [{{ binding = "PEER", service = "peer", entrypoint = "Internal" }}]
            durable_objects = {{ bindings = [{{ name = "HUBS", class_name = "Hub" }}] }}
            migrations = [{{ tag = "v1", new_sqlite_classes = ["Hub"] }}]
            queues = {{ producers = [{{ binding = "FACTS", queue = "facts" }}] }}
            send_email = [{{ name = "MAIL" }}]
            vars = {{ ENVIRONMENT = "{name}", EXTRA = "" }}
            "#
        )
    }

    #[test]
    fn a_complete_file_passes() {
        let text: String = ENVIRONMENTS.iter().map(|name| environment(name)).collect();
        assert_eq!(check(&text, &NEEDS), []);
    }

    #[test]
    fn every_gap_is_named_with_its_environment() {
        let text = format!("{}\n[env.staging]\nvars = {{ KEY = \"oops\" }}", environment("dev"));
        let faults: Vec<String> = check(&text, &NEEDS).iter().map(ToString::to_string).collect();
        for part in [
            "staging] needs a D1",
            "staging] needs a service bound as PEER",
            "queue producer bound as FACTS",
            "staging] needs a Durable Object binding named HUBS",
            "staging] needs a send_email binding named MAIL",
            "the variable ENVIRONMENT",
            "the variable EXTRA",
            "must not hold the secret KEY",
            "[env.production] is missing",
        ] {
            assert!(faults.iter().any(|fault| fault.contains(part)), "{part} in {faults:?}");
        }
    }
}
