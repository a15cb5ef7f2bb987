//! Holds the wrangler file against what the Worker needs: a wrong configuration does not build.

#[allow(unreachable_pub, reason = "the same file is public in the Worker")]
#[path = "src/needs.rs"]
mod needs;

fn main() {
    sesh_manifest::check_in_build_script("wrangler.toml", &needs::NEEDS);
}
