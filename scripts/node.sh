#!/usr/bin/env bash
# Says whether Node is here and new enough to build the web client. `scripts/node.sh --browser` asks for Chromium too.
set -euo pipefail

say() { printf '%s\n' "$*" >&2; }

wanted=20.19
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    say "The web client is built with Node $wanted or later, and node or npm is not here: see https://nodejs.org"
    exit 1
fi
version=$(node --version)
if [ "$(printf '%s\n' "$wanted" "${version#v}" | sort --version-sort | head -1)" != "$wanted" ]; then
    say "The web client is built with Node $wanted or later; this is ${version#v}: see https://nodejs.org"
    exit 1
fi
if [ "${1:-}" != --browser ] || [ -x "${KITH_CHROMIUM:-/usr/bin/chromium}" ]; then exit 0; fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say 'tools: getting Chromium'
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends chromium fonts-noto-core fonts-noto-color-emoji >/dev/null
    exit 0
fi
say 'The browser tests need Chromium: install it, as /usr/bin/chromium or wherever KITH_CHROMIUM says'
exit 1
