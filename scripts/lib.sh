#!/usr/bin/env bash
# Shared by every script: where things are, what versions are pinned, how set-up and progress work.
# Source it, do not run it:  . "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck disable=SC2034  # variables are for those who source it
set -euo pipefail

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
STATE_DIR="$ROOT/.dev"
WORKERS=(tracker observer admin live)
# Workers for tests alone; they are built and started, but never deployed.
TEST_WORKERS=(canary)

WORKER_BUILD_VERSION=0.8.7
WASM_BINDGEN_VERSION=0.2.130 # must equal the wasm-bindgen pinned in Cargo.toml
NEXTEST_VERSION=0.9.143
MUTANTS_VERSION=27.1.0 # for scripts/mutants alone, which installs it
WASM_TARGET=wasm32-unknown-unknown
NODE_MIN_MAJOR=22
NODE_MIN_MINOR=12

# Versioned and outside the repository, so that clones share what takes minutes to compile.
TOOLS="${XDG_CACHE_HOME:-$HOME/.cache}/sesh-platform/tools"
WORKER_BUILD="$TOOLS/worker-build-$WORKER_BUILD_VERSION/bin/worker-build"
WASM_BINDGEN="$TOOLS/wasm-bindgen-$WASM_BINDGEN_VERSION/bin/wasm-bindgen"
NEXTEST_DIR="$TOOLS/cargo-nextest-$NEXTEST_VERSION"
TARGET_DIR="${CARGO_TARGET_DIR:-$ROOT/target}"

export WRANGLER_SEND_METRICS=false WRANGLER_HIDE_BANNER=true
SYSTEM_PATH="$PATH"

# ---- Progress and errors --------------------------------------------------------------------------------------

note() { printf '  %s\n' "$*"; }
warn() { printf '! %s\n' "$*" >&2; }
die() {
  printf '\nerror: %s\n' "$1" >&2
  shift
  local line
  for line in "$@"; do printf '  %s\n' "$line" >&2; done
  exit 1
}

# step TEXT COMMAND…: what is going on, its own output, and how long it took.
step() {
  local text="$1" start=$SECONDS status=0
  shift
  printf '▸ %s\n' "$text"
  # Not `"$@" || …`: that would let a function carry on after a command of its own has failed.
  set +e
  (
    set -e
    "$@"
  )
  status=$?
  set -e
  if ((status != 0)); then
    printf '✗ %s failed after %d s\n' "$text" $((SECONDS - start)) >&2
    return "$status"
  fi
  printf '✓ %s (%d s)\n' "$text" $((SECONDS - start))
}

# quietly TEXT COMMAND…: the same, but the output is shown only when the command fails; says every 10 s that it lives.
quietly() {
  local text="$1" start=$SECONDS log pid status=0
  shift
  log="$(mktemp)"
  printf '▸ %s\n' "$text"
  # Its own process group, so that Ctrl-C can end all of it: in the background it would not hear of it.
  set -m
  "$@" >"$log" 2>&1 </dev/null &
  pid=$!
  set +m
  # shellcheck disable=SC2064
  trap "kill -- -$pid 2>/dev/null || true; rm -f '$log'; exit 130" INT TERM
  while kill -0 "$pid" 2>/dev/null; do
    sleep 0.2
    if (((SECONDS - start) > 0 && (SECONDS - start) % 10 == 0)); then
      note "$text … $((SECONDS - start)) s"
      sleep 1
    fi
  done
  wait "$pid" || status=$?
  trap - INT TERM
  if ((status != 0)); then
    cat "$log" >&2
    printf '✗ %s failed after %d s\n' "$text" $((SECONDS - start)) >&2
  else
    printf '✓ %s (%d s)\n' "$text" $((SECONDS - start))
  fi
  rm -f "$log"
  return "$status"
}

has() { command -v "$1" >/dev/null 2>&1; }

# One at a time across terminals and clones where `flock` exists; without it, at the caller's risk.
locked() {
  local file="$1"
  shift
  mkdir -p "$(dirname "$file")"
  if has flock; then (
    flock -n 9 || { note "waiting for another run of these scripts to finish"; flock 9; }
    "$@"
  ) 9>"$file"; else "$@"; fi
}

