//! The supply chain, as far as it can be judged without a network: `deny.toml` against what Cargo would compile, and the
//! lock files of npm and of the fuzzer. Advisories need a network: `cargo deny check advisories`.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot be set up has failed"
)]

use serde_json::Value;
use spdx::{Expression, LicenseReq, ParseMode};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Of npm's packages, all of which are tools and none of which is shipped.
const NPM_LICENCES: [&str; 10] = [
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BlueOak-1.0.0",
    "CC0-1.0",
    "ISC",
    "LGPL-3.0-or-later",
    "MIT",
    "MPL-2.0",
];
/// The lock files of npm: the tools', and that of Lighthouse, which only `scripts/audits` installs.
const NPM_LOCKS: [&str; 2] = ["package-lock.json", "scripts/audits.d/lighthouse/package-lock.json"];
/// Builds of workerd for other machines, which the registry that the lock file was made with does not hold: their hashes
/// are unknown, and on such a machine npm takes them as they come.
const NPM_WITHOUT_HASH: [&str; 3] = [
    "node_modules/@cloudflare/workerd-darwin-64",
    "node_modules/@cloudflare/workerd-darwin-arm64",
    "node_modules/@cloudflare/workerd-windows-64",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn file(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn rules() -> toml::Table {
    file("deny.toml").parse().unwrap()
}

fn texts(value: &toml::Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}

/// All packages that any feature on any machine may bring.
fn packages() -> Vec<Value> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let arguments = ["metadata", "--format-version", "1", "--offline", "--locked", "--all-features"];
    let output = Command::new(cargo).args(arguments).current_dir(root()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap().clone();
    assert!(packages.len() > 150, "{} packages", packages.len());
    packages
}

fn foreign() -> Vec<Value> {
    packages().into_iter().filter(|package| !package["source"].is_null()).collect()
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_else(|| panic!("no {name} in {value}"))
}

fn fits(licence: &str, allowed: &[&str]) -> bool {
    let words: Vec<LicenseReq> = allowed
        .iter()
        .map(|word| Expression::parse(word).unwrap().requirements().next().unwrap().req.clone())
        .collect();
    let licence =
        Expression::parse_mode(licence, ParseMode::LAX).unwrap_or_else(|error| panic!("{licence}: {error}"));
    licence.evaluate(|wanted| words.contains(wanted))
}

#[test]
fn every_crate_has_a_licence_that_is_allowed() {
    let rules = rules();
    let allowed = texts(&rules["licenses"]["allow"]);
    let exceptions = rules["licenses"]["exceptions"].as_array().unwrap();
    let mut used = BTreeSet::new();
    for package in foreign() {
        let (name, licence) = (text(&package, "name"), text(&package, "license"));
        let own = exceptions.iter().find(|exception| exception["crate"].as_str() == Some(name));
        let mut all = allowed.clone();
        if let Some(own) = own {
            all.extend(texts(&own["allow"]));
            used.insert(name.to_owned());
        }
        assert!(fits(licence, &all), "{name}: {licence}");
    }
    assert_eq!(used.len(), exceptions.len(), "an exception is not needed any more: {used:?}");
}

#[test]
fn every_crate_comes_from_where_it_may_with_a_hash_and_none_is_banned() {
    let rules = rules();
    assert!(rules["sources"].get("allow-registry").is_none() && rules["sources"].get("allow-git").is_none());
    let mut sources = BTreeSet::new();
    let banned: Vec<&str> =
        rules["bans"]["deny"].as_array().unwrap().iter().map(|ban| ban["crate"].as_str().unwrap()).collect();
    for package in foreign() {
        let (name, source) = (text(&package, "name"), text(&package, "source"));
        assert!(source.starts_with("registry+https://"), "{name}: {source}");
        sources.insert(source.to_owned());
        assert!(!banned.contains(&name), "{name} is banned");
    }
    assert_eq!(sources.len(), 1, "crates come from one registry: {sources:?}");
    let lock: toml::Table = file("Cargo.lock").parse().unwrap();
    for package in lock["package"].as_array().unwrap() {
        let hashed =
            package.get("checksum").and_then(toml::Value::as_str).is_some_and(|hash| hash.len() == 64);
        assert_eq!(hashed, package.get("source").is_some(), "{package}");
    }
}

#[test]
fn two_versions_of_a_crate_have_a_reason() {
    let mut versions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for package in foreign() {
        versions
            .entry(text(&package, "name").to_owned())
            .or_default()
            .insert(text(&package, "version").to_owned());
    }
    let rules = rules();
    let mut skipped = BTreeSet::new();
    for skip in rules["bans"]["skip"].as_array().unwrap() {
        assert!(skip["reason"].as_str().is_some_and(|reason| reason.len() > 3), "{skip} gives no reason");
        let (name, version) = skip["crate"].as_str().unwrap().split_once('@').unwrap();
        let twice = versions.get(name).is_some_and(|all| all.len() > 1 && all.contains(version));
        assert!(twice, "{name}@{version} is not there beside another any more: take it out of deny.toml");
        skipped.insert((name.to_owned(), version.to_owned()));
    }
    for (name, all) in versions {
        let counted =
            all.iter().filter(|version| !skipped.contains(&(name.clone(), (*version).clone()))).count();
        assert_eq!(counted, 1, "{name}: {all:?}; say why in deny.toml, or use one");
    }
}

#[test]
fn every_npm_package_is_locked_by_its_hash_and_comes_from_the_registry() {
    let locks = NPM_LOCKS.map(|name| serde_json::from_str::<Value>(&file(name)).unwrap());
    let mut without = Vec::new();
    let packages = locks.iter().flat_map(|lock| lock["packages"].as_object().unwrap());
    for (path, package) in packages.filter(|(path, _)| !path.is_empty()) {
        let licence = text(package, "license");
        assert!(fits(licence, &NPM_LICENCES), "{path}: {licence}");
        let elsewhere =
            package["resolved"].as_str().is_some_and(|from| !from.starts_with("https://registry."));
        assert!(!elsewhere && package["link"].is_null(), "{path}: {package}");
        match package["integrity"].as_str() {
            Some(hash) => assert!(hash.starts_with("sha512-") && hash.len() > 90, "{path}: {hash}"),
            None => without.push(path.as_str()),
        }
    }
    assert_eq!(without, NPM_WITHOUT_HASH);
    let manifest: Value = serde_json::from_str(&file("package.json")).unwrap();
    for group in ["devDependencies", "optionalDependencies"] {
        for (name, version) in manifest[group].as_object().unwrap() {
            let exact = version.as_str().unwrap().starts_with(|first: char| first.is_ascii_digit());
            assert!(exact, "{name} {version} is not one version");
        }
    }
    assert!(manifest["dependencies"].is_null(), "nothing of npm is shipped");
}

#[test]
fn pythons_packages_are_pinned() {
    for (name, least) in [("scripts/fuzz.d/requirements.txt", 10), ("tests/clients/requirements.txt", 5)] {
        let list = file(name);
        let lines: Vec<&str> = list.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(
            lines.len() > least && lines.iter().all(|line| line.split("==").count() == 2),
            "{name}: {lines:?}"
        );
    }
}

#[test]
fn expressions_are_judged_as_they_are_meant() {
    assert!(fits("MIT OR GPL-3.0", &["MIT"]) && fits("MIT/Apache-2.0", &["MIT"]));
    assert!(!fits("MIT AND GPL-3.0-only", &["MIT"]) && !fits("GPL-3.0-only", &["MIT"]));
    assert!(fits("(MIT OR Apache-2.0) AND Unicode-3.0", &["Apache-2.0", "Unicode-3.0"]));
}
