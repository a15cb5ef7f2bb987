//! Holds the wrangler file against what the Worker needs: a wrong configuration does not build.

#[path = "src/needs.rs"]
mod needs;

fn main() {
    let file = "wrangler.toml";
    println!("cargo:rerun-if-changed={file}");
    println!("cargo:rerun-if-changed=src/needs.rs");
    if let Err(faults) = sesh_manifest::check_file(std::path::Path::new(file), &needs::NEEDS) {
        for fault in faults {
            println!("cargo:error=workers/admin/{file}: {fault}");
        }
    }
}