hash_of() { if has sha256sum; then sha256sum; else shasum -a 256; fi | cut -d' ' -f1; }

# ---- What a machine must bring itself -------------------------------------------------------------------------

require_machine() {
  has git || die "git is missing" "Install it, on Debian: apt-get install git"
  has cargo || die "Rust is missing: no cargo on the PATH" "Install rustup, open a new terminal, and run this again."
  has cc || die "a C compiler is missing (the tests' SQLite is compiled)" "Install one, on Debian: apt-get install build-essential"
  has npm || die "npm is missing" "Install Node 20 or later with npm, on Debian: apt-get install nodejs npm"
}

# ---- Rust -----------------------------------------------------------------------------------------------------

rust_channel() { sed -n 's/^channel *= *"\(.*\)"/\1/p' "$ROOT/rust-toolchain.toml"; }

require_rust() {
  local channel libdir
  channel="$(rust_channel)"
  if has rustup; then
    if ! rustup run "$channel" cargo --version >/dev/null 2>&1; then
      step "install Rust $channel" rustup toolchain install "$channel" --profile minimal \
        -c clippy -c rustfmt -t "$WASM_TARGET" ||
        die "Rust $channel could not be installed" "Check the network, then: rustup toolchain install $channel"
    fi
    local installed
    installed="$(rustup component list --toolchain "$channel" --installed)"
    local part
    for part in clippy rustfmt; do
      grep -q "^$part" <<<"$installed" || step "install $part" rustup component add --toolchain "$channel" "$part"
    done
    grep -qx "rust-std-$WASM_TARGET" <<<"$installed" ||
      step "install the WebAssembly target" rustup target add --toolchain "$channel" "$WASM_TARGET" ||
      die "the Rust target $WASM_TARGET is missing" "Install it: rustup target add --toolchain $channel $WASM_TARGET"
    return
  fi
  libdir="$(rustc --target "$WASM_TARGET" --print target-libdir 2>/dev/null)" || libdir=''
  [[ -d "$libdir" ]] || die "the Rust target $WASM_TARGET is missing, and rustup is not there to add it" \
    "Install rustup, or your system's package of the target."
}

# install_tool CRATE VERSION FOLDER BINARY FLAGS…
install_tool() {
  local crate="$1" version="$2" folder="$3" binary="$4"
  shift 4
  [[ -x "$folder/bin/$binary" ]] && return
  step "compile $crate $version (once per machine, some minutes)" \
    cargo install "$crate" --version "$version" --root "$folder" "$@" ||
    die "$crate $version could not be installed" \
      "Try it alone: cargo install $crate --version $version --root '$folder' $*"
}

require_tools() {
  install_tool worker-build "$WORKER_BUILD_VERSION" "$TOOLS/worker-build-$WORKER_BUILD_VERSION" worker-build --locked
  # Not --locked: its lock file names a crate newer than some mirrors hold.
  install_tool wasm-bindgen-cli "$WASM_BINDGEN_VERSION" "$TOOLS/wasm-bindgen-$WASM_BINDGEN_VERSION" wasm-bindgen \
    --no-default-features
  PATH="$NEXTEST_DIR/bin:$PATH" cargo nextest --version >/dev/null 2>&1 ||
    install_tool cargo-nextest "$NEXTEST_VERSION" "$NEXTEST_DIR" cargo-nextest --locked
}

# Everything that compiling needs is fetched here, so that no later step downloads (see use_tools).
require_crates() {
  local flags=()
  [[ "${SESH_LOCKED:-}" == 1 ]] && flags=(--locked)
  (cd "$ROOT" && cargo fetch --offline ${flags[@]+"${flags[@]}"} >/dev/null 2>&1) && return
  step "fetch the Rust crates" cargo fetch --manifest-path "$ROOT/Cargo.toml" ${flags[@]+"${flags[@]}"} ||
    die "the Rust crates could not be fetched" "If Cargo.lock is out of date, run: cargo update --workspace" \
      "Otherwise check the network."
}

# ---- Node -----------------------------------------------------------------------------------------------------

node_is_new_enough() {
  local version major minor
  version="$("$1" --version 2>/dev/null)" || return 1
  version="${version#v}"
  major="${version%%.*}"
  minor="${version#*.}"
  minor="${minor%%.*}"
  ((major > NODE_MIN_MAJOR || (major == NODE_MIN_MAJOR && minor >= NODE_MIN_MINOR)))
}

