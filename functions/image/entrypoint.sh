#!/bin/sh
# Lambda names its runtime API; anywhere else the emulator plays that part, when it is there.
if [ -z "$AWS_LAMBDA_RUNTIME_API" ] && command -v aws-lambda-rie >/dev/null; then
    exec aws-lambda-rie python -m awslambdaric "$@"
fi
exec python -m awslambdaric "$@"
