#!/bin/sh
# Installs ministack, an S3 that checks signatures, into .tools/ministack; it pins an older botocore, so it stays apart.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
venv=$root/.tools/ministack
if ! [ -x "$venv/bin/ministack" ]; then
    "${PYTHON:-python3.13}" -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check "ministack==1.5.33"
fi
# Its own command would listen on every address of the machine.
echo "$venv/bin/hypercorn"
