#!/bin/sh
# The template through SAM CLI.
set -eu
cd "$(dirname "$0")/../.."
exec .venv/bin/pytest -o cache_dir=.pytest_cache/sam tests/lambda -m sam "$@"
