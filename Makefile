# `make` shows what there is. Everything runs from a fresh clone.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run web web-check web-figures browser client node screenshots test tools check fmt format-check lint doc tidy codegen codegen-check deny unit doc-test bench growth protocol fuzz-api autobahn fuzz sim crash-states

# The tools of the tests lie here, beside whatever the machine has.
TOOLS := $(CURDIR)/target/venv/bin:$(CURDIR)/target/tools/bin
export PATH := $(PATH):$(TOOLS)
VENV := target/venv/bin
# Where cargo puts what it builds.
BUILT := $(or $(CARGO_TARGET_DIR),$(CURDIR)/target)
LISTEN ?= 127.0.0.1:8080
DATA ?= data
# Whatever the web client is made of.
WEB_SOURCES := $(shell find web -name node_modules -prune -o -name dist -prune -o -path web/tests -prune -o -type f -print)
SEEDS ?= 1000
FROM ?= 0
STATES ?= 150

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1\t/p' $(MAKEFILE_LIST) | awk -F '\t' '{ printf "  make %-12s %s\n", $$1, $$2 }'

run: ## Build Kith and run it (DATA=folder, LISTEN=address:port)
	@command -v cargo >/dev/null || { echo 'Kith is built with Rust 1.95 or later, and cargo is not here: see https://rustup.rs' >&2; exit 1; }
	@$(MAKE) --no-print-directory web
	cargo build --release --locked --package server
	exec $(BUILT)/release/kith serve --data "$(DATA)" --listen "$(LISTEN)"

test: tools web web-check check deny unit sim doc-test protocol client browser fuzz-api autobahn crash-states ## Everything that must hold before a change is merged
	@echo 'make test: all steps passed'

check: format-check lint doc tidy codegen-check ## What needs no test run: format, lints, documents

web: web/dist/index.html ## Build the web client into web/dist, from where the binary takes it

node:
	@scripts/node.sh

web/node_modules/.package-lock.json: web/package.json web/package-lock.json | node
	cd web && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

web/dist/index.html: $(WEB_SOURCES) web/node_modules/.package-lock.json
	cd web && npm run --silent build

web-check: web ## The web client: types, lints, unit tests, the size of what is loaded, and the shapes of the API
	cd web && npm run --silent typecheck
	cd web && npm run --silent lint
	cd web && npm run --silent unit
	cd web && npm run --silent codegen -- --check
	cd web && npm run --silent budget

BROWSER = cd web && KITH_BINARY="$(BUILT)/$(1)/kith" KITH_SEED="$(BUILT)/debug/examples/seed" npm run --silent

browser: web ## Real browsers against the binary (ONLY=words of a test's name)
	@scripts/node.sh --browser
	cargo build --locked --package server --bin kith --example seed
	$(call BROWSER,debug) browser -- $(if $(ONLY),--grep "$(ONLY)")

client: web ## The TypeScript SDK against the binary
	cargo build --locked --package server --bin kith
	cd web && KITH_BINARY="$(BUILT)/debug/kith" NODE_OPTIONS=--experimental-websocket npx vitest run packages/client/src/integration.test.ts

web-figures: web ## Measure every figure of the web client in docs/BENCHMARKS.md
	@scripts/node.sh --browser
	cargo build --locked --package server --example seed
	cargo build --release --locked --package server
	$(call BROWSER,release) figures

screenshots: web ## Make docs/screenshots anew
	@scripts/node.sh --browser
	cargo build --locked --package server --bin kith --example seed
	$(call BROWSER,debug) screenshots

tools: ## Get what the tests need, through pip and cargo (fast when it is there)
	@scripts/tools.sh

bench: ## Measure every figure of docs/BENCHMARKS.md (about three minutes, on a machine that does nothing else)
	cargo build --release --locked --package server --package load
	$(BUILT)/release/kith-load figures --json $(BUILT)/figures.json

growth: ## Measure what costs more when more is stored, and draw docs/growth.svg (about twenty minutes, 4 GB of disk)
	cargo build --release --locked --package server --package load
	$(BUILT)/release/kith-load growth --seconds 3 --warm-up 4 --svg docs/growth.svg --json $(BUILT)/growth.json

fmt: ## Format all code
	cargo fmt --all

format-check:
	cargo fmt --all --check

lint: ## clippy, with every warning an error
	cargo clippy --locked --workspace --all-targets -- -D warnings

doc: ## The documentation of all crates, without broken links
	RUSTDOCFLAGS='-D warnings' cargo doc --locked --workspace --no-deps --document-private-items --quiet

tidy: ## Floors, file sizes, documents
	cargo xtask tidy

codegen: ## Write docs/openapi.json and docs/kith.example.toml
	cargo xtask codegen

codegen-check:
	cargo xtask codegen --check

deny: tools ## Licences, banned crates, sources
	cargo deny --locked check --hide-inclusion-graph licenses bans sources

unit: tools ## Unit, property, contract, conformance and crash tests
	cargo nextest run --locked --workspace --no-fail-fast

sim: ## Whole deployments from seeds (SEEDS=1000, FROM=0), and the proof that a seed is one run
	cargo xtask sim --determinism 20
	cargo xtask sim --seeds $(SEEDS) --from $(FROM)

doc-test:
	cargo test --locked --workspace --doc --quiet

protocol: tools ## A foreign WebSocket client and HTTP client against the binary
	cargo build --locked --package server
	KITH_BINARY="$(BUILT)/debug/kith" $(VENV)/python -m pytest -q tests/protocol

crash-states: ## Every state in which a power cut could leave the disk (STATES; needs root, FUSE, loop devices)
	cargo build --locked --package server --bin kith
	cargo build --locked --package crash-states
	$(BUILT)/debug/crash-states --binary $(BUILT)/debug/kith --states 200 --self-test
	$(BUILT)/debug/crash-states --binary $(BUILT)/debug/kith --states $(STATES)

autobahn: ## The Autobahn conformance suite against our WebSocket code (needs Python 2.7)
	cargo build --locked --package server --example echo
	scripts/autobahn.sh $(BUILT)/debug/examples/echo

fuzz: ## Bytes that nobody would send, each target for a minute (FUZZ_SECONDS)
	scripts/fuzz.sh

fuzz-api: tools ## schemathesis against the binary, from the OpenAPI document
	cargo build --locked --package server
	scripts/schemathesis.sh $(BUILT)/debug/kith
