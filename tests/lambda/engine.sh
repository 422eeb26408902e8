#!/bin/sh
# Finds Podman or Docker and prints the lines that a shell evaluates to use it; ends with 3 where there is none.
# With STILLFRAME_ENGINE_BOOTSTRAP it first brings up a private Podman: that script is given a directory, leaves
# env.sh in it, and makes python:3.13-slim-bookworm without asking an image registry.
set -eu
if [ -n "${STILLFRAME_ENGINE_BOOTSTRAP:-}" ]; then
    dir=${STILLFRAME_ENGINE_DIR:-${TMPDIR:-/tmp}/stillframe-engine}
    if ! (. "$dir/env.sh" && podman image exists docker.io/library/python:3.13-slim-bookworm) >/dev/null 2>&1; then
        "$STILLFRAME_ENGINE_BOOTSTRAP" "$dir" >&2
    fi
    cat "$dir/env.sh"
    echo "export ENGINE=podman ENGINE_DIR=$dir"
elif podman info >/dev/null 2>&1; then
    echo "export ENGINE=podman"
elif docker info >/dev/null 2>&1; then
    echo "export ENGINE=docker"
else
    echo "No container engine answers here: install Podman or Docker to build and test the image." >&2
    [ -z "${CI:-}" ] || exit 1
    exit 3
fi
