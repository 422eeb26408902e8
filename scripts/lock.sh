#!/usr/bin/env bash
# Renew the lock and what is exported from it. No index is named, so the files work behind any mirror.
set -euo pipefail
cd "$(dirname "$0")/.."
flags=(--universal --generate-hashes --no-emit-index-url --no-header -q)
uv pip compile pyproject.toml --all-extras --group dev "${flags[@]}" "$@" -o requirements.lock
uv pip compile pyproject.toml functions/image/requirements.in --extra browser --extra api --extra aws --extra mcp --python-version 3.13 -c requirements.lock "${flags[@]}" -o functions/image/requirements.txt
light=$(printf 'pydantic\ngoogle-re2\naws-lambda-powertools\n' | uv pip compile - -c requirements.lock --no-annotate "${flags[@]}")
{
  echo "# The light half of requirements.lock: what a function without a browser needs. boto3 comes with Lambda's own runtime."
  echo "$light"
} > layers/stillframe/python/requirements.txt
