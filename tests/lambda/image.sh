#!/bin/sh
# Builds the image as `stillframe` and says what each of its layers weighs.
set -eu
cd "$(dirname "$0")/../.."
lines=$(tests/lambda/engine.sh) || exit $?
eval "$lines"
"$ENGINE" build --tag "${IMAGE:-stillframe}" --file functions/Dockerfile .
"$ENGINE" history --no-trunc --format '{{.Size}} {{.CreatedBy}}' "${IMAGE:-stillframe}" | grep -v '^0 \?B ' | cut -c1-120
