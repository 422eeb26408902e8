#!/bin/sh
# The real runtime client and emulator on this machine.
set -eu
cd "$(dirname "$0")/../.."
exec .venv/bin/pytest -o cache_dir=.pytest_cache/host tests/lambda -m "not image and not sam" "$@"
