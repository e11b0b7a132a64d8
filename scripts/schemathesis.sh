#!/usr/bin/env bash
# Runs schemathesis against the real binary: `scripts/schemathesis.sh target/debug/kith [examples per operation]`.
#
# Checked: nothing that is sent causes a 5xx, answers have a documented status, type and shape, no endpoint that needs a
# token answers without one, and every operation of the document was reached. Calls that end the caller's own session
# run last, each with an account of its own.
set -euo pipefail

kith=$(realpath "${1:?the binary to test}")
examples=${2:-50}
cd "$(dirname "$0")/.."

python=$PWD/target/venv/bin/python
folder=$(mktemp -d)
server=
cleanup() {
    if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; fi
    rm -rf "$folder"
}
trap cleanup EXIT

port=$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
url=http://127.0.0.1:$port
KITH_LIMITS_RATES=false KITH_LOG_LEVEL=warn "$kith" serve --data "$folder/data" --listen "127.0.0.1:$port" >"$folder/server.log" 2>&1 &
server=$!
curl --silent --fail --output /dev/null --retry 50 --retry-delay 1 --retry-connrefused "$url/readyz" ||
    { cat "$folder/server.log" >&2; exit 1; }

password='a long enough passphrase'

# token_of NAME: registers NAME and signs in. The first to register is the operator.
token_of() {
    curl --silent --fail --show-error --output /dev/null "$url/register" --header 'Content-Type: application/json' \
        --data "{\"email\":\"$1@example.org\",\"username\":\"$1\",\"password\":\"$password\",\"name\":\"$1\"}"
    curl --silent --fail --show-error "$url/login" --header 'Content-Type: application/json' \
        --data "{\"username\":\"$1\",\"password\":\"$password\"}" |
        "$python" -c 'import json, sys; print(json.load(sys.stdin)["token"])'
}

# attack NAME TOKEN OPTION...: one run; its report goes to NAME.
attack() {
    local name=$1 token=$2
    shift 2
    # It leaves a cache where it runs.
    (cd "$folder" && "$python" -m schemathesis.cli run "$url/openapi.json" --header "Authorization: Bearer $token" \
        --max-examples "$examples" --seed 1 --no-shrink --workers 1 --continue-on-failure --request-timeout 30 \
        --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,ignored_auth \
        --warnings off --report har --report-har-path "$folder/$name.har" "$@")
}

failed=0
operator=$(token_of operator)
attack main "$operator" --exclude-operation-id logout --exclude-operation-id revoke_session || failed=1
attack sessions "$(token_of ender)" --include-operation-id revoke_session || failed=1
attack logout "$(token_of leaver)" --include-operation-id logout || failed=1
"$python" scripts/operations_reached.py "$url/openapi.json" "$folder"/*.har || failed=1
kill -0 "$server" 2>/dev/null || { echo 'the server is gone:' >&2; tail -50 "$folder/server.log" >&2; failed=1; }
if grep -q panicked "$folder/server.log"; then grep -A5 panicked "$folder/server.log" >&2; failed=1; fi
exit "$failed"
