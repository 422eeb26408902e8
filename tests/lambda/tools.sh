#!/bin/sh
# Installs SAM CLI, whose wheel also carries the Lambda Runtime Interface Emulator, into .tools/sam; prints the emulator's path.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
venv=$root/.tools/sam
if ! [ -x "$venv/bin/sam" ]; then
    "${PYTHON:-python3.13}" -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check "aws-sam-cli==1.170.0"
fi
case $(uname -m) in aarch64 | arm64) arch=arm64 ;; *) arch=x86_64 ;; esac
ls "$venv"/lib/python3*/site-packages/samcli/local/rapid/aws-lambda-rie-$arch