npm_ci() {
  # System node runs npm: the one in node_modules is about to be replaced. Install scripts would only repeat,
  # unlocked, what the lock file already brings.
  (cd "$ROOT" && PATH="$SYSTEM_PATH" npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
}

require_npm_packages() {
  local want stamp="$ROOT/node_modules/.sesh-installed"
  want="$(cat "$ROOT/package.json" "$ROOT/package-lock.json" | hash_of)"
  if [[ "$(cat "$stamp" 2>/dev/null)" != "$want" ]]; then
    quietly "install the npm packages by lock file" npm_ci ||
      die "the npm packages could not be installed" "Check the network, then: npm ci --ignore-scripts"
    printf '%s' "$want" >"$stamp"
  fi
  find_node
}

find_node() {
  local candidate
  for candidate in "$ROOT/node_modules/.bin/node" "$(PATH="$SYSTEM_PATH" command -v node || true)"; do
    if [[ -n "$candidate" ]] && node_is_new_enough "$candidate"; then
      NODE="$candidate"
      return
    fi
  done
  die "Node $NODE_MIN_MAJOR.$NODE_MIN_MINOR or later is missing" \
    "The npm packages bring one for Linux and for Intel Macs; elsewhere install it yourself."
}

wrangler() { "$NODE" "$ROOT/node_modules/wrangler/bin/wrangler.js" "$@"; }

# ---- Browsers: only for tests that drive one ------------------------------------------------------------------

require_chromium() {
  has chromium && has chromedriver && return
  [[ -r /etc/debian_version ]] || die "Chromium and ChromeDriver are missing" "Install both; on Debian this script does it."
  [[ "$(id -u)" == 0 ]] || die "Chromium is missing and installing it needs root" \
    "Run: sudo apt-get install chromium chromium-driver"
  step "read the Debian package lists" apt-get update -q
  step "install Chromium and ChromeDriver" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -q --no-install-recommends chromium chromium-driver ||
    die "Chromium could not be installed" "Try it alone: apt-get install chromium chromium-driver"
}

# ---- All of it ------------------------------------------------------------------------------------------------

# After set-up: the tools on the PATH, and cargo told not to download (a step that tries is a bug in set-up).
use_tools() {
  find_node
  export PATH="$ROOT/node_modules/.bin:$NEXTEST_DIR/bin:$SYSTEM_PATH"
  # worker-build downloads its helpers unless each of these names an existing program.
  export WASM_BINDGEN_BIN="$WASM_BINDGEN" WASM_OPT_BIN="$ROOT/node_modules/.bin/wasm-opt"
  export ESBUILD_BIN="$ROOT/node_modules/.bin/esbuild"
  local program
  for program in "$WORKER_BUILD" "$WASM_BINDGEN_BIN" "$WASM_OPT_BIN" "$ESBUILD_BIN"; do
    [[ -x "$program" ]] || die "$program is missing" "Run: scripts/setup"
  done
  export CARGO_NET_OFFLINE=true
}

setup_all() {
  require_machine
  require_rust
  require_npm_packages
  require_tools
  require_crates
}

setup() {
  locked "$TOOLS/.lock" setup_all
  use_tools
}

# The folder that holds a Worker's wrangler.toml decides how wrangler reads its paths: the front door's is the root.
# The folder of a Worker, by its name.
worker_folder() {
  if [[ -d "$ROOT/workers/$1" ]]; then printf '%s/workers/%s' "$ROOT" "$1"; else printf '%s/tests/workers/%s' "$ROOT" "$1"; fi
}

wrangler_file() {
  if [[ "$1" == tracker ]]; then printf '%s/wrangler.toml' "$ROOT"; else printf '%s/workers/%s/wrangler.toml' "$ROOT" "$1"; fi
}

# The runner keeps its process id on the first line of its lock; see fleet/lock.mjs.
fleet_is_running() {
  local lock="$STATE_DIR/state.lock"
  [[ -f "$lock" ]] && kill -0 "$(head -n 1 "$lock")" 2>/dev/null
}

human_size() { awk -v b="$1" 'BEGIN { printf "%.0f KB", b / 1024 }'; }
