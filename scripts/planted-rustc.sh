#!/bin/sh
# Compiles a crate of the workspace with the planted bugs: for RUSTC_WORKSPACE_WRAPPER.
exec "$@" --cfg planted_bug
