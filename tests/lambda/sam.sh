#!/bin/sh
# The template through SAM CLI.
set -eu
cd "$(dirname "$0")/../.."
exec .venv/bin/pytest tests/lambda -m sam "$@"
