#!/usr/bin/env bash
# Runs the fuzz targets: `scripts/fuzz.sh [target…]`, each for FUZZ_SECONDS (60), all of them unless some are named.
#
# What a run discovers stays under target/fuzz-corpus and is taken up by the next; what breaks a promise lies under
# target/fuzz-findings, and belongs into fuzz/corpus together with the change that mends it.
set -euo pipefail
cd "$(dirname "$0")/.."

version=0.13.2
seconds=${FUZZ_SECONDS:-60}
export PATH="$PATH:$PWD/target/tools/bin"

if ! command -v cargo-fuzz >/dev/null; then
    echo "fuzz: building cargo-fuzz $version, which takes some minutes" >&2
    cargo install --quiet --locked --root target/tools --version "$version" cargo-fuzz
fi
# The code is free of `unsafe`, so no sanitizer: the stable compiler does, and a run reaches twice as far. Overflow
# checks and debug assertions are on.
cargo fuzz build --sanitizer none --target-dir target/fuzz

if [ $# -gt 0 ]; then targets=("$@"); else mapfile -t targets < <(ls fuzz/corpus); fi
failed=0
for target in "${targets[@]}"; do
    mkdir -p "target/fuzz-corpus/$target" "target/fuzz-findings/$target"
    log=target/fuzz-findings/$target.log
    if target/fuzz/*/release/"$target" "target/fuzz-corpus/$target" "fuzz/corpus/$target" \
        -max_total_time="$seconds" -rss_limit_mb=1024 -timeout=10 -max_len=8192 -print_final_stats=1 \
        -artifact_prefix="target/fuzz-findings/$target/" >"$log" 2>&1; then
        runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
        edges=$(grep -o 'cov: [0-9]*' "$log" | tail -1)
        printf '%-14s %12s runs  %s\n' "$target" "$runs" "$edges"
    else
        failed=1
        printf '%-14s BROKEN, see %s\n' "$target" "$log"
        grep -m1 -A2 panicked "$log" || tail -5 "$log"
    fi
done
exit "$failed"
