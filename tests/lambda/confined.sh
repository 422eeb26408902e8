#!/bin/sh
# The image, confined like Lambda, and what goes wrong in it.
set -eu
cd "$(dirname "$0")/../.."
exec .venv/bin/pytest -o cache_dir=.pytest_cache/image tests/lambda tests/faults -m image "$@"
