# shellcheck shell=bash
# Sets up what the project needs and the machine lacks. Sourced by the other scripts; each
# `ensure_*` function returns at once when its piece is there.
#
# Tools that only this project uses go to `.tools/` and `node_modules/`, both ignored by git.

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
TOOLS="$ROOT/.tools"
WASM=wasm32-unknown-unknown

# Trunk 0.22 wants a newer rustc than the one in Cargo.toml.
TRUNK_VERSION=0.21.14

CHROMIUM="${CHROMIUM:-/usr/bin/chromium}"
CHROMEDRIVER="${CHROMEDRIVER:-/usr/bin/chromedriver}"
FIREFOX="${FIREFOX:-/usr/bin/firefox-esr}"

export CHROMIUM CHROMEDRIVER FIREFOX
export PATH="$TOOLS/bin:$ROOT/node_modules/.bin:$PATH"

say() { printf '%s\n' "$*" >&2; }
die() { say "$@"; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# The checksum of stdin.
digest() {
  if has sha256sum; then sha256sum; else shasum -a 256; fi | cut -d ' ' -f 1
}

# Runs a long step: one line before it, its output in a log, the end of the log if it fails.
quietly() {
  local what="$1" log
  log="$TOOLS/logs/$(printf '%s' "$what" | tr -cs 'A-Za-z0-9' '-' | cut -c 1-40).log"
  shift
  mkdir -p "$TOOLS/logs"
  say "$what…"
  if ! "$@" >"$log" 2>&1; then
    tail -n 25 "$log" >&2
    die "This step failed: $what. The whole log is in ${log#"$ROOT"/}."
  fi
}

ensure_basics() {
  has cargo || die "Rust is missing. Install it from https://rustup.rs and start again."
  has node || die "Node.js 20 or newer is missing. Install it and start again."
  has npm || die "npm is missing. Install it (it comes with Node.js) and start again."
  has xz || apt_install xz-utils >&2 || die "xz is missing. Install it and start again."
}

apt_install() {
  has apt-get || return 1
  as_root apt-get update && as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y --no-install-recommends "$@"
}

# --- The wasm32 target ------------------------------------------------------------------------

has_wasm_std() {
  local lib
  lib="$("$1" --print target-libdir --target "$WASM" 2>/dev/null)" || return 1
  compgen -G "$lib/libstd-*.rlib" >/dev/null
}

# Runs a command with the Rust that can compile for wasm32: the ordinary one, or Debian's.
with_wasm_rust() {
  if has_wasm_std rustc || ! has_wasm_std /usr/bin/rustc; then
    "$@"
  else
    env PATH="/usr/bin:$PATH" RUSTC=/usr/bin/rustc \
      CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=wasm-ld-22 "$@"
  fi
}

ensure_wasm_target() {
  if has_wasm_std rustc || has_wasm_std /usr/bin/rustc; then return; fi
  say "Adding the $WASM target (once)…"
  if has rustup && rustup target add "$WASM" >&2 && has_wasm_std rustc; then return; fi
  say "rustup could not fetch it."
  has apt-get || die "Install the $WASM target of Rust and start again."
  quietly "Installing Debian's Rust and its sources, about 2 minutes (once)" \
    apt_install rustc-web cargo-web rust-web-src rust-web-clippy lld-22
  quietly "Building Rust's standard library for $WASM, about 1 minute (once)" build_debian_std
}

# Debian ships the sources of the standard library but not the library for wasm32, so build it
# once, as a dependency of an empty crate, and put it where rustc looks.
build_debian_std() {
  local crate="$TOOLS/wasm-std" lib
  rm -rf "$crate" && mkdir -p "$crate/src" && : >"$crate/src/lib.rs" || return 1
  printf '[package]\nname = "empty"\nversion = "0.0.0"\nedition = "2024"\n[workspace]\n' \
    >"$crate/Cargo.toml" || return 1
  (
    cd "$crate" && env PATH="/usr/bin:$PATH" RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 \
      RUSTFLAGS=-Cembed-bitcode=yes CARGO_TARGET_DIR="$crate/target" \
      /usr/bin/cargo build --release --target "$WASM" -Zbuild-std=std,panic_abort,panic_unwind,test
  ) || return 1
  rm -f "$crate/target/$WASM/release/deps"/libempty-*.rlib
  lib="$(/usr/bin/rustc --print target-libdir --target "$WASM")" || return 1
  as_root mkdir -p "$lib" && as_root cp "$crate/target/$WASM/release/deps"/*.rlib "$lib/"
}

# The page is built together with the standard library, from its sources, for size: without its
# messages for panics, which only developers read, with short algorithms in place of fast ones, and
# with calls inlined only where that makes the code no longer. That needs what rustc calls
# unstable; the builds for tests do without.
PAGE_ENV=(
  RUSTC_BOOTSTRAP=1
  CARGO_UNSTABLE_BUILD_STD=std,panic_abort
  CARGO_UNSTABLE_BUILD_STD_FEATURES=optimize_for_size
  "RUSTFLAGS=-Zunstable-options -Cpanic=immediate-abort -Zlocation-detail=none -Cllvm-args=-inline-threshold=0"
)

has_std_sources() {
  [ -f "$(with_wasm_rust rustc --print sysroot)/lib/rustlib/src/rust/library/Cargo.lock" ]
}

ensure_std_sources() {
  if has_std_sources; then return; fi
  say "Adding the sources of Rust's standard library (once)…"
  if has rustup && rustup component add rust-src >&2 && has_std_sources; then return; fi
  say "They cannot be had: the page will be about a tenth larger than it could be."
  PAGE_ENV=()
}

# --- Build tools ------------------------------------------------------------------------------

# The version that Cargo.lock pins for a crate; empty if there is none.
locked_version() {
  awk -v crate="$1" '$1 == "name" { name = $3 } $1 == "version" && name == "\"" crate "\"" {
    gsub(/"/, "", $3); print $3; exit }' "$ROOT/Cargo.lock"
}

has_version() {
  local program="$1" version="$2" found
  found="$("$program" --version 2>/dev/null)" || return 1
  [[ "$found" == *" $version" || "$found" == *" $version "* ]]
}

ensure_trunk() {
  if has_version trunk "$TRUNK_VERSION"; then return; fi
  quietly "Installing Trunk $TRUNK_VERSION, about 5 minutes (once)" \
    cargo install trunk --version "$TRUNK_VERSION" --locked --root "$TOOLS"
}

# The command-line tool refuses to work on a file of another wasm-bindgen version.
ensure_wasm_bindgen() {
  local version
  version="$(locked_version wasm-bindgen)"
  [ -n "$version" ] || die "Cargo.lock has no wasm-bindgen: the page cannot be built."
  if has_version wasm-bindgen "$version" && has_version wasm-bindgen-test-runner "$version"; then
    return
  fi
  quietly "Installing wasm-bindgen $version, about 2 minutes (once)" \
    cargo install wasm-bindgen-cli --version "$version" --force --root "$TOOLS"
}

# wasm-opt (binaryen), esbuild, Playwright and the rest, at the versions in package-lock.json.
ensure_npm_packages() {
  local stamp="$ROOT/node_modules/.installed" want
  want="$(digest <"$ROOT/package-lock.json")"
  if [ "$(cat "$stamp" 2>/dev/null)" = "$want" ]; then return; fi
  quietly "Installing the tools from npm, about 20 seconds (once)" \
    npm ci --prefix "$ROOT" --ignore-scripts
  printf '%s\n' "$want" >"$stamp"
}

# An environment of its own for Python, with what tests/code/requirements.txt pins.
ensure_python_packages() {
  local stamp="$TOOLS/python/.installed" want
  want="$(digest <"$ROOT/tests/code/requirements.txt")"
  if [ "$(cat "$stamp" 2>/dev/null)" = "$want" ]; then return; fi
  if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
    has apt-get || die "Install Python 3.10 or newer with venv and start again."
    quietly "Installing Python's venv (once)" apt_install python3-venv
  fi
  quietly "Installing the libraries of the lessons' Python code, about 30 seconds (once)" \
    install_python_packages
  printf '%s\n' "$want" >"$stamp"
}

# What tests/code/pom.xml pins for the Java code, and a JDK that compiles it.
ensure_java_packages() {
  local stamp="$TOOLS/java/.installed" want
  want="$(digest <"$ROOT/tests/code/pom.xml")"
  if [ "$(cat "$stamp" 2>/dev/null)" = "$want" ]; then return; fi
  if ! has javac || ! has mvn; then
    has apt-get || die "Install a JDK of version 17 or newer and Maven, and start again."
    quietly "Installing a JDK and Maven, about 1 minute (once)" \
      apt_install default-jdk-headless maven
  fi
  rm -rf "$TOOLS/java"
  quietly "Installing the libraries of the lessons' Java code, about 10 seconds (once)" \
    mvn --batch-mode --file "$ROOT/tests/code/pom.xml" \
    dependency:copy-dependencies "-DoutputDirectory=$TOOLS/java"
  printf '%s\n' "$want" >"$stamp"
}

install_python_packages() {
  rm -rf "$TOOLS/python" && python3 -m venv "$TOOLS/python" &&
    "$TOOLS/python/bin/python" -m pip install --requirement "$ROOT/tests/code/requirements.txt"
}

fetch_crates() {
  cargo fetch --locked --manifest-path "$ROOT/Cargo.toml" || return 1
  with_wasm_rust env "${PAGE_ENV[@]}" \
    cargo fetch --locked --manifest-path "$ROOT/Cargo.toml" --target "$WASM"
}

# Everything that the builds need is fetched here; afterwards they work offline.
ensure_crates() {
  local stamp="$TOOLS/crates.stamp" want
  want="$(digest <"$ROOT/Cargo.lock")"
  if [ "$(cat "$stamp" 2>/dev/null)" = "$want" ]; then return; fi
  quietly "Fetching the Rust crates (once)" fetch_crates
  mkdir -p "$TOOLS"
  printf '%s\n' "$want" >"$stamp"
}

ensure_build_tools() {
  ensure_basics
  ensure_wasm_target
  ensure_std_sources
  ensure_crates
  ensure_npm_packages
  ensure_trunk
  ensure_wasm_bindgen
}

ensure_browser() {
  if [ -x "$CHROMIUM" ] && [ -x "$CHROMEDRIVER" ]; then return; fi
  has apt-get || die "Install Chromium and chromedriver, and name them in CHROMIUM and CHROMEDRIVER."
  quietly "Installing Chromium and its driver, about 1 minute (once)" \
    apt_install chromium chromium-driver
}

ensure_firefox() {
  if [ -x "$FIREFOX" ]; then return; fi
  has apt-get || die "Install Firefox, and name it in FIREFOX."
  quietly "Installing Firefox, about 1 minute (once)" apt_install firefox-esr
}

# --- The release page -------------------------------------------------------------------------

# One checksum over all that the page is made of: names and contents.
page_sources_digest() {
  (
    cd "$ROOT" || exit 1
    find . \( -path ./.git -o -path ./target -o -path ./dist -o -path ./node_modules \
      -o -path ./.tools -o -path ./tests -o -path ./benches -o -path ./scripts -o -path ./.ci \
      -o -path ./test-results \) -prune -o -type f -print0 | LC_ALL=C sort -z | xargs -0 cksum
    cksum scripts/finish-page.mjs scripts/lzma.mjs scripts/wasm-*.mjs
    printf '%s\n' "${PAGE_ENV[@]}"
    rustc --version
  ) | digest
}

# Builds the release page into `dist/`, unless that is already what the sources say.
build_page() {
  local stamp="$TOOLS/page.stamp" want
  want="$(page_sources_digest)"
  if [ -f "$ROOT/dist/index.html" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$want" ]; then return; fi
  rm -f "$stamp"
  say "Building the page, about 2 minutes after a change…"
  (
    cd "$ROOT" && with_wasm_rust env -u NO_COLOR "${PAGE_ENV[@]}" \
      trunk build --release --locked --offline --skip-version-check >&2
  ) || return 1
  mkdir -p "$TOOLS"
  printf '%s\n' "${#PAGE_ENV[@]}" >"$TOOLS/page.settings"
  printf '%s\n' "$want" >"$stamp"
}
