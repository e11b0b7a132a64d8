#!/usr/bin/env bash
# Runs the Autobahn fuzzing client against the echo of our socket code: `scripts/autobahn.sh target/debug/examples/echo`.
#
# Groups 1 to 10 must pass. Groups 12 and 13 are compression, which Kith does not offer: they count as unimplemented.
# The suite needs Python 2.7. Where that cannot be had, this says SKIPPED and why; the equal set of our own in
# crates/server/tests/websocket runs everywhere.
set -euo pipefail

echo=$(realpath "${1:?the echo to test}")
cd "$(dirname "$0")/.."
suite=$PWD/target/autobahn
reports=$PWD/target/autobahn-reports

skip() { echo "SKIPPED: Autobahn: $*"; exit 0; }

# A name on the path may be a shim without a Python behind it, so each is asked.
python=
for candidate in python2.7 "${PYENV_ROOT:-$HOME/.pyenv}"/versions/2.7*/bin/python2.7; do
    if "$candidate" -c 'import pip' 2>/dev/null; then python=$candidate; break; fi
done
[ -n "$python" ] || skip 'no Python 2.7 with pip on this machine'

wanted=$(sha256sum <scripts/autobahn.txt | cut -d ' ' -f 1)
if [ "$(cat "$suite/stamp" 2>/dev/null || true)" != "$wanted" ]; then
    echo 'autobahn: getting the suite' >&2
    rm -rf "$suite"
    "$python" -m pip install --quiet --disable-pip-version-check --no-deps --target "$suite" \
        --requirement scripts/autobahn.txt >"$PWD/target/autobahn.log" 2>&1 ||
        skip 'pip could not install the suite, see target/autobahn.log'
    printf '%s' "$wanted" >"$suite/stamp"
fi

folder=$(mktemp -d)
server=
cleanup() {
    if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; fi
    rm -rf "$folder"
}
trap cleanup EXIT

mkfifo "$folder/address"
"$echo" >"$folder/address" &
server=$!
read -r address <"$folder/address"

rm -rf "$reports"
cat >"$folder/spec.json" <<SPEC
{"outdir": "$reports", "servers": [{"agent": "kith", "url": "ws://$address"}],
 "cases": ["*"], "exclude-cases": [], "exclude-agent-cases": {}}
SPEC
started=$SECONDS
# The suite lies in a folder of its own; its namespace packages are found by way of `site` only.
(cd "$folder" && "$python" -c "import site; site.addsitedir('$suite')
from autobahntestsuite.wstest import run; run()" --mode fuzzingclient --spec "$folder/spec.json" >"$folder/log" 2>&1) ||
    { tail -20 "$folder/log" >&2; exit 1; }
kill -0 "$server" 2>/dev/null || { echo 'the echo is gone' >&2; exit 1; }
python3 scripts/autobahn_judge.py "$reports/index.json"
echo "autobahn: $((SECONDS - started)) s, reports in target/autobahn-reports"
