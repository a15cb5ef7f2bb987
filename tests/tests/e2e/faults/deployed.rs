//! The fault shim is in this fleet, and in nothing that would be deployed.

use e2e::control::number;
use e2e::faults::{Fault, Plan};
use e2e::fleet::{WITH_DATABASES, WORKERS};
use std::fs;
use std::path::{Path, PathBuf};

/// Stands in the shim, so that every bundle that holds it can be told.
const MARKER: &str = "sesh-fault-shim";
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

fn holds(path: &Path, text: &str) -> bool {
    let bytes = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn what_would_be_deployed_does_not_hold_the_fault_shim() {
    let shim = Path::new(ROOT).join("tests/faults/shim.mjs");
    assert!(holds(&shim, MARKER), "the marker that this test looks for is gone");
    for environment in ["dev", "staging", "production"] {
        for worker in WORKERS {
            let folder = Path::new(ROOT).join(".dev/deploy").join(environment).join(worker.name());
            assert!(
                folder.is_dir(),
                "package it first, as scripts/test does: scripts/deploy {environment} --dry-run"
            );
            let files = files_below(&folder);
            assert!(files.iter().any(|file| file.extension().is_some_and(|it| it == "wasm")), "{files:?}");
            assert!(files.iter().any(|file| file.extension().is_some_and(|it| it == "js")), "{files:?}");
            let found: Vec<_> =
                files.iter().filter(|file| holds(file, MARKER) || holds(file, "tests/faults")).collect();
            assert!(found.is_empty(), "the fault shim would be deployed: {found:?}");
        }
    }
}

#[test]
fn no_wrangler_file_and_no_entry_of_a_worker_knows_the_fault_shim() {
    for path in [
        "wrangler.toml",
        "workers/observer/wrangler.toml",
        "workers/admin/wrangler.toml",
        "workers/tracker/entry.mjs",
        "workers/observer/entry.mjs",
        "workers/admin/entry.mjs",
        "scripts/deploy",
    ] {
        let path = Path::new(ROOT).join(path);
        assert!(!holds(&path, "faults") && !holds(&path, MARKER), "{}", path.display());
    }
}

#[test]
fn the_shim_is_in_this_fleet_and_does_nothing_by_itself() {
    for worker in WITH_DATABASES {
        let plan = Plan::new().at(worker, &[Fault::new("fail_before", "DB")]);
        assert_eq!(number(worker, "SELECT 1 AS n", &[]), 1);
        assert_eq!(plan.hits(worker), [0], "nobody named the plan");
    }
}
